"""Which column of a table is the text, and what is said of columns that are parts of one text."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import hanpack
from hanpack.scanning.files import scan
from hanpack.scanning.hints import list_hints
from hanpack.sources.text_columns import choose_text_column, find_parts, sort_by_words
from tests.builds import read_rows, verify_build

PROPOSALS = [f"关于第{number}号提案的答复" for number in range(1, 13)]
QUESTIONS = ["怎么缴水费？", "如何办护照？", "1+1等于几？"]
ANSWERS = ["可以到大厅缴费，也可以在手机上缴费。", "请携带身份证到出入境管理局办理。", "2。"]


def test_texts_that_differ_in_a_number_only_are_texts() -> None:
    days = [f"2024-03-{number:02}" for number in range(1, 13)]
    assert choose_text_column({"日期": days, "提案": PROPOSALS, "单位": ["市教育局"] * 12}) == "提案"
    assert choose_text_column({"日期": days, "编号": [f"第{number}号" for number in range(12)]}) is None
    assert choose_text_column({"单位": ["市教育局办公室"] * 12}) is None


@pytest.mark.parametrize(
    "rows",
    [
        [f"{text},2024-03-{number:02},市教育局" for number, text in enumerate(PROPOSALS, 1)],
        [*PROPOSALS],
        ["提案号,提案", *(f"{number},{text}" for number, text in enumerate(PROPOSALS, 1))],
    ],
)
def test_a_small_table_of_titles_builds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    result = hanpack.build(tmp_path / "a.csv", out=tmp_path / "out")
    assert [row["text"] for row in read_rows(result.path, "documents")] == PROPOSALS
    verify_build(result.path)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("question", "answer"),
        ("instruction", "output"),
        ("prompt", "response"),
        ("问题", "回答"),
        ("诉求", "答复内容"),
    ],
)
def test_a_question_and_its_answer_are_parts_of_one_text(tmp_path: Path, question: str, answer: str) -> None:
    rows = [{question: first, answer: second} for first, second in zip(QUESTIONS, ANSWERS, strict=True)]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "b.parquet")
    table = [f"{question},{answer}", *(",".join(row.values()) for row in rows)]
    (tmp_path / "c.csv").write_text("\n".join(table), encoding="utf-8")
    scanned = scan(tmp_path)
    assert [file.column for file in scanned] == [answer] * 3
    start = f"{question}, {answer} are parts of one text: only {answer} is the text"
    assert [file.hint.startswith(start) for file in scanned] == [True] * 3
    (hint,) = list_hints(scanned)
    assert hint.startswith(f"a.jsonl and 2 other files: {start}")


def test_a_column_with_the_whole_text_or_a_part_alone_is_none_of_parts() -> None:
    texts = ["今年以来，全市经济运行总体平稳，各项工作有序推进。" * 3]
    assert find_parts({"question": QUESTIONS, "text": texts}) == ()
    assert find_parts({"question": QUESTIONS, "answer": ["", " ", ""]}) == ()
    assert find_parts(
        {"data.instruction": QUESTIONS, "data.input": ["", "", "甲"], "data.output": ANSWERS}
    ) == (
        "data.instruction",
        "data.input",
        "data.output",
    )


def test_columns_without_texts_are_named_by_their_words() -> None:
    assert sort_by_words({"日期": ["2024-01-01"], "姓名": ["张三"]}) == ("姓名", "日期")


def test_questions_and_answers_are_joined_as_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [{"question": first, "answer": second} for first, second in zip(QUESTIONS, ANSWERS, strict=True)]
    texts = ({**row, "text": f"{row['question']}\n{row['answer']}"} for row in rows)
    result = hanpack.build(texts, out="dist/qa")
    (first, *_) = read_rows(result.path, "documents")
    assert first["text"] == f"{QUESTIONS[0]}\n{ANSWERS[0]}"
    assert json.loads(first["metadata"]["extra"]) == {"question": QUESTIONS[0], "answer": ANSWERS[0]}
    assert not any("parts of one text" in note for note in result.notes)
