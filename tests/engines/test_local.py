"""The local engine: a record that kills or delays its worker is rejected, and costs no other record."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hanpack.engines.local import run_local
from hanpack.engines.work import Job, Task
from hanpack.errors import BuildError
from hanpack.model import Record, Source
from hanpack.reasons import Cause
from hanpack.recipe import Recipe
from hanpack.store.table_kinds import TableKind

RECIPE = Recipe.model_validate({"name": "a", "sources": [{"path": "a.txt"}]})
# The first record of a worker also loads its tables, which takes up to a second.
IMPATIENT = Recipe.model_validate({**RECIPE.model_dump(), "limits": {"max_record_seconds": 5}})
SOURCE = Source("a.txt", "0" * 64, 9, "utf-8")
KEPT = ("kept", None)
DIED = ("rejected", Cause.WORKER_DIED.code)


class ActingMapping(Mapping[str, object]):
    """A mapping with one key that does something when it is read, as a fault in a library would do it.

    The flow reads the metadata of a record while it processes that record, and reads mappings in the metadata
    when it writes the tables of the whole batch.
    """

    def __init__(self, action: Callable[[], object]) -> None:
        self._action = action

    def __getitem__(self, key: str) -> object:
        return "value"

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[str]:
        self._action()
        return iter(["key"])


def make_records(count: int, metadata: Mapping[int, Mapping[str, object]]) -> tuple[Record, ...]:
    """Records of one short text; some, by their index, with metadata."""
    data = "好。".encode()
    return tuple(
        Record(SOURCE, index, data, index * 6, index * 6 + 6, metadata=metadata.get(index, {}))
        for index in range(count)
    )


def read_ledger(job: Job, key: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = job.cache.read(key, TableKind.LEDGER.value).to_pylist()
    return rows


def read_states(job: Job, key: str) -> list[tuple[str, str | None]]:
    return [(row["state"], row["cause"]) for row in read_ledger(job, key)]


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


def die_once(marker: Path) -> None:
    """End this process, unless the marker says that another ended before."""
    if not marker.exists():
        marker.touch()
        os._exit(1)


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
