"""UTF-8 that was decoded as GBK (鐨勬暟 for 的数), undone if the bytes round-trip exactly."""

from __future__ import annotations

import re
from functools import lru_cache

from hanpack.steps.repair.forms import to_model_text
from hanpack.steps.repair.gbk import EURO, EURO_BYTE, characters_by_pair, pairs_by_character
from hanpack.steps.repair.ngram_model import NgramModel
from hanpack.steps.traced import Replacement

# The first bytes of the three-byte sequences of UTF-8 that Chinese text uses, and the continuation bytes.
_UTF8_FIRST_BYTES = frozenset({*range(0xE2, 0xEA), 0xEF})
_UTF8_CONTINUATION_BYTES = range(0x80, 0xC0)
# Chinese characters and punctuation, of those that UTF-8 writes with three bytes.
_CHINESE = re.compile(r"[\u2010-\u203b\u2460-\u249b\u3000-\u303f\u3400-\u9fff\uff01-\uff5e]+")
# How much likelier (natural logarithm) the restored text must be than the damaged one.
_LEAST_GAIN = 8.0
# Characters decoded to judge a stretch, and the most at a time: so the cost is proportional to the text.
_JUDGED_CHARACTERS = 48
_MOST_CHARACTERS = 6000


def find_mojibake(text: str, ngram_model: NgramModel) -> list[Replacement]:
    """Find stretches whose GBK bytes are Chinese text in UTF-8, likelier than the text as it is.

    >>> from hanpack.steps.repair.ngram_model import count_ngrams, pack_model
    >>> model = NgramModel(pack_model([(1.0, count_ngrams(["提高人民生活水平"] * 9))]))
    >>> find_mojibake("鎻愰珮浜烘皯鐢熸椿姘村钩", model)
    [Replacement(start=0, end=12, text='提高人民生活水平', flagged=False)]
    >>> find_mojibake("鎮江市的鐵路", model)
    []
    """
    replacements: list[Replacement] = []
    position = 0
    while match := _trigger().search(text, position):
        restored, end = _decode(text, match.start(), _JUDGED_CHARACTERS)
        if restored and _is_likelier(ngram_model, restored, text[match.start() : end]):
            restored, end = _decode(text, match.start(), _MOST_CHARACTERS)
            replacements.append(Replacement(match.start(), end, restored))
            position = end
        else:
            position = match.start() + 1
    return replacements


@lru_cache(maxsize=1)
def _trigger() -> re.Pattern[str]:
    """Three characters whose six bytes have the pattern of two three-byte sequences of UTF-8."""
    first, second, third = [], [], []
    for (lead, trail), character in characters_by_pair().items():
        if lead in _UTF8_FIRST_BYTES and trail in _UTF8_CONTINUATION_BYTES:
            first.append(character)
        if lead in _UTF8_CONTINUATION_BYTES and trail in _UTF8_FIRST_BYTES:
            second.append(character)
        if lead in _UTF8_CONTINUATION_BYTES and trail in _UTF8_CONTINUATION_BYTES:
            third.append(character)
    classes = ["".join(map(re.escape, members)) for members in (first, second, third)]
    return re.compile("".join(f"[{members}]" for members in classes) + f"|[{classes[0]}]€[{classes[0]}]")


def _decode(text: str, start: int, most: int) -> tuple[str, int]:
    """The longest stretch from ``start`` on whose bytes are Chinese UTF-8, and its end in ``text``."""
    raw = bytearray()
    end_by_size = {0: start}
    for position in range(start, min(start + most, len(text))):
        character = text[position]
        pair = pairs_by_character().get(character)
        if character == EURO:
            raw.append(EURO_BYTE)
        elif pair:
            raw.extend(pair)
        else:
            break
        end_by_size[len(raw)] = position + 1
    match = _CHINESE.match(raw.decode("utf-8", errors="replace").replace("\ufffd", " "))
    restored = match[0] if match else ""
    # A character that ends in the middle of a damaged one cannot be cut off there.
    while restored and 3 * len(restored) not in end_by_size:
        restored = restored[:-1]
    return restored, end_by_size[3 * len(restored)]


def _is_likelier(ngram_model: NgramModel, restored: str, damaged: str) -> bool:
    gain = _log_likelihood(ngram_model, restored) - _log_likelihood(ngram_model, damaged)
    return len(restored) > 1 and gain > _LEAST_GAIN


def _log_likelihood(ngram_model: NgramModel, text: str) -> float:
    return ngram_model.log_likelihood(to_model_text(text))
