"""The Ray engine: the workers are actors on a cluster whose machines share a folder or object storage."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from hanpack.engines.object_heartbeat import ObjectHeartbeat
from hanpack.engines.supervisor import Advance, WorkerDiedError, WorkerHandle, supervise
from hanpack.engines.work import Beat, Heartbeat, Job, Task, Worker
from hanpack.errors import BuildError, UsageError
from hanpack.store.object_folder import ObjectFolder

Result = TypeVar("Result")
# How many times a task is repeated because its worker or machine died.
RETRIES = 3


def run_cluster(tasks: Iterable[Task], job: Job, advance: Advance, workers: int) -> None:
    """Carry out tasks on Ray actors; parts are named by their keys, so the order makes no difference.

    Raises:
        UsageError: Ray is not installed.
        BuildError: two workers died on the same batch while they processed no record.
    """
    tasks = iter(tasks)
    first = next(tasks, None)
    if first is None:
        return
    numbers = itertools.count()

    def start() -> WorkerHandle:
        return _ActorHandle(ray, job, f"ray-{os.getpid()}-{next(numbers)}")

    def wait(handles: Sequence[WorkerHandle], seconds: float) -> None:
        futures = [handle.future for handle in handles if isinstance(handle, _ActorHandle)]
        ray.wait(futures, num_returns=1, timeout=seconds)

    seconds = job.recipe.limits.max_record_seconds
    with connect_cluster() as ray:
        supervise(
            itertools.chain([first], tasks),
            start=start,
            wait=wait,
            advance=advance,
            workers=workers,
            record_seconds=seconds,
        )


@contextmanager
def connect_cluster() -> Iterator[Any]:
    """Ray, connected to its cluster until the end of the outermost context.

    Raises:
        UsageError: Ray is not installed.
    """
    try:
        import ray
    except ImportError as error:
        raise UsageError(
            "the engine 'ray' needs Ray", "--engine", "pip install 'hanpack[ray]', or use --engine local"
        ) from error
    is_own = not ray.is_initialized()
    if is_own:
        ray.init(log_to_driver=False, configure_logging=False)
    try:
        yield ray
    finally:
        if is_own:
            ray.shutdown()


def call_on_cluster(function: Callable[[], Result]) -> Result:
    """Call a function on a machine of the cluster, and again on another if that dies, a few times at most.

    Raises:
        BuildError: each of the machines or workers died.
    """
    with connect_cluster() as ray:
        options = {"max_retries": RETRIES, "scheduling_strategy": "SPREAD"}
        try:
            result: Result = ray.get(ray.remote(**options)(_call).remote(function))
        except ray.exceptions.RayTaskError as error:
            # Ray adds the traceback of the worker to the message.
            raise error.cause from error
        except ray.exceptions.RayError as error:
            how = "run it again with more memory; what is finished is kept"
            raise BuildError(f"{1 + RETRIES} workers died on the same task", "--engine ray", how) from error
    return result


def _call(function: Callable[[], Result]) -> Result:
    return function()


class _Actor:
    """A worker that opens its tools and its heartbeat where it runs.

    If the output is on object storage, its machine need not share a folder with the others: its parts are in
    a folder of its own until they are there.
    """

    def __init__(self, job: Job, heartbeat: str) -> None:
        self._own_folder: Path | None = None
        if job.work_url:
            self._own_folder = Path(tempfile.mkdtemp(prefix="hanpack-"))
            job = replace(job, folder=self._own_folder)
        self._worker = Worker(job, _open_heartbeat(job, heartbeat))

    def write(self, task: Task) -> None:
        self._worker.write(task)
        if self._own_folder:
            for path in self._own_folder.iterdir():
                shutil.rmtree(path)


def _open_heartbeat(job: Job, name: str) -> Heartbeat:
    if job.work_url:
        return ObjectHeartbeat(ObjectFolder(job.work_url).child("workers"), name)
    return Heartbeat(job.heartbeats / name)


class _ActorHandle(WorkerHandle):
    """An actor and the future of its task; Ray restarts nothing by itself, the supervisor does."""

    def __init__(self, ray: Any, job: Job, name: str) -> None:
        self._ray = ray
        # The actor may run on another machine; both open the same file or object.
        if not job.work_url:
            Heartbeat.create(job.heartbeats / name)
        self._heartbeat = _open_heartbeat(job, name)
        # Ray counts no processor for an actor that runs: by default it may put all of them on one machine.
        options = {"max_restarts": 0, "max_task_retries": 0, "scheduling_strategy": "SPREAD"}
        self._actor = ray.remote(**options)(_Actor).remote(job, name)
        self.future: Any = None

    def submit(self, task: Task) -> None:
        self.future = self._actor.write.remote(task)

    def is_finished(self) -> bool:
        ready, _ = self._ray.wait([self.future], timeout=0)
        if not ready:
            return False
        try:
            self._ray.get(self.future)
        except self._ray.exceptions.RayActorError as error:
            raise WorkerDiedError from error
        except self._ray.exceptions.RayTaskError as error:
            # Ray adds the traceback of the worker to the message.
            raise error.cause from error
        return True

    def read_heartbeat(self) -> Beat:
        return self._heartbeat.read()

    def stop(self) -> None:
        self._ray.kill(self._actor)
        self._heartbeat.close()
