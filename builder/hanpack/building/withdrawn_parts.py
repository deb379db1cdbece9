"""Parts and withdrawals: which cached parts still have a withdrawn text, and what was taken out of parts.

The key of a part does not depend on withdrawals, because which of them concern its batch is only known from
its texts. So a change of the withdrawals makes the parts that it concerns again, under their old keys, and
their content is hashed too wherever a key stands for it.

While the withdrawals change, the cache is marked as unfinished, before anything in it does. Whenever a build
is stopped, the next one then looks at all parts again, and deletes what may have a withdrawn text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.record_withdrawals import has_withdrawn
from hanpack.resources.folding_table import open_folder
from hanpack.steps.alignment import Flags
from hanpack.steps.dedup.withdrawn import Withdrawal, WithdrawnTexts
from hanpack.store.metadata import read_metadata
from hanpack.store.part_files import write_whole
from hanpack.store.part_index import PartIndex
from hanpack.store.parts import PartCache
from hanpack.store.table_kinds import TableKind
from hanpack.store.withdrawals import dump_withdrawal

LEDGER, DOCUMENTS = TableKind.LEDGER.value, TableKind.DOCUMENTS.value
WITHDRAWN, STEP = "withdrawn", "withdrawal"
# In the place of the hash of withdrawals while they change.
_UNFINISHED = "unfinished"


def digest_withdrawals(withdrawals: Sequence[Withdrawal]) -> str:
    """A hash of withdrawals, empty if there are none."""
    if not withdrawals:
        return ""
    content = json.dumps([dump_withdrawal(withdrawal) for withdrawal in withdrawals], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def read_digest(cache: PartCache) -> str:
    """The hash of the withdrawals that all parts in the cache honour."""
    try:
        return cache.withdrawals.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return ""


def are_honoured(cache: PartCache, withdrawals: Sequence[Withdrawal]) -> bool:
    """Whether all parts in the cache honour these withdrawals, and no others."""
    return read_digest(cache) == digest_withdrawals(withdrawals)


def mark_unfinished(cache: PartCache) -> None:
    """Note that some parts in the cache may honour other withdrawals than the rest."""
    write_whole(cache.withdrawals, _UNFINISHED.encode())


def is_unfinished(cache: PartCache) -> bool:
    """Whether a build was stopped while the withdrawals of the parts in the cache changed."""
    return read_digest(cache) == _UNFINISHED


def write_digest(cache: PartCache, withdrawals: Sequence[Withdrawal]) -> None:
    """Note that all parts in the cache honour these withdrawals."""
    if withdrawals:
        write_whole(cache.withdrawals, digest_withdrawals(withdrawals).encode())
    else:
        cache.withdrawals.unlink(missing_ok=True)


def find_stale(index: PartIndex, cache: PartCache, withdrawals: Sequence[Withdrawal]) -> list[int]:
    """The parts that do not honour the withdrawals, or that something was taken out of for others."""
    withdrawn = WithdrawnTexts(withdrawals)
    changed = _find_changed(index)
    if not withdrawals:
        return np.flatnonzero(changed).tolist()
    return [
        part
        for part, documents in enumerate(cache.read_each(index.keys, DOCUMENTS))
        if changed[part] or _has_withdrawn(index, part, documents, withdrawn)
    ]


def tag_contents(index: PartIndex) -> dict[int, str]:
    """A hash of what is left of each part that something was taken out of; the others have none."""
    return {
        part: hashlib.sha256(json.dumps(index.read(LEDGER, part).to_pylist()).encode()).hexdigest()
        for part in np.flatnonzero(_find_changed(index)).tolist()
    }


def find_emptied(index: PartIndex) -> Flags:
    """Whether all records of each part were withdrawn; shape (parts,)."""
    emptied = [np.zeros(0, np.bool_)]
    for parts, ledger in index.read_blocks(LEDGER):
        is_withdrawn = np.asarray(pc.equal(ledger.column("state"), WITHDRAWN), np.int64)
        starts = index.starts[LEDGER][parts.start : parts.stop + 1]
        totals = np.concatenate(([0], np.cumsum(is_withdrawn)))[starts - starts[0]]
        emptied.append(np.asarray(np.diff(totals) == np.diff(starts), np.bool_))
    return np.concatenate(emptied)


def _find_changed(index: PartIndex) -> Flags:
    """Whether a record of each part was withdrawn, or lost a passage or a value of metadata; shape (parts,).

    The ledger does not say why a value was lost, so that a part may be named without need.
    """
    names = pa.array([WITHDRAWN, STEP], pa.string())
    changed = np.zeros(len(index), np.bool_)
    for parts, ledger in index.read_blocks(LEDGER):
        removed = ledger.column("bytes_removed").combine_chunks()
        is_taken = pc.is_in(pc.struct_field(pc.list_flatten(removed), "step"), names)
        rows = np.asarray(pc.list_parent_indices(removed), np.int64)[np.asarray(is_taken, np.bool_)]
        withdrawn = np.flatnonzero(np.asarray(pc.equal(ledger.column("state"), WITHDRAWN), np.bool_))
        lost = np.flatnonzero(np.asarray(pc.list_value_length(ledger.column("lost_values"))))
        places = np.concatenate((rows, withdrawn, lost)) + index.starts[LEDGER][parts.start]
        changed[np.searchsorted(index.starts[LEDGER], places, side="right") - 1] = True
    return changed


def _has_withdrawn(index: PartIndex, part: int, documents: pa.Table, withdrawn: WithdrawnTexts) -> bool:
    ledger = index.read(LEDGER, part)
    sources, addresses = (ledger.column(name).unique().to_pylist() for name in ("source", "url"))
    if any(map(withdrawn.find_source, sources)) or any(map(withdrawn.find_url, addresses)):
        return True
    folder = open_folder()
    columns = (documents.column(name).to_pylist() for name in ("text", "metadata"))
    return any(
        has_withdrawn(text, read_metadata(metadata), withdrawn, folder)
        for text, metadata in zip(*columns, strict=True)
    )
