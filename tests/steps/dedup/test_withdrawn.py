"""A search of many texts at once finds what a search of each text finds."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanpack.steps.dedup import withdrawn as module
from hanpack.steps.dedup.folding import TextFolder
from hanpack.steps.dedup.withdrawn import Withdrawal, WithdrawnTexts, describe_withdrawn, without_passages
from tests.planted_texts import TextMaker
from tests.sample_corpus import copy_text

FOLDER = TextFolder()
MAKER = TextMaker(3)
LONG, SHORT, OTHER = MAKER.text(12), MAKER.text(1), MAKER.text(10)
SENTENCES = [sentence + "。" for sentence in LONG.split("。")[:-1]]
TEXTS = (
    *(copy_text(LONG, kind, Random(kind)) for kind in range(4)),
    OTHER + "".join(SENTENCES[2:8]) + OTHER,
    OTHER + "\n" + "\n".join(SENTENCES[2:8]),
    OTHER + SENTENCES[0],
    OTHER,
    OTHER + SHORT,
    SHORT,
    MAKER.to_traditional(SHORT),
    "",
    "——",
    *(MAKER.text(count) for count in (1, 3, 30)),
)


def withdraw(*texts: str, takes_passages: bool = True) -> WithdrawnTexts:
    signatures = [describe_withdrawn(text, FOLDER.fold(text)) for text in texts]
    kept = signatures if takes_passages else list(map(without_passages, signatures))
    return WithdrawnTexts([Withdrawal("R-1", "2026-11-28", "asked", tuple(kept))])


def search_each(withdrawn: WithdrawnTexts, texts: Sequence[str], *, are_parts: bool) -> list[int]:
    numbers: list[int] = []
    for number, text in enumerate(texts):
        folded = FOLDER.fold(text)
        is_copy = not are_parts and withdrawn.find_text(folded) is not None
        if is_copy or withdrawn.find_passages(text, folded, only_long=are_parts):
            numbers.append(number)
    return numbers


WITHDRAWN = (
    withdraw(LONG),
    withdraw(SHORT),
    withdraw(LONG, SHORT, MAKER.text(2)),
    withdraw(LONG, SHORT, takes_passages=False),
    withdraw("——"),
    WithdrawnTexts([]),
)


@settings(max_examples=60, deadline=None)
@given(
    withdrawn=st.sampled_from(WITHDRAWN),
    texts=st.lists(st.sampled_from(TEXTS), max_size=8),
    are_parts=st.booleans(),
    batch=st.sampled_from([1, 500, 1 << 18]),
)
def test_a_search_of_many_texts_finds_what_a_search_of_each_finds(
    withdrawn: WithdrawnTexts, texts: list[str], are_parts: bool, batch: int
) -> None:
    with patch.object(module, "_BATCH", batch):
        assert list(withdrawn.find_concerned(texts, FOLDER, are_parts=are_parts)) == search_each(
            withdrawn, texts, are_parts=are_parts
        )


@pytest.mark.parametrize(
    ("withdrawn", "are_parts", "expected"),
    [
        (WITHDRAWN[0], False, [0, 1, 2, 3, 4, 5]),
        (WITHDRAWN[0], True, [0, 1, 2, 3, 4, 5]),
        (WITHDRAWN[1], False, [8, 9, 10]),
        (WITHDRAWN[1], True, []),
    ],
)
def test_copies_and_passages_are_among_the_texts(
    withdrawn: WithdrawnTexts, are_parts: bool, expected: list[int]
) -> None:
    assert list(withdrawn.find_concerned(TEXTS, FOLDER, are_parts=are_parts)) == expected
