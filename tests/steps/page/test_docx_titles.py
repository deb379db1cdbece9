"""The title of a Word document without styles is its first line that stands out; the text is not changed."""

from __future__ import annotations

import pytest

from hanpack.steps.decode.decoding import decode
from hanpack.steps.page.docx import BODY, STYLES, DocxMember, reduce_docx
from tests.sources.packages import WORD, make_document, make_paragraph, make_run

P, R = make_paragraph, make_run
CENTRED = '<w:jc w:val="center"/>'
LARGE, BOLD = '<w:sz w:val="44"/>', "<w:b/>"
TITLE = "关于做好2023年春季防火工作的通知"
LINES = ["各县（市、区）人民政府：", "现将有关事项通知如下。", "加强巡查。"]
LETTER = "".join(map(P, LINES))
HEADINGS = (
    f'<w:styles {WORD}><w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style>'
    f'<w:style w:type="paragraph" w:styleId="c"><w:name w:val="居中"/><w:pPr>{CENTRED}</w:pPr></w:style>'
    "</w:styles>"
)


def find_title(body: str) -> object:
    """The title that becomes metadata."""
    parts = {BODY: make_document(body).encode(), STYLES: HEADINGS.encode()}
    members = [DocxMember(role, len(content)) for role, content in parts.items()]
    return reduce_docx(decode(b"".join(parts.values()), "utf-8"), members).metadata.get("title")


def make_heading(text: str) -> str:
    return P(text, '<w:pStyle w:val="1"/>')


WITH_TITLE = {
    "centred": P(TITLE, CENTRED) + LETTER,
    "centred by its style": P(TITLE, '<w:pStyle w:val="c"/>') + LETTER,
    "large": P(R(TITLE, LARGE)) + LETTER,
    "bold": P(R(TITLE, BOLD)) + LETTER,
    "bold in two runs": P(R(TITLE[:5], BOLD) + R(TITLE[5:], BOLD)) + LETTER,
    "after an empty line": P("") + P(TITLE, CENTRED) + LETTER,
    "below the head and the number of a paper": (
        P(R("某市人民政府文件", LARGE), CENTRED)
        + P("某政发〔2023〕15号", CENTRED)
        + P(TITLE, CENTRED)
        + LETTER
    ),
    "above the name of its author": P(R(TITLE, LARGE), CENTRED) + P("李明", CENTRED) + LETTER,
    "the only heading": make_heading(TITLE) + LETTER,
}


@pytest.mark.parametrize("name", WITH_TITLE)
def test_a_first_line_that_stands_out_is_the_title(name: str) -> None:
    assert find_title(WITH_TITLE[name]) == TITLE


WITHOUT_TITLE = {
    "nothing stands out": P(TITLE) + LETTER,
    "all lines are centred, as those of a poem": "".join(P(line, CENTRED) for line in ("一", "二", "三")),
    "all lines are bold": "".join(P(R(line, BOLD)) for line in (TITLE, *LINES)),
    "a bold sentence": P(R("请认真执行。", BOLD)) + LETTER,
    "a bold word begins the first sentence": P(R("通知", BOLD) + R("已经下发，请执行")) + LETTER,
    "a numbered heading": P(R("一、总体要求", BOLD)) + LETTER,
    "the heading of a chapter": make_heading("第一章 总则") + LETTER,
    "two headings": make_heading("春") + LETTER + make_heading("秋") + LETTER,
    "a bold line below the text": LETTER + P(R(TITLE, BOLD)),
    "the cell of a table": f"<w:tbl><w:tr><w:tc>{P(R(TITLE, BOLD), CENTRED)}</w:tc></w:tr></w:tbl>" + LETTER,
    "only the number of a paper": P("某政发〔2023〕15号", CENTRED) + LETTER,
}


@pytest.mark.parametrize("name", WITHOUT_TITLE)
def test_what_does_not_stand_out_or_is_no_title_is_none(name: str) -> None:
    assert find_title(WITHOUT_TITLE[name]) is None


def test_the_text_has_the_line_as_it_was() -> None:
    document = make_document(WITH_TITLE["centred"]).encode()
    reduced = reduce_docx(decode(document, "utf-8"), [DocxMember(BODY, len(document))])
    assert reduced.text.split("\n") == [TITLE, *LINES]
