"""The command line: parses, calls, prints. Data goes to files or stdout, progress and messages to stderr."""

from __future__ import annotations

import errno
import gc
import os
import sys
from types import ModuleType

from typer.exceptions import TyperException
from typer.main import get_command

from hanpack.chinese import find_language, translate_help, translate_titles
from hanpack.cli import builds, exports, pushes, signatures, texts, views, withdrawals
from hanpack.cli.app import app
from hanpack.cli.terminal import STOPPED, say, show_crash, show_error
from hanpack.cli.usage_errors import explain_usage
from hanpack.errors import HanpackError
from hanpack.store.without_pandas import refuse_pandas

__all__ = ["app", "builds", "exports", "main", "pushes", "signatures", "texts", "views", "withdrawals"]

# What libraries need not do when they are loaded, as environment variables.
LIBRARY_SETTINGS = {
    # Nothing here multiplies large matrices, and the threads for that take 40 ms to start.
    "OPENBLAS_NUM_THREADS": "1",
    # Only single characters are looked up; loading the dictionary of phrases takes 0.1 s.
    "PYPINYIN_NO_PHRASES": "1",
    "PYPINYIN_NO_DICT_COPY": "1",
    # The search for plugins in all installed packages takes 10 ms.
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
    # Memory that Arrow frees serves Python too: 35 MB less at the peak (benchmarks/flow.py --builds).
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
# So many new objects are looked through for reference cycles. The flow hardly makes any, so that looking at
# the default rate only costs time. The modules of a command are fewer objects: no start looks through them.
COLLECTION_THRESHOLD = 200_000


def _run() -> int:
    """Run the program and return its exit code; its help is in the language of the locale."""
    is_help = len(sys.argv) == 1 or not {"-h", "--help"}.isdisjoint(sys.argv)
    if is_help:
        _leave_out_markdown()
    command = get_command(app)
    if find_language():
        translate_help(command)
        # typer loads what shows help only when it is asked for.
        if is_help:
            translate_titles()
    try:
        return command(prog_name="hanpack", standalone_mode=False) or 0
    except TyperException as error:
        # Without arguments the help is the answer; typer has printed it.
        if type(error).__name__ == "NoArgsIsHelpError":
            return error.exit_code
        raise explain_usage(error) from error


def _leave_out_markdown() -> None:
    """Keep typer from loading rich's parser of Markdown: 40 ms for help that has none."""
    placeholder = ModuleType("rich.markdown")
    placeholder.__dict__["Markdown"] = str
    sys.modules.setdefault(placeholder.__name__, placeholder)


def main() -> None:
    """Run the command line; a :class:`HanpackError` becomes one line on stderr and its exit code."""
    gc.set_threshold(COLLECTION_THRESHOLD)
    for name, value in LIBRARY_SETTINGS.items():
        os.environ.setdefault(name, value)
    sys.excepthook = show_crash
    try:
        with refuse_pandas():
            code = _run()
    except HanpackError as error:
        show_error(error)
        code = error.exit_code
    except BrokenPipeError:
        code = 0
    except KeyboardInterrupt:
        # Before the command itself began, or after it ended.
        code = STOPPED
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        advice = (
            " — free some, or use another disk; what is finished is kept"
            if error.errno == errno.ENOSPC
            else ""
        )
        say(f"error: {place}{error.strerror or error}{advice}", "red")
        code = 1
    # The program ends: a last search of all objects for cycles would only take time, 0.05 to 0.2 s.
    gc.freeze()
    sys.exit(code)
