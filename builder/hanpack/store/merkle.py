"""Merkle trees over the rows of a build: one root commits to every chunk and every row of the ledger.

The tree is that of RFC 6962, section 2.1 (Certificate Transparency): a leaf is hashed after the byte 0, an
inner node after the byte 1, and a left subtree has the largest power of two of leaves that leaves some for
the right.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from json.encoder import encode_basestring

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.store.table_kinds import TableKind

TEXT = "text"
# A leaf is hashed after the byte 0, an inner node after the byte 1: to copy such a state is faster than to
# make it.
_LEAF, _NODE = sha256(b"\0"), sha256(b"\1")
# What JSON must escape in a string: these bytes, and those below that of a space.
_ESCAPED = b'"\\'
# How many rows are hashed at once.
_HASHED_ROWS = 4096
LEDGER_COLUMNS = (
    "source",
    "record",
    "byte_start",
    "byte_end",
    "state",
    "cause",
    "document_id",
    "duplicate_of",
)
CHUNK_COLUMNS = (
    "id",
    TEXT,
    "document_id",
    "chunk_index",
    "source",
    "source_sha256",
    "byte_start",
    "byte_end",
)
# The columns of a row that its leaf is made of, for the kinds of tables that the root commits to.
LEAF_COLUMNS: Mapping[TableKind, Sequence[str]] = {
    TableKind.CHUNKS: CHUNK_COLUMNS,
    TableKind.LEDGER: LEDGER_COLUMNS,
}


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That a leaf is in a tree: its index, the number of leaves, the hashes beside its path to the root."""

    index: int
    size: int
    path: tuple[str, ...]


def dump_leaf(row: Mapping[str, object], text: bytes = b"") -> bytes:
    r"""The bytes of a row that are hashed: its columns but ``text`` as JSON, a line feed, the text in UTF-8.

    The JSON has sorted keys, no spaces and no escapes but those that it must have.

    >>> dump_leaf({"source": "报告.txt", "id": "0a"}, b"abc").decode()
    '{"id":"0a","source":"报告.txt"}\nabc'
    """
    packed = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return packed.encode("utf-8", "surrogatepass") + b"\n" + text


def hash_leaf(content: bytes, text: bytes | memoryview = b"") -> bytes:
    """The hash of a leaf: of some bytes, and those of a text after them."""
    state = _LEAF.copy()
    state.update(content)
    if text:
        state.update(text)
    return state.digest()


def hash_rows(kind: TableKind, table: pa.Table) -> list[bytes]:
    """The leaf of each row of a table; none for a kind that the root does not commit to."""
    columns = LEAF_COLUMNS.get(kind)
    if columns is None:
        return []
    if not table.num_rows:
        return []
    rows = _dump_rows(table.select([name for name in columns if name != TEXT]))
    if TEXT not in columns:
        return list(map(hash_leaf, rows))
    return list(map(hash_leaf, rows, _view_texts(table.column(TEXT))))


def _view_texts(column: pa.ChunkedArray) -> Iterator[memoryview]:
    """The bytes of each text, which are not copied."""
    for chunk in column.chunks:
        _, offsets, data = chunk.buffers()
        limits = np.frombuffer(offsets, np.int32, len(chunk) + 1, 4 * chunk.offset).tolist()
        view = memoryview(data or b"")
        yield from (view[start:end] for start, end in pairwise(limits))


def _dump_rows(table: pa.Table) -> list[bytes]:
    """What :func:`dump_leaf` gives for each row, without its text: column by column, which is faster."""
    # Constant pieces between the columns of values.
    pieces: list[object] = []
    before = "{"
    for name in sorted(table.column_names):
        values, quote = _dump_column(table.column(name).combine_chunks())
        pieces += [f'{before}"{name}":{quote}', values]
        before = f"{quote},"
    rows: list[bytes] = (
        pc.binary_join_element_wise(*pieces, f"{before[:-1]}}}\n", "").cast(pa.binary()).to_pylist()
    )
    return rows


def _dump_column(values: pa.Array) -> tuple[pa.Array, str]:
    """The values of a column of strings or numbers in JSON, and the quotation mark around each."""
    if not pa.types.is_string(values.type):
        dumped = values.cast(pa.string())
        return pc.fill_null(dumped, "null") if values.null_count else dumped, ""
    if _has_escaped(values):
        dumped = ["null" if value is None else encode_basestring(value) for value in values.to_pylist()]
        return pa.array(dumped, pa.string()), ""
    if values.null_count:
        quoted = pc.binary_join_element_wise('"', values, '"', "")
        return pc.fill_null(quoted, "null"), ""
    return values, '"'


