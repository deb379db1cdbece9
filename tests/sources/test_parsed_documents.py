"""What Docling and MinerU wrote is one document: its text in reading order, on its pages, without headers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.building.run import build
from hanpack.reasons import Cause
from hanpack.sources.parsed_documents import is_parsed_document, read_parsed_document
from hanpack.steps.decode.decoding import decode
from hanpack.steps.page.parsed_text import reduce_parsed
from hanpack.steps.traced import Traced, count_removed
from tests.builds import read_rows, verify_build
from tests.conftest import MakeRecipe
from tests.sources.reading import read_source

BOX = {"l": 10, "t": 90, "r": 50, "b": 80, "coord_origin": "BOTTOMLEFT"}


def make_text(number: int, label: str, text: str, page: int = 1, **values: Any) -> dict[str, Any]:
    """A text of a DoclingDocument."""
    return {
        "self_ref": f"#/texts/{number}",
        "content_layer": "furniture" if label.startswith("page_") else "body",
        "label": label,
        "prov": [{"page_no": page, "bbox": BOX}],
        "orig": text,
        "text": text,
        **values,
    }


def make_cell(row: int, column: int, text: str) -> dict[str, Any]:
    return {"text": text, "start_row_offset_idx": row, "start_col_offset_idx": column}


def make_docling() -> dict[str, Any]:
    """A document whose table stands between two texts, and in the file after all of them."""
    wide = make_cell(1, 0, "合|计")
    grid = [[make_cell(0, 0, "年"), make_cell(0, 1, "量\n吨")], [wide, wide]]
    return {
        "schema_name": "DoclingDocument",
        "version": "1.8.0",
        "name": "报告",
        "furniture": {"self_ref": "#/furniture", "children": []},
        "body": {
            "self_ref": "#/body",
            "children": [{"$ref": f"#/{path}"} for path in ("texts/0", "tables/0", "texts/2", "groups/0")],
        },
        "groups": [{"children": [{"$ref": "#/texts/3"}, {"$ref": "#/groups/0"}]}],
        "texts": [
            make_text(0, "section_header", "一、总则", level=1),
            make_text(1, "page_header", "公报"),
            make_text(2, "text", "正文“一”。\\", 2),
            make_text(3, "list_item", "甲", 2, enumerated=True, marker="1."),
        ],
        "tables": [{"self_ref": "#/tables/0", "prov": [{"page_no": 1}], "data": {"grid": grid}}],
        "pages": {"1": {"size": {"width": 100, "height": 100}}},
    }


DOCLING_TEXT = "# 一、总则\n\n| 年 | 量 吨 |\n| --- | --- |\n| 合\\|计 |  |\n\n正文“一”。\\\n1. 甲"
CONTENT_LIST = [
    {"type": "header", "text": "公报", "page_idx": 0, "bbox": [1, 2, 3, 4]},
    {"type": "text", "text": "总则", "text_level": 1, "page_idx": 0, "bbox": [100, 200, 500, 220]},
    {"type": "text", "text": "正文。", "page_idx": 0},
    {
        "type": "table",
        "table_caption": ["表1"],
        "table_body": "<table><tr><td>年</td><td>量&amp;值</td></tr><tr><td>1</td><td>2</td></tr></table>",
        "table_footnote": [],
        "page_idx": 1,
    },
    {"type": "page_number", "text": "2", "page_idx": 1},
    {"type": "list", "list_items": ["1. 甲", "乙"], "page_idx": 1},
    {"type": "code", "code_body": "x = 1", "page_idx": 1},
    {"type": "text", "text": "完。", "page_idx": 1},
]
TABLE_TEXT = "\n\n| 年 | 量&值 |\n| --- | --- |\n| 1 | 2 |"
CONTENT_LIST_TEXT = f"# 总则\n正文。\n表1{TABLE_TEXT}\n\n1. 甲\n- 乙\n\n```\nx = 1\n```\n\n完。"


def make_span(text: str, **values: Any) -> dict[str, Any]:
    return {"bbox": [10, 20, 30, 40], "type": "text", "content": text, **values}


MIDDLE = {
    "pdf_info": [
        {
            "preproc_blocks": [{"type": "text", "lines": [{"spans": [make_span("重复")]}]}],
            "page_idx": 0,
            "page_size": [100, 200],
            "discarded_blocks": [{"type": "discarded", "lines": [{"spans": [make_span("公报")]}]}],
            "para_blocks": [
                {"type": "title", "level": 2, "lines": [{"spans": [make_span("总则")]}]},
                {
                    "type": "text",
                    "lines": [
                        {"spans": [make_span("上半 GDP")]},
                        {"spans": [make_span("growth，")]},
                        {"spans": [make_span("下半。", cross_page=True)]},
                    ],
                },
                {
                    "type": "table",
                    "blocks": [
                        {"type": "table_caption", "lines": [{"spans": [make_span("表1")]}]},
                        {
                            "type": "table_body",
                            "lines": [{"spans": [{"type": "table", "html": CONTENT_LIST[3]["table_body"]}]}],
                        },
                    ],
                },
            ],
        }
    ]
}
MIDDLE_TEXT = "## 总则\n上半 GDP growth，下半。\n表1\n\n| 年 | 量&值 |\n| --- | --- |\n| 1 | 2 |"
DOCUMENTS = {
    "docling": (make_docling(), DOCLING_TEXT),
    "content list": (CONTENT_LIST, CONTENT_LIST_TEXT),
    "middle": (MIDDLE, MIDDLE_TEXT),
}


def reduce(document: Any, **options: Any) -> Traced:
    data = json.dumps(document, **options).encode()
    assert is_parsed_document(data[: 2**20])
    parsed = read_parsed_document(data)
    assert parsed
    assert sorted(parsed.content) == sorted(data)
    reduced = reduce_parsed(decode(parsed.content, "utf-8"), parsed.pieces)
    assert sum(count_removed(reduced).values()) <= len(data)
    return reduced


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize(
    "options", [{"ensure_ascii": True}, {"ensure_ascii": False, "indent": 1}], ids=["escaped", "indented"]
)
def test_the_text_is_in_reading_order_without_headers(name: str, options: dict[str, Any]) -> None:
    document, text = DOCUMENTS[name]
    reduced = reduce(document, **options)
    assert reduced.text == text
    assert {edit.step for edit in reduced.edits} <= {"unwrap", "layout", "html"}
    assert "layout" in count_removed(reduced)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_build_of_a_document_verifies_and_its_chunks_say_their_pages(
    make_recipe: MakeRecipe, tmp_path: Path, name: str
) -> None:
    document, text = DOCUMENTS[name]
    recipe = make_recipe({"a.json": json.dumps(document).encode()}, chunks={"max_tokens": 16})
    out = build(recipe, tmp_path / "out").path
    (row,) = read_rows(out, "documents")
    assert row["text"] == text
    pages = [[box["page"] for box in chunk["pages"]] for chunk in read_rows(out, "chunks")]
    assert pages[0][0] == 1
    assert {page for several in pages for page in several} == {1, 2}
    assert row["pages"][0]["left"] == 0.1
    verify_build(out)


def test_a_paragraph_that_goes_on_on_the_next_page_stands_on_both(tmp_path: Path) -> None:
    path = tmp_path / "middle.json"
    path.write_bytes(json.dumps(MIDDLE).encode())
    (record,) = read_source(path)
    assert sorted({region.page for region in record.regions}) == [1, 2]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4), st.booleans())
def test_every_string_is_kept_as_it_is(texts: list[str], is_ascii: bool) -> None:
    document = [{"type": "text", "text": text, "page_idx": 0} for text in texts]
    kept = "\n".join(text for text in texts if text.strip())
    assert reduce(document, ensure_ascii=is_ascii).text == kept


def test_captions_of_captions_are_read_however_many_there_are() -> None:
    count = 5_000
    table = make_docling()["tables"][0]
    tables = [{**table, "captions": [{"$ref": f"#/tables/{number + 1}"}]} for number in range(count)]
    tables[-1]["captions"] = [{"$ref": "#/texts/0"}, {"$ref": "#/tables/0"}]
    body = {"children": [{"$ref": "#/tables/0"}]}
    text = reduce({**make_docling(), "tables": tables, "body": body}).text
    assert text.startswith("# 一、总则\n\n| 年")
    assert text.count("| 年") == count


def test_a_table_with_one_long_row_is_not_filled_up() -> None:
    cells, rows = 300, 3_000
    document = make_docling()
    document["tables"][0]["data"]["grid"] = [[{"text": "甲"}] * cells, *[[]] * rows]
    lines = reduce(document).text.split("\n")
    assert lines.count("|") == rows
    assert "|" + " 甲 |" * cells in lines


@pytest.mark.parametrize(
    "content",
    [
        b'[{"text": "a"}]',
        b'[{"type": "text", "text": "a"}]',
        b'{"schema_name": "Other", "texts": []}',
        b'{"a": {"schema_name": "DoclingDocument"}}',
        b"",
    ],
)
def test_other_json_is_no_parsed_document(content: bytes) -> None:
    assert not is_parsed_document(content)


def test_a_document_that_is_cut_off_is_rejected(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    data = json.dumps(make_docling()).encode()
    recipe = make_recipe({"a.json": data[:-200], "z.txt": "好。".encode()})
    rejected, kept = read_rows(build(recipe, tmp_path / "out").path, "ledger")
    assert rejected["state"] == "rejected"
    assert kept["state"] == "kept"


def test_a_document_that_is_too_long_is_rejected(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    data = json.dumps(make_docling()).encode()
    recipe = make_recipe({"a.json": data, "z.txt": "好。".encode()}, limits={"max_record_bytes": 1024})
    out = build(recipe, tmp_path / "out").path
    rejected, _ = read_rows(out, "ledger")
    assert (rejected["cause"], rejected["byte_end"]) == (Cause.RECORD_TOO_LONG.code, len(data))
    verify_build(out)
