"""Finds the characters a removal took, where its bytes leave them open: inserted text, and parts of units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from hanpack.steps.alignment import Alignment

Span = tuple[int, int]
State = tuple[int, int]
# A unit, and what is inserted at a place, is a few characters; of more only both ends are tried.
_LONGEST = 64


def fit_removals(text: str, alignment: Alignment, removed: Sequence[Span], left: str) -> list[Span]:
    """The spans of ``text`` without which it is ``left``; ``removed`` are their bytes, in order.

    Bytes do not tell whether text inserted beside a span went with it, nor where in a unit it ends. Each
    choice that fits up to a span is followed, by where it ends and how much is gone. Where none fits, the
    spans are those the bytes have: the text that is left then is another.
    """
    low, high = (np.array(ends, dtype=np.int64) for ends in zip(*removed, strict=True))
    starts, ends = (places.tolist() for places in alignment.text_spans(low, high))
    spans = list(zip(starts, ends, strict=True))
    layers: list[dict[State, tuple[State, Span]]] = []
    states: list[State] = [(0, 0)]
    for (start, end), span in zip(spans, removed, strict=True):
        layer: dict[State, tuple[State, Span]] = {}
        firsts, lasts = _find_edges(alignment, start, span[0], 0), _find_edges(alignment, end, span[1], 1)
        for state in states:
            reached, lost = state
            for first in firsts:
                if first < reached or text[reached:first] != left[reached - lost : first - lost]:
                    continue
                for last in lasts:
                    if last > first:
                        layer.setdefault((last, lost + last - first), (state, (first, last)))
        layers.append(layer)
        states = list(layer)
    fitting = (state for state in states if text[state[0] :] == left[state[0] - state[1] :])
    found = next(fitting, None)
    if found is None:
        return spans
    chosen = []
    for layer in reversed(layers):
        found, choice = layer[found]
        chosen.append(choice)
    return chosen[::-1]


def _find_edges(alignment: Alignment, place: int, byte: int, side: int) -> list[int]:
    """Where about ``place`` a span begins (side 0) or ends (side 1) whose bytes do so at ``byte``.

    The last place comes first: a passage ends in the blanks after it, and does not begin in those before.
    """
    found = {place}
    block = int(np.searchsorted(alignment.text, place, "left")) - 1
    found.update(_follow(alignment, block, -1))
    block = int(np.searchsorted(alignment.text, place, "right")) - 1
    found.update(_follow(alignment, block, 1))
    places = np.array(sorted(found, reverse=True), dtype=np.int64)
    places = places[places > 0] if side else places[places < alignment.length]
    whole = np.full(len(places), alignment.length if side == 0 else 0)
    spans = alignment.source_spans(places, whole) if side == 0 else alignment.source_spans(whole, places)
    fitting: list[int] = places[spans[side] == byte].tolist()
    return fitting


def _follow(alignment: Alignment, block: int, onward: int) -> Iterator[int]:
    """The places in blocks from one on, up to the first in which each place has a byte of its own."""
    while 0 <= block < len(alignment.even):
        low, high = alignment.text[block : block + 2].tolist()
        inserted = alignment.source[block] == alignment.source[block + 1]
        if low < high and (inserted or not alignment.even[block]):
            yield from range(low, high + 1) if high - low <= _LONGEST else (low, high)
        if low < high and not inserted:
            return
        block += onward
