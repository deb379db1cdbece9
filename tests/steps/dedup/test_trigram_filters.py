"""Filters of trigrams never leave out a block in which a text begins."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.dedup.trigram_filters import (
    BLOCK_BYTES,
    FILTER_BITS,
    OVERLAP,
    BlockFilters,
    FilterMaker,
    find_query_bits,
    select_blocks,
)


def make_filters(texts: list[str], bytes_per_character: float = 3) -> BlockFilters:
    maker = FilterMaker()
    for text in texts:
        maker.add(text, int(bytes_per_character * len(text)))
    return maker.finish()


def list_texts(filters: BlockFilters, count: int, query: str) -> set[int]:
    """The texts in the blocks that can have a query."""
    firsts = [*filters.first_texts.tolist(), count - 1]
    return {
        text
        for block in select_blocks(filters.bits, query)
        for text in range(firsts[block], firsts[block + 1] + 1)
    }


@given(
    seed=st.integers(0, 2**32),
    lengths=st.lists(st.sampled_from([0, 1, 2, 3, 50, 3000, 11_000, 40_000]), min_size=1, max_size=8),
    weight=st.sampled_from([0.1, 1, 3, 1000]),
)
def test_the_blocks_of_every_part_of_a_text_are_selected(
    seed: int, lengths: list[int], weight: float
) -> None:
    random = Random(seed)
    texts = ["".join(map(chr, random.choices(range(0x4E00, 0x5800), k=length))) for length in lengths]
    filters = make_filters(texts, weight)
    queries = 0
    for number, text in enumerate(texts):
        for _ in range(3 if len(text) >= 3 else 0):
            start = random.randrange(len(text) - 2)
            query = text[start : start + random.choice([3, 5, 12, OVERLAP, 500])]
            if len(query) >= 3:
                queries += 1
                assert number in list_texts(filters, len(texts), query)
    assert queries or max(lengths) < 3


def test_a_text_that_no_block_has_is_in_few_of_them() -> None:
    random = Random(1)
    common = range(0x4E00, 0x5200)
    texts = ["".join(map(chr, random.choices(common, k=BLOCK_BYTES // 3))) for _ in range(64)]
    filters = make_filters(texts)
    assert filters.bits.shape[0] in range(60, 68)
    assert 0.2 < np.unpackbits(filters.bits[:-1]).mean() < 0.5
    query = "".join(map(chr, range(0x6000, 0x6000 + 8)))
    assert len(select_blocks(filters.bits, query)) < 6


def test_filters_are_less_than_a_tenth_of_the_text() -> None:
    assert FILTER_BITS / 8 < 0.09 * BLOCK_BYTES


def test_a_query_is_not_too_short() -> None:
    with pytest.raises(ValueError, match="at least 3"):
        find_query_bits("春天")
