"""Draws the figures of benchmarks/peers.py as SVG: speed, memory, and growth."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

OURS_COLOUR, PEER_COLOUR, GRID_COLOUR, TEXT_COLOUR = "#b3261e", "#7d8590", "#e6e6e6", "#1f2328"
LINE_COLOURS = ("#b3261e", "#e58a83", "#1f2328", "#1769aa", "#74b0dd", "#2e7d32", "#8bc48f", "#8e5bb5")
WIDTH, LABEL_WIDTH, ROW_HEIGHT, TOP = 720, 190, 30, 44
PLOT_HEIGHT, LEGEND_WIDTH = 300, 200


def draw_pictures(figures: Mapping[str, Any], folder: Path) -> None:
    """Write peers_speed.svg, peers_memory.svg, peers_time_growth.svg and peers_memory_growth.svg."""
    tools = figures["tools"]
    pictures = {
        "speed": draw_bars(
            "MB of text a second on one core: convert, split, count, remove copies, Parquet",
            {tool: 1 / row["cost"] for tool, row in tools.items()},
            lambda value: f"{value:.1f}",
        ),
        "memory": draw_bars(
            f"Peak memory in MB, for {next(iter(tools.values()))['growth'][-1][0]:.0f} MB of text",
            {tool: row["memory"] for tool, row in tools.items()},
            lambda value: f"{value:,.0f}",
        ),
        "time_growth": draw_lines(
            "Processor seconds by MB of text",
            {tool: [(size, used) for size, used, _ in row["growth"] if size] for tool, row in tools.items()},
        ),
        "memory_growth": draw_lines(
            "Peak memory in MB by MB of text",
            {tool: [(size, mem) for size, _, mem in row["growth"] if size] for tool, row in tools.items()},
        ),
    }
    for name, picture in pictures.items():
        (folder / f"peers_{name}.svg").write_text(picture, encoding="utf-8", newline="\n")


def draw_bars(title: str, values: Mapping[str, float], describe: Callable[[float], str]) -> str:
    """A bar for each tool, in their order; hanpack's are of another colour."""
    most = max(values.values())
    parts = [_write(0, 20, title, weight="bold")]
    for number, (tool, value) in enumerate(values.items()):
        y = TOP + number * ROW_HEIGHT
        length = (WIDTH - LABEL_WIDTH - 70) * value / most
        colour = OURS_COLOUR if tool.startswith("hanpack") else PEER_COLOUR
        parts.append(_write(LABEL_WIDTH - 8, y + 15, tool, anchor="end"))
        parts.append(f'<rect x="{LABEL_WIDTH}" y="{y}" width="{length:.1f}" height="20" fill="{colour}"/>')
        parts.append(_write(LABEL_WIDTH + length + 6, y + 15, describe(value)))
    return _wrap(parts, TOP + len(values) * ROW_HEIGHT)


def draw_lines(title: str, series: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """A line for each tool over logarithmic axes."""
    points = [point for line in series.values() for point in line]
    if not points:
        return _wrap([_write(0, 20, title, weight="bold")], TOP)
    (left, right), (bottom, top) = (_find_range([point[axis] for point in points]) for axis in (0, 1))
    width = WIDTH - LEGEND_WIDTH - 60

    def place(x: float, y: float) -> tuple[float, float]:
        across = 50 + width * (math.log10(x) - left) / (right - left)
        return across, TOP + PLOT_HEIGHT * (top - math.log10(y)) / (top - bottom)

    parts = [_write(0, 20, title, weight="bold")]
    for exponent in range(math.ceil(bottom), math.floor(top) + 1):
        _, y = place(10**left, 10.0**exponent)
        parts.append(f'<path d="M50 {y:.1f}H{50 + width}" stroke="{GRID_COLOUR}"/>')
        parts.append(_write(44, y + 4, f"{10.0**exponent:,g}", anchor="end"))
    for exponent in range(math.ceil(left), math.floor(right) + 1):
        x, _ = place(10.0**exponent, 10**bottom)
        parts.append(f'<path d="M{x:.1f} {TOP}V{TOP + PLOT_HEIGHT}" stroke="{GRID_COLOUR}"/>')
        parts.append(_write(x, TOP + PLOT_HEIGHT + 18, f"{10.0**exponent:,g}", anchor="middle"))
    for number, (tool, line) in enumerate(series.items()):
        colour = LINE_COLOURS[number % len(LINE_COLOURS)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in (place(*point) for point in sorted(line)))
        stroke = 3 if tool.startswith("hanpack") else 1.5
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="{stroke}"/>')
        parts += _draw_legend(number, tool, colour)
    return _wrap(parts, TOP + PLOT_HEIGHT + 30)


def _draw_legend(number: int, tool: str, colour: str) -> Iterator[str]:
    x, y = WIDTH - LEGEND_WIDTH + 10, TOP + 20 + number * 22
    yield f'<path d="M{x} {y - 4}h22" stroke="{colour}" stroke-width="3"/>'
    yield _write(x + 28, y, tool)


def _find_range(values: Sequence[float]) -> tuple[float, float]:
    """The logarithms of the ends of an axis, with some room."""
    least, most = math.log10(min(values)), math.log10(max(values))
    return least - 0.15, most + 0.15


def _write(x: float, y: float, text: str, anchor: str = "start", weight: str = "normal") -> str:
    style = f'text-anchor="{anchor}" font-weight="{weight}" fill="{TEXT_COLOUR}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>'


def _wrap(parts: Sequence[str], height: float) -> str:
    size = f'width="{WIDTH}" height="{height:.0f}" viewBox="0 0 {WIDTH} {height:.0f}"'
    font = 'font-family="system-ui, sans-serif" font-size="13"'
    background = '<rect width="100%" height="100%" fill="#ffffff"/>'
    lines = (f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>', background, *parts, "</svg>")
    return "\n".join(lines) + "\n"
