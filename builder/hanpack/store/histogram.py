"""Draws the histogram of tokens of the card: an SVG of text and rectangles, the same for the same chunks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from hanpack.store.manifest import PICTURE, Manifest
from hanpack.store.shards import ShardFile, describe_file
from hanpack.store.table_kinds import TableKind

BINS = 32
# Sizes in pixels: the picture, and the area of the bars in it.
WIDTH, HEIGHT = 720, 240
LEFT, TOP, RIGHT, BOTTOM = 64, 34, 704, 200
_TICKS = 4


def write_picture(folder: Path, manifest: Manifest) -> ShardFile:
    """Write the picture of a build into its folder."""
    path = folder / PICTURE
    path.write_text(render_picture(folder, manifest), encoding="utf-8")
    return describe_file(path, folder)


def render_picture(folder: Path, manifest: Manifest) -> str:
    """The histogram of the tokens of ``chunks``; ``folder`` contains the shards that ``manifest`` lists."""
    budget = int(manifest.recipe["chunks"]["max_tokens"])
    columns = [_read_tokens(folder / file.path) for file in manifest.tables[TableKind.CHUNKS.value]]
    return draw_histogram(np.concatenate(columns), budget)


def _read_tokens(path: Path) -> npt.NDArray[np.integer]:
    # ``read_table`` would load the reader of folders of files, which takes 30 ms.
    with pq.ParquetFile(path) as shard:
        tokens: npt.NDArray[np.integer] = shard.read(columns=["token_count"]).column("token_count").to_numpy()
    return tokens


def draw_histogram(tokens: npt.NDArray[np.integer], budget: int) -> str:
    """A histogram from 0 to the budget as SVG; ``tokens`` has the shape (chunks,).

    >>> picture = draw_histogram(np.array([100, 300, 300]), budget=512)
    >>> picture.count("<rect"), "3 chunks" in picture
    (3, True)
    """
    edges = np.unique(np.linspace(0, budget + 1, BINS + 1).astype(np.int64))
    places = np.clip(np.searchsorted(edges, tokens, side="right") - 1, 0, len(edges) - 2)
    counts = np.bincount(places, minlength=len(edges) - 1)
    highest = max(int(counts.max(initial=0)), 1)
    step = (RIGHT - LEFT) / (len(edges) - 1)
    bars = []
    for place, count in enumerate(counts.tolist()):
        height = (BOTTOM - TOP) * count / highest
        if count:
            bars.append(
                f'<rect x="{LEFT + place * step + 1:.2f}" y="{BOTTOM - height:.2f}" '
                f'width="{step - 2:.2f}" height="{height:.2f}" fill="#35699f"/>'
            )
    marks = [(part / _TICKS, f"{round(budget * part / _TICKS):,}") for part in range(_TICKS + 1)]
    ticks = [_write(LEFT + (RIGHT - LEFT) * share, BOTTOM + 18, text, "middle") for share, text in marks]
    title = f"{len(tokens):,} chunks by their tokens, of a budget of {budget:,}"
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13" fill="#333">'
    )
    lines = [
        opening,
        f"<title>{title}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _write(LEFT, 20, title, "start"),
        *bars,
        f'<path d="M{LEFT} {BOTTOM}H{RIGHT}M{LEFT} {TOP}H{RIGHT}" stroke="#bbb"/>',
        _write(LEFT - 8, TOP + 5, f"{highest:,}", "end"),
        _write(LEFT - 8, BOTTOM + 5, "0", "end"),
        *ticks,
        _write((LEFT + RIGHT) / 2, HEIGHT - 6, "tokens of a chunk", "middle"),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _write(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{text}</text>'
