"""Measures the splitter against the usual splitters, on the same text in the same run.

Prints the table (512 tokens of o200k_base), the measures in which another splitter is ahead of ours, and the
cost of the command, and draws speed against fill. Every splitter reads the text in its own new process, one
process at a time; its start-up is not counted. Another splitter that is not installed is a row that says so.

    python benchmarks/split.py [CORPORA] [--every N] [--rounds N] [--picture FILE]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import tiktoken

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.splitters import BUDGET, CONTENDERS, ENCODING, PLAIN, Piece, Run, read_texts, run

from hanpack.resources.vocabulary import read_published_ranks

# The benchmark's own patterns of a sentence end: those of hanpack would hide their own gaps.
STOPS = "。！？；…!?;"
CLOSERS = "”’」』）】》〉〕］)]"
ENDED = re.compile(
    rf"(?:[{STOPS}]|[A-Za-z]\.(?=[{re.escape(CLOSERS)}\"']*\s))[{re.escape(CLOSERS)}\"']*\s*\Z"
)
CONTINUING = f"{STOPS}{CLOSERS}，、：．,.:"
REPLACED = "\ufffd"
# How many characters on each side of a cut are read.
CONTEXT = 40
# tiktoken looks for a vocabulary in its cache, under the sha1 of this address, before it downloads it.
ADDRESS = f"https://openaipublic.blob.core.windows.net/encodings/{ENCODING}.tiktoken"
HEADS = (
    "MB/s",
    "time / plain",
    "fill before last",
    "fill with last",
    "cut at sentence",
    "over budget",
    "wrong counts",
    "source kept",
    "chunks",
)
OUR_COLOUR, THEIR_COLOUR = "#c0272d", "#3d5a80"
# The positions of a label relative to its mark (points); the first free one is used.
PLACES = (
    *(("center", (0, 14)), ("center", (0, -14)), ("left", (-6, 14)), ("left", (-6, -14))),
    *(("right", (6, 14)), ("right", (6, -14)), ("left", (10, 0)), ("right", (-10, 0))),
    *(("left", (-6, 29)), ("left", (-6, -29)), ("right", (6, 29)), ("right", (6, -29))),
)
COMMAND = "hanpack split"
# The command without the faster encoder.
UNAIDED = "import sys; sys.modules['quicktok'] = None; from hanpack.cli import main; main()"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The quality of all chunks of a splitter, shares of 1; ``wrong`` is None where it gives no counts."""

    fill_before_last: float
    fill: float
    natural: float
    over: int
    wrong: int | None
    kept: int
    texts: int
    chunks: int

    def cells(self) -> list[str]:
        """The cells of the table, in the order of its heads."""
        return [
            f"{self.fill_before_last:.3f}",
            f"{self.fill:.3f}",
            f"{self.natural:.4f}",
            f"{self.over:,}",
            "–" if self.wrong is None else f"{self.wrong:,}",
            "yes" if self.kept == self.texts else f"{self.kept:,} of {self.texts:,}",
            f"{self.chunks:,}",
        ]

    @property
    def exact(self) -> bool:
        """Whether nothing is over the budget, miscounted or lost."""
        return not self.over and not self.wrong and self.kept == self.texts


@dataclass(frozen=True, slots=True)
class Measured:
    """A row: MB of text, the seconds and those of the plain pass for each round, and the verdict."""

    size: float
    seconds: tuple[float, ...]
    plain: tuple[float, ...]
    verdict: Verdict | None = None

    @property
    def speed(self) -> float:
        """The median, in MB per second."""
        return self.size / median(self.seconds)

    @property
    def ratios(self) -> list[float]:
        """The time of each round over that of its plain pass, in ascending order."""
        return sorted(own / plain for own, plain in zip(self.seconds, self.plain, strict=True))

    @property
    def ratio(self) -> float:
        """The median of the time over that of the plain pass."""
        return median(self.ratios)


