"""Cuts what differs between two texts out of them, with a little of what is around it."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

# Characters that are shown around a change, and of a text that was taken out or put in.
CONTEXT = 12
LONGEST = 24
MOST_CHANGES = 3
# Texts that differ in a longer stretch are not aligned inside it: that would take time by its square.
LONGEST_ALIGNED = 2000


@dataclass(frozen=True, slots=True)
class TextChange:
    """A place where two texts differ; ``before`` and ``after`` are the same in both."""

    before: str
    old: str
    new: str
    after: str


def find_text_changes(old: str, new: str, most: int = MOST_CHANGES) -> list[TextChange]:
    """The first places where two texts differ, in order.

    >>> find_text_changes("第一条　公民应当守法。", "第一条　公民必须守法。")
    [TextChange(before='第一条　公民', old='应当', new='必须', after='守法。')]
    """
    start = count_common(old, new)
    end = count_common(old[start:][::-1], new[start:][::-1])
    old_end, new_end = len(old) - end, len(new) - end
    if max(old_end, new_end) - start > LONGEST_ALIGNED:
        spans = [(start, old_end, start, new_end)]
    else:
        matcher = SequenceMatcher(None, old[start:old_end], new[start:new_end], autojunk=False)
        spans = [
            (start + old_low, start + old_high, start + new_low, start + new_high)
            for kind, old_low, old_high, new_low, new_high in matcher.get_opcodes()
            if kind != "equal"
        ]
    return [
        TextChange(
            before=old[max(old_low - CONTEXT, 0) : old_low],
            old=_shorten(old[old_low:old_high]),
            new=_shorten(new[new_low:new_high]),
            after=old[old_high : old_high + CONTEXT],
        )
        for old_low, old_high, new_low, new_high in spans[:most]
        if old_low < old_high or new_low < new_high
    ]


def count_common(first: str, second: str) -> int:
    """How many characters two texts share at their beginnings.

    >>> count_common("2020年", "2024年")
    3
    """
    pairs = enumerate(zip(first, second, strict=False))
    return next((place for place, (old, new) in pairs if old != new), min(len(first), len(second)))


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
