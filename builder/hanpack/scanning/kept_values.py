"""Reads the files of a folder as its earlier recipe does, when that is written again with other files.

This module is short because it is one decision: a file that was read stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hanpack.recipe import Limits, Recipe
from hanpack.scanning.files import ScannedFile, read_first_records
from hanpack.sources.discovery import discover
from hanpack.sources.source_files import SourceFile
from hanpack.sources.survey import survey


def keep_values(scanned: Sequence[ScannedFile], earlier: Recipe, root: Path, where: str) -> list[ScannedFile]:
    """The files of a scan, with the record shape and the columns that an earlier recipe gives them.

    A glob of that recipe may also match files that were added since, and whose records it cannot read: these,
    and the files that it does not match, stay as the scan found them. ``where`` is the path of the recipe.
    """
    files = discover(earlier, root, where)
    rows = {name: row for row, name in enumerate(files.names)}
    return [
        _read_as(files[rows[file.name]], file, earlier.limits) if file.name in rows else file
        for file in scanned
    ]


def _read_as(file: SourceFile, scanned: ScannedFile, limits: Limits) -> ScannedFile:
    """A file as an entry of a recipe reads it, if that gives a record that can be used."""
    options = file.options
    column = options.text_column if "text_column" in options.model_fields_set else ""
    kind = (file.shape, column, tuple(options.columns))
    if scanned.is_empty or kind == (scanned.shape, scanned.column, scanned.columns):
        return scanned
    surveyed = survey(file, limits.max_expansion)
    if surveyed.fault:
        return scanned
    kept = replace(scanned, shape=file.shape, column=column, columns=tuple(options.columns))
    kept = read_first_records(surveyed, kept, limits)
    return scanned if kept.bad_records == kept.records else kept
