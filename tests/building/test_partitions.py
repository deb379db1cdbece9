"""Documents held out for validation and test: which, that they stay there, and that training has no copy."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest
from datasets import load_dataset

from hanpack.building.run import build
from hanpack.dataset_builder import HanpackBuilder
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.dedup.folding import TextFolder
from hanpack.steps.dedup.minhash import compute_shingles, compute_similarity
from hanpack.steps.tokens.counting import TiktokenCounter
from tests.building.texts import FIRST, FOURTH, NEAR, SECOND, THIRD, to_traditional
from tests.builds import read_rows, to_jsonl, verify_build
from tests.conftest import MakeRecipe
from tests.sample_corpus import copy_text, read_paragraphs

SHARES = {"validation": 0.2, "test": 0.2}


def read_partitions(out: Path, names: Iterable[str] = ("train", "validation", "test")) -> dict[str, str]:
    """The partition of every document, by its text."""
    return {row["text"]: name for name in names for row in read_rows(out, "documents", name)}


def measure_similarities(partitions: dict[str, str]) -> list[float]:
    """The similarity of every two documents of different partitions."""
    folder = TextFolder()
    documents = [(name, compute_shingles(folder.fold(text).text)) for text, name in partitions.items()]
    return [
        compute_similarity(first, second)
        for (one, first), (other, second) in combinations(documents, 2)
        if one != other
    ]


@pytest.mark.parametrize("drop", ["none", "near"])
def test_a_document_stays_where_it_is_when_others_are_added_and_has_no_copy_elsewhere(
    make_recipe: MakeRecipe, tmp_path: Path, drop: str
) -> None:
    paragraphs = read_paragraphs(160)
    keys: dict[str, Any] = {"splits": SHARES, "duplicates": {"drop": drop}}
    old = build(make_recipe({"a.jsonl": to_jsonl(*paragraphs[:120])}, **keys), tmp_path / "old").path
    before = read_partitions(old)
    random = Random(4)
    copies = [copy_text(text, place % 4, random) for place, text in enumerate(paragraphs[:60])]
    texts = to_jsonl(*paragraphs[:120], *copies, *paragraphs[120:])
    out = build(make_recipe({"a.jsonl": texts}, **keys), tmp_path / "new").path
    after = read_partitions(out)
    assert set(before.values()) == {"train", "validation", "test"}
    remaining = before.keys() & after.keys()
    assert len(remaining) >= 100
    assert {text: after[text] for text in remaining} == {text: before[text] for text in remaining}
    similarities = measure_similarities(after)
    assert len(similarities) > 1000
    assert max(similarities) < 0.8
    verify_build(out)


def test_a_training_copy_of_a_test_document_is_dropped_even_where_copies_are_kept(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    keys: dict[str, Any] = {"splits": {"test": {"source": "exam*"}}, "duplicates": {"drop": "none"}}
    files = {"a.jsonl": to_jsonl(FIRST, SECOND, SECOND), "exam.jsonl": to_jsonl(to_traditional(FIRST))}
    out = build(make_recipe(files, **keys), tmp_path / "out").path
    assert [(row["state"], row["split"]) for row in read_rows(out, "ledger")] == [
        ("duplicate", None),
        ("kept", "train"),
        ("kept", "train"),
        ("kept", "test"),
    ]
    verify_build(out)


def test_a_dropped_copy_names_the_first_of_the_equal_texts_that_stay(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    keys: dict[str, Any] = {"splits": {"test": {"source": "exam*"}}, "duplicates": {"drop": "none"}}
    damaged = FIRST.replace("发展", "发(fā)展")
    recipe = make_recipe({"a.jsonl": to_jsonl(NEAR), "exam.jsonl": to_jsonl(damaged, FIRST)}, **keys)
    copy, first, second = read_rows(build(recipe, tmp_path / "out").path, "ledger")
    assert second["document_id"] == f"{first['document_id']}-2"
    assert copy["duplicate_of"] == first["document_id"]
    assert copy["reason"] == "a copy of exam.jsonl record 0"


@pytest.mark.parametrize("drop", ["none", "near"])
def test_of_many_similar_documents_none_in_training_is_a_copy_of_one_held_out(
    make_recipe: MakeRecipe, tmp_path: Path, drop: str
) -> None:
    random = Random(6)
    characters = sorted(set(FIRST + SECOND + THIRD + FOURTH) - set("，。、"))
    common = ["".join(random.choices(characters, k=38)) for _ in range(8)]
    texts = [
        "。".join(part + "".join(random.choices(characters, k=random.randint(2, 4))) for part in common)
        for _ in range(500)
    ]
    keys: dict[str, Any] = {"splits": {"test": 0.1}, "duplicates": {"drop": drop}}
    out = build(make_recipe({"a.jsonl": to_jsonl(*texts)}, **keys), tmp_path / "out").path
    similarities = measure_similarities(read_partitions(out, ("train", "test")))
    assert similarities
    assert max(similarities) < 0.8


def test_a_partition_may_follow_from_metadata(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    lines = [json.dumps({"text": text, "year": year}) for text, year in ((FIRST, 2023), (SECOND, 2024))]
    keys = {"splits": {"validation": {"metadata": {"year": ["2024"]}}}}
    out = build(make_recipe({"a.jsonl": "\n".join(lines).encode()}, **keys), tmp_path / "out").path
    assert read_partitions(out, ("train", "validation")) == {FIRST: "train", SECOND: "validation"}


def test_partitions_load_by_their_names(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    keys: dict[str, Any] = {"splits": {"test": {"source": "b*"}}, "packed": {"tokens": 64}}
    recipe = make_recipe({"a.jsonl": to_jsonl(FIRST, SECOND), "b.jsonl": to_jsonl(THIRD)}, **keys)
    out = build(recipe, tmp_path / "out").path
    loaded = load_dataset(str(out), cache_dir=str(tmp_path / "cache"))
    assert {name: partition["text"] for name, partition in loaded.items()} == {
        "train": [FIRST, SECOND],
        "test": [THIRD],
    }
    assert load_dataset(str(out), "ledger", split="train", cache_dir=str(tmp_path / "cache")).num_rows == 3
    builder = HanpackBuilder(recipe, cache_dir=str(tmp_path / "builder"))
    builder.download_and_prepare()
    assert builder.as_dataset(split="test").to_list() == read_rows(out, "chunks", "test")
    encoding = TiktokenCounter(load_vocabulary("o200k_base")).encoding
    (packed,) = read_rows(out, "packed", "test")
    assert encoding.decode(packed["input_ids"][: packed["token_count"]]) == f"{THIRD}<|endoftext|>"


def test_a_document_whose_passages_are_removed_stays_in_its_partition(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    texts = to_jsonl(FIRST + SECOND + THIRD, *(f"{n}号。{SECOND}第{n}条。" for n in range(20)))
    partitions: dict[str, list[str | None]] = {}
    for passages in ("mark", "remove"):
        recipe = make_recipe(
            {"a.jsonl": texts},
            splits={"test": 0.5},
            duplicates={"drop": "none", "threshold": 1, "passages": passages, "minimum_passage": 40},
        )
        ledger = read_rows(build(recipe, tmp_path / passages).path, "ledger")
        partitions[passages] = [row["split"] for row in ledger]
    removed = [edit["kind"] for row in read_rows(tmp_path / "remove", "documents") for edit in row["edits"]]
    assert "removed" in removed
    assert set(partitions["mark"]) == {"train", "test"}
    assert partitions["remove"] == partitions["mark"]


def test_a_passage_stays_if_the_rest_of_its_document_is_in_another_partition(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    keys: dict[str, Any] = {
        "splits": {"test": {"source": "exam*"}},
        "duplicates": {"passages": "remove", "minimum_passage": 45},
    }
    short = "各市县要认真组织实施本规定。"
    train = to_jsonl(FIRST + THIRD + FOURTH, FIRST + short, FIRST + SECOND[:30])
    out = build(make_recipe({"a.jsonl": train, "exam.jsonl": to_jsonl(short)}, **keys), tmp_path / "out").path
    assert read_partitions(out, ("train", "test")) == {
        FIRST + THIRD + FOURTH: "train",
        FIRST + short: "train",
        SECOND[:30]: "train",
        short: "test",
    }
    verify_build(out)


def test_packed_sequences_name_the_document_of_their_own_partition(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    lines = [json.dumps({"text": "——", "year": year}) for year in ("2023", "2024")]
    keys: dict[str, Any] = {
        "splits": {"test": {"metadata": {"year": ["2024"]}}},
        "packed": {"tokens": 16},
    }
    out = build(make_recipe({"a.jsonl": "\n".join(lines).encode()}, **keys), tmp_path / "out").path
    ids = {name: [row["id"] for row in read_rows(out, "documents", name)] for name in ("train", "test")}
    assert ids["test"] == [f"{ids['train'][0]}-2"]
    for name, expected in ids.items():
        (packed,) = read_rows(out, "packed", name)
        assert packed["document_ids"] == expected


def test_an_empty_partition_is_noted_and_verifies(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    keys: dict[str, Any] = {"splits": {"test": {"source": "exams/*"}}}
    done = build(make_recipe({"a.jsonl": to_jsonl(FIRST)}, **keys), tmp_path / "out")
    (note,) = done.notes
    assert note.startswith("no document is in the split test, and load_dataset fails on it")
    assert "its rule selects none" in note
    assert read_rows(done.path, "documents", "test") == []
    verify_build(done.path)


def test_an_empty_partition_by_share_is_noted_with_the_share(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    keys: dict[str, Any] = {"splits": {"test": 0.000001}}
    (note,) = build(make_recipe({"a.jsonl": to_jsonl(FIRST)}, **keys), tmp_path / "out").notes
    assert note.endswith("set a larger share in the recipe, or a rule")


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        (
            "titel",
            ["甲"],
            "no document has the metadata field titel, which splits.test names; did you mean title?",
        ),
        (
            "xyz",
            ["甲"],
            "no document has the metadata field xyz, which splits.test names; the fields are title, year",
        ),
        ("标题", ["丙"], None),
        ("year", ["1900"], None),
    ],
)
def test_a_rule_with_a_field_that_no_document_has_is_noted(
    make_recipe: MakeRecipe, tmp_path: Path, field: str, values: list[str], expected: str | None
) -> None:
    lines = [
        json.dumps({"text": f"{title}市今年完成投资，明年继续努力。", "title": title, "year": "2024"})
        for title in "甲乙"
    ]
    keys: dict[str, Any] = {"splits": {"test": {"metadata": {field: values}}}, "duplicates": {"drop": "none"}}
    done = build(make_recipe({"a.jsonl": "\n".join(lines).encode()}, **keys), tmp_path / "out")
    assert "its rule selects none" in done.notes[0]
    assert list(done.notes[1:]) == [expected] * (expected is not None)
