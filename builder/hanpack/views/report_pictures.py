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
ROW_HEIGHT = 34.0
MARGIN = 5.0
BINS = 32
BINS_A_DECADE = 6
WHOLE = ("duplicate", "empty", "rejected")


@dataclass(frozen=True, slots=True)
class Stream:
    """Where a part of the bytes went. ``path`` is drawn in a picture 100 wide and as high as all rows."""

    name: str
    kind: str
    bytes: int
    share: float
    path: str
    height: float


@dataclass(frozen=True, slots=True)
class Flow:
    """All bytes of the sources and where they went; heights are in CSS pixels."""

    bytes: int
    streams: Sequence[Stream]
    height: float
    bar: tuple[float, float]


def draw_flow(totals: Mapping[str, Any]) -> Flow:
    """Lay out the flow of bytes: what was kept, what each step removed, and records not kept."""
    removed = dict(totals["bytes_removed"])
    whole = [(name, name, removed.pop(name)) for name in WHOLE if removed.get(name)]
    steps = [(name, "removed", count) for name, count in sorted(removed.items(), key=lambda one: -one[1])]
    parts = [("kept", "kept", totals["bytes_kept"]), *steps, *whole]
    total = max(totals["bytes"], 1)
    widths = [max(FLOW_HEIGHT * count / total, 1.0) for _, _, count in parts]
    heights = [max(ROW_HEIGHT, width + 2 * MARGIN) for width in widths]
    left = top = (sum(heights) - sum(widths)) / 2
    reached = 0.0
    streams = []
    for (name, kind, count), width, height in zip(parts, widths, heights, strict=True):
        right = reached + (height - width) / 2
        streams.append(Stream(name, kind, count, count / total, _ribbon(left, right, width), height))
        left, reached = left + width, reached + height
    return Flow(totals["bytes"], streams, reached, (top, left - top))


def _ribbon(left: float, right: float, width: float) -> str:
    return (
        f"M2 {left:.2f}C50 {left:.2f} 50 {right:.2f} 100 {right:.2f}V{right + width:.2f}"
        f"C50 {right + width:.2f} 50 {left + width:.2f} 2 {left + width:.2f}Z"
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a histogram: its place from 0, values from ``low`` up to ``high``, height from 0 to 100."""

    place: int
    low: int
    high: int
    count: int
    height: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bars of equal width and the values under them, evenly spread from the first edge to the last."""

    bars: Sequence[Bar]
    ticks: Sequence[int]
    middle: int
    largest: int
    highest: int


def draw_tokens(counts: Mapping[int, int], budget: int) -> Histogram:
    """The tokens of chunks, from 0 to the budget; ``counts`` has the number of chunks by their tokens."""
    values, weights = _columns(counts)
    edges = np.unique(np.linspace(0, budget + 1, BINS + 1).astype(np.int64))
    ticks = [round(budget * part / 4) for part in range(5)]
    return _histogram(values, weights, edges, ticks)


def draw_lengths(counts: Mapping[int, int]) -> Histogram:
    """The lengths of documents in characters, on a logarithmic scale of whole decades."""
    values, weights = _columns(counts)
    first = math.floor(math.log10(max(int(values.min()), 1))) if len(values) else 0
    last = max(math.floor(math.log10(max(int(values.max()), 1))) + 1 if len(values) else 1, first + 1)
    scale = np.arange(first * BINS_A_DECADE, last * BINS_A_DECADE + 1) / BINS_A_DECADE
    edges = np.ceil(np.round(10.0**scale, 6)).astype(np.int64)
    return _histogram(values, weights, edges, [10**decade for decade in range(first, last + 1)])


def _columns(counts: Mapping[int, int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    pairs = np.array(sorted(counts.items()), dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _histogram(
    values: npt.NDArray[np.int64],
    weights: npt.NDArray[np.int64],
    edges: npt.NDArray[np.int64],
    ticks: Sequence[int],
) -> Histogram:
    """Count by edges; the last value of a bar is one less than the edge after it."""
    places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    heights = np.bincount(places, weights, minlength=len(edges) - 1).astype(np.int64)
    highest = max(int(heights.max(initial=0)), 1)
    bars = [
        Bar(place, low, high - 1, count, 100 * count / highest)
        for place, ((low, high), count) in enumerate(
            zip(pairwise(edges.tolist()), heights.tolist(), strict=True)
        )
    ]
    middle = int(np.searchsorted(np.cumsum(weights), weights.sum() / 2)) if len(values) else 0
    return Histogram(
        bars,
        ticks,
        int(values[middle]) if len(values) else 0,
        int(values[-1]) if len(values) else 0,
        highest,
    )
