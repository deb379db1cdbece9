"""Clusters: a document is dropped only for a kept document that it was compared with and is similar to."""

from __future__ import annotations

import gzip
import json
import random
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from hanpack.steps.dedup.clusters import SIMILARITY_THRESHOLD, assign_clusters, find_equal
from tests.case_files import read_rows
from tests.conftest import CASES, SHARED
from tests.sample_corpus import read_paragraphs
from tests.steps.dedup.comparison import ComparedPairs, compare_texts, find_dropped

REPORTS = SHARED / "data" / "corpora" / "provincial_reports_dev.jsonl.gz"


@st.composite
def compared_pairs(draw: st.DrawFn) -> ComparedPairs:
    """Any similarities below 1, each pair once; equal documents have their own test."""
    count = draw(st.integers(1, 9))
    pairs = (
        draw(st.lists(st.sampled_from([*combinations(range(count), 2)]), unique=True)) if count > 1 else []
    )
    levels = st.sampled_from([0.5, 0.79, 0.8, 0.85, 0.9, 0.99])
    similarities = draw(st.lists(levels, min_size=len(pairs), max_size=len(pairs)))
    return ComparedPairs(
        np.array(draw(st.permutations(range(count))), np.int64),
        np.array(pairs, np.int64).reshape(-1, 2),
        np.array(similarities, np.float64),
    )


@given(compared_pairs())
def test_a_document_is_dropped_only_for_a_kept_and_better_one_that_it_is_similar_to(
    compared: ComparedPairs,
) -> None:
    clusters = assign_clusters(*compared)
    ranks = {document: rank for rank, document in enumerate(compared.order.tolist())}
    dropped = find_dropped(clusters)
    for document in dropped:
        representative = int(clusters.representative[document])
        assert representative not in dropped
        assert ranks[representative] < ranks[document]
        similarity = compared.similarity_of(representative, document)
        assert similarity == clusters.similarity[document] >= SIMILARITY_THRESHOLD


@given(compared_pairs())
def test_no_two_kept_documents_are_similar(compared: ComparedPairs) -> None:
    dropped = find_dropped(assign_clusters(*compared))
    similar = compared.pairs[compared.similarities >= SIMILARITY_THRESHOLD].tolist()
    assert [pair for pair in similar if not {*pair} & dropped] == []


@given(compared_pairs())
def test_a_copy_is_of_the_most_similar_kept_document(compared: ComparedPairs) -> None:
    clusters = assign_clusters(*compared)
    ranks = {document: rank for rank, document in enumerate(compared.order.tolist())}
    kept = np.flatnonzero(clusters.is_kept).tolist()
    for document in find_dropped(clusters):
        better = [number for number in kept if ranks[number] < ranks[document]]
        most = max(compared.similarity_of(number, document) for number in better)
        assert clusters.similarity[document] == most


@given(compared_pairs(), st.randoms())
def test_clusters_do_not_depend_on_the_order_of_pairs(
    compared: ComparedPairs, generator: random.Random
) -> None:
    places = list(range(len(compared.pairs)))
    generator.shuffle(places)
    turned = compared.pairs[places][:, ::-1].reshape(-1, 2)
    first = assign_clusters(*compared)
    second = assign_clusters(compared.order, turned, compared.similarities[places])
    assert first.representative.tolist() == second.representative.tolist()
    assert first.similarity.tolist() == second.similarity.tolist()


def test_in_a_chain_of_similar_documents_each_copy_is_similar_to_its_representative() -> None:
    chain = np.array([[0, 1], [1, 2], [2, 3]])
    clusters = assign_clusters(np.arange(4), chain, np.array([0.9, 0.9, 0.9]))
    assert clusters.representative.tolist() == [0, 0, 2, 2]


def test_what_has_the_shingles_of_a_copy_is_a_copy_of_the_same_document() -> None:
    clusters = assign_clusters(np.arange(3), np.array([[0, 1], [1, 2]]), np.array([0.9, 1.0]))
    assert clusters.representative.tolist() == [0, 0, 0]
    assert clusters.similarity.tolist() == [1.0, 0.9, 0.9]


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_documents_are_kept(count: int) -> None:
    clusters = assign_clusters(np.arange(count), np.empty((0, 2), np.int64), np.empty(0))
    assert clusters.representative.tolist() == [*range(count)]


