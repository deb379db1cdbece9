"""Kills a build at its file operations, one after another, and looks at what a reader then sees."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from hanpack.building.run import build
from hanpack.errors import VerifyError
from hanpack.store import shards, work_folder
from hanpack.store.manifest import read_manifest
from hanpack.store.work_folder import WorkFolder
from tests.builds import hash_files

# The operations of the operating system by which a build changes the disk.
OPERATIONS = ("replace", "rename", "fsync", "unlink", "rmdir", "mkdir", "write")


@dataclass(frozen=True, slots=True)
class Kill:
    """The operation at which a build was killed, and its number; its name is empty if the build finished."""

    number: int
    operation: str


def kill_at_every_operation(
    recipe: Path, template: Path, out: Path, *, every: int, action: Callable[[], object] | None = None
) -> Iterator[Kill]:
    """Build over a copy of the build ``template``, killed at the first operation, and every so many after it.

    Each round starts from the template and its work folder. The last round is the one that finishes.
    ``action`` is carried out instead of a build of ``recipe``, if it is given.
    """
    number = 1
    finished = False
    while not finished:
        restore(template, out)
        note = out.with_name(f"{out.name}.operation")
        note.unlink(missing_ok=True)
        action = action or partial(build, recipe, out, num_proc=1)
        finished = not _run_child(partial(_act_and_die, action, number, note))
        operation = note.read_text() if note.exists() else ""
        yield Kill(number, operation)
        number += every


def restore(template: Path, out: Path) -> None:
    """Put a copy of a build and of its work folder in the place of an output."""
    for folder, copy in ((template, out), (WorkFolder(template).path, WorkFolder(out).path)):
        if copy.exists():
            shutil.rmtree(copy)
        shutil.copytree(folder, copy)


def is_whole(out: Path) -> bool:
    """Whether the manifest of an output can be read and every file is the one it lists."""
    try:
        manifest = read_manifest(out)
    except VerifyError:
        return False
    hashes = hash_files(out)
    return {file.path: file.sha256 for file in manifest.files} == {
        name: digest for name, digest in hashes.items() if name != "hanpack.json"
    }


def _run_child(function: Callable[[], object]) -> bool:
    """Run a function in a forked process; True if it was killed by SIGKILL."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            function()
            status = 0
        finally:
            os._exit(status)
    _, code = os.waitpid(child, 0)
    if os.WIFSIGNALED(code) and os.WTERMSIG(code) == signal.SIGKILL:
        return True
    assert os.waitstatus_to_exitcode(code) == 0, "the build failed without being killed"
    return False


def _act_and_die(action: Callable[[], object], number: int, note: Path) -> None:
    """Carry out an action, and die before the operation of this number; workers do not count."""
    count = 0
    process = os.getpid()

    def counted(function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def run(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            if os.getpid() == process:
                count += 1
                if count == number:
                    descriptor = os.open(note, os.O_CREAT | os.O_WRONLY)
                    os.write(descriptor, name.encode())
                    os.kill(process, signal.SIGKILL)
            return function(*arguments, **options)

        return run

    for name in OPERATIONS:
        if name != "write":
            setattr(os, name, counted(getattr(os, name), name))
    work_folder.exchange = counted(work_folder.exchange, "exchange")
    shards.describe_file = counted(shards.describe_file, "write")
    action()
