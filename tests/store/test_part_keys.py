"""Keys of parts are those that were put in, however they are cut and joined."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hanpack.store.part_keys import PartKeys

KEYS = st.lists(
    st.builds(lambda file, place: f"3f-{file:05d}.{place}", st.integers(0, 2), st.integers(0, 3)), max_size=15
)


@given(KEYS, KEYS, st.integers(-16, 16), st.integers(-16, 16))
def test_they_are_a_sequence(first: list[str], second: list[str], start: int, end: int) -> None:
    keys = PartKeys.join([PartKeys.of(first), PartKeys.of(second)])
    joined = first + second
    assert list(keys) == joined
    assert [keys[part] for part in range(len(keys))] == joined
    assert list(keys[start:end]) == joined[start:end]
    of_files = [(file, part) for file, parts in keys.parts_by_file() for part in parts]
    assert of_files == [(key.partition(".")[0], part) for part, key in enumerate(joined)]
