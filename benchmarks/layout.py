"""Measures layouts of shards: size, upload after an edit, time to write, and what a look at one row costs.

    python benchmarks/layout.py BUILD

Each table of a build is written again in each layout, cut into 16 shards. *Upload* are the bytes that are
new after one document has a sentence more, in chunks of about 64 KiB cut by content, as the storage of the
Hub keeps them. A *look* finds a row by its id: its processor time here, and the bytes that it would transfer
from a server that answers ranges, 64 KiB of them for the footer of each shard.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hanpack.store.bloom_filters import may_contain
from hanpack.store.shards import PARQUET, POSITION_ENCODING, SHARDS, list_positions

IDS = {"documents": ("id",), "chunks": ("id", "document_id")}
# Columns whose values repeat within a row group.
REPEATING = ("source", "source_sha256", "encoding", "script", "state", "reason", "cause", "split", "section")


@dataclass(frozen=True)
class Layout:
    """A way to write a table: which columns have dictionaries, and whether ids have Bloom filters.

    With ``has_differences`` positions in long lists are written as their differences.
    """

    name: str
    dictionaries: Literal["all", "repeating", "none"]
    has_filters: bool = False
    has_differences: bool = False


LAYOUTS = (
    Layout("dictionaries", "all"),
    Layout("no dictionary", "none"),
    Layout("dictionaries of repeating columns", "repeating"),
    Layout("dictionaries, Bloom filters on ids", "all", has_filters=True),
    Layout("no dictionary, Bloom filters on ids", "none", has_filters=True),
    Layout("the same, differences of positions", "none", has_filters=True, has_differences=True),
)


def write(table: pa.Table, name: str, layout: Layout) -> tuple[bytes, float]:
    """A table as the bytes of one shard, and the processor time of writing it in seconds."""
    dictionaries = {"all": True, "none": False, "repeating": list_repeating(table.schema)}
    ids = IDS.get(name, ()) if layout.has_filters else ()
    positions = list_positions(table.schema) if layout.has_differences else ()
    options = {
        **PARQUET,
        "use_dictionary": dictionaries[layout.dictionaries],
        "bloom_filter_options": {column: {"ndv": max(table.num_rows, 1), "fpp": 0.01} for column in ids}
        or None,
        "column_encoding": dict.fromkeys(positions, POSITION_ENCODING) or None,
    }
    sink = io.BytesIO()
    start = time.process_time()
    with pq.ParquetWriter(sink, table.schema, **options) as writer:
        writer.write_table(table, row_group_size=table.num_rows)
    return sink.getvalue(), time.process_time() - start


def list_repeating(schema: pa.Schema) -> list[str]:
    """The paths of the columns that get a dictionary, with those in structs and lists."""
    sink = io.BytesIO()
    pq.write_table(schema.empty_table(), sink)
    parquet = pq.ParquetFile(sink).schema
    paths = [parquet.column(number).path for number in range(len(parquet))]
    repeating = (
        *REPEATING,
        "metadata",
        "edits.list.element.step",
        "edits.list.element.kind",
        "bytes_removed",
    )
    return [path for path in paths if path.startswith(tuple(repeating))]


def cut(data: bytes) -> Iterator[bytes]:
    """Chunks of 16 to 128 KiB, about 64 KiB on average, cut where a hash of the last bytes is small."""
    values = np.frombuffer(data, np.uint8).astype(np.uint64)
    gear = np.random.default_rng(1).integers(0, 2**63, 256, dtype=np.uint64)[values]
    rolled = np.zeros(len(values), np.uint64)
    for shift in range(32):
        rolled[shift:] += gear[: len(gear) - shift] << np.uint64(shift)
    places = np.flatnonzero(rolled >> np.uint64(48) == 0).tolist()
    start = 0
    while start < len(data):
        end = next((place for place in places if start + 16384 <= place <= start + 131072), start + 131072)
        yield data[start:end]
        start = end


def count_new(before: bytes, after: bytes) -> int:
    """The bytes of the chunks of ``after`` that ``before`` does not have."""
    known = {sha256(chunk).digest() for chunk in cut(before)}
    return sum(len(chunk) for chunk in cut(after) if sha256(chunk).digest() not in known)


def edit(table: pa.Table) -> pa.Table:
    """The same table with a sentence more in the text of the row in the middle, if it has texts."""
    if "text" not in table.column_names:
        return table
    number, middle = table.column_names.index("text"), table.num_rows // 2
    column = table.column("text").combine_chunks()
    longer = pa.array([column[middle].as_py() + "添加了一句话。"], column.type)
    texts = pa.concat_arrays([column[:middle], longer, column[middle + 1 :]])
    return table.set_column(number, "text", texts)


class Counted(io.BytesIO):
    """A file that counts the bytes and the reads."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.bytes = self.reads = 0

    def read(self, size: int | None = -1) -> bytes:
        """Read, and count."""
        data = super().read(size)
        self.bytes += len(data)
        self.reads += 1
        return data


def look_by_column(data: bytes, column: str, value: str) -> Counted:
    """Find the rows of an id by reading the column of ids."""
    stream = Counted(data)
    with pq.ParquetFile(pa.PythonFile(stream, mode="r"), pre_buffer=True) as file:
        ids = file.read([column]).column(column)
        pc.index(ids, pa.scalar(value)).as_py()
    return stream


def look_by_filter(data: bytes, column: str, value: str) -> Counted:
    """Ask the Bloom filters of a shard for an id; only if it can have it the column is read too."""
    stream = Counted(data)
    with pq.ParquetFile(pa.PythonFile(stream, mode="r"), pre_buffer=True) as file:
        if may_contain(file.metadata, column, value, stream):
            file.read([column])
    return stream


def main() -> None:
    """Write the tables of a build in each layout, and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("build")
    options = parser.parse_args()
    print("| table | layout | MiB | upload after an edit, KiB | writing, s | look, ms | look, KiB |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name in ("documents", "chunks", "ledger"):
        files = sorted(Path(options.build, "data", name).glob("*.parquet"))
        rows = pa.concat_tables(pq.read_table(file, partitioning=None) for file in files).combine_chunks()
        # A large build has 16 to 32 shards for each table.
        limits = np.linspace(0, rows.num_rows, SHARDS + 1).astype(int).tolist()
        shards = [rows.slice(start, end - start).combine_chunks() for start, end in pairwise(limits)]
        for layout in LAYOUTS:
            size = new = seconds = 0.0
            looked = time.process_time()
            written = []
            for number, table in enumerate(shards):
                data, taken = write(table, name, layout)
                size, seconds = size + len(data), seconds + taken
                written.append(data)
                if number == len(shards) // 2:
                    changed = edit(table)
                    new = count_new(data, write(changed, name, layout)[0]) if changed is not table else 0
            row = shards[-1].column(IDS[name][0])[0].as_py() if name in IDS and shards[-1].num_rows else None
            transferred, milliseconds = 0, 0.0
            if row is not None:
                looked = time.process_time()
                for data in written:
                    look = look_by_filter if layout.has_filters else look_by_column
                    transferred += look(data, IDS[name][0], row).bytes
                milliseconds = 1000 * (time.process_time() - looked)
            print(
                f"| {name} | {layout.name} | {size / 2**20:.2f} | {new / 2**10:,.0f} "
                f"| {seconds:.2f} | {milliseconds:.1f} | {transferred / 2**10:,.0f} |"
            )


if __name__ == "__main__":
    main()
