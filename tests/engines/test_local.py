"""The local engine: a record that kills or delays its worker is rejected, and costs no other record."""

from __future__ import annotations

import os
import signal
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from hanpack.engines.heap import LONG_RECORD
from hanpack.engines.local import call_apart, run_local
from hanpack.engines.work import Job, Task
from hanpack.errors import BuildError
from hanpack.reasons import Cause
from tests.engines.records import (
    DIED,
    IMPATIENT,
    KEPT,
    RECIPE,
    ActingMapping,
    die_once,
    make_records,
    read_ledger,
    read_states,
)


@pytest.mark.parametrize("processes", [1, 2])
def test_records_that_kill_their_worker_are_rejected_and_no_others(tmp_path: Path, processes: int) -> None:
    metadata = {
        1: ActingMapping(partial(os._exit, 1)),
        3: ActingMapping(partial(signal.raise_signal, signal.SIGKILL)),
    }
    job = Job(RECIPE, tmp_path, tmp_path)
    finished: list[Task] = []
    records = make_records(6, metadata)
    run_local(iter([Task("aa1", records[:5]), Task("aa2", records[5:])]), job, finished.append, processes)
    assert read_states(job, "aa1") == [KEPT, DIED, KEPT, DIED, KEPT]
    assert read_states(job, "aa2") == [KEPT]
    assert sorted(task.key for task in finished) == ["aa1", "aa2"]
    # Another run may not reject these records, so it must not use the part.
    assert [job.cache.has(key) for key in ("aa1", "aa2")] == [False, True]


def test_a_very_long_record_is_processed_by_a_worker_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hanpack.engines.local.LONG_RECORD", 1)
    job = Job(RECIPE, tmp_path, tmp_path)
    records = make_records(6, {1: ActingMapping(partial(os._exit, 1))})
    run_local(iter([Task("aa1", records[:3]), Task("aa2", records[3:])]), job, lambda _: None, 1)
    assert read_states(job, "aa1") == [KEPT, DIED, KEPT]
    assert read_states(job, "aa2") == [KEPT] * 3
    assert not list(job.heartbeats.iterdir())


def test_a_call_apart_gives_the_result_and_takes_no_memory_here() -> None:
    def make() -> int:
        return len(bytearray(LONG_RECORD)) + os.getpid()

    answer = call_apart(make)
    if sys.platform == "linux":
        assert answer - LONG_RECORD not in (0, os.getpid())


def test_a_call_apart_raises_the_error_of_the_function_and_says_that_the_process_died() -> None:
    def refuse() -> None:
        raise BuildError("no space", "a.txt", "delete something")

    with pytest.raises(BuildError, match="no space"):
        call_apart(refuse)
    if sys.platform == "linux":
        with pytest.raises(BuildError, match="the process that writes the shards died"):
            call_apart(partial(os._exit, 1))


def test_a_record_that_takes_too_long_is_rejected_and_no_others(tmp_path: Path) -> None:
    records = make_records(3, {1: ActingMapping(partial(time.sleep, 3600))})
    job = Job(IMPATIENT, tmp_path, tmp_path)
    run_local(iter([Task("aa1", records)]), job, lambda _: None, 1)
    assert read_states(job, "aa1") == [KEPT, ("rejected", Cause.TIME_LIMIT.code), KEPT]


def test_a_record_on_which_the_flow_fails_is_rejected_with_the_error(tmp_path: Path) -> None:
    records = make_records(3, {1: ActingMapping(partial(divmod, 1, 0))})
    job = Job(RECIPE, tmp_path, tmp_path)
    run_local(iter([Task("aa1", records)]), job, lambda _: None, 1)
    assert read_states(job, "aa1") == [KEPT, ("rejected", Cause.INTERNAL_ERROR.code), KEPT]
    reason = read_ledger(job, "aa1")[1]["reason"]
    assert reason.startswith("hanpack failed on it: ZeroDivisionError: ")


def test_a_record_whose_worker_was_killed_from_outside_is_kept(tmp_path: Path) -> None:
    marker = tmp_path / "died"
    records = make_records(3, {1: ActingMapping(partial(die_once, marker))})
    job = Job(RECIPE, tmp_path, tmp_path)
    run_local(iter([Task("aa1", records)]), job, lambda _: None, 1)
    assert marker.exists()
    assert read_states(job, "aa1") == [KEPT, KEPT, KEPT]
    assert job.cache.has("aa1")


def test_a_worker_that_dies_outside_the_records_is_tried_again_once(tmp_path: Path) -> None:
    marker = tmp_path / "died"
    records = make_records(2, {1: {"x": ActingMapping(partial(die_once, marker))}})
    job = Job(RECIPE, tmp_path, tmp_path)
    run_local(iter([Task("aa1", records)]), job, lambda _: None, 1)
    assert marker.exists()
    assert read_states(job, "aa1") == [KEPT, KEPT]


def test_a_worker_that_always_dies_outside_the_records_fails_the_build(tmp_path: Path) -> None:
    records = make_records(2, {1: {"x": ActingMapping(partial(os._exit, 1))}})
    with pytest.raises(BuildError, match=r"a\.txt record 0 at byte 0"):
        run_local(iter([Task("aa1", records)]), Job(RECIPE, tmp_path, tmp_path), lambda _: None, 1)
