"""Runs commands of hanpack in one process, and reports every file, program and connection that each touches.

    python watched_commands.py < JSON

The input is a list of commands, each a list of arguments; the output a list with the exit code, the output
and the events of each. Python's audit hooks see what Python opens; libraries such as Arrow and DuckDB open
files by themselves, so that Linux is asked for the events of the folders that are named as arguments.
"""

from __future__ import annotations

import ctypes
import json
import os
import struct
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout, suppress
from io import StringIO
from typing import Any

PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn")
CONNECTIONS = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto")
_FILE_CALLS = ["open", "listdir", "scandir", "mkdir", "remove", "rename", "rmdir"]
_FILE_CALLS += ["symlink", "link", "chmod", "truncate", "utime"]
FILES = {"open", "shutil.rmtree", "shutil.move", "shutil.copyfile", *(f"os.{call}" for call in _FILE_CALLS)}
# inotify(7): a file was read, opened, changed, created, deleted or moved.
IN_EVENTS = 0x1 | 0x2 | 0x20 | 0x40 | 0x80 | 0x100 | 0x200
IN_NONBLOCK = 0x800


class FolderWatch:
    """The events that Linux reports of files directly in some folders, whatever library causes them."""

    def __init__(self, folders: list[str]) -> None:
        library = ctypes.CDLL(None, use_errno=True)
        self._descriptor = library.inotify_init1(IN_NONBLOCK)
        self._names = {
            library.inotify_add_watch(self._descriptor, os.fsencode(folder), IN_EVENTS): folder
            for folder in folders
        }
        assert self._descriptor >= 0
        assert -1 not in self._names

    def take(self) -> list[tuple[str, str]]:
        """The events since the last call."""
        events = []
        try:
            data = os.read(self._descriptor, 2**20)
        except BlockingIOError:
            return []
        while data:
            watch, _, _, length = struct.unpack_from("iIII", data)
            name = os.fsdecode(data[16 : 16 + length].rstrip(b"\0"))
            events.append(("inotify", os.path.join(self._names[watch], name)))
            data = data[16 + length :]
        return events


def run(arguments: list[str]) -> tuple[int, str, str]:
    """Run a command in this process."""
    from hanpack.cli import main

    out, err = StringIO(), StringIO()
    sys.argv = ["hanpack", *arguments]
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as stop:
            return int(stop.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def main() -> None:
    """Run all commands of the standard input."""
    import hanpack.audit.verification
    import hanpack.building.run
    import hanpack.hub
    import hanpack.views.diff
    import hanpack.views.inspect
    import hanpack.views.report.page  # noqa: F401 (imported before anything is watched)

    with suppress(ImportError):
        # The libraries that this one imports try whether the machine has IPv6.
        import securesystemslib.signer  # noqa: F401

    events: set[tuple[str, str]] = set()

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event in FILES and arguments and isinstance(arguments[0], str | bytes | os.PathLike):
            path = os.fsdecode(arguments[0])
            # A relative path may be relative to any open folder, as in shutil.rmtree; Linux reports these.
            if os.path.isabs(path) or ".." in path:
                events.add((event, os.path.abspath(path)))
        elif event in PROGRAMS or event in CONNECTIONS:
            events.add((event, repr(arguments)[:200]))

    # Python tries at its first call whether it can write there.
    tempfile.gettempdir()
    sys.addaudithook(note)
    folders = FolderWatch(sys.argv[1:])
    done = []
    for command in json.load(sys.stdin):
        events.clear()
        folders.take()
        try:
            code, out, err = run(command)
        except Exception as error:  # noqa: BLE001 (what a user would see as a traceback)
            code, out, err = -1, "", f"{type(error).__name__}: {error}"
        seen = sorted({*events, *folders.take()})
        done.append({"command": command, "code": code, "out": out, "err": err, "events": seen})
    json.dump(done, sys.stdout)


if __name__ == "__main__":
    main()
