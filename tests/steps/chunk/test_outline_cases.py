"""The outlines of ``outlines.jsonl``: standards, books, Markdown, and prose that begins like a heading."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from hanpack.steps.chunk.outline import find_outline
from tests.case_files import read_rows
from tests.conftest import CASES

OUTLINES = read_rows(CASES / "outlines.jsonl")


def name_of(case: dict[str, Any]) -> str:
    line = case["text"].splitlines()[2 if case["kind"] in ("prose", "book") else 0]
    return f"{case['kind']}: {case.get('why', line)}"


def test_every_kind_has_at_least_eight_cases() -> None:
    counts = Counter(case["kind"] for case in OUTLINES)
    assert set(counts) == {"decimal", "fence", "prose", "book", "closing", "list", "provision", "contents"}
    assert min(counts.values()) >= 8


@pytest.mark.parametrize("case", OUTLINES, ids=name_of)
def test_an_outline_has_the_headings_that_a_reader_marks(case: dict[str, Any]) -> None:
    text = case["text"]
    outline = find_outline(text)
    titles = [heading.text for heading in outline.headings]
    assert case.keys() & {"headings", "sections", "absent"}
    if "headings" in case:
        assert titles == case["headings"]
    for piece, section in case.get("sections", {}).items():
        assert list(outline.section_at(text.index(piece))) == section, piece
    for beginning in case.get("absent", ()):
        assert [title for title in titles if title.startswith(beginning)] == []
