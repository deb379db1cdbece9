"""Reads a source in tests as a build does: the survey first, then its records."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.model import Record, Source
from hanpack.recipe import Recipe
from hanpack.sources.discovery import describe_file
from hanpack.sources.records import Batch, read_batches
from hanpack.sources.survey import survey


def read_source_batches(path: Path, encoding: str = "utf-8", **options: object) -> list[Batch]:
    """The batches of a file; ``options`` are the keys of its entry in a recipe, and ``limits``."""
    limits = {"limits": options.pop("limits")} if "limits" in options else {}
    recipe = Recipe.model_validate({"name": "a", "sources": [{"path": path.name, **options}], **limits})
    surveyed = survey(describe_file(path, path.parent, recipe, 0), recipe.limits.max_expansion)
    source = Source(path.name, surveyed.sha256, surveyed.stamp.size, encoding, fault=surveyed.fault)
    return list(read_batches(surveyed, source, recipe.limits))


def read_source(path: Path, encoding: str = "utf-8", **options: object) -> list[Record]:
    """The records of a file; see :func:`read_source_batches`."""
    return [record for batch in read_source_batches(path, encoding, **options) for record in batch]


def assert_covers(records: Sequence[Record], content: bytes) -> None:
    """There is a record, and the records follow one another through every byte of the content."""
    assert records
    position = 0
    for index, record in enumerate(records):
        assert (record.index, record.byte_start) == (index, position)
        assert record.data == content[record.byte_start : record.byte_end]
        position = record.byte_end
    assert position == len(content)


def dump_parquet(table: pa.Table) -> bytes:
    """The bytes of a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return bytes(sink.getvalue())
