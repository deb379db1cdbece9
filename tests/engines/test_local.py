"""The local engine: what kills a worker is found, put into the ledger, and costs nobody else their place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hanpack.engines import work
from hanpack.engines.local import run_here, run_processes
from hanpack.engines.work import Job, Task
from hanpack.flow import process_record
from hanpack.model import Outcome, Record, Source
from hanpack.reasons import Cause
from hanpack.recipe import Recipe
from hanpack.sources.records import Batch
from hanpack.store.parts import Parts
from hanpack.tools import Tools

RECIPE = Recipe.model_validate({"name": "a", "sources": [{"path": "a.txt"}]})
SOURCE = Source("a.txt", "0" * 64, 9, "utf-8")


class Bomb:
    """Ends the process that unpickles it, as a fault in a native library would."""

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (1,)


def record(index: int, **keys: object) -> Record:
    return Record(SOURCE, index, "好。".encode(), index * 6, index * 6 + 6, **keys)  # type: ignore[arg-type]


def states(folder: Path, index: int) -> list[tuple[str, str | None]]:
    rows = Parts(folder).read("ledger", index).to_pylist()
    return [(row["state"], row["cause"]) for row in rows]


def test_a_record_that_kills_its_worker_is_isolated(tmp_path: Path) -> None:
    deadly = record(1, metadata={"x": Bomb()})
    tasks = [Task(0, (record(0), deadly, record(2))), Task(1, (record(3),))]
    done: list[Batch] = []
    run_processes(iter(tasks), Job(RECIPE, tmp_path, tmp_path), done.append, 2)
    assert states(tmp_path, 0) == [("kept", None), ("rejected", Cause.WORKER_DIED.code), ("kept", None)]
    assert states(tmp_path, 1) == [("kept", None)]
    assert sorted(len(batch) for batch in done) == [1, 3]


def test_a_record_that_fails_in_an_unforeseen_way_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_on_one(one: Record, tools: Tools) -> Outcome:
        if one.index == 1:
            raise ZeroDivisionError("a bug of ours")
        return process_record(one, tools)

    def fail(*_: object) -> list[Outcome]:
        raise ZeroDivisionError

    monkeypatch.setattr(work, "process_record", fail_on_one)
    monkeypatch.setattr(work, "process", fail)
    run_here(iter([Task(0, (record(0), record(1)))]), Job(RECIPE, tmp_path, tmp_path), lambda _: None)
    assert states(tmp_path, 0) == [("kept", None), ("rejected", Cause.INTERNAL_ERROR.code)]
    _, row = Parts(tmp_path).read("ledger", 0).to_pylist()
    assert row["reason"] == "hanpack failed on it: ZeroDivisionError: a bug of ours"
