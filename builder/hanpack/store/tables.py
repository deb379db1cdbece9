"""The tables of a build: their schemas, and outcomes turned into Arrow.

A batch's tables hold metadata as JSON, since its fields are known only when all batches are done;
:func:`finish_table` gives it its struct.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import pyarrow as pa

from hanpack.model import ChunkRow, DocumentRow, Outcome, PackedRow
from hanpack.recipe import Recipe
from hanpack.secrets import redact, redact_metadata
from hanpack.store.arrays import list_column, list_offsets
from hanpack.store.dedup_features import DEDUP_FEATURES, dedup_features_table

NAMES = ("chunks", "documents", "ledger")
Tables = dict[str, pa.Table]
METADATA = ("title", "author", "date", "region", "url", "license")
OTHER = "other"
MOST_FIELDS = 128
EXACT_IN_FLOAT = 2**53
MetadataFields = Mapping[str, pa.DataType]

_EDIT = pa.struct(
    [
        ("step", pa.string()),
        ("kind", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("byte_start", pa.int64()),
        ("byte_end", pa.int64()),
    ]
)
SCHEMAS: Mapping[str, pa.Schema] = {
    "chunks": pa.schema(
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
            ("metadata", pa.string()),
        ]
    ),
    "packed": pa.schema(
        [
            ("input_ids", pa.list_(pa.int32())),
            ("token_count", pa.int32()),
            ("document_ids", pa.list_(pa.string())),
            ("starts", pa.list_(pa.int32())),
            ("document_starts", pa.list_(pa.int64())),
        ]
    ),
    "documents": pa.schema(
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
            ("metadata", pa.string()),
            ("edits", pa.list_(_EDIT)),
            ("text_breaks", pa.list_(pa.int64())),
            ("byte_breaks", pa.list_(pa.int64())),
        ]
    ),
    "ledger": pa.schema(
        [
            ("source", pa.string()),
            ("record", pa.int64()),
            ("byte_start", pa.int64()),
            ("byte_end", pa.int64()),
            ("state", pa.string()),
            ("reason", pa.string()),
            ("document_id", pa.string()),
            ("duplicate_of", pa.string()),
            ("bytes_kept", pa.int64()),
            ("bytes_removed", pa.list_(pa.struct([("step", pa.string()), ("bytes", pa.int64())]))),
            ("similarity", pa.float64()),
            ("split", pa.string()),
        ]
    ),
}


def find_schemas(recipe: Recipe) -> dict[str, pa.Schema]:
    """The schema of every table of a recipe, the ledger last.

    A table with headings tells their length; the ledger tells splits only where the recipe makes some.
    """
    heading = pa.field("heading_characters", pa.int32())
    chunks = {
        name: SCHEMAS["chunks"].append(heading) if budget.headings else SCHEMAS["chunks"]
        for name, budget in recipe.budgets.items()
    }
    packed = {"packed": SCHEMAS["packed"]} if recipe.packed else {}
    ledger = SCHEMAS["ledger"]
    if not recipe.splits.rules:
        ledger = ledger.remove(ledger.get_field_index("split"))
    return {**chunks, **packed, "documents": SCHEMAS["documents"], "ledger": ledger}


def is_chunks(name: str) -> bool:
    """Whether a table of that name holds chunks."""
    return name.startswith("chunks")


def is_decontaminated(row: Mapping[str, Any]) -> bool:
    """Whether a ledger row's record was left out because it contains an evaluation text."""
    return row["state"] == "rejected" and any(
        removed["step"] == "decontamination" for removed in row["bytes_removed"]
    )


def make_tables(outcomes: Sequence[Outcome], schemas: Mapping[str, pa.Schema]) -> Tables:
    """Turn a batch's outcomes into the tables of a part, rows in the records' order.

    These are tables of the names of ``schemas``, packed sequences empty, and what deduplication needs.
    The ledger tells the split of every document.
    """
    kept = [(outcome, outcome.document) for outcome in outcomes if outcome.document is not None]
    metadata = [_dump(redact_metadata(document.metadata)) for _, document in kept]
    chunks = {
        name: _table(
            schema,
            (
                _chunk(outcome, document, chunk, fields)
                for (outcome, document), fields in zip(kept, metadata, strict=True)
                for chunk in document.chunks[name]
            ),
        )
        for name, schema in schemas.items()
        if is_chunks(name)
    }
    sequences = {"packed": packed_table(())} if "packed" in schemas else {}
    ledger = _table(SCHEMAS["ledger"], (_ledger(outcome) for outcome in outcomes))
    dedup_features = dedup_features_table([document.dedup_features for _, document in kept])
    documents = _documents(kept, metadata)
    return {**chunks, **sequences, "documents": documents, DEDUP_FEATURES: dedup_features, "ledger": ledger}


def packed_table(rows: Iterable[PackedRow]) -> pa.Table:
    """Turn packed sequences into their table."""
    values = (
        (row.input_ids, row.token_count, row.document_ids, row.starts, row.document_starts) for row in rows
    )
    return _table(SCHEMAS["packed"], values)


