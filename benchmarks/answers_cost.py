"""What answers cost a plain build: each thing that later questions need is switched off in turn.

    python benchmarks/answers_cost.py [--data ../shared/data/corpora] [--megabytes 12] [--rounds 5]

Every round builds once with everything and once without each thing, in another order each time, with one
worker, which is forked, and without parts of an earlier build. The share is the median over the rounds of
the processor time that is saved, of that of the build.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "builder"))

from benchmarks.flow import make_texts, read_corpus
from tests.builds import to_jsonl

from hanpack.building.run import build
from hanpack.steps.quality import QualityFigures
from hanpack.steps.texts import JoinedTexts

ROOT = Path(__file__).parents[1]
FIGURES = QualityFigures(
    han_share=1.0,
    digit_share=0.0,
    punctuation_share=0.0,
    repeated_line_share=0.0,
    mean_line_length=1.0,
    perplexity=None,
    damage_left=0,
)


def skip_quality(texts: JoinedTexts, *_: object) -> list[QualityFigures]:
    """The same figures for every text."""
    return [FIGURES] * len(texts.texts)


def skip_rights(outcomes: Sequence[object], _: object) -> dict[str, pa.Array]:
    """No licence, domain and address for any record."""
    return {name: pa.nulls(len(outcomes), pa.string()) for name in ("license", "domain", "url")}


# What is switched off: keys of the recipe, or what replaces a function.
PATCHES: Mapping[str, Callable[[], AbstractContextManager[object]]] = {
    "quality figures": lambda: patch("hanpack.flow.judge_quality", skip_quality),
    "Merkle roots": lambda: patch("hanpack.store.merkle.hash_rows", lambda *_: []),
    "Bloom filters": lambda: patch("hanpack.store.shards.IDS", ("no such column",)),
    "licence and domain of records": lambda: patch("hanpack.store.tables._list_rights", skip_rights),
    "sums by licence and domain": lambda: patch(
        "hanpack.store.figures.FigureCounter._count_rights", lambda *_: None
    ),
}
KEYS: Mapping[str, Mapping[str, Any]] = {"personal data": {"steps": {"personal": None}}}
# What a recipe must ask for: what it costs more.
ADDED: Mapping[str, Mapping[str, Any]] = {
    "signatures.parquet": {"duplicates": {"signatures": True}},
    "search_index.bin": {"search_index": True},
}


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
    parser.add_argument("--megabytes", type=float, default=12)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    texts = make_texts(read_corpus(options.data), (300, 3_000, 30_000), options.megabytes)
    without: dict[str, Callable[[Path], float]] = {"everything": lambda at: measure(at, {}, nullcontext())}
    for name, change in PATCHES.items():
        without[name] = lambda at, change=change: measure(at, {}, change())  # type: ignore[misc]
    for name, keys in {**KEYS, **ADDED}.items():
        without[name] = lambda at, keys=keys: measure(at, keys, nullcontext())  # type: ignore[misc]
    seconds: dict[str, list[float]] = {name: [] for name in without}
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder)
        (corpus / "texts.jsonl").write_bytes(to_jsonl(*texts))
        measure(corpus, {}, nullcontext())
        for number in range(options.rounds):
            names = list(without)
            random.Random(number).shuffle(names)
            for name in names:
                seconds[name].append(without[name](corpus))
    complete = seconds.pop("everything")
    print(f"a plain build of {options.megabytes:g} MB: {median(complete):.2f} s of processor time")
    shares = {
        name: median((whole - part) / whole for whole, part in zip(complete, parts, strict=True))
        for name, parts in seconds.items()
    }
    for name, share in shares.items():
        print(f"{name:32} {abs(share) if name in ADDED else share:7.1%}{' more' if name in ADDED else ''}")
    print(f"{'together':32} {sum(share for name, share in shares.items() if name not in ADDED):7.1%}")


if __name__ == "__main__":
    main()
