"""Parts become tables with unique ids, as many tables of chunks as the recipe has, and a card."""

from __future__ import annotations

from pathlib import Path

from datasets import load_dataset

from hanpack.building.run import build
from tests.builds import read_rows, to_jsonl, verify_build
from tests.conftest import MakeRecipe

ALL = {"duplicates": {"drop": "none"}}
REPORT = (
    "一、工作回顾\n" + "我们坚持稳中求进,推动高质量发展。" * 30 + "\n二、下一步打算\n" + "抓好落实。" * 40
)


def test_a_text_that_occurs_twice_has_two_ids(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.jsonl": to_jsonl("同一段文字。", "同一段文字。")}, **ALL)
    out = build(recipe, tmp_path / "out").path
    first, second = (row["id"] for row in read_rows(out, "documents"))
    assert second == f"{first}-2"
    assert [row["document_id"] for row in read_rows(out, "chunks")] == [first, second]
    assert [row["document_id"] for row in read_rows(out, "ledger")] == [first, second]
    assert len({row["id"] for row in read_rows(out, "chunks")}) == 2


def test_a_recipe_may_have_several_tables_of_chunks(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    more = {
        "chunks_64": {"max_tokens": 64, "overlap": 16},
        "chunks_headed": {"max_tokens": 96, "headings": True},
    }
    files = {"a.txt": REPORT.encode(), "b.txt": REPORT.encode()}
    out = build(make_recipe(files, more=more, **ALL), tmp_path / "out").path
    verify_build(out)
    document, copy = read_rows(out, "documents")
    assert max(row["token_count"] for row in read_rows(out, "chunks_64")) <= 64
    assert "heading_characters" not in read_rows(out, "chunks")[0]
    headed = read_rows(out, "chunks_headed")
    assert {row["document_id"] for row in headed} == {document["id"], copy["id"]}
    bodies = [row["text"][row["heading_characters"] :] for row in headed]
    assert bodies == [document["text"][row["start"] : row["end"]] for row in headed]
    headings = {row["text"][: row["heading_characters"]] for row in headed}
    assert headings == {"", "一、工作回顾\n", "二、下一步打算\n"}


def test_a_further_table_loads_by_its_name(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.txt": REPORT.encode()}, more={"chunks_64": {"max_tokens": 64}})
    out = build(recipe, tmp_path / "out").path
    loaded = load_dataset(str(out), "chunks_64", split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded.num_rows > len(read_rows(out, "chunks"))
    assert loaded.to_list() == read_rows(out, "chunks_64")


def test_hostile_card_fields_stay_fields(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    title = "x\n---\nlicense: mit\n<script>alert(1)</script>"
    recipe = make_recipe({"a.txt": REPORT.encode()}, card={"title": title, "license": "other"})
    card = (build(recipe, tmp_path / "out").path / "README.md").read_text(encoding="utf-8")
    head, _, body = card.removeprefix("---\n").partition("\n---\n\n#")
    assert "license: other" in head.splitlines()
    assert "license: mit" not in head.splitlines()
    assert "&lt;script&gt;alert(1)" in body
    assert "<script>" not in body
