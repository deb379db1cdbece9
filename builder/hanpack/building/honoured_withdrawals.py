"""Says in one line which withdrawals a build honours, and how much they took out of it."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from hanpack.store.reader import BuildReader
from hanpack.store.withdrawals import find_withdrawals
from hanpack.wording import format_count

_STEP, _STATE = "withdrawal", "withdrawn"


def describe_withdrawals(reader: BuildReader, recipe: str) -> tuple[str, ...]:
    """The withdrawals that a build of the recipe file ``recipe`` honours, if they took anything, and what.

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
        count, first = _find_cut_records(reader)
        documents = format_count(count, "document")
        taken.append(f"passages ({format_count(removed, 'byte')}) taken out of {documents}{first}")
    if records := totals["states"].get(_STATE):
        size = format_count(totals["bytes_removed"].get(_STATE, 0), "byte")
        taken.append(f"{format_count(records, 'record')} ({size}) withdrawn")
    if not taken:
        return ()
    return (f"{requests} in {find_withdrawals(recipe)} honoured: {', '.join(taken)}",)


def _find_cut_records(reader: BuildReader) -> tuple[int, str]:
    """How many kept records lost a passage, and in words the one of which the smallest share is left."""
    count, smallest, first = 0, 1.0, ""
    for batch in reader.read_batches("ledger", ["source", "record", "bytes_kept", "bytes_removed"]):
        removed = batch.table.column("bytes_removed").combine_chunks()
        pairs = pc.list_flatten(removed)
        is_cut = pc.equal(pc.struct_field(pairs, "step"), pa.scalar(_STEP, pa.string()))
        rows = pc.list_parent_indices(removed).filter(is_cut)
        cut = batch.table.select(["source", "record", "bytes_kept"]).take(rows).to_pylist()
        sizes = pc.struct_field(pairs, "bytes").filter(is_cut).to_pylist()
        count += len(cut)
        for row, size in zip(cut, sizes, strict=True):
            share = row["bytes_kept"] / (row["bytes_kept"] + size)
            if share < smallest:
                smallest = share
                first = f" ({100 * share:.1f} % is left of {row['source']} record {row['record']})"
    return count, first
