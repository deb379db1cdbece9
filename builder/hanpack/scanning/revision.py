"""Revises the recipe that hanpack wrote for a folder: for other options and for files that are new to it.

How a file is read never changes with an option that is about something else, nor because files are added:
the entries of the recipe stay, and only files that none of them matches get entries. A file that an entry
matches and whose columns are others is rejected by every build, with the entry to write for it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from hanpack.errors import RecipeError, UsageError
from hanpack.recipe import Limits, Recipe, Shape
from hanpack.scanning.entries import make_entries
from hanpack.scanning.files import ScannedFile, read_first_records
from hanpack.scanning.folder_recipe import FolderOptions
from hanpack.sources.discovery import DiscoveredFiles, discover
from hanpack.sources.formats import find_format
from hanpack.sources.source_files import SourceFile
from hanpack.sources.survey import survey

# The most changes of entries that a note names.
_MOST_CHANGES = 3

Entries = list[dict[str, Any]]


def revise_values(content: Mapping[str, Any], options: FolderOptions, tokenizer: str) -> dict[str, Any]:
    """The keys of a recipe with the options that are chosen; all others stay as they are.

    Raises:
        UsageError: no entry has records of the shape that is chosen.
    """
    revised: dict[str, Any] = dict(content)
    if options.script:
        revised["steps"] = {**content["steps"], "script": options.script}
    if options.max_tokens:
        revised["chunks"] = {**content["chunks"], "max_tokens": options.max_tokens}
    if options.tokenizer:
        revised["tokenizer"] = tokenizer
    if options.records:
        revised["sources"] = [_set_shape(entry, options.records) for entry in content["sources"]]
        if all(entry.get("records") != options.records for entry in revised["sources"]):
            raise UsageError(
                f"no file has records of the shape {options.records}", "--records", "leave the option out"
            )
    return revised


def add_entries(
    entries: Entries,
    recipe: Recipe,
    root: Path,
    where: str,
    scanned: Sequence[ScannedFile],
    records: Shape | None,
) -> tuple[Entries, list[ScannedFile]]:
    """The entries with some for the files that they do not match, and the files as they are read then.

    An entry that says only which files it is of, and not how they are read, is made anew: it was made when
    there was no file that could be read. ``where`` is the path of the recipe.
    """
    stated = [entry for entry in entries if entry.keys() - {"path", "exclude"}]
    matched = _discover(recipe, stated, root, where)
    rows = {name: row for row, name in enumerate(matched.names)} if matched else {}
    seen = [
        _read_as(matched[rows[file.name]], file, recipe.limits) if matched and file.name in rows else file
        for file in scanned
    ]
    new = [file for file in seen if file.name not in rows]
    readable = [file for file in new if not file.fault]
    possible = records if any(_has_shape(file.name, records) for file in readable) else None
    return [*stated, *make_entries(readable, new, possible, is_folder=True)], seen


def list_present(entries: Entries, recipe: Recipe, root: Path, where: str) -> Entries:
    """The entries of a recipe that match a file; all of them if none does.

    ``where`` is the path of the recipe.
    """
    return [entry for entry in entries if _matches_a_file(entry, recipe, root, where)] or entries


def _matches_a_file(entry: dict[str, Any], recipe: Recipe, root: Path, where: str) -> bool:
    try:
        return _discover(recipe, [entry], root, where) is not None
    except RecipeError:
        return False


def describe_entries(earlier: Entries, revised: Entries) -> tuple[str, ...]:
    """Which entries of sources come and go, as flow mappings of YAML; of many the first.

    >>> describe_entries([{"path": "a.csv"}], [{"path": "**/*.csv", "text_column": "正文"}])
    ('sources − {path: a.csv}', "sources + {path: '**/*.csv', text_column: 正文}")
    """
    gone = [f"sources − {_write(entry)}" for entry in earlier if entry not in revised]
    come = [f"sources + {_write(entry)}" for entry in revised if entry not in earlier]
    changes = [*gone, *come]
    return (*changes[:_MOST_CHANGES], *(["…"] if len(changes) > _MOST_CHANGES else []))


def _write(entry: Mapping[str, Any]) -> str:
    written = yaml.safe_dump(
        dict(entry), allow_unicode=True, sort_keys=False, default_flow_style=True, width=math.inf
    )
    return written.strip()


def _set_shape(entry: dict[str, Any], shape: Shape) -> dict[str, Any]:
    return {**entry, "records": shape} if _has_shape(entry["path"], shape) else entry


def _has_shape(name: str, shape: Shape | None) -> bool:
    """Whether the format that a name or a glob ends with has records of a shape."""
    format_, _, _ = find_format(Path(name))
    return format_ is not None and shape in format_.shapes


def _discover(recipe: Recipe, entries: Entries, root: Path, where: str) -> DiscoveredFiles | None:
    """The files that some entries of a recipe match; None if there is no such entry."""
    if not entries:
        return None
    sources = [entry for entry in recipe.sources if any(entry.path == stated["path"] for stated in entries)]
    return discover(recipe.model_copy(update={"sources": sources}), root, where)


def _read_as(file: SourceFile, scanned: ScannedFile, limits: Limits) -> ScannedFile:
    """A file as an entry of a recipe reads it, with its fault if that cannot read it."""
    options = file.options
    column = options.text_column if "text_column" in options.model_fields_set else ""
    kind = (file.shape, column, tuple(options.columns))
    if scanned.fault or scanned.is_empty or kind == (scanned.shape, scanned.column, scanned.columns):
        return scanned
    kept = replace(scanned, shape=file.shape, column=column, columns=tuple(options.columns))
    surveyed = survey(file, limits.max_expansion)
    if surveyed.fault:
        return replace(kept, fault=str(surveyed.fault))
    return read_first_records(surveyed, kept, limits)
