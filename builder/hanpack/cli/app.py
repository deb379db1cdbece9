"""The program itself: its help, its options, and the arguments that several commands have."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from hanpack.cli.terminal import set_verbosity
from hanpack.errors import UsageError
from hanpack.wording import list_choices

app = typer.Typer(
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Package messy raw text, Chinese first, into training datasets that can be audited to the source "
    "byte.\n\nStart with [bold]hanpack build FOLDER[/], the folder of your texts, "
    "then [bold]hanpack inspect[/] the result.",
    epilog="Exit codes: 0 done, 1 a check or a build failed, 2 wrong usage or recipe, 130 stopped.",
)

Built = Annotated[Path, typer.Argument(help="A build: the folder that 'hanpack build' wrote.", metavar="OUT")]
BuiltOrRemote = Annotated[
    str,
    typer.Argument(
        help="A build: the folder that 'hanpack build' wrote, or its URL, such as hf://datasets/OWNER/NAME.",
        metavar="OUT",
    ),
]
Sources = Annotated[
    Path | None, typer.Option("--sources", help="The folder where the sources are now, if they were moved.")
]


def choose_from(option: str, *allowed: str) -> Callable[[str | None], str | None]:
    """A callback that refuses every value of an option but some."""

    def check(value: str | None) -> str | None:
        if value is not None and value not in allowed:
            raise UsageError(f"there is no value {value!r}", option, list_choices(value, allowed))
        return value

    return check


Script = Annotated[
    str,
    typer.Option(
        "--script",
        callback=choose_from("--script", "keep", "hans", "hant", "tw", "hk"),
        help="Target script: keep, hans, hant, tw or hk.",
    ),
]

Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Print only errors and warnings.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Also print stages and where an error arose.")]
Yes = Annotated[
    bool, typer.Option("-y", "--yes", help="Do not ask. Without a terminal nothing is asked anyway.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs, on stdout.")]

# The options for the recipe of a folder, of init and build.
TargetScript = Annotated[
    str | None,
    typer.Option(
        "--script",
        callback=choose_from("--script", "keep", "hans", "hant", "tw", "hk"),
        help="For a folder: the target script, keep, hans, hant, tw or hk.",
    ),
]
MaxTokens = Annotated[
    int | None, typer.Option("--max-tokens", min=16, help="For a folder: the most tokens of a chunk, 512.")
]
Tokenizer = Annotated[
    str | None,
    typer.Option(
        "--tokenizer",
        help="For a folder: a tokenizer by name, such as o200k_base or gpt-4o, or a vocabulary file in it.",
    ),
]
Records = Annotated[
    str | None,
    typer.Option(
        "--records",
        callback=choose_from("--records", "file", "line", "paragraph", "row", "chapter"),
        help="For a folder: what a record is, file, line, paragraph, row or chapter.",
    ),
]
Processes = Annotated[
    int | None,
    typer.Option(
        "--num-proc",
        min=1,
        help="Worker processes; by default one for each processor, fewer for small inputs.",
    ),
]
Name = Annotated[
    str | None,
    typer.Option("--name", help="For a folder: the name of the recipe and of the build, its own by default."),
]


@app.callback(invoke_without_command=True)
def options(
    show_version: Annotated[bool, typer.Option("-V", "--version", help="Print the version.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Options of the program itself."""
    set_verbosity(quiet, verbose)
    if show_version:
        from importlib.metadata import version

        typer.echo(version("hanpack"))
        raise typer.Exit


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Make a function a command of the program that also has the options of all commands, -q and -v."""
    signature = inspect.signature(function, eval_str=True)

    @wraps(function)
    def run(*arguments: Any, quiet: bool, verbose: bool, **options: Any) -> None:
        if quiet or verbose:
            set_verbosity(quiet, verbose)
        function(*arguments, **options)

    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=annotation)
        for name, annotation in (("quiet", Quiet), ("verbose", Verbose))
    ]
    # Each paragraph is one line of help, which is broken where the terminal ends.
    paragraphs = inspect.cleandoc(function.__doc__ or "").split("\n\n")
    run.__doc__ = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    run.__signature__ = signature.replace(parameters=[*signature.parameters.values(), *shared])  # type: ignore[attr-defined]
    app.command()(run)
    return function
