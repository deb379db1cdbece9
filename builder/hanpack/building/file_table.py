"""Keeps what a build found out about its source files, in the work folder, for the next build.

It is a table in a file like that of a part. If it cannot be read, or other code wrote it, all files are read
again.
"""

from __future__ import annotations

import time
from pathlib import Path

import pyarrow as pa

from hanpack.model import Source
from hanpack.source_table import SourceTable
from hanpack.sources.known_files import FileState, FileStates, KnownFiles
from hanpack.sources.surveyed_files import SurveyedFiles
from hanpack.store.part_files import read_part_file, write_part_file

_TABLE = "files"
# So many rows are Python objects at a time.
_BLOCK_ROWS = 4096
_SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        ("size", pa.int64()),
        ("modified", pa.int64()),
        ("changed", pa.int64()),
        ("inode", pa.uint64()),
        ("settings", pa.string()),
        ("sha256", pa.string()),
        ("encoding", pa.string()),
        ("archive_sha256", pa.string()),
    ]
)


def load_known_files(path: Path, code: str) -> KnownFiles:
    """Read the files that an earlier build knew; none if another ``code`` (a digest of it) wrote them."""
    begin = time.time_ns()
    try:
        table = read_part_file(path)[_TABLE]
    except (OSError, KeyError, pa.ArrowException):
        return KnownFiles(begin)
    if table.schema.metadata != {b"code": code.encode()}:
        return KnownFiles(begin)
    sources, states = SourceTable(), FileStates()
    for batch in table.to_batches(max_chunksize=_BLOCK_ROWS):
        for row in batch.to_pylist():
            state = FileState(*(row[name] for name in ("size", "modified", "changed", "inode")))
            name, digest, encoding = row["name"], row["sha256"], row["encoding"]
            archive = row["archive_sha256"]
            sources.append(Source(name, digest, state.size, encoding, archive_sha256=archive))
            states.append(state, row["settings"])
    return KnownFiles(begin, sources, states)


def save_known_files(path: Path, surveys: SurveyedFiles, code: str) -> None:
    """Write the files that the next build need not read; nothing is written if that is no change."""
    if surveys.are_all_recalled:
        return
    schema = _SCHEMA.with_metadata({"code": code})
    batches = []
    for start in range(0, len(surveys), _BLOCK_ROWS):
        rows = range(start, min(start + _BLOCK_ROWS, len(surveys)))
        described = [
            _describe(surveys.sources[row], surveys.states[row], settings)
            for row in rows
            if (settings := surveys.states.settings(row)) is not None
        ]
        batches.append(pa.RecordBatch.from_pylist(described, schema))
    write_part_file(path, {_TABLE: pa.Table.from_batches(batches, schema)})


def _describe(source: Source, state: FileState, settings: str) -> dict[str, object]:
    return {
        "name": source.path,
        "size": state.size,
        "modified": state.modified,
        "changed": state.changed,
        "inode": state.inode,
        "settings": settings,
        "sha256": source.sha256,
        "encoding": source.encoding,
        "archive_sha256": source.archive_sha256,
    }
