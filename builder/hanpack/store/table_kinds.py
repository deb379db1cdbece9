"""The kinds of table: their schemas, and everything else that differs between them.

Rows of every kind are in the order of the records.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanpack.recipe import Recipe
from hanpack.store.edits import EDITS_TYPE
from hanpack.store.metadata import METADATA_TYPE

Numbers = npt.NDArray[np.int64]
Names = npt.NDArray[np.object_]

_BOX = [(name, pa.float64()) for name in ("left", "top", "right", "bottom")]
_PAGE_BOXES = pa.list_(pa.struct([("page", pa.int32()), *_BOX]))
_PLACED_TEXTS = pa.list_(pa.struct([("start", pa.int64()), ("end", pa.int64()), ("page", pa.int32()), *_BOX]))
_CHUNKS = pa.schema(
    [
        ("id", pa.string()),
        ("text", pa.string()),
        ("token_count", pa.int32()),
        ("document_id", pa.string()),
        ("chunk_index", pa.int32()),
        ("section", pa.list_(pa.string())),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("source", pa.string()),
        ("source_sha256", pa.string()),
        ("byte_start", pa.int64()),
        ("byte_end", pa.int64()),
        ("pages", _PAGE_BOXES),
        ("metadata", METADATA_TYPE),
    ]
)
_HEADING = pa.field("heading_characters", pa.int32())
_PACKED = pa.schema(
    [
        ("input_ids", pa.list_(pa.int32())),
        ("token_count", pa.int32()),
        ("document_ids", pa.list_(pa.string())),
        ("starts", pa.list_(pa.int32())),
        ("seq_lengths", pa.list_(pa.int32())),
        ("document_starts", pa.list_(pa.int64())),
    ]
)
_DOCUMENTS = pa.schema(
    [
        ("id", pa.string()),
        ("text", pa.string()),
        ("source", pa.string()),
        ("source_sha256", pa.string()),
        ("byte_start", pa.int64()),
        ("byte_end", pa.int64()),
        ("encoding", pa.string()),
        ("script", pa.string()),
        ("token_count", pa.int64()),
        ("chunk_count", pa.int32()),
        ("copies", pa.int32()),
        ("pages", _PLACED_TEXTS),
        ("metadata", METADATA_TYPE),
        ("edits", EDITS_TYPE),
        ("text_breaks", pa.list_(pa.int64())),
        ("byte_breaks", pa.list_(pa.int64())),
        ("han_share", pa.float64()),
        ("digit_share", pa.float64()),
        ("punctuation_share", pa.float64()),
        ("repeated_line_share", pa.float64()),
        ("mean_line_length", pa.float64()),
        ("perplexity", pa.float64()),
        ("damage_left", pa.int32()),
    ]
)
# What is compared between documents. ``exact`` (a hash of 128 bits), ``length`` (characters) and ``bands``
# (MinHash) are of the folded text; ``damage`` counts repairs and the damage that is left. The lists after
# them have a value for each sentence: the hash of its folded text, the start and end of its span in the
# document, and its folded length. They are empty if the recipe does not look for passages.
_FEATURES = pa.schema(
    [
        ("exact", pa.binary(16)),
        ("length", pa.int64()),
        ("damage", pa.int64()),
        ("bands", pa.list_(pa.uint32())),
        ("hashes", pa.list_(pa.uint64())),
        ("starts", pa.list_(pa.int64())),
        ("ends", pa.list_(pa.int64())),
        ("lengths", pa.list_(pa.int32())),
    ]
)
_LEDGER = pa.schema(
    [
        ("source", pa.string()),
        ("record", pa.int64()),
        ("byte_start", pa.int64()),
        ("byte_end", pa.int64()),
        ("state", pa.string()),
        ("reason", pa.string()),
        ("cause", pa.string()),
        ("document_id", pa.string()),
        ("duplicate_of", pa.string()),
        ("bytes_kept", pa.int64()),
        ("bytes_removed", pa.list_(pa.struct([("step", pa.string()), ("bytes", pa.int64())]))),
        ("similarity", pa.float64()),
        ("lost_values", pa.list_(pa.string())),
        ("split", pa.string()),
        ("license", pa.string()),
        ("domain", pa.string()),
        ("url", pa.string()),
    ]
)


class TableKind(Enum):
    """A kind of table, by the beginning of its name: a recipe may ask for several tables of chunks.

    >>> TableKind.of("chunks_small") is TableKind.CHUNKS
    True
    """

    CHUNKS = "chunks"
    PACKED = "packed"
    DOCUMENTS = "documents"
    LEDGER = "ledger"
    # Only in parts: what is compared between documents, a row for each document.
    FEATURES = "dedup_features"

    @classmethod
    def of(cls, name: str) -> TableKind:
        """The kind of the table ``name``.

        Raises:
            ValueError: no build has a table of this name.
        """
        return cls.CHUNKS if name.startswith("chunks_") else cls(name)

    @property
    def schema(self) -> pa.Schema:
        """All columns of the kind in a part; a build leaves out those that its recipe does not need."""
        return _SCHEMAS[self]

    @property
    def is_partitioned(self) -> bool:
        """Whether each partition has its own shards; the ledger accounts for all records in one table."""
        return self is not TableKind.LEDGER

    @property
    def indexed_columns(self) -> tuple[str, ...]:
        """The columns that every build needs of every part: see :mod:`hanpack.store.part_index`."""
        return _INDEXED_COLUMNS[self]

    def count_record_rows(self, table: pa.Table, has_document: npt.NDArray[np.bool_]) -> Numbers:
        """The number of rows of each record in a table of some parts; not for packed sequences.

        ``has_document`` says of each record whether it was kept.
        """
        counts = has_document.astype(np.int64)
        if self is TableKind.LEDGER:
            return np.ones_like(counts)
        if self is TableKind.CHUNKS:
            counts[has_document] = count_chunks(table)
        return counts

    def find_partitions(self, table: pa.Table, document_partitions: Names) -> Names:
        """The partition of each row of a part's table, from those of the part's documents."""
        if self is TableKind.CHUNKS:
            return np.repeat(document_partitions, count_chunks(table))
        if self is TableKind.PACKED:
            return _find_packed_partitions(table, document_partitions)
        return document_partitions


_SCHEMAS: Mapping[TableKind, pa.Schema] = {
    TableKind.CHUNKS: _CHUNKS.append(_HEADING),
    TableKind.PACKED: _PACKED,
    TableKind.DOCUMENTS: _DOCUMENTS,
    TableKind.LEDGER: _LEDGER,
    TableKind.FEATURES: _FEATURES,
}
# Of a table of chunks only the ids are needed.
_INDEXED_COLUMNS: Mapping[TableKind, tuple[str, ...]] = {
    TableKind.CHUNKS: ("id",),
    TableKind.PACKED: (),
    TableKind.DOCUMENTS: ("id",),
    TableKind.LEDGER: tuple(_LEDGER.names),
    TableKind.FEATURES: ("exact", "length", "damage", "bands"),
}
# The tables that every build has, the default configuration first.
BASIC_TABLES = (TableKind.CHUNKS.value, TableKind.DOCUMENTS.value, TableKind.LEDGER.value)


def find_schemas(recipe: Recipe) -> dict[str, pa.Schema]:
    """The schema of each table of a recipe, by its name, in the order of a build.

    A table of chunks has ``heading_characters`` only with headings, the ledger ``split`` only with splits.
    """
    chunks = {
        name: TableKind.CHUNKS.schema if budget.headings else _CHUNKS
        for name, budget in recipe.budgets.items()
    }
    packed = {TableKind.PACKED.value: _PACKED} if recipe.packed else {}
    ledger = _LEDGER if recipe.splits.rules else _LEDGER.remove(_LEDGER.get_field_index("split"))
    return {**chunks, **packed, TableKind.DOCUMENTS.value: _DOCUMENTS, TableKind.LEDGER.value: ledger}


def count_chunks(table: pa.Table) -> Numbers:
    """The number of chunks of each document in a table of chunks."""
    firsts = np.flatnonzero(np.asarray(table.column("chunk_index")) == 0)
    return np.diff(np.append(firsts, table.num_rows))


def count_packed(table: pa.Table, has_document: npt.NDArray[np.bool_], records: Sequence[int]) -> Numbers:
    """The number of packed sequences of each of several parts in a table of them all; shape (parts,).

    ``has_document`` says of each record whether it was kept, ``records`` how many records each part has.
    """
    documents = sum_parts(has_document, records)
    parts = np.searchsorted(np.cumsum(documents), count_begun(table))
    counts: Numbers = np.bincount(parts, minlength=len(documents))
    return counts


def sum_parts(values: npt.NDArray[np.generic], sizes: Sequence[int]) -> Numbers:
    """The sum of the values of each part, which has ``sizes`` of them; shape (parts,).

    >>> sum_parts(np.array([5, 1, 2]), [1, 0, 2]).tolist()
    [5, 0, 3]
    """
    totals: Numbers = np.concatenate(([0], np.cumsum(values, dtype=np.int64)))[np.cumsum(sizes)]
    return np.diff(totals, prepend=0)


def count_begun(table: pa.Table) -> Numbers:
    """How many documents have begun with each packed sequence and those before it; shape (sequences,).

    Every document begins in exactly one sequence.
    """
    return np.cumsum(
        [starts.count(0) for starts in table.column("document_starts").to_pylist()], dtype=np.int64
    )


def _find_packed_partitions(table: pa.Table, document_partitions: Names) -> Names:
    """The partition of each packed sequence of a part.

    The sequences of a partition are adjacent, partitions in the order of their names, so the number of
    documents begun so far gives the partition of a sequence. Ids cannot be used, because two documents in
    different partitions may have the same id.
    """
    names, counts = np.unique(document_partitions, return_counts=True)
    return np.asarray(names[np.searchsorted(np.cumsum(counts), count_begun(table))], dtype=object)
