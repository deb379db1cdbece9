"""Candidates and choices: nothing is dropped but for a kept document it was compared with."""

from __future__ import annotations

import gzip
import json
import random
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from hanpack.steps.dedup.clusters import THRESHOLD, Choice, choose, find_candidates
from hanpack.steps.dedup.folding import Folder
from hanpack.steps.dedup.minhash import BANDS, compute_signature, shingles, similarity

REPORTS = Path(__file__).parents[4] / "shared/data/corpora/provincial_reports_dev.jsonl.gz"

Bands = npt.NDArray[np.uint32]


class Compared(NamedTuple):
    """Documents best first, and what was compared."""

    order: npt.NDArray[np.int64]
    pairs: npt.NDArray[np.int64]
    similarities: npt.NDArray[np.float64]

    def similarity(self, first: int, second: int) -> float:
        for (one, other), found in zip(self.pairs.tolist(), self.similarities.tolist(), strict=True):
            if {one, other} == {first, second}:
                return float(found)
        return 0.0


@st.composite
def comparisons(draw: st.DrawFn) -> Compared:
    """Any similarities below 1, each pair once; 1 is another matter and has its own test."""
    count = draw(st.integers(1, 9))
    pairs = (
        draw(st.lists(st.sampled_from([*combinations(range(count), 2)]), unique=True)) if count > 1 else []
    )
    levels = st.sampled_from([0.5, 0.79, 0.8, 0.85, 0.9, 0.99])
    similarities = draw(st.lists(levels, min_size=len(pairs), max_size=len(pairs)))
    return Compared(
        np.array(draw(st.permutations(range(count))), np.int64),
        np.array(pairs, np.int64).reshape(-1, 2),
        np.array(similarities, np.float64),
    )


def dropped(choice: Choice) -> set[int]:
    return set(np.flatnonzero(choice.kept_by != np.arange(len(choice.kept_by))).tolist())


@given(comparisons())
def test_a_document_is_dropped_only_for_a_kept_and_better_one_it_is_similar_to(compared: Compared) -> None:
    choice = choose(*compared)
    ranks = {document: rank for rank, document in enumerate(compared.order.tolist())}
    for document in dropped(choice):
        keeper = int(choice.kept_by[document])
        assert int(choice.kept_by[keeper]) == keeper
        assert ranks[keeper] < ranks[document]
        assert compared.similarity(keeper, document) == choice.similarity[document] >= THRESHOLD


@given(comparisons())
def test_no_two_kept_documents_were_found_similar(compared: Compared) -> None:
    gone = dropped(choose(*compared))
    for (first, second), found in zip(compared.pairs.tolist(), compared.similarities, strict=True):
        assert found < THRESHOLD or {first, second} & gone


@given(comparisons())
def test_a_copy_is_of_the_likest_kept_document(compared: Compared) -> None:
    choice = choose(*compared)
    ranks = {document: rank for rank, document in enumerate(compared.order.tolist())}
    kept = set(range(len(compared.order))) - dropped(choice)
    for document in dropped(choice):
        better = [one for one in kept if ranks[one] < ranks[document]]
        assert choice.similarity[document] == max(compared.similarity(one, document) for one in better)


@given(comparisons(), st.randoms())
def test_the_choice_does_not_depend_on_the_order_of_pairs(
    compared: Compared, generator: random.Random
) -> None:
    places = list(range(len(compared.pairs)))
    generator.shuffle(places)
    turned = compared.pairs[places][:, ::-1].reshape(-1, 2)
    first = choose(*compared)
    second = choose(compared.order, turned, compared.similarities[places])
    assert (first.kept_by == second.kept_by).all()
    assert (first.similarity == second.similarity).all()
    assert (first.cluster == second.cluster).all()


@given(comparisons())
def test_clusters_are_the_connected_components(compared: Compared) -> None:
    labels = list(range(len(compared.order)))
    for _ in labels:
        for (first, second), found in zip(compared.pairs.tolist(), compared.similarities, strict=True):
            if found >= THRESHOLD:
                labels[first] = labels[second] = min(labels[first], labels[second])
    assert choose(*compared).cluster.tolist() == labels


def test_a_chain_of_similar_documents_drops_none_that_is_not_similar_to_a_kept_one() -> None:
    pairs = np.array([[0, 1], [1, 2], [2, 3]])
    choice = choose(np.arange(4), pairs, np.array([0.9, 0.9, 0.9]))
    assert choice.kept_by.tolist() == [0, 0, 2, 2]
    assert choice.cluster.tolist() == [0, 0, 0, 0]


def test_what_is_equal_to_a_copy_is_a_copy_of_the_same() -> None:
    choice = choose(np.arange(3), np.array([[0, 1], [1, 2]]), np.array([0.9, 1.0]))
    assert choice.kept_by.tolist() == [0, 0, 0]
    assert choice.similarity.tolist() == [1.0, 0.9, 0.9]


def test_a_long_chain_is_one_cluster() -> None:
    count = 20_000
    line = np.column_stack((np.arange(count - 1), np.arange(1, count)))
    shuffled = np.random.default_rng(1).permutation(count)
    choice = choose(np.arange(count), shuffled[line], np.full(count - 1, 0.9))
    assert not choice.cluster.any()


def noise(count: int, seed: int = 1) -> Bands:
    """Bands of documents that have nothing in common."""
    return np.random.default_rng(seed).integers(1, 1 << 32, (count, BANDS), dtype=np.uint32)


@st.composite
def tables(draw: st.DrawFn) -> Bands:
    """Bands of different documents, few enough for one bucket, some in common."""
    row = st.lists(st.integers(1, 3), min_size=4, max_size=4)
    rows = draw(st.lists(row, min_size=1, max_size=5, unique_by=tuple))
    return np.array(rows, np.uint32)


