"""Keeps what a build found out about its source files, in the work folder, for the next build.

It is a table in a file like that of a part. If it cannot be read, or other code wrote it, all files are read
again.
"""

from __future__ import annotations

import time
from operator import attrgetter
from pathlib import Path

import pyarrow as pa

from hanpack.sources.known_files import FileState, KnownFile, KnownFiles
from hanpack.store.part_files import read_part_file, write_part_file

_TABLE = "files"
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
    columns = table.to_pydict()
    states = map(FileState, columns["size"], columns["modified"], columns["changed"], columns["inode"])
    files = map(
        KnownFile,
        states,
        columns["settings"],
        columns["sha256"],
        columns["encoding"],
        columns["archive_sha256"],
    )
    return KnownFiles(begin, dict(zip(columns["name"], files, strict=True)))


def save_known_files(path: Path, known_files: KnownFiles, code: str) -> None:
    """Write the files that this build has read or recognised; nothing is written if that is no change."""
    if known_files.current == known_files.earlier:
        return
    files = list(known_files.current.values())
    states = [file.state for file in files]
    columns = [list(known_files.current)]
    columns += [list(map(attrgetter(name), states)) for name in ("size", "modified", "changed", "inode")]
    columns += [list(map(attrgetter(name), files)) for name in _SCHEMA.names[len(columns) :]]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, _SCHEMA, strict=True)]
    table = pa.Table.from_arrays(arrays, schema=_SCHEMA.with_metadata({"code": code}))
    write_part_file(path, {_TABLE: table})
