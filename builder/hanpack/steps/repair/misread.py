"""Chinese whose bytes, UTF-8 or GBK, were read as Windows-1252: ä¸­æ–‡ or ÖÐÎÄ for 中文."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from hanpack.steps.repair.evidence import plain
from hanpack.steps.repair.ngram_model import NgramModel
from hanpack.steps.traced import Replacement

# Three characters of GBK or two of UTF-8; in no language of Europe so many such letters stand together.
_LEAST_RUN = 6
# What each character may cost (natural logarithm) before it is as likely chance: any of the common ones in
# GBK, and in UTF-8 three bytes that fit one another besides. The whole must be likelier by the margin.
_CHANCE = {"utf-8": 15.0, "gbk": 10.5}
_MARGIN = 12.0
# The share of the runs' characters that must be Chinese: a name of Europe may stand in a damaged record.
_SHARE = 0.9
# Characters that are judged; the rest of a long record is as its beginning.
_GLANCE = 400
# Marks of Windows-1252 that Chinese text has of its own: a run of nothing else is no damage.
_OWN_MARKS = re.compile("[·—…“”‘’•–°±×÷§©®™€£¥«»]+")
# What Chinese text does not hold: characters lost, C1 controls, Greek, Cyrillic, kana, private use.
_STRANGE = re.compile(r"[\ufffd\x00-\xa0\u0370-\u04ff\u3040-\u312f\ue000-\uf8ff]")


def find_misread(text: str, language: NgramModel) -> list[Replacement]:
    """Find the runs of letters beyond ASCII whose bytes are Chinese text, where nearly all of them are."""
    if not _suspect().search(text):
        return []
    for encoding in _CHANCE:
        runs = [run for run in _runs(encoding).finditer(text) if not _OWN_MARKS.fullmatch(run[0])]
        found = list(_restore(runs, encoding))
        covered = sum(run.end - run.start for run in found)
        if covered > _SHARE * sum(len(run[0]) for run in runs) and _is_chinese(found, encoding, language):
            return found
    return []


def _restore(runs: list[re.Match[str]], encoding: str) -> Iterator[Replacement]:
    for run in runs:
        raw = run[0].translate(_to_bytes()).encode("latin-1")
        restored = raw.decode(encoding, errors="replace")
        if not _STRANGE.search(restored):
            yield Replacement(run.start(), run.end(), restored)


def _is_chinese(found: list[Replacement], encoding: str, language: NgramModel) -> bool:
    restored = plain("".join(run.text for run in found)[:_GLANCE])
    return language.log_likelihood(restored) + _CHANCE[encoding] * len(restored) > _MARGIN


@lru_cache(maxsize=1)
def _to_bytes() -> dict[int, str]:
    """The byte, as a character of Latin-1, of each character that Windows-1252 has and Latin-1 has not."""
    wide = {byte: bytes([byte]).decode("cp1252", errors="ignore") for byte in range(0x80, 0xA0)}
    return {ord(character): chr(byte) for byte, character in wide.items() if character}


def _letters() -> str:
    """What stands for a byte beyond ASCII, inside a character class."""
    return "\x80-\xff" + "".join(map(chr, _to_bytes()))


@lru_cache(maxsize=2)
def _runs(encoding: str) -> re.Pattern[str]:
    high = _letters()
    # The second byte of a pair of GBK may be ASCII.
    return re.compile(f"[{high}]+" if encoding == "utf-8" else f"(?:[{high}][{high}@-~])+")


@lru_cache(maxsize=1)
def _suspect() -> re.Pattern[str]:
    # Quotation marks and dashes stand among Chinese: a run begins with what does not.
    return re.compile(f"[\xa1-\xff][{_letters()}]{{{_LEAST_RUN - 1}}}")
