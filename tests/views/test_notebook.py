"""Traces and answers in a notebook are tables with escaped texts, and one line elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

import hanpack


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notebook")
    (folder / "a.txt").write_text("一、回顾\r\n　　今年<b>经济</b>平稳增长，石桥修复。\r\n", encoding="utf-8")
    recipe = {"name": "n", "root": str(folder), "sources": [{"path": "a.txt"}]}
    return hanpack.build(recipe, out=folder / "out").path


def test_a_trace_is_a_table_of_both_texts_and_the_edits(build: Path) -> None:
    (chunk_id,) = hanpack.find_chunks(build, "石桥")
    traced = hanpack.trace(build, chunk_id)
    assert repr(traced) == f"<Trace of {chunk_id}: bytes 0–71 of 'a.txt', 3 edits>"
    page = traced._repr_html_()
    assert ["&lt;b&gt;经济" in page, "<b>经济" in page, "□□" in page] == [True, False, True]
    assert page.count("<table>") == page.count("</table>") == 2


def test_answers_are_a_table_of_the_places(build: Path) -> None:
    answers = hanpack.find_texts(build, ["石桥修复", "木桥"])
    assert repr(answers) == "<Answers: 2 texts, 1 place>"
    assert [answer.is_found for answer in answers] == [True, False]
    assert len(answers) == 2
    page = answers._repr_html_()
    assert ["<b>石桥修复</b>" in page, ">木桥<" in page, ">not found<" in page] == [True, True, True]
    assert page.count("<tr>") == 3
