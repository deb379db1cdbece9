"""What commands print on stderr: messages, progress, and what happens on Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.text import Text

from hanpack.errors import HanpackError

messages = Console(stderr=True)
STOPPED = 130
# Seconds between two lines of progress if there is no terminal.
LOG_SECONDS = 5.0
# What each stage is called, and the unit in which it counts.
STAGES = {
    "survey": ("reading the sources", "files"),
    "process": ("processing", "MB"),
    "compare": ("comparing documents", "pairs"),
    "write": ("writing shards", "rows"),
    "records": ("checking records", "records"),
}


def say(message: str, style: str = "") -> None:
    """Print a message to stderr, without markup and without line wrapping."""
    messages.print(Text(message, style), soft_wrap=True)


@contextmanager
def show_progress(stopped: str) -> Iterator[Callable[[str, int, int], None]]:
    """Show the progress of a command: bars on a terminal, else a line every few seconds.

    Yields a function of the stage, the work done and the total work, which is 0 if it is not known. On Ctrl-C
    the message ``stopped`` is printed and the command ends with 130.
    """
    try:
        if messages.is_terminal:
            with _show_bars() as update:
                yield update
        else:
            yield _make_logger()
    except KeyboardInterrupt:
        say(stopped, "yellow")
        raise typer.Exit(STOPPED) from None


@contextmanager
def _show_bars() -> Iterator[Callable[[str, int, int], None]]:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=messages, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def update(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                # A stage that has ended is not shown at 100 % while the next one runs.
                for task in tasks.values():
                    bars.update(task, visible=False)
                tasks[stage] = bars.add_task("", total=total or None)
            description = _describe(stage, done, total)
            bars.update(tasks[stage], description=description, completed=done, total=total or None)

        yield update


def _make_logger() -> Callable[[str, int, int], None]:
    last = time.monotonic()

    def log(stage: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= LOG_SECONDS:
            last = now
            say(_describe(stage, done, total))

    return log


def _describe(stage: str, done: int, total: int) -> str:
    """The name of a stage and how far it is.

    >>> _describe("process", 1_500_000, 30_000_000)
    'processing: 1.5 of 30.0 MB'
    >>> _describe("write", 1200, 0)
    'writing shards: 1,200 rows'
    """
    name, unit = STAGES[stage]
    shown = [f"{number / 1e6:.1f}" if unit == "MB" else f"{number:,}" for number in (done, total)]
    return f"{name}: {shown[0]} of {shown[1]} {unit}" if total else f"{name}: {shown[0]} {unit}"


@contextmanager
def report_bad_records() -> Iterator[Callable[[HanpackError], None]]:
    """Print an error for each record that cannot be read; if there was any, the command ends with 1."""
    count = 0

    def report_error(error: HanpackError) -> None:
        nonlocal count
        count += 1
        say(str(error), "yellow")

    yield report_error
    if count:
        say(f"{count:,} records could not be read")
        raise typer.Exit(1)
