"""The program itself: its help, its options, and the arguments that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from hanpack.errors import UsageError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Package messy raw text, Chinese first, into training datasets that can be audited to the source "
    "byte.\n\nStart with [bold]hanpack build FOLDER[/], the folder of your texts, "
    "then [bold]hanpack inspect[/] the result.",
    epilog="Exit codes: 0 done, 1 a check or a build failed, 2 wrong usage or recipe, 130 stopped.",
)

Built = Annotated[Path, typer.Argument(help="A build: the folder that 'hanpack build' wrote.", metavar="OUT")]
Sources = Annotated[
    Path | None, typer.Option("--sources", help="The folder where the sources are now, if they were moved.")
]


def choose_from(option: str, *allowed: str) -> Callable[[str | None], str | None]:
    """A callback that refuses every value of an option but some."""

    def check(value: str | None) -> str | None:
        if value is not None and value not in allowed:
            raise UsageError(f"{value!r} is not one of {', '.join(allowed)}", option)
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
    typer.Option("--tokenizer", help="For a folder: o200k_base, cl100k_base, or a vocabulary file in it."),
]
Records = Annotated[
    str | None,
    typer.Option(
        "--records",
        callback=choose_from("--records", "file", "line", "paragraph", "row"),
        help="For a folder: what a record is, file, line, paragraph or row.",
    ),
]
Name = Annotated[
    str | None,
    typer.Option("--name", help="For a folder: the name of the recipe and of the build, its own by default."),
]


@app.callback(invoke_without_command=True)
def options(
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Options of the program itself."""
    if show_version:
        typer.echo(version("hanpack"))
        raise typer.Exit
