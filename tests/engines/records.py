"""Records that act when they are processed, and what became of them, for the tests of the engines."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hanpack.engines.work import Job
from hanpack.model import Record, Source
from hanpack.reasons import Cause
from hanpack.recipe import Recipe
from hanpack.store.table_kinds import TableKind

RECIPE = Recipe.model_validate({"name": "a", "sources": [{"path": "a.txt"}]})
# The first record of a worker also loads its tables, which takes up to a second.
IMPATIENT = Recipe.model_validate({**RECIPE.model_dump(), "limits": {"max_record_seconds": 5}})
SOURCE = Source("a.txt", "0" * 64, 9, "utf-8")
KEPT = ("kept", None)
DIED = ("rejected", Cause.WORKER_DIED.code)


class ActingMapping(Mapping[str, object]):
    """A mapping with one key that does something when it is read, as a fault in a library would do it.

    The flow reads the metadata of a record while it processes that record, and reads mappings in the metadata
    when it writes the tables of the whole batch.
    """

    def __init__(self, action: Callable[[], object]) -> None:
        self._action = action

    def __getitem__(self, key: str) -> object:
        return "value"

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[str]:
        self._action()
        return iter(["key"])


def make_records(count: int, metadata: Mapping[int, Mapping[str, object]]) -> tuple[Record, ...]:
    """Records of one short text; some, by their index, with metadata."""
    data = "好。".encode()
    return tuple(
        Record(SOURCE, index, data, index * 6, index * 6 + 6, metadata=metadata.get(index, {}))
        for index in range(count)
    )


def read_ledger(job: Job, key: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = job.cache.read(key, TableKind.LEDGER.value).to_pylist()
    return rows


def read_states(job: Job, key: str) -> list[tuple[str, str | None]]:
    return [(row["state"], row["cause"]) for row in read_ledger(job, key)]


def die_once(marker: Path) -> None:
    """End this process, unless the marker says that another ended before."""
    if not marker.exists():
        marker.touch()
        os._exit(1)
