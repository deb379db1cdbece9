"""A table of sources gives back what was put in, and finds it by its path."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.model import Source
from hanpack.reasons import Cause, Reason
from hanpack.source_table import SourceTable, StringColumn

# Lone surrogates stand for bytes of paths that are not UTF-8.
NAMES = st.text(st.characters(), max_size=6) | st.sampled_from(["a.txt", "目录/甲.txt", "\udcff.txt"])
FAULTS = st.none() | st.builds(
    Reason, st.sampled_from([Cause.NO_PERMISSION, Cause.CANNOT_OPEN]), st.just({"detail": "no"})
)
SOURCES = st.builds(
    Source,
    path=NAMES,
    sha256=st.just("") | st.binary(min_size=32, max_size=32).filter(any).map(bytes.hex),
    size=st.integers(0, 2**63 - 1),
    encoding=st.sampled_from(["utf-8", "gb18030", None]),
    entry=st.integers(0, 9),
    fault=FAULTS,
    archive_sha256=st.none() | st.just("ab" * 32),
)


@given(st.lists(SOURCES, max_size=20))
def test_a_table_gives_back_its_sources(sources: list[Source]) -> None:
    table = SourceTable(sources)
    assert list(table) == sources
    assert table == sources
    assert table[1:3] == sources[1:3]
    assert table.size == sum(source.size for source in sources)
    for source in sources:
        assert table.find(source.path) == next(other for other in sources if other.path == source.path)
    assert table.find("no such path") is None


@given(st.lists(NAMES, max_size=20))
def test_the_strings_that_a_row_before_has_are_repeated(names: list[str]) -> None:
    column = StringColumn(names)
    assert column.find_repeated() == {row for row, name in enumerate(names) if name in names[:row]}


@pytest.mark.parametrize("digest", ["AB" * 32, "ab", "xy" * 32, "ab" * 31 + " ab"])
def test_a_hash_that_would_not_be_given_back_is_refused(digest: str) -> None:
    with pytest.raises(ValueError, match=r"SHA-256|hexadecimal"):
        SourceTable([Source("a.txt", digest, 1, "utf-8")])
