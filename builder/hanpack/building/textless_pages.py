"""Says which pages of the documents of a build are pictures without text: nothing of them is in it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyarrow.compute as pc

from hanpack.store.reader import BuildReader

# A line of the notes for each of so many documents.
_MOST_NAMED = 3
_KEY = "pages_without_text"


def describe_textless_pages(reader: BuildReader) -> Iterator[str]:
    """A note for each of the first documents with such pages, and one for all others together.

    Raises:
        VerifyError: the documents cannot be read.
    """
    count = 0
    for batch in reader.read_batches("documents", ["source", "metadata"]):
        extra = pc.struct_field(batch.table.column("metadata"), "extra")
        for row in batch.table.filter(pc.match_substring(extra, f'"{_KEY}"')).to_pylist():
            stated = json.loads(row["metadata"]["extra"])
            # A column of another format may have the same name.
            if not {_KEY, "page_count"} <= stated.keys():
                continue
            count += 1
            if count <= _MOST_NAMED:
                yield (
                    f"{row['source']}: no text on the pages {stated[_KEY]} of {stated['page_count']}, which "
                    "are not in the build: recognise the text of scanned pages first (OCR)"
                )
    if count > _MOST_NAMED:
        yield (
            f"{count:,} documents in all have pages without text: pages_without_text in their metadata "
            "names them"
        )
