"""Finds the row of a table by its id, or by the beginning of its id if no other row has it.

This module is short because it is the one way in which all commands take ids.
"""

from __future__ import annotations

from collections.abc import Collection
from operator import itemgetter

import pyarrow.compute as pc

from hanpack.errors import UsageError
from hanpack.store.reader import BuildReader, Row
from hanpack.store.table_kinds import TableKind
from hanpack.wording import quote_argument

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
    ids: list[str] = []
    if reader.remote is None and may_begin_id(identity):
        for batch in reader.read_batches(table, ["id"]):
            column = batch.table.column("id")
            ids += column.filter(pc.starts_with(column, identity)).to_pylist()
    row = reader.find_row(table, choose_id(identity, ids, table, str(reader.place))) if ids else None
    if row is None:
        raise _explain_absence(reader, table, identity)
    return row


def _explain_absence(reader: BuildReader, table: str, identity: str) -> UsageError:
    """Why there is no such row: the id may be that of a document where one of a chunk is expected."""
    place = str(reader.place)
    named = quote_argument(place)
    chunks: list[Row] = []
    if TableKind.of(table) is TableKind.CHUNKS:
        columns = ["id", "chunk_index"]
        chunks = reader.read_matching(table, columns, ["document_id"], [identity]).to_pylist()
    if chunks:
        first = min(chunks, key=itemgetter("chunk_index"))["id"]
        what = f"{identity} is the id of a document, not of a chunk"
        todo = f"hanpack inspect {named} --document {identity} shows it; its first chunk is {first}"
        return UsageError(what, place, todo)
    if table == "documents" and (chunk := reader.find_row("chunks", identity)) is not None:
        what = f"{identity} is the id of a chunk, not of a document"
        return UsageError(what, place, f"its document is {chunk['document_id']}")
    todo = advise_on_length(identity) or f"hanpack inspect {named} --table {table} shows some ids"
    return UsageError(f"there is no row {identity!r} in {table}", place, todo)


def may_begin_id(text: str) -> bool:
    """Whether a text is long enough to be the beginning of an id, and is like one.

    >>> may_begin_id("3f09"), may_begin_id("a/b.txt"), may_begin_id("3f")
    (True, False, False)
    """
    return len(text) >= SHORTEST_BEGINNING and text.isalnum()


def advise_on_length(text: str) -> str:
    """What to do if a text is too short to be the beginning of an id; empty if it is not.

    >>> advise_on_length("3f"), advise_on_length("3f09")
    ('give at least 4 characters of the id', '')
    """
    is_short = text.isalnum() and not may_begin_id(text)
    return f"give at least {SHORTEST_BEGINNING} characters of the id" if is_short else ""


def choose_id(beginning: str, ids: Collection[str], table: str, place: str) -> str:
    """The id that begins so; ``ids`` are those of a table that do, of the build at ``place``.

    >>> choose_id("3f09", ["3f09aa", "3f09aa"], "documents", "dist/laws")
    '3f09aa'

    Raises:
        UsageError: there are several.
    """
    first, *others = sorted(set(ids))
    if others:
        what = f"{1 + len(others):,} ids in {table} begin with {beginning}"
        raise UsageError(what, place, f"give more of it, such as {first}")
    return first
