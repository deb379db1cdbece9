"""Records from Python: they are written as JSON Lines beside the output, so that the build can be verified.

The file is ``NAME.records/records.jsonl`` beside the output ``NAME``. It is a source like any other: the
spans of a build of records count in its bytes.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hanpack.building.recipe_input import VALUE, RecipeInput
from hanpack.errors import UsageError
from hanpack.hashing import hash_file
from hanpack.recipe import Recipe
from hanpack.scanning.folder_recipe import FolderOptions
from hanpack.sources.survey import Progress

RECORDS_FILE = "records.jsonl"
_DEFAULT_NAME = "records"


def is_records(source: object) -> bool:
    """Whether an argument of ``build`` is records: a ``datasets.Dataset``, or an iterable of dicts.

    >>> is_records([{"text": "甲"}]), is_records("texts"), is_records({"name": "a"})
    (True, False, False)

    Raises:
        UsageError: it is a ``datasets.DatasetDict``.
    """
    if type(source).__name__ in ("DatasetDict", "IterableDatasetDict"):
        todo = 'name one of its splits, as in dataset["train"]'
        raise UsageError("a DatasetDict has several datasets", VALUE, todo)
    is_recipe = source is None or isinstance(source, str | Path | Recipe | RecipeInput | Mapping)
    return not is_recipe and isinstance(source, Iterable)


def find_records_output(out: str | Path | None, name: str | None) -> Path:
    """The output of a build of records: ``out``, or ``dist/NAME``."""
    return Path(out) if out is not None else Path("dist") / (name or _DEFAULT_NAME)


def resolve_records(
    records: Iterable[Mapping[str, Any]], output: Path, options: FolderOptions, progress: Progress
) -> RecipeInput:
    """Write records beside the output, and make the recipe that a scan of them gives.

    The text is the column that holds the most text in the first records.

    Raises:
        UsageError: there is no record, or one is no dict or has a value that JSON cannot hold.
    """
    # A build of a recipe need not load what scans files.
    from hanpack.scanning.recipes import draft_recipe_of

    folder = output.absolute().with_name(f"{output.absolute().name}.records")
    replaces = write_records(records, folder / RECORDS_FILE)
    name = options.name or output.absolute().name
    recipe = draft_recipe_of(folder, name, options, progress)
    what = f"these records replace others, of which {output} was built; give out for a second build"
    return RecipeInput(recipe, folder.resolve(), VALUE, remarks=(what,) if replaces else ())


def write_records(records: Iterable[Mapping[str, Any]], path: Path) -> bool:
    """Write records as JSON Lines; returns whether they replace others. Nothing is left if that fails.

    Raises:
        UsageError: there is no record, or one is no dict or has a value that JSON cannot hold.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    count = 0
    try:
        with temporary.open("w", encoding="utf-8", errors="surrogatepass", newline="\n") as sink:
            for count, record in enumerate(records, start=1):
                sink.write(f"{_dump(record, count - 1)}\n")
        if not count:
            raise UsageError("there is no record", VALUE, "give at least one dict with a text")
        is_there = path.exists()
        if is_there and hash_file(path) == hash_file(temporary):
            return False
        os.replace(temporary, path)
        return is_there
    finally:
        temporary.unlink(missing_ok=True)
        if not any(path.parent.iterdir()):
            path.parent.rmdir()


def _dump(record: object, index: int) -> str:
    if not isinstance(record, Mapping):
        kind = type(record).__name__
        raise UsageError(f"record {index} is a {kind}, not a dict", VALUE, "give dicts with the key 'text'")
    try:
        return json.dumps(dict(record), ensure_ascii=False, default=_to_json)
    except (TypeError, ValueError) as error:
        todo = "convert it to a string, number, list or dict"
        raise UsageError(f"record {index} cannot be written as JSON: {error}", VALUE, todo) from error


def _to_json(value: object) -> object:
    """A date or a value of numpy as JSON has it."""
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is no value of JSON")
