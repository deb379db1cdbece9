"""Writes the signatures of the documents of a build, by which other builds find copies of them.

This module is short because :mod:`hanpack.store.signature_table` has the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.resources.folding_table import open_folder
from hanpack.steps.dedup.minhash import BANDS, compute_signatures
from hanpack.steps.dedup.published import PACKED_BYTES, pack_sketch
from hanpack.steps.dedup.withdrawn import compute_sketch
from hanpack.store.manifest import SIGNATURES
from hanpack.store.reader import BuildReader
from hanpack.store.shards import PARQUET, ShardFile, describe_file
from hanpack.store.signature_table import SCHEMA


def make_signatures(reader: BuildReader) -> Iterator[pa.Table]:
    """The signatures of the documents of a build, in batches, in their order.

    Raises:
        VerifyError: a shard cannot be read.
    """
    folder = open_folder()
    for batch in reader.read_batches("documents", ["id", "text"]):
        folded = [folder.fold(text) for text in batch.table.column("text").to_pylist()]
        signatures = compute_signatures(folded)
        bands = [signature.bands.astype("<u4").tobytes() for signature in signatures]
        sketches = [pack_sketch(compute_sketch(text.text)).tobytes() for text in folded]
        columns = [
            batch.table.column("id").combine_chunks(),
            pa.array([signature.exact for signature in signatures], pa.binary(16)),
            pa.array(bands, pa.binary(4 * BANDS)),
            pa.array(sketches, pa.binary(PACKED_BYTES)),
        ]
        yield pa.Table.from_arrays(columns, schema=SCHEMA)


def write_signatures(reader: BuildReader) -> ShardFile:
    """Write the signatures of a build's documents into its folder."""
    return write_signature_table(reader.folder, pa.concat_tables(make_signatures(reader)))


def write_signature_table(folder: Path, table: pa.Table) -> ShardFile:
    """Write signatures into a folder: the same bytes for the same rows."""
    path = folder / SIGNATURES
    columns = [column.combine_chunks() for column in table.columns]
    whole = pa.Table.from_arrays(columns, schema=SCHEMA)
    pq.write_table(whole, path, row_group_size=max(table.num_rows, 1), **PARQUET)
    return describe_file(path, folder, table.num_rows)
