"""What tests do with a small build: change its recipe, read its rows, hash its files, have it verified."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

from hanpack.audit.verification import Audit, verify
from hanpack.store.manifest import read_manifest


def to_jsonl(*texts: str) -> bytes:
    """JSON Lines with one text a line."""
    return "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts).encode()


def change_recipe(recipe: Path, **keys: object) -> None:
    """Change keys of a recipe."""
    content = yaml.safe_load(recipe.read_text(encoding="utf-8"))
    recipe.write_text(yaml.safe_dump({**content, **keys}, allow_unicode=True), encoding="utf-8")


def read_rows(out: Path, table: str, partition: str = "*") -> list[dict[str, Any]]:
    """The rows of a table of a build, of one partition or of all."""
    rows: list[dict[str, Any]] = []
    shards = sorted((out / "data" / table).glob(f"{partition}-*.parquet"))
    assert shards
    for shard in shards:
        rows += pq.read_table(shard).to_pylist()
    return rows


def read_states(out: Path) -> list[str]:
    """What became of each record, in order."""
    return [row["state"] for row in read_rows(out, "ledger")]


def hash_files(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file in a folder that is not hidden, by its path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def verify_build(out: Path) -> Audit:
    """Verify a build and its sources: there must be no fault, and nothing in it that was not checked."""
    audit = verify(out)
    assert audit.faults == []
    totals = read_manifest(out).totals
    chunks = sum(table["chunks"] for table in totals["tables"].values())
    expected = {"records": totals["records"], "documents": totals["documents"], "chunks": chunks}
    assert {what: audit.checked.get(what, 0) for what in expected} == expected
    return audit
