"""The sources of a manifest as JSON values, and as a Parquet file beside it if there are many.

A million sources are 300 MB of JSON, but 60 MB of Parquet, which can be read by columns.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.errors import VerifyError
from hanpack.model import Source
from hanpack.reasons import Reason, find_cause
from hanpack.store.shards import ShardFile, describe_file

SOURCES_FILE = "sources.parquet"
# The most sources that are listed in the manifest itself.
MOST_LISTED = 10_000
_DETAILS = "details"
# So many rows are Python objects at a time.
_BLOCK_ROWS = 4096
# What reading values of an attacker may raise.
_FAULTS = (OSError, ValueError, KeyError, TypeError, RecursionError)
_SCHEMA = pa.schema(
    [
        ("path", pa.string()),
        ("sha256", pa.string()),
        ("size", pa.int64()),
        ("encoding", pa.string()),
        ("entry", pa.int64()),
        ("fault", pa.string()),
        ("archive_sha256", pa.string()),
        ("cause", pa.string()),
        # An object of JSON.
        (_DETAILS, pa.string()),
    ]
)


def dump_source(source: Source) -> dict[str, Any]:
    """A source as JSON: its fault is a sentence, and a cause with the values of its fields."""
    fault = source.fault
    return {
        **{field.name: getattr(source, field.name) for field in fields(source)},
        "fault": fault and str(fault),
        "cause": fault and fault.cause.code,
        _DETAILS: dict(fault.fields) if fault else {},
    }


def load_source(content: Mapping[str, Any]) -> Source:
    """The source that :func:`dump_source` has written."""
    values = dict(content)
    code, details = values.pop("cause"), values.pop(_DETAILS)
    fault = Reason(find_cause(code), details) if code else None
    return Source(**{**values, "fault": fault})


def write_sources(folder: Path, sources: Sequence[Source]) -> ShardFile | None:
    """Write the sources into a file of the build if the manifest does not list them; None if it does."""
    if len(sources) <= MOST_LISTED:
        return None
    batches = []
    for start in range(0, len(sources), _BLOCK_ROWS):
        rows = map(dump_source, sources[start : start + _BLOCK_ROWS])
        packed = [{**row, _DETAILS: json.dumps(row[_DETAILS], ensure_ascii=False)} for row in rows]
        batches.append(pa.RecordBatch.from_pylist(packed, _SCHEMA))
    path = folder / SOURCES_FILE
    # The pages of a file depend on the pieces of its columns.
    table = pa.Table.from_batches(batches).combine_chunks()
    pq.write_table(table, path, compression="zstd")
    return describe_file(path, folder, rows=len(table))


class SourceRows:
    """The rows of the file of the sources as JSON values, read block by block; ``where`` is its manifest.

    Raises:
        VerifyError: the file is not one that hanpack writes; while the rows are read, too.
    """

    def __init__(self, data: bytes, where: str) -> None:
        self._data = data
        self._where = where
        with _refuse_unreadable(where), self._open() as file:
            if not file.schema_arrow.equals(_SCHEMA):
                raise ValueError("it does not have the columns that hanpack writes")

    def __iter__(self) -> Iterator[dict[str, Any]]:
        with _refuse_unreadable(self._where), self._open() as file:
            for batch in file.iter_batches(batch_size=_BLOCK_ROWS):
                for row in batch.to_pylist():
                    yield {**row, _DETAILS: json.loads(row[_DETAILS])}

    def _open(self) -> pq.ParquetFile:
        return pq.ParquetFile(pa.BufferReader(self._data))


def expand_sources(content: Mapping[str, Any], read: Callable[[str], bytes], where: str) -> dict[str, Any]:
    """The content of a manifest with the rows of its sources, which may be in a file beside it.

    ``read`` gives the bytes of a file of the build, ``where`` is the manifest in errors.

    Raises:
        VerifyError: the file is missing, is not as the manifest lists it, or is not one that hanpack writes.
    """
    if content.get("sources") != SOURCES_FILE:
        return dict(content)
    with _refuse_unreadable(where):
        stated = next((file["sha256"] for file in content["files"] if file["path"] == SOURCES_FILE), None)
        if stated is None:
            raise ValueError("the manifest does not list it")
        data = read(SOURCES_FILE)
        if hashlib.sha256(data).hexdigest() != stated:
            raise ValueError("its sha256 is not that in the manifest")
    return {**content, "sources": SourceRows(data, where)}


@contextmanager
def _refuse_unreadable(where: str) -> Iterator[None]:
    try:
        yield
    except (*_FAULTS, pa.ArrowException) as error:
        raise VerifyError(
            f"the list of sources {SOURCES_FILE} cannot be read: {error}", where, "build again"
        ) from error
