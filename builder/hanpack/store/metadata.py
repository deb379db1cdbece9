"""The metadata column of a build: its fields, their types, and the struct of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import pyarrow as pa

METADATA = ("title", "author", "date", "region", "url", "license")
OTHER = "other"
# The most fields, beside those of METADATA, that become fields of the struct.
MOST_FIELDS = 128
# Integers up to this are exact in a 64-bit float.
EXACT_IN_FLOAT = 2**53
MetadataFields = Mapping[str, pa.DataType]


def dump_metadata(metadata: Mapping[str, object]) -> str:
    """Metadata as JSON, as in the tables of a part.

    >>> dump_metadata({"year": 2024, "title": "报告"})
    '{"title": "报告", "year": 2024}'
    """
    return json.dumps(metadata, ensure_ascii=False, sort_keys=True, default=str)


def find_fields(columns: Iterable[pa.ChunkedArray]) -> MetadataFields:
    """Find the fields of the metadata and the type of each: the narrowest that represents all its values.

    ``columns`` contain metadata as JSON. The fields of ``METADATA``, which every build has, come first. A
    field with mixed or nested values is a string, nested values are JSON. If there are more than 128 other
    fields, they are joined in the one field ``other``, as JSON.

    >>> fields = find_fields([pa.chunked_array([['{"year": 2024}', '{"year": null, "draft": true}']])])
    >>> fields["year"], fields["draft"]
    (DataType(int64), DataType(bool))
    """
    types: dict[str, set[str]] = {name: {"text"} for name in METADATA}
    for column in columns:
        for text in column.unique().to_pylist():
            for name, value in json.loads(text).items():
                types.setdefault(name, set()).add(_type_of(value))
    extra = sorted(types.keys() - set(METADATA))
    if len(extra) > MOST_FIELDS:
        return {**dict.fromkeys(METADATA, pa.string()), OTHER: pa.string()}
    return {name: _find_narrowest(types[name] - {"null"}) for name in (*METADATA, *extra)}


def _type_of(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        if abs(value) <= EXACT_IN_FLOAT:
            return "int"
        return "long" if -(2**63) <= value < 2**63 else "text"
    return "float" if isinstance(value, float) else "text"


def _find_narrowest(types: set[str]) -> pa.DataType:
    if types == {"bool"}:
        return pa.bool_()
    if types and types <= {"int", "long"}:
        return pa.int64()
    if types and types <= {"int", "float"}:
        return pa.float64()
    return pa.string()


def finish_table(table: pa.Table, fields: MetadataFields) -> pa.Table:
    """Replace the JSON in the column ``metadata`` of a part's table by the struct of the build.

    A table without this column is returned unchanged.
    """
    if "metadata" not in table.column_names:
        return table
    struct = pa.struct(list(fields.items()))
    parsed: dict[str, dict[str, object]] = {}
    rows = []
    for text in table.column("metadata").to_pylist():
        if text not in parsed:
            parsed[text] = _fit_all(json.loads(text), fields)
        rows.append(parsed[text])
    index = table.column_names.index("metadata")
    return table.set_column(index, pa.field("metadata", struct), pa.array(rows, struct))


def _fit_all(metadata: dict[str, object], fields: MetadataFields) -> dict[str, object]:
    fitted = {name: _fit(value, fields[name]) for name, value in metadata.items() if name in fields}
    others = {name: value for name, value in metadata.items() if name not in fields}
    return {**fitted, OTHER: dump_metadata(others)} if others else fitted


def _fit(value: object, type_: pa.DataType) -> object:
    if value is None or type_ != pa.string() or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