def judge(texts: Sequence[str], pieces: Sequence[Sequence[Piece]]) -> Verdict:
    """Recount every chunk with tiktoken, inspect every cut, and join the chunks again."""
    encode = tiktoken.get_encoding(ENCODING).encode_ordinary
    claims = [claim for chunks in pieces for _, claim in chunks]
    counts = [[len(encode(chunk)) for chunk, _ in chunks] for chunks in pieces]
    flat = [count for document in counts for count in document]
    before = [min(count, BUDGET) for document in counts for count in document[:-1]]
    cuts = [
        good
        for text, chunks in zip(texts, pieces, strict=True)
        for good in judge_cuts(text, [chunk for chunk, _ in chunks])
    ]
    counts_given = bool(claims) and all(claim is not None for claim in claims)
    return Verdict(
        sum(before) / BUDGET / len(before),
        sum(min(count, BUDGET) for count in flat) / BUDGET / len(flat),
        sum(cuts) / len(cuts),
        sum(count > BUDGET for count in flat),
        sum(claim != count for claim, count in zip(claims, flat, strict=True)) if counts_given else None,
        sum(
            "".join(chunk for chunk, _ in chunks) == text for text, chunks in zip(texts, pieces, strict=True)
        ),
        len(texts),
        len(flat),
    )


def judge_cuts(text: str, chunks: Sequence[str]) -> Iterator[bool]:
    """Whether each cut is at the end of a sentence or better; a cut inside a character is not.

    The chunks of a splitter that removes blanks are located in the text first.
    """
    place = 0
    spans: list[tuple[int, int] | None] = []
    for chunk in chunks:
        core = chunk.strip(REPLACED)
        start = text.find(core, place)
        spans.append((start, start + len(core)) if start >= 0 and core == chunk else None)
        place = max(start, place) + len(core)
    for before, after in pairwise(spans):
        yield before is not None and after is not None and is_natural(text, before[1], after[0])


def is_natural(text: str, end: int, start: int) -> bool:
    """Whether a line or a sentence ends between ``end`` of a chunk and ``start`` of the next.

    A line ends where there is a line break among the blanks around the cut. A sentence ends after its mark
    and closing quotes and brackets, if no mark or closing mark follows that continues it.
    """
    left, right = text[max(0, end - CONTEXT) : end], text[start : start + CONTEXT]
    blanks = left[len(left.rstrip()) :] + text[end:start] + right[: len(right) - len(right.lstrip())]
    if "\n" in blanks or "\r" in blanks:
        return True
    follows = right.lstrip()[:1]
    context = left + text[end:start] + (" " if right[:1].isspace() else "")
    return bool(ENDED.search(context)) and (not follows or follows not in CONTINUING)


def measure(contender: str, folder: Path, every: int) -> Run:
    """Run one splitter in a new process."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(run, contender, folder, every).result()


def measure_all(folder: Path, every: int, rounds: int) -> dict[str, Measured]:
    """Measure every installed splitter right after a plain pass, so that a busy machine slows both."""
    texts = read_texts(folder, every)
    plain: dict[str, list[float]] = defaultdict(list)
    seconds: dict[str, list[float]] = defaultdict(list)
    verdicts: dict[str, Verdict] = {}
    for _ in range(rounds):
        for name in (contender.name for contender in CONTENDERS if contender.installed):
            plain[name].append(measure(PLAIN, folder, every).seconds)
            done = measure(name, folder, every)
            seconds[name].append(done.seconds)
            if name not in verdicts and name != PLAIN:
                verdicts[name] = judge(texts, done.pieces)
    return {
        name: Measured(size_of(texts), tuple(own), tuple(plain[name]), verdicts.get(name))
        for name, own in seconds.items()
    }


def measure_command(folder: Path, rounds: int) -> dict[str, Measured]:
    """Measure ``hanpack split`` on all texts in one file, less its time on a file of a single line."""
    texts = read_texts(folder, 1)
    variants = {f"{COMMAND} (command)": ("-c", UNAIDED)}
    if find_spec("quicktok"):
        variants = {f"{COMMAND}, fast (command)": ("-m", "hanpack"), **variants}
    measured = {}
    with tempfile.TemporaryDirectory() as scratch:
        full, single, out = (Path(scratch) / name for name in ("full.jsonl", "single.jsonl", "out.jsonl"))
        rows = ({"id": number, "text": text} for number, text in enumerate(texts))
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        full.write_text("".join(lines), encoding="utf-8", newline="\n")
        single.write_text('{"id": 0, "text": "一行。"}\n', encoding="utf-8")
        for name, start in variants.items():
            plain, seconds = [], []
            for _ in range(rounds):
                plain.append(measure(PLAIN, folder, 1).seconds)
                start_up = median(seconds_of(start, single, out) for _ in range(3))
                seconds.append(seconds_of(start, full, out) - start_up)
            verdict = judge(texts, read_pieces(out, texts))
            measured[name] = Measured(size_of(texts), tuple(seconds), tuple(plain), verdict)
    return measured


def size_of(texts: Sequence[str]) -> float:
    """MB of UTF-8."""
    return sum(len(text.encode()) for text in texts) / 1e6


def seconds_of(start: Sequence[str], source: Path, out: Path) -> float:
    """The processor time of a run of the command, its start-up included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = (sys.executable, *start, "split", str(source), "-o", str(out), "--max-tokens", str(BUDGET))
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def read_pieces(out: Path, texts: Sequence[str]) -> list[list[Piece]]:
    """The chunks that the command wrote, by text."""
    pieces: list[list[Piece]] = [[] for _ in texts]
    with out.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            row = json.loads(line)
            pieces[row["id"]].append((texts[row["id"]][row["start"] : row["end"]], row["token_count"]))
    return pieces


