"""Columns with the usual names of a field are that field, and nothing of a record is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.page.column_fields import FIELD_COLUMNS, find_field, read_fields

COLUMNS = [column for columns in FIELD_COLUMNS.values() for column in columns]


@pytest.mark.parametrize(
    ("column", "value", "fields"),
    [
        ("标题", "关于防汛的通知", {"title": "关于防汛的通知"}),
        ("題目", "關於防汛的通知", {"title": "關於防汛的通知"}),
        (" Title ", "通知", {"title": "通知"}),
        ("作者", "李青", {"author": "李青"}),
        ("日期", "2024-03-05", {"date": "2024-03-05"}),
        ("来源", "清江日报", {"publisher": "清江日报"}),
        ("来源", "https://example.com/a", {"url": "https://example.com/a"}),
        ("链接", "https://example.com/a", {"url": "https://example.com/a"}),
        ("地区", "浙江", {"region": "浙江"}),
    ],
)
def test_a_column_with_a_usual_name_is_the_field(column: str, value: str, fields: dict[str, str]) -> None:
    assert read_fields({column: value, "编号": 7}, {}) == {**fields, "编号": 7}


@pytest.mark.parametrize(
    ("record", "text_column", "fields"),
    [
        ({"info": {"标题": "通知"}}, "正文", {"title": "通知"}),
        (
            {"meta": {"author": "李青", "date": "2024年3月5日"}},
            "text",
            {"author": "李青", "date": "2024-03-05"},
        ),
        ({"文书": {"标题": "判决书"}}, "文书.正文", {"title": "判决书"}),
        ({"a": {"title": "外", "b": {"title": "内"}}}, "a.b.text", {"title": "内"}),
        ({"data": {"meta": {"作者": "李青"}}}, "data.text", {"author": "李青"}),
        # The record itself ranks first, and so does what is nearer to the text.
        ({"title": "卷", "meta": {"title": "篇"}}, "text", {}),
        ({"标题": "卷", "meta": {"title": "篇"}}, "text", {"title": "卷"}),
        ({"meta": {"title": "甲"}, "data": {"title": "乙"}}, "data.text", {"title": "乙"}),
        ({"meta": {"title": " 政治自信的由来_爱思想 "}}, "text", {"title": "政治自信的由来"}),
    ],
)
def test_a_field_in_an_object_around_the_text_or_named_meta_is_the_field(
    record: dict[str, object], text_column: str, fields: dict[str, str]
) -> None:
    read = dict(read_fields(record, {}, text_column))
    kept = {name: value for name, value in record.items() if name != "标题"}
    assert read == {**kept, **fields}


@pytest.mark.parametrize(
    "record",
    [
        {"author": {"name": "李青", "title": "主任"}},
        {"comments": [{"title": "赞"}]},
        {"site": {"title": "清江网", "url": "https://example.com"}},
        {"meta": {"title": 7, "date": "近日", "author": ["李青"]}},
        {"meta": "标题"},
    ],
)
def test_another_nested_value_is_no_field(record: dict[str, object]) -> None:
    assert read_fields(record, {}, "text") == record


@pytest.mark.parametrize(
    "value",
    [
        "2024/3/5",
        "2024年3月5日",
        "20240305",
        20240305,
        "2024-03-05T10:20:33+08:00",
        "2024.3.5 周二 10时20分",
    ],
)
def test_a_day_in_another_form_is_written_as_in_iso_8601_and_stays_too(value: object) -> None:
    assert read_fields({"时间": value}, {}) == {"时间": value, "date": "2024-03-05"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("日期", "近日"),
        ("日期", "2024年3月"),
        ("日期", "2024-13-05"),
        ("日期", True),
        ("时间", "10:20"),
        ("链接", "见附件"),
        ("标题", "一\n二"),
        ("标题", "长" * 400),
        ("标题", 7),
        ("作者", ["李青"]),
        ("标题", " "),
        ("小标题", "一"),
        ("时间戳", "2024-03-05"),
    ],
)
def test_a_value_that_cannot_be_one_of_the_field_stays_where_it_is(column: str, value: object) -> None:
    assert read_fields({column: value}, {}) == {column: value}


def test_the_name_of_the_field_comes_first_then_the_order_of_the_table() -> None:
    assert read_fields({"标题": "一", "title": "二"}, {}) == {"标题": "一", "title": "二"}
    assert read_fields({"标题": "一", "title": ""}, {}) == {"title": "一"}
    columns = {"日期": "2023-01-01", "发布日期": "2024-01-01"}
    assert read_fields(columns, {}) == {"日期": "2023-01-01", "date": "2024-01-01"}


def test_a_recipe_names_columns_and_paths_of_keys_for_fields() -> None:
    columns = {"标题": "一", "事项": "二", "meta": {"办结": "2024年3月5日"}}
    read = read_fields(columns, {"title": "事项", "date": "meta.办结", "author": "无"})
    assert read == {"标题": "一", "title": "二", "meta": {"办结": "2024年3月5日"}, "date": "2024-03-05"}


@given(st.dictionaries(st.sampled_from(COLUMNS), st.sampled_from(["", "通知", "2024.3.5", "2024-03-05", 7])))
def test_no_value_is_lost_and_a_second_reading_changes_nothing(columns: dict[str, object]) -> None:
    read = read_fields(columns, {})
    assert all(value in read.values() for value in columns.values() if value != "")
    assert dict(read_fields(read, {})) == dict(read)
    assert {name for name in read if name not in columns} <= set(FIELD_COLUMNS)


def test_every_column_of_the_table_is_found() -> None:
    assert len(COLUMNS) == len(set(COLUMNS)) > 40
    assert [find_field(column) for column in COLUMNS] == [
        field for field, columns in FIELD_COLUMNS.items() for _ in columns
    ]
