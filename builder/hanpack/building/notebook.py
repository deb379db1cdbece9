"""Shows a build in a notebook: its figures and the histogram of its tokens, as a small HTML table."""

from __future__ import annotations

from html import escape
from itertools import pairwise

import numpy as np

from hanpack.store.manifest import Manifest
from hanpack.store.reader import BuildReader

BINS = 12
BAR_PIXELS = 160
_FIGURES = ("records", "documents", "chunks", "tokens")


def render_build(place: str, manifest: Manifest, reader: BuildReader) -> str:
    """A table of the figures of a build, and bars of the tokens a chunk.

    Raises:
        VerifyError: a shard cannot be read.
    """
    counts = reader.read("chunks", ["token_count"]).column("token_count").to_numpy()
    budget = manifest.recipe["chunks"]["max_tokens"]
    heights, edges = np.histogram(counts, bins=BINS, range=(0, budget))
    highest = max(int(heights.max()), 1)
    rows = [_row(name, f"{manifest.totals[name]:,}") for name in _FIGURES]
    rows += [
        _row(name, f"{number:,}") for name, number in manifest.totals["states"].items() if name != "kept"
    ]
    rows.append('<tr><th colspan="2" style="text-align:left">tokens a chunk</th></tr>')
    rows += [
        _row(f"{low:.0f}–{high:.0f}", _bar(round(BAR_PIXELS * height / highest)) + f" {height:,}")
        for height, (low, high) in zip(heights.tolist(), pairwise(edges.tolist()), strict=True)
    ]
    caption = f"<caption>{escape(manifest.name)} in {escape(place)}</caption>"
    return f"<table>{caption}{''.join(rows)}</table>"


def _row(name: str, value: str) -> str:
    return f'<tr><td>{escape(name)}</td><td style="text-align:left">{value}</td></tr>'


def _bar(pixels: int) -> str:
    return f'<span style="display:inline-block;height:0.8em;width:{pixels}px;background:#3b7dd8"></span>'
