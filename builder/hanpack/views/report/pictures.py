"""The pictures of a report as numbers: the flow of bytes and histograms, for the template to draw."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

FLOW_HEIGHT = 150.0
# Two lines of the list beside the picture.
ROW_HEIGHT = 40.0
MARGIN = 5.0
TOKEN_BINS = 32
BINS_A_DECADE = 6
# The states of records of which no byte was kept.
STATES_NOT_KEPT = ("duplicate", "empty", "rejected", "withdrawn")


@dataclass(frozen=True, slots=True)
class Stream:
    """A part of the bytes; its outline ``path`` is for a picture 100 wide and as high as all rows."""

    name: str
    kind: str
    bytes: int
    share: float
    path: str
    height: float


@dataclass(frozen=True, slots=True)
class Flow:
    """All bytes of the sources and what became of them; heights are in CSS pixels.

    ``bar`` is the top and the height of the bar of all bytes.
    """

    bytes: int
    streams: Sequence[Stream]
    height: float
    bar: tuple[float, float]


def draw_flow(totals: Mapping[str, Any]) -> Flow:
    """Lay out the flow of bytes: what was kept, what each step removed, and records not kept.

    >>> flow = draw_flow({"bytes": 100, "bytes_kept": 75, "bytes_removed": {"page": 25}})
    >>> [(stream.name, stream.kind, stream.share) for stream in flow.streams]
    [('kept', 'kept', 0.75), ('page', 'removed', 0.25)]
    """
    removed = dict(totals["bytes_removed"])
    not_kept = [(state, state, removed.pop(state)) for state in STATES_NOT_KEPT if removed.get(state)]
    steps = [(name, "removed", removed[name]) for name in sorted(removed, key=lambda name: -removed[name])]
    parts = [("kept", "kept", totals["bytes_kept"]), *steps, *not_kept]
    total = max(totals["bytes"], 1)
    widths = [max(FLOW_HEIGHT * count / total, 1.0) for _, _, count in parts]
    heights = [max(ROW_HEIGHT, width + 2 * MARGIN) for width in widths]
    top = left = (sum(heights) - sum(widths)) / 2
    row_top = 0.0
    streams = []
    for (name, kind, count), width, height in zip(parts, widths, heights, strict=True):
        path = _draw_ribbon(left, row_top + (height - width) / 2, width)
        streams.append(
            Stream(name=name, kind=kind, bytes=count, share=count / total, path=path, height=height)
        )
        left, row_top = left + width, row_top + height
    return Flow(bytes=totals["bytes"], streams=streams, height=row_top, bar=(top, left - top))


def _draw_ribbon(left: float, right: float, width: float) -> str:
    return (
        f"M2 {left:.2f}C50 {left:.2f} 50 {right:.2f} 100 {right:.2f}V{right + width:.2f}"
        f"C50 {right + width:.2f} 50 {left + width:.2f} 2 {left + width:.2f}Z"
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a histogram: its place from 0, its values ``low`` to ``high``, its height from 0 to 100."""

    place: int
    low: int
    high: int
    count: int
    height: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bars of equal width, and ``ticks``, the values to write under them, evenly from first edge to last.

    ``highest`` is the count of the highest bar.
    """

    bars: Sequence[Bar]
    ticks: Sequence[int]
    median: int
    largest: int
    highest: int


def draw_tokens(counts: Mapping[int, int], budget: int) -> Histogram:
    """The tokens of chunks, from 0 to the budget; ``counts`` has the number of chunks by their tokens.

    >>> histogram = draw_tokens({100: 2, 300: 5}, budget=512)
    >>> histogram.median, histogram.largest, histogram.highest
    (300, 300, 5)
    """
    values, weights = _sort_counts(counts)
    edges = np.unique(np.linspace(0, budget + 1, TOKEN_BINS + 1).astype(np.int64))
    ticks = [round(budget * part / 4) for part in range(5)]
    return _draw_histogram(values, weights, edges, ticks)


def draw_lengths(counts: Mapping[int, int]) -> Histogram:
    """The lengths of documents in characters, on a logarithmic scale of whole decades.

    ``counts`` has the number of documents by their length.

    >>> draw_lengths({20: 1, 3000: 1}).ticks
    [10, 100, 1000, 10000]
    """
    values, weights = _sort_counts(counts)
    first = math.floor(math.log10(max(int(values.min()), 1))) if len(values) else 0
    last = max(math.floor(math.log10(max(int(values.max()), 1))) + 1 if len(values) else 1, first + 1)
    scale = np.arange(first * BINS_A_DECADE, last * BINS_A_DECADE + 1) / BINS_A_DECADE
    edges = np.ceil(np.round(10.0**scale, 6)).astype(np.int64)
    return _draw_histogram(values, weights, edges, [10**decade for decade in range(first, last + 1)])


def _sort_counts(counts: Mapping[int, int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    pairs = np.array(sorted(counts.items()), dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _draw_histogram(
    values: npt.NDArray[np.int64],
    weights: npt.NDArray[np.int64],
    edges: npt.NDArray[np.int64],
    ticks: Sequence[int],
) -> Histogram:
    """Count the values between the edges; the last value of a bar is one less than the edge after it."""
    places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    counts = np.bincount(places, weights, minlength=len(edges) - 1).astype(np.int64)
    highest = max(int(counts.max(initial=0)), 1)
    bars = [
        Bar(place=place, low=low, high=next_low - 1, count=count, height=100 * count / highest)
        for place, ((low, next_low), count) in enumerate(
            zip(pairwise(edges.tolist()), counts.tolist(), strict=True)
        )
    ]
    if not len(values):
        return Histogram(bars=bars, ticks=ticks, median=0, largest=0, highest=highest)
    median = values[np.searchsorted(np.cumsum(weights), weights.sum() / 2)]
    return Histogram(bars=bars, ticks=ticks, median=int(median), largest=int(values[-1]), highest=highest)