def print_table(measured: Mapping[str, Measured]) -> None:
    """Print the rows as a Markdown table."""
    absent = {contender.name: contender.package for contender in CONTENDERS if not contender.installed}
    rows = [["", *HEADS]]
    for name in dict.fromkeys([*(contender.name for contender in CONTENDERS), *measured]):
        if name in absent:
            rows.append([name, "", "", f"not installed: pip install {absent[name]}"])
            continue
        row = measured[name]
        cells = row.verdict.cells() if row.verdict else ["–"] * 7
        rows.append([name, f"{row.speed:.1f}", f"{row.ratio:.2f}", *cells])
    widths = [max(len(row[column]) for row in rows if len(row) > 4) for column in range(len(rows[0]))]
    rows.insert(1, ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])])
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=False)]
        print(f"| {' | '.join([first.ljust(widths[0]), *cells])} |")


def print_losses(measured: Mapping[str, Measured]) -> None:
    """Print each measure in which another splitter is ahead of ours, whatever its other measures."""
    measures: dict[str, Callable[[Measured, Verdict], float]] = {
        "time over plain": lambda row, _: -row.ratio,
        "fill before last": lambda _, verdict: verdict.fill_before_last,
        "fill with last": lambda _, verdict: verdict.fill,
        "cut at sentence": lambda _, verdict: verdict.natural,
        "over budget": lambda _, verdict: -verdict.over,
        "wrong counts": lambda _, verdict: -(verdict.wrong or 0),
        "source kept": lambda _, verdict: verdict.kept,
        "fewest chunks": lambda _, verdict: -verdict.chunks,
    }
    judged = {name: (row, row.verdict) for name, row in measured.items() if row.verdict}
    rivals = [contender.name for contender in CONTENDERS if not contender.ours and contender.name in judged]
    for ours in (contender.name for contender in CONTENDERS if contender.ours and contender.name in judged):
        for label, value in measures.items():
            own = value(*judged[ours])
            ahead = [
                f"{name} {abs(value(*judged[name])):.5g}" for name in rivals if value(*judged[name]) > own
            ]
            if ahead:
                print(f"{ours} is behind in {label}, {abs(own):.5g}: {', '.join(ahead)}")


