"""Groups of small sources: they cover all sources in order, and a change of one moves only its neighbours."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hanpack.model import Source
from hanpack.sources.groups import GROUP_BYTES, group_sources

SIZES = st.dictionaries(st.text(max_size=3), st.integers(0, 2 * GROUP_BYTES), max_size=30)


def describe(sizes: dict[str, int]) -> list[Source]:
    return [Source(name, "", size, "utf-8") for name, size in sorted(sizes.items())]


def name_groups(sources: list[Source]) -> set[tuple[str, ...]]:
    return {
        tuple(source.path for source in sources[group.start : group.stop]) for group in group_sources(sources)
    }


@given(SIZES)
def test_groups_cover_the_sources_and_large_ones_stand_alone(sizes: dict[str, int]) -> None:
    sources = describe(sizes)
    groups = group_sources(sources)
    assert [index for group in groups for index in group] == list(range(len(sources)))
    for group in groups:
        assert len(group) == 1 or all(sources[index].size < GROUP_BYTES for index in group)


@given(SIZES, st.text(max_size=3), st.integers(0, 2 * GROUP_BYTES))
def test_an_added_source_changes_the_group_that_it_joins_or_divides(
    sizes: dict[str, int], name: str, size: int
) -> None:
    sizes.pop(name, None)
    before, after = name_groups(describe(sizes)), name_groups(describe({**sizes, name: size}))
    assert len(before - after) <= 1
    assert 1 <= len(after - before) <= 3


def test_groups_have_about_the_size_they_should() -> None:
    sources = describe({f"{number}.txt": 1000 for number in range(10_000)})
    assert 0.8 < len(group_sources(sources)) / (10_000_000 / GROUP_BYTES) < 1.2
