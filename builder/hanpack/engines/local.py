"""The local engine: worker processes on this machine, one or several."""

from __future__ import annotations

import gc
import itertools
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TypeVar

from hanpack.engines.heap import LONG_RECORD
from hanpack.engines.supervisor import Advance, WorkerDiedError, WorkerHandle, supervise
from hanpack.engines.work import Beat, Heartbeat, Job, Task, Worker
from hanpack.errors import BuildError, HanpackError
from hanpack.store.without_pandas import keep_pandas_out

Result = TypeVar("Result")
# Forking costs milliseconds, a new interpreter a second; macOS and Windows cannot fork safely.
_IS_FORKED = sys.platform == "linux"
if sys.platform == "linux":
    _CONTEXT = multiprocessing.get_context("fork")
else:
    _CONTEXT = multiprocessing.get_context("spawn")


def run_local(tasks: Iterable[Task], job: Job, advance: Advance, processes: int) -> None:
    """Carry out tasks in ``processes`` worker processes.

    The work is never done in the calling process: a record that kills its worker does not end the build.

    Raises:
        BuildError: two workers died on the same batch while they processed no record.
    """
    numbers = itertools.count()

    def start() -> WorkerHandle:
        if _IS_FORKED:
            # Built once here, the tools are shared by all workers.
            _ = job.tools
        return _ProcessHandle(job, next(numbers))

    supervise(
        tasks,
        start=start,
        wait=_wait,
        advance=advance,
        workers=processes,
        record_seconds=job.recipe.limits.max_record_seconds,
    )


class _ProcessHandle(WorkerHandle):
    """A worker process and the pipe to it."""

    def __init__(self, job: Job, number: int) -> None:
        self._job = job
        self._path = job.heartbeats / f"{os.getpid()}-{number}"
        self._start()

    def _start(self, first: Task | None = None) -> None:
        """Start the process, with its first task if that need not go over the pipe."""
        self._heartbeat = Heartbeat.create(self._path)
        self.connection, theirs = _CONTEXT.Pipe()
        arguments = (self._job, self._path, theirs, first)
        self._process = _CONTEXT.Process(target=_serve, args=arguments, daemon=True)
        self._process.start()
        theirs.close()

    def submit(self, task: Task) -> None:
        if _IS_FORKED and task.longest_record >= LONG_RECORD:
            # A new process shares the memory of the record, which over the pipe would be in both.
            self.stop()
            self._start(task)
            return
        try:
            self.connection.send(task)
        except (BrokenPipeError, ConnectionResetError):
            # It died while it was idle; the next call of is_finished raises.
            return

    def is_finished(self) -> bool:
        try:
            if not self.connection.poll():
                return False
            error = self.connection.recv()
        except (EOFError, ConnectionResetError, BrokenPipeError) as lost:
            raise WorkerDiedError from lost
        if error is not None:
            raise error
        return True

    def read_heartbeat(self) -> Beat:
        return self._heartbeat.read()

    def stop(self) -> None:
        self._process.kill()
        self._process.join()
        self.connection.close()
        self._heartbeat.close()


def _wait(handles: Sequence[WorkerHandle], seconds: float) -> None:
    wait([handle.connection for handle in handles if isinstance(handle, _ProcessHandle)], seconds)


def _serve(job: Job, heartbeat: Path, connection: Connection, first: Task | None) -> None:
    """Carry out the tasks that come over the pipe, after the first; the answer is None, or the exception."""
    # Only the parent reacts to an interrupt, and no worker outlives it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The collector would write to the objects of the parent, and so copy the memory that they share.
    gc.freeze()
    gc.set_threshold(50_000)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    keep_pandas_out()
    worker: Worker | None = None
    while True:
        try:
            task, first = first or connection.recv(), None
        except EOFError:
            return
        try:
            worker = worker or Worker(job, Heartbeat(heartbeat))
            worker.write(task)
            connection.send(None)
        except (HanpackError, OSError) as error:
            connection.send(error)
        except Exception as error:  # noqa: BLE001 (the parent raises it; not every exception can be sent)
            connection.send(RuntimeError(f"{type(error).__name__}: {error}"))


def call_apart(function: Callable[[], Result]) -> Result:
    """Call a function in a process of its own, so that the system has back all memory that it took.

    Where processes cannot be forked, it is called in this one. Its result and its errors can be pickled.

    Raises:
        BuildError: the process died.
    """
    if not _IS_FORKED:
        return function()
    ours, theirs = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_answer, args=(function, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        result, error = ours.recv()
    except EOFError as lost:
        how = "run it again with more memory"
        raise BuildError("the process that writes the shards died", "verify", how) from lost
    finally:
        process.join()
        ours.close()
    if error is not None:
        raise error
    answer: Result = result
    return answer


def _answer(function: Callable[[], object], connection: Connection) -> None:
    """Call a function and send what it gives, or its error."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        connection.send((function(), None))
    except (HanpackError, OSError) as error:
        connection.send((None, error))
    except Exception as error:  # noqa: BLE001 (the parent raises it; not every exception can be sent)
        connection.send((None, RuntimeError(f"{type(error).__name__}: {error}")))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
