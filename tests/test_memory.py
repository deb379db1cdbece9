"""How much memory a long record takes on its way through the flow, as a multiple of its bytes."""

from __future__ import annotations

import tracemalloc
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from hanpack.audit.cursor import RowCursor
from hanpack.building.run import build
from hanpack.flow import process
from hanpack.model import Record, Source
from hanpack.recipe import Recipe, parse_recipe
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.decode.decoding import decode
from hanpack.store import row_groups
from hanpack.store.reader import BuildReader
from hanpack.store.table_kinds import find_schemas
from hanpack.store.tables import iterate_tables
from hanpack.tools import Tools, prepare_tools
from tests.conftest import MakeRecipe
from tests.sample_corpus import read_paragraphs

# What SECURITY.md allows a build; Arrow's own memory, which is not traced, is about as much as a table.
MOST_TIMES = 12


def make_record(size: int) -> Record:
    """A line of about ``size`` bytes, with a character to remove after every nine."""
    characters = cycle("".join(read_paragraphs(100)))
    pieces = ("".join(islice(characters, 9)) for _ in range(size // 30))
    data = "\u200b".join(pieces).encode()
    return Record(Source("a.txt", "", len(data), "utf-8"), 0, data, 0, len(data))


def measure_peak(record: Record, recipe: Recipe, tools: Tools) -> int:
    """The most bytes that were allocated at one time while a record became tables."""
    tracemalloc.start()
    try:
        for _ in iterate_tables(process([record], tools), find_schemas(recipe)):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_longer_record_takes_at_most_12_times_its_bytes() -> None:
    recipe = parse_recipe(
        {"name": "memory", "sources": [{"path": "a.txt"}], "steps": {"controls": True}}, "recipe"
    )
    tools = prepare_tools(recipe, load_vocabulary(recipe.tokenizer), load_ngram_model())
    # Two of them, for a block of replacements takes as much in either; before, all tables are loaded.
    process([make_record(10_000)], tools)
    records = [make_record(size) for size in (2_000_000, 4_000_000)]
    shorter, longer = (measure_peak(record, recipe, tools) for record in records)
    assert longer - shorter < MOST_TIMES * (records[1].size - records[0].size)


def test_the_row_of_a_very_long_document_is_all_that_stays_of_its_table(
    make_recipe: MakeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_groups, "BATCH_BYTES", 1 << 16)
    done = build(
        make_recipe({"a.txt": ("臺a" * 70_000).encode()}, steps={"script": "hans"}), tmp_path / "out"
    )
    cursor = RowCursor(BuildReader.open(done.path), "documents")
    before = pa.total_allocated_bytes()
    row = cursor.take()
    assert row is not None
    edits = row.values["edits"]
    assert len(edits) == 70_000
    # Positions take four bytes, as those of the flow do.
    kinds = {row.values[name].dtype for name in ("text_breaks", "byte_breaks")}
    assert {*kinds, edits.start.dtype, edits.byte_end.dtype} == {np.dtype(np.int32)}
    assert pa.total_allocated_bytes() - before < 8 * len(edits)


def test_a_longer_record_in_gbk_takes_few_times_its_bytes_to_decode() -> None:
    peaks = []
    for size in (2_000_000, 4_000_000):
        data = ("".join(islice(cycle("报告a工作情况。"), size // 2)).encode("gbk"))[:size]
        tracemalloc.start()
        try:
            decode(data, "gbk")
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] - peaks[0] < MOST_TIMES * 2 // 3 * 2_000_000
