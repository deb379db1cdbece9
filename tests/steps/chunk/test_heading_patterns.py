"""Each row of the tables matches exactly what its example marks, and nothing in its counter-example."""

from __future__ import annotations

import re

import pytest

from hanpack.steps.chunk.heading_patterns import (
    HEADING_PATTERNS,
    MARKER_KINDS,
    OPENERS,
    HeadingPattern,
    MarkerKind,
)
from hanpack.steps.chunk.headings import read_marker

ROWS = (*MARKER_KINDS, *HEADING_PATTERNS)


def name_of(row: MarkerKind | HeadingPattern) -> str:
    return row.name


def split_example(example: str) -> tuple[str, int, int]:
    """The text of an example without its marks, and the span between them."""
    before, rest = example.split("⟦")
    inside, after = rest.split("⟧")
    return before + inside + after, len(before), len(before) + len(inside)


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_a_pattern_matches_what_its_example_marks(row: MarkerKind | HeadingPattern) -> None:
    text, start, end = split_example(row.example)
    match = re.compile(row.pattern).search(text)
    assert match is not None
    assert match.span() == (start, end)


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_a_pattern_matches_nothing_in_its_counter_example(row: MarkerKind | HeadingPattern) -> None:
    assert re.compile(row.pattern).search(row.counter_example) is None


def test_the_names_of_the_rows_are_unique() -> None:
    assert len({row.name for row in MARKER_KINDS}) == len(MARKER_KINDS)
    assert len({row.name for row in HEADING_PATTERNS}) == len(HEADING_PATTERNS)


@pytest.mark.parametrize("kind", MARKER_KINDS, ids=name_of)
def test_the_example_of_a_kind_is_read_as_that_kind_only(kind: MarkerKind) -> None:
    text, start, _ = split_example(kind.example)
    assert [other.name for other in MARKER_KINDS if re.compile(other.pattern).match(text, start)] == [
        kind.name
    ]
    assert text[start] in OPENERS
    # The second item confirms the first of a list.
    marker = read_marker(f"{text}\n第二，其次，二要", start, opens_line=True, in_article=False)
    if kind.name == "annex":
        marker = read_marker(text, start, opens_line=True, in_article=False)
    assert marker is not None
    assert marker.kind == kind.name


@pytest.mark.parametrize("kind", MARKER_KINDS, ids=name_of)
def test_the_items_of_an_article_are_no_headings(kind: MarkerKind) -> None:
    text, start, _ = split_example(kind.example)
    inside = read_marker(text, start, opens_line=True, in_article=True)
    assert (inside is not None) == kind.in_article
