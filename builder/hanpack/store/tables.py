"""Makes the Arrow tables of a part from the outcomes of a batch's records, column by column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from operator import attrgetter

import numpy as np
import pyarrow as pa

from hanpack.model import DocumentRow, Outcome, PackedRow
from hanpack.secrets import redact, redact_metadata
from hanpack.steps.quality import FIGURES, QualityFigures
from hanpack.store.arrays import list_column, text_column
from hanpack.store.dedup_features import dedup_features_table
from hanpack.store.edits import edits_to_arrow
from hanpack.store.metadata import find_rights, metadata_column
from hanpack.store.table_kinds import TableKind

Tables = dict[str, pa.Table]
# Tables one by one, each with its name.
NamedTables = Iterable[tuple[str, pa.Table]]
# The values of each column, by its name.
Columns = Mapping[str, Sequence[object] | pa.Array]


def make_tables(outcomes: Sequence[Outcome], schemas: Mapping[str, pa.Schema]) -> Tables:
    """Make the tables of a part from the outcomes of a batch; see :func:`iterate_tables`."""
    return dict(iterate_tables(outcomes, schemas))


def iterate_tables(
    outcomes: Sequence[Outcome], schemas: Mapping[str, pa.Schema]
) -> Iterator[tuple[str, pa.Table]]:
    """Make the tables of a part from the outcomes of a batch, each with its name; rows are in their order.

    The tables are those of ``schemas``, with an empty table of packed sequences, and the dedup features. The
    first is the ledger. The
    ledger of a part always has the column ``split``. None is kept: of a long record each takes several times
    its size.
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
        elif kind is TableKind.DOCUMENTS:
            yield name, _to_table(kind, _list_documents(kept, metadata), schema)
        elif kind is TableKind.PACKED:
            yield name, packed_table(())


def packed_table(rows: Sequence[PackedRow]) -> pa.Table:
    """Make the table of packed sequences."""
    kind = TableKind.PACKED
    columns = {name: [getattr(row, name) for row in rows] for name in kind.schema.names}
    return _to_table(kind, columns, kind.schema)


def _to_table(kind: TableKind, columns: Columns, schema: pa.Schema) -> pa.Table:
    """A table with the columns of ``schema``, from exactly the columns of the kind."""
    if columns.keys() != set(kind.schema.names):
        raise AssertionError(f"{kind.value} has other columns: {columns.keys() ^ set(kind.schema.names)}")
    arrays = [
        values if isinstance(values := columns[field.name], pa.Array) else pa.array(values, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


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
        "metadata": metadata.take(pa.array(np.repeat(np.arange(len(kept)), chunk_counts))),
        "heading_characters": [chunk.heading_characters for _, _, chunk in rows],
    }


def _list_documents(kept: Sequence[tuple[Outcome, DocumentRow]], metadata: pa.Array) -> Columns:
    records = [outcome.record for outcome, _ in kept]
    documents = [document for _, document in kept]
    return {
        "id": [document.id for document in documents],
        "text": text_column([document.text for document in documents]),
        "source": [record.source.path for record in records],
        "source_sha256": [record.source.sha256 for record in records],
        "byte_start": [record.byte_start for record in records],
        "byte_end": [record.byte_end for record in records],
        "encoding": [document.encoding for document in documents],
        "script": [document.script for document in documents],
        "token_count": [document.token_count for document in documents],
        "chunk_count": [len(document.chunks["chunks"]) for document in documents],
        # Its copies are known only when all documents have been compared: assembly counts them.
        "copies": [1] * len(documents),
        "pages": [[asdict(place) for place in document.pages] for document in documents],
        "metadata": metadata,
        "edits": edits_to_arrow([document.edits for document in documents]),
        "text_breaks": list_column([document.alignment.text for document in documents], pa.int64()),
        "byte_breaks": list_column([document.alignment.source for document in documents], pa.int64()),
        **_quality_columns([document.quality for document in documents]),
    }


def _quality_columns(figures: Sequence[QualityFigures]) -> Columns:
    return {name: list(map(attrgetter(name), figures)) for name in FIGURES}


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
    others = [outcome.metadata for outcome in outcomes if outcome.document is None]
    if not others:
        return rights
    stated = [{name: values[name] for name in ("license", "url") if name in values} for values in others]
    others_metadata = metadata_column([redact_metadata(values) for values in stated])
    others_rights = {**find_rights(others_metadata), "url": others_metadata.field("url")}
    is_other = np.array([outcome.document is None for outcome in outcomes], np.bool_)
    places = np.where(is_other, len(metadata) + np.cumsum(is_other) - 1, np.cumsum(~is_other) - 1)
    return {
        name: pa.concat_arrays([values, others_rights[name]]).take(pa.array(places))
        for name, values in rights.items()
    }
