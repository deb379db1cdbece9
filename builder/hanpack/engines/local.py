"""The local engine: this process, or several on this machine."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

import pyarrow as pa

from hanpack.engines.work import Job, Task, Worker
from hanpack.errors import BuildError
from hanpack.flow import reject
from hanpack.reasons import Cause, Reason
from hanpack.sources.records import Batch
from hanpack.store.table_kinds import find_schemas
from hanpack.store.tables import Tables, make_tables

Advance = Callable[[Batch], None]


def run_here(tasks: Iterable[Task], job: Job, advance: Advance) -> None:
    """Carry out every task in this process."""
    worker = Worker(job)
    for task in tasks:
        worker.write(task)
        advance(task.batch)


def run_processes(tasks: Iterable[Task], job: Job, advance: Advance, processes: int) -> None:
    """Carry out tasks in worker processes, a few ahead of need; a batch that kills its worker is taken apart.

    Raises:
        BuildError: a worker died of a batch that had gone well before.
    """
    source = iter(tasks)
    finished = False
    while not finished:
        finished, unsure = _run_pool(source, job, advance, processes)
        for task in unsure:
            if task.decisions:
                _run_alone(task, job)
            elif not job.parts.has(task.index):
                job.parts.write(task.index, _take_apart(task.batch, job))
            advance(task.batch)


def _run_pool(source: Iterator[Task], job: Job, advance: Advance, processes: int) -> tuple[bool, list[Task]]:
    """Run until all is done, or the pool breaks: then with the tasks that were under way."""
    running: dict[Future[int], Task] = {}
    with _pool(job, processes) as pool:
        while True:
            while len(running) < 2 * processes and (task := next(source, None)):
                running[pool.submit(_write, task)] = task
            if not running:
                return True, []
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                if isinstance(future.exception(), BrokenProcessPool):
                    wait(running)
                    return False, list(running.values())
                advance(running.pop(future).batch)
                future.result()


def _run_alone(task: Task, job: Job) -> None:
    try:
        with _pool(job, 1) as pool:
            pool.submit(_write, task).result()
    except BrokenProcessPool as error:
        first = task.batch[min(task.decisions)]
        raise BuildError(
            "a worker died while a batch was revised",
            f"{first.source.path} record {first.index} at byte {first.byte_start}",
            "run the build again with more memory; what is done is kept",
        ) from error


def _take_apart(batch: Batch, job: Job) -> Tables:
    """Run a batch a record at a time in a process of its own; the record that kills it is rejected."""
    done: list[Tables] = []
    while len(done) < len(batch):
        with _pool(job, 1) as pool:
            try:
                while len(done) < len(batch):
                    done.append(pool.submit(_run, (batch[len(done)],)).result())
            except BrokenProcessPool:
                refused = reject(batch[len(done)], Reason(Cause.WORKER_DIED))
                done.append(make_tables([refused], find_schemas(job.recipe)))
    return {name: pa.concat_tables([tables[name] for tables in done]) for name in done[0]}


def _pool(job: Job, processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        processes, multiprocessing.get_context("spawn"), initializer=_start, initargs=(job,)
    )


# Each worker process builds its tools once: they cannot be pickled.
_workers: list[Worker] = []


def _start(job: Job) -> None:
    # Only the parent hears of an interrupt, and no worker outlives it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(50_000)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _workers[:] = [Worker(job)]


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _write(task: Task) -> int:
    return _workers[0].write(task)


def _run(batch: Batch) -> Tables:
    return _workers[0].run(batch)
