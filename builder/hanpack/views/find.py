"""Finds the chunks of a build that hold a text."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from hanpack.errors import UsageError
from hanpack.store.manifest import read_manifest

BATCH_ROWS = 4096


def find_chunks(build: Path, text: str, limit: int = 20) -> list[str]:
    """The ids of the first ``limit`` rows of ``chunks`` that hold ``text`` as it is written, in order.

    Reads ids and texts batch by batch, and stops when it has enough.

    Raises:
        UsageError: the text is empty or is no valid Unicode.
        VerifyError: the build has no sound manifest.
    """
    if not text:
        raise UsageError("there is no text to look for", "--find")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(f"{text!r} is no valid Unicode text", "--find") from error
    found: list[str] = []
    for file in read_manifest(build).tables["chunks"]:
        with pq.ParquetFile(build / file.path) as shard:
            for batch in shard.iter_batches(batch_size=BATCH_ROWS, columns=["id", "text"]):
                if len(found) >= limit:
                    return found[:limit]
                holds = pc.match_substring(batch.column("text"), text)
                found += batch.column("id").filter(holds).to_pylist()
    return found[:limit]
