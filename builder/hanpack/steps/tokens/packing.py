"""Packs documents into training sequences of one length, so that few documents are cut.

Best-fit decreasing, after Ding et al. 2024, "Fewer Truncations Improve NgramModel Modeling": a document
longer than a sequence fills whole sequences; what is left, and every shorter document, goes whole into
the sequence it fits best.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanpack.steps.tokens.counting import Vocabulary

END_OF_TEXT = ("<|endoftext|>", "<|end_of_text|>", "<｜end▁of▁sentence｜>", "</s>", "<eos>")
TokenIds = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens ``[start, start + length)`` of a document, by its index."""

    document: int
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class PackedSequence:
    """One training sequence; after ``token_count`` tokens it is filled up with the end-of-text token.

    ``pieces`` stand one after another from its beginning.
    """

    input_ids: TokenIds
    token_count: int
    pieces: tuple[Piece, ...]


def find_end_of_text(vocabulary: Vocabulary) -> int | None:
    """The id of a vocabulary's end-of-text token, or None where it has none of the usual names."""
    names = (name for name in END_OF_TEXT if name in vocabulary.special_tokens)
    name = next(names, None)
    return None if name is None else vocabulary.special_tokens[name]


def plan_sequences(lengths: Sequence[int], size: int) -> list[tuple[Piece, ...]]:
    """Plan sequences of ``size`` tokens for documents of these lengths, in tokens.

    Only a document longer than ``size`` is cut. Sequences come in the order of the first document in
    each, and documents within one in theirs.
    """
    full: list[list[Piece]] = []
    rest: list[Piece] = []
    for document, length in enumerate(lengths):
        whole = length // size * size
        full += [[Piece(document, start, size)] for start in range(0, whole, size)]
        if length > whole:
            rest.append(Piece(document, whole, length - whole))
    bins: list[list[Piece]] = []
    # (free tokens, number of the sequence): the first that is not less is the best fit.
    free: list[tuple[int, int]] = []
    for piece in sorted(rest, key=lambda piece: (-piece.length, piece.document)):
        at = bisect_left(free, (piece.length, 0))
        if at < len(free):
            left, number = free.pop(at)
        else:
            left, number = size, len(bins)
            bins.append([])
        bins[number].append(piece)
        if left > piece.length:
            insort(free, (left - piece.length, number))
    ordered = [tuple(sorted(pieces, key=_place)) for pieces in full + bins]
    return sorted(ordered, key=lambda pieces: _place(pieces[0]))


def _place(piece: Piece) -> tuple[int, int]:
    return piece.document, piece.start


def pack(documents: Sequence[TokenIds], size: int, end_of_text: int) -> list[PackedSequence]:
    """Pack documents, each with an end-of-text token after it, into sequences of ``size`` tokens."""
    closed = [np.append(tokens, np.int32(end_of_text)).astype(np.int32) for tokens in documents]
    sequences = []
    for pieces in plan_sequences([len(tokens) for tokens in closed], size):
        held = [closed[piece.document][piece.start : piece.start + piece.length] for piece in pieces]
        count = sum(len(tokens) for tokens in held)
        padding = np.full(size - count, end_of_text, dtype=np.int32)
        sequences.append(PackedSequence(np.concatenate([*held, padding]), count, pieces))
    return sequences
