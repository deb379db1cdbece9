"""Finds the chunks of a build that contain a text: one query, which ``hanpack trace --find`` runs."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc

from hanpack.errors import UsageError
from hanpack.store.reader import BuildReader


def find_chunks(build: Path, text: str, limit: int = 20) -> list[str]:
    """The ids of the first ``limit`` rows of ``chunks`` that contain ``text`` as it is written, in order.

    Reads ids and texts batch by batch, and stops when it has enough.

    Raises:
        UsageError: the text is empty or is not valid Unicode.
        VerifyError: the build has no sound manifest, or a shard cannot be read.
    """
    if not text:
        raise UsageError("there is no text to look for", "--find")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(f"{text!r} is no valid Unicode text", "--find") from error
    ids: list[str] = []
    for batch in BuildReader.open(build).read_batches("chunks", ["id", "text"]):
        if len(ids) >= limit:
            break
        matching = batch.table.filter(pc.match_substring(batch.table.column("text"), text))
        ids += matching.column("id").to_pylist()
    return ids[:limit]
