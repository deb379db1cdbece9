"""Checks what concerns all rows of a build: ids occur once, and copies name documents that count them.

Only columns of ids are read, and of them memory has those that are repeated, or name the document of a copy.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.audit.differences import name_place
from hanpack.audit.findings import Audit
from hanpack.reasons import Cause
from hanpack.steps.alignment import Flags
from hanpack.store.reader import BuildReader
from hanpack.store.spooled_arrays import SpooledArray, find_repeated, hash_strings

_LEDGER_COLUMNS = ("state", "cause", "duplicate_of")
_PLACE_COLUMNS = ("source", "record", "byte_start")


def check_distinct(audit: Audit, reader: BuildReader, table: str) -> None:
    """Check that no id of a table occurs twice."""
    keys = SpooledArray(np.dtype(np.uint64), Path(tempfile.gettempdir()))
    for batch in reader.read_batches(table, ["id"]):
        keys.append(hash_strings(batch.table.column("id")))
    repeated = find_repeated(keys)
    first, identities = 0, set()
    for batch in reader.read_batches(table, ["id"]) if len(repeated) else ():
        low, high = np.searchsorted(repeated, (first, first + batch.table.num_rows)).tolist()
        for row in (repeated[low:high] - first).tolist():
            identity = batch.table.column("id")[row].as_py()
            where = f"{batch.shard.path} row {batch.first + row}"
            audit.expect(identity not in identities, where, f"the id {identity} occurs twice")
            identities.add(identity)
        first += batch.table.num_rows


def check_copies(audit: Audit, reader: BuildReader) -> None:
    """Check that every copy names a document, and that each document counts its copies."""
    pieces = [batch.filter(_is_own_copy(batch)) for batch in _read_ledger(reader)]
    names = pa.chunked_array([piece.column("duplicate_of") for piece in pieces], pa.string())
    counts = pc.value_counts(names.drop_null())
    named, numbers = (pc.struct_field(counts, name) for name in ("values", "counts"))
    is_document = np.zeros(len(named), np.bool_)
    for batch in reader.read_batches("documents", ["id", "copies"]):
        places = pc.fill_null(pc.index_in(batch.table.column("id"), named), -1).to_numpy()
        is_named = places >= 0
        is_document[places[is_named]] = True
        expected = np.ones(len(places), np.int64)
        expected[is_named] += numbers.to_numpy()[places[is_named]]
        stated = batch.table.column("copies").to_numpy()
        for row in np.flatnonzero(stated != expected).tolist():
            where = f"{batch.shard.path} row {batch.first + row}"
            audit.expect(False, where, f"it was {expected[row]} records, but its copies are {stated[row]}")
    if names.null_count or not is_document.all():
        _report_unknown(audit, reader, named.filter(pa.array(is_document)))


def _report_unknown(audit: Audit, reader: BuildReader, documents: pa.Array) -> None:
    """Report the copies that name none of these documents."""
    for batch in reader.read_batches("ledger", [*_LEDGER_COLUMNS, *_PLACE_COLUMNS]):
        is_known = np.asarray(pc.is_in(batch.table.column("duplicate_of"), documents))
        for number in np.flatnonzero(_is_own_copy(batch.table) & ~is_known).tolist():
            row = batch.row(batch.first + number)
            original = row.values["duplicate_of"]
            where = name_place(row.place, row.values)
            audit.expect(False, where, f"it is a copy of {original}, which is no document")


def _read_ledger(reader: BuildReader) -> Iterator[pa.Table]:
    return (batch.table for batch in reader.read_batches("ledger", list(_LEDGER_COLUMNS)))


def _is_own_copy(ledger: pa.Table) -> Flags:
    """Whether the record of each row is a copy of a document of this build."""
    is_copy = np.asarray(pc.equal(ledger.column("state"), "duplicate"), np.bool_)
    is_elsewhere = pc.fill_null(pc.equal(ledger.column("cause"), Cause.COPY_ELSEWHERE.code), False)
    return is_copy & ~np.asarray(is_elsewhere, np.bool_)
