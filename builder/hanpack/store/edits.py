"""The codec of edits: the only place that knows how the ``edits`` column of ``documents`` is laid out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.edits import Edits
from hanpack.steps.coded_names import MOST_NAMES, CodedNames
from hanpack.store.arrays import join_arrays, join_chunks, list_offsets, read_positions

_EDIT_TYPE = pa.struct(
    [
        ("step", pa.string()),
        ("kind", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("byte_start", pa.int64()),
        ("byte_end", pa.int64()),
    ]
)
EDITS_TYPE = pa.list_(_EDIT_TYPE)


def edits_to_arrow(documents: Sequence[Edits]) -> pa.ListArray:
    """The ``edits`` column of a table of documents: a list for each document, made without Python rows."""
    return edits_to_compact_arrow(documents).cast(EDITS_TYPE)


def edits_to_compact_arrow(documents: Sequence[Edits]) -> pa.ListArray:
    """The same column with coded names and positions as they are: of a long document without a copy."""
    columns = [
        _join_strings([edits.step for edits in documents]),
        _join_strings([edits.kind for edits in documents]),
        *(
            pa.array(join_arrays([getattr(edits, name) for edits in documents]))
            for name in ("start", "end", "byte_start", "byte_end")
        ),
    ]
    values = pa.StructArray.from_arrays(columns, [field.name for field in _EDIT_TYPE])
    return pa.ListArray.from_arrays(list_offsets(list(map(len, documents))), values)


def edits_from_arrow(column: pa.ChunkedArray) -> Iterator[Edits]:
    """The edits of each document of an ``edits`` column; their arrays are views of the column's memory.

    Those of a long record are copies of half its size: the column is let go of.
    """
    edits, lengths = join_edits(column)
    del column
    first = 0
    for length in lengths:
        yield edits.slice(first, first + length)
        first += length


def join_edits(column: pa.ChunkedArray) -> tuple[Edits, list[int]]:
    """The edits of all documents of an ``edits`` column, one after another, and how many each has."""
    values = pc.list_flatten(column)
    step, kind = (_read_strings(pc.struct_field(values, name)) for name in ("step", "kind"))
    start, end, byte_start, byte_end = (
        read_positions(pc.struct_field(values, name)) for name in ("start", "end", "byte_start", "byte_end")
    )
    edits = Edits(step=step, kind=kind, start=start, end=end, byte_start=byte_start, byte_end=byte_end)
    return edits, pc.list_value_length(column).to_pylist()


def _join_strings(columns: Sequence[Sequence[str]]) -> pa.Array:
    coded = [column for column in columns if isinstance(column, CodedNames)]
    if not coded or len(coded) < len(columns) or any(column.names != coded[0].names for column in coded):
        return pa.array(chain.from_iterable(columns), pa.string())
    codes = np.frombuffer(b"".join([column.codes for column in coded]), np.uint8)
    names = pa.array(coded[0].names, pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes), names)


def _read_strings(column: pa.ChunkedArray) -> Sequence[str]:
    """Strings of few different values; a column of a damaged build may have any."""
    encoded = join_chunks(column).dictionary_encode()
    names = encoded.dictionary.to_pylist()
    if encoded.null_count or len(names) > MOST_NAMES:
        return [names[index] for index in encoded.indices.to_pylist()]
    return CodedNames(tuple(names), encoded.indices.to_numpy().astype(np.uint8).tobytes())
