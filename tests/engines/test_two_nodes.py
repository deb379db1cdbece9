"""A cluster of two machines that loses a worker and then a whole machine gives the bytes of one process."""

from __future__ import annotations

import contextlib
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hanpack.building.run import build
from hanpack.store.object_folder import ObjectFolder
from tests.builds import hash_files, to_jsonl
from tests.conftest import MakeRecipe
from tests.object_storage import bucket, endpoint, hash_objects

__all__ = ["bucket", "endpoint"]

SENTENCES = ("我们坚持稳中求进", "推动高质量发展", "保障和改善民生", "深化改革开放", "防范化解风险")
RECORDS = 240
# The shares of the work after which a worker, and then a machine, is killed.
WORKER_DIES, MACHINE_DIES = 0.2, 0.5


@pytest.fixture
def cluster() -> Iterator[Any]:
    """A head without workers and two machines with one processor each, as two raylets on this machine."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'hanpack[ray]'")
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    machines = [cluster.add_node(num_cpus=1) for _ in range(2)]
    cluster.wait_for_nodes()
    ray.init(address=cluster.address, log_to_driver=False, configure_logging=False)
    yield cluster, machines
    ray.shutdown()
    cluster.shutdown()


def make_text(number: int) -> str:
    """A text that no other equals."""
    chance = random.Random(number)
    return "".join(f"第{number}份报告,{chance.choice(SENTENCES)}{chance.random()}。\n" for _ in range(20))


@pytest.fixture
def recipe(make_recipe: MakeRecipe, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recipe of many small batches, with copies among the records."""
    monkeypatch.setattr("hanpack.sources.records.BATCH_BYTES", 20_000)
    texts = [make_text(number) for number in range(RECORDS)]
    return make_recipe({"texts.jsonl": to_jsonl(*texts, *texts[:20])})


class Killer:
    """The progress of a build, which kills a worker, and then a machine on which there is one."""

    def __init__(self, cluster: Any, machines: list[Any]) -> None:
        self._cluster, self._machines = cluster, machines
        self.killed: list[str] = []

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != "process":
            return
        if not self.killed and done > WORKER_DIES * total:
            self._machines.sort(key=lambda machine: not find_workers(machine))
            os.kill(find_workers(self._machines[0])[0], signal.SIGKILL)
            self.killed.append("worker")
        elif self.killed == ["worker"] and done > MACHINE_DIES * total:
            self._machines.sort(key=lambda machine: not find_workers(machine))
            assert find_workers(self._machines[0])
            self._cluster.remove_node(self._machines[0], allow_graceful=False)
            self.killed.append("machine")


def find_workers(machine: Any) -> list[int]:
    """The processes of the actors on a machine: children of its raylet."""
    raylet = machine.all_processes["raylet"][0].process.pid
    workers = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            title = (folder / "cmdline").read_bytes()
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == raylet and title.startswith(b"ray::_Actor"):
                workers.append(int(folder.name))
    return workers


def test_the_bytes_are_those_of_one_process_after_a_worker_and_a_machine_were_killed(
    cluster: Any, recipe: Path, tmp_path: Path
) -> None:
    local = build(recipe, tmp_path / "local", num_proc=1)
    killer = Killer(*cluster)
    remote = build(recipe, tmp_path / "cluster", engine="ray", num_proc=2, progress=killer)
    assert killer.killed == ["worker", "machine"]
    assert local.counts["states"] == {"kept": RECORDS, "duplicate": 20}
    assert hash_files(remote.path) == hash_files(local.path)


def test_machines_that_share_only_object_storage_give_the_same_bytes(
    bucket: str, cluster: Any, recipe: Path, tmp_path: Path
) -> None:
    local = build(recipe, tmp_path / "local", num_proc=1)
    killer = Killer(*cluster)
    remote = build(recipe, f"{bucket}/out", engine="ray", num_proc=2, progress=killer)
    assert killer.killed == ["worker", "machine"]
    assert hash_objects(f"{bucket}/out", tmp_path / "copy") == hash_files(local.path)
    assert hash_files(remote.path) == hash_files(local.path)
    assert ObjectFolder(f"{bucket}/.out.hanpack/workers").list_sizes() == {}
