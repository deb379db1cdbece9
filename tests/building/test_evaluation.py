"""Documents that contain an evaluation text are flagged or dropped; no evaluation text is passed over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hanpack.building.run import build
from hanpack.errors import RecipeError
from hanpack.store.metadata import read_metadata
from tests.building.texts import (
    DAMAGED,
    FIRST,
    FOURTH,
    SECOND,
    THIRD,
    find_edits,
    to_traditional,
)
from tests.builds import read_rows, read_states, to_jsonl, verify_build
from tests.conftest import MakeRecipe


def compare_with(*texts: dict[str, str], **options: Any) -> dict[str, Any]:
    """The keys of a recipe for the source a.jsonl and these entries of evaluation texts."""
    return {"sources": [{"path": "a.jsonl"}], "decontamination": {"texts": list(texts), **options}}


def test_documents_that_contain_an_evaluation_text_are_flagged(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    keys = compare_with({"path": "exam.jsonl", "text_column": "question"})
    exam = json.dumps({"question": to_traditional(SECOND).replace("，", ", ")}).encode()
    documents = to_jsonl(FIRST, FIRST[:9] + SECOND + THIRD)
    out = build(make_recipe({"a.jsonl": documents, "exam.jsonl": exam}, **keys), tmp_path / "out").path
    clean, contaminated = read_rows(out, "documents")
    (edit,) = find_edits(contaminated, "decontamination")
    assert find_edits(clean, "decontamination") == []
    assert edit["kind"] == "flagged"
    assert contaminated["text"][edit["start"] : edit["end"]].rstrip("。") == SECOND.rstrip("。")
    assert read_metadata(contaminated["metadata"]) == {"evaluation_texts": "exam.jsonl record 0"}
    assert read_metadata(clean["metadata"]) == {}
    verify_build(out)


def test_documents_that_contain_an_evaluation_text_are_dropped(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    keys = compare_with({"path": "exam.txt", "records": "line"}, action="drop")
    files = {"a.jsonl": to_jsonl(FIRST, SECOND + THIRD), "exam.txt": SECOND.encode()}
    done = build(make_recipe(files, **keys), tmp_path / "out", strict=True)
    kept, dropped = read_rows(done.path, "ledger")
    assert kept["state"] == "kept"
    assert (dropped["state"], dropped["bytes_kept"]) == ("rejected", 0)
    assert dropped["reason"].startswith("characters 0 to ")
    assert dropped["reason"].endswith(" are the evaluation text exam.txt record 0")
    assert done.counts["decontaminated"] == 1
    verify_build(done.path)


def test_evaluation_texts_go_through_the_steps_of_the_recipe(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    page = f"<html><head><title>试卷</title></head><body><p>{SECOND}</p></body></html>"
    files = {
        "a.jsonl": to_jsonl(THIRD, FIRST[:9] + SECOND, FOURTH + FIRST),
        "exam.html": page.encode(),
        "exam.txt": ("\n" + DAMAGED).encode(),
    }
    keys = compare_with({"path": "exam.html"}, {"path": "exam.txt", "records": "line"}, action="drop")
    done = build(make_recipe(files, **keys), tmp_path / "out")
    assert read_states(done.path) == ["kept", "rejected", "rejected"]
    (note,) = done.notes
    assert note.startswith("2 of 3 records were rejected")
    verify_build(done.path)


def test_an_evaluation_text_that_is_too_short_is_noted(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    keys = compare_with({"path": "exam.txt", "records": "line"})
    files = {"a.jsonl": to_jsonl(FIRST), "exam.txt": f"{SECOND}\n北京。\n".encode()}
    (note,) = build(make_recipe(files, **keys), tmp_path / "out").notes
    assert note.startswith("1 evaluation texts have fewer than 10 letters")
    assert note.endswith("exam.txt record 1")


def test_an_evaluation_text_that_changes_makes_a_new_build(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    keys = compare_with({"path": "exam.txt"}, action="drop")
    files = {"a.jsonl": to_jsonl(FIRST, SECOND), "exam.txt": THIRD.encode()}
    assert read_states(build(make_recipe(files, **keys), tmp_path / "out").path) == ["kept", "kept"]
    again = build(make_recipe({**files, "exam.txt": SECOND.encode()}, **keys), tmp_path / "out")
    assert (again.unchanged, read_states(again.path)) == (False, ["kept", "rejected"])


def test_an_evaluation_text_that_cannot_be_read_stops_the_build(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    files = {"a.jsonl": to_jsonl(FIRST), "exam.jsonl": b'{"question": "?"}'}
    recipe = make_recipe(files, **compare_with({"path": "exam.jsonl"}))
    with pytest.raises(RecipeError, match=r"exam\.jsonl record 0 cannot be read"):
        build(recipe, tmp_path / "out")
