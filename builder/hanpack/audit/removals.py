"""Finds which characters a removal took, if its bytes do not determine it.

Bytes do not say whether text that was inserted beside a removed span was removed with it, nor where inside a
unit of the alignment the span ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from hanpack.steps.alignment import Alignment

Span = tuple[int, int]
State = tuple[int, int]
# A unit, and what is inserted at a place, is a few characters; of a longer one only both ends are tried.
_LONGEST = 64


def fit_removals(text: str, alignment: Alignment, removed: Sequence[Span], kept: str) -> list[Span]:
    r"""The spans of ``text`` whose removal leaves ``kept``; ``removed`` are their bytes, in order.

    A state is where a span ends and how many characters are removed up to there. Invariant: the states after
    a span are all those for which the text that is kept before its end is the beginning of ``kept``. If no
    state fits at the end, the result is the spans that the bytes have, which leave another text.

    >>> alignment = Alignment.of_lengths([(2, 6, True), (1, 0, True), (2, 6, True)])
    >>> fit_removals("甲甲\n乙乙", alignment, [(6, 12)], "甲甲\n")
    [(3, 5)]
    >>> fit_removals("甲甲\n乙乙", alignment, [(6, 12)], "甲甲")
    [(2, 5)]
    """
    low, high = (np.array(ends, dtype=np.int64) for ends in zip(*removed, strict=True))
    starts, ends = (places.tolist() for places in alignment.text_spans(low, high))
    spans = list(zip(starts, ends, strict=True))
    # For each span, the states after it, each with the state before it and the span that leads there.
    layers: list[dict[State, tuple[State, Span]]] = []
    states: list[State] = [(0, 0)]
    for (start, end), (byte_start, byte_end) in zip(spans, removed, strict=True):
        layer: dict[State, tuple[State, Span]] = {}
        firsts = _find_edges(alignment, start, byte_start, is_end=False)
        lasts = _find_edges(alignment, end, byte_end, is_end=True)
        for state in states:
            previous, count = state
            for first in firsts:
                if first < previous or text[previous:first] != kept[previous - count : first - count]:
                    continue
                for last in lasts:
                    if last > first:
                        layer.setdefault((last, count + last - first), (state, (first, last)))
        layers.append(layer)
        states = list(layer)
    fitting = [(end, count) for end, count in states if text[end:] == kept[end - count :]]
    if not fitting:
        return spans
    state = fitting[0]
    chosen = []
    for layer in reversed(layers):
        state, span = layer[state]
        chosen.append(span)
    return chosen[::-1]


def _find_edges(alignment: Alignment, place: int, byte: int, is_end: bool) -> list[int]:
    """The places near ``place`` where a span begins, or ends, whose bytes do so at ``byte``.

    The last place comes first: a passage ends after the blanks behind it, and begins after those before it.
    """
    candidates = {place}
    block = int(np.searchsorted(alignment.text, place, "left")) - 1
    candidates.update(_follow_open_blocks(alignment, block, -1))
    block = int(np.searchsorted(alignment.text, place, "right")) - 1
    candidates.update(_follow_open_blocks(alignment, block, 1))
    places = np.array(sorted(candidates, reverse=True), dtype=np.int64)
    if is_end:
        places = places[places > 0]
        _, bytes_there = alignment.source_spans(np.zeros_like(places), places)
    else:
        places = places[places < alignment.length]
        bytes_there, _ = alignment.source_spans(places, np.full_like(places, alignment.length))
    fitting: list[int] = places[bytes_there == byte].tolist()
    return fitting


def _follow_open_blocks(alignment: Alignment, block: int, direction: int) -> Iterator[int]:
    """The places in the blocks from one on, up to the first in which each place has bytes of its own."""
    while 0 <= block < len(alignment.even):
        low, high = alignment.text[block : block + 2].tolist()
        inserted = alignment.source[block] == alignment.source[block + 1]
        if low < high and (inserted or not alignment.even[block]):
            yield from range(low, high + 1) if high - low <= _LONGEST else (low, high)
        if low < high and not inserted:
            return
        block += direction
