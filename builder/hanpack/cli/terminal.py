"""What commands print: messages, progress and screens, and what happens on Ctrl-C.

Everything that is printed goes through this module, which shows control characters as escapes and reads
nothing as markup.
"""

from __future__ import annotations

import io
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, TextIO

import typer

from hanpack.chinese import find_language, join_label, join_place, translate
from hanpack.errors import HanpackError, RecipeError
from hanpack.views.visible_text import dump_json, make_visible, show_line
from hanpack.wording import format_count

if TYPE_CHECKING:
    from hanpack.cli.console import VisibleConsole

Verbosity = Literal["quiet", "normal", "verbose"]


class Messages:
    """Stderr: how much is printed there, and the console that prints it, which is loaded for the first."""

    def __init__(self) -> None:
        self.verbosity: Verbosity = "normal"

    @cached_property
    def console(self) -> VisibleConsole:
        """The console of stderr."""
        from hanpack.cli.console import VisibleConsole

        return VisibleConsole(stderr=True)


messages = Messages()
# The styles of warnings and errors, which are printed in quiet mode too.
_IMPORTANT = ("yellow", "red")
STOPPED = 130
# Seconds between two lines of progress if there is no terminal.
LOG_SECONDS = 5.0
VERBOSE_LOG_SECONDS = 1.0
# What each stage is called, and the unit in which it counts.
STAGES = {
    "scan": ("scanning the files", "files"),
    "survey": ("reading the sources", "files"),
    "process": ("processing", "MB"),
    "compare": ("comparing documents", "pairs"),
    "write": ("writing shards", "MB"),
    "upload": ("uploading", "files"),
    "records": ("checking records", "records"),
    "copy": ("copying the build", "files"),
    "index": ("indexing documents", "rows"),
    "search": ("searching sources", "files"),
}


def say(message: str, style: str = "") -> None:
    """Print a message to stderr as one line, without line wrapping; in quiet mode only if it is important."""
    _print(translate(message), style)


def _print(line: str, style: str) -> None:
    """Print a line that is in the language of the locale already."""
    if messages.verbosity != "quiet" or style in _IMPORTANT:
        messages.console.print(show_line(line, style), soft_wrap=True)


def confirm(question: str) -> bool:
    """Ask a question on a terminal, and return whether the answer is yes; without a terminal it is."""
    return not sys.stdin.isatty() or typer.confirm(translate(question), err=True)


def set_verbosity(quiet: bool, verbose: bool) -> None:
    """Say how much is printed to stderr; -q is stronger than -v."""
    messages.verbosity = "quiet" if quiet else "verbose" if verbose else "normal"


def say_more(message: str) -> None:
    """Print a message to stderr in verbose mode only."""
    if messages.verbosity == "verbose":
        say(message, "dim")


def echo_json(value: object) -> None:
    """Print a value as JSON to stdout, on one line."""
    typer.echo(dump_json(value))


def _translate_error(error: HanpackError) -> str:
    """An error as a sentence, its parts in the language of the locale."""
    advice = f" — {translate(error.todo)}" if error.todo else ""
    faults = error.faults if isinstance(error, RecipeError) else (error.what,)
    what = ("；" if find_language() else "; ").join(map(translate, faults))
    return f"{join_place(error.where, what) if error.where else what}{advice}"


def show_error(error: HanpackError) -> None:
    """Print an error that ends a command; in verbose mode also where it arose."""
    _print(join_label("error", _translate_error(error)), "red")
    for frame in traceback.extract_tb(error.__traceback__)[-1:]:
        say_more(f"raised in {frame.name}, {frame.filename} line {frame.lineno}")


def echo(text: str) -> None:
    """Print a line of data to stdout."""
    typer.echo(show_line(text).plain)


def show_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print an error of hanpack itself, as Python does: its message may have parts of a source."""
    sys.stderr.write(make_visible("".join(traceback.format_exception(kind, error, trace))))


class _VisibleSink(io.TextIOBase):
    """Writes text to a terminal, with its control characters as escapes."""

    def __init__(self, terminal: TextIO) -> None:
        self._terminal = terminal

    def write(self, text: str, /) -> int:
        self._terminal.write(make_visible(text))
        return len(text)


def show_on_terminal(sink: TextIO) -> TextIO:
    """What to write text into: the sink itself, or one that makes the text visible if it is a terminal."""
    return _VisibleSink(sink) if sink.isatty() else sink  # type: ignore[return-value]  # a TextIO, but for typing


def warn_of_private_key(path: Path | None) -> None:
    """Say that a check needs the public key, if the key that was named for it is a private one.

    Raises:
        UsageError: the file cannot be read.
    """
    if path is None:
        return
    from hanpack.signing.keys import is_private_key

    if is_private_key(path):
        say("--signer names a private key: to check, the public one is enough; keep it secret", "yellow")


@contextmanager
def show_progress(stopped: str) -> Iterator[Callable[[str, int, int], None]]:
    """Show the progress of a command: bars on a terminal, else a line every few seconds.

    Yields a function of the stage, the work done and the total work, which is 0 if it is not known. On Ctrl-C
    the message ``stopped`` is printed and the command ends with 130.
    """
    try:
        if messages.verbosity == "quiet":
            yield lambda _stage, _done, _total: None
        elif messages.console.is_terminal:
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
    with Progress(*columns, console=messages.console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def update(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                # A stage that has ended is not shown at 100 % while the next one runs.
                for task in tasks.values():
                    bars.update(task, visible=False)
                tasks[stage] = bars.add_task("", total=total or None)
            description = translate(_describe(stage, done, total))
            bars.update(tasks[stage], description=description, completed=done, total=total or None)

        yield update


def _make_logger() -> Callable[[str, int, int], None]:
    # The time in which the program was loaded is not counted.
    last: float | None = None

    def log(stage: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        last = now if last is None else last
        if now - last >= (VERBOSE_LOG_SECONDS if messages.verbosity == "verbose" else LOG_SECONDS):
            last = now
            say(_describe(stage, done, total))

    return log


def _describe(stage: str, done: int, total: int) -> str:
    """The name of a stage and how far it is.

    >>> _describe("process", 1_500_000, 30_000_000)
    'processing: 1.5 of 30.0 MB'
    >>> _describe("compare", 1200, 0)
    'comparing documents: 1,200 pairs'
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
        say(_translate_error(error), "yellow")

    yield report_error
    if count:
        say(f"{format_count(count, 'record')} could not be read", "yellow")
        raise typer.Exit(1)
