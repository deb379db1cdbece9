"""Changes the rows of a build and makes everything else fit: hashes, figures, card and manifest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.recipe import Recipe
from hanpack.store.card import write_card
from hanpack.store.figures import FigureCounter
from hanpack.store.manifest import MANIFEST, Manifest, dump_manifest, read_manifest
from hanpack.store.shards import ShardFile, describe_file

TableRows = list[dict[str, Any]]
Change = Callable[[dict[str, TableRows]], None]
# The shard a row came from, which no table has as a column.
SHARD = "shard"


def forge(out: Path, change: Change) -> None:
    """Change the rows of all tables of a build, given by name; each row stays in its split."""
    manifest = read_manifest(out)
    shards = [file for files in manifest.tables.values() for file in files]
    schemas = {file.path: pq.read_schema(out / file.path) for file in shards}
    tables: dict[str, TableRows] = {}
    for file in shards:
        rows = pq.read_table(out / file.path).to_pylist()
        tables.setdefault(file.path.split("/")[1], []).extend({**row, SHARD: file.path} for row in rows)
    change(tables)
    counter = FigureCounter()
    written = []
    for file in shards:
        name = file.path.split("/")[1]
        rows = [row for row in tables[name] if row[SHARD] == file.path]
        table = pa.Table.from_pylist(rows, schemas[file.path])
        pq.write_table(counter.count(name, table, file.partition), out / file.path)
        written.append(describe_file(out / file.path, out, len(rows)))
    _finish(out, replace(manifest, totals=counter.figures()), written)


def _finish(out: Path, manifest: Manifest, shards: list[ShardFile]) -> None:
    """Write the card and the manifest of a build again for these shards; the Croissant file stays."""
    card = write_card(out, replace(manifest, files=shards), Recipe.model_validate(manifest.recipe).card)
    croissant = describe_file(out / "croissant.json", out)
    whole = replace(manifest, files=[card, croissant, *shards])
    (out / MANIFEST).write_text(dump_manifest(whole), encoding="utf-8")


def change_manifest(out: Path, **values: Any) -> None:
    """Change values of a build's manifest."""
    (out / MANIFEST).write_text(dump_manifest(replace(read_manifest(out), **values)), encoding="utf-8")
