"""The commands for one stage on one file: normalize, split."""

from __future__ import annotations

from typing import Annotated, cast

import typer

from hanpack.cli.app import Script, choose_from, command
from hanpack.cli.terminal import report_bad_records, say, show_on_terminal
from hanpack.errors import UsageError

Encoding = Annotated[
    str | None,
    typer.Option(help="The encoding of IN; by default it is detected, and UTF-8 for JSON Lines."),
]

TextColumn = Annotated[
    str,
    typer.Option(
        "--text-column", help="The column of the text in JSON Lines, or a path of keys such as data.text."
    ),
]


@command
def normalize(
    path: Annotated[str, typer.Argument(help="A .jsonl of id and text, a text file, or -.", metavar="IN")],
    out: Annotated[str | None, typer.Option("-o", "--out", help="The output; by default stdout.")] = None,
    script: Script = "keep",
    steps: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            help="Also run this step of a recipe: page, layout, controls, nfc, spaces, phrases, width, "
            "quotes, evasions.",
        ),
    ] = None,
    redactions: Annotated[
        str | None, typer.Option(help="The replacement for XX, *** and other redactions.")
    ] = None,
    encoding: Encoding = None,
    text_column: TextColumn = "text",
) -> None:
    """Only repair and normalise: .jsonl becomes .jsonl (id, text, edits), a text becomes a text.

    By default only damage is repaired: a text without damage is not changed by a character. Of an HTML page
    the text is taken out first.
    """
    from hanpack.api.normalizing import choose_steps, normalize_file
    from hanpack.recipe_steps import Target
    from hanpack.sources.texts import is_html, is_jsonl, open_sink

    for name in {"script", "redactions"}.intersection(steps or []):
        raise UsageError(f"{name} needs a value", "--with", f"use the option --{name}")
    names = [*(steps or []), *(["page"] if is_html(path) else [])]
    step_options = choose_steps(cast(Target, script), redactions=redactions, **dict.fromkeys(names, True))
    with report_bad_records() as report_error, open_sink(out) as sink:
        is_lines, shown = bool(out and is_jsonl(out)), show_on_terminal(sink)
        normalize_file(
            path,
            shown,
            as_jsonl=is_lines,
            steps=step_options,
            report_error=report_error,
            encoding=encoding,
            text_column=text_column,
        )


@command
def split(
    path: Annotated[str, typer.Argument(help="A .jsonl of id and text, a text file, or -.", metavar="IN")],
    out: Annotated[str | None, typer.Option("-o", "--out", help="The output; by default stdout.")] = None,
    tokenizer: Annotated[
        str, typer.Option(help="o200k_base, cl100k_base, or a vocabulary file.")
    ] = "o200k_base",
    max_tokens: Annotated[int, typer.Option("--max-tokens", min=1, help="The most tokens of a chunk.")] = 512,
    overlap: Annotated[
        int,
        typer.Option(
            min=0,
            help="The most tokens that a chunk repeats of the previous one; at most half of --max-tokens.",
        ),
    ] = 0,
    policy: Annotated[
        str,
        typer.Option(
            callback=choose_from("--policy", "fill", "structure"),
            help="What has priority: full chunks (fill) or the outline (structure).",
        ),
    ] = "fill",
    encoding: Encoding = None,
    text_column: TextColumn = "text",
) -> None:
    """Only split: one JSON line for each chunk (id, chunk_index, start, end, token_count, section)."""
    from hanpack.api.splitting import choose_settings, split_file
    from hanpack.sources.texts import is_html, open_sink
    from hanpack.steps.chunk.settings import Policy

    if is_html(path):
        say(f"{path} is split with its markup: hanpack normalize takes the text out of a page", "yellow")
    settings = choose_settings(max_tokens, overlap, cast(Policy, policy))
    with report_bad_records() as report_error, open_sink(out) as sink:
        shown = show_on_terminal(sink)
        split_file(
            path,
            shown,
            tokenizer=tokenizer,
            settings=settings,
            report_error=report_error,
            encoding=encoding,
            text_column=text_column,
        )
