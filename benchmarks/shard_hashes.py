"""Hashes every shard of builds that use every step, format and option: the guard of a change without effect.

    python benchmarks/shard_hashes.py OUT.json [--data DATA] [--only NAME ...] [--compare OLD.json]

Builds the recipes of ``configs`` and, if DATA (by default ``../shared/data``) exists, recipes over it.
OUT.json gets the SHA-256 of each shard, and of the totals of each build. With ``--compare`` it prints SAME,
or every shard that differs from OLD.json, and exits with 1 if there is one. Run it before and after a change
on one machine: other versions of the libraries write other bytes. With ``--columns`` it hashes the values of
each column instead: a change of the format then shows which columns it left as they were.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "builder"))

from hanpack.building.run import build

ROOT = Path(__file__).parents[1]
EVALUATION_TEXTS = [{"path": "eval.txt", "records": "line"}]
# Recipes over DATA itself.
OVER_DATA: Mapping[str, Mapping[str, Any]] = {
    "corpora": {"sources": [{"path": "corpora"}]},
    "broken": {
        "sources": [{"path": "broken"}],
        "steps": {"script": "hans", "quotes": True, "width": True, "nfc": True, "controls": True},
        "duplicates": {"drop": "exact"},
    },
    "broken_lines": {
        "sources": [
            {"path": "broken/pinyin/*.txt", "records": "line"},
            {"path": "broken/pinyin/*.html"},
            {"path": "broken/mojibake/*.txt", "records": "paragraph"},
            {"path": "broken/**/*.jsonl"},
        ],
        "steps": {"script": "hans"},
    },
    "no_harm": {
        "sources": [{"path": "no_harm"}],
        "steps": {"script": "hans"},
        "chunks": {"policy": "structure", "max_tokens": 128},
        "duplicates": {"drop": "none"},
    },
    "encodings": {
        "sources": [{"path": "encodings"}],
        "steps": {"script": "tw", "phrases": True},
        "chunks": {"overlap": 40, "minimum": 60, "max_tokens": 200},
    },
}
# Recipes over the files that write_inputs makes; the last two have every option between them.
OVER_INPUTS: Mapping[str, Mapping[str, Any]] = {
    "damaged": {"sources": [{"path": "damaged.jsonl"}, {"path": "clean.jsonl"}], "steps": {"script": "hans"}},
    "options": {
        "sources": [{"path": "small.jsonl"}],
        "steps": {
            **dict.fromkeys(("controls", "nfc", "width", "quotes", "evasions"), True),
            "script": "hans",
            "redactions": "某",
        },
        "chunks": {"max_tokens": 384, "overlap": 32, "headings": True, "policy": "structure"},
        "more": {
            "chunks_small": {"max_tokens": 64},
            "chunks_rag": {"max_tokens": 256, "headings": True, "minimum": 30},
        },
        "packed": {"tokens": 512},
        "duplicates": {"drop": "near", "threshold": 0.8, "passages": "remove"},
        "splits": {"validation": 0.1, "test": 0.1},
        "decontamination": {"texts": EVALUATION_TEXTS, "action": "drop"},
    },
    "options2": {
        "sources": [{"path": "small.jsonl"}],
        "steps": {"script": "hk"},
        "packed": {"tokens": 2048},
        "duplicates": {"drop": "none", "passages": "mark"},
        "splits": {"validation": 0.2},
        "decontamination": {"texts": EVALUATION_TEXTS, "action": "flag"},
        "tokenizer": "cl100k_base",
    },
}
# How many documents of each corpus are in small.jsonl.
SMALL = {"laws_dev": 150, "provincial_reports_dev": 8, "traditional_official_dev": 150}


def write_inputs(data: Path, folder: Path) -> None:
    """Write the damaged pairs, a small corpus with near copies, and evaluation texts cut out of it."""
    pairs = [
        json.loads(line) for line in (data / "repair" / "damaged_dev.jsonl").read_text("utf-8").splitlines()
    ]
    damaged = [{"text": pair["damaged"], "id": pair["id"], "family": pair["family"]} for pair in pairs]
    _write_jsonl(folder / "damaged.jsonl", damaged)
    _write_jsonl(folder / "clean.jsonl", [{"text": pair["clean"], "id": pair["id"]} for pair in pairs])
    corpora = {
        name: list(_read_corpus(data / "corpora" / f"{name}.jsonl.gz", size)) for name, size in SMALL.items()
    }
    documents = [document for corpus in corpora.values() for document in corpus]
    for document in corpora["traditional_official_dev"][:60:3]:
        text = document["text"].replace("，", ",")
        documents.append({**document, "id": document["id"] + "copy", "text": text[: int(len(text) * 0.97)]})
    _write_jsonl(folder / "small.jsonl", documents)
    excerpts = [document["text"][200:320].replace("\n", " ").strip() for document in documents[5::40]]
    (folder / "eval.txt").write_text("".join(f"{text}\n" for text in excerpts), encoding="utf-8")


def _read_corpus(path: Path, size: int) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, islice(lines, size))


def _write_jsonl(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def write_recipes(data: Path, folder: Path) -> dict[str, Path]:
    """Write the recipes over ``data`` into ``folder``; returns them and those of ``configs``, by name."""
    recipes = {path.stem: path for path in sorted((ROOT / "configs").glob("*.yaml"))}
    if not data.is_dir():
        print(f"{data} is not a folder: only the recipes of configs are built")
        return recipes
    write_inputs(data, folder)
    for root, contents in ((data.resolve(), OVER_DATA), (folder, OVER_INPUTS)):
        for name, content in contents.items():
            recipes[name] = folder / f"{name}.yaml"
            recipes[name].write_text(
                yaml.safe_dump({"name": name, "root": str(root), **content}), encoding="utf-8"
            )
    return recipes


def hash_build(recipe: Path, out: Path, num_proc: int, *, columns: bool) -> dict[str, str]:
    """Build a recipe; returns the SHA-256 of each shard by its path in the build, and of the totals.

    With ``columns`` it is that of each column of a table and split.
    """
    done = build(recipe, out, num_proc=num_proc)
    if columns:
        hashes = hash_columns(out)
    else:
        hashes = {file.path: file.sha256 for file in done.manifest.files if file.path.startswith("data/")}
    totals = json.dumps(done.counts, sort_keys=True)
    return {**hashes, "totals": hashlib.sha256(totals.encode()).hexdigest()}


def hash_columns(out: Path) -> dict[str, str]:
    """The SHA-256 of the values of each column of each table and split, whatever the shards."""
    digests: dict[str, Any] = {}
    for path in sorted(out.glob("data/*/*.parquet")):
        with pq.ParquetFile(path) as shard:
            for rows in shard.iter_batches(1024):
                for name, column in zip(rows.schema.names, rows.columns, strict=True):
                    key = f"{path.parent.name}/{path.name.partition('-')[0]}/{name}"
                    values = json.dumps(column.to_pylist(), ensure_ascii=False)[1:-1] + ", "
                    digests.setdefault(key, hashlib.sha256()).update(values.encode())
    return {key: digest.hexdigest() for key, digest in digests.items()}


def compare(old: Mapping[str, str], new: Mapping[str, str], names: Sequence[str]) -> list[str]:
    """The shards of some builds that differ, are missing, or are new."""
    shards = sorted(shard for shard in old.keys() | new.keys() if shard.partition("/")[0] in names)
    return [shard for shard in shards if old.get(shard) != new.get(shard)]


def main() -> int:
    """Build, write the hashes, compare; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, metavar="OUT.json")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="build these recipes only")
    parser.add_argument("--num-proc", type=int, default=1)
    parser.add_argument("--columns", action="store_true", help="hash columns, not shards")
    parser.add_argument("--compare", type=Path, metavar="OLD.json")
    options = parser.parse_args()
    hashes: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as temporary:
        recipes = write_recipes(options.data, Path(temporary))
        names = options.only or list(recipes)
        for name in names:
            start = time.perf_counter()
            shards = hash_build(
                recipes[name], Path(temporary) / "builds" / name, options.num_proc, columns=options.columns
            )
            hashes |= {f"{name}/{shard}": digest for shard, digest in shards.items()}
            print(f"{name}: {len(shards) - 1} hashes, {time.perf_counter() - start:.1f} s", flush=True)
    options.out.write_text(json.dumps(hashes, indent=1) + "\n", encoding="utf-8")
    if options.compare is None:
        return 0
    different = compare(json.loads(options.compare.read_text(encoding="utf-8")), hashes, names)
    print("\n".join([f"different: {shard}" for shard in different] or [f"SAME: {len(hashes)} hashes"]))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
