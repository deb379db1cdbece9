"""Chinese whose bytes, UTF-8 or GBK, were decoded as Windows-1252: ä¸­æ–‡ or ÖÐÎÄ for 中文."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from hanpack.steps.repair.forms import to_model_text
from hanpack.steps.repair.ngram_model import NgramModel
from hanpack.steps.traced import Replacement

# Three characters of GBK or two of UTF-8; no European language has this many letters beyond ASCII in a row.
_LEAST_RUN = 6
# The cost (natural logarithm) at which a character is as likely there by chance: less in GBK, where most
# pairs of bytes make a character, than in UTF-8. The entire text must be more likely by the margin.
_CHANCE = {"utf-8": 15.0, "gbk": 10.5}
_MARGIN = 12.0
# The least share of the runs' characters that must be Chinese: a damaged record may contain a European name.
_CHINESE_SHARE = 0.9
# How many restored characters are scored; the remainder of a long record is like its beginning.
_SCORED_CHARACTERS = 400
# Marks of Windows-1252 that undamaged Chinese text has too: a run of nothing else is not damage.
_ORDINARY_MARKS = re.compile("[·—…“”‘’•–°±×÷§©®™€£¥«»]+")
# What Chinese text does not contain: U+FFFD, controls of C0 and C1, Greek, Cyrillic, kana, private use.
_NOT_CHINESE = re.compile(r"[\ufffd\x00-\xa0\u0370-\u04ff\u3040-\u312f\ue000-\uf8ff]")


def find_misread(text: str, ngram_model: NgramModel) -> list[Replacement]:
    """Find the runs of letters beyond ASCII whose bytes are Chinese text, if nearly all of them are.

    >>> from hanpack.steps.repair.ngram_model import count_ngrams, pack_model
    >>> model = NgramModel(pack_model([(1.0, count_ngrams(["推进高质量发展"] * 9))]))
    >>> find_misread("ÍÆ½ø¸ßÖÊÁ¿·¢Õ¹", model)
    [Replacement(start=0, end=14, text='推进高质量发展', flagged=False)]
    >>> find_misread("Noël s'élève à Évian", model)
    []
    """
    if not _trigger().search(text):
        return []
    for encoding in _CHANCE:
        runs = [run for run in _runs(encoding).finditer(text) if not _ORDINARY_MARKS.fullmatch(run[0])]
        restored = list(_restore(runs, encoding))
        covered = sum(replacement.end - replacement.start for replacement in restored)
        length = sum(len(run[0]) for run in runs)
        if covered > _CHINESE_SHARE * length and _is_chinese(restored, encoding, ngram_model):
            return restored
    return []


def _restore(runs: Sequence[re.Match[str]], encoding: str) -> Iterator[Replacement]:
    for run in runs:
        raw = run[0].translate(_to_latin_1()).encode("latin-1")
        restored = raw.decode(encoding, errors="replace")
        if not _NOT_CHINESE.search(restored):
            yield Replacement(run.start(), run.end(), restored)


def _is_chinese(restored: Sequence[Replacement], encoding: str, ngram_model: NgramModel) -> bool:
    text = to_model_text("".join(replacement.text for replacement in restored)[:_SCORED_CHARACTERS])
    return ngram_model.log_likelihood(text) + _CHANCE[encoding] * len(text) > _MARGIN


@lru_cache(maxsize=1)
def _to_latin_1() -> dict[int, str]:
    """The Latin-1 character of the same byte, for each character of Windows-1252 that Latin-1 lacks."""
    windows = {byte: bytes([byte]).decode("cp1252", errors="ignore") for byte in range(0x80, 0xA0)}
    return {ord(character): chr(byte) for byte, character in windows.items() if character}


def _high_characters() -> str:
    """The characters that a byte beyond ASCII was decoded as, for use inside a character class."""
    return "\x80-\xff" + "".join(map(chr, _to_latin_1()))


@lru_cache(maxsize=2)
def _runs(encoding: str) -> re.Pattern[str]:
    high = _high_characters()
    # The trail byte of a GBK pair may be ASCII.
    return re.compile(f"[{high}]+" if encoding == "utf-8" else f"(?:[{high}][{high}@-~])+")


@lru_cache(maxsize=1)
def _trigger() -> re.Pattern[str]:
    # Quotation marks and dashes occur in undamaged Chinese text: a run must begin with another character.
    return re.compile(f"[\xa1-\xff][{_high_characters()}]{{{_LEAST_RUN - 1}}}")
