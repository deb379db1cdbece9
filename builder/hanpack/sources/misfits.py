"""Says what to write into a recipe for a file that a pattern of it matches and whose columns are others.

This module is short because it is one sentence, which every format with columns has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import PurePath

import yaml

from hanpack.secrets import redact
from hanpack.sources.source_files import SourceFile


def describe_misfit(file: SourceFile, column: str, columns: Sequence[str] = ()) -> str:
    """How a file without the text column gets an entry of its own; empty if its entry is of this file only.

    ``column`` is the column that looks like text, or empty; ``columns`` are names for the columns of a file
    whose first row is a record. The pattern is not quoted if the manifest does not have it as it is.
    """
    pattern = file.options.path
    if pattern == file.name:
        return ""
    is_quotable = not PurePath(pattern).is_absolute() and redact(pattern) == pattern
    named = pattern if is_quotable else f"sources.{file.entry}"
    start = f"; the file does not fit the recipe's entry {named}: write before that entry "
    if not column:
        return f"{start}one for {file.name} with its text_column, or name the file in its exclude"
    entry: dict[str, object] = {"path": file.name} | ({"columns": list(columns)} if columns else {})
    entry["text_column"] = column
    written = yaml.safe_dump(
        entry, allow_unicode=True, sort_keys=False, default_flow_style=True, width=math.inf
    )
    return f"{start}- {written.strip()}"
