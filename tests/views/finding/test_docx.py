"""What a Word document has and its text has not is found too: page headers, by the step that removed them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import docx

from hanpack.building.run import build
from hanpack.views.finding.search import find_texts
from tests.conftest import MakeRecipe


def test_the_page_header_of_a_word_document_is_removed_by_a_named_step(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "内部资料 注意保存"
    document.add_paragraph("全年完成投资三十亿元，群众满意度明显提高。")
    content = BytesIO()
    document.save(content)
    out = build(make_recipe({"a.docx": content.getvalue()}), tmp_path / "out").path
    answers = find_texts(out, ["内部资料", "完成投资三十亿"]).answers
    assert [(place.fate, list(place.steps)) for answer in answers for place in answer.places] == [
        ("removed", ["layout"]),
        ("kept", []),
    ]
