"""Personal data and figures of quality over a whole build: what is counted, replaced and rejected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hanpack.building.run import build
from hanpack.store.manifest import read_manifest
from tests.building.texts import FIRST, SECOND
from tests.builds import change_recipe, read_rows, read_states, to_jsonl, verify_build
from tests.conftest import MakeRecipe

CONTACT = "联系人张某，手机13812345678，邮箱zhang@example.com。" + SECOND


def test_personal_data_is_flagged_counted_by_kind_and_left_as_it_is(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    out = build(make_recipe({"a.jsonl": to_jsonl(FIRST, CONTACT)}), tmp_path / "out").path
    assert read_manifest(out).totals["personal"] == {"e-mail": 1, "mobile number": 1}
    document = read_rows(out, "documents")[1]
    flagged = [
        document["text"][edit["start"] : edit["end"]]
        for edit in document["edits"]
        if edit["step"] == "personal" and edit["kind"] == "flagged"
    ]
    assert flagged == ["13812345678", "zhang@example.com"]
    verify_build(out)


def test_personal_data_is_in_no_file_of_a_build_that_replaces_it(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    recipe = make_recipe({"a.jsonl": to_jsonl(FIRST, CONTACT)})
    change_recipe(recipe, steps={"personal": "replace"})
    out = build(recipe, tmp_path / "out").path
    texts = [row["text"] for row in read_rows(out, "documents")]
    assert texts[1].startswith("联系人张某，手机<MOBILE_NUMBER>，邮箱<EMAIL>。")
    chunks = "".join(row["text"] for row in read_rows(out, "chunks"))
    assert "<EMAIL>" in chunks
    assert "13812345678" not in chunks
    verify_build(out)


def test_other_bounds_of_quality_are_kept_by_the_next_build(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.jsonl": to_jsonl(FIRST, "only Latin letters here", SECOND)})
    assert read_states(build(recipe, tmp_path / "out").path) == ["kept", "kept", "kept"]
    change_recipe(recipe, quality={"han_share": {"min": 0.5}})
    assert read_states(build(recipe, tmp_path / "out").path) == ["kept", "rejected", "kept"]
    change_recipe(recipe, quality={"perplexity": {"max": 100000}})
    out = build(recipe, tmp_path / "out").path
    assert all(document["perplexity"] is not None for document in read_rows(out, "documents"))
    verify_build(out)


def test_a_document_out_of_the_bounds_is_rejected_as_quality_and_every_byte_is_accounted_for(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    recipe = make_recipe({"a.jsonl": to_jsonl(FIRST, "only Latin letters here", SECOND)})
    change_recipe(recipe, quality={"han_share": {"min": 0.5}, "perplexity": {"max": 100000}})
    out = build(recipe, tmp_path / "out").path
    assert read_states(out) == ["kept", "rejected", "kept"]
    row = read_rows(out, "ledger")[1]
    assert row["cause"] == "low_quality"
    assert row["reason"] == "han_share is 0, and the recipe keeps documents from 0.5"
    assert row["bytes_removed"] == [{"step": "quality", "bytes": row["byte_end"] - row["byte_start"]}]
    assert all(1 < document["perplexity"] < 1000 for document in read_rows(out, "documents"))
    verify_build(out)


@pytest.mark.parametrize("figure", ["han_share", "damage_left"])
def test_without_bounds_the_figures_are_columns_and_nothing_is_rejected(
    make_recipe: MakeRecipe, tmp_path: Path, figure: str
) -> None:
    out = build(make_recipe({"a.jsonl": to_jsonl(FIRST, "only Latin letters here")}), tmp_path / "out").path
    documents = read_rows(out, "documents")
    assert [document["perplexity"] for document in documents] == [None, None]
    assert all(document[figure] is not None for document in documents)


def test_bytes_and_tokens_are_added_up_by_licence_and_by_domain(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    rows = [
        {"text": FIRST, "license": "CC-BY-4.0", "url": "https://www.Example.org/a?x=1"},
        {"text": SECOND, "license": "CC-BY-4.0", "url": "https://user@www.example.org:8080/b"},
        {"text": "没有写明许可，也没有写明地址的一篇文字。"},
    ]
    content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    out = build(make_recipe({"a.jsonl": content}), tmp_path / "out").path
    totals = read_manifest(out).totals
    tokens = [document["token_count"] for document in read_rows(out, "documents")]
    assert totals["tokens_by_license"] == {"CC-BY-4.0": sum(tokens[:2]), "not stated": tokens[2]}
    assert totals["tokens_by_domain"] == {"not stated": tokens[2], "www.example.org": sum(tokens[:2])}
    assert sum(totals["bytes_by_license"].values()) == len(content) == sum(totals["bytes_by_domain"].values())
    card = " ".join((out / "README.md").read_text(encoding="utf-8").split("\n"))
    assert "The sources state, with the bytes of the records that are kept:" in card
    assert "the bytes are those of the records that are kept, as they are in the sources:" in card
    assert f"| www.example.org | {totals['bytes_by_domain']['www.example.org']} | {sum(tokens[:2])} |" in card
    verify_build(out)