def test_equal_documents_are_found_by_their_hashes_and_the_first_represents_them() -> None:
    hashes = np.array([b"x", b"y", b"x", b"z", b"z"]).view(np.void)
    assert find_equal(hashes).tolist() == [0, 1, 0, 3, 3]
    assert find_equal(hashes[:0]).tolist() == []


@pytest.mark.parametrize(
    "row",
    read_rows(CASES / "dedup" / "pairs.jsonl"),
    ids=lambda row: row["why"],
)
def test_copies_are_in_one_cluster_and_similar_texts_are_not(row: dict[str, Any]) -> None:
    clusters = assign_clusters(*compare_texts([row["first"], row["second"]]))
    assert bool(find_dropped(clusters)) == row["is_copy"]


class PlantedText(NamedTuple):
    """A text, and the number of the one it is a copy of."""

    text: str
    original: int | None = None


def change_punctuation(text: str, generator: random.Random) -> str:
    """Punctuation made half-width, dropped or replaced, lines broken and indented."""
    half_width = dict(zip("，。；：！？（）“”", ',.;:!?()""', strict=True))
    changed = "".join(
        generator.choice([half_width[mark], half_width[mark], "", "、"]) if mark in half_width else mark
        for mark in text
    )
    place = generator.randrange(1, len(changed))
    return f"　　{changed[:place]}\n　　{changed[place:]}"


def plant_copies(paragraphs: list[str], count: int, seed: int) -> list[PlantedText]:
    """So many paragraphs and a quarter as many copies of some of them, as many of each of four kinds."""
    generator = random.Random(seed)
    originals = generator.sample(paragraphs, count)
    characters = [character for text in originals for character in text if "一" <= character <= "\u9fff"]
    converters = [OpenCC("s2t"), OpenCC("s2tw"), OpenCC("s2hk")]
    planted = [PlantedText(text) for text in originals]
    for place, original in enumerate(generator.sample(range(count), count // 4)):
        text, kind = originals[original], place * 16 // count
        if kind == 1:
            text = converters[place % 3].convert(text)
        elif kind == 2:
            text = "".join(
                generator.choice(characters) if generator.random() < 0.01 else character for character in text
            )
        elif kind == 3:
            text = change_punctuation(text, generator)
        planted.append(PlantedText(text, original))
    return planted


def find_planted(planted: list[PlantedText]) -> tuple[float, int]:
    """The share of copies of which either text is dropped, and the number of other dropped texts."""
    dropped = find_dropped(assign_clusters(*compare_texts([planted_text.text for planted_text in planted])))
    pairs = [
        {number, planted_text.original}
        for number, planted_text in enumerate(planted)
        if planted_text.original is not None
    ]
    assert pairs
    recalled = sum(bool(pair & dropped) for pair in pairs)
    return recalled / len(pairs), len(dropped - set().union(*pairs))


@pytest.mark.parametrize("seed", range(2))
def test_planted_copies_are_found_and_hardly_anything_else_is_dropped(seed: int) -> None:
    recall, other_drops = find_planted(plant_copies(read_paragraphs(200), 160, seed))
    assert recall >= 0.97
    assert other_drops <= 1


@pytest.mark.skipif(not REPORTS.exists(), reason="the shared data is not here")
@pytest.mark.parametrize("seed", range(2))
def test_planted_copies_of_the_shared_paragraphs_are_found(seed: int) -> None:
    with gzip.open(REPORTS, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    paragraphs = [part.strip() for text in texts for part in text.split("\n")]
    paragraphs = [paragraph for paragraph in paragraphs if 60 <= len(paragraph) <= 400]
    recall, other_drops = find_planted(plant_copies(paragraphs, 800, seed))
    assert recall >= 0.98
    assert other_drops <= 2
