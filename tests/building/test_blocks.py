"""What is as long as a corpus is in blocks and files; where they are cut changes no byte of a build."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.building import passes
from hanpack.building.run import build
from hanpack.steps.dedup import candidates
from hanpack.store import part_index, spooled_arrays
from hanpack.store.spooled_arrays import SpooledArray, find_repeated
from tests.building.texts import FIRST, FOURTH, NEAR, OVERLAPPING, SECOND, THIRD
from tests.builds import read_rows, to_jsonl, verify_build
from tests.conftest import MakeRecipe

TEXTS = {
    "a.jsonl": to_jsonl(FIRST, SECOND, *OVERLAPPING, FIRST),
    "b.jsonl": to_jsonl(NEAR, THIRD, SECOND + FOURTH, THIRD),
    "c.jsonl": to_jsonl(FOURTH, "", FIRST + THIRD, NEAR + SECOND),
    "d.jsonl": to_jsonl(*[f"第{number}号。{FIRST}" for number in range(9)]),
}


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch, ungrouped: None) -> None:
    """Blocks of two records, all arrays in files, two documents sorted at once, tools let go of."""
    monkeypatch.setattr(part_index, "BLOCK_ROWS", 2)
    monkeypatch.setattr(part_index, "CACHED_TABLES", 1)
    monkeypatch.setattr(spooled_arrays, "MEMORY_BYTES", 0)
    monkeypatch.setattr(spooled_arrays, "PIECE", 3)
    monkeypatch.setattr(spooled_arrays, "COMPARED", 3)
    monkeypatch.setattr(candidates, "_SORTED", 2)
    monkeypatch.setattr(passes, "FORGOTTEN_FROM", 0)


@pytest.mark.parametrize(
    "keys",
    [
        {"duplicates": {"drop": "near", "passages": "remove", "minimum_passage": 40}},
        {"duplicates": {"drop": "exact"}, "splits": {"validation": 0.3}},
        {"duplicates": {"drop": "none"}, "packed": {"tokens": 64}},
    ],
    ids=["near copies and passages", "splits", "repeated ids"],
)
def test_the_bytes_of_a_build_do_not_depend_on_its_blocks(
    make_recipe: MakeRecipe, tmp_path: Path, request: pytest.FixtureRequest, keys: dict[str, object]
) -> None:
    whole = build(make_recipe(TEXTS, **keys), tmp_path / "whole")
    request.getfixturevalue("small_blocks")
    recipe = make_recipe(TEXTS, **keys)
    in_blocks = build(recipe, tmp_path / "blocks")
    assert in_blocks.manifest.files == whole.manifest.files
    verify_build(in_blocks.path)
    # The next build takes most parts from the index, which has many blocks.
    more = {**TEXTS, "b.jsonl": to_jsonl(NEAR, THIRD)}
    changed = build(make_recipe(more, **keys), tmp_path / "blocks")
    fresh = build(make_recipe(more, **keys), tmp_path / "fresh")
    assert changed.manifest.files == fresh.manifest.files
    assert len(read_rows(changed.path, "ledger")) == sum(data.count(b"\n") for data in more.values())


@given(
    pieces=st.lists(st.lists(st.integers(0, 20), max_size=6), max_size=6),
    memory_bytes=st.sampled_from([0, 1 << 20]),
    compared=st.sampled_from([2, 1 << 18]),
    data=st.data(),
)
def test_a_spooled_array_reads_like_an_array(
    pieces: list[list[int]],
    memory_bytes: int,
    compared: int,
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spooled_arrays, "MEMORY_BYTES", memory_bytes)
        spooled = SpooledArray(np.dtype(np.uint64), tmp_path_factory.getbasetemp())
        for piece in pieces:
            spooled.append(np.array(piece, np.uint64))
    values = np.array([value for piece in pieces for value in piece], np.uint64)
    assert len(spooled) == len(values)
    places = np.array(data.draw(st.lists(st.integers(0, max(len(values) - 1, 0)), max_size=9)), np.int64)
    if len(values):
        assert spooled[places].tolist() == values[places].tolist()
    start = data.draw(st.integers(0, 40))
    assert spooled[start : start + 7].tolist() == values[start : start + 7].tolist()
    counts = {value: values.tolist().count(value) for value in values.tolist()}
    repeated = [place for place, value in enumerate(values.tolist()) if counts[value] > 1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spooled_arrays, "COMPARED", compared)
        assert find_repeated(spooled).tolist() == repeated
