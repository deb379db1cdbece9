"""Keeps what a build found out about its source files, in the work folder, for the next build.

It is one Arrow file. If it cannot be read, or other code wrote it, all files are read again.
"""

from __future__ import annotations

import os
import time
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa

from hanpack.sources.known_files import FileState, KnownFile, KnownFiles

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
    ]
)


def load_known_files(path: Path, code: str) -> KnownFiles:
    """Read the files that an earlier build knew; none if another ``code`` (a digest of it) wrote them."""
    begin = time.time_ns()
    try:
        with pa.OSFile(os.fspath(path)) as file, pa.ipc.open_file(file) as reader:
            if reader.schema.metadata != {b"code": code.encode()}:
                return KnownFiles(begin)
            columns = reader.read_all().to_pydict()
    except (OSError, pa.ArrowException):
        return KnownFiles(begin)
    states = map(FileState, columns["size"], columns["modified"], columns["changed"], columns["inode"])
    known = map(KnownFile, states, columns["settings"], columns["sha256"], columns["encoding"])
    return KnownFiles(begin, dict(zip(columns["name"], known, strict=True)))


def save_known_files(path: Path, known_files: KnownFiles, code: str) -> None:
    """Write the files that this build has read or recognised; nothing is written if that is no change."""
    if known_files.current == known_files.earlier:
        return
    rows = [
        {"name": name, "settings": known.settings, "sha256": known.sha256, "encoding": known.encoding}
        | asdict(known.state)
        for name, known in known_files.current.items()
    ]
    table = pa.Table.from_pylist(rows, _SCHEMA.with_metadata({"code": code}))
    temporary = path.with_name(f"{path.name}.tmp")
    with pa.OSFile(os.fspath(temporary), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    temporary.replace(path)
