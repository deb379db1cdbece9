"""Candidate pairs: documents with two bands in common, in numbers proportional to the documents."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.dedup.candidates import find_candidates, find_cross_candidates
from hanpack.steps.dedup.clusters import assign_clusters
from hanpack.steps.dedup.minhash import BANDS, Bands
from tests.steps.dedup.comparison import find_dropped


def random_bands(count: int, seed: int = 1) -> Bands:
    """The bands of documents that have nothing in common."""
    return np.random.default_rng(seed).integers(1, 1 << 32, (count, BANDS), dtype=np.uint32)


@st.composite
def few_bands(draw: st.DrawFn, most: int) -> Bands:
    """The bands of different documents, some in common, few enough for the limits of a bucket."""
    row = st.lists(st.integers(1, 3), min_size=4, max_size=4)
    rows = draw(st.lists(row, min_size=1, max_size=most, unique_by=tuple))
    return np.array(rows, np.uint32)


@given(few_bands(most=5))
def test_in_small_buckets_candidates_are_all_pairs_with_two_bands_in_common(bands: Bands) -> None:
    expected = [
        [first, second]
        for first, second in combinations(range(len(bands)), 2)
        if np.count_nonzero(bands[first] == bands[second]) >= 2
    ]
    assert find_candidates(list(bands.T)).tolist() == expected


def test_pairs_are_sorted_and_distinct() -> None:
    bands = random_bands(50)
    bands[20:30, :16] = bands[10:20, :16]
    assert find_candidates(list(bands.T)).tolist() == [[number, number + 10] for number in range(10, 20)]


def test_one_band_in_common_is_not_enough() -> None:
    bands = random_bands(2)
    bands[1, 3] = bands[0, 3]
    assert find_candidates(list(bands.T)).shape == (0, 2)


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_documents_have_no_pairs(count: int) -> None:
    assert find_candidates(list(random_bands(count).T)).shape == (0, 2)


def test_documents_without_letters_have_no_pairs() -> None:
    assert find_candidates([np.zeros(5, np.uint32)] * BANDS).shape == (0, 2)


def test_equal_documents_are_each_paired_with_the_best_one() -> None:
    bands = np.tile(random_bands(1), (100_000, 1))
    order = np.roll(np.arange(100_000), 1)
    pairs = find_candidates(list(bands.T), order)
    assert pairs.shape == (99_999, 2)
    assert (pairs == 99_999).any(axis=1).all()


def test_many_similar_documents_have_pairs_in_proportion_to_their_number() -> None:
    bands = np.tile(random_bands(1), (5_000, 1))
    bands[:, ::2] = random_bands(5_000, seed=2)[:, ::2]
    pairs = find_candidates(list(bands.T))
    assert len(pairs) <= 16 * len(bands)
    dropped = find_dropped(assign_clusters(np.arange(len(bands)), pairs, np.full(len(pairs), 0.9)))
    assert len(dropped) == len(bands) - 1


def test_the_order_of_documents_in_the_array_does_not_matter() -> None:
    bands = random_bands(300)
    bands[100:200, :16] = bands[:100, :16]
    bands[200:, 10:20] = bands[5, 10:20]
    order = np.random.default_rng(3).permutation(300)
    first = {frozenset(pair) for pair in find_candidates(list(bands.T)).tolist()}
    second = {
        frozenset(order[pair].tolist()) for pair in find_candidates(list(bands[order].T), np.argsort(order))
    }
    assert first == second
    assert len(first) >= 100


@given(few_bands(most=12), st.data())
def test_all_pairs_across_partitions_are_cross_candidates(bands: Bands, data: st.DataObject) -> None:
    numbers = st.lists(st.integers(0, 2), min_size=len(bands), max_size=len(bands))
    partitions = np.array(data.draw(numbers), np.int64)
    expected = {
        (first, second)
        for first, second in combinations(range(len(bands)), 2)
        if partitions[first] != partitions[second] and np.count_nonzero(bands[first] == bands[second]) >= 2
    }
    pairs = [
        tuple(pair) for block in find_cross_candidates(list(bands.T), partitions) for pair in block.tolist()
    ]
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == expected


def test_a_held_out_document_is_paired_where_training_has_many_similar_ones() -> None:
    bands = np.tile(random_bands(1), (3_000, 1))
    bands[:, ::2] = random_bands(3_000, seed=2)[:, ::2]
    partitions = np.zeros(3_000, np.int64)
    partitions[1_500] = 1
    (first, second, third) = find_cross_candidates(list(bands.T), partitions)
    pairs = np.concatenate((first, second, third))
    assert len(pairs) == 2_999
    assert (pairs == 1_500).any(axis=1).all()


def test_one_partition_has_no_cross_candidates() -> None:
    bands = np.tile(random_bands(1), (5, 1))
    assert list(find_cross_candidates(list(bands.T), np.zeros(5, np.int64))) == []
    assert list(find_cross_candidates(list(bands[:0].T), np.zeros(0, np.int64))) == []
