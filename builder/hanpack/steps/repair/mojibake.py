"""UTF-8 that was read as GBK (鐨勬暟 for 的数), undone where the bytes round-trip exactly."""

from __future__ import annotations

import re
from functools import lru_cache

from hanpack.steps.repair.evidence import plain
from hanpack.steps.repair.gbk import EURO, EURO_BYTE, characters, pairs
from hanpack.steps.repair.ngram_model import NgramModel
from hanpack.steps.traced import Replacement

_LEADS = frozenset({*range(0xE2, 0xEA), 0xEF})
_TRAILS = range(0x80, 0xC0)
# What Chinese text is made of, of that which UTF-8 writes with three bytes.
_CHINESE = re.compile(r"[\u2010-\u203b\u2460-\u249b\u3000-\u303f\u3400-\u9fff\uff01-\uff5e]+")
_LEAST_GAIN = 8.0
# Characters decoded to judge a stretch, and at most at a time: the cost stays in proportion to the text.
_GLANCE = 48
_LONGEST = 6000


def find_mojibake(text: str, language: NgramModel) -> list[Replacement]:
    """Find stretches whose GBK bytes are Chinese text in UTF-8, likelier than what stands there."""
    found: list[Replacement] = []
    position = 0
    while match := _suspects().search(text, position):
        restored, end = _decode(text, match.start(), _GLANCE)
        if restored and _is_likelier(language, restored, text[match.start() : end]):
            restored, end = _decode(text, match.start(), _LONGEST)
            found.append(Replacement(match.start(), end, restored))
            position = end
        else:
            position = match.start() + 1
    return found


@lru_cache(maxsize=1)
def _suspects() -> re.Pattern[str]:
    """Three characters whose six bytes have the pattern of two characters of UTF-8."""
    first, second, third = [], [], []
    for (lead, trail), character in characters().items():
        if lead in _LEADS and trail in _TRAILS:
            first.append(character)
        if lead in _TRAILS and trail in _LEADS:
            second.append(character)
        if lead in _TRAILS and trail in _TRAILS:
            third.append(character)
    classes = ["".join(map(re.escape, members)) for members in (first, second, third)]
    return re.compile("".join(f"[{members}]" for members in classes) + f"|[{classes[0]}]€[{classes[0]}]")


def _decode(text: str, start: int, longest: int) -> tuple[str, int]:
    """The longest stretch from ``start`` on whose bytes are Chinese UTF-8, and its end."""
    raw = bytearray()
    ends = {0: start}
    for place in range(start, min(start + longest, len(text))):
        character = text[place]
        pair = pairs().get(character)
        if character == EURO:
            raw.append(EURO_BYTE)
        elif pair:
            raw.extend(pair)
        else:
            break
        ends[len(raw)] = place + 1
    decoded = _CHINESE.match(raw.decode("utf-8", errors="replace").replace("\ufffd", " "))
    restored = decoded[0] if decoded else ""
    while restored and 3 * len(restored) not in ends:
        restored = restored[:-1]
    return restored, ends[3 * len(restored)]


def _is_likelier(language: NgramModel, restored: str, damaged: str) -> bool:
    gain = _log_likelihood(language, restored) - _log_likelihood(language, damaged)
    return len(restored) > 1 and gain > _LEAST_GAIN


def _log_likelihood(language: NgramModel, text: str) -> float:
    return language.log_likelihood(plain(text))
