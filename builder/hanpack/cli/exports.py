"""The command that writes a build in the formats of other software: export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hanpack.chinese import translate
from hanpack.cli.app import Built, choose_from, command
from hanpack.cli.terminal import echo, say
from hanpack.wording import format_count


@command
def export(
    out: Built,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            callback=choose_from("--to", "megatron", "torchtitan"),
            help="The software that reads the files: megatron or torchtitan.",
        ),
    ],
    folder: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", "--output", help="The folder to write; OUT-FORMAT beside the build by default."
        ),
    ] = None,
) -> None:
    """Write the packed sequences of a build as the token files of other training software."""
    from hanpack.exporting import export_build

    target = export_build(out, to, folder)
    files = [file for file in sorted(target.rglob("*")) if file.is_file()]
    for file in files:
        size = translate(format_count(file.stat().st_size, "byte"))
        echo(f"{size:>21}  {file.relative_to(target).as_posix()}")
    say(f"wrote {target}: {format_count(len(files), 'file')}")
