"""Packs documents into training sequences of equal length, so that few documents are cut.

Best-fit decreasing, after Ding et al. 2024, "Fewer Truncations Improve Language Modeling": a document
longer than a sequence fills complete sequences; its remainder, and every shorter document, goes undivided
into the sequence with the least free space that still holds it.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanpack.steps.tokens.counting import Vocabulary

END_OF_TEXT_NAMES = ("<|endoftext|>", "<|end_of_text|>", "<｜end▁of▁sentence｜>", "</s>", "<eos>")
TokenIds = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens ``[start, start + length)`` of a document; ``document`` is its index."""

    document: int
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class PackedSequence:
    """One training sequence; its places after the first ``token_count`` tokens hold the end-of-text token.

    ``input_ids`` has the shape (size,). ``pieces`` follow one another from its beginning without a gap.
    """

    input_ids: TokenIds
    token_count: int
    pieces: tuple[Piece, ...]


def find_end_of_text(vocabulary: Vocabulary) -> int | None:
    """The id of a vocabulary's end-of-text token, or None if it has none of the usual names.

    >>> find_end_of_text(Vocabulary("letters", "[ab]+", b"", sha256="", special_tokens={"</s>": 7}))
    7
    """
    names = (name for name in END_OF_TEXT_NAMES if name in vocabulary.special_tokens)
    name = next(names, None)
    return None if name is None else vocabulary.special_tokens[name]


def plan_sequences(lengths: Sequence[int], size: int) -> list[tuple[Piece, ...]]:
    """Plan sequences of at most ``size`` tokens for documents of these lengths (tokens).

    Only a document longer than ``size`` is cut. The sequences are in the order of the first document of
    each, and the pieces of a sequence in the order of the documents.

    >>> for pieces in plan_sequences([6, 5, 3], size=9):
    ...     print(*pieces)
    Piece(document=0, start=0, length=6) Piece(document=2, start=0, length=3)
    Piece(document=1, start=0, length=5)
    """
    full: list[list[Piece]] = []
    remainders: list[Piece] = []
    for document, length in enumerate(lengths):
        full_length = length // size * size
        full += [[Piece(document, start, size)] for start in range(0, full_length, size)]
        if length > full_length:
            remainders.append(Piece(document, full_length, length - full_length))
    sequences: list[list[Piece]] = []
    # Pairs of (free tokens, index of the sequence), sorted: the first with enough free tokens fits best.
    free: list[tuple[int, int]] = []
    for piece in sorted(remainders, key=lambda piece: (-piece.length, piece.document)):
        best = bisect_left(free, (piece.length, 0))
        if best < len(free):
            room, index = free.pop(best)
        else:
            room, index = size, len(sequences)
            sequences.append([])
        sequences[index].append(piece)
        if room > piece.length:
            insort(free, (room - piece.length, index))
    ordered = [tuple(sorted(pieces, key=_position)) for pieces in full + sequences]
    return sorted(ordered, key=lambda pieces: _position(pieces[0]))


def _position(piece: Piece) -> tuple[int, int]:
    return piece.document, piece.start


def pack(documents: Sequence[TokenIds], size: int, end_of_text: int) -> list[PackedSequence]:
    """Pack documents, each followed by an end-of-text token, into sequences of ``size`` tokens.

    A document is an array of token ids of the shape (tokens,).

    >>> first, second = pack([np.array([1, 2, 3]), np.array([4, 5]), np.array([6])], size=6, end_of_text=0)
    >>> first.input_ids.tolist(), second.input_ids.tolist()
    ([1, 2, 3, 0, 6, 0], [4, 5, 0, 0, 0, 0])
    >>> second.token_count
    3
    """
    closed = [np.append(tokens, np.int32(end_of_text)).astype(np.int32) for tokens in documents]
    sequences = []
    for pieces in plan_sequences([len(tokens) for tokens in closed], size):
        parts = [closed[piece.document][piece.start : piece.start + piece.length] for piece in pieces]
        token_count = sum(len(tokens) for tokens in parts)
        padding = np.full(size - token_count, end_of_text, dtype=np.int32)
        sequences.append(PackedSequence(np.concatenate([*parts, padding]), token_count, pieces))
    return sequences
