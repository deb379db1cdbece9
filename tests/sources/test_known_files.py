"""A file is recognised only if no change of it can have gone unseen."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.sources.known_files import COARSE_TICK, FINE_TICK, SECOND, FileState

TIMES = st.integers(0, 10**19)


@given(TIMES, TIMES, TIMES)
def test_a_file_is_settled_when_the_clock_has_ticked_since_its_last_change(
    modified: int, changed: int, now: int
) -> None:
    state = FileState(size=1, modified=modified, changed=changed, inode=1)
    assert state.is_settled(max(modified, changed) + COARSE_TICK + 1)
    assert not state.is_settled(max(modified, changed) + FINE_TICK)
    assert state.is_settled(now) <= state.is_settled(now + 1)


def test_a_time_without_a_fraction_may_be_from_a_coarse_clock() -> None:
    state = FileState(size=1, modified=5 * SECOND, changed=5 * SECOND, inode=1)
    assert not state.is_settled(7 * SECOND)
    assert replace(state, changed=5 * SECOND + 1).is_settled(6 * SECOND)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no ctime that programs cannot set")
def test_every_write_changes_the_state_even_if_times_are_restored(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one")
    before = FileState.of(path)
    path.write_bytes(b"two")
    os.utime(path, ns=(before.modified, before.modified))
    after = FileState.of(path)
    assert (after.size, after.modified) == (before.size, before.modified)
    assert after != before or not before.is_settled(before.changed + FINE_TICK)
