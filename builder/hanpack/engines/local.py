"""The local engine: worker processes on this machine, one or several."""

from __future__ import annotations

import gc
import itertools
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterable, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path

from hanpack.engines.supervisor import Advance, WorkerDiedError, WorkerHandle, supervise
from hanpack.engines.work import Beat, Heartbeat, Job, Task, Worker
from hanpack.errors import HanpackError
from hanpack.store.without_pandas import keep_pandas_out

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

    supervise(tasks, start, _wait, advance, processes, job.recipe.limits.max_record_seconds)


class _ProcessHandle(WorkerHandle):
    """A worker process and the pipe to it."""

    def __init__(self, job: Job, number: int) -> None:
        path = job.heartbeats / f"{os.getpid()}-{number}"
        self._heartbeat = Heartbeat.create(path)
        self.connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_serve, args=(job, path, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def submit(self, task: Task) -> None:
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


def _serve(job: Job, heartbeat: Path, connection: Connection) -> None:
    """Carry out the tasks that come over the pipe; the answer is None, or the exception."""
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
            task: Task = connection.recv()
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


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