def draw(measured: Mapping[str, Measured], path: Path) -> None:
    """Draw speed against fill; a filled mark is an exact splitter: counts, budget and source."""
    import matplotlib
    from matplotlib.figure import Figure

    shown = {
        name: (row.speed, row.verdict)
        for name, row in measured.items()
        if row.verdict and not name.startswith(COMMAND)
    }
    ours = {contender.name for contender in CONTENDERS if contender.ours}
    colours = {name: OUR_COLOUR if name in ours else THEIR_COLOUR for name in shown}
    matplotlib.rcParams.update({"svg.hashsalt": "split", "font.size": 10})
    figure = Figure(figsize=(9, 5), layout="tight")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#e6e6e6", linewidth=0.8)
    axes.set_xlabel("MB of text a second, one core, text not seen before")
    axes.set_ylabel(f"fill of the chunks before a text's last, of {BUDGET} tokens")
    axes.set_xlim(0, 1.22 * max(row.speed for row in measured.values()))
    axes.set_ylim(min(verdict.fill_before_last for _, verdict in shown.values()) - 0.025, 1.019)
    plain = measured[PLAIN].speed
    axes.axvline(plain, color="#777777", linewidth=1, linestyle="--")
    axes.text(plain, 1.015, " one plain pass of tiktoken", color="#777777", size=9, va="top")
    for exact, meaning in ((True, "in budget, counts right, text kept"), (False, "not all of these")):
        axes.plot([], [], **mark("#555555", exact), label=meaning)
    axes.legend(loc="lower right", framealpha=1, edgecolor="white")
    for name, (speed, verdict) in shown.items():
        axes.plot([speed], [verdict.fill_before_last], **mark(colours[name], verdict.exact))
    figure.draw_without_rendering()
    points = [(speed, verdict.fill_before_last) for speed, verdict in shown.values()]
    occupied = [(centre - 7, centre + 7) for centre in axes.transData.transform(points)]
    occupied.append(tuple(axes.transData.transform([(0, 0), (0, 2)])))
    for name, (speed, verdict) in sorted(
        shown.items(), key=lambda item: (item[0] not in ours, -len(item[0]))
    ):
        inside = f" ({1 - verdict.natural:.0%} of cuts inside sentences)" if verdict.natural < 0.9 else ""
        label = axes.annotate(
            name + inside,
            (speed, verdict.fill_before_last),
            xytext=(0, 0),
            textcoords="offset points",
            color=colours[name],
            weight="bold" if name in ours else "normal",
            va="center",
        )
        for side, offset in PLACES:
            label.set_ha(side)
            label.xyann = offset
            box = label.get_window_extent().padded(2).get_points()
            if not any((box[0] < other[1]).all() and (other[0] < box[1]).all() for other in occupied):
                break
        occupied.append(box)
    figure.savefig(path, metadata={"Date": None, "Creator": None} if path.suffix == ".svg" else None)


def mark(colour: str, exact: bool) -> dict[str, Any]:
    """How a splitter is marked in the picture."""
    face = colour if exact else "white"
    return {"marker": "o", "linestyle": "", "markersize": 9, "mec": colour, "mew": 1.6, "mfc": face}


def main() -> None:
    """Measure everything on the development corpora."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    corpora = Path(__file__).parents[2] / "shared/data/corpora"
    parser.add_argument("corpora", nargs="?", type=Path, default=corpora)
    parser.add_argument("--every", type=int, default=4, help="split every N-th text of a file")
    parser.add_argument("--rounds", type=int, default=3, help="processes per splitter; the median is printed")
    parser.add_argument("--picture", type=Path, default=Path(__file__).with_suffix(".svg"))
    arguments = parser.parse_args()
    folder: Path = arguments.corpora
    with tempfile.TemporaryDirectory() as vocabulary:
        place = Path(vocabulary) / hashlib.sha1(ADDRESS.encode()).hexdigest()
        place.write_bytes(read_published_ranks(ENCODING))
        os.environ["TIKTOKEN_CACHE_DIR"] = vocabulary
        texts = read_texts(folder, arguments.every)
        print(f"{len(texts):,} texts, {size_of(texts):.1f} MB, {arguments.rounds} rounds\n", flush=True)
        measured = measure_all(folder, arguments.every, arguments.rounds)
        measured |= measure_command(folder, arguments.rounds)
    print_table(measured)
    print()
    for name, row in measured.items():
        if name.startswith(COMMAND):
            low, high = row.ratios[0], row.ratios[-1]
            print(f"{name}: {row.ratio:.2f} of the plain pass, from {low:.2f} to {high:.2f}")
    print()
    print_losses(measured)
    if find_spec("matplotlib"):
        draw(measured, arguments.picture)
    else:
        print("no picture: pip install matplotlib")


if __name__ == "__main__":
    main()
