"""Hands tasks to workers, and recovers when they die.

A record that kills or delays its worker is rejected, and the ledger names it. A worker is a process or an
actor; the engines differ only in how their workers are started, polled and stopped.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from hanpack.engines.work import ALL_RECORDS, NO_RECORD, Beat, Task
from hanpack.errors import BuildError
from hanpack.reasons import Cause, Reason

# Called with a task that is finished.
Advance = Callable[[Task], None]
# Seconds between two checks of the heartbeats of the workers.
TICK = 0.5


class WorkerHandle(ABC):
    """A worker as its supervisor sees it; ``task`` is what it is doing, None while it is idle."""

    task: Task | None = None
    _last_beat: Beat | None = None
    _beat_seen: float = 0.0

    @abstractmethod
    def submit(self, task: Task) -> None:
        """Begin a task; the worker is idle."""

    @abstractmethod
    def is_finished(self) -> bool:
        """Whether the task is done; raises what the worker raised.

        Raises:
            WorkerDiedError: the worker ended without finishing.
        """

    @abstractmethod
    def read_heartbeat(self) -> Beat:
        """The last note of the worker on the record it is processing."""

    def measure_record(self) -> tuple[int, float]:
        """What its heartbeat says it is processing, and for how many seconds at least.

        It is measured from the first call that saw the record, by the clock of this process: that of a
        worker on another machine may differ.
        """
        beat, now = self.read_heartbeat(), time.monotonic()
        if beat != self._last_beat:
            self._last_beat, self._beat_seen = beat, now
        return beat.row, now - self._beat_seen

    @abstractmethod
    def stop(self) -> None:
        """End the worker, whatever it is doing."""


class WorkerDiedError(Exception):
    """A worker ended without finishing its task."""


def supervise(
    tasks: Iterable[Task],
    *,
    start: Callable[[], WorkerHandle],
    wait: Callable[[Sequence[WorkerHandle], float], None],
    advance: Advance,
    workers: int,
    record_seconds: float,
) -> None:
    """Run all tasks on ``workers`` workers; a worker that has finished its task gets the next.

    ``start`` starts a worker; ``wait`` returns when one of the busy workers may have finished, or after some
    seconds. A batch that kills its worker, or takes longer than ``record_seconds`` altogether, is given to a
    new worker that processes its records one by one; then the heartbeat names the record. If another worker
    dies on the same record, the next rejects it. A worker that was killed from outside costs no record. A
    record that by itself takes longer than ``record_seconds`` is rejected at once.

    Raises:
        BuildError: two workers died on the same batch while they processed no record.
    """
    source = _ReadAhead(tasks)
    retries: deque[Task] = deque()
    deaths: Counter[tuple[str, int]] = Counter()
    handles: list[WorkerHandle] = []
    try:
        while True:
            _fill(handles, retries, source, start, workers)
            busy = [handle for handle in handles if handle.task is not None]
            if not busy:
                return
            source.read()
            wait(busy, TICK)
            for handle in busy:
                task = handle.task
                assert task is not None
                try:
                    if handle.is_finished():
                        handle.task = None
                        advance(task)
                        continue
                    row, seconds = handle.measure_record()
                    if row == NO_RECORD or seconds <= record_seconds:
                        continue
                    task = _note_delay(task, row, record_seconds)
                except WorkerDiedError as error:
                    row = handle.read_heartbeat().row
                    if task.one_by_one:
                        deaths[task.key, row] += 1
                    if deaths[task.key, row] > 1:
                        task = _isolate(task, row, error)
                    task = replace(task, one_by_one=True)
                handles.remove(handle)
                handle.stop()
                retries.append(task)
    finally:
        for handle in handles:
            handle.stop()


class _ReadAhead(Iterator[Task]):
    """An iterator over tasks that reads the next one before it is needed, while all workers are busy."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._tasks = iter(tasks)
        self._next: Task | None = None

    def read(self) -> None:
        """Read the next task, if there is one and it has not been read yet."""
        if self._next is None:
            self._next = next(self._tasks, None)

    def __next__(self) -> Task:
        self.read()
        task, self._next = self._next, None
        if task is None:
            raise StopIteration
        return task


def _fill(
    handles: list[WorkerHandle],
    retries: deque[Task],
    source: Iterator[Task],
    start: Callable[[], WorkerHandle],
    workers: int,
) -> None:
    """Give every idle worker a task, as long as there are any; start workers only when there is work."""
    idle = [handle for handle in handles if handle.task is None]
    while len(handles) < workers or idle:
        task = retries.popleft() if retries else next(source, None)
        if task is None:
            return
        if not idle:
            handles.append(start())
            idle.append(handles[-1])
        handle = idle.pop()
        handle.task = task
        handle.submit(task)


def _note_delay(task: Task, row: int, seconds: float) -> Task:
    """The task without the record that took too long; if all records were processed together, one by one."""
    if row == ALL_RECORDS:
        return replace(task, one_by_one=True)
    return _reject(task, row, Reason(Cause.TIME_LIMIT, {"seconds": f"{seconds:g}"}))


def _reject(task: Task, row: int, reason: Reason) -> Task:
    """The task with a record that is rejected without being processed."""
    return replace(task, failures={**task.failures, row: reason})


def _isolate(task: Task, row: int, error: WorkerDiedError) -> Task:
    """The task without the record on which two workers died; ``row`` is NO_RECORD if they processed none."""
    if row >= 0:
        return _reject(task, row, Reason(Cause.WORKER_DIED))
    first = task.batch[0]
    raise BuildError(
        "two workers died on the same batch while they processed no record",
        f"the batch that begins with {first.source.path} record {first.index} at byte {first.byte_start}",
        "run the build again with more memory; what is finished is kept",
    ) from error
