"""Cuts what differs between two texts out of them, with a little of what is around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, islice

from hanpack.lazy_patterns import compile_lazily

# Characters that are shown around a change, and of a text that was taken out or put in.
CONTEXT = 12
LONGEST = 24
MOST_CHANGES = 3
# Stretches of more characters, or of more sentences, are not aligned: that would take time by their square.
LONGEST_ALIGNED = 2000
# What is compared first: a sentence or a line, with its end.
_PIECE = compile_lazily(r"[^\n。！？；]*(?:[。！？；]+\n?|\n)|[^\n。！？；]+")
# A place in the old text and in the new one: where it begins and ends in each.
Span = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class TextChange:
    """A place where two texts differ; ``before`` and ``after`` are the same in both."""

    before: str
    old: str
    new: str
    after: str


def find_text_changes(
    old: str, new: str, most: int = MOST_CHANGES, longest: int = LONGEST
) -> list[TextChange]:
    """The first places where two texts differ, in order; at most ``longest`` characters of each are shown.

    >>> find_text_changes("第一条　公民应当守法。", "第一条　公民必须守法。")
    [TextChange(before='第一条　公民', old='应当', new='必须', after='守法。')]
    """
    return [
        TextChange(
            before=old[max(old_low - CONTEXT, 0) : old_low],
            old=_shorten(old[old_low:old_high], longest),
            new=_shorten(new[new_low:new_high], longest),
            after=old[old_high : old_high + CONTEXT],
        )
        for old_low, old_high, new_low, new_high in islice(_align(old, new), most)
    ]


def _align(old: str, new: str) -> Iterator[Span]:
    """The places where two texts differ: sentences are compared first, then their characters."""
    whole = _leave_out_common((0, len(old), 0, len(new)), old, new)
    pieces = [_PIECE.findall(text[low:high]) for text, low, high in ((old, *whole[:2]), (new, *whole[2:]))]
    if max(map(len, pieces)) > LONGEST_ALIGNED:
        spans = [whole]
    else:
        limits = [
            list(accumulate(map(len, of_text), initial=start))
            for of_text, start in zip(pieces, whole[::2], strict=True)
        ]
        spans = [
            (limits[0][old_low], limits[0][old_high], limits[1][new_low], limits[1][new_high])
            for old_low, old_high, new_low, new_high in _list_differing(*pieces)
        ]
    for span in spans:
        old_low, old_high, new_low, new_high = span = _leave_out_common(span, old, new)
        if max(old_high - old_low, new_high - new_low) > LONGEST_ALIGNED:
            yield span
            continue
        for part in _list_differing(old[old_low:old_high], new[new_low:new_high]):
            yield old_low + part[0], old_low + part[1], new_low + part[2], new_low + part[3]


def _list_differing(old: Sequence[str], new: Sequence[str]) -> Iterator[Span]:
    """The places where two sequences differ."""
    for kind, *places in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            old_low, old_high, new_low, new_high = places
            yield old_low, old_high, new_low, new_high


def _leave_out_common(span: Span, old: str, new: str) -> Span:
    """A place without what both texts have at its beginning and at its end."""
    old_low, old_high, new_low, new_high = span
    start = count_common(old[old_low:old_high], new[new_low:new_high])
    old_low, new_low = old_low + start, new_low + start
    end = count_common(old[old_low:old_high][::-1], new[new_low:new_high][::-1])
    return old_low, old_high - end, new_low, new_high - end


def count_common(first: str, second: str) -> int:
    """How many characters two texts share at their beginnings.

    >>> count_common("2020年", "2024年")
    3
    """
    pairs = enumerate(zip(first, second, strict=False))
    return next((place for place, (old, new) in pairs if old != new), min(len(first), len(second)))


def _shorten(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"
