"""Passages of better documents: removed as an edit, or flagged where removal would do harm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hanpack.building.run import build
from tests.building.texts import (
    FIRST,
    FOURTH,
    OVERLAPPING,
    SECOND,
    THIRD,
    find_edits,
)
from tests.builds import read_rows, to_jsonl, verify_build
from tests.conftest import MakeRecipe

REMOVE = {"passages": "remove", "minimum_passage": 40}


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
