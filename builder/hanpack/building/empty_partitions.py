"""Says which partitions of a build have no document: a share was too small, or a rule selects none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hanpack.steps.page.column_fields import find_field
from hanpack.store.metadata import read_metadata
from hanpack.store.reader import BuildReader
from hanpack.wording import suggest

# How many metadata fields a note names.
_MOST_FIELDS = 12


def describe_empty_partitions(reader: BuildReader) -> Iterator[str]:
    """A note for each partition of a build without documents, unless the build has none at all.

    Raises:
        VerifyError: the documents cannot be read.
    """
    splits = reader.manifest.totals["splits"]
    selections = reader.manifest.recipe["splits"]
    for partition, documents in splits.items():
        # With no document at all, no share would help.
        if documents or not any(splits.values()):
            continue
        selection = selections.get(partition)
        if not isinstance(selection, Mapping):
            yield (
                f"no document is in the split {partition}, and load_dataset fails on it without "
                "streaming=True: set a larger share in the recipe, or a rule"
            )
            continue
        yield (
            f"no document is in the split {partition}, and load_dataset fails on it without "
            "streaming=True: its rule selects none; check its source and the values of its metadata"
        )
        if selection["metadata"]:
            yield from _describe_unknown_fields(partition, selection["metadata"], _list_fields(reader))


def _describe_unknown_fields(
    partition: str, conditions: Mapping[str, object], fields: list[str]
) -> Iterator[str]:
    for name in conditions:
        if name in fields or find_field(name) in fields:
            continue
        close = suggest(name, fields)
        if close:
            yield f"no document has the metadata field {name}, which splits.{partition} names; {close}"
        else:
            yield (
                f"no document has the metadata field {name}, which splits.{partition} names; the fields are "
                f"{', '.join(fields[:_MOST_FIELDS])}"
            )


def _list_fields(reader: BuildReader) -> list[str]:
    """The metadata fields that any document has, in order."""
    fields: dict[str, None] = {}
    for batch in reader.read_batches("documents", ["metadata"]):
        for metadata in batch.table.column("metadata").to_pylist():
            fields.update(dict.fromkeys(read_metadata(metadata)))
    return sorted(fields)
