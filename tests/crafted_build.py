"""Crafts builds as an attacker would: values of the manifest are changed, and all hashes are made to fit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.store.merkle import find_build_root
from hanpack.store.shards import ShardFile
from tests.forged_build import find_fitting_root

Content = dict[str, Any]


def craft_manifest(out: Path, change: Callable[[Content], object]) -> None:
    """Change the content of a build's manifest, and make its checksum fit."""
    path = out / "hanpack.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["checksum"]
    change(content)
    packed = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    content["checksum"] = hashlib.sha256(packed.encode("utf-8", "surrogatepass")).hexdigest()
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")


def set_value(value: object, *keys: str | int) -> Callable[[Content], None]:
    """A change of a manifest: the value at a path of keys becomes another."""

    def change(content: Content) -> None:
        inner: Any = content
        for key in keys[:-1]:
            inner = inner[key]
        inner[keys[-1]] = value

    return change


def craft_table(out: Path, table: str, change: Callable[[pa.Table], pa.Table]) -> None:
    """Change the only shard of a table, and make its hash and number of rows in the manifest fit."""
    (path,) = (out / "data" / table).glob("*.parquet")
    changed = change(pq.read_table(path, partitioning=None))
    pq.write_table(changed, path)
    refit_file(out, path.relative_to(out).as_posix(), changed.num_rows)


def refit_file(out: Path, name: str, rows: int | None = None) -> None:
    """Make the manifest's entry of a file fit the file as it is now."""

    def change(content: Content) -> None:
        (entry,) = [file for file in content["files"] if file["path"] == name]
        data = (out / name).read_bytes()
        entry |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        if rows is not None:
            entry["rows"] = rows
            if name.startswith("data/"):
                entry["root"] = find_fitting_root(out / name, ShardFile(**entry))
        content["merkle_root"] = find_build_root((file["path"], file["root"]) for file in content["files"])

    craft_manifest(out, change)


def change_rows(change: Callable[[list[dict[str, Any]]], object]) -> Callable[[pa.Table], pa.Table]:
    """A change of a table: that of its rows, which keep its schema."""

    def change_table(table: pa.Table) -> pa.Table:
        rows = table.to_pylist()
        change(rows)
        return pa.Table.from_pylist(rows, table.schema)

    return change_table


def set_column(name: str, value: object, row: int = 0) -> Callable[[pa.Table], pa.Table]:
    """A change of a table: one row of a column gets another value of the same type."""

    def change(table: pa.Table) -> pa.Table:
        values = table.column(name).to_pylist()
        values[row] = value
        index = table.column_names.index(name)
        return table.set_column(
            index, table.schema.field(name), pa.array(values, table.schema.field(name).type)
        )

    return change
