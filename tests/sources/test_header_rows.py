"""The first row of a table names the columns, or is a record that no build may lose."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.building.run import build
from hanpack.errors import UsageError
from hanpack.scanning.files import scan
from hanpack.scanning.recipes import write_recipe
from hanpack.sources.header_rows import weigh_first_row
from tests.builds import read_rows, verify_build

# Tables with a header, a row a line, fields separated by vertical bars.
HEADERS = {
    "names": "姓名|意见\n张三|建议增加公交班次，方便群众出行。\n李四|希望延长图书馆开放时间。",
    "names of unknown things": "甲方|纪要\n市水务局|会议研究了防汛抗旱工作。\n市教育局|会议研究了招生工作。",
    "an empty name": "|标题|正文\n1|通知|各单位要做好防汛工作。\n2|公告|现将有关事项公告如下。",
    "units in brackets": (
        "地块|面积（平方米）|成交价(万元)|说明\n甲-01|5000|120|位于城东。\n甲-02|600|80|位于城西。"
    ),
    "years": "地区|2021|2022|概况\n浙江|735|777|经济平稳增长。\n江苏|116|122|工业稳中有进。",
    "years in words": "地区|2021年|2022年\n浙江|735.1|777.2\n江苏|116.1|122.3",
    "months": "项目|2024年1月|2024年2月\n用电|120|130\n用水|12|13",
    "days of a roster": "班组|2024-03-01|2024-03-02\n一组|张三值班|李四值班\n二组|王五值班|赵六值班",
    "numbers of a program": "0|1\n通知|各单位要做好防汛工作。\n公告|现将有关事项公告如下。",
    "numbers of a program after an index": "|0|1\n0|通知|各单位要做好防汛工作。\n1|公告|有关事项公告如下。",
    "questions of a survey": (
        "序号|您的性别？|您对办事大厅的服务是否满意？|您有什么建议？\n1|男|满意|增加窗口。\n2|女|一般|无"
    ),
    "a request of a survey": (
        "提交时间|请留下您的宝贵意见。\n2024-01-02 10:00|希望增加班车。\n2024-01-03 11:00|大厅太挤了。"
    ),
    "a long name": "编号|是否需要提供纸质材料的邮寄服务以及收件人的联系方式\n1|是\n2|否\n3|否",
    "English": "id|title|text\n1|Notice|The office is closed on Monday.\n2|News|It opens again.",
    "identifiers": (
        "doc_id|pub_date|raw_html\na1|2024-01-01|<p>今年以来经济增长。</p>\nb2|2024-01-02|<p>明年计划。</p>"
    ),
    "traditional": "編號|標題|內容\n1|通告|現將有關事項公告如下。\n2|公告|請各單位遵照辦理。",
    "no row": "标题|正文",
    "a row": "标题|发布日期|正文\n通知|2024-01-01|各单位要做好防汛工作。",
    "a header that comes again": "类型|要点\n通知|做好防汛工作。\n类型|要点\n公告|做好防火工作。",
    "colons and stars": "*受理部门：|*来信内容：\n市水务局|小区停水三天了。\n市教育局|咨询入学政策。",
    "mail and telephone": (
        "联络员|邮件|手机号\n张三|a@example.com|13800000000\n李四|b@example.com|13900000000"
    ),
    "values that are missing": "时间|留言\n|\n2024-01-02|请问何时通水？\n|暂无",
    "long texts": "出处|段落\n县志|" + "城东有山其下有泉" * 30 + "\n府志|" + "城西有水其上有桥" * 30,
    "two names that are the same": "标题|正文|备注|备注\n通知|做好防汛工作。|a|b\n公告|做好防火工作。|c|d",
}
RECORDS = {
    "a word, a sentence, a day": (
        "甲|各地要做好春耕备耕工作。|2024-01-01\n乙|各地要做好森林防火工作。|2024-01-02"
    ),
    "one row": "各地要认真做好春耕备耕工作，确保粮食丰收。|2024-01-01",
    "a value that comes again": "各地要做好春耕工作。|news\n各地要做好防火工作。|news",
    "titles": "标题甲|各地要做好春耕工作。\n标题乙|各地要做好防火工作。\n标题丙|请各单位报送总结。",
    "numbers": "0|做好春耕工作\n1|做好防火工作\n2|报送总结",
    "days only": "2024年1月1日|通水\n2024年1月2日|通电\n2024年1月3日|通车",
    "days in words": "二〇二四年一月一日|通水\n二〇二四年一月二日|通电",
    "months and days": "3月1日|通水\n3月2日|通电",
    "times": "2024/1/1 10:20:30|通水\n2024/1/2 11:20:31|通电",
    "addresses of pages": "https://example.com/1|通水\nhttps://example.com/2|通电",
    "addresses of mail": "a@example.com|通水\nb@example.com|通电",
    "telephones": "0571-88001122|停水\n0571-88001123|停电",
    "sums": "￥1,200.50|维修\n￥300.00|保洁",
    "codes": "XF-2024-001|停水\nXF-2024-002|停电\nXF-2024-003|停气",
    "numbers in words": "第1号提案|停水\n第2号提案|停电",
    "questions with answers": "怎么缴水费？|可以到大厅缴费。\n如何办护照？|请携带身份证。",
    "streets": "浙江省杭州市西湖区文三路100号|商铺\n浙江省杭州市上城区解放路20号|住宅",
    "titles without marks": (
        "关于印发全市安全生产工作要点的通知|甲\n关于做好今年防汛抗旱工作的意见|乙\n关于开展食品安全专项检查的公告|丙"
    ),
    "lines in a field": '乙|第一行说明。¶第二行, 也是。|甲\n丙|另一条"说明"。|甲',
    "a value that is missing": (
        "无|各地要做好春耕工作。\n2024-01-02|各地要做好防火工作。\n2024-01-03|报送总结。"
    ),
    "a year of each record": "2023|防汛工作有序推进。\n2022|防火工作有序推进。",
    "English": "The office is closed on Monday.|x\nIt will open again on Tuesday.|y",
    "a category that is also a name": "意见|请尽快修路。\n建议|请增加路灯。\n意见|请清理垃圾。",
    "categories": "公开|办理完毕\n不公开|办理中\n公开|办理中",
    "a long text among short ones": "县志|" + "城东有山。" * 100 + "\n府志|城西有水。\n州志|城南有桥。",
}


def split_table(table: str) -> list[list[str]]:
    """The rows of a table; a pilcrow is a line break in a field."""
    return [row.replace("¶", "\n").split("|") for row in table.split("\n")]


def write_table(rows: list[list[str]], delimiter: str = ",", *, quoted: bool = False) -> str:
    sink = io.StringIO()
    csv.writer(sink, delimiter=delimiter, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(
        rows
    )
    return sink.getvalue()


def scan_table(
    folder: Path, table: str, name: str = "a.csv", delimiter: str = ",", *, quoted: bool = False
) -> str:
    """What a scan says of the columns of a table: its own names for them, or an empty string."""
    content = write_table(split_table(table), delimiter, quoted=quoted)
    (folder / name).write_text(content, encoding="utf-8", newline="")
    (scanned,) = scan(folder)
    return ",".join(scanned.columns)


@pytest.mark.parametrize("table", HEADERS.values(), ids=HEADERS)
def test_a_row_of_names_is_a_header(table: str) -> None:
    first, *rows = split_table(table)
    assert not weigh_first_row(first, rows).is_record


@pytest.mark.parametrize("table", RECORDS.values(), ids=RECORDS)
def test_a_row_like_those_below_it_is_a_record(table: str) -> None:
    first, *rows = split_table(table)
    assert weigh_first_row(first, rows).is_record


@pytest.mark.parametrize(("name", "delimiter"), [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t")])
@pytest.mark.parametrize("quoted", [False, True])
def test_delimiters_and_quotation_marks_change_nothing(
    tmp_path: Path, name: str, delimiter: str, quoted: bool
) -> None:
    header, record = HEADERS["traditional"], RECORDS["lines in a field"]
    assert scan_table(tmp_path, header, name, delimiter, quoted=quoted) == ""
    assert scan_table(tmp_path, record, name, delimiter, quoted=quoted) == "column_1,column_2,column_3"


@given(st.lists(st.text("各地要做好春耕防火工作", min_size=4, max_size=20), min_size=2, max_size=8))
def test_rows_of_sentences_and_days_never_lose_the_first(sentences: list[str]) -> None:
    rows = [[f"{text}。", f"2024-01-{day:02}"] for day, text in enumerate(sentences, 1)]
    assert weigh_first_row(rows[0], rows[1:]).is_record
    assert not weigh_first_row(["正文", "日期"], rows).is_record
    assert not weigh_first_row(["纪要", "发布之日"], rows).is_record


def test_a_build_of_a_folder_keeps_a_first_row_that_is_a_record_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "notices"
    folder.mkdir()
    scan_table(folder, RECORDS["a word, a sentence, a day"])
    result = build(folder, tmp_path / "out")
    texts = [document["text"] for document in read_rows(result.path, "documents")]
    assert texts == ["各地要做好春耕备耕工作。", "各地要做好森林防火工作。"]
    assert any("its first row is a record, not the names of the columns" in note for note in result.notes)
    verify_build(result.path)


def test_a_header_that_may_be_a_record_is_said(tmp_path: Path) -> None:
    scan_table(tmp_path, "班组|安排\n一组|张三李四在东门值班\n二组|王五在西门值班")
    (scanned,) = scan(tmp_path)
    assert scanned.hint.startswith("its first row is taken for the names of the columns")
    scan_table(tmp_path, HEADERS["traditional"])
    (scanned,) = scan(tmp_path)
    assert scanned.hint == ""


def test_the_error_for_a_table_without_texts_names_columns(tmp_path: Path) -> None:
    folder = tmp_path / "codes"
    folder.mkdir()
    scan_table(folder, RECORDS["codes"])
    with pytest.raises(UsageError, match="set columns to the names of all columns") as raised:
        write_recipe(folder, tmp_path / "recipe.yaml")
    expected = "[{path: a.csv, columns: [column_1, column_2], text_column: column_2}]"
    assert f"sources: {expected}}} into {folder / 'texts.yaml'} and run hanpack build" in raised.value.todo
