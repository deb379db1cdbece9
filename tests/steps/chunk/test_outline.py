"""The outline has the headings that a reader would mark, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hanpack.steps.chunk.headings import is_article, read_marker
from hanpack.steps.chunk.outline import find_opening_section, find_outline
from hanpack.steps.chunk.sections import Heading
from hanpack.steps.chunk.titles import article_end, heading_end
from tests.case_files import read_rows
from tests.conftest import CASES, ROOT
from tests.steps.chunk.samples import OUTLINES, TEXTS

HEADINGS = read_rows(CASES / "headings.jsonl")


def read_case(case: dict[str, Any]) -> str:
    """The text of a case: its own, or a line of a seed (the whole seed if it names no line)."""
    if "text" in case:
        return str(case["text"])
    lines = (ROOT / "seeds" / str(case["seed"])).read_text("utf-8").split("\n")
    if "line" not in case:
        return "\n".join(lines)
    return [line for line in lines if line.strip()][int(case["line"])]


def is_expected(heading: Heading, section: tuple[str, ...], expected: dict[str, Any]) -> bool:
    """Whether a heading is the expected one.

    A title that ends in … has no definite end: its beginning is compared. Not every case has the path.
    """
    if heading.level != expected["level"] or list(section) != expected.get("path", list(section)):
        return False
    title = str(expected["text"])
    return heading.text.startswith(title[:-1]) if title.endswith("…") else heading.text == title


def measure() -> tuple[int, int, int]:
    """The number of correct headings, of headings in the outlines, and of headings in the gold set."""
    correct = outlined = gold = 0
    for case in HEADINGS:
        outline = find_outline(read_case(case))
        rest = list(outline.headings)
        outlined += len(rest)
        gold += len(case["headings"])
        for expected in case["headings"]:
            matches = (
                index
                for index, heading in enumerate(rest)
                if is_expected(heading, outline.section_at(heading.start), expected)
            )
            first = next(matches, None)
            if first is not None:
                correct += 1
                rest = rest[first + 1 :]
    return correct, outlined, gold


def test_precision_and_recall_on_the_gold_set_are_98_percent() -> None:
    correct, outlined, gold = measure()
    assert gold >= 200
    assert correct / outlined >= 0.98
    assert correct / gold >= 0.98


@pytest.mark.parametrize("name", OUTLINES)
def test_the_outlines_of_the_samples_are_those_a_reader_marks(name: str) -> None:
    headings = find_outline(TEXTS[name]).headings
    assert [(heading.level, heading.text) for heading in headings] == OUTLINES[name]


@pytest.mark.parametrize(
    "text",
    [
        "增长3.5%，其中第一、二产业增长1.5个百分点。2024.1.5起施行。",
        "组建二、三级流调队伍。一、二把手负责。",
        "依照第三条规定，违反前款第（一）项、第（二）项的。",
        "一年来，唯一是坚持，统一是前提，万一是这样。",
        "12.5亿元的投资\n3.14是圆周率\n1、2、3号楼\n",
        "PM2.5浓度下降。v1.2.3版本。8:30-9:00开会。",
        "#话题# 讨论\n##没有空格\n",
        "",
    ],
)
def test_figures_dates_and_references_are_no_headings(text: str) -> None:
    assert find_outline(text).headings == ()


def test_a_section_is_the_path_of_headings_above_a_position() -> None:
    text = "一、工作回顾(一)统筹交通一是聚焦建设。完成投资。二是抓管养。好。二、下一步打算\n努力。"
    outline = find_outline(text)
    assert outline.section_at(text.index("完成")) == ("一、工作回顾", "(一)统筹交通", "一是聚焦建设")
    assert outline.section_at(text.index("好。")) == ("一、工作回顾", "(一)统筹交通", "二是抓管养")
    assert outline.section_at(text.index("努力")) == ("二、下一步打算",)
    assert find_outline("前言。\n一、正文\n").section_at(0) == ()


def test_an_annex_is_under_no_heading_of_the_text_before_it() -> None:
    text = "三、打算\n（一）努力。\n附件1\n名词解释\n1.“四上”企业：规模以上企业。\n附件中的表格另发。\n"
    outline = find_outline(text)
    assert outline.section_at(text.index("规模")) == ("附件1", "1.“四上”企业")
    assert len(outline.headings) == 4


def test_notes_at_the_end_are_under_no_heading_of_the_report() -> None:
    text = "三、打算\n（一）努力。\n注释\n［1］一降三减：\n起数下降。\n注释一下：\n"
    outline = find_outline(text)
    assert outline.section_at(text.index("起数")) == ("注释",)
    assert [heading.text for heading in outline.headings] == ["三、打算", "（一）努力", "注释"]


def test_a_title_that_ends_with_its_sentence_is_whole() -> None:
    long = "（七）坚定自觉把农村公路建设和供水保障工程持续抓下去，不断提升城乡区域发展的平衡性和协调性"
    outline = find_outline(f"{long}。深化改革。\n（八）经济平稳增长今年以来完成投资。\n")
    assert outline.headings[0].text == long
    assert outline.headings[1].text == "（八）经济平稳增长今年以来完成投资"


def test_the_items_of_an_article_are_no_headings() -> None:
    text = "第一章 总则\n第一条　有下列情形之一的：\n（一）甲；\n（二）乙。\n第二条　丙。\n"
    assert [heading.text for heading in find_outline(text).headings] == ["第一章 总则", "第一条", "第二条"]


def test_a_line_without_a_number_is_a_heading_only_between_whole_paragraphs() -> None:
    body = "各项工作有序推进，成效好于预期，群众满意度继续提高，全年目标任务顺利完成，为明年打下基础。"
    headings = find_outline(f"{body}\n明年工作安排\n{body}\n").headings
    assert [(heading.level, heading.text) for heading in headings] == [(11, "明年工作安排")]
    for line in ("省长 某某", "2026年2月3日", "各位代表", "明年的\n工作安排\n是", "来源：某报", "如下安排、"):
        assert find_outline(f"{body}\n{line}\n{body}\n").headings == ()
    assert find_outline(f"{body[:-1]}\n明年工作安排\n{body}\n").headings == ()
    assert find_outline(f"{body}\n明年工作安排\n").headings == ()


DATES = (
    *("二〇二三年五月一日", "二○二三年五月一日于北京", "二零二三年五月", "二〇二三年五月一日 星期一"),
    *("三月一日", "民国三十八年", "二〇二三年五月一日至二〇二三年五月三日", "五月一日上午九时"),
    *("二〇二三年五月一日印发", "２０２３年５月１日", "一九四九年"),
)
TITLES = ("二〇二三年工作回顾", "二〇二三年五月工作总结", "一九七八年以来的变化", "三月一日行动计划")


@pytest.mark.parametrize("date", DATES)
def test_a_date_in_a_line_of_its_own_is_no_heading(date: str) -> None:
    body = "各项工作有序推进，成效好于预期，群众满意度继续提高，全年目标任务顺利完成，为明年打下基础。"
    assert find_outline(f"{body}\n{date}\n{body}\n").headings == ()
    assert find_outline(f"{body}\n{date}\n（一）抓项目。{body}\n").headings[0].text == "（一）抓项目"


@pytest.mark.parametrize("title", TITLES)
def test_a_title_that_begins_with_a_date_is_a_heading(title: str) -> None:
    body = "各项工作有序推进，成效好于预期，群众满意度继续提高，全年目标任务顺利完成，为明年打下基础。"
    assert [heading.text for heading in find_outline(f"{body}\n{title}\n{body}\n").headings] == [title]


def test_a_glossary_is_under_no_heading_of_the_report() -> None:
    text = "三、打算\n（一）努力。\n再创佳绩！\n《政府工作报告》有关名词解释\n1.“四上”企业：规模以上企业。\n"
    outline = find_outline(text)
    assert outline.section_at(text.index("规模")) == ("《政府工作报告》有关名词解释", "1.“四上”企业")


def test_a_long_title_is_not_cut_within_a_clause() -> None:
    clause = "改造" + "农村道路和供水管网" * 5
    outline = find_outline(f"1.{clause}，今年完工，群众满意，{'验收合格' * 10}。\n")
    assert outline.headings[0].text == f"1.{clause}"
    outline = find_outline(f"一是突出本地实际，聚焦解决我省{'发展不平衡' * 10}。\n")
    assert outline.headings[0].text == "一是突出本地实际"


def test_halfwidth_and_fullwidth_forms_are_alike() -> None:
    wide = find_outline("一、甲\n（一）乙。丙。\n１．丁。\n（１）戊。").headings
    narrow = find_outline("一、甲\n(一)乙。丙。\n1.丁。\n(1)戊。").headings
    assert [heading.level for heading in wide] == [heading.level for heading in narrow] == [12, 13, 14, 15]


PIECES = (
    "工作回顾总述\n", "名词解释\n", f"{'实' * 40}。\n", "一、甲\n", "（一）乙。", "一要丙。", "二要丁。",
    "第一，戊。", "第二，己。", "一是庚。", "第一条　辛。\n", "办实事：（1）壬。", "（2）癸。",
)  # fmt: skip


@given(
    st.text(alphabet="一二三十、（）()是第条章 \n。：1２.．#①首先其次a发展要", max_size=80)
    | st.lists(st.sampled_from(PIECES), max_size=20).map("".join)
)
# 一是 follows 一、 and 1. without a stop, and a sentence ends before it.
@example("一、1. 一是①")
def test_headings_are_in_order_and_do_not_overlap(text: str) -> None:
    outline = find_outline(text)
    position = 0
    for index, place in enumerate(outline.places):
        heading = outline.heading(index)
        assert position <= place <= heading.start <= heading.end <= len(text)
        assert (heading.start == heading.end) == (heading not in outline.headings)
        assert outline.parents[index] < index
        assert len(heading.text) <= 120
        position = heading.end


@given(st.text(st.sampled_from("第一二十百0条條之的规【】（）　 。\n"), max_size=12), st.booleans())
def test_the_fast_reading_of_an_article_agrees_with_the_general_one(text: str, opens_line: bool) -> None:
    text = f"第{text}"
    marker = read_marker(text, 0, opens_line, in_article=False)
    article = marker if marker and marker.kind == "article" else None
    assert is_article(text, 0, opens_line) == (article is not None)
    if article:
        assert article_end(text, 0, len(text)) == heading_end(text, article, len(text))


def test_sentences_of_a_list_are_no_headings() -> None:
    listed = (
        "有下列情形之一的，处以罚款：\n\n一、未取得维修许可证，擅自承接维修业务的；\n\n"
        "二、超过许可证规定的范围的；\n\n三、未按规定检验，造成事故的。\n\n当事人可以申请复议。\n"
    )
    assert find_outline(listed).headings == ()
    titled = (
        "一、聚焦主责，推动高质量发展。\n全年完成投资增长。\n二、强化担当，优化营商环境。\n新设企业增长。\n"
    )
    assert [heading.text for heading in find_outline(titled).headings] == [
        "一、聚焦主责，推动高质量发展",
        "二、强化担当，优化营商环境",
    ]


@given(st.sampled_from([*TEXTS.values()]), st.integers(0, 200), st.integers(0, 400))
def test_the_opening_section_is_that_of_the_outline(text: str, start: int, length: int) -> None:
    for opening in (text[start : start + length], text[text.find("\n", start) + 1 :][:length]):
        assert find_opening_section(opening) == find_outline(opening).section_at(0)


def test_openings_of_headings_have_the_section_of_the_outline() -> None:
    openings = [read_case(case)[:400] for case in HEADINGS]
    sections = [find_opening_section(opening) for opening in openings]
    assert sections == [find_outline(opening).section_at(0) for opening in openings]
    assert sum(map(bool, sections)) > 5


def test_lines_with_a_line_under_them_are_headings_of_markdown() -> None:
    text = (
        "工作报告\n====\n\n今年平稳。\n\n一、主要工作\n---\n\n完成投资。\n\n存在问题  \n-------\n\n不少。\n"
    )
    outline = find_outline(text)
    assert [(heading.level, heading.text) for heading in outline.headings] == [
        (1, "工作报告"),
        (2, "一、主要工作"),
        (2, "存在问题"),
    ]
    assert outline.section_at(text.index("完成")) == ("工作报告", "一、主要工作")
    assert outline.headings_before(text.index("不少"), text.index("不少")) == ("# 工作报告", "## 存在问题")
    assert [find_opening_section(text), text[outline.headings[2].start : outline.headings[2].end]] == [
        ("工作报告",),
        "存在问题  \n-------",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "今年平稳增长。\n----\n\n明年继续。\n",
        "今年平稳增长，\n结构优化\n----\n明年继续。\n",
        "- 教育\n----\n完。\n",
        "名称 | 数量\n--- | ---\n甲 | 1\n",
        "---\ntitle: 说明\n---\n正文。\n",
        "```\n\n标题\n====\n```\n",
    ],
)
def test_lines_above_other_lines_of_signs_are_no_headings(text: str) -> None:
    assert find_outline(text).headings == ()


@pytest.mark.parametrize("number", ["{}.", "{}. ", "（{}）", "{}、"])
def test_short_items_of_a_list_with_nothing_under_them_are_no_headings(number: str) -> None:
    items = "".join(
        f"{number.format(value)}{item}\n" for value, item in enumerate(("教育", "医疗", "养老"), 1)
    )
    text = f"一、重点\n抓好以下工作：\n{items}\n全年完成投资十亿元。\n二、打算\n努力。\n"
    outline = find_outline(text)
    assert [heading.text for heading in outline.headings] == ["一、重点", "二、打算"]
    assert outline.section_at(text.index("全年")) == ("一、重点",)


def test_sentences_that_fill_their_paragraphs_are_a_list() -> None:
    items = "一是加强组织领导，健全工作机制。\n二是强化督导检查，推动任务落实。\n"
    text = f"一、主要工作\n今年以来工作扎实推进。\n{items}二、存在问题\n基层力量不足。\n"
    assert [heading.text for heading in find_outline(text).headings] == ["一、主要工作", "二、存在问题"]
    titled = text.replace("机制。", "机制。全年开会十次。").replace("落实。", "落实。全年督导两次。")
    assert [heading.text for heading in find_outline(titled).headings][1:3] == [
        "一是加强组织领导，健全工作机制",
        "二是强化督导检查，推动任务落实",
    ]


def test_titles_with_a_number_and_text_under_them_are_headings() -> None:
    text = "一、重点\n1.教育\n建成学校三所。\n2.医疗\n建成医院一所。\n3.养老\n建成敬老院。\n"
    assert [heading.text for heading in find_outline(text).headings] == [
        "一、重点",
        "1.教育",
        "2.医疗",
        "3.养老",
    ]
