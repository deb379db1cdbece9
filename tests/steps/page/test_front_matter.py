"""YAML before a Markdown text gives metadata and is taken out; what is no such YAML stays in the text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.building.run import build
from hanpack.steps.decode.decoding import decode
from hanpack.steps.edit_list import Edit
from hanpack.steps.page.front_matter import read_front_matter
from hanpack.steps.page.recognition import find_pages
from hanpack.steps.page.stripping import strip_page
from hanpack.steps.texts import JoinedTexts
from tests.builds import read_rows, verify_build
from tests.conftest import write_recipe

FRONT = "---\ntitle: '接口: 说明'\ndate: 2024/5/6 10:20:00\nauthor:\n  - 李青\n  - 王宁\ndraft: false\n---\n"
TEXT = f"{FRONT}\n# 说明\n\n正文。\n"


def test_its_fields_are_metadata_and_it_is_removed_by_an_edit() -> None:
    assert find_pages(JoinedTexts(["正文。", TEXT])) == {1}
    traced = strip_page(decode(TEXT.encode(), "utf-8"))
    assert traced.text == "# 说明\n\n正文。\n"
    size = len(f"{FRONT}\n".encode())
    assert Edit("page", "removed", 0, size) in list(traced.edits)
    fields = {"title": "接口: 说明", "date": "2024-05-06", "author": "李青、王宁"}
    assert dict(traced.metadata) == {**fields, "draft": "false"}


def test_chinese_names_are_fields_too() -> None:
    front = "---\n标题: 说明\n发布日期: 二〇二四年五月六日\n来源: 清江日报\n链接: https://example.com/a\n---\n正文。"
    assert read_front_matter(front).fields == {
        "title": "说明",
        "date": "2024-05-06",
        "publisher": "清江日报",
        "url": "https://example.com/a",
    }


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: [一\n---\n正文。",
        "---\ntitle: |\n  一\n  二\ndate: 春天\nurl: /posts/1\n---\n正文。",
        "---\n一\n---\n正文。",
        "正文。\n---\ntitle: 一\n---\n",
        "---\ntitle: 一\n正文。\n",
        "---\n- title: 一\n---\n正文。",
        "---\nkey: &a [*a]\n---\n正文。",
        "---\n? [a, b]\n: 一\n---\n正文。",
        "---\ntags:\ncover: {url: a.png}\n---\n正文。",
        f"---\nsummary: {'长' * 1001}\n---\n正文。",
    ],
)
def test_what_is_no_yaml_or_no_field_gives_nothing(text: str) -> None:
    assert read_front_matter(text) == ({}, {}, 0)
    assert strip_page(decode(text.encode(), "utf-8")).text == text


def test_yaml_with_a_long_text_gives_metadata_and_stays() -> None:
    text = f"---\ntitle: 说明\nsummary: {'长' * 1001}\n---\n正文。"
    traced = strip_page(decode(text.encode(), "utf-8"))
    assert (traced.text, dict(traced.metadata)) == (text, {"title": "说明"})


@given(st.text("-\n 一a:。…#*", max_size=60))
def test_a_rule_before_a_text_that_is_no_yaml_stays(rest: str) -> None:
    text = f"---\n{rest}"
    stripped = strip_page(decode(text.encode(), "utf-8")).text
    assert stripped == text or read_front_matter(text).end
    assert text.endswith(stripped)


def test_its_other_keys_are_further_metadata(tmp_path: Path) -> None:
    front = "---\ntags: [法规, 学习]\ncreated: 2024-03-01\n日期: 春天\nposts: [一, 二]\n---\n"
    note = f"{front}\n# 审计条例\n\n第一条 为了加强审计监督，制定本条例。\n"
    result = build(write_recipe(tmp_path, {"note.md": note.encode()}), tmp_path / "out")
    (chunk,) = read_rows(result.path, "chunks")
    assert chunk["metadata"]["title"] == "审计条例"
    assert chunk["text"] == "# 审计条例\n\n第一条 为了加强审计监督，制定本条例。\n"
    assert json.loads(chunk["metadata"]["extra"]) == {
        "tags": ["法规", "学习"],
        "created": "2024-03-01",
        "日期": "春天",
        "posts": ["一", "二"],
    }
    verify_build(result.path)
