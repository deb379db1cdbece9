"""What the ledger says about the records that a search meets: their states, documents and copies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.store.metadata import EXTRA
from hanpack.store.reader import BuildReader, Row

_COLUMNS = (
    "source",
    "record",
    "byte_start",
    "byte_end",
    "state",
    "reason",
    "cause",
    "document_id",
    "duplicate_of",
    "bytes_removed",
    "similarity",
    "url",
)
# Steps that remove no letter of a text.
_LETTERLESS = ("separator", "spaces", "unwrap")
# The step that replaces letters, and does not only remove some.
PERSONAL = "personal"
# The fewest bytes of a text that is long enough to look for.
_FEWEST_BYTES = 3
_DOCUMENT_COLUMNS = ("id", "text", "source", "byte_start", "byte_end", "edits", "text_breaks", "byte_breaks")


class Ledger:
    """The ledger of a build, of which only the rows that are asked for are in memory.

    Its methods raise VerifyError if a shard cannot be read.
    """

    def __init__(self, reader: BuildReader) -> None:
        self._reader = reader
        self._has_partitions = "split" in reader.schema("ledger").names
        self._columns = [*_COLUMNS, *(["split"] if self._has_partitions else [])]

    def find_records(self, document_ids: Collection[str]) -> tuple[dict[str, Row], list[Row]]:
        """The rows of the records of some documents, by their ids, and those of the copies of these."""
        if not document_ids:
            return {}, []
        keys = ("document_id", "duplicate_of")
        rows = self._reader.read_matching("ledger", self._columns, keys, document_ids).to_pylist()
        records = {row["document_id"]: row for row in rows if row["document_id"] in document_ids}
        return records, [row for row in rows if row["duplicate_of"] in document_ids]

    def read_removed(self, *, replaces_personal_data: bool) -> Iterator[Row]:
        """The rows of the records that may have lost letters, in order.

        These are the records that were not kept, those of which a step removed more than blanks, and if the
        recipe replaces personal data, those that had some.
        """
        anonymised = self._find_documents_with_personal_data() if replaces_personal_data else []
        for batch in self._reader.read_batches("ledger", self._columns):
            table = batch.table.combine_chunks()
            removed = table.column("bytes_removed")
            steps = pc.list_flatten(removed)
            parents = np.asarray(pc.list_parent_indices(removed), np.int64)
            has_letters = ~np.asarray(
                pc.is_in(pc.struct_field(steps, "step"), pa.array(_LETTERLESS, pa.string())), np.bool_
            )
            lost = np.zeros(table.num_rows, np.int64)
            bytes_ = np.asarray(pc.struct_field(steps, "bytes"), np.int64)
            np.add.at(lost, parents[has_letters], bytes_[has_letters])
            is_kept = np.asarray(pc.equal(table.column("state"), "kept"), np.bool_)
            is_anonymised = np.asarray(
                pc.is_in(table.column("document_id"), pa.array(anonymised, pa.string())), np.bool_
            )
            chosen = np.flatnonzero(~is_kept | (lost >= _FEWEST_BYTES) | is_anonymised)
            yield from table.take(pa.array(chosen)).to_pylist()

    def _find_documents_with_personal_data(self) -> list[str]:
        """The ids of the documents in whose metadata the step ``personal`` has counted something."""
        ids: list[str] = []
        for batch in self._reader.read_batches("documents", ["id", "metadata"]):
            extra = pc.struct_field(batch.table.column("metadata"), EXTRA)
            ids += batch.table.column("id").filter(pc.match_substring(extra, f'"{PERSONAL}"')).to_pylist()
        return ids

    def read_documents(self, document_ids: Collection[str]) -> dict[str, Row]:
        """Some documents by their ids, with texts, edits and breaks; those that do not exist are left out.

        Documents are in the order of the ledger, which therefore says in which row each of them is.
        """
        numbers_by_partition: dict[str | None, list[int]] = {}
        for partition, number in self._place_documents(document_ids):
            numbers_by_partition.setdefault(partition, []).append(number)
        documents: dict[str, Row] = {}
        for partition, numbers in numbers_by_partition.items():
            shards = self._reader.shards("documents", partition)
            starts = np.cumsum([0, *(shard.rows for shard in shards)]).tolist()
            for shard, (start, end) in zip(shards, pairwise(starts), strict=True):
                inside = (number - start for number in numbers if start <= number < end)
                rows = [range(row, row + 1) for row in sorted(inside)]
                for batch in self._reader.read_spans(shard, rows, _DOCUMENT_COLUMNS) if rows else ():
                    documents.update((placed.values["id"], placed.values) for placed in batch.rows())
        return {name: documents[name] for name in document_ids if name in documents}

    def _place_documents(self, document_ids: Collection[str]) -> list[tuple[str | None, int]]:
        """The partition of each document (None for all), and its number among the documents of that."""
        ids = pa.array(list(document_ids), pa.string())
        counts: Counter[str | None] = Counter()
        places: list[tuple[str | None, int]] = []
        columns = ["document_id", *(["split"] if self._has_partitions else [])]
        for batch in self._reader.read_batches("ledger", columns) if document_ids else ():
            rows = batch.table.filter(batch.table.column("document_id").is_valid())
            is_chosen = np.asarray(pc.is_in(rows.column("document_id"), ids), np.bool_)
            partitions = (
                rows.column("split") if self._has_partitions else pa.nulls(rows.num_rows, pa.string())
            )
            for partition in pc.unique(partitions).to_pylist():
                is_in = np.ones(rows.num_rows, np.bool_)
                if partition is not None:
                    is_in = np.asarray(pc.fill_null(pc.equal(partitions, partition), False), np.bool_)
                numbers = counts[partition] + np.cumsum(is_in) - 1
                places += [(partition, number) for number in numbers[is_in & is_chosen].tolist()]
                counts[partition] += int(is_in.sum())
        return places


def name_records(rows: Sequence[Row]) -> set[tuple[str, int]]:
    """The source and record of each row."""
    return {(row["source"], row["record"]) for row in rows}


def count_removed_by_step(document: Row, gaps: Sequence[tuple[int, int]]) -> Mapping[str, int]:
    """How many bytes of some spans, which have no text in a document, each step removed."""
    edits = document["edits"].of_kind("removed")
    counts: dict[str, int] = {}
    uncounted = list(gaps)
    # Later steps account for bytes first: an edit inside bytes that a later one removed is not listed.
    for edit in reversed(list(edits.rows())):
        remaining: list[tuple[int, int]] = []
        for start, end in uncounted:
            low, high = max(start, edit.byte_start), min(end, edit.byte_end)
            if low >= high:
                remaining.append((start, end))
                continue
            counts[edit.step] = counts.get(edit.step, 0) + high - low
            remaining += [piece for piece in ((start, low), (high, end)) if piece[0] < piece[1]]
        uncounted = remaining
    return counts


def count_replaced_personal_data(document: Row, span: tuple[int, int]) -> Mapping[str, int]:
    """How many bytes of a span the step ``personal`` replaced in a document, by its name if there are any."""
    edits = document["edits"].of_step(PERSONAL).of_kind("replaced")
    pieces = (min(edit.byte_end, span[1]) - max(edit.byte_start, span[0]) for edit in edits.rows())
    count = sum(piece for piece in pieces if piece > 0)
    return {PERSONAL: count} if count else {}
