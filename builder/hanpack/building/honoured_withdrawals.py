"""Says in one line which withdrawals a build honours, and how much they took out of it."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from hanpack.store.reader import BuildReader
from hanpack.store.withdrawals import find_withdrawals
from hanpack.wording import format_count

_STEP, _STATE = "withdrawal", "withdrawn"


def describe_withdrawals(reader: BuildReader, recipe: str) -> tuple[str, ...]:
    """The withdrawals that a build of the recipe file ``recipe`` honours, and what they took; none if none.

    Raises:
        VerifyError: the ledger cannot be read.
    """
    manifest = reader.manifest
    if not manifest.withdrawals:
        return ()
    requests = format_count(len(manifest.withdrawals), "request")
    totals = manifest.totals
    taken = []
    if removed := totals["bytes_removed"].get(_STEP):
        passages = format_count(totals["edits"].get(_STEP, 0), "passage")
        documents = format_count(_count_cut_records(reader), "document")
        taken.append(f"{passages} ({format_count(removed, 'byte')}) taken out of {documents}")
    if records := totals["states"].get(_STATE):
        size = format_count(totals["bytes_removed"].get(_STATE, 0), "byte")
        taken.append(f"{format_count(records, 'record')} ({size}) withdrawn")
    what = ", ".join(taken) or "nothing here is of what they name"
    return (f"{requests} in {find_withdrawals(recipe)} honoured: {what}",)


def _count_cut_records(reader: BuildReader) -> int:
    """How many kept records lost a passage."""
    count = 0
    for batch in reader.read_batches("ledger", ["bytes_removed"]):
        removed = batch.table.column("bytes_removed").combine_chunks()
        steps = pc.struct_field(pc.list_flatten(removed), "step")
        is_cut = pc.equal(steps, pa.scalar(_STEP, pa.string()))
        count += len(pc.unique(pc.list_parent_indices(removed).filter(is_cut)))
    return count
