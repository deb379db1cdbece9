"""Refuses a build for its rejected records: if it is strict, or if every record was rejected.

This module is short because why a record is rejected is said elsewhere (:mod:`hanpack.reasons`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from hanpack.errors import BuildError
from hanpack.reasons import Cause
from hanpack.store.part_index import Parts
from hanpack.store.table_kinds import TableKind
from hanpack.wording import format_count

ADVICE = "the table ledger says why: hanpack inspect shows it with --table ledger"


def refuse_rejected(
    folder: Path, totals: Mapping[str, Any], *, strict: bool, parts: Parts | None = None
) -> None:
    """Refuse a build with these figures; ``parts`` are its parts, if it is not published yet.

    Raises:
        BuildError: with ``strict`` a record was rejected; or every record was.
    """
    rejected = totals["states"].get("rejected", 0)
    # A record that the recipe rejects, for an evaluation text or its figures of quality, is not a bad input.
    bad = rejected - totals["decontaminated"] - totals["low_quality"]
    if strict and bad:
        what = f"{format_count(bad, 'record')} {'was' if bad == 1 else 'were'} rejected"
    elif parts is not None and rejected and rejected == totals["records"]:
        what = "every record was rejected"
    else:
        return
    raise BuildError(what, str(folder), _describe_first(parts) if parts is not None else ADVICE)


def _describe_first(parts: Parts) -> str:
    for _, ledger in parts.current.read_blocks(TableKind.LEDGER.value):
        for row in ledger.filter(pc.field("state") == "rejected").to_pylist():
            if row["cause"] != Cause.EVALUATION_TEXT.code:
                place = f"{row['source']} record {row['record']} at byte {row['byte_start']}"
                return f"the first is {place}: {row['reason']}"
    return ""
