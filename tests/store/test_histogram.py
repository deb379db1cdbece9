"""The picture of a card shows how many chunks have how many tokens, and is valid XML."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.building.run import Build
from hanpack.store.histogram import BINS, BOTTOM, TOP, draw_histogram
from hanpack.store.manifest import PICTURE
from tests.builds import read_rows

BUDGETS = st.integers(16, 1_000_000)


@given(st.data(), BUDGETS)
def test_the_bars_are_as_high_as_their_counts(data: st.DataObject, budget: int) -> None:
    tokens = np.array(data.draw(st.lists(st.integers(1, budget), max_size=50)), np.int32)
    root = ElementTree.fromstring(draw_histogram(tokens, budget))
    bars = [float(bar.get("height", "")) for bar in root.findall("{*}rect")][1:]
    assert len(bars) <= min(BINS, len(tokens))
    assert bool(bars) == bool(len(tokens))
    if bars:
        assert max(bars) == BOTTOM - TOP
    edges = np.unique(np.linspace(0, budget + 1, BINS + 1).astype(np.int64))
    counts, _ = np.histogram(tokens, edges)
    assert sum(bars) == pytest.approx(
        (BOTTOM - TOP) * len(tokens) / max(int(counts.max()), 1), abs=0.01 * BINS
    )


def test_the_picture_of_a_build_counts_its_chunks(seeds_build: Build) -> None:
    picture = (seeds_build.path / PICTURE).read_text(encoding="utf-8")
    assert re.search(rf">{len(read_rows(seeds_build.path, 'chunks'))} chunks by their tokens", picture)
    assert f"({PICTURE})" in (seeds_build.path / "README.md").read_text(encoding="utf-8")
