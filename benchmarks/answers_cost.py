"""What answers cost a plain build: the processor time of what only later questions need.

    python benchmarks/answers_cost.py [--data ../shared/data/corpora] [--megabytes 36] [--rounds 3] [--files]

Each function that only answers need is timed where it runs, in the build and in its worker, which is forked.
What is no function of its own is a difference. For the Bloom filters every shard of the build is written with
and without them, in turn, and the least time of each counts: between whole builds the difference is smaller
than the noise. For the files that a recipe can ask for (``--files``) it is that between whole builds. Builds
have one worker and no parts of an earlier build; unused objects are collected as seldom as by the command
line. A worker needs some 100 ms once for tables, patterns and the library of telephone numbers, so that the
share of a small build is larger.
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib import import_module
from itertools import product
from multiprocessing import Value
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import pyarrow.parquet as pq
import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "builder"))

from benchmarks.flow import make_texts, read_corpus
from tests.builds import to_jsonl

from hanpack.building.run import build
from hanpack.cli import COLLECTION_THRESHOLD
from hanpack.store.shards import IDS, write_shard
from hanpack.store.work_folder import WorkFolder

ROOT = Path(__file__).parents[1]
# The functions that only answers need, by what they are for.
TIMED: Mapping[str, tuple[str, ...]] = {
    "quality figures": ("hanpack.flow.judge_quality",),
    "Merkle roots": ("hanpack.store.merkle.RowTree.add", "hanpack.store.merkle.RowTree.find_root"),
    "personal data": ("hanpack.steps.personal.mark_all_personal_data",),
    "licence and domain": (
        "hanpack.store.tables._list_rights",
        "hanpack.store.figures.FigureCounter._count_rights",
    ),
}
# How often each shard is written with the Bloom filters and without them.
WRITTEN = 5
FILTERS, NO_COLUMN = "Bloom filters", "no such column"
# What a recipe must ask for: what it costs more.
ADDED: Mapping[str, Mapping[str, Any]] = {
    "signatures.parquet": {"duplicates": {"signatures": True}},
    "search_index.bin": {"search_index": True},
}


@contextmanager
def time_functions(names: tuple[str, ...], seconds: Any) -> Iterator[None]:
    """Add the processor time of functions, in this process and those that are forked, to a shared value."""
    with ExitStack() as stack:
        for name in names:
            owner, _, attribute = name.rpartition(".")
            original = getattr(_find_object(owner), attribute)
            stack.enter_context(patch(name, _time(original, seconds)))
        yield


def _find_object(name: str) -> Any:
    """A module, or a class in one."""
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute) if attribute[0].isupper() else import_module(name)


def _time(function: Callable[..., Any], seconds: Any) -> Callable[..., Any]:
    def timed(*arguments: object, **named: object) -> Any:
        start = time.process_time()
        try:
            return function(*arguments, **named)
        finally:
            seconds.value += time.process_time() - start

    return timed


def measure(corpus: Path, out: Path, changes: Mapping[str, Any]) -> float:
    """The processor seconds of a build of a corpus, with those of its worker."""
    recipe = {"name": "cost", "sources": [{"path": "texts.jsonl"}], **changes}
    (corpus / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    for folder in (out, WorkFolder(out).path):
        shutil.rmtree(folder, ignore_errors=True)
    start = sum(os.times()[:4])
    build(corpus / "recipe.yaml", out, num_proc=1)
    return sum(os.times()[:4]) - start


def measure_filters(out: Path) -> float:
    """The processor seconds that the Bloom filters take when the shards of a build are written."""
    seconds = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for shard in sorted(out.glob("data/*/*.parquet")):
            file = pq.ParquetFile(shard)
            groups = [file.read_row_group(number) for number in range(file.num_row_groups)]
            if IDS[0] not in file.schema_arrow.names:
                continue
            least = {IDS: math.inf, (NO_COLUMN,): math.inf}
            for _, names in product(range(WRITTEN), least):
                with patch("hanpack.store.shards.IDS", names):
                    start = time.process_time()
                    write_shard(Path(folder, "shard"), file.schema_arrow, groups, lambda _: None)
                    least[names] = min(least[names], time.process_time() - start)
            seconds += least[IDS] - least[NO_COLUMN,]
    return seconds


def main() -> None:
    """Print the share of each thing, and of all that is in a plain build."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "corpora")
    parser.add_argument("--megabytes", type=float, default=36)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--files", action="store_true")
    options = parser.parse_args()
    gc.set_threshold(COLLECTION_THRESHOLD)
    texts = make_texts(read_corpus(options.data), (300, 3_000, 30_000), options.megabytes)
    shares: dict[str, list[float]] = {}
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder)
        (corpus / "texts.jsonl").write_bytes(to_jsonl(*texts))
        out = corpus / "out"
        measure(corpus, out, {})
        for _ in range(options.rounds):
            watches = {name: Value("d", 0.0) for name in TIMED}
            with ExitStack() as stack:
                for name, functions in TIMED.items():
                    stack.enter_context(time_functions(functions, watches[name]))
                whole = measure(corpus, out, {})
            seconds.append(whole)
            for name in TIMED:
                shares.setdefault(name, []).append(watches[name].value / whole)
            shares.setdefault(FILTERS, []).append(measure_filters(out) / whole)
            for name, keys in ADDED.items() if options.files else ():
                more = measure(corpus, out, keys)
                shares.setdefault(f"{name}, if asked for", []).append((more - whole) / whole)
    print(f"a plain build of {options.megabytes:g} MB: {median(seconds):.2f} s of processor time")
    for name, values in shares.items():
        mean = 1000 * median(values) * median(seconds) / options.megabytes
        print(f"{name:36} {median(values):7.1%} {mean:6.2f} ms a MB")
    print(f"{'together':36} {sum(median(shares[name]) for name in (*TIMED, FILTERS)):7.1%}")


if __name__ == "__main__":
    main()
