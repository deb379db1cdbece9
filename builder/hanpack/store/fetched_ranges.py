"""A file of which some ranges were read before: ranges that are near one another by one read.

This module is short because it is one mechanism. Each read of a file at a URL is a request, which takes as
long as the transfer of many bytes.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Sequence
from typing import BinaryIO

from hanpack.store.row_spans import join_ranges
from hanpack.store.seekable_file import SeekableFile

# Ranges of bytes with a gap of at most so many are one read.
LARGEST_GAP = 16 * 2**10


class FetchedRanges(SeekableFile):
    """The ranges of a file of ``size`` bytes; a read of anything else is an error.

    >>> file = FetchedRanges(io.BytesIO(b"0123456789"), 10, [range(2, 4), range(5, 8)])
    >>> file.seek(5), file.read(2)
    (5, b'56')
    """

    def __init__(self, stream: BinaryIO | io.RawIOBase, size: int, ranges: Sequence[range]) -> None:
        super().__init__(size)
        wide = join_ranges([[range(span.start, span.stop + LARGEST_GAP) for span in ranges]])
        self._starts: list[int] = []
        self._blocks: list[bytes] = []
        for span in wide:
            stop = span.stop - LARGEST_GAP
            if not 0 <= span.start < stop <= size:
                raise OSError("a part of the file is not in it")
            stream.seek(span.start)
            self._starts.append(span.start)
            self._blocks.append(stream.read(stop - span.start) or b"")

    def read(self, size: int | None = -1) -> bytes:
        """Read bytes of one of the ranges.

        Raises:
            OSError: they are in none.
        """
        number = bisect_right(self._starts, self._place) - 1
        if size is None or size < 0 or number < 0:
            raise OSError("this part of the file was not read")
        start = self._place - self._starts[number]
        data = self._blocks[number][start : start + size]
        if len(data) < size:
            raise OSError("this part of the file was not read")
        self._place += size
        return data
