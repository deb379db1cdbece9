"""Files of JSON: every element is a record with its bytes, whatever is in strings, blocks or the encoding."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.building.run import build
from hanpack.errors import RecipeError
from hanpack.model import Record
from hanpack.reasons import Cause
from hanpack.record_texts import read_text
from hanpack.sources import json_elements
from hanpack.sources.json_elements import close_json, cut_elements, find_list
from tests.builds import read_rows, verify_build
from tests.conftest import MakeRecipe
from tests.sources.reading import assert_covers, read_source

TEXTS = ["甲說：“好]\\,}”\n第一段。", '"乙{[', "丙許功蓋\\"]
VALUES = st.recursive(
    st.none() | st.integers() | st.text(st.sampled_from('甲許"\\[]{},:a'), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("甲a", max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)


def read_texts(records: list[Record]) -> list[str]:
    return [read_text(record).text for record in records]


def write(path: Path, content: Any, encoding: str = "utf-8", **options: Any) -> bytes:
    data = json.dumps(content, ensure_ascii=False, **options).encode(encoding)
    path.write_bytes(data)
    return data


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "big5", "utf-16-le", "utf-32-be"])
@pytest.mark.parametrize("indent", [None, 2])
def test_the_elements_of_a_list_are_records_in_any_encoding(
    tmp_path: Path, encoding: str, indent: int | None
) -> None:
    texts = [text.replace("“", "'").replace("”", "'") for text in TEXTS]
    data = write(tmp_path / "a.json", [{"text": text, "n": 1} for text in texts], encoding, indent=indent)
    records = read_source(tmp_path / "a.json", encoding)
    assert_covers(records, data)
    assert read_texts(records) == texts


@pytest.mark.parametrize(
    ("content", "column", "texts"),
    [
        ([{"a": {"b": text}} for text in TEXTS], "a.b", TEXTS),
        ({"v": [1], "data": [{"text": text} for text in TEXTS], "end": "]"}, "data.text", TEXTS),
        ({"a": {"z": {}, "b": [{"c": {"d": text}} for text in TEXTS]}}, "a.b.c.d", TEXTS),
        ([{"a": [{"b": text} for text in TEXTS]}], "a.b", ["\n".join(TEXTS)]),
        ([{"a": TEXTS}], "a[]", ["\n".join(TEXTS)]),
        ({"a": TEXTS}, "a[]", TEXTS),
        (TEXTS, "text", TEXTS),
        ({"id": 1, "text": TEXTS[0]}, "text", TEXTS[:1]),
        ([{"a.b": TEXTS[0]}], "a.b", TEXTS[:1]),
    ],
)
def test_the_text_is_found_by_its_path(tmp_path: Path, content: Any, column: str, texts: list[str]) -> None:
    data = write(tmp_path / "a.json", content)
    records = read_source(tmp_path / "a.json", text_column=column)
    assert_covers(records, data)
    assert read_texts(records) == texts


@given(
    rows=st.lists(st.dictionaries(st.text("甲ab", max_size=3), VALUES, max_size=4)), block=st.integers(1, 9)
)
def test_a_list_of_any_values_is_cut_where_its_elements_end(rows: list[Any], block: int) -> None:
    data = json.dumps(rows, ensure_ascii=False).encode("gbk")
    place = find_list(data, "gbk", "text")
    assert place is not None
    elements = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_elements, "BLOCK_BYTES", block)
        elements = list(cut_elements(io.BytesIO(data), "gbk", place, 10_000))
    assert b"".join(element.data for element in elements) == data
    inner = [element.data[element.preamble : element.size - element.terminator] for element in elements]
    assert [json.loads(part.decode("gbk")) for part in inner if part] == rows


@given(VALUES, st.data())
def test_json_that_is_cut_off_is_closed_at_its_last_comma(value: Any, data: st.DataObject) -> None:
    whole = json.dumps([value, value, value], ensure_ascii=False)
    cut = data.draw(
        st.integers(whole.find(",", len(json.dumps(value, ensure_ascii=False)) + 1) + 1, len(whole))
    )
    closed = json.loads(close_json(whole[:cut]))
    assert closed[0] == value


def test_an_element_that_is_no_json_is_rejected_alone_and_a_list_that_is_cut_off_is_reported(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    broken = '[{"text": "一。"}, {"text": "二"没有"转义"}, {"text": "三。"}, {"text": "截'
    files = {
        "broken.json": broken.encode(),
        "cut.json": '[{"text": "四。"}, '.encode(),
        "extra.json": '[{"text": "五。"}] {"more": 1}'.encode(),
    }
    out = build(make_recipe(files, duplicates={"drop": "none"}), tmp_path / "out").path
    assert [(row["source"], row["cause"]) for row in read_rows(out, "ledger")] == [
        ("broken.json", None),
        ("broken.json", "invalid_json"),
        ("broken.json", None),
        ("broken.json", "truncated_json"),
        ("cut.json", None),
        ("cut.json", "truncated_json"),
        ("extra.json", None),
        ("extra.json", "text_after_object"),
    ]
    verify_build(out)


def test_nested_texts_are_built_and_verified_with_what_is_beside_them(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    messages = [
        {"role": "user", "content": "问：\n\u4e2d"},
        {"role": "bot", "content": None},
        {"content": "答。"},
    ]
    line = json.dumps({"id": 7, "messages": messages}) + "\n"
    content = {"data": [{"doc": {"body": "正文。", "page": 3}}]}
    files = {"a.jsonl": line.encode(), "b.json": json.dumps(content, ensure_ascii=False).encode()}
    entries = [
        {"path": "a.jsonl", "text_column": "messages.content"},
        {"path": "b.json", "text_column": "data.doc.body"},
    ]
    out = build(make_recipe(files, sources=entries), tmp_path / "out").path
    first, second = read_rows(out, "documents")
    assert (first["text"], second["text"]) == ("问：\n中\n答。", "正文。")
    assert json.loads(first["metadata"]["extra"])["messages"] == [{"role": "user"}, {"role": "bot"}]
    assert json.loads(second["metadata"]["extra"])["doc"] == {"page": 3}
    assert [(edit["step"], edit["kind"]) for edit in first["edits"]].count(("unwrap", "inserted")) == 1
    verify_build(out)


def test_a_file_with_an_object_on_each_line_is_read_as_json_lines(tmp_path: Path) -> None:
    data = '{"text": "一。"}\n{"text": 2}\n{"text": "三。"}\n'.encode()
    (tmp_path / "a.json").write_bytes(data)
    records = read_source(tmp_path / "a.json")
    assert_covers(records, data)
    assert len(records) == 3


def test_an_element_longer_than_a_record_may_be_is_rejected_and_the_others_are_kept(tmp_path: Path) -> None:
    data = write(tmp_path / "a.json", [{"text": text} for text in ("甲", "乙" * 9000, "丙")])
    records = read_source(tmp_path / "a.json", limits={"max_record_bytes": 2000})
    causes = [record.fault.cause if record.fault else None for record in records]
    assert causes == [None, Cause.RECORD_TOO_LONG, None]
    assert records[-1].byte_end == len(data)


def test_a_missing_path_is_refused_with_the_paths_there_are(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    data = json.dumps([{"doc": {"body": "正文。"}, "id": 1}]).encode()
    with pytest.raises(RecipeError, match=r"sources\.0\.text_column: .*the columns are: doc, id, doc\.body"):
        build(make_recipe({"a.json": data}), tmp_path / "out")
