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
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.record_withdrawals import find_withdrawn
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


@dataclass(frozen=True, slots=True)
class SearchedParts:
    """The keys of parts that were searched for new withdrawals, and have no text of them.

    That holds as long as the parts honour the withdrawals with the hash ``before``, and those that they are
    to honour have the hash ``after``. ``documents`` are the hashes, as of :func:`hash_document`, of documents
    in which nothing of any withdrawal was found, new or honoured before.
    """

    before: str
    after: str
    clean: frozenset[str]
    documents: frozenset[bytes] = frozenset()

    def find_clean(self, cache: PartCache, withdrawals: Sequence[Withdrawal]) -> frozenset[str]:
        """The parts of a cache that need not be searched for these withdrawals."""
        is_valid = (read_digest(cache), digest_withdrawals(withdrawals)) == (self.before, self.after)
        return self.clean if is_valid else frozenset()

    def find_documents(self, withdrawals: Sequence[Withdrawal]) -> frozenset[bytes]:
        """The hashes of the documents that were searched for these withdrawals."""
        return self.documents if digest_withdrawals(withdrawals) == self.after else frozenset()


def hash_document(text: str, metadata: Mapping[str, object]) -> bytes:
    """A hash of 16 bytes of all that is searched of a document: of two that are equal, one need be searched.

    >>> len(hash_document("春天来了。", {"title": "春"}))
    16
    """
    content = json.dumps([text, metadata], ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16).digest()


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


def find_stale(
    index: PartIndex,
    cache: PartCache,
    withdrawals: Sequence[Withdrawal],
    clean: Collection[str] = frozenset(),
) -> list[int]:
    """The parts that do not honour the withdrawals, or that something was taken out of for others.

    The texts of parts with the keys in ``clean`` are known to have nothing of the withdrawals.
    """
    withdrawn = WithdrawnTexts(withdrawals)
    changed = _find_changed(index)
    if not withdrawals:
        return np.flatnonzero(changed).tolist()
    stale = {part for part in range(len(index)) if changed[part] or _has_barred(index, part, withdrawn)}
    searched = [part for part, key in enumerate(index.keys) if part not in stale and key not in clean]
    keys = [index.keys[part] for part in searched]
    for part, documents in zip(
        searched, cache.read_each(keys, DOCUMENTS, has_long_columns=False), strict=True
    ):
        if next(find_withdrawn(read_texts(documents), withdrawn, open_folder()), None) is not None:
            stale.add(part)
    return sorted(stale)


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


def _has_barred(index: PartIndex, part: int, withdrawn: WithdrawnTexts) -> bool:
    """Whether the source or the address of a record of a part, kept or not, was withdrawn."""
    ledger = index.read(LEDGER, part)
    sources, addresses = (ledger.column(name).unique().to_pylist() for name in ("source", "url"))
    return any(map(withdrawn.find_source, sources)) or any(map(withdrawn.find_url, addresses))


def read_texts(documents: pa.Table) -> list[tuple[str, Mapping[str, object]]]:
    """The texts of the documents of a part, each with its metadata."""
    texts, metadata = (documents.column(name).to_pylist() for name in ("text", "metadata"))
    return list(zip(texts, map(read_metadata, metadata), strict=True))
