"""Makes the Arrow tables of a part from the outcomes of a batch's records, column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from hanpack.model import DocumentRow, Outcome, PackedRow, Record
from hanpack.secrets import redact, redact_metadata
from hanpack.steps.quality import FIGURES, QualityFigures
from hanpack.store.arrays import list_column, text_column
from hanpack.store.chunk_metadata import describe_chunks
from hanpack.store.dedup_features import dedup_features_table
from hanpack.store.edits import edits_to_compact_arrow
from hanpack.store.metadata import find_rights, metadata_column
from hanpack.store.part_files import LARGE_TABLE
from hanpack.store.table_kinds import TableKind

Tables = dict[str, pa.Table]
# The values of a column.
Values: TypeAlias = Sequence[object] | pa.Array
# Documents with so many breaks and edits altogether are long.
_MANY = 1 << 18


@dataclass(frozen=True, slots=True, eq=False)
class UnmadeTable:
    """A table whose columns are made when they are taken: each of a long record takes its size or more.

    The types of large columns may be more compact than those of ``schema``.
    """

    schema: pa.Schema
    columns: Mapping[str, Callable[[], Values]]

    @property
    def column_names(self) -> list[str]:
        """The names of its columns, in order."""
        names: list[str] = self.schema.names
        return names

    def select(self, names: Sequence[str]) -> pa.Table:
        """A table with some of its columns."""
        fields = [self.schema.field(name) for name in names]
        arrays = [_to_array(self.columns[field.name](), field.type) for field in fields]
        table = pa.Table.from_arrays(arrays, list(names))
        # Only streams, which large tables are written as, can have coded names.
        return table if table.nbytes > LARGE_TABLE else table.cast(pa.schema(fields))

    def make(self) -> pa.Table:
        """The table with all columns, of the types of the schema."""
        return self.select(self.column_names).cast(self.schema)


# Tables one by one, each with its name.
NamedTables = Iterable[tuple[str, pa.Table | UnmadeTable]]
# The values of each column, by its name.
Columns = Mapping[str, Values]


def make_tables(outcomes: Sequence[Outcome], schemas: Mapping[str, pa.Schema]) -> Tables:
    """Make the tables of a part from the outcomes of a batch; see :func:`iterate_tables`."""
    return {
        name: table.make() if isinstance(table, UnmadeTable) else table
        for name, table in iterate_tables(outcomes, schemas)
    }


def iterate_tables(
    outcomes: Sequence[Outcome], schemas: Mapping[str, pa.Schema]
) -> Iterator[tuple[str, pa.Table | UnmadeTable]]:
    """Make the tables of a part from the outcomes of a batch, each with its name; rows are in their order.

    The tables are those of ``schemas``, with an empty table of packed sequences, and the dedup features. The
    first is the ledger; that of a part always has the column ``split``. No table is kept: of a long record
    each takes several times its size. Of long documents the columns are not made yet.
    """
    kept = [(outcome, outcome.document) for outcome in outcomes if outcome.document is not None]
    metadata = metadata_column([redact_metadata(document.metadata) for _, document in kept])
    ledger = TableKind.LEDGER
    yield ledger.value, _to_table(ledger, _list_records(outcomes, metadata), ledger.schema)
    features = [document.dedup_features for _, document in kept]
    yield TableKind.FEATURES.value, dedup_features_table(features)
    for name, schema in schemas.items():
        kind = TableKind.of(name)
        if kind is TableKind.CHUNKS:
            yield name, _to_table(kind, _list_chunks(kept, metadata, name), schema)
        elif kind is TableKind.PACKED:
            yield name, packed_table(())
    # Last, and that of a long record, which is alone, without its chunks: these take as much as its text.
    counts = [len(document.chunks["chunks"]) for _, document in kept]
    is_alone = len(kept) == 1
    documents = [
        (outcome.record, replace(document, chunks={}) if is_alone else document) for outcome, document in kept
    ]
    del outcomes, kept
    schema = schemas[TableKind.DOCUMENTS.value]
    yield TableKind.DOCUMENTS.value, _list_long_documents(documents, counts, metadata, schema)


def packed_table(rows: Sequence[PackedRow]) -> pa.Table:
    """Make the table of packed sequences."""
    kind = TableKind.PACKED
    columns = {name: [getattr(row, name) for row in rows] for name in kind.schema.names}
    return _to_table(kind, columns, kind.schema)


def _to_table(kind: TableKind, columns: Columns, schema: pa.Schema) -> pa.Table:
    """A table with the columns of ``schema``, from exactly the columns of the kind."""
    _require_columns(kind, columns)
    return pa.Table.from_arrays(
        [_to_array(columns[field.name], field.type) for field in schema], schema=schema
    )


def _list_long_documents(
    rows: Sequence[tuple[Record, DocumentRow]],
    chunk_counts: Sequence[int],
    metadata: pa.Array,
    schema: pa.Schema,
) -> pa.Table | UnmadeTable:
    """The table of documents with these records; it is not made yet if they are long."""
    columns = _list_documents(rows, chunk_counts, metadata)
    _require_columns(TableKind.DOCUMENTS, columns)
    table = UnmadeTable(schema, columns)
    is_long = sum(len(document.edits) + len(document.alignment.text) for _, document in rows) > _MANY
    return table if is_long else table.make()


def _require_columns(kind: TableKind, columns: Mapping[str, object]) -> None:
    if columns.keys() != set(kind.schema.names):
        raise AssertionError(f"{kind.value} has other columns: {columns.keys() ^ set(kind.schema.names)}")


def _to_array(values: Values, kind: pa.DataType) -> pa.Array:
    return values if isinstance(values, pa.Array) else pa.array(values, kind)


def _list_chunks(kept: Sequence[tuple[Outcome, DocumentRow]], metadata: pa.Array, name: str) -> Columns:
    rows = [
        (outcome.record.source, document, chunk)
        for outcome, document in kept
        for chunk in document.chunks[name]
    ]
    chunk_counts = [len(document.chunks[name]) for _, document in kept]
    return {
        "id": [chunk.id for _, _, chunk in rows],
        "text": text_column([chunk.text for _, _, chunk in rows]),
        "token_count": [chunk.token_count for _, _, chunk in rows],
        "document_id": [document.id for _, document, _ in rows],
        "chunk_index": [chunk.index for _, _, chunk in rows],
        "section": [chunk.section for _, _, chunk in rows],
        "start": [chunk.start for _, _, chunk in rows],
        "end": [chunk.end for _, _, chunk in rows],
        "source": [source.path for source, _, _ in rows],
        "source_sha256": [source.sha256 for source, _, _ in rows],
        "byte_start": [chunk.byte_start for _, _, chunk in rows],
        "byte_end": [chunk.byte_end for _, _, chunk in rows],
        "pages": [[asdict(box) for box in chunk.pages] for _, _, chunk in rows],
        "metadata": describe_chunks(
            metadata,
            np.repeat(np.arange(len(kept)), chunk_counts),
            np.array([chunk.byte_start for _, _, chunk in rows], np.int64),
            np.array([chunk.byte_end for _, _, chunk in rows], np.int64),
        ),
        "heading_characters": [chunk.heading_characters for _, _, chunk in rows],
    }


def _list_documents(
    rows: Sequence[tuple[Record, DocumentRow]], chunk_counts: Sequence[int], metadata: pa.Array
) -> Mapping[str, Callable[[], Values]]:
    records = [record for record, _ in rows]
    documents = [document for _, document in rows]
    return {
        "id": lambda: [document.id for document in documents],
        "text": lambda: text_column([document.text for document in documents]),
        "source": lambda: [record.source.path for record in records],
        "source_sha256": lambda: [record.source.sha256 for record in records],
        "byte_start": lambda: [record.byte_start for record in records],
        "byte_end": lambda: [record.byte_end for record in records],
        "encoding": lambda: [document.encoding for document in documents],
        "script": lambda: [document.script for document in documents],
        "token_count": lambda: [document.token_count for document in documents],
        "chunk_count": lambda: chunk_counts,
        # Its copies are known only when all documents have been compared: assembly counts them.
        "copies": lambda: [1] * len(documents),
        "pages": lambda: [[asdict(place) for place in document.pages] for document in documents],
        "metadata": lambda: metadata,
        "edits": lambda: edits_to_compact_arrow([document.edits for document in documents]),
        "text_breaks": lambda: list_column([document.alignment.text for document in documents]),
        "byte_breaks": lambda: list_column([document.alignment.source for document in documents]),
        **{
            name: partial(_list_figures, [document.quality for document in documents], name)
            for name in FIGURES
        },
    }


def _list_figures(figures: Sequence[QualityFigures], name: str) -> list[object]:
    return [getattr(of_document, name) for of_document in figures]


def _list_records(outcomes: Sequence[Outcome], metadata: pa.Array) -> Columns:
    records = [outcome.record for outcome in outcomes]
    reasons = [outcome.reason for outcome in outcomes]
    documents = [outcome.document for outcome in outcomes]
    removed = [
        [{"step": step, "bytes": count} for step, count in outcome.bytes_removed.items()]
        for outcome in outcomes
    ]
    return {
        "source": [record.source.path for record in records],
        "record": [record.index for record in records],
        "byte_start": [record.byte_start for record in records],
        "byte_end": [record.byte_end for record in records],
        "state": [outcome.state for outcome in outcomes],
        "reason": [redact(str(reason)) if reason else None for reason in reasons],
        "cause": [reason.cause.code if reason else None for reason in reasons],
        "document_id": [document.id if document else None for document in documents],
        "duplicate_of": [outcome.duplicate_of for outcome in outcomes],
        "bytes_kept": [outcome.bytes_kept for outcome in outcomes],
        "bytes_removed": removed,
        "similarity": [outcome.similarity for outcome in outcomes],
        "lost_values": [outcome.lost_values for outcome in outcomes],
        "split": [document.split if document else None for document in documents],
        **_list_rights(outcomes, metadata),
    }


def _list_rights(outcomes: Sequence[Outcome], metadata: pa.Array) -> Columns:
    """The licence, domain and address of each record; ``metadata`` are those of the documents, in order.

    Assembly leaves out the addresses of the records that are kept.
    """
    rights = {**find_rights(metadata), "url": metadata.field("url")}
    not_kept = [outcome.metadata for outcome in outcomes if outcome.document is None]
    if not not_kept:
        return rights
    stated = [{name: values[name] for name in ("license", "url") if name in values} for values in not_kept]
    further = metadata_column([redact_metadata(values) for values in stated])
    further_rights = {**find_rights(further), "url": further.field("url")}
    is_kept = np.array([outcome.document is not None for outcome in outcomes], np.bool_)
    places = np.where(is_kept, np.cumsum(is_kept) - 1, len(metadata) + np.cumsum(~is_kept) - 1)
    return {
        name: pa.concat_arrays([values, further_rights[name]]).take(pa.array(places))
        for name, values in rights.items()
    }
