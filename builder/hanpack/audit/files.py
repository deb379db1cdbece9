"""Checks the files of a build: their hashes, files that the manifest does not list, and the columns."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from hanpack.audit.findings import Audit, Deviations
from hanpack.recipe import Recipe
from hanpack.store.manifest import ATTESTATION, DESCRIPTIONS, MANIFEST, SEARCH_INDEX, SIGNATURES, Manifest
from hanpack.store.merkle import LEAF_COLUMNS, RowTree, find_build_root
from hanpack.store.reader import BuildReader
from hanpack.store.shards import name_shard
from hanpack.store.source_list import MOST_LISTED, SOURCES_FILE
from hanpack.store.table_kinds import TableKind, find_schemas

# What the Hub and its clients, or git, put into a folder that was downloaded.
_FOREIGN = (".gitattributes", ".git/", ".cache/huggingface/")


def check_files(audit: Audit, reader: BuildReader) -> None:
    """Check that every file is as the manifest lists it, and that there are no others, hidden or not."""
    for file in reader.manifest.files:
        audit.count("files")
        now = reader.examine(file)
        audit.expect(now is not None, file.path, "the file is missing")
        if now is None:
            continue
        same = audit.expect(
            now.sha256 == file.sha256, file.path, f"its sha256 is {now.sha256}, not {file.sha256}"
        )
        audit.expect(now.bytes == file.bytes, file.path, f"it has {now.bytes} bytes, not {file.bytes}")
        if same and file.path.endswith(".parquet"):
            rows = reader.count_rows(file)
            audit.expect(rows == file.rows, file.path, f"it has {rows} rows, not {file.rows}")
    listed = {MANIFEST, *(file.path for file in reader.manifest.files)}
    foreign = []
    for name in _list_files(reader.folder):
        if name.startswith(_FOREIGN):
            foreign.append(name)
        elif name == ATTESTATION:
            audit.is_signed = True
        else:
            audit.expect(name in listed, name, "the manifest does not list this file")
    if foreign:
        audit.notes.append(f"{len(foreign):,} files that git or the Hub adds were not checked: {foreign[0]}")


def _list_files(folder: Path) -> Iterator[str]:
    """The paths of all files, links and empty folders below a folder, in order."""
    paths = []
    for parent, folders, names in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        paths += [Path(parent) / name for name in (*names, *links)]
        if not names and not folders and Path(parent) != folder:
            paths.append(Path(parent))
    return iter(sorted(path.relative_to(folder).as_posix() for path in paths))


def check_tables(deviations: Deviations, reader: BuildReader, recipe: Recipe) -> bool:
    """Check that the build has the tables, splits and columns that its recipe asks for, and no others.

    Returns whether it has all of the columns, so that its rows can be read.
    """
    schemas = find_schemas(recipe)
    named = list(reader.tables)
    is_long = len(reader.manifest.sources) > MOST_LISTED
    paths = [
        *DESCRIPTIONS,
        *([SOURCES_FILE] if is_long else []),
        *([SEARCH_INDEX] if recipe.search_index else []),
        *([SIGNATURES] if recipe.duplicates.signatures else []),
    ]
    complete = deviations.expect(
        named == list(schemas), MANIFEST, f"it has the tables {named}, but its recipe gives {list(schemas)}"
    )
    for name, schema in schemas.items():
        if name not in named:
            continue
        partitions = recipe.splits.names if TableKind.of(name).is_partitioned else recipe.splits.names[:1]
        splits = reader.partitions(name)
        complete &= deviations.expect(
            splits == partitions,
            f"data/{name}",
            f"it has the splits {list(splits)}, but its recipe gives {list(partitions)}",
        )
        for partition in partitions:
            count = len(reader.shards(name, partition))
            paths += [name_shard(name, partition, index, count) for index in range(count)]
        first = reader.schema(name)
        for shard in reader.shards(name):
            columns = reader.shard_schema(shard)
            complete &= _check_columns(deviations, shard.path, columns, schema)
            same = columns.equals(first)
            complete &= deviations.expect(same, shard.path, "its columns are not those of the first shard")
    listed = [file.path for file in reader.manifest.files]
    deviations.audit.expect(
        listed == paths or not complete, MANIFEST, f"its files are not {', '.join(paths)}"
    )
    return complete and listed == paths


def check_roots(audit: Audit, reader: BuildReader, replayed: Manifest | None = None) -> None:
    """Check that the Merkle roots in the manifest are those of the rows.

    If a replay gave the same bytes, its manifest is ``replayed``, which has the roots of the same rows.
    """
    roots = {file.path: file.root for file in replayed.files} if replayed else {}
    for file in reader.manifest.files:
        if not file.path.startswith("data/"):
            audit.expect(not file.root, file.path, "the manifest gives it a root, but it has no rows")
            continue
        root = roots.get(file.path)
        if root is None:
            tree = RowTree(TableKind.of(file.table))
            for batch in reader.read_shard(file, LEAF_COLUMNS.get(TableKind.of(file.table), ())):
                tree.add(batch.table)
            root = tree.find_root()
        audit.expect(file.root == root, file.path, f"its rows have the root {root}, not {file.root}")
    stated = reader.manifest.merkle_root
    root = find_build_root((file.path, file.root) for file in reader.manifest.files)
    audit.expect(stated == root, MANIFEST, f"its merkle_root is {stated}, but its shards give {root}")


def _check_columns(deviations: Deviations, place: str, columns: pa.Schema, expected: pa.Schema) -> bool:
    """Check the columns of a shard, and that nothing is hidden in its metadata; False if one is missing."""
    for key in sorted(columns.metadata or {}):
        deviations.expect(False, place, f"its metadata has the key {key.decode('utf-8', 'replace')!r}")
    added = [name for name in columns.names if name not in expected.names]
    missing = [name for name in expected.names if columns.names.count(name) != 1]
    deviations.expect(not added, place, f"it has the columns {added}, which its recipe does not give")
    if not deviations.expect(not missing, place, f"it does not have the columns {missing} once"):
        return False
    in_order = [name for name in columns.names if name in expected.names] == expected.names
    deviations.expect(in_order, place, f"its columns are in the order {columns.names}")
    complete = True
    for field in expected:
        stated = columns.field(field.name)
        same = stated.equals(pa.field(field.name, field.type))
        complete &= deviations.expect(same, place, f"its column {field.name} has the type {stated.type}")
        is_bare = not _has_metadata(stated)
        deviations.expect(is_bare, place, f"its column {field.name} has metadata of its own")
    return complete


def _has_metadata(field: pa.Field) -> bool:
    """Whether a column, or a field in it, has key-value metadata."""
    inner = [field.type.field(index) for index in range(field.type.num_fields)]
    return bool(field.metadata) or any(map(_has_metadata, inner))
