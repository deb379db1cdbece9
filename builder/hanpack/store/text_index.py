"""The index of the texts of a shard of documents: which of its rows can contain a folded text.

It is a file in the work folder, made when a build is first searched, and only says where to look: whatever it
names is compared with the text itself. So that it hides nothing either, its parts are hashed with a key made
from the shard as it is on this machine (its hash, inode and times): an index that came with a build from
elsewhere, or that was made before the shard changed, has another key and is made again.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from hanpack.errors import VerifyError
from hanpack.steps.dedup.folding import TextFolder
from hanpack.steps.dedup.gram_filters import SHORT_GRAMS, BlockFilters, FilterMaker, find_query_bits
from hanpack.store.part_files import write_whole
from hanpack.store.reader import BuildReader
from hanpack.store.search_index import add_documents
from hanpack.store.shards import ShardFile
from hanpack.store.work_folder import WorkFolder

# The least size of a shard that gets an index; a smaller one is read as a whole.
INDEXED_BYTES = 1 * 2**20
_MAGIC = b"hanpack index 3\n"
_COUNTS = struct.Struct("<QQ")
_DIGEST_BYTES = 16
# The rows of bits that are hashed together.
_SLAB_ROWS = 352
_SLABS = SHORT_GRAMS.bits // _SLAB_ROWS
_TRANSPOSED_BITS = 2816


@dataclass(frozen=True, slots=True)
class TextIndex:
    """The index of one shard: an open file, its key, and where its blocks begin.

    ``first_rows`` has the first row of the shard with text in each block, ``rows`` is the number of rows.
    """

    stream: BinaryIO
    key: bytes
    rows: int
    first_rows: npt.NDArray[np.int64]

    def select_rows(self, folded: str) -> list[range] | None:
        """The rows that can contain a folded text, in order; None if the index is damaged."""
        candidates = np.ones(len(self.first_rows), np.bool_)
        for bit in find_query_bits(SHORT_GRAMS, folded):
            row = self._read_bit(bit)
            if row is None:
                return None
            candidates &= row
        ranges: list[range] = []
        for block in np.flatnonzero(candidates).tolist():
            is_last = block + 1 == len(self.first_rows)
            end = self.rows if is_last else int(self.first_rows[block + 1]) + 1
            start = int(self.first_rows[block])
            if ranges and start < ranges[-1].stop:
                start = ranges.pop().start
            ranges.append(range(start, end))
        return ranges

    def _read_bit(self, bit: int) -> npt.NDArray[np.bool_] | None:
        """Whether each block has a bit; its slab is read and its digest compared."""
        width = -(-len(self.first_rows) // 8)
        slab, row = divmod(bit, _SLAB_ROWS)
        size = _SLAB_ROWS * width
        self.stream.seek(_find_start(len(self.first_rows)) + slab * (size + _DIGEST_BYTES))
        digest, data = self.stream.read(_DIGEST_BYTES), self.stream.read(size)
        if digest != _hash(self.key, slab, data):
            return None
        bits = np.frombuffer(data, np.uint8, width, row * width)
        return np.unpackbits(bits, count=len(self.first_rows)).astype(np.bool_)


@contextmanager
def open_index(reader: BuildReader, shard: ShardFile, folder: TextFolder) -> Iterator[TextIndex | None]:
    """Open the index of a shard of documents; yields None if there is none that fits the shard.

    ``folder`` folds texts.

    Raises:
        VerifyError: the work folder is a link.
    """
    path, key = find_path(reader, shard), _make_key(reader, shard, folder)
    try:
        stream = path.open("rb")
    except OSError:
        yield None
        return
    with stream:
        yield _read_head(stream, shard, key)


def has_index(reader: BuildReader, shard: ShardFile, folder: TextFolder) -> bool:
    """Whether a shard has an index that fits it."""
    with open_index(reader, shard, folder) as index:
        return index is not None


def _read_head(stream: BinaryIO, shard: ShardFile, key: bytes) -> TextIndex | None:
    head = stream.read(len(_MAGIC) + _DIGEST_BYTES + _COUNTS.size)
    if len(head) < len(_MAGIC) + _DIGEST_BYTES + _COUNTS.size or not head.startswith(_MAGIC):
        return None
    digest, counts = head[len(_MAGIC) : -_COUNTS.size], head[-_COUNTS.size :]
    blocks, rows = _COUNTS.unpack(counts)
    if rows != shard.rows or os.fstat(stream.fileno()).st_size != _find_size(blocks):
        return None
    data = stream.read(8 * blocks)
    if digest != _hash(key, _SLABS, counts + data):
        return None
    return TextIndex(stream, key, rows, np.frombuffer(data, "<i8"))


def make_index(reader: BuildReader, shard: ShardFile, folder: TextFolder) -> Iterator[int]:
    """Make the index of a shard; yields the number of rows read so far.

    Raises:
        VerifyError: the shard cannot be read.
        OSError: the index cannot be written.
    """
    key = _make_key(reader, shard, folder)
    maker = FilterMaker(SHORT_GRAMS)
    for batch in reader.read_shard(shard, ["text", "metadata"]):
        add_documents(maker, folder, batch)
        yield batch.end
    filters = maker.finish()
    counts = _COUNTS.pack(len(filters.first_texts), shard.rows)
    data = filters.first_texts.astype("<i8").tobytes()
    head = (_MAGIC, _hash(key, _SLABS, counts + data), counts, data)
    slabs = (_hash(key, number, slab) + slab for number, slab in enumerate(_make_slabs(filters)))
    path = find_path(reader, shard)
    write_whole(path, *head, *slabs)


def find_path(reader: BuildReader, shard: ShardFile) -> Path:
    """Where the index of a shard is."""
    work = WorkFolder(reader.folder)
    if work.path.is_symlink() or work.indexes.is_symlink():
        raise VerifyError("the work folder beside the build is a link", str(work.path), "delete the link")
    return work.indexes / f"{shard.sha256}.index"


def _make_slabs(filters: BlockFilters) -> Iterator[bytes]:
    """The rows of bits, each with a bit for every block, in slabs of ``_SLAB_ROWS``."""
    step = _TRANSPOSED_BITS // 8
    for first in range(0, SHORT_GRAMS.bits // 8, step):
        flags = np.unpackbits(filters.bits[:, first : first + step], axis=1)
        rows = np.packbits(flags.T, axis=1)
        for start in range(0, len(rows), _SLAB_ROWS):
            yield rows[start : start + _SLAB_ROWS].tobytes()


def _make_key(reader: BuildReader, shard: ShardFile, folder: TextFolder) -> bytes:
    """A hash of the shard as it is here, which nobody can know elsewhere, and of how texts are folded."""
    status = reader.path(shard).stat()
    times = (status.st_mtime_ns, status.st_ctime_ns)
    facts = (shard.sha256, status.st_dev, status.st_ino, status.st_size, *times, folder.digest)
    return blake2b(repr(facts).encode(), digest_size=32).digest()


def _hash(key: bytes, number: int, data: bytes) -> bytes:
    return blake2b(data, digest_size=_DIGEST_BYTES, key=key, salt=number.to_bytes(8, "little")).digest()


def _find_start(blocks: int) -> int:
    """Where the first slab begins."""
    return len(_MAGIC) + _DIGEST_BYTES + _COUNTS.size + 8 * blocks


def _find_size(blocks: int) -> int:
    width = -(-blocks // 8)
    return _find_start(blocks) + _SLABS * (_DIGEST_BYTES + _SLAB_ROWS * width)
