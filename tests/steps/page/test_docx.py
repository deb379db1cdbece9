"""What Word shows of a document is its text; everything else of its XML is under a named edit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.errors import RecordError
from hanpack.reasons import Cause
from hanpack.steps.decode.decoding import decode
from hanpack.steps.page.docx import BODY, DocxMember, reduce_docx
from hanpack.steps.traced import Traced, count_removed
from tests.sources.packages import WORD, make_document, make_paragraph, make_run

LEVELS = "".join(
    f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{name}"/><w:lvlText w:val="{text}"/>'
    f"{'<w:isLgl/>' * (level == 1)}</w:lvl>"
    for level, (name, text) in enumerate(
        [
            ("chineseCountingThousand", "第%1条"),
            ("decimal", "%1.%2"),
            ("bullet", "•"),
            ("japaneseCounting", "%4、"),
        ]
    )
)
NUMBERING = (
    f'<w:numbering {WORD}><w:abstractNum w:abstractNumId="3">{LEVELS}</w:abstractNum>'
    '<w:num w:numId="7"><w:abstractNumId w:val="3"/></w:num></w:numbering>'
)
STYLES = (
    f'<w:styles {WORD}><w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="a"><w:name w:val="自定义"/><w:basedOn w:val="2"/>'
    '<w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="m"><w:name w:val="toc 1"/></w:style></w:styles>'
)
MATH = 'xmlns:m="officeDocument/2006/math"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
BOX = "<w:txbxContent>" + make_paragraph("框") + "</w:txbxContent>"
P, R = make_paragraph, make_run
NUMBERED = [(0, "甲"), (1, "乙"), (1, "丙"), (0, "丁"), (1, "戊"), (2, "己"), (3, "庚")]
CONTENTS = (
    '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
    f"<w:sdtContent>\n{P('目录')}\n{P('总则 1')}</w:sdtContent></w:sdt>"
)


def make_cell(text: str, properties: str = "") -> str:
    return f"<w:tc>{properties and f'<w:tcPr>{properties}</w:tcPr>'}{P(text)}</w:tc>"


def make_table(*rows: str) -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


C = make_cell

# A body, and the text that it gives.
BODIES = {
    "entities": (P("甲&amp;乙&#x4E19;&lt;"), "甲&乙丙<"),
    "paragraphs": (P("一") + P("") + P("二"), "一\n二"),
    "runs of one word": (P(R("政") + R("府", "<w:b/>")), "政府"),
    "tab and line break": (
        P("<w:r><w:t>一</w:t><w:tab/><w:t>二</w:t><w:br/><w:t>三</w:t></w:r>"),
        "一\t二\n三",
    ),
    "a tab stop is no tab": (P("一", '<w:tabs><w:tab w:val="left"/></w:tabs>'), "一"),
    "page break": (P('<w:r><w:t>一</w:t><w:br w:type="page"/><w:t>二</w:t></w:r>'), "一二"),
    "deleted": (P(R("留") + "<w:del><w:r><w:delText>删</w:delText></w:r></w:del>"), "留"),
    "inserted": (P(R("留") + f"<w:ins>{R('增')}</w:ins>"), "留增"),
    "moved": (P(f"<w:moveFrom>{R('移')}</w:moveFrom>") + P(f"<w:moveTo>{R('移')}</w:moveTo>"), "移"),
    "deleted mark": (P("上", "<w:rPr><w:del/></w:rPr>") + P("下"), "上下"),
    "deleted mark at the end of a cell": (
        make_table(f"<w:tc>{P('上', '<w:rPr><w:del/></w:rPr>')}</w:tc>") + P("下"),
        "上\n下",
    ),
    "hidden": (P(R("见") + R("隐", "<w:vanish/>") + R("现", '<w:vanish w:val="0"/>')), "见现"),
    "field": (
        P(
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
            + R("12")
            + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
            + R("页")
        ),
        "12页",
    ),
    "field without an end": (P('<w:r><w:fldChar w:fldCharType="begin"/></w:r>' + R("码")) + P("文"), "文"),
    "heading by style": (P("总则", '<w:pStyle w:val="2"/>'), "# 总则"),
    "heading by level": (P("总则", '<w:outlineLvl w:val="2"/>'), "### 总则"),
    "heading by the style below": (P("总则", '<w:pStyle w:val="a"/>'), "## 总则"),
    "title": (P("条例", '<w:pStyle w:val="T"/>') + P("总则", '<w:pStyle w:val="2"/>'), "# 条例\n## 总则"),
    "heading of two lines": (
        P("<w:r><w:t>一</w:t><w:br/><w:t>二</w:t></w:r>", '<w:pStyle w:val="2"/>'),
        "# 一 二",
    ),
    "numbers": (
        "".join(
            P(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="7"/></w:numPr>')
            for level, text in NUMBERED
        ),
        "第一条\u3000甲\n1.1 乙\n1.2 丙\n第二条\u3000丁\n2.1 戊\n    - 己\n一、庚",
    ),
    "table": (
        make_table(C("年") + C("产"), C("|") + C("量")) + P("后"),
        "| 年 | 产 |\n| --- | --- |\n| \\| | 量 |\n\n后",
    ),
    "merged cells": (
        make_table(
            C("宽", '<w:gridSpan w:val="2"/>') + C("一"),
            C("高", '<w:vMerge w:val="restart"/>') + C("二") + C("三"),
            C("", "<w:vMerge/>") + C("四") + C("五"),
        ),
        "| 宽 |  | 一 |\n| --- | --- | --- |\n| 高 | 二 | 三 |\n|  | 四 | 五 |",
    ),
    "text box": (
        P(
            f"<w:r><mc:AlternateContent {MC}><mc:Choice>{BOX}</mc:Choice><mc:Fallback>{BOX}</mc:Fallback>"
            f"</mc:AlternateContent></w:r>{R('总则')}",
            '<w:pStyle w:val="2"/>',
        ),
        "框\n# 总则",
    ),
    "only a fallback": (
        f"<mc:AlternateContent {MC}><mc:Fallback>{P('退')}</mc:Fallback></mc:AlternateContent>",
        "退",
    ),
    "ruby": (
        P(f"<w:r><w:ruby><w:rt>{R('hàn')}</w:rt><w:rubyBase>{R('漢')}</w:rubyBase></w:ruby></w:r>"),
        "漢",
    ),
    "check box": (P('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:t>是</w:t></w:r>'), "☑是"),
    "formula": (
        P(f"<m:f {MATH}><m:num><m:t>a</m:t></m:num><m:den><m:t>b</m:t></m:den></m:f>"),
        "(a)/(b)",
    ),
    "a text between the lines of the XML": ("\n " + P("一") + "\n " + P("二") + "\n", "一\n二"),
}


def reduce(body: str, **members: str) -> Traced:
    contents = {BODY: make_document(body), **members}
    data = [(role, content.encode()) for role, content in contents.items()]
    sizes = [DocxMember(role, len(content)) for role, content in data]
    reduced = reduce_docx(decode(b"".join(content for _, content in data), "utf-8", 100), sizes)
    assert sum(count_removed(reduced).values()) <= sum(member.size for member in sizes)
    return reduced


@pytest.mark.parametrize("name", BODIES)
def test_the_text_of_a_body_is_what_word_shows(name: str) -> None:
    body, text = BODIES[name]
    assert reduce(body, styles=STYLES, numbering=NUMBERING).text == text


def test_a_note_stands_at_the_end_under_the_mark_of_its_reference() -> None:
    notes = (
        f'<w:footnotes {WORD}><w:footnote w:id="0" w:type="separator">{P("线")}</w:footnote>'
        f'<w:footnote w:id="3">{P(" 见第二章。")}{P("另见附件。")}</w:footnote>'
        f'<w:footnote w:id="9">{P("无人引用")}</w:footnote></w:footnotes>'
    )
    body = P(R("正文") + '<w:r><w:footnoteReference w:id="3"/></w:r>' + R("。"))
    assert reduce(body, footnotes=notes).text == "正文[^1]。\n[^1]: 见第二章。\n另见附件。"


@pytest.mark.parametrize(
    "contents",
    [P("总则\t1", '<w:pStyle w:val="m"/>'), CONTENTS],
)
def test_headers_and_contents_are_left_out_by_the_step_layout(contents: str) -> None:
    header = f"<w:hdr {WORD}>{P('内部资料')}</w:hdr>"
    reduced = reduce(P("前") + "\n" + contents + "\n" + P("后"), styles=STYLES, header=header)
    assert reduced.text == "前\n后"
    assert count_removed(reduced)["layout"] == len((contents + header).encode())


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), max_size=4))
def test_every_character_of_a_paragraph_is_traced_to_its_own_bytes(texts: list[str]) -> None:
    escaped = [text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for text in texts]
    data = make_document("".join(P(R(text)) for text in escaped))
    reduced = reduce("".join(P(R(text)) for text in escaped))
    assert reduced.text == "\n".join(text for text in texts if text.strip())
    for place, character in enumerate(reduced.text):
        start, end = reduced.alignment.source_span(place, place + 1)
        source = data.encode()[start - 100 : end - 100].decode()
        assert source in (character, "") or source in ("&amp;", "&lt;", "&gt;")


@pytest.mark.parametrize(
    "body",
    [
        "<w:p>",
        "&nbsp;",
        "<w:t>&undefined;</w:t>",
        "<w:p>" * 600 + "</w:p>" * 600,
    ],
)
def test_a_body_that_is_no_xml_or_nested_too_deep_is_refused(body: str) -> None:
    with pytest.raises(RecordError) as caught:
        reduce(body)
    assert caught.value.reason.cause is Cause.INVALID_XML


def test_definitions_of_entities_are_refused_before_any_entity_expands() -> None:
    bomb = b'<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><w>&b;</w>'
    with pytest.raises(RecordError, match="document type"):
        reduce_docx(decode(bomb, "utf-8"), [DocxMember(BODY, len(bomb))])
