"""The local engine: a record that kills or delays its worker is rejected, and costs no other record."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hanpack.engines import work
from hanpack.engines.local import run_local
from hanpack.engines.work import Job, Task
from hanpack.errors import BuildError
from hanpack.flow import process_record
from hanpack.model import Outcome, Record, Source
from hanpack.reasons import Cause
from hanpack.recipe import Recipe
from hanpack.store.table_kinds import TableKind
from hanpack.store.tables import make_tables

RECIPE = Recipe.model_validate({"name": "a", "sources": [{"path": "a.txt"}]})
# The first record of a worker also loads its tables, which takes up to a second.
IMPATIENT = Recipe.model_validate({**RECIPE.model_dump(), "limits": {"max_record_seconds": 5}})
SOURCE = Source("a.txt", "0" * 64, 9, "utf-8")
KEPT = ("kept", None)


def make_records(count: int) -> tuple[Record, ...]:
    data = "好。".encode()
    return tuple(Record(SOURCE, index, data, index * 6, index * 6 + 6) for index in range(count))


def read_ledger(job: Job, key: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = job.cache.read(key, TableKind.LEDGER.value).to_pylist()
    return rows


def states(job: Job, key: str) -> list[tuple[str, str | None]]:
    return [(row["state"], row["cause"]) for row in read_ledger(job, key)]


@pytest.fixture
def misbehave(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[int, Callable[[], None]]], None]:
    """Make the flow do something else for some records, by their index; workers are forked and do it too."""

    def replace_flow(actions: dict[int, Callable[[], None]]) -> None:
        def act(record: Record, *rest: Any) -> Outcome:
            if record.index in actions:
                actions[record.index]()
            return process_record(record, *rest)

        monkeypatch.setattr(work, "process_record", act)

    return replace_flow


@pytest.mark.parametrize("processes", [1, 2])
def test_records_that_kill_their_worker_are_rejected_and_no_others(
    tmp_path: Path, misbehave: Callable[..., None], processes: int
) -> None:
    misbehave({1: lambda: os._exit(1), 3: lambda: os.kill(os.getpid(), 9)})
    job = Job(RECIPE, tmp_path, tmp_path)
    finished: list[Task] = []
    records = make_records(6)
    run_local(iter([Task("aa1", records[:5]), Task("aa2", records[5:])]), job, finished.append, processes)
    died = ("rejected", Cause.WORKER_DIED.code)
    assert states(job, "aa1") == [KEPT, died, KEPT, died, KEPT]
    assert states(job, "aa2") == [KEPT]
    assert sorted(task.key for task in finished) == ["aa1", "aa2"]


def test_a_record_that_takes_too_long_is_rejected_and_no_others(
    tmp_path: Path, misbehave: Callable[..., None]
) -> None:
    misbehave({1: lambda: time.sleep(3600)})
    job = Job(IMPATIENT, tmp_path, tmp_path)
    run_local(iter([Task("aa1", make_records(3))]), job, lambda _: None, 1)
    assert states(job, "aa1") == [KEPT, ("rejected", Cause.TIME_LIMIT.code), KEPT]


def test_a_record_on_which_the_flow_fails_is_rejected_with_the_error(
    tmp_path: Path, misbehave: Callable[..., None]
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a bug of ours")

    misbehave({1: fail})
    job = Job(RECIPE, tmp_path, tmp_path)
    run_local(iter([Task("aa1", make_records(2))]), job, lambda _: None, 1)
    assert states(job, "aa1") == [KEPT, ("rejected", Cause.INTERNAL_ERROR.code)]
    assert read_ledger(job, "aa1")[1]["reason"] == "hanpack failed on it: ZeroDivisionError: a bug of ours"


def test_a_worker_that_dies_outside_the_records_is_tried_again_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "died"

    def die_once(*arguments: Any) -> Any:
        if not marker.exists():
            marker.touch()
            os._exit(1)
        return make_tables(*arguments)

    monkeypatch.setattr(work, "make_tables", die_once)
    job = Job(RECIPE, tmp_path, tmp_path)
    run_local(iter([Task("aa1", make_records(2))]), job, lambda _: None, 1)
    assert states(job, "aa1") == [KEPT, KEPT]


def test_a_worker_that_always_dies_outside_the_records_fails_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "make_tables", lambda *_: os._exit(1))
    with pytest.raises(BuildError, match=r"a\.txt record 0 at byte 0"):
        run_local(iter([Task("aa1", make_records(2))]), Job(RECIPE, tmp_path, tmp_path), lambda _: None, 1)
