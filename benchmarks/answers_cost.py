"""What answers cost a plain build: the processor time of what only later questions need.

    python benchmarks/answers_cost.py [--data ../shared/data/corpora] [--megabytes 36] [--rounds 3] [--files]

Each function that only answers need is timed where it runs, in the build and in its worker, which is forked.
What is no function of its own is a difference between builds with and without it: the Bloom filters, of the
time in which Parquet files are written, and the files that a recipe can ask for (``--files``), of the whole.
Builds have one worker and no parts of an earlier build; unused objects are collected as seldom as by the
command line. A worker needs some 40 ms once for tables and patterns, so that the share of a small build is
larger.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from importlib import import_module
from multiprocessing import Value
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "builder"))

from benchmarks.flow import make_texts, read_corpus
from tests.builds import to_jsonl

from hanpack.building.run import build
from hanpack.cli import COLLECTION_THRESHOLD

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
WRITING = ("pyarrow.parquet.ParquetWriter.write_table", "pyarrow.parquet.ParquetWriter.close")
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


def measure(corpus: Path, changes: Mapping[str, Any], replace: AbstractContextManager[object]) -> float:
    """The processor seconds of a build of a corpus, with those of its worker."""
    recipe = {"name": "cost", "sources": [{"path": "texts.jsonl"}], **changes}
    (corpus / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    with tempfile.TemporaryDirectory() as name, replace:
        start = sum(os.times()[:4])
        build(corpus / "recipe.yaml", Path(name, "out"), num_proc=1)
        return sum(os.times()[:4]) - start


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
        measure(corpus, {}, nullcontext())
        for _ in range(options.rounds):
            watches = {name: Value("d", 0.0) for name in (*TIMED, "with filters", "without")}
            with ExitStack() as stack:
                for name, functions in {**TIMED, "with filters": WRITING}.items():
                    stack.enter_context(time_functions(functions, watches[name]))
                whole = measure(corpus, {}, nullcontext())
            with time_functions(WRITING, watches["without"]):
                measure(corpus, {}, patch("hanpack.store.shards.IDS", ("no such column",)))
            seconds.append(whole)
            for name in TIMED:
                shares.setdefault(name, []).append(watches[name].value / whole)
            filters = watches["with filters"].value - watches["without"].value
            shares.setdefault("Bloom filters", []).append(filters / whole)
            for name, keys in ADDED.items() if options.files else ():
                more = measure(corpus, keys, nullcontext())
                shares.setdefault(f"{name}, if asked for", []).append((more - whole) / whole)
    print(f"a plain build of {options.megabytes:g} MB: {median(seconds):.2f} s of processor time")
    for name, values in shares.items():
        mean = 1000 * median(values) * median(seconds) / options.megabytes
        print(f"{name:36} {median(values):7.1%} {mean:6.2f} ms a MB")
    print(f"{'together':36} {sum(median(shares[name]) for name in (*TIMED, 'Bloom filters')):7.1%}")


if __name__ == "__main__":
    main()
