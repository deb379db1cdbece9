"""UTF-8 that was decoded as GBK (鐨勬暟 for 的数): what is whole is restored, what lost a byte is flagged.

The beginning of a character that was cut off is another character (浣 of 作): U+FFFD is put for it.

Browsers read the user-defined areas of the code table as private-use characters, the byte 0x80 as €, and a
byte that is in no pair as U+FFFD or "?"; three-byte characters in odd number leave such a byte.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.repair.forms import measure_likelihood
from hanpack.steps.repair.gbk import EURO, EURO_BYTE, pairs_by_character
from hanpack.steps.repair.ngram_model import NgramModel
from hanpack.steps.repair.utf8_bytes import (
    CHINESE,
    CONTINUATION_BYTES,
    LOST,
    NOT_TEXT,
    UNKNOWN_BYTE,
    Stretch,
    find_character_ends,
    find_utf8,
)
from hanpack.steps.replacements import Replacement
from hanpack.steps.traced import code_points

# The first bytes in UTF-8 of ideographs, of general and CJK punctuation and of full-width forms.
_UTF8_FIRST_BYTES = frozenset({*range(0xE2, 0xEA), 0xEF})
# How much likelier (natural logarithm) the restored text must be than the damaged one.
_LEAST_GAIN = 8.0
# The least share of the restored characters that must be Chinese.
_CHINESE_SHARE = 0.7
# Characters decoded to judge a stretch, and the most at a time: so the cost is proportional to the text.
_JUDGED_CHARACTERS = 48
_MOST_CHARACTERS = 6000
# How many characters are read at first to restore a stretch, and by how many bytes they must go beyond what
# ends it: the last character of the damage ends within them.
_READ_FIRST = (16, 64, 256, 1024)
_BYTES_AFTER_END = 8
# How many stretches of a record are judged that are no mojibake, and one more for so many characters.
_MOST_REFUSED, _CHARACTERS_FOR_REFUSED = 100, 500
_LAST_CODE = 0xFFFF
# The beginning of a character whose last byte is not there; what characters that lost a byte leave behind.
_INCOMPLETE = compile_lazily(rb"(?:[\xe2-\xe9\xef]|[\xe2-\xe9\xef][\x80-\xbf])\Z")
_GAP = compile_lazily(rb"(?:[\xe2-\xe9\xef]?[\x80-\xbf]{0,2}\xff*+){1,2}")
_LOST_END = compile_lazily(rb"[\xe2-\xe9\xef][\x80-\xbf]?(?:\xff|\Z)|\xff")
_INCOMPLETE_END = compile_lazily(rb"[\xe2-\xe9\xef][\x80-\xbf]?\xff?")
# The most characters that end within the three bytes of one lost end, and those of another, after a stretch.
_LONGEST_END = 7
# What is between ASCII characters in a damaged record, and how much of it must be UTF-8.
_PIECE = compile_lazily(r"[^\x00-\x7f](?:[^\x00-\x7f]|\?(?=[^\x00-\x7f]))*")
_RESTORED_SHARE = 0.5
# A piece of up to so many characters beside restored text is flagged if it cannot be restored.
_MOST_TOUCHING = 12
# The least restored characters after a gap that has no byte known to be lost.
_LEAST_AFTER_GAP = 3


def find_mojibake(text: str, ngram_model: NgramModel) -> list[Replacement]:
    """Find stretches whose GBK bytes are Chinese text in UTF-8, likelier than the text as it is.

    If very many stretches only look as if they were, the rest of the text is left and flagged.

    >>> from hanpack.steps.repair.ngram_model import count_ngrams
    >>> from hanpack.steps.repair.ngram_table import pack_model
    >>> model = NgramModel(pack_model([(1.0, count_ngrams(["提高人民生活水平"] * 9))]))
    >>> find_mojibake("鎻愰珮浜烘皯鐢熸椿姘村钩", model)
    [Replacement(start=0, end=12, text='提高人民生活水平', flagged=False)]
    >>> find_mojibake("鎮江市的鐵路", model)
    []
    """
    if not mojibake_signs().search(text):
        return []
    paired = _PairedText(text)
    replacements: list[Replacement] = []
    position = 0
    refusals_left = _MOST_REFUSED + len(text) // _CHARACTERS_FOR_REFUSED
    unjudged: list[Replacement] = []
    while match := mojibake_signs().search(text, position):
        start = match.start()
        if not refusals_left:
            unjudged = [Replacement(start, len(text), flagged=True)]
            break
        judged = _restore(paired, start, _JUDGED_CHARACTERS)
        if _is_likelier(ngram_model, judged, text):
            # More of the text can make all of it less Chinese than what was judged.
            replacements += _restore(paired, start, _MOST_CHARACTERS) or judged
            position = max(replacements[-1].end, start + 1)
        else:
            position = start + 1
            refusals_left -= bool(judged)
    end = unjudged[0].start if unjudged else len(text)
    return [*(_complete(paired, end, replacements) if replacements else []), *unjudged]


@lru_cache(maxsize=1)
def mojibake_signs() -> re.Pattern[str]:
    """Three characters in a row of the classes of :func:`classify_signs`, or two of the first around a €."""
    first, second, third = ("".join(map(re.escape, members)) for members in classify_signs())
    return compile_lazily(f"[{first}][{second}][{third}]|[{first}]€[{first}]")


@lru_cache(maxsize=1)
def classify_signs() -> tuple[str, str, str]:
    """The first, second and third of three characters whose six bytes can be two sequences of UTF-8."""
    first, second, third = [], [], []
    for character, (lead, trail) in pairs_by_character().items():
        if lead in _UTF8_FIRST_BYTES and trail in CONTINUATION_BYTES:
            first.append(character)
        if lead in CONTINUATION_BYTES and trail in _UTF8_FIRST_BYTES:
            second.append(character)
        if lead in CONTINUATION_BYTES and trail in CONTINUATION_BYTES:
            third.append(character)
    return "".join(first), "".join(second), "".join(third)


def _restore(
    paired: _PairedText, start: int, most: int, least_after_gap: int = _LEAST_AFTER_GAP
) -> list[Replacement]:
    """What the stretch from ``start`` on restores, and what of it is lost, flagged."""
    # More is read only while it may change what is found: so the cost is that of what is restored.
    for size in (*(size for size in _READ_FIRST if size < most), most):
        raw, offsets = _read_bytes(paired, start, size)
        stretches, end = _find_chinese(raw, least_after_gap)
        if len(offsets) <= size or end + _BYTES_AFTER_END <= len(raw):
            break
    if not stretches:
        return []
    # A long run may have few characters to restore: only their offsets are looked at.
    offsets = offsets[: bisect_left(offsets, stretches[-1].end) + _LONGEST_END]
    # A character that ends in the middle of a damaged one cannot be cut off there, unless what follows is
    # the rest of a lost one.
    ends = frozenset(offsets)
    while stretches and stretches[-1].end not in ends and not _LOST_END.match(raw, stretches[-1].end):
        last = stretches.pop()
        shorter = last.end - len(last.text[-1].encode())
        if shorter > last.start:
            stretches.append(Stretch(last.start, shorter, last.text[:-1]))
    return list(_align(stretches, raw, offsets, start))


def _read_bytes(paired: _PairedText, start: int, most: int) -> tuple[bytes, Sequence[int]]:
    """The bytes of up to ``most`` characters, up to the first that has none, and where each begins.

    The last offset is the end.
    """
    text = paired.text
    raw = bytearray(paired.encode(start, most))
    offsets = range(0, len(raw) + 1, 2)
    further: list[int] = []
    for position in range(start + len(raw) // 2, min(start + most, len(text))):
        character = text[position]
        if character == EURO:
            raw.append(EURO_BYTE)
        elif character == LOST or (character == "?" and _is_incomplete(raw)):
            raw.append(UNKNOWN_BYTE)
        elif pair := pairs_by_character().get(character):
            raw.extend(pair)
        else:
            break
        further.append(len(raw))
    return bytes(raw), [*offsets, *further] if further else offsets


class _PairedText:
    """A text and the bytes of its characters that are pairs, looked up for all of it at once."""

    def __init__(self, text: str) -> None:
        self.text = text
        pairs = _pair_table()[np.minimum(code_points(text), _LAST_CODE)]
        self._bytes = pairs.astype(">u2").tobytes()
        self._others = np.flatnonzero(pairs == 0)

    def encode(self, start: int, most: int) -> bytes:
        """The bytes of the pairs in the text from ``start`` on, up to its first other character."""
        index = self._others.searchsorted(start)
        end = int(self._others[index]) if index < len(self._others) else len(self.text)
        return self._bytes[2 * start : 2 * min(end, start + most)]


@lru_cache(maxsize=1)
def _pair_table() -> npt.NDArray[np.uint16]:
    """The two bytes of each character as a number, 0 for those that are no pair; shape (code points,)."""
    table = np.zeros(_LAST_CODE + 1, np.uint16)
    for character, (lead, trail) in pairs_by_character().items():
        table[ord(character)] = lead << 8 | trail
    return table


def _complete(paired: _PairedText, end: int, replacements: Sequence[Replacement]) -> list[Replacement]:
    """Add the pieces of a damaged record that are too short to be judged by themselves.

    Between ASCII characters and what is restored already, a piece is damaged if most of it is UTF-8. If it is
    not and touches what is restored, it lost bytes and is flagged.
    """
    text = paired.text
    completed: list[Replacement] = []
    position = 0
    for replacement in [*replacements, Replacement(end, end)]:
        for piece in _PIECE.finditer(text, position, replacement.start):
            parts = _restore(paired, piece.start(), len(piece[0]), least_after_gap=1)
            restored = sum(part.end - part.start for part in parts if not part.flagged)
            is_restored = restored >= _RESTORED_SHARE * len(piece[0])
            # Where the part of the piece begins that is not restored.
            remainder = parts[-1].end if is_restored else piece.start()
            completed += parts if is_restored else ()
            touches = piece.start() == position > 0 or piece.end() == replacement.start < len(text)
            is_end = _INCOMPLETE_END.fullmatch(_encode(text[remainder : piece.end()])) is not None
            is_cut = piece[0].endswith(LOST) or remainder > piece.start() or piece.start() == position > 0
            if is_end and is_cut:
                completed.append(Replacement(remainder, piece.end(), LOST))
            elif remainder < piece.end() and (
                is_end or (touches and piece.end() - remainder <= _MOST_TOUCHING)
            ):
                completed.append(Replacement(remainder, piece.end(), flagged=True))
        completed.append(replacement)
        position = replacement.end
    return completed[:-1]


def _encode(text: str) -> bytes:
    """The bytes of some characters; U+FFFD, and a character that has none, is one byte that is not known."""
    table = pairs_by_character()
    return b"".join(bytes(table.get(character, (UNKNOWN_BYTE,))) for character in text)


def _is_incomplete(raw: Sequence[int]) -> bool:
    """Whether the bytes end within a character of three."""
    ending = bytes(raw[-2:])
    return _INCOMPLETE.search(ending) is not None


def _find_chinese(raw: bytes, least_after_gap: int) -> tuple[list[Stretch], int]:
    """The stretches of Chinese in bytes, up to where the damage ends, and up to where the bytes were read.

    Bytes between two of them are the rest of characters that lost a byte, and no more than that.
    """
    stretches: list[Stretch] = []
    end = len(raw)
    for stretch in find_utf8(raw):
        if stretches:
            gap = raw[stretches[-1].end : stretch.start]
            least = 1 if UNKNOWN_BYTE in gap else least_after_gap
            if not _GAP.fullmatch(gap) or len(stretch.text) < least:
                end = stretch.end
                break
        is_chinese = len(CHINESE.findall(stretch.text)) >= _CHINESE_SHARE * len(stretch.text)
        if not is_chinese or NOT_TEXT.search(stretch.text):
            end = stretch.end
            break
        stretches.append(stretch)
    return stretches, end


def _align(
    stretches: Sequence[Stretch], raw: bytes, offsets: Sequence[int], start: int
) -> Iterator[Replacement]:
    """The replacements of characters by the stretches of their bytes; character n begins at ``offsets[n]``.

    A character without a byte in a stretch is flagged, or replaced by U+FFFD if it is the beginning of one.
    Of one with a byte in it, the other byte is lost, and U+FFFD is put for it, with as few other characters
    in its replacement as possible.
    """
    limits = {offset: index for index, offset in enumerate(offsets)}
    index = 0
    for number, stretch in enumerate(stretches):
        first, last = bisect_right(offsets, stretch.start) - 1, bisect_left(offsets, stretch.end)
        text = stretch.text
        if first > index:
            yield _replace_incomplete(raw[offsets[index] : offsets[first]], start + index, start + first)
        first = max(first, index)
        # The places where a character ends in the text and a damaged one in the bytes, by their characters.
        places = [
            (limits[end], size)
            for size, end in enumerate(find_character_ends(stretch))
            if end in limits and 0 < size < len(text)
        ]
        if offsets[first] < stretch.start:
            place, size = places.pop(0) if places else (last, len(text))
            yield Replacement(start + first, start + place, LOST + text[:size])
            first, text = place, text[size:]
            places = [(end, further - size) for end, further in places]
        index = last
        if text and offsets[last] > stretch.end:
            place, size = places[-1] if places else (first, 0)
            lost_end = _LOST_END.match(raw, stretch.end) if number + 1 == len(stretches) else None
            index = bisect_left(offsets, lost_end.end()) if lost_end else last
            if place > first:
                yield Replacement(start + first, start + place, text[:size])
            yield Replacement(start + place, start + index, text[size:] + LOST)
        elif text:
            yield Replacement(start + first, start + last, text)
    lost_end = _LOST_END.match(raw, offsets[index]) if stretches else None
    if lost_end and (end := bisect_left(offsets, lost_end.end())) > index:
        yield _replace_incomplete(raw[offsets[index] : offsets[end]], start + index, start + end)


def _replace_incomplete(raw: bytes, start: int, end: int) -> Replacement:
    """U+FFFD for the beginning of one character, whose bytes no other character has; a flag for the rest."""
    if _INCOMPLETE_END.fullmatch(raw):
        return Replacement(start, end, LOST)
    return Replacement(start, end, flagged=True)


def _is_likelier(ngram_model: NgramModel, judged: Sequence[Replacement], text: str) -> bool:
    restored = "".join(replacement.text for replacement in judged)
    if len(restored) < 2:
        return False
    damaged = "".join(text[part.start : part.end] for part in judged if not part.flagged)
    gain = measure_likelihood(ngram_model, restored) - measure_likelihood(ngram_model, damaged)
    return gain > _LEAST_GAIN
