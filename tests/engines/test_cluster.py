"""The Ray engine: the bytes of the local engine, and the same isolation of records."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hanpack.building.run import build
from hanpack.engines.cluster import run_cluster
from hanpack.engines.work import Job, Task
from hanpack.reasons import Cause
from tests.builds import hash_files
from tests.conftest import MakeRecipe
from tests.engines.records import (
    DIED,
    IMPATIENT,
    KEPT,
    RECIPE,
    ActingMapping,
    die_once,
    make_records,
    read_states,
)

TEXT = "我们坚持稳中求进,推动高质量发展。这是第{}份报告,内容各不相同。\n"


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    """A cluster for all tests, since starting one takes seconds."""
    ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'hanpack[ray]'")
    ray.init(num_cpus=2, log_to_driver=False, configure_logging=False, include_dashboard=False)
    yield ray
    ray.shutdown()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_cluster_writes_the_bytes_of_the_local_engine(
    ray: Any, make_recipe: MakeRecipe, tmp_path: Path, workers: int
) -> None:
    files = {f"{number}.txt": (TEXT.format(number) * 3 + TEXT.format(7)).encode() for number in range(5)}
    recipe = make_recipe(files, sources=[{"path": "*.txt", "records": "line"}])
    local = build(recipe, tmp_path / "local", num_proc=1)
    cluster = build(recipe, tmp_path / "cluster", engine="ray", num_proc=workers)
    assert local.counts["states"]["duplicate"] > 0
    assert hash_files(cluster.path) == hash_files(local.path)


def test_records_that_kill_their_actor_are_rejected_and_no_others(ray: Any, tmp_path: Path) -> None:
    metadata = {
        1: ActingMapping(partial(os._exit, 1)),
        3: ActingMapping(partial(signal.raise_signal, signal.SIGKILL)),
    }
    job = Job(RECIPE, tmp_path, tmp_path)
    records = make_records(6, metadata)
    run_cluster(iter([Task("aa1", records[:5]), Task("aa2", records[5:])]), job, lambda _: None, 2)
    assert read_states(job, "aa1") == [KEPT, DIED, KEPT, DIED, KEPT]
    assert read_states(job, "aa2") == [KEPT]


def test_a_record_that_takes_too_long_is_rejected_and_no_others(ray: Any, tmp_path: Path) -> None:
    records = make_records(3, {1: ActingMapping(partial(time.sleep, 3600))})
    job = Job(IMPATIENT, tmp_path, tmp_path)
    run_cluster(iter([Task("aa1", records)]), job, lambda _: None, 1)
    assert read_states(job, "aa1") == [KEPT, ("rejected", Cause.TIME_LIMIT.code), KEPT]


def test_a_record_whose_actor_was_killed_from_outside_is_kept(ray: Any, tmp_path: Path) -> None:
    marker = tmp_path / "died"
    records = make_records(3, {1: ActingMapping(partial(die_once, marker))})
    job = Job(RECIPE, tmp_path, tmp_path)
    run_cluster(iter([Task("aa1", records)]), job, lambda _: None, 1)
    assert marker.exists()
    assert read_states(job, "aa1") == [KEPT, KEPT, KEPT]


def test_an_error_of_an_actor_is_raised_as_it_is(ray: Any, tmp_path: Path) -> None:
    job = Job(RECIPE, tmp_path, tmp_path)
    # A folder in the place of the part.
    (job.cache.path("aa1") / "x").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        run_cluster(iter([Task("aa1", make_records(1, {}))]), job, lambda _: None, 1)


def test_an_interrupt_stops_the_actors_and_keeps_what_is_finished(ray: Any, tmp_path: Path) -> None:
    records = make_records(2, {1: ActingMapping(partial(time.sleep, 3600))})
    tasks = [Task("aa1", records[:1]), Task("aa2", records[1:])]
    job = Job(RECIPE, tmp_path, tmp_path)

    def interrupt(task: Task) -> None:
        timer = threading.Timer(1, signal.raise_signal, [signal.SIGINT])
        timer.start()

    with pytest.raises(KeyboardInterrupt):
        run_cluster(iter(tasks), job, interrupt, 1)
    assert job.cache.has("aa1")
    assert not job.cache.has("aa2")
    assert list(job.heartbeats.iterdir()) == []


def test_no_cluster_is_started_if_there_is_nothing_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'hanpack[ray]'")
    monkeypatch.setattr(ray, "init", None)
    run_cluster(iter([]), Job(RECIPE, tmp_path, tmp_path), lambda _: None, 1)
