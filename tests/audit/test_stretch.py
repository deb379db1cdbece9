"""A stretch of records that is checked by columns has the faults that its rows have, and the same counts."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanpack.audit import stretch
from hanpack.audit.chunks import ChunkCheck
from hanpack.audit.cursor import RowCursor, open_cursors
from hanpack.audit.findings import Audit, Deviations
from hanpack.audit.records import RecordCheck
from hanpack.audit.recount import RECOUNT_EVERY, Recount
from hanpack.audit.sources import RawRecord, read_records, survey_again
from hanpack.audit.statements import read_recipe
from hanpack.building.run import build
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.source_table import SourceTable
from hanpack.sources.survey import ignore_progress
from hanpack.steps.tokens import open_counter
from hanpack.steps.traced import code_points
from hanpack.store.placed_rows import TableBatch
from hanpack.store.reader import BuildReader
from tests.conftest import ROOT, write_recipe

TEXT = (
    "一、工作回顾\n{0}我们坚持稳中求进，推动高质(zhì)量发展。 全年完成投资{1}亿元。\n"
    "旅遊業 高質量發展“引文”。\U0001f600\n二、下一步打算\n抓好{0}的落实。\n"
)
PAGE = "<html><body><div class='pcb'>經濟&amp;社會{0}。<p>第二段</p></div>Powered by Discuz!</body></html>"


class Rows:
    """The tables of a build in memory, read in batches of a few rows, and the records of its sources."""

    def __init__(
        self, reader: BuildReader, records: list[RawRecord], tables: dict[tuple[str, str], pa.Table]
    ) -> None:
        self.reader = reader
        self.records = records
        self.tables = tables

    def schema(self, table: str) -> pa.Schema:
        return self.reader.schema(table)

    def partitions(self, table: str) -> tuple[str, ...]:
        return self.reader.partitions(table)

    def read_batches(self, table: str, partition: str | None = None) -> Iterator[TableBatch]:
        for name in [partition] if partition else self.partitions(table):
            shard = self.reader.shards(table, name)[0]
            rows = self.tables[table, name]
            yield from (
                TableBatch(shard, first, rows.slice(first, 5)) for first in range(0, rows.num_rows, 5)
            )


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    folder = tmp_path_factory.mktemp("stretches")
    texts = [TEXT.format(f"第{number * 7919}号", number) * (1 + number % 4) for number in range(24)]
    lines = [json.dumps({"text": text, "url": f"https://example.com/{len(text)}"}) for text in texts]
    lines[3:3] = ['{"text": " "}', '{"words": "none"}', lines[1], "{broken"]
    files = {
        "a.jsonl": "\n".join(lines).encode(),
        "b.html": PAGE.format("甲").encode(),
        "c.txt": ("今天的天气很好,我们去公园散步。他说:\n" * 20).encode("gbk"),
        "d.txt": b"\xff\xfe\xfd" * 50,
    }
    recipe = write_recipe(
        folder,
        files,
        sources=[{"path": "[a-d].*"}],
        steps={"script": "hans", "quotes": True},
        chunks={"max_tokens": 48, "headings": True},
        more={"chunks_small": {"max_tokens": 24}},
        splits={"test": 0.3},
    )
    build(recipe, folder / "out", num_proc=1)
    reader = BuildReader.open(folder / "out")
    surveys = survey_again(
        Deviations(Audit()), reader.manifest, read_recipe(reader.manifest), folder, ignore_progress
    )
    read = read_records(Audit(), read_recipe(reader.manifest), surveys, reader.manifest.sources)
    tables = {
        (table, partition): pa.concat_tables(
            batch.table for batch in reader.read_batches(table, partition=partition)
        )
        for table in reader.tables
        for partition in reader.partitions(table)
    }
    return Rows(reader, list(read), tables)


def check(rows: Rows, *, by_columns: bool) -> tuple[Audit, int]:
    """The audit of all rows, and how many of the ledger were checked one by one."""
    counter = open_counter(load_vocabulary("o200k_base", ROOT), fast=False)
    budgets = read_recipe(rows.reader.manifest).budgets
    tables = stretch.TableCursors(
        ledger=RowCursor(rows, "ledger"),  # type: ignore[arg-type]
        documents=open_cursors(rows, "documents"),  # type: ignore[arg-type]
        chunks=[
            ChunkCheck(table, open_cursors(rows, table), budget.max_tokens, counter)  # type: ignore[arg-type]
            for table, budget in budgets.items()
        ],
    )
    audit = Audit()
    recount = Recount(counter, is_sample=False)
    checked = RecordCheck(
        audit, SourceTable.of(rows.reader.manifest.sources), iter(rows.records), tables, recount
    )
    alone = 0
    check_rows = checked._check_rows

    def count_rows(number: int) -> int:
        nonlocal alone
        done = check_rows(number)
        alone += done
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checked, "_check_rows", count_rows)
        patch.setattr(stretch, "STRETCH_RECORDS", 7)
        if not by_columns:
            patch.setattr(checked, "_check_stretch", lambda: 0)
        checked.run(len(rows.records), None)
    return audit, alone


def test_rows_that_are_in_order_are_not_checked_one_by_one(rows: Rows) -> None:
    by_columns, alone = check(rows, by_columns=True)
    by_rows, all_rows = check(rows, by_columns=False)
    assert (by_columns.faults, alone, all_rows) == ([], 0, len(rows.records))
    assert by_columns.checked == by_rows.checked
    assert {"records", "documents", "edits", "blocks", "chunks", "copies"} <= by_columns.checked.keys()


def change_value(value: Any, generator: random.Random) -> Any:
    """Another value of the same type."""
    if isinstance(value, str):
        at = generator.randrange(len(value) + 1)
        return generator.choice((value[:at] + "的" + value[at:], value[:at] + value[at + 1 :], ""))
    if isinstance(value, int | float):
        return value + generator.choice((-3, -1, 1, 3, 1000))
    if isinstance(value, dict) and value:
        name = generator.choice(list(value))
        return {**value, name: change_value(value[name], generator)}
    if isinstance(value, list) and value:
        at = generator.randrange(len(value))
        changed = [change_value(value[at], generator)]
        return generator.choice(
            (value[:at] + changed + value[at + 1 :], value[:at] + value[at + 1 :], value * 2)
        )
    return value


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32))
def test_a_changed_row_has_the_same_faults_either_way(rows: Rows, seed: int) -> None:
    generator = random.Random(seed)
    place = generator.choice([place for place, table in rows.tables.items() if table.num_rows])
    content = rows.tables[place].to_pylist()
    at = generator.randrange(len(content))
    if generator.random() < 0.2:
        content[at : at + 1] = generator.choice(([], [content[at]] * 2))
    else:
        name = generator.choice(list(content[at]))
        content[at] = {**content[at], name: change_value(content[at][name], generator)}
    changed = Rows(rows.reader, rows.records, {**rows.tables})
    changed.tables[place] = pa.Table.from_pylist(content, rows.tables[place].schema)
    by_columns, _ = check(changed, by_columns=True)
    by_rows, _ = check(changed, by_columns=False)
    assert by_columns.faults == by_rows.faults, (place, at)
    assert by_columns.checked == by_rows.checked


def test_a_sample_has_every_character_and_one_text_of_many() -> None:
    counter = open_counter(load_vocabulary("o200k_base", ROOT), fast=False)
    texts = ["今天开会。"] * (2 * RECOUNT_EVERY) + ["今天散会。"] + ["今天开会。"]
    recount = Recount(counter, is_sample=True)
    assert list(recount.tokenize(texts)) == [0, RECOUNT_EVERY, 2 * RECOUNT_EVERY]
    codes = code_points("".join(texts))
    lengths = [len(text) for text in texts]
    ends = [sum(lengths[: number + 1]) for number in range(len(lengths))]
    starts = [end - length for end, length in zip(ends, lengths, strict=True)]
    chosen = recount.choose_chunks(codes, pa.array(starts).to_numpy(), pa.array(ends).to_numpy())
    assert chosen.nonzero()[0].tolist() == [0, RECOUNT_EVERY, 2 * RECOUNT_EVERY]
    again = recount.choose_chunks(code_points("龘龘"), pa.array([0]).to_numpy(), pa.array([2]).to_numpy())
    assert again.tolist() == [True]
