"""The sentences of many texts at once are those of each text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.dedup.folding import TextFolder
from hanpack.steps.dedup.sentences import (
    find_sentences,
    find_sentences_across_lines,
    join_sentences,
    tabulate_sentences,
)
from hanpack.steps.texts import JoinedTexts

FOLDER = TextFolder()
PIECES = (
    "甲",
    "春天來了。",
    "花开了！",
    "“好。”他说。",
    "——",
    "\n",
    " \r\n",
    "\u2028",
    "3.5",
    "ok. ",
    '"',
    "。",
)
TEXTS = st.lists(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), max_size=6)


@pytest.mark.parametrize("across_lines", [False, True])
@given(texts=TEXTS)
def test_a_table_of_many_texts_is_that_of_each_joined(texts: Sequence[str], across_lines: bool) -> None:
    cut = find_sentences_across_lines if across_lines else find_sentences
    expected = join_sentences(cut(text, FOLDER.fold(text)) for text in texts)
    folded = FOLDER.fold_all(JoinedTexts(texts)) if texts else []
    table = tabulate_sentences(texts, folded, across_lines=across_lines)
    for name in ("hashes", "lengths", "starts", "ends", "firsts"):
        assert np.array_equal(getattr(table, name), getattr(expected, name)), name


def test_the_law_sees_sentences() -> None:
    texts = ["春天來了。花开了！", "——"]
    table = tabulate_sentences(texts, FOLDER.fold_all(JoinedTexts(texts)))
    assert (len(table.hashes), table.firsts.tolist()) == (2, [0, 2, 2])
