"""Makes ids unique, and counts by id what needs all documents of a build: the copies of each.

The second document or chunk with the same text gets the id ``ID-2``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc

from hanpack.store.part_index import PartIndex, Parts
from hanpack.store.table_kinds import TableKind

DOCUMENTS, LEDGER = TableKind.DOCUMENTS.value, TableKind.LEDGER.value
# For each part in which an id had to be changed, the new ids of all its rows.
NewIds = Mapping[int, Sequence[str]]
# For each part with a document that has copies, how many records each document of the part was.
Copies = Mapping[int, Sequence[int]]


@dataclass(frozen=True, slots=True)
class FinalIds:
    """The ids of a build where they are not those of its parts.

    ``documents`` has the new ids of documents, ``chunks`` those of chunks by the name of their table.
    ``originals`` has the final ids of the documents in ``duplicate_of``, by their ids in the parts.
    ``copies`` says how many records each document was: itself and those that name it in ``duplicate_of``.
    """

    documents: NewIds
    chunks: Mapping[str, NewIds]
    originals: Mapping[str, str] = field(default_factory=dict)
    copies: Copies = field(default_factory=dict)


def find_final_ids(parts: Parts) -> FinalIds:
    """Find the ids that have to be changed so that those of each table are unique."""
    index = parts.current
    documents = find_new_ids(index, DOCUMENTS)
    originals = _find_originals(parts, documents)
    return FinalIds(
        documents=documents,
        chunks={
            name: find_new_ids(index, name) for name in index.tables if TableKind.of(name) is TableKind.CHUNKS
        },
        originals=originals,
        copies=_count_copies(index, documents, originals),
    )


def find_new_ids(index: PartIndex, name: str) -> NewIds:
    """New ids for the parts with a text that occurred before: the second occurrence becomes ``ID-2``."""
    column = index.tables[name].column("id")
    if pc.count_distinct(column).as_py() == len(column):
        return {}
    ids: list[str] = column.to_pylist()
    new_ids: list[str] = []
    occurrences: Counter[str] = Counter()
    for identity in ids:
        occurrences[identity] += 1
        number = occurrences[identity]
        new_ids.append(identity if number == 1 else f"{identity}-{number}")
    starts = index.starts[name].tolist()
    return {
        part: new_ids[start:end]
        for part, (start, end) in enumerate(pairwise(starts))
        if new_ids[start:end] != ids[start:end]
    }


def _find_originals(parts: Parts, documents: NewIds) -> Mapping[str, str]:
    """The final ids of the documents in ``duplicate_of``, by the ids these had before any revision.

    If several documents had the same id, because they had the same text, it is the final id of the first.
    """
    before, now = parts.unrevised.tables[LEDGER], parts.current.tables[LEDGER]
    kept_ids = set(now.column("duplicate_of").drop_null().to_pylist())
    if not kept_ids:
        return {}
    has_document = now.column("document_id").is_valid()
    old_ids = before.column("document_id").filter(has_document).to_pylist()
    new_ids = now.column("document_id").filter(has_document).to_pylist()
    starts = parts.current.starts[DOCUMENTS].tolist()
    for part, ids in documents.items():
        new_ids[starts[part] : starts[part + 1]] = ids
    originals: dict[str, str] = {}
    for old, new in zip(old_ids, new_ids, strict=True):
        if old in kept_ids:
            originals.setdefault(old, new)
    return originals


def _count_copies(index: PartIndex, documents: NewIds, originals: Mapping[str, str]) -> Copies:
    """How many records each document was, for the parts with a document that has copies."""
    named = index.tables[LEDGER].column("duplicate_of").drop_null()
    if not len(named):
        return {}
    counts = {
        originals.get(entry["values"], entry["values"]): 1 + entry["counts"]
        for entry in pc.value_counts(named).to_pylist()
    }
    ids: list[str] = index.tables[DOCUMENTS].column("id").to_pylist()
    starts = index.starts[DOCUMENTS].tolist()
    copies: dict[int, list[int]] = {}
    for part, (start, end) in enumerate(pairwise(starts)):
        final_ids = documents.get(part, ids[start:end])
        if any(identity in counts for identity in final_ids):
            copies[part] = [counts.get(identity, 1) for identity in final_ids]
    return copies


def set_ids(table: pa.Table, column: str, values: Sequence[str | None]) -> pa.Table:
    """A table with other values in a column of strings."""
    index = table.column_names.index(column)
    return table.set_column(index, table.schema.field(index), pa.array(values, pa.string()))
