"""Measures searches for single texts in a build: processor time, and what is decoded.

    python benchmarks/find_speed.py OUT [--queries 40] [--lengths 5 6 8 20] [--data ../shared/data] [--seed 0]

Half of the texts are passages of the documents of OUT, the others of DATA/no_harm and DATA/script, of which
few are there. The index is made first if there is none. The build of a corpus of 1 GB is made by
``benchmarks/scale.py --megabytes 1000 --commands build --keep``. Sources are not searched.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "builder"))

from hanpack.resources.folding_table import open_folder
from hanpack.store import data_pages
from hanpack.store.reader import BuildReader
from hanpack.store.work_folder import WorkFolder
from hanpack.views.finding.search import find_texts

ROOT = Path(__file__).parents[1]
EXCERPT = 300_000


def read_others(data: Path) -> str:
    """Texts of other kinds, without Latin letters and digits."""
    texts = [
        path.read_text(encoding="utf-8", errors="ignore")[:EXCERPT]
        for folder in ("no_harm", "script")
        for path in sorted((data / folder).iterdir())
        if path.is_file() and path.suffix in (".txt", ".jsonl")
    ]
    return re.sub("[0-9a-zA-Z]+", "", open_folder().fold("\n".join(texts)).text)


def choose_queries(
    build: Path, others: str, length: int, number: int, chance: random.Random
) -> Iterator[str]:
    """Texts of so many letters: of documents, and of other texts."""
    folder = open_folder()
    for row in BuildReader.open(build).sample_rows("documents", number // 2, ["text"]):
        text = folder.fold(row.values["text"]).text
        start = chance.randrange(max(len(text) - length, 1))
        if len(text) >= length:
            yield text[start : start + length]
    for _ in range(number - number // 2):
        start = chance.randrange(len(others) - length)
        yield others[start : start + length]


def measure(build: Path, query: str) -> tuple[float, float, float, int]:
    """Seconds of processor time and of the clock, MB of pages, and the places of a text that is kept."""
    decoded: list[int] = []
    read_page = data_pages._read_page

    def count(stream: object, page: data_pages.DataPage) -> bytes:
        decoded.append(page.header.page_size)
        return read_page(stream, page)  # type: ignore[arg-type]

    start, start_time = time.process_time(), time.perf_counter()
    with patch.object(data_pages, "_read_page", count):
        (answer,) = find_texts(build, [query], searches_sources=False).answers
    seconds = time.process_time() - start, time.perf_counter() - start_time
    return *seconds, sum(decoded) / 1e6, answer.counts.get("kept", 0)


def describe(name: str, values: Sequence[float]) -> str:
    """Median, the ninth decile and the greatest of some values."""
    median, decile, greatest = np.quantile(values, (0.5, 0.9, 1))
    return f"{name} {median:.2f} / {decile:.2f} / {greatest:.2f}"


def main() -> None:
    """Print a line for the index, and one for each length of texts, those that are found and the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--queries", type=int, default=40)
    parser.add_argument("--lengths", type=int, nargs="+", default=[5, 6, 8, 20])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    start = time.process_time()
    find_texts(options.build, ["没有索引的语料"], searches_sources=False)
    index = sum(path.stat().st_size for path in WorkFolder(options.build).indexes.iterdir())
    text = sum(
        batch.table.column("text").nbytes
        for batch in BuildReader.open(options.build).read_batches("documents", ["text"])
    )
    print(f"index {index / 1e6:.0f} MB, {index / text:.1%} of {text / 1e6:.0f} MB of text", end="; ")
    print(f"the first search took {time.process_time() - start:.1f} s of processor time")
    chance, others = random.Random(options.seed), read_others(options.data)
    for length in options.lengths:
        queries = list(choose_queries(options.build, others, length, options.queries, chance))
        results = [measure(options.build, query) for query in queries]
        for name, is_kept in (("kept", True), ("not kept", False)):
            chosen = [result for result in results if bool(result[3]) == is_kept]
            if chosen:
                cpu, clock, megabytes, _ = zip(*chosen, strict=True)
                columns = describe("CPU s", cpu), describe("clock s", clock), describe("MB", megabytes)
                print(f"{length:3} letters, {len(chosen):3} {name:9}", *columns, sep="   ", flush=True)


if __name__ == "__main__":
    main()
