"""Warnings about the card: values that are no codes of the Hub (licences and languages), and missing keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hanpack.recipe_card import Card
from hanpack.wording import suggest

# The values of ``license`` in the metadata of a dataset card (Hub documentation, "Licenses").
_LICENSE_CODES = """
    afl-3.0 agpl-3.0 apache-2.0 apple-amlr apple-ascl artistic-2.0 bigcode-openrail-m bsd bsd-2-clause
    bigscience-bloom-rail-1.0 bigscience-openrail-m bsd-3-clause bsd-3-clause-clear bsl-1.0 c-uda cc cc-by-2.0
    cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0
    cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0
    cdla-permissive-1.0 cdla-permissive-2.0 cdla-sharing-1.0 creativeml-openrail-m deepfloyd-if-license
    ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 gemma gfdl gpl gpl-2.0 gpl-3.0 h-research
    intel-research isc lgpl lgpl-2.1 lgpl-3.0 lgpl-lr llama2 llama3 llama3.1 llama3.2 llama3.3 lppl-1.3c
    mit mpl-2.0 ms-pl ncsa odbl odc-by ofl-1.1 openmdw-1.0 openrail openrail++ osl-3.0 other pddl
    postgresql unknown unlicense wtfpl zlib
"""
LICENSES = frozenset(_LICENSE_CODES.split())
# The beginnings of codes: of other names, such as my-license, a code that is spelt alike is not meant.
_FAMILIES = ("apache", "bsd", "cc", "gpl", "lgpl", "mit")
# Words for languages that are often written instead of the code (ISO 639).
LANGUAGES = {
    "chinese": "zh",
    "mandarin": "zh",
    "cn": "zh",
    "chs": "zh",
    "cht": "zh",
    "中文": "zh",
    "汉语": "zh",
    "漢語": "zh",
    "english": "en",
    "英文": "en",
    "英语": "en",
    "japanese": "ja",
    "jp": "ja",
    "korean": "ko",
    "cantonese": "yue",
    "tibetan": "bo",
    "uyghur": "ug",
    "mongolian": "mn",
}


def note_codes(card: Card) -> Iterator[str]:
    """Warnings about the licence and the languages of a card that the Hub does not know.

    >>> list(note_codes(Card(license="CC0", language=["chinese"])))
    ... # doctest: +NORMALIZE_WHITESPACE
    ['card.license: CC0 is no licence code of the Hub: did you mean cc0-1.0?',
     'card.language: chinese is no language code of the Hub: did you mean zh?']
    >>> list(note_codes(Card(license="my-own")))
    ['card.license: my-own is no licence code of the Hub: write other, and the name in card.license_name']
    >>> list(note_codes(Card(license="cc-by-4.0", language=["zh", "yue"])))
    []
    """
    if card.license not in LICENSES:
        advice = _suggest_license(card.license) or "write other, and the name in card.license_name"
        yield f"card.license: {card.license} is no licence code of the Hub: {advice}"
    for language in card.language:
        if code := LANGUAGES.get(language.lower()):
            yield f"card.language: {language} is no language code of the Hub: did you mean {code}?"
        elif not _may_be_code(language):
            yield f"card.language: {language} is no language code of the Hub: write a code such as zh or en"


def note_missing_keys(card: Mapping[str, Any], recipe: Path | None) -> str:
    """Which keys the card of a build lacks, for the author of ``recipe``; empty if it has all.

    >>> note_missing_keys({"summary": "", "license": "cc0-1.0", "license_name": ""}, Path("laws.yaml"))
    'the dataset card is incomplete: fill in card.summary in laws.yaml before you publish the build'

    The licence ``other`` is complete with the name of the licence.
    """
    is_licensed = card["license"] != "other" or card["license_name"]
    missing = [] if card["summary"] else ["summary"]
    missing += [] if is_licensed else ["license / card.license_name"]
    if not missing:
        return ""
    keys = ", ".join(f"card.{name}" for name in missing)
    path = recipe or "the recipe"
    return f"the dataset card is incomplete: fill in {keys} in {path} before you publish the build"


def _suggest_license(name: str) -> str:
    """The code that a name of a licence is written like, as a question; empty if there is none."""
    folded = "-".join(name.lower().split())
    if folded in LICENSES:
        return f"did you mean {folded}?"
    beginning = [code for code in sorted(LICENSES) if code.startswith(f"{folded}-")]
    if beginning:
        return f"did you mean {beginning[-1]}?"
    return suggest(folded, LICENSES) if folded.startswith(_FAMILIES) else ""


def _may_be_code(language: str) -> bool:
    """Whether a text has the form of a code: two or three letters, and subtags after a hyphen."""
    code = language.partition("-")[0]
    is_code = len(code) in (2, 3) and code.isascii() and code.isalpha() and code.islower()
    return is_code or language in ("code", "multilingual")
