"""The sources of a manifest as JSON values, and as a Parquet file beside it if there are many.

A million sources are 300 MB of JSON, but 60 MB of Parquet, which can be read by columns.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
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
# What reading values of an attacker may raise.
_FAULTS = (OSError, ValueError, KeyError, TypeError, StopIteration, RecursionError)
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
    rows = map(dump_source, sources)
    packed = [{**row, _DETAILS: json.dumps(row[_DETAILS], ensure_ascii=False)} for row in rows]
    path = folder / SOURCES_FILE
    pq.write_table(pa.Table.from_pylist(packed, _SCHEMA), path, compression="zstd")
    return describe_file(path, folder, rows=len(packed))


def expand_sources(content: Mapping[str, Any], read: Callable[[str], bytes], where: str) -> dict[str, Any]:
    """The content of a manifest with the list of its sources, which may be in a file beside it.

    ``read`` gives the bytes of a file of the build, ``where`` is the manifest in errors.

    Raises:
        VerifyError: the file is missing, is not as the manifest lists it, or is not one that hanpack writes.
    """
    if content.get("sources") != SOURCES_FILE:
        return dict(content)
    try:
        stated = next(file["sha256"] for file in content["files"] if file["path"] == SOURCES_FILE)
        rows = _parse_sources(read(SOURCES_FILE), stated)
    except (*_FAULTS, pa.ArrowException) as error:
        detail = str(error) or "the manifest does not list it"
        raise VerifyError(
            f"the list of sources {SOURCES_FILE} cannot be read: {detail}", where, "build again"
        ) from error
    return {**content, "sources": rows}


def _parse_sources(data: bytes, digest: str) -> list[dict[str, Any]]:
    if hashlib.sha256(data).hexdigest() != digest:
        raise ValueError("its sha256 is not that in the manifest")
    file = pq.ParquetFile(io.BytesIO(data))
    if not file.schema_arrow.equals(_SCHEMA):
        raise ValueError("it does not have the columns that hanpack writes")
    return [{**row, _DETAILS: json.loads(row[_DETAILS])} for row in file.read().to_pylist()]
