"""Arrow IPC files and streams, such as those that ``Dataset.save_to_disk`` of the library datasets writes.

Source: the Arrow columnar format, "Serialization and Interprocess Communication": a file is a stream after
its first 8 bytes. What a batch says about its buffers is checked before any value is read, because the file
may be a stranger's.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from hanpack.reasons import Cause
from hanpack.sources.columnar import ColumnarReader, OpenTable
from hanpack.sources.content import open_content
from hanpack.sources.source_files import SourceFile

if TYPE_CHECKING:
    import pyarrow as pa

_FILE_MARK = b"ARROW1\0\0"


class ArrowReader(ColumnarReader):
    """Arrow IPC, compressed or not; it is read as a stream, batch by batch."""

    invalid = Cause.INVALID_ARROW
    read_error = Cause.ARROW_READ_ERROR

    @contextmanager
    def open_table(self, file: SourceFile, max_expansion: int) -> Iterator[OpenTable]:
        """Open an Arrow file or stream; its batches can be read more than once."""

        def read_batches() -> Iterator[pa.RecordBatch]:
            with open_content(file, max_expansion) as content:
                for batch in _open_stream(content):
                    batch.validate(full=True)
                    yield batch

        with open_content(file, max_expansion) as content:
            schema = _open_stream(content).schema
        yield OpenTable(schema, read_batches)


def _open_stream(content: BinaryIO) -> pa.RecordBatchReader:
    import pyarrow as pa

    head = content.read(len(_FILE_MARK))
    if head != _FILE_MARK:
        content = io.BufferedReader(_Continued(head, content), 2**20)
    return pa.ipc.open_stream(pa.PythonFile(content, mode="r"))


class _Continued(io.RawIOBase):
    """Bytes that were read already, then the rest of a stream."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        data = self._head[: len(buffer)] or self._stream.read(len(buffer))
        self._head = self._head[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)
