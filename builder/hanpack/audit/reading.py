"""What an audit reads of a build: the rows of its tables, once, in order, one stream a split."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hanpack.store.shards import ShardFile

Row = Mapping[str, Any]
Seen = Callable[[str, pa.Table, str], object]
# So much of a table is held at a time, by its mean row, and no more rows than so many.
BATCH_BYTES, BATCH_ROWS = 8 * 2**20, 1024
BREAKS = ("text_breaks", "byte_breaks")


@dataclass(frozen=True, slots=True, eq=False)
class Edits:
    """The edits of a document as columns; there may be tens of thousands."""

    step: Sequence[str]
    kind: Sequence[str]
    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    byte_start: npt.NDArray[np.int64]
    byte_end: npt.NDArray[np.int64]

    def where(self, kind: str) -> npt.NDArray[np.int64]:
        """The places of the edits of a kind."""
        return np.flatnonzero(np.array(self.kind, dtype=object) == kind)


class Rows:
    """The rows of a table, or of one split of it, with where each stands; the next can be looked at."""

    def __init__(self, folder: Path, name: str, files: Sequence[ShardFile], seen: Seen) -> None:
        self.columns = pq.read_schema(folder / files[0].path).names if files else []
        self._rows = _read_rows(folder, name, files, seen)
        self.next = next(self._rows, None)

    def take(self) -> tuple[str, Row] | None:
        """The next row and where it stands, or None at the end."""
        taken = self.next
        self.next = next(self._rows, None) if taken else None
        return taken


def split_files(files: Sequence[ShardFile]) -> dict[str, list[ShardFile]]:
    """The shards of a table by split."""
    found: dict[str, list[ShardFile]] = {}
    for file in files:
        found.setdefault(file.split, []).append(file)
    return found


def find_metadata_fields(folder: Path, files: Sequence[ShardFile]) -> dict[str, pa.DataType]:
    """The fields of a table's metadata."""
    kind = pq.read_schema(folder / files[0].path).field("metadata").type
    return {field.name: field.type for field in kind}


def read_tables(folder: Path, files: Sequence[ShardFile]) -> Iterator[pa.Table]:
    """A table in bounded pieces."""
    for file in files:
        with pq.ParquetFile(folder / file.path) as shard:
            # Threads only cost: what is read at a time is little.
            for batch in shard.iter_batches(batch_size=_count_rows(shard.metadata), use_threads=False):
                yield pa.Table.from_batches([batch])
            if not shard.metadata.num_rows:
                yield shard.schema_arrow.empty_table()


def _count_rows(metadata: pq.FileMetaData) -> int:
    """How many rows of a shard make a batch."""
    size: int = sum(metadata.row_group(index).total_byte_size for index in range(metadata.num_row_groups))
    fitting: int = BATCH_BYTES * metadata.num_rows // max(size, 1)
    return max(1, min(BATCH_ROWS, fitting))


def _read_rows(folder: Path, name: str, files: Sequence[ShardFile], seen: Seen) -> Iterator[tuple[str, Row]]:
    for file in files:
        index = 0
        for table in read_tables(folder, [file]):
            seen(name, table, file.split)
            for row in _plain(table.combine_chunks()):
                yield f"{file.path} row {index}", row
                index += 1


def _plain(table: pa.Table) -> Iterator[Row]:
    """Rows as values; edits and breaks stay columns, for they are long."""
    long = [name for name in ("edits", *BREAKS) if name in table.column_names]
    rows = table.drop_columns(long).to_pylist()
    if not long:
        yield from rows
        return
    breaks = [_slices(table.column(name)) for name in BREAKS]
    for row, edits, *arrays in zip(rows, _edits(table.column("edits")), *breaks, strict=True):
        yield {**row, "edits": edits, **dict(zip(BREAKS, arrays, strict=True))}


def _edits(column: pa.ChunkedArray) -> Iterator[Edits]:
    values = pc.list_flatten(column)
    step, kind = (_words(pc.struct_field(values, name)) for name in ("step", "kind"))
    spans = ("start", "end", "byte_start", "byte_end")
    first, last, low, high = (pc.struct_field(values, name).to_numpy() for name in spans)
    start = 0
    for length in pc.list_value_length(column).to_pylist():
        at = slice(start, start + length)
        yield Edits(step[at], kind[at], first[at], last[at], low[at], high[at])
        start += length


def _words(column: pa.ChunkedArray) -> list[str]:
    """Strings of which there are few different ones; equal ones are the same object, and quickly compared."""
    coded = column.combine_chunks().dictionary_encode()
    names = coded.dictionary.to_pylist()
    return [names[index] for index in coded.indices.to_pylist()]


def _slices(column: pa.ChunkedArray) -> Iterator[npt.NDArray[np.int64]]:
    values = pc.list_flatten(column).to_numpy()
    start = 0
    for length in pc.list_value_length(column).to_pylist():
        yield values[start : start + length]
        start += length
