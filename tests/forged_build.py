"""Forges builds: changes rows, files or the manifest, and makes everything else fit.

A forger has the code that builds: shards are written as hanpack writes them, and the hashes, rows, totals,
card, Croissant metadata, fingerprint and checksum are those of the forged build.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.recipe import Recipe
from hanpack.store.card import write_card
from hanpack.store.croissant import write_croissant
from hanpack.store.figures import FigureCounter
from hanpack.store.histogram import write_picture
from hanpack.store.manifest import (
    DESCRIPTIONS,
    MANIFEST,
    Manifest,
    dump_manifest,
    make_fingerprint,
    read_manifest,
)
from hanpack.store.merkle import RowTree, find_build_root
from hanpack.store.shards import PARQUET, ShardFile, describe_file, write_shard
from hanpack.store.spdx import write_spdx
from hanpack.store.table_kinds import TableKind, find_schemas

TableRows = list[dict[str, Any]]
Change = Callable[[dict[str, TableRows]], None]
# What a forger does to the build in a folder.
Forgery = Callable[[Path], None]
# The shard a row came from, which no table has as a column.
SHARD = "shard"


def forge(out: Path, change: Change, **values: Any) -> None:
    """Change the rows of all tables of a build, given by name; each row stays in the split of its shard.

    ``values`` are those of the manifest that are changed too.
    """
    manifest = replace(read_manifest(out), **values)
    shards = _list_shards(manifest)
    schemas = find_schemas(Recipe.model_validate(manifest.recipe))
    tables: dict[str, TableRows] = {}
    for file in shards:
        rows = pq.read_table(out / file.path).to_pylist()
        tables.setdefault(_table_of(file), []).extend({**row, SHARD: file.path} for row in rows)
    change(tables)
    counter = FigureCounter()
    written: list[ShardFile] = []
    for file in shards:
        name = _table_of(file)
        rows = [row for row in tables[name] if row[SHARD] == file.path]
        table = counter.count(name, pa.Table.from_pylist(rows, schemas[name]), file.partition)
        groups = [table] if table.num_rows else []
        write_shard(out / file.path, table.schema, groups, lambda _: None)
        written.append(describe_file(out / file.path, out, table.num_rows))
    _finish(out, replace(manifest, totals=counter.figures()), written)


def change_row(table: str, number: int = 0, **functions: Callable[[Any], Any]) -> Change:
    """A change of one row of a table: each named value becomes what its function makes of it."""

    def change(tables: dict[str, TableRows]) -> None:
        row = tables[table][number]
        row.update({name: function(row[name]) for name, function in functions.items()})

    return change


def change_state(state: str, **values: Any) -> Change:
    """A change of the first ledger row with a state: it gets other values."""

    def change(tables: dict[str, TableRows]) -> None:
        next(row for row in tables["ledger"] if row["state"] == state).update(values)

    return change


def change_manifest(out: Path, **values: Any) -> None:
    """Change values of a build's manifest."""
    manifest = replace(read_manifest(out), **values)
    _finish(out, manifest, _list_shards(manifest), fingerprint=values.get("fingerprint"))


def change_recipe(out: Path, **values: Any) -> None:
    """Change keys of the recipe of a build; a mapping changes the keys in it."""
    recipe = dict(read_manifest(out).recipe)
    for key, value in values.items():
        recipe[key] = {**recipe[key], **value} if isinstance(value, Mapping) and recipe[key] else value
    change_manifest(out, recipe=recipe)


def change_tables(out: Path, table: str, change: Callable[[pa.Table], pa.Table], **options: Any) -> None:
    """Change the Arrow table of every shard of a table; ``options`` are those of the Parquet writer."""
    manifest = read_manifest(out)
    written = []
    for file in _list_shards(manifest):
        path = out / file.path
        if _table_of(file) == table:
            changed = change(pq.read_table(path))
            pq.write_table(
                changed, path, **{**PARQUET, "row_group_size": changed.num_rows or None, **options}
            )
        written.append(describe_file(path, out, file.rows))
    _finish(out, manifest, written)


def change_file(out: Path, name: str, old: str, new: str) -> None:
    """Change the words of the card or of the Croissant metadata, and its hash in the manifest."""
    path = out / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    manifest = read_manifest(out)
    files = [describe_file(path, out) if file.path == name else file for file in manifest.files]
    (out / MANIFEST).write_text(dump_manifest(replace(manifest, files=files)), encoding="utf-8")


def find_fitting_root(path: Path, file: ShardFile) -> str:
    """The Merkle root that fits the rows of a shard; what it was if its columns do not fit."""
    tree = RowTree(TableKind.of(file.table))
    try:
        tree.add(pq.read_table(path, partitioning=None))
    except (pa.ArrowException, KeyError, ValueError, TypeError):
        return file.root
    return tree.find_root()


def _table_of(file: ShardFile) -> str:
    return file.path.split("/")[1]


def _list_shards(manifest: Manifest) -> list[ShardFile]:
    return [file for files in manifest.tables.values() for file in files]


def _finish(out: Path, manifest: Manifest, shards: list[ShardFile], fingerprint: str | None = None) -> None:
    """Write the card, the Croissant metadata and the manifest of a build again for these shards."""
    inputs = (*manifest.sources, *manifest.evaluation)
    fitting = fingerprint or make_fingerprint(
        manifest.recipe, manifest.versions, inputs, manifest.withdrawals
    )
    shards = [replace(file, root=find_fitting_root(out / file.path, file)) for file in shards]
    merkle_root = find_build_root((file.path, file.root) for file in shards)
    # Indexes, signatures and the list of sources stay as they are.
    others = [
        describe_file(out / file.path, out, file.rows)
        for file in manifest.files
        if file.path not in DESCRIPTIONS and not file.path.startswith("data/")
    ]
    files = [*others, *shards]
    described = replace(manifest, files=files, fingerprint=fitting, merkle_root=merkle_root)
    card = write_card(out, described, Recipe.model_validate(manifest.recipe).card)
    picture = write_picture(out, described)
    croissant = write_croissant(out, replace(described, files=[card, picture, *files]))
    spdx = write_spdx(out, replace(described, files=[card, croissant, picture, *files]))
    whole = replace(described, files=[card, croissant, picture, spdx, *files])
    (out / MANIFEST).write_text(dump_manifest(whole), encoding="utf-8")
