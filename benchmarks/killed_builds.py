"""Runs a function in a child process that is killed: before one of its system calls, or after some time.

The system calls are counted and killed by strace, so that nothing in the killed program is replaced. strace
counts the calls of each name and of each thread by themselves: a worker that makes as many calls as its
parent is killed too.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

# The system calls by which a program changes a disk; strace ignores those that a system does not have.
CHANGES = (
    *("write", "writev", "pwrite64", "pwritev", "ftruncate", "fallocate", "fsync", "fdatasync"),
    *("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir"),
)
_CALL = re.compile(r"(?P<thread>\d+) +(?P<name>\w+)\((?P<arguments>.*)")
_KILLED = re.compile(r"(?P<thread>\d+) +\+\+\+ killed by SIGKILL \+\+\+")


# What became of a child. It fails if one of its workers was killed and it could not go on.
Outcome = Literal["killed", "failed", "finished"]


class Place(NamedTuple):
    """The name of a system call, and its number among the calls of this name that a thread makes, from 1."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class SystemCall:
    """A system call of a thread, with its arguments as strace writes them."""

    thread: int
    place: Place
    arguments: str


@dataclass(frozen=True, slots=True)
class TracedRun:
    """A traced run: the outcome of its first process, all calls of all threads, and the fatal ones."""

    outcome: Outcome
    calls: tuple[SystemCall, ...]
    fatal_calls: tuple[SystemCall, ...]


def run_traced(function: Callable[[], object], log: Path, kill_before: Place | None = None) -> TracedRun:
    """Run a function under strace; a thread is killed before its call at the place ``kill_before``.

    Raises:
        OSError: strace is not installed.
        RuntimeError: strace could not attach.
    """
    child, may_start = _fork_waiting(function)
    names = ",".join(f"?{name}" for name in CHANGES)
    command = ["strace", "-f", "-y", "-s", "0", "-o", str(log), "-e", f"trace={names}"]
    if kill_before is not None:
        command += ["-e", f"inject={kill_before.name}:signal=SIGKILL:when={kill_before.number}"]
    with subprocess.Popen([*command, "-p", str(child)], stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr is not None
        answer = tracer.stderr.readline()
        if "attached" not in answer:
            os.kill(child, signal.SIGKILL)
            raise RuntimeError(f"strace: {answer}")
        os.write(may_start, b"\0")
        outcome = _wait(child)
        tracer.stderr.read()
    os.close(may_start)
    calls, last_calls = _read_log(log)
    # Workers that are stopped at the end of a build are killed as well, by their parent.
    return TracedRun(outcome, calls, tuple(call for call in last_calls if call.place == kill_before))


def run_for(function: Callable[[], object], seconds: float | None) -> tuple[Outcome, float]:
    """Run a function in a child that is killed after some seconds; its outcome, and how long it ran.

    Returns when the processes that the child started have ended too.
    """
    ended, held_open = os.pipe()
    child, may_start = _fork_waiting(function)
    os.close(held_open)
    start = time.perf_counter()
    os.write(may_start, b"\0")
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    outcome = _wait(child)
    duration = time.perf_counter() - start
    # Every process below the child has inherited the other end of the pipe.
    os.read(ended, 1)
    os.close(ended)
    os.close(may_start)
    return outcome, duration


def _fork_waiting(function: Callable[[], object]) -> tuple[int, int]:
    """Fork a child that runs a function when a byte is written to the descriptor that is returned with it."""
    can_start, may_start = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(may_start)
            os.read(can_start, 1)
            function()
            status = 0
        finally:
            os._exit(status)
    os.close(can_start)
    return child, may_start


def _wait(child: int) -> Outcome:
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGKILL:
        return "killed"
    return "failed" if code else "finished"


def _read_log(log: Path) -> tuple[tuple[SystemCall, ...], tuple[SystemCall, ...]]:
    """All system calls in a log of strace, and the last ones of the threads that were killed."""
    calls: list[SystemCall] = []
    counts: Counter[tuple[int, str]] = Counter()
    last: dict[int, SystemCall] = {}
    fatal: list[SystemCall] = []
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if match := _CALL.match(line):
            thread, name = int(match["thread"]), match["name"]
            counts[thread, name] += 1
            last[thread] = SystemCall(thread, Place(name, counts[thread, name]), match["arguments"])
            calls.append(last[thread])
        elif (match := _KILLED.match(line)) and int(match["thread"]) in last:
            fatal.append(last[int(match["thread"])])
    return tuple(calls), tuple(fatal)


def find_places(run: TracedRun, folder: Path) -> list[Place]:
    """The places of the calls on files below a folder, whichever thread makes them, each once, in order."""
    return list(dict.fromkeys(call.place for call in run.calls if str(folder) in call.arguments))
