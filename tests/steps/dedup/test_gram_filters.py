"""Filters of n-grams never leave out a block in which a text begins."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.dedup.gram_filters import (
    OVERLAP,
    SHORT_GRAMS,
    TRIGRAMS,
    BlockFilters,
    FilterMaker,
    FilterShape,
    find_query_bits,
    select_blocks,
)

SHAPES = (TRIGRAMS, SHORT_GRAMS)


def make_filters(
    shape: FilterShape, texts: list[str], bytes_per_character: float = 3, at_once: int = 3
) -> BlockFilters:
    maker = FilterMaker(shape)
    sizes = [int(bytes_per_character * len(text)) for text in texts]
    for first in range(0, len(texts), at_once):
        maker.add(texts[first : first + at_once], sizes[first : first + at_once])
    return maker.finish()


def list_texts(shape: FilterShape, filters: BlockFilters, count: int, query: str) -> set[int]:
    """The texts in the blocks that can have a query."""
    firsts = [*filters.first_texts.tolist(), count - 1]
    return {
        text
        for block in select_blocks(shape, filters.bits, query)
        for text in range(firsts[block], firsts[block + 1] + 1)
    }


@given(
    seed=st.integers(0, 2**32),
    lengths=st.lists(st.sampled_from([0, 1, 2, 3, 50, 3000, 11_000, 40_000]), min_size=1, max_size=8),
    weight=st.sampled_from([0.1, 1, 3, 1000]),
    shape=st.sampled_from(SHAPES),
)
def test_the_blocks_of_every_part_of_a_text_are_selected(
    seed: int, lengths: list[int], weight: float, shape: FilterShape
) -> None:
    random = Random(seed)
    texts = ["".join(map(chr, random.choices(range(0x4E00, 0x5800), k=length))) for length in lengths]
    filters = make_filters(shape, texts, weight)
    queries = 0
    for number, text in enumerate(texts):
        for _ in range(3 if len(text) >= 3 else 0):
            start = random.randrange(len(text) - 2)
            query = text[start : start + random.choice([3, 5, 12, OVERLAP, 500])]
            if len(query) >= 3:
                queries += 1
                assert number in list_texts(shape, filters, len(texts), query)
    assert queries or max(lengths) < 3


@pytest.mark.parametrize("shape", SHAPES)
def test_filters_do_not_depend_on_how_many_texts_are_added_at_once(shape: FilterShape) -> None:
    random = Random(2)
    lengths = [0, 2, 3, 70_000, 5, 300_000, 1, 30_000, 12]
    texts = ["".join(map(chr, random.choices(range(0x4E00, 0x5800), k=length))) for length in lengths]
    one_by_one, together = (make_filters(shape, texts, at_once=number) for number in (1, len(texts)))
    assert np.array_equal(one_by_one.bits, together.bits)
    assert one_by_one.first_texts.tolist() == together.first_texts.tolist()
    assert len(together.bits) == sum(lengths) * 3 // shape.block_bytes + 1


@pytest.mark.parametrize("shape", SHAPES)
def test_a_text_that_no_block_has_is_in_few_of_them(shape: FilterShape) -> None:
    random = Random(1)
    common = range(0x4E00, 0x5200)
    texts = ["".join(map(chr, random.choices(common, k=shape.block_bytes // 3))) for _ in range(64)]
    filters = make_filters(shape, texts)
    assert filters.bits.shape[0] in range(60, 68)
    # In a text of a language, which repeats n-grams, it is a third less.
    assert 0.2 < np.unpackbits(filters.bits[:-1]).mean() < 0.8
    query = "".join(map(chr, range(0x6000, 0x6000 + 8)))
    assert len(select_blocks(shape, filters.bits, query)) < 6


@pytest.mark.parametrize("shape", SHAPES)
def test_filters_are_less_than_a_tenth_of_the_text(shape: FilterShape) -> None:
    assert shape.bits / 8 < 0.09 * shape.block_bytes


def test_a_query_is_not_too_short() -> None:
    with pytest.raises(ValueError, match="at least 3"):
        find_query_bits(TRIGRAMS, "春天")