def _has_escaped(values: pa.StringArray) -> bool:
    """Whether JSON must escape a character of some strings."""
    _, offsets, data = values.buffers()
    first, last = np.frombuffer(offsets, np.int32, len(values) + 1, 4 * values.offset)[[0, -1]]
    characters = np.frombuffer(data or b"", np.uint8)[first:last]
    return bool((characters < ord(" ")).any() or any((characters == code).any() for code in _ESCAPED))


def find_root(leaves: Sequence[bytes]) -> bytes:
    """The root of a tree over leaves, which are hashes already.

    >>> find_root([]).hex()[:8], find_root([hash_leaf(b"")]).hex()[:8]
    ('e3b0c442', '6e340b9c')
    """
    level = list(leaves)
    if not level:
        return sha256(b"").digest()
    while len(level) > 1:
        level = _join_neighbours(level)
    return level[0]


def prove_inclusion(leaves: Sequence[bytes], index: int) -> InclusionProof:
    """The proof that a leaf is in the tree over ``leaves``.

    >>> leaves = [hash_leaf(bytes([number])) for number in range(5)]
    >>> proof = prove_inclusion(leaves, 4)
    >>> len(proof.path), follow_proof(leaves[4], proof) == find_root(leaves)
    (1, True)
    """
    path: list[str] = []
    level, place = list(leaves), index
    while len(level) > 1:
        neighbour = place ^ 1
        if neighbour < len(level):
            path.append(level[neighbour].hex())
        level = _join_neighbours(level)
        place //= 2
    return InclusionProof(index, len(leaves), tuple(path))


def follow_proof(leaf: bytes, proof: InclusionProof) -> bytes | None:
    """The root that a leaf and its proof give; None if the proof has too few hashes, or too many."""
    if not 0 <= proof.index < proof.size:
        return None
    node, place, last = leaf, proof.index, proof.size - 1
    hashes = [bytes.fromhex(text) for text in proof.path]
    while last > 0:
        # A node without a neighbour, which is the last of its level, moves up as it is.
        if place < last or place % 2:
            if not hashes:
                return None
            neighbour = hashes.pop(0)
            node = _join(neighbour, node) if place % 2 else _join(node, neighbour)
        place //= 2
        last //= 2
    return None if hashes else node


class RowTree:
    """The tree over the rows of one shard, which are added piece by piece; few of its nodes are in memory."""

    def __init__(self, kind: TableKind) -> None:
        self._kind = kind
        # For each level of the tree, from the leaves up, its last node if that has no neighbour yet, else
        # nothing: all other nodes are joined already.
        self._single: list[list[bytes]] = []

    def add(self, table: pa.Table) -> pa.Table:
        """Add the rows of a table, and return it."""
        # A row takes several times its size while it is hashed.
        for first in range(0, table.num_rows, _HASHED_ROWS):
            self._add_leaves(hash_rows(self._kind, table.slice(first, _HASHED_ROWS)))
        return table

    def find_root(self) -> str:
        """The root in hexadecimal; empty for a kind of table that the root of a build does not commit to."""
        if self._kind not in LEAF_COLUMNS:
            return ""
        # The last node of each level, from the leaves up; one without a neighbour moves up as it is.
        last: list[bytes] = []
        for single in self._single:
            last = _join_neighbours(single + last)
        return find_root(last).hex()

    def _add_leaves(self, nodes: list[bytes]) -> None:
        """Add leaves, and join all nodes that have neighbours."""
        level = 0
        while nodes:
            if level == len(self._single):
                self._single.append([])
            nodes = self._single[level] + nodes
            paired = len(nodes) // 2 * 2
            self._single[level] = nodes[paired:]
            nodes = _join_neighbours(nodes[:paired])
            level += 1


def hash_shard(path: str, root: str) -> bytes:
    """The leaf of a shard in the tree over the shards of a build: its path and the root of its rows."""
    return hash_leaf(f"{path}\n{root}".encode())


def find_build_root(shards: Iterable[tuple[str, str]]) -> str:
    """The root over the shards of a build that have a root of their own, from their paths and roots."""
    return find_root([hash_shard(path, root) for path, root in shards if root]).hex()


def _join_neighbours(level: list[bytes]) -> list[bytes]:
    """The next level of the tree of the RFC, in which an odd node at the end moves up as it is."""
    joined = list(map(_join, level[:-1:2], level[1::2]))
    return joined + level[len(joined) * 2 :]


def _join(left: bytes, right: bytes) -> bytes:
    state = _NODE.copy()
    state.update(left + right)
    return state.digest()
