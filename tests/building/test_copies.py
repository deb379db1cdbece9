"""Copies over a whole build: which are dropped, what is kept for them, and what the ledger says of it."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from hanpack.building.run import build
from hanpack.steps.dedup.folding import TextFolder
from hanpack.steps.dedup.minhash import compute_shingles, compute_similarity
from tests.building.texts import (
    DAMAGED,
    FIRST,
    NEAR,
    SECOND,
    THIRD,
    to_traditional,
)
from tests.builds import hash_files, read_rows, read_states, to_jsonl, verify_build
from tests.conftest import MakeRecipe
from tests.sample_corpus import copy_text, read_paragraphs


def test_copies_of_four_kinds_are_dropped_and_hardly_anything_else(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    originals = read_paragraphs(200)
    random = Random(2)
    copied = random.sample(range(200), 100)
    copies = [copy_text(originals[number], place % 4, random) for place, number in enumerate(copied)]
    out = build(make_recipe({"a.jsonl": to_jsonl(*originals, *copies)}), tmp_path / "out").path
    dropped = {number for number, state in enumerate(read_states(out)) if state == "duplicate"}
    pairs = [{number, 200 + place} for place, number in enumerate(copied)]
    recalled = sum(bool(pair & dropped) for pair in pairs)
    assert recalled >= 98
    assert len(dropped - set().union(*pairs)) <= 1
    verify_build(out)


def test_the_ledger_names_the_document_that_is_kept_for_a_copy(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    out = build(make_recipe({"a.jsonl": to_jsonl(FIRST, SECOND, NEAR)}), tmp_path / "out").path
    kept, _, copy = read_rows(out, "ledger")
    folder = TextFolder()
    exact = compute_similarity(*(compute_shingles(folder.fold(text).text) for text in (FIRST, NEAR)))
    assert (copy["state"], copy["duplicate_of"]) == ("duplicate", kept["document_id"])
    assert copy["similarity"] == round(exact, 4) < 1
    assert copy["reason"] == "a copy of a.jsonl record 0"
    assert copy["bytes_kept"] == 0
    assert copy["bytes_removed"] == [{"step": "duplicate", "bytes": copy["byte_end"] - copy["byte_start"]}]
    assert kept["similarity"] is None
    assert "split" not in kept


@pytest.mark.parametrize("drop", ["near", "none"])
def test_a_document_says_how_many_records_it_was(make_recipe: MakeRecipe, tmp_path: Path, drop: str) -> None:
    texts = to_jsonl(FIRST, SECOND, NEAR, FIRST, to_traditional(FIRST), THIRD)
    recipe = make_recipe({"a.jsonl": texts, "b.jsonl": to_jsonl(SECOND)}, duplicates={"drop": drop})
    out = build(recipe, tmp_path / "out").path
    copies = [(row["text"], row["copies"]) for row in read_rows(out, "documents")]
    if drop == "near":
        assert copies == [(FIRST, 4), (SECOND, 2), (THIRD, 1)]
    else:
        assert [number for _, number in copies] == [1] * 7
    verify_build(out)


def test_a_further_copy_in_another_source_changes_the_number(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    files = {"a.jsonl": to_jsonl(FIRST, SECOND), "b.jsonl": to_jsonl(THIRD)}
    out = build(make_recipe(files), tmp_path / "out").path
    files["b.jsonl"] = to_jsonl(THIRD, FIRST)
    build(make_recipe(files), out)
    fresh = build(make_recipe(files), tmp_path / "fresh").path
    assert [row["copies"] for row in read_rows(out, "documents")] == [2, 1, 1]
    assert hash_files(out) == hash_files(fresh)


def test_the_least_damaged_copy_stays_then_the_longest_then_the_first(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    longer = SECOND + "成绩来之不易。"
    texts = [DAMAGED, FIRST, SECOND, longer, THIRD, to_traditional(THIRD)]
    out = build(make_recipe({"a.jsonl": to_jsonl(*texts)}), tmp_path / "out").path
    assert read_states(out) == ["duplicate", "kept", "duplicate", "kept", "kept", "duplicate"]
    assert [row["text"] for row in read_rows(out, "documents")] == [FIRST, longer, THIRD]


def test_the_kept_text_stays_in_its_own_script(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    traditional = to_traditional(FIRST)
    out = build(make_recipe({"a.jsonl": to_jsonl(traditional, FIRST)}), tmp_path / "out").path
    assert [row["text"] for row in read_rows(out, "documents")] == [traditional]


@pytest.mark.parametrize(
    ("drop", "states"),
    [
        ("none", ["kept", "kept", "kept"]),
        ("exact", ["kept", "duplicate", "kept"]),
        ("near", ["kept", "duplicate", "duplicate"]),
    ],
)
def test_a_recipe_says_which_copies_are_dropped(
    make_recipe: MakeRecipe, tmp_path: Path, drop: str, states: list[str]
) -> None:
    texts = to_jsonl(FIRST, to_traditional(FIRST), NEAR)
    recipe = make_recipe({"a.jsonl": texts}, duplicates={"drop": drop})
    assert read_states(build(recipe, tmp_path / "out").path) == states


def test_texts_without_letters_are_not_copies_of_one_another(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    out = build(make_recipe({"a.jsonl": to_jsonl("……！", "——", "……！")}), tmp_path / "out").path
    assert read_states(out) == ["kept", "kept", "kept"]


def test_copies_are_found_across_files_and_processes(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    texts = [f"{FIRST}第{n}号文件。{'甲乙丙丁戊己庚辛'[n % 8] * 30}" for n in range(24)] * 2
    files = {f"{n}.jsonl": to_jsonl(*texts[8 * n : 8 * n + 8]) for n in range(6)}
    recipe = make_recipe(files, packed={"tokens": 64}, splits={"test": 0.3})
    first = build(recipe, tmp_path / "first", num_proc=1).path
    second = build(recipe, tmp_path / "second", num_proc=2).path
    assert read_states(first).count("duplicate") >= 24
    assert hash_files(first) == hash_files(second)
    verify_build(first)
