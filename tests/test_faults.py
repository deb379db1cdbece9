"""Faults that people report of other tools: variations of each kind hold, through the public doors."""

from __future__ import annotations

from typing import Any

import pytest

import hanpack
from tests.case_files import read_rows
from tests.conftest import CASES as CASE_FILES

CASES = read_rows(CASE_FILES / "faults.jsonl")


def name_case(case: dict[str, Any]) -> str:
    return str(case["kind"])


@pytest.mark.parametrize("case", [case for case in CASES if "max_tokens" not in case], ids=name_case)
def test_a_text_keeps_what_is_its_own_and_loses_what_is_not(case: dict[str, Any]) -> None:
    steps: dict[str, Any] = dict.fromkeys(case.get("steps", ()), True)
    document = hanpack.normalize(case["input"], script=case.get("script", "keep"), **steps)
    expected = case["expected"]
    assert document.text == expected.get("eq", document.text)
    assert [piece for piece in expected.get("has", ()) if piece not in document.text] == []
    assert [piece for piece in expected.get("hasnot", ()) if piece in document.text] == []
    metadata = expected.get("meta", {})
    assert {key: document.metadata.get(key) for key in metadata} == metadata


@pytest.mark.parametrize("case", [case for case in CASES if "max_tokens" in case], ids=name_case)
def test_chunks_bear_the_headings_of_their_text(case: dict[str, Any]) -> None:
    text, expected = case["input"], case["expected"]
    fine = hanpack.split(text, max_tokens=8, policy="structure")
    for piece, section in expected.get("section_of", {}).items():
        place = text.index(piece)
        assert [list(chunk.section) for chunk in fine if chunk.start <= place < chunk.end] == [section]
    chunks = hanpack.split(text, max_tokens=case["max_tokens"])
    headings = {heading for chunk in [*chunks, *fine] for heading in chunk.section}
    if "heading" in expected:
        assert expected["heading"] in headings
    if "not_heading" in expected:
        assert not any(heading.startswith(expected["not_heading"]) for heading in headings)
    if "chunk_has" in expected:
        assert any(expected["chunk_has"] in text[chunk.start : chunk.end] for chunk in chunks)


def test_there_are_cases_of_most_kinds() -> None:
    assert len({case["kind"] for case in CASES}) >= 25
