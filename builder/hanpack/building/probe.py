"""Refuses a recipe that can give no document: a wrong column, a wrong encoding, nothing that can be read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice

from hanpack.errors import RecipeError, RecordError
from hanpack.flow import read_text
from hanpack.model import Record, Source
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Recipe
from hanpack.sources.records import read_records
from hanpack.sources.source_files import Survey
from hanpack.steps.decode.encodings import detect

# Of each entry of a recipe, so many records of so many sources are read.
SOURCES = 16
RECORDS = 4


def require_readable(
    recipe: Recipe, surveys: Sequence[Survey], sources: Sequence[Source], where: str
) -> None:
    """Read the first records of some sources of each entry of a recipe.

    Raises:
        RecipeError: no record of an entry can be read; it names what was found instead: the columns, or the
            encodings.
    """
    for entry in range(len(recipe.sources)):
        of_entry = [pair for pair in zip(surveys, sources, strict=True) if pair[1].entry == entry]
        chosen = of_entry[:: max(1, len(of_entry) // SOURCES)][:SOURCES]
        reasons: list[tuple[Reason, Record, Survey]] = []
        for surveyed, source in chosen:
            for record in _read_first(surveyed, source, recipe):
                reason = _find_reason(record)
                if reason is None:
                    break
                reasons.append((reason, record, surveyed))
            else:
                continue
            break
        else:
            if reasons:
                _refuse(recipe, entry, reasons, where)


def _read_first(surveyed: Survey, source: Source, recipe: Recipe) -> Iterator[Record]:
    with closing(read_records(surveyed, source, recipe.limits)) as records:
        yield from islice(records, RECORDS)


def _find_reason(record: Record) -> Reason | None:
    """Why a record gives no text; None if it does."""
    if record.fault is not None:
        return record.fault
    try:
        read_text(record)
    except RecordError as error:
        return error.reason
    return None


def _refuse(recipe: Recipe, entry: int, reasons: Sequence[tuple[Reason, Record, Survey]], where: str) -> None:
    reason, record, _ = reasons[0]
    options = recipe.sources[entry]
    key, todo = f"{where}: sources.{entry}", "correct the recipe, or leave these files out"
    if reason.cause is Cause.MISSING_COLUMN:
        key, todo = f"{key}.text_column", f"the columns are: {_list_columns([r for _, r, _ in reasons])}"
    elif reason.cause is Cause.INVALID_BYTES and options.encoding:
        encodings = Counter(detect(surveyed.sample).encoding or "unknown" for _, _, surveyed in reasons)
        key, todo = f"{key}.encoding", f"the files look like: {', '.join(encodings)}"
    raise RecipeError(
        f"no record can be read; the first, {record.source.path} record {record.index}: {reason}", key, todo
    )


def _list_columns(records: Sequence[Record]) -> str:
    """The columns that records of JSON Lines have."""
    names: dict[str, None] = {}
    for record in records:
        try:
            content = json.loads(record.data.decode(record.source.encoding or "utf-8"))
        except ValueError:
            continue
        names |= dict.fromkeys(content)
    return ", ".join(names) or "none"
