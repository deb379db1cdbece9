"""No input crashes the flow or the readers, and the laws hold: a small run of ``benchmarks/fuzz.py``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hanpack.flow import process_record
from tests.fuzzing import BATCH, Fuzzer, check_outcome, make_record

BATCHES = 8


def test_the_laws_hold_for_random_records_and_files(tmp_path: Path) -> None:
    fuzzer = Fuzzer(20_260, tmp_path)
    batches = [fuzzer.make_batch() for _ in range(BATCHES)]
    for batch in batches:
        fuzzer.check(batch)
    records = [record for batch in batches for record in batch.records]
    inputs = [*(batch.file.data for batch in batches), *(record.data for record in records)]
    assert len(inputs) == BATCHES * BATCH
    assert len(set(inputs)) > len(inputs) // 2
    assert sum(map(len, inputs)) > 50 * len(inputs)
    assert {record.wrapping for record in records} == {"json", "plain"}
    assert len({batch.tools for batch in batches}) == len(fuzzer.tools)


def test_a_divided_batch_has_each_of_its_records(tmp_path: Path) -> None:
    batch = Fuzzer(0, tmp_path).make_batch()
    assert [record for alone in batch.divide() for record in alone.records] == list(batch.records)


def test_an_outcome_that_loses_a_byte_breaks_a_law(tmp_path: Path) -> None:
    fuzzer = Fuzzer(0, tmp_path)
    outcome = process_record(make_record("甲乙\n".encode(), "utf-8", "plain", 7, 0), fuzzer.tools[0])
    check_outcome(outcome, fuzzer.tools[0])
    with pytest.raises(AssertionError):
        check_outcome(replace(outcome, bytes_kept=outcome.bytes_kept - 1), fuzzer.tools[0])
    assert outcome.document is not None
    short = replace(outcome.document, chunks={"chunks": ()})
    with pytest.raises(AssertionError):
        check_outcome(replace(outcome, document=short), fuzzer.tools[0])