def _table(schema: pa.Schema, rows: Iterable[Sequence[object]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=False)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _chunk(outcome: Outcome, document: DocumentRow, chunk: ChunkRow, metadata: str) -> Sequence[object]:
    source = outcome.record.source
    return (
        chunk.id,
        chunk.text,
        chunk.token_count,
        document.id,
        chunk.index,
        chunk.section,
        chunk.start,
        chunk.end,
        source.path,
        source.sha256,
        chunk.byte_start,
        chunk.byte_end,
        metadata,
        chunk.heading_characters,
    )


def _documents(kept: Sequence[tuple[Outcome, DocumentRow]], metadata: Sequence[str]) -> pa.Table:
    rows = [
        (
            document.id,
            document.text,
            outcome.record.source.path,
            outcome.record.source.sha256,
            outcome.record.byte_start,
            outcome.record.byte_end,
            document.encoding,
            document.script,
            document.token_count,
            len(document.chunks["chunks"]),
            fields,
        )
        for (outcome, document), fields in zip(kept, metadata, strict=True)
    ]
    schema = SCHEMAS["documents"]
    columns = list(zip(*rows, strict=True)) or [()] * 11
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=False)]
    documents = [document for _, document in kept]
    arrays.append(_edits(documents))
    arrays.append(list_column([document.alignment.text for document in documents], pa.int64()))
    arrays.append(list_column([document.alignment.source for document in documents], pa.int64()))
    return pa.Table.from_arrays(arrays, schema=schema)


def _edits(documents: Sequence[DocumentRow]) -> pa.Array:
    fields = [
        pa.array(
            chain.from_iterable(getattr(document.edits, field.name) for document in documents), field.type
        )
        for field in _EDIT
    ]
    values = pa.StructArray.from_arrays(fields, fields=list(_EDIT))
    return pa.ListArray.from_arrays(
        list_offsets([len(document.edits.step) for document in documents]), values
    )


def _ledger(outcome: Outcome) -> Sequence[object]:
    record = outcome.record
    return (
        record.source.path,
        record.index,
        record.byte_start,
        record.byte_end,
        outcome.state,
        redact(outcome.reason) or None,
        outcome.document.id if outcome.document else None,
        outcome.duplicate_of,
        outcome.bytes_kept,
        [{"step": step, "bytes": count} for step, count in outcome.bytes_removed.items()],
        outcome.similarity,
        outcome.document.split if outcome.document else None,
    )


def _dump(metadata: Mapping[str, object]) -> str:
    return json.dumps(metadata, ensure_ascii=False, sort_keys=True, default=str)


def find_fields(columns: Iterable[pa.ChunkedArray]) -> MetadataFields:
    """The type of every metadata field that occurs: the narrowest that holds all its values.

    The fields every build has come first; a field of mixed or nested values becomes text, nested values
    as JSON. More than 128 other fields are no columns: they stand together in ``other``, as JSON.
    """
    kinds: dict[str, set[str]] = {name: {"text"} for name in METADATA}
    for column in columns:
        for text in column.unique().to_pylist():
            for name, value in json.loads(text).items():
                kinds.setdefault(name, set()).add(_kind_of(value))
    extra = sorted(kinds.keys() - set(METADATA))
    if len(extra) > MOST_FIELDS:
        return {**dict.fromkeys(METADATA, pa.string()), OTHER: pa.string()}
    return {name: _narrowest(kinds[name] - {"null"}) for name in (*METADATA, *extra)}


def _kind_of(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        if abs(value) <= EXACT_IN_FLOAT:
            return "int"
        return "long" if -(2**63) <= value < 2**63 else "text"
    return "float" if isinstance(value, float) else "text"


def _narrowest(kinds: set[str]) -> pa.DataType:
    if kinds == {"bool"}:
        return pa.bool_()
    if kinds and kinds <= {"int", "long"}:
        return pa.int64()
    if kinds and kinds <= {"int", "float"}:
        return pa.float64()
    return pa.string()


def finish_table(table: pa.Table, fields: MetadataFields) -> pa.Table:
    """Give a batch's table the struct of metadata that the whole build has."""
    if "metadata" not in table.column_names:
        return table
    kind = pa.struct(list(fields.items()))
    parsed: dict[str, dict[str, object]] = {}
    rows = []
    for text in table.column("metadata").to_pylist():
        if text not in parsed:
            parsed[text] = _fit_all(json.loads(text), fields)
        rows.append(parsed[text])
    at = table.column_names.index("metadata")
    return table.set_column(at, pa.field("metadata", kind), pa.array(rows, kind))


def _fit_all(metadata: dict[str, object], fields: MetadataFields) -> dict[str, object]:
    fitted = {name: _fit(value, fields[name]) for name, value in metadata.items() if name in fields}
    others = {name: value for name, value in metadata.items() if name not in fields}
    return {**fitted, OTHER: _dump(others)} if others else fitted


def _fit(value: object, kind: pa.DataType) -> object:
    if value is None or kind != pa.string() or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
