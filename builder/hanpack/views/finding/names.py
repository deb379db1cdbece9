"""Says whether a text that was not found is a name: a part of the path of a source, or that of a column."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from hanpack.store.metadata import EXTRA, read_metadata
from hanpack.store.reader import BuildReader
from hanpack.views.finding.addresses import match_ignoring_case
from hanpack.views.finding.places import Place, Query
from hanpack.wording import format_count

_TEXTS = "text"


def note_names(
    reader: BuildReader, queries: Sequence[Query], places: Collection[tuple[int, Place]]
) -> Iterator[str]:
    """Of the texts that are at no place, those that are names; a build over a network is not read for it.

    Raises:
        VerifyError: the ledger or the documents cannot be read.
    """
    placed = {number for number, _ in places}
    texts = [query.text.strip() for number, query in enumerate(queries) if number not in placed]
    if not texts or reader.remote:
        return
    paths = _match_sources(reader, texts)
    columns = _match_columns(reader, texts)
    for text in texts:
        if path := paths[text]:
            others = format_count(len(path) - 1, "other source")
            named = f"{path[0]} and {others}" if len(path) > 1 else path[0]
            yield f"{text} is in no text, but in the path of {named}"
        if field := columns.get(text):
            is_text = field == _TEXTS
            column = "the column of the texts" if is_text else f"a column, whose values are in {field}"
            yield f"{text} is in no text, but it is the name of {column}"


def _match_sources(reader: BuildReader, texts: Sequence[str]) -> dict[str, list[str]]:
    """The paths of sources that have each text, in the order of the ledger."""
    matching: dict[str, dict[str, None]] = {text: {} for text in texts}
    for batch in reader.read_batches("ledger", ["source"]):
        paths = pc.unique(batch.table.column("source").combine_chunks().cast(pa.string()))
        for text, of_text in matching.items():
            has_text = match_ignoring_case(paths, text)
            of_text.update(dict.fromkeys(paths.filter(has_text).to_pylist()))
    return {text: list(of_text) for text, of_text in matching.items()}


def _match_columns(reader: BuildReader, texts: Sequence[str]) -> dict[str, str]:
    """Where the values of the columns are that have a text as their name."""
    matching: dict[str, str] = {}
    for entry in reader.manifest.recipe["sources"]:
        matching.update(
            {str(column): f"metadata.{field}" for field, column in entry["metadata_columns"].items()}
        )
        matching[str(entry["text_column"])] = _TEXTS
    keys = {text: json.dumps(text, ensure_ascii=False) + ": " for text in texts if text not in matching}
    for batch in reader.read_batches("documents", ["metadata"]) if keys else ():
        metadata = batch.table.column("metadata").combine_chunks()
        for text, key in keys.items():
            has_key = pc.match_substring(pc.struct_field(metadata, EXTRA), key)
            rows = metadata.filter(has_key) if pc.any(has_key).as_py() else ()
            if text not in matching and any(text in read_metadata(row.as_py()) for row in rows):
                matching[text] = f"metadata.{EXTRA}"
    return matching
