"""The Ray engine: the unit of work every engine runs, on a cluster that shares the output folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hanpack.engines.work import Job, Task, Worker
from hanpack.errors import UsageError
from hanpack.sources.records import Batch


def run_cluster(
    tasks: Iterable[Task],
    job: Job,
    advance: Callable[[Batch], None],
    workers: int,
) -> None:
    """Carry out tasks on Ray actors, each with its tools; parts are named by batch, so order does not matter.

    Raises:
        UsageError: Ray is not installed.
    """
    try:
        import ray
        from ray.util import ActorPool
    except ImportError as error:
        raise UsageError(
            "the engine 'ray' needs Ray", "--engine", "pip install 'hanpack[ray]', or use --engine local"
        ) from error
    started = not ray.is_initialized()
    if started:
        ray.init(log_to_driver=False, configure_logging=False)
    try:
        # Two restarts: by default a batch that kills its worker is tried for ever.
        actor = ray.remote(max_restarts=2, max_task_retries=2)(Worker)
        pool: Any = ActorPool([actor.remote(job) for _ in range(workers)])
        source = iter(tasks)
        waiting: dict[int, Batch] = {}
        while True:
            while len(waiting) < 2 * workers and (task := next(source, None)):
                waiting[task.index] = task.batch
                pool.submit(_send, task)
            if not waiting:
                return
            advance(waiting.pop(pool.get_next_unordered()))
    finally:
        if started:
            ray.shutdown()


def _send(worker: Any, task: Task) -> Any:
    return worker.write.remote(task)
