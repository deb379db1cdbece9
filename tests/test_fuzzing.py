"""No input crashes the flow or the readers, and the laws hold: a small run of ``benchmarks/fuzz.py``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hanpack.flow import process_record
from hanpack.model import Outcome, Record
from hanpack.tools import Tools
from tests import fuzzing
from tests.fuzzing import Fuzzer, check_outcome, make_record

INPUTS = 250


def test_the_laws_hold_for_random_records_and_files(tmp_path: Path) -> None:
    fuzzer = Fuzzer(20_260, tmp_path)
    inputs = [fuzzer.check_next() for _ in range(INPUTS)]
    assert len(set(inputs)) > INPUTS // 2
    assert sum(len(data) for data in inputs) > 10 * INPUTS


def test_the_data_of_a_fuzzer_are_those_of_the_record_it_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records: list[Record] = []

    def note(record: Record, tools: Tools) -> Outcome:
        records.append(record)
        return process_record(record, tools)

    monkeypatch.setattr(fuzzing, "process_record", note)
    fuzzer = Fuzzer(0, tmp_path)
    wrappings = set()
    for _ in range(40):
        records.clear()
        data = fuzzer.check_next()
        assert data == fuzzer.data
        assert all(record.data == data for record in records)
        wrappings |= {record.wrapping for record in records}
    assert wrappings == {"json", "plain"}


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
