"""Laws of packing: every token once, no document cut that fits, and few sequences."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.tokens.packing import Piece, pack, plan_sequences

LENGTHS = st.lists(st.integers(1, 40), max_size=40)
END = 99


@given(LENGTHS, st.integers(1, 16))
def test_every_token_of_every_document_is_in_one_sequence(lengths: list[int], size: int) -> None:
    pieces = [piece for sequence in plan_sequences(lengths, size) for piece in sequence]
    tokens = sorted(
        (piece.document, index)
        for piece in pieces
        for index in range(piece.start, piece.start + piece.length)
    )
    assert tokens == [(document, index) for document, length in enumerate(lengths) for index in range(length)]


@given(LENGTHS, st.integers(1, 16))
def test_no_sequence_is_too_long_and_no_document_that_fits_is_cut(lengths: list[int], size: int) -> None:
    sequences = plan_sequences(lengths, size)
    assert max((sum(piece.length for piece in sequence) for sequence in sequences), default=0) <= size
    pieces = [piece for sequence in sequences for piece in sequence]
    for document, length in enumerate(lengths):
        cuts = sum(piece.document == document for piece in pieces) - 1
        assert cuts == (length - 1) // size


@given(LENGTHS, st.integers(1, 16))
def test_no_two_sequences_could_be_one(lengths: list[int], size: int) -> None:
    """Best fit leaves at most one sequence half empty."""
    used = sorted(sum(piece.length for piece in sequence) for sequence in plan_sequences(lengths, size))
    assert sum(used[:2]) > size or len(used) < 2


@given(st.lists(st.lists(st.integers(0, 98), min_size=1, max_size=30), max_size=20), st.integers(2, 16))
def test_documents_are_decoded_back(documents: list[list[int]], size: int) -> None:
    arrays = [np.array(document, dtype=np.int32) for document in documents]
    pieces: dict[int, dict[int, list[int]]] = {}
    for sequence in pack(arrays, size, END):
        assert len(sequence.input_ids) == size
        assert set(sequence.input_ids[sequence.token_count :].tolist()) <= {END}
        position = 0
        for piece in sequence.pieces:
            tokens = sequence.input_ids[position : position + piece.length].tolist()
            pieces.setdefault(piece.document, {})[piece.start] = tokens
            position += piece.length
        assert position == sequence.token_count
    joined = [[token for start in sorted(pieces[n]) for token in pieces[n][start]] for n in sorted(pieces)]
    assert joined == [[*document, END] for document in documents]


def test_a_document_goes_where_it_fits_best() -> None:
    assert plan_sequences([6, 5, 3, 4, 12], 9) == [
        (Piece(0, 0, 6), Piece(2, 0, 3)),
        (Piece(1, 0, 5), Piece(3, 0, 4)),
        (Piece(4, 0, 9),),
        (Piece(4, 9, 3),),
    ]
