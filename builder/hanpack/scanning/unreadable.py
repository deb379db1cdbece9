"""Says why no file of a folder can be read, and what to do.

This module is short because it writes one error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import yaml

from hanpack.errors import UsageError
from hanpack.scanning.files import NO_TEXT, ScannedFile
from hanpack.sources.delimited import COLUMNS_ADVICE
from hanpack.sources.formats import READABLE, find_format

# What to do if no file can be read, by how the reason of the first begins.
_ADVICE = {
    "the encoding cannot be decided": (
        "convert the files to UTF-8, or write a recipe that names their encoding, and look at the text that "
        "it gives"
    ),
    "its lines are in two encodings": (
        "write the file again in UTF-8: decode each line as UTF-8 and, if that fails, in the other encoding"
    ),
}


def explain_unreadable(path: Path, scanned: Sequence[ScannedFile]) -> UsageError:
    """The error for a path without a readable file: the formats, or why the first file is not read."""
    formatted = [file for file in scanned if find_format(Path(file.name))[0] is not None]
    if not formatted:
        what, todo = "there is no file hanpack can read", f"it reads {' '.join(READABLE)}"
    else:
        first = formatted[0]
        what = f"none of the {len(scanned)} files can be read; the first, {first.name}: {first.fault}"
        if first.fault.startswith(NO_TEXT):
            column = first.fault.removeprefix(NO_TEXT).removesuffix(COLUMNS_ADVICE).partition(", ")[0]
            entry = {"path": first.name, "columns": list(first.columns), "text_column": column}
            content = {"name": "texts", "sources": [{key: value for key, value in entry.items() if value}]}
            written = yaml.safe_dump(
                content, allow_unicode=True, sort_keys=False, default_flow_style=True, width=math.inf
            )
            recipe = (path if path.is_dir() else path.parent) / "texts.yaml"
            todo = f"write {written.strip()} into {recipe} and run hanpack build {recipe}"
            return UsageError(what, str(path), todo)
        advice = (todo for start, todo in _ADVICE.items() if first.fault.startswith(start))
        todo = next(
            advice, "repair or unlock the files, or name others; hanpack scan lists each with its reason"
        )
    return UsageError(what, str(path), todo)