@given(tables())
def test_in_small_buckets_candidates_are_all_pairs_with_two_bands_in_common(bands: Bands) -> None:
    expected = [
        [first, second]
        for first, second in combinations(range(len(bands)), 2)
        if np.count_nonzero(bands[first] == bands[second]) >= 2
    ]
    assert find_candidates(bands).tolist() == expected


def test_pairs_are_sorted_and_each_stands_once() -> None:
    bands = noise(50)
    bands[20:30, :16] = bands[10:20, :16]
    found = find_candidates(bands)
    assert found.tolist() == [[at, at + 10] for at in range(10, 20)]


def test_one_band_in_common_is_not_enough() -> None:
    bands = noise(2)
    bands[1, 3] = bands[0, 3]
    assert find_candidates(bands).shape == (0, 2)


@pytest.mark.parametrize("count", [0, 1])
def test_none_or_one_document_has_no_pairs(count: int) -> None:
    assert find_candidates(noise(count)).shape == (0, 2)
    assert choose(np.arange(count), np.empty((0, 2), np.int64), np.empty(0)).kept_by.tolist() == [
        *range(count)
    ]


def test_documents_without_letters_are_no_candidates() -> None:
    assert find_candidates(np.zeros((5, BANDS), np.uint32)).shape == (0, 2)


def test_equal_documents_are_each_held_against_the_best_one() -> None:
    bands = np.tile(noise(1), (100_000, 1))
    order = np.roll(np.arange(100_000), 1)
    found = find_candidates(bands, order)
    assert found.shape == (99_999, 2)
    assert (found == 99_999).any(axis=1).all()


def test_a_crowd_of_similar_documents_has_pairs_in_proportion_to_its_size() -> None:
    bands = np.tile(noise(1), (5_000, 1))
    bands[:, ::2] = noise(5_000, seed=2)[:, ::2]
    found = find_candidates(bands)
    assert len(found) <= 16 * len(bands)
    gone = dropped(choose(np.arange(len(bands)), found, np.full(len(found), 0.9)))
    assert len(gone) == len(bands) - 1


def test_the_order_of_documents_in_the_table_does_not_matter() -> None:
    bands = noise(300)
    bands[100:200, :16] = bands[:100, :16]
    bands[200:, 10:20] = bands[5, 10:20]
    order = np.random.default_rng(3).permutation(300)
    first = {frozenset(pair) for pair in find_candidates(bands).tolist()}
    second = {frozenset(order[pair].tolist()) for pair in find_candidates(bands[order], np.argsort(order))}
    assert first == second


class Planted(NamedTuple):
    """A text, and the number of the one it is a copy of."""

    text: str
    origin: int | None
    kind: str = ""


def compare(texts: list[str]) -> Compared:
    """What the build does with documents: the longest folded text is the best, then the first."""
    folder = Folder()
    folded = [folder.fold(text) for text in texts]
    sketches = [compute_signature(one) for one in folded]
    order = np.argsort([-one.length for one in sketches], kind="stable")
    pairs = find_candidates(np.array([one.bands for one in sketches]), order)
    sets = [shingles(one.text) for one in folded]
    found = [similarity(sets[first], sets[second]) for first, second in pairs.tolist()]
    return Compared(order, pairs, np.array(found, np.float64))


def repunctuate(text: str, generator: random.Random) -> str:
    """Marks narrowed, dropped or put for one another, lines broken and indented."""
    narrow = dict(zip("，。；：！？（）“”", ',.;:!?()""', strict=True))
    marked = "".join(
        generator.choice([narrow[mark], narrow[mark], "", "、"]) if mark in narrow else mark for mark in text
    )
    place = generator.randrange(1, len(marked))
    return f"　　{marked[:place]}\n　　{marked[place:]}"


def plant(paragraphs: list[str], seed: int) -> list[Planted]:
    """800 paragraphs and 200 copies of some of them, 50 of each kind."""
    generator = random.Random(seed)
    own = generator.sample(paragraphs, 800)
    pool = [character for text in own for character in text if "一" <= character <= "\u9fff"]
    converters = [OpenCC("s2t"), OpenCC("s2tw"), OpenCC("s2hk")]
    planted = [Planted(text, None) for text in own]
    for place, origin in enumerate(generator.sample(range(800), 200)):
        text, kind = own[origin], ("verbatim", "traditional", "changed", "repunctuated")[place // 50]
        if kind == "traditional":
            text = converters[place % 3].convert(text)
        elif kind == "changed":
            text = "".join(generator.choice(pool) if generator.random() < 0.01 else one for one in text)
        elif kind == "repunctuated":
            text = repunctuate(text, generator)
        planted.append(Planted(text, origin, kind))
    return planted


@pytest.mark.skipif(not REPORTS.exists(), reason="the shared data is not here")
@pytest.mark.parametrize("seed", range(2))
def test_planted_copies_are_found_and_nothing_else_is_dropped(seed: int) -> None:
    with gzip.open(REPORTS, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    paragraphs = [one.strip() for text in texts for one in text.split("\n") if 60 <= len(one.strip()) <= 400]
    planted = plant(paragraphs, seed)
    gone = dropped(choose(*compare([one.text for one in planted])))
    copies = {number: one.origin for number, one in enumerate(planted) if one.origin is not None}
    found = [number for number, origin in copies.items() if number in gone or origin in gone]
    assert len(found) >= 0.98 * len(copies)
    assert len(gone - set(copies) - set(copies.values())) <= 2
