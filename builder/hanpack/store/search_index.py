"""The file ``search_index.bin``: which documents of a build at a URL can contain a folded text.

It has the filters of trigrams of all documents (:mod:`hanpack.steps.dedup.gram_filters`), bit by bit, so
that a search reads a few hundred bytes for each trigram, and for each block the numbers of its first document
and of that one's first chunk, so that only the row groups with an answer are read. A search believes it as it
believes the texts of the build: whoever made these made it too, and ``verify`` compares it with them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import groupby
from tempfile import TemporaryFile

import numpy as np
import numpy.typing as npt

from hanpack.errors import VerifyError
from hanpack.steps.dedup.folding import TextFolder
from hanpack.steps.dedup.gram_filters import TRIGRAMS, FilterMaker, find_query_bits
from hanpack.steps.texts import WINDOW, JoinedTexts
from hanpack.store.manifest import SEARCH_INDEX, Manifest
from hanpack.store.metadata import list_values
from hanpack.store.reader import BuildReader, TableBatch
from hanpack.store.remote_build import RemoteBuild
from hanpack.store.shards import ShardFile, describe_file
from hanpack.store.table_kinds import Numbers, TableKind

_MAGIC = b"hanpack search 1"
# The numbers of blocks, of documents and of tables of chunks.
_COUNTS = struct.Struct("<QQQ")
_DIGEST_BYTES = 32
_HEAD_BYTES = len(_MAGIC) + _DIGEST_BYTES + _COUNTS.size
# The bytes in memory of the bits that are turned around at once.
_MOST_FLAGS = 64 * 2**20
# Ranges of bytes with a gap of at most so many are one request.
_LARGEST_GAP = 16 * 2**10
_DOCUMENTS = TableKind.DOCUMENTS.value


@dataclass(frozen=True, slots=True, eq=False)
class SearchIndex:
    """The head of an index, and what reads the bits of its blocks.

    ``first_documents`` has the number of the first document of each block, in the order of all shards;
    ``first_chunks`` for each table of chunks that of this document's first chunk. Both end with the number of
    all rows; shape (blocks + 1,). ``known_bits`` are those that have been read, by their number.
    """

    remote: RemoteBuild
    file: ShardFile
    first_documents: Numbers
    first_chunks: Mapping[str, Numbers]
    known_bits: dict[int, npt.NDArray[np.bool_]] = field(default_factory=dict)

    @classmethod
    def open(cls, reader: BuildReader, folder: TextFolder) -> SearchIndex | None:
        """The index of a build at a URL; None if it has none that was made as texts are folded here.

        Raises:
            VerifyError: it cannot be read, or it is not what hanpack writes.
        """
        file = find_file(reader.manifest)
        if file is None or reader.remote is None:
            return None
        tables = _list_chunk_tables(reader)
        stream = reader.remote.open_file(file)
        head = stream.read(_HEAD_BYTES) or b""
        where = reader.remote.name_file(file.path)
        if len(head) < _HEAD_BYTES or not head.startswith(_MAGIC):
            raise VerifyError("it is not an index that hanpack writes", where)
        if head[len(_MAGIC) : -_COUNTS.size] != _digest(reader.manifest, folder):
            return None
        blocks, documents, count = _COUNTS.unpack(head[-_COUNTS.size :])
        size = 8 * (blocks + 1) * (count + 1)
        if count != len(tables) or file.bytes != _HEAD_BYTES + size + TRIGRAMS.bits * -(-blocks // 8):
            raise VerifyError("it is not an index that hanpack writes", where)
        numbers = np.frombuffer(stream.read(size) or b"", "<i8").reshape(count + 1, blocks + 1)
        if (np.diff(numbers) < 0).any() or numbers[0, -1] != documents:
            raise VerifyError("it is not an index that hanpack writes", where)
        return cls(reader.remote, file, numbers[0], dict(zip(tables, numbers[1:], strict=True)))

    def select_documents(self, folded: str) -> list[range]:
        """The numbers of the documents that can contain a folded text: ranges in order, none overlap."""
        bits = find_query_bits(TRIGRAMS, folded)
        self._read(bits)
        candidates = np.ones(self._blocks, np.bool_)
        for bit in bits:
            candidates &= self.known_bits[bit]
        selected: list[range] = []
        for block in np.flatnonzero(candidates).tolist():
            # A block may end in the document with which the next begins.
            start, end = int(self.first_documents[block]), int(self.first_documents[block + 1]) + 1
            if selected and start < selected[-1].stop:
                start = selected.pop().start
            selected.append(range(start, end))
        return selected

    def find_chunks(self, table: str, document: int) -> range:
        """The numbers of rows of a table among which all chunks of a document are."""
        first = int(np.searchsorted(self.first_documents, document, "right")) - 1
        # Several blocks may begin with one document.
        first = int(np.searchsorted(self.first_documents, self.first_documents[first]))
        end = int(np.searchsorted(self.first_documents, document, "right"))
        rows = self.first_chunks[table]
        return range(int(rows[first]), int(rows[min(end, self._blocks)]))

    @property
    def _blocks(self) -> int:
        return len(self.first_documents) - 1

    def _read(self, bits: Iterable[int]) -> None:
        unknown = sorted(set(bits) - self.known_bits.keys())
        if not unknown:
            return
        width = -(-self._blocks // 8)
        start = _HEAD_BYTES + 8 * len(self.first_documents) * (len(self.first_chunks) + 1)
        stream = self.remote.open_file(self.file)
        for near in _group_near(unknown, width):
            stream.seek(start + near[0] * width)
            data = stream.read((near[-1] - near[0] + 1) * width) or b""
            for bit in near:
                row = np.frombuffer(data, np.uint8, width, (bit - near[0]) * width)
                self.known_bits[bit] = np.unpackbits(row, count=self._blocks).astype(np.bool_)


def find_file(manifest: Manifest) -> ShardFile | None:
    """The index among the files of a manifest."""
    return next((file for file in manifest.files if file.path == SEARCH_INDEX), None)


def write_search_index(reader: BuildReader, folder: TextFolder) -> ShardFile:
    """Write the index of a build into its folder."""
    path = reader.folder / SEARCH_INDEX
    with path.open("wb") as stream:
        for piece in make_search_index(reader, folder):
            stream.write(piece)
    return describe_file(path, reader.folder, 0)


def make_search_index(reader: BuildReader, folder: TextFolder) -> Iterator[bytes]:
    """The bytes of the index of a build, piece by piece; memory has the filters of one shard.

    Raises:
        VerifyError: a shard cannot be read.
    """
    with TemporaryFile() as stream:
        first_documents, documents = [], 0
        for shard in reader.shards(_DOCUMENTS):
            maker = FilterMaker(TRIGRAMS)
            for batch in reader.read_shard(shard, ["text", "metadata"]):
                add_documents(maker, folder, batch)
            filters = maker.finish()
            filters.bits.tofile(stream)
            # The blocks begin anew with each shard, so that its rows are a range of blocks.
            first_documents.append(filters.first_texts + documents)
            documents += shard.rows
        numbers = np.concatenate([*first_documents, np.array([documents])]).astype("<i8")
        tables = _list_chunk_tables(reader)
        blocks = len(numbers) - 1
        yield _MAGIC + _digest(reader.manifest, folder) + _COUNTS.pack(blocks, documents, len(tables))
        yield numbers.tobytes()
        for table in tables:
            yield _count_chunks_before(reader, table)[numbers].astype("<i8").tobytes()
        stream.flush()
        if blocks:
            yield from _turn(np.memmap(stream, np.uint8, "r", shape=(blocks, TRIGRAMS.bits // 8)))


def add_documents(maker: FilterMaker, folder: TextFolder, batch: TableBatch) -> None:
    """Add the texts and the metadata of documents to filters."""
    texts, metadata = (batch.table.column(name).to_pylist() for name in ("text", "metadata"))
    # Trigrams across two of them are in no text: a row that only has such a one is read in vain.
    contents = [
        "\n".join((text, *(value for _, value in list_values(values))))
        for text, values in zip(texts, metadata, strict=True)
    ]
    limits = np.cumsum([len(content) for content in contents]) // WINDOW
    for _, numbers in groupby(range(len(contents)), limits.__getitem__):
        group = [contents[number] for number in numbers]
        folded = [form.text for form in folder.fold_all(JoinedTexts(group))]
        maker.add(folded, [len(content.encode()) for content in group])


def _turn(bits: npt.NDArray[np.uint8]) -> Iterator[bytes]:
    """Filters block by block, shape (blocks, bytes), as bits for all blocks, one bit after another."""
    step = max(1, _MOST_FLAGS // (8 * len(bits)))
    for first in range(0, bits.shape[1], step):
        flags = np.unpackbits(bits[:, first : first + step], axis=1)
        yield np.packbits(flags.T, axis=1).tobytes()


def _count_chunks_before(reader: BuildReader, table: str) -> Numbers:
    """How many chunks of a table are before those of each document; last the number of all."""
    firsts: list[Numbers] = []
    rows = 0
    for batch in reader.read_batches(table, ["chunk_index"]):
        firsts.append(np.flatnonzero(np.asarray(batch.table.column("chunk_index")) == 0) + rows)
        rows += batch.table.num_rows
    return np.concatenate([*firsts, np.array([rows])]).astype(np.int64)


def _list_chunk_tables(reader: BuildReader) -> list[str]:
    return [table for table in reader.tables if TableKind.of(table) is TableKind.CHUNKS]


def _digest(manifest: Manifest, folder: TextFolder) -> bytes:
    """A hash of the shards of documents and chunks, and of how texts are folded."""
    kinds = (TableKind.DOCUMENTS, TableKind.CHUNKS)
    shards = [
        shard.sha256
        for table, shards in manifest.tables.items()
        if TableKind.of(table) in kinds
        for shard in shards
    ]
    return blake2b(repr((shards, folder.digest)).encode(), digest_size=_DIGEST_BYTES).digest()


def _group_near(bits: Sequence[int], width: int) -> Iterator[list[int]]:
    """Groups of bits that are read at once.

    >>> list(_group_near([1, 3, 900], 1000))
    [[1, 3], [900]]
    """
    near: list[int] = []
    for bit in bits:
        if near and (bit - near[-1]) * width > _LARGEST_GAP:
            yield near
            near = []
        near.append(bit)
    if near:
        yield near
