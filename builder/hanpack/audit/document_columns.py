"""Checks the documents of a stretch of records by columns: ids, alignments, edits, bytes and blocks.

What is checked of each document is what :mod:`hanpack.audit.documents` and :mod:`hanpack.audit.ledger` check
of its row. Those name what is wrong; here all documents are in order, or they are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.audit.documents import find_untouched_runs
from hanpack.audit.ledger import count_removed_bytes, read_removed
from hanpack.documents import identify_bytes
from hanpack.edits import Edits
from hanpack.source_table import SourceTable
from hanpack.sources.raw import RawSource
from hanpack.steps.alignment import Flags, Positions
from hanpack.steps.coded_names import CodedNames
from hanpack.steps.edit_list import KINDS, JoinedEdits
from hanpack.steps.joined_alignment import JoinedAlignment, join_breaks
from hanpack.steps.removed_bytes import sum_removed
from hanpack.steps.texts import JoinedTexts
from hanpack.steps.traced import CodePoints
from hanpack.store.alignments import find_rewritten, make_alignment
from hanpack.store.edits import join_edits
from hanpack.store.metadata import find_rights


@dataclass(frozen=True)
class DocumentColumns:
    """The documents of a stretch, each of which has a valid alignment and edits inside its text and record.

    ``edits`` are those of all documents, ``owners`` the number of the document of each. ``rewritten`` says
    which blocks of the joined alignment an edit rewrote; a block between two documents is of neither.
    """

    table: pa.Table
    edits: Edits
    counts: Sequence[int]
    owners: Positions
    alignment: JoinedAlignment
    rewritten: Flags
    gaps: Positions

    @classmethod
    def read(cls, table: pa.Table) -> DocumentColumns | None:
        """The columns of some documents; None if the alignment or an edit of one is not valid."""
        counts, text = _read_lists(table.column("text_breaks"))
        source_counts, source = _read_lists(table.column("byte_breaks"))
        if not np.array_equal(counts, source_counts) or (counts < 2).any():
            return None
        lengths = pc.utf8_length(table.column("text")).to_numpy()
        starts, stops = (table.column(name).to_numpy() for name in ("byte_start", "byte_end"))
        ends = np.cumsum(counts)
        firsts, lasts = ends - counts, ends - 1
        if (text[firsts] != 0).any() or (text[lasts] != lengths).any():
            return None
        if (source[firsts] != starts).any() or (source[lasts] != stops).any():
            return None
        shifts = text_shifts = np.zeros(1, np.int64)
        if len(counts) > 1:
            text, text_shifts = join_breaks(text, counts)
            source, shifts = join_breaks(source, counts)
        if (text[1:] < text[:-1]).any() or (source[1:] < source[:-1]).any():
            return None
        edits, edit_counts = join_edits(table.column("edits"))
        owners = np.repeat(np.arange(len(counts)), edit_counts)
        is_inside = (edits.start >= 0) & (edits.start <= edits.end) & (edits.end <= lengths[owners])
        is_inside &= (starts[owners] <= edits.byte_start) & (edits.byte_start <= edits.byte_end)
        if not (is_inside & (edits.byte_end <= stops[owners])).all():
            return None
        shifted = Edits(
            step=edits.step,
            kind=edits.kind,
            start=edits.start,
            end=edits.end,
            byte_start=edits.byte_start + shifts[owners],
            byte_end=edits.byte_end + shifts[owners],
        )
        rewritten = find_rewritten(source, shifted)
        joined = make_alignment({"text_breaks": text, "byte_breaks": source}, rewritten)
        gaps = lasts[:-1]
        joined.even[gaps] = False
        alignment = JoinedAlignment(joined, text_shifts, shifts, source[firsts])
        return cls(table, edits, edit_counts, owners, alignment, rewritten, gaps)

    @cached_property
    def texts(self) -> list[str]:
        """The text of each document."""
        texts: list[str] = self.table.column("text").to_pylist()
        return texts

    @cached_property
    def codes(self) -> CodePoints:
        """The code points of the texts, with one between every two, as in the joined alignment."""
        return JoinedTexts(self.texts).codes

    @cached_property
    def block_owners(self) -> Positions:
        """The number of the document of each block of the joined alignment."""
        sizes = np.diff(np.concatenate(([-1], self.gaps, [len(self.rewritten) - 1])))
        return np.repeat(np.arange(len(sizes)), sizes)

    @cached_property
    def untouched(self) -> Flags:
        """Whether each block has text that no edit rewrote."""
        text = self.alignment.joined.text
        untouched: Flags = ~self.rewritten & (text[1:] > text[:-1])
        untouched[self.gaps] = False
        return untouched

    def have_bytes_of(self, ledger: pa.Table) -> bool:
        """Whether the rows of a ledger have the bytes that are kept, and those that each step removed."""
        joined = self.alignment.joined
        widths = np.where(joined.text[1:] > joined.text[:-1], np.diff(joined.source), 0)
        widths[self.gaps] = 0
        # Sums of 64-bit floats are exact up to 2**53.
        kept = np.bincount(self.block_owners, widths, minlength=len(self.counts)).astype(np.int64)
        if not np.array_equal(kept, ledger.column("bytes_kept").to_numpy()):
            return False
        steps, kinds = self.edits.step, self.edits.kind
        if not isinstance(steps, CodedNames) or not isinstance(kinds, CodedNames):
            return False
        if not set(kinds.names) <= set(KINDS):
            return False
        starts, ends = self.edits.byte_start, self.edits.byte_end
        edits = JoinedEdits(self.counts, self.owners, steps, kinds, starts, ends)
        sums, are_exact = sum_removed(edits, self.alignment)
        stated = _read_sums(ledger.column("bytes_removed"), steps.names)
        if stated is None or not np.array_equal(stated[are_exact], sums[are_exact]):
            return False
        inexact = np.flatnonzero(~are_exact).tolist()
        removed = ledger.column("bytes_removed")
        return all(
            count_removed_bytes(*self._read_row(row)) == read_removed({"bytes_removed": removed[row].as_py()})
            for row in inexact
        )

    def have_rights_of(self, ledger: pa.Table) -> bool:
        """Whether the rows of a ledger state the licences and domains of the documents."""
        return all(
            ledger.column(name).equals(values)
            for name, values in find_rights(self.table.column("metadata")).items()
        )

    def are_text_of(self, raws: Sequence[RawSource]) -> bool:
        """Whether each block with text that no edit rewrote is the text of its bytes in the source."""
        all_first, all_last = find_untouched_runs(self.untouched)
        joined = self.alignment.joined
        owners = self.block_owners[all_first]
        shifts = self.alignment.text_shifts[owners], self.alignment.source_shifts[owners]
        text_first, text_last = (joined.text[at] - shifts[0] for at in (all_first, all_last))
        first, last = (joined.source[at] - shifts[1] for at in (all_first, all_last))
        kinds = [(raw.encoding, raw.escaped) for raw in raws]
        for kind in dict.fromkeys(kinds):
            chosen = [raw if kinds[number] == kind else None for number, raw in enumerate(raws)]
            # The contents joined: a span of a record is shifted to where its content is.
            places = accumulate((len(raw.content) if raw else 0 for raw in chosen), initial=0)
            moves = np.array([place - raw.start for place, raw in zip(places, raws, strict=False)], np.int64)
            whole = RawSource(b"".join([raw.content for raw in chosen if raw]), *kind)
            is_chosen = np.array([raw is not None for raw in chosen])[owners]
            numbers = owners[is_chosen]
            spans = zip(
                (first[is_chosen] + moves[numbers]).tolist(),
                (last[is_chosen] + moves[numbers]).tolist(),
                strict=True,
            )
            text_spans = zip(
                numbers.tolist(), text_first[is_chosen].tolist(), text_last[is_chosen].tolist(), strict=True
            )
            texts = [self.texts[number][low:high] for number, low, high in text_spans]
            if not whole.holds(list(spans), texts):
                return False
        return True

    def _read_row(self, number: int) -> tuple[Edits, Positions, Positions]:
        """The edits, the breaks in the text and those in the source of one document."""
        row = self.table.slice(number, 1)
        edits, _ = join_edits(row.column("edits"))
        text, source = (_read_lists(row.column(name))[1] for name in ("text_breaks", "byte_breaks"))
        return edits, text, source


def have_ids_of_texts(table: pa.Table) -> bool:
    """Whether the id of each row is the hash of its text, with a number for a repeated text."""
    ids = table.column("id").to_pylist()
    texts = table.column("text").cast(pa.binary()).to_pylist()
    hashes = list(map(identify_bytes, texts))
    return ids == hashes or all(
        name == digest or (name.startswith(f"{digest}-") and name[len(digest) + 1 :].isdecimal())
        for name, digest in zip(ids, hashes, strict=True)
    )


def have_hashes_of_sources(documents: pa.Table, sources: SourceTable) -> bool:
    """Whether each document has the hash of its source, which is one of the ``sources`` of the build."""
    named = documents.column("source").combine_chunks().dictionary_encode()
    described = map(sources.find, named.dictionary.to_pylist())
    expected = pa.array([source and source.sha256 for source in described], pa.string())
    return bool(documents.column("source_sha256").combine_chunks().equals(expected.take(named.indices)))


def _read_lists(column: pa.ChunkedArray) -> tuple[Positions, Positions]:
    """The length of each list of a column, and all values one after another."""
    lengths = pc.list_value_length(column).to_numpy().astype(np.int64)
    return lengths, pc.list_flatten(column).to_numpy()


def _read_sums(column: pa.ChunkedArray, names: Sequence[str]) -> Positions | None:
    """The bytes of each step in each row of a ledger, shape (rows, names); None if that is not all it has."""
    lengths = pc.list_value_length(column).to_numpy()
    values = pc.list_flatten(column)
    steps = pc.fill_null(pc.index_in(pc.struct_field(values, "step"), pa.array(names, pa.string())), -1)
    numbers, sizes = steps.to_numpy(), pc.struct_field(values, "bytes").to_numpy()
    rows = np.repeat(np.arange(len(lengths)), lengths)
    sums = np.zeros((len(lengths), len(names)), np.int64)
    if (numbers < 0).any() or (sizes <= 0).any():
        return None
    sums[rows, numbers] = sizes
    # A step that a row names twice has only one value.
    return sums if np.count_nonzero(sums) == len(sizes) else None
