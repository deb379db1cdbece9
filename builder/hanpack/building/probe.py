"""Refuses a recipe that can give no document: a wrong column, a wrong encoding, nothing that can be read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from hanpack.errors import RecipeError
from hanpack.model import Record, Source
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Recipe
from hanpack.record_texts import find_fault, read_text
from hanpack.sources.records import read_records
from hanpack.sources.source_files import Survey
from hanpack.sources.survey import survey
from hanpack.steps.decode.encodings import detect, find_other_encoding
from hanpack.steps.decode.json_parsing import find_strings
from hanpack.steps.traced import is_blank
from hanpack.wording import format_count

# How many sources are tried first, and how many records of each.
SOURCES = 16
RECORDS = 4


class Failure(NamedTuple):
    """A record that gives no text, and why."""

    reason: Reason
    record: Record
    survey: Survey


def require_readable(
    recipe: Recipe, surveys: Sequence[Survey], sources: Sequence[Source], where: str
) -> None:
    """Read the first records of some sources, spread over all, until one gives a text.

    Raises:
        RecipeError: none does; it names what the files have instead: the columns, or the encodings.
    """
    step = max(1, len(sources) // SOURCES)
    failures: list[Failure] = []
    for surveyed, source in zip(surveys[::step], sources[::step], strict=True):
        for record in _read_unrevised(surveyed, source, recipe):
            reason = find_fault(record)
            if reason is None:
                return
            failures.append(Failure(reason, record, surveyed))
    if failures and not _is_any_readable(recipe, surveys, sources):
        raise _refuse(failures, recipe, where)


def note_missing_columns(
    recipe: Recipe, surveys: Sequence[Survey], sources: Sequence[Source]
) -> Iterator[str]:
    """Warnings about columns of ``metadata_columns`` that give no value in the first records."""
    for number, entry in enumerate(recipe.sources):
        missing = dict(entry.metadata_columns)
        if not missing:
            continue
        of_entry = (index for index, source in enumerate(sources) if source.entry == number)
        count = 0
        for index in islice(of_entry, SOURCES):
            for record in _read_unrevised(surveys[index], sources[index], recipe):
                if find_fault(record) is None:
                    count += 1
                    metadata = read_text(record).metadata
                    missing = {name: path for name, path in missing.items() if is_blank(metadata.get(name))}
        if count:
            for name, path in missing.items():
                yield (
                    f"sources.{number}.metadata_columns.{name}: the first {format_count(count, 'record')} "
                    f"have no value at {path}"
                )


def _is_any_readable(recipe: Recipe, surveys: Sequence[Survey], sources: Sequence[Source]) -> bool:
    """Whether the first record of any source gives a text; only called if the first attempt failed."""
    return any(
        find_fault(record) is None
        for surveyed, source in zip(surveys, sources, strict=True)
        for record in islice(_read_unrevised(surveyed, source, recipe), 1)
    )


def _read_unrevised(surveyed: Survey, source: Source, recipe: Recipe) -> Iterator[Record]:
    with closing(read_records(surveyed, source, recipe.limits)) as records:
        yield from islice(records, RECORDS)


def _refuse(failures: Sequence[Failure], recipe: Recipe, where: str) -> RecipeError:
    reason, record, surveyed = failures[0]
    key, todo = f"{where}: sources.{record.source.entry}", "correct the recipe, or name other files"
    if _is_of_encoding(reason.cause, surveyed, recipe):
        samples = (_take_sample(failure.survey, recipe) for failure in failures)
        encodings = Counter(detect(sample).encoding or "unknown" for sample in samples)
        key, todo = f"{key}.encoding", f"the files look like: {', '.join(encodings)}"
    elif reason.cause is Cause.MISSING_COLUMN:
        key, todo = f"{key}.text_column", f"the columns are: {_list_columns(failures)}"
    elif reason.cause is Cause.NO_TEXT_COLUMN:
        key, todo = f"{key}.text_column", "name the column that has the text"
    what = f"no record can be read; the first, {record.source.path} record {record.index}: {reason}"
    return RecipeError(what, key, todo)


def _is_of_encoding(cause: Cause, surveyed: Survey, recipe: Recipe) -> bool:
    """Whether the encoding in the recipe is the reason: the bytes are not in it, or the names of columns."""
    encoding = surveyed.file.options.encoding
    if not encoding:
        return False
    if cause in (Cause.MISSING_COLUMN, Cause.NO_TEXT_COLUMN):
        return find_other_encoding(_take_sample(surveyed, recipe), encoding) is not None
    return cause is Cause.INVALID_BYTES


def _take_sample(surveyed: Survey, recipe: Recipe) -> bytes:
    """The sample of a file, which its survey has no more; nothing if it cannot be read again."""
    return survey(replace(surveyed.file, fault=None), recipe.limits.max_expansion).sample


def _list_columns(failures: Sequence[Failure]) -> str:
    """The columns that records of JSON have, and the paths to strings inside of them."""
    names: dict[str, None] = {}
    for _, record, _ in failures:
        data = record.data[record.preamble : len(record.data) - record.terminator]
        try:
            content = json.loads(data.decode(record.codec))
        except ValueError:
            continue
        names |= dict.fromkeys(content if isinstance(content, dict) else ())
        names |= dict.fromkeys(path for path, _ in find_strings(content) if path)
    return ", ".join(names) or "none"
