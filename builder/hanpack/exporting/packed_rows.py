"""Reads the packed sequences of a build as token arrays, and joins the pieces of each document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanpack.errors import VerifyError
from hanpack.store.reader import BuildReader
from hanpack.store.table_kinds import TableKind

TokenIds = npt.NDArray[np.int32]
PACKED, DOCUMENTS = TableKind.PACKED.value, TableKind.DOCUMENTS.value
_COLUMNS = ("input_ids", "token_count", "document_ids", "starts", "document_starts")


@dataclass(frozen=True, slots=True)
class DocumentPiece:
    """The tokens of a document in one sequence; ``start`` tokens of it are in others before."""

    document_id: str
    start: int
    tokens: TokenIds


@dataclass(frozen=True, slots=True)
class PackedTokens:
    """A packed sequence: its tokens with the padding, shape (tokens,), and its pieces in order."""

    input_ids: TokenIds
    pieces: tuple[DocumentPiece, ...]


def read_sequences(reader: BuildReader, partition: str) -> Iterator[PackedTokens]:
    """The packed sequences of a partition, in order; memory holds one batch of them.

    Raises:
        VerifyError: a shard cannot be read, or a sequence names more tokens than it has.
    """
    for batch in reader.read_batches(PACKED, _COLUMNS, partition):
        table = batch.table
        columns = [table.column(name).to_pylist() for name in _COLUMNS[1:]]
        all_ids = table.column("input_ids").combine_chunks()
        values, limits = all_ids.flatten().to_numpy(), all_ids.offsets.to_numpy()
        limits = limits - limits[:1]
        for number, (count, documents, starts, document_starts) in enumerate(zip(*columns, strict=True)):
            input_ids = values[limits[number] : limits[number + 1]]
            ends = [*starts[1:], count]
            if not len(documents) == len(starts) == len(document_starts) or count > len(input_ids):
                what = f"row {batch.first + number} is inconsistent"
                raise VerifyError(what, batch.shard.path, "build again")
            pieces = zip(documents, document_starts, starts, ends, strict=True)
            yield PackedTokens(
                input_ids,
                tuple(DocumentPiece(name, place, input_ids[start:end]) for name, place, start, end in pieces),
            )


def read_documents(reader: BuildReader, partition: str) -> Iterator[TokenIds]:
    """The tokens of each document of a partition, with the end-of-text token that follows it.

    A document that is longer than a sequence is joined from its pieces. The documents are in the order in
    which their last pieces are read; memory holds the documents that are not complete.

    Raises:
        VerifyError: a shard cannot be read, or the pieces of a document do not join to it.
    """
    columns = ["id", "token_count"]
    # Its end-of-text token is one more.
    sizes = {
        row.values["id"]: row.values["token_count"] + 1
        for row in reader.read_rows(DOCUMENTS, columns, partition)
    }
    incomplete: dict[str, dict[int, TokenIds]] = {}
    for sequence in read_sequences(reader, partition):
        for piece in sequence.pieces:
            size = sizes.get(piece.document_id, 0)
            pieces = incomplete.setdefault(piece.document_id, {})
            pieces[piece.start] = piece.tokens
            if sum(map(len, pieces.values())) >= size:
                yield _join(piece.document_id, incomplete.pop(piece.document_id), size)
    for identity in incomplete:
        raise _refuse(identity)


def find_end_of_text(reader: BuildReader, partition: str) -> int | None:
    """The id of the token that follows each document; None if the partition has no document.

    Raises:
        VerifyError: as :func:`read_documents`.
    """
    first = next(read_documents(reader, partition), None)
    return None if first is None else int(first[-1])


def _join(identity: str, pieces: dict[int, TokenIds], size: int) -> TokenIds:
    """The tokens of a document from its pieces, by their places in it."""
    place = 0
    for start in sorted(pieces):
        if start != place:
            raise _refuse(identity)
        place += len(pieces[start])
    if place != size:
        raise _refuse(identity)
    return np.concatenate([pieces[start] for start in sorted(pieces)])


def _refuse(identity: str) -> VerifyError:
    return VerifyError(f"the pieces of the document {identity} do not join to it", PACKED, "build again")
