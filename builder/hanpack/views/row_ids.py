"""Finds the row of a table by its id, or by the beginning of its id if no other row has it."""

from __future__ import annotations

import pyarrow.compute as pc

from hanpack.errors import UsageError
from hanpack.store.reader import BuildReader, Row

# The beginning of an id has at least so many characters.
SHORTEST_BEGINNING = 4


def find_row(reader: BuildReader, table: str, identity: str) -> Row:
    """The row of a table that has an id, given as a whole or by its beginning.

    Of a build at a URL the whole id is needed: all ids would have to be read.

    Raises:
        UsageError: there is no such row, or several ids begin so.
        VerifyError: a shard cannot be read.
    """
    row = reader.find_row(table, identity)
    if row is not None:
        return row
    what = f"there is no row {identity!r} in {table}"
    ids: list[str] = []
    if reader.remote is None and len(identity) >= SHORTEST_BEGINNING and identity.isalnum():
        for batch in reader.read_batches(table, ["id"]):
            column = batch.table.column("id")
            ids += column.filter(pc.starts_with(column, identity)).to_pylist()
    if len(set(ids)) > 1:
        what = f"{len(set(ids)):,} ids in {table} begin with {identity}"
        raise UsageError(what, str(reader.place), f"give more of it, such as {ids[0]}")
    row = reader.find_row(table, ids[0]) if ids else None
    if row is None:
        todo = f"hanpack inspect {reader.place} --table {table} shows some ids"
        raise UsageError(what, str(reader.place), todo)
    return row
