"""Copies and passages over a whole build: what is dropped or removed, what stays, and why."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from hanpack.building.run import build
from hanpack.steps.dedup import TextFolder, compute_shingles, compute_similarity
from tests.building.texts import (
    DAMAGED,
    FIRST,
    FOURTH,
    NEAR,
    OVERLAPPING,
    SECOND,
    THIRD,
    find_edits,
    to_traditional,
)
from tests.builds import hash_files, read_rows, read_states, to_jsonl, verify_build
from tests.conftest import MakeRecipe
from tests.sample_corpus import copy_text, read_paragraphs

REMOVE = {"passages": "remove", "minimum_passage": 40}


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


def test_passages_of_a_better_document_are_removed_as_an_edit(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    out = build(make_recipe({"a.jsonl": to_jsonl(*OVERLAPPING)}, duplicates=REMOVE), tmp_path / "out").path
    first, second = read_rows(out, "documents")
    assert (first["text"], second["text"]) == (OVERLAPPING[0], "各位代表。" + FOURTH)
    (edit,) = find_edits(second, "passages")
    assert edit["kind"] == "removed"
    assert edit["byte_end"] - edit["byte_start"] == len(SECOND.encode())
    removed = {step["step"]: step["bytes"] for step in read_rows(out, "ledger")[1]["bytes_removed"]}
    assert removed["passages"] == len(SECOND.encode())
    verify_build(out)


def test_passages_of_a_better_document_are_flagged(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    keys = {"passages": "mark", "minimum_passage": 40}
    out = build(make_recipe({"a.jsonl": to_jsonl(*OVERLAPPING)}, duplicates=keys), tmp_path / "out").path
    second = read_rows(out, "documents")[1]
    (edit,) = find_edits(second, "passages")
    assert second["text"] == OVERLAPPING[1]
    assert (edit["kind"], second["text"][edit["start"] : edit["end"]]) == ("flagged", SECOND)
    verify_build(out)


def test_a_document_of_nothing_but_passages_is_flagged_and_stays(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    texts = to_jsonl(OVERLAPPING[0], SECOND)
    out = build(make_recipe({"a.jsonl": texts}, duplicates=REMOVE), tmp_path / "out").path
    second = read_rows(out, "documents")[1]
    assert second["text"] == SECOND
    assert [edit["kind"] for edit in find_edits(second, "passages")] == ["flagged"]


def test_a_copy_names_a_document_without_its_passages_by_the_new_id(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    texts = to_jsonl(*OVERLAPPING, OVERLAPPING[1])
    out = build(make_recipe({"a.jsonl": texts}, duplicates=REMOVE), tmp_path / "out").path
    assert find_edits(read_rows(out, "documents")[1], "passages")
    assert read_rows(out, "ledger")[2]["duplicate_of"] == read_rows(out, "documents")[1]["id"]
    verify_build(out)


def test_a_copy_names_its_own_document_where_two_are_left_with_the_same_text(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    best = FIRST + SECOND + THIRD + FOURTH * 2
    texts = to_jsonl(best, FIRST + "特此通知。", SECOND + "特此通知。", SECOND + "特此通知！")
    out = build(make_recipe({"a.jsonl": texts}, duplicates=REMOVE), tmp_path / "out").path
    _, first, second, copy = read_rows(out, "ledger")
    assert second["document_id"] == f"{first['document_id']}-2"
    assert (copy["reason"], copy["duplicate_of"]) == ("a copy of a.jsonl record 2", second["document_id"])
    verify_build(out)


def test_a_removal_that_would_have_the_document_rejected_is_a_flag(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    """Without the passage, the halves of an evaluation text would be joined."""
    split_text = f"{THIRD[:30]}。{SECOND}{THIRD[30:]}"
    keys: dict[str, Any] = {
        "sources": [{"path": "a.jsonl"}],
        "duplicates": REMOVE,
        "decontamination": {"texts": [{"path": "exam.txt"}], "action": "drop"},
    }
    texts = to_jsonl(FIRST + SECOND + FOURTH, split_text, split_text)
    out = build(make_recipe({"a.jsonl": texts, "exam.txt": THIRD.encode()}, **keys), tmp_path / "out").path
    first, second, copy = read_rows(out, "ledger")
    assert [row["state"] for row in (first, second, copy)] == ["kept", "kept", "duplicate"]
    assert copy["duplicate_of"] == second["document_id"]
    document = read_rows(out, "documents")[1]
    assert document["text"] == split_text
    assert [edit["kind"] for edit in find_edits(document, "passages")] == ["flagged"]
    verify_build(out)
