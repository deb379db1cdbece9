"""All documents of a build, for comparison: what is compared as arrays, and their texts on demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.resources.folding_table import open_folder
from hanpack.steps.alignment import Flags
from hanpack.steps.dedup.clusters import find_equal
from hanpack.steps.dedup.columns import Column
from hanpack.steps.dedup.folding import TextFolder
from hanpack.steps.dedup.minhash import BANDS, Shingles, compute_shingles, compute_similarity
from hanpack.store.dedup_features import HASH, read_exact_hashes
from hanpack.store.part_index import Parts
from hanpack.store.spooled_arrays import PIECE, SpooledArray, find_repeated
from hanpack.store.table_kinds import TableKind

Numbers = npt.NDArray[np.int64]
LEDGER, FEATURES = TableKind.LEDGER.value, TableKind.FEATURES.value
# The texts of how many parts, and the shingles of how many documents, are kept in memory.
CACHED_PARTS = 16
_COLUMNS = {
    "row": np.int32,
    "partition": np.int16,
    "high": np.uint64,
    "low": np.uint64,
    "length": np.int32,
    "damage": np.int32,
}
CACHED_SHINGLES = 256


@dataclass(frozen=True, slots=True, eq=False)
class DocumentIndex:
    """All documents of all parts, or some, in the order of their records; arrays have the shape (documents,).

    ``first_documents`` and ``first_records`` are the numbers of the first document and the first record of
    each part, and last of all of them, with the shape (parts + 1,). ``row`` is the row of a document's record
    in the part's ledger. ``partition`` is the number of its partition among those of the recipe, 0 for
    training. ``high`` and ``low`` are the hashes of the folded texts, ``length`` their lengths, ``damage``
    the numbers of damaged places, ``bands`` the signatures, band by band.
    """

    first_documents: Numbers
    first_records: Numbers
    row: Column
    partition: Column
    high: SpooledArray
    low: SpooledArray
    length: Column
    damage: Column
    bands: Sequence[SpooledArray]

    def __len__(self) -> int:
        return len(self.row)

    @property
    def numbers(self) -> npt.NDArray[np.int32]:
        """The numbers of all documents, as everywhere in half the bytes of those of numpy."""
        return np.arange(len(self), dtype=np.int32)

    @property
    def order(self) -> npt.NDArray[np.int32]:
        """The documents, the best first; shape (documents,).

        First those held out for evaluation, then the least damaged, then the longest, then the first.
        """
        keys = (-self.length[:], self.damage[:], -self.partition[:])
        return np.lexsort(keys).astype(np.int32)

    def find_equal(self, is_compared: Flags) -> npt.NDArray[np.int32]:
        """For each document the best one with the same folded text; itself for a text without letters.

        Of documents that are not compared, each is only equal to itself.
        """
        # Few documents have the hash of another, and to sort complete hashes takes most memory.
        is_repeated = np.zeros(len(self), np.bool_)
        is_repeated[find_repeated(self.high)] = True
        order = self.order
        documents = order[(is_repeated & is_compared & (self.length[:] > 0))[order]]
        best = self.numbers
        best[documents] = documents[find_equal(self.read_hashes(documents))]
        return best

    def find_similar(self, *, by_bands: bool) -> Numbers:
        """The documents with the hash of another, or with a band of another; sorted. No others are copies."""
        is_similar = np.zeros(len(self), np.bool_)
        for column in self.bands if by_bands else ():
            is_similar[find_repeated(column)] = True
        for start in range(0, len(self) if by_bands else 0, PIECE):
            # A document without any band has no pair.
            span = slice(start, start + PIECE)
            has_band = np.zeros(len(is_similar[span]), np.bool_)
            for column in self.bands:
                has_band |= column[span] != 0
            is_similar[span] &= has_band
        is_similar[find_repeated(self.high)] = True
        numbers: Numbers = np.flatnonzero(is_similar)
        return numbers

    def select(self, documents: Numbers) -> DocumentIndex:
        """Some documents, which are sorted; they are numbered from 0 on."""
        return replace(
            self,
            row=self.row[documents],
            partition=self.partition[documents],
            high=self.high.take(documents),
            low=self.low.take(documents),
            length=self.length[documents],
            damage=self.damage[documents],
            bands=[column.take(documents) for column in self.bands],
        )

    def read_hashes(self, documents: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.void]:
        """The hashes of the folded texts of some documents, with the fields ``high`` and ``low``."""
        hashes = np.empty(len(documents), HASH)
        for name, column in (("high", self.high), ("low", self.low)):
            hashes[name] = column[documents]
        return hashes

    def find_parts(self, documents: Numbers) -> Numbers:
        """The part that each of some documents is in."""
        return np.searchsorted(self.first_documents, documents, side="right") - 1

    def find_records(self, documents: Numbers) -> Numbers:
        """The row of each of some documents in the ledger of all parts."""
        rows: Numbers = self.first_records[self.find_parts(documents)] + self.row[documents]
        return rows


def read_documents(parts: Parts, partitions: Sequence[str]) -> DocumentIndex | None:
    """Read the index of all documents of the parts, or None if there are none.

    ``partitions`` are the names of the recipe's partitions, training first.
    """
    index = parts.unrevised
    bands = [SpooledArray(np.dtype(np.uint32), parts.cache.folder) for _ in range(BANDS)]
    columns = {name: SpooledArray(np.dtype(kind), parts.cache.folder) for name, kind in _COLUMNS.items()}
    for (block, ledger), (_, features) in zip(
        index.read_blocks(LEDGER), index.read_blocks(FEATURES), strict=True
    ):
        # There is a row of features for each record with a document, in the same order.
        records = np.flatnonzero(np.asarray(ledger.column("document_id").is_valid()))
        if not len(records):
            continue
        starts = index.starts[LEDGER][block.start : block.stop] - index.starts[LEDGER][block.start]
        row = records - np.repeat(starts, index.count_rows(FEATURES)[block.start : block.stop])
        names = ledger.column("split").take(records)
        partition = pc.index_in(names, pa.array(partitions, pa.string())).to_numpy()
        hashes = read_exact_hashes(features)
        values = {"row": row, "partition": partition, "high": hashes["high"], "low": hashes["low"]}
        values |= {name: features.column(name).to_numpy() for name in ("length", "damage")}
        for name, column in columns.items():
            column.append(values[name])
        rows = features.column("bands").combine_chunks().flatten().to_numpy().reshape(len(records), -1)
        for column, band in zip(bands, rows.T, strict=True):
            column.append(band)
    if not len(columns["row"]):
        return None
    return DocumentIndex(
        first_documents=index.starts[FEATURES],
        first_records=index.starts[LEDGER],
        bands=bands,
        **columns,
    )


class DocumentTexts:
    """The texts of the documents and where they come from, read from the parts when they are needed."""

    def __init__(self, parts: Parts, documents: DocumentIndex) -> None:
        self._documents = documents
        self._index = parts.unrevised
        self._read_texts = lru_cache(CACHED_PARTS)(parts.read_texts)
        self.shingles = lru_cache(CACHED_SHINGLES)(self._find_shingles)
        # The documents that were prepared, sorted; where the shingles of each are among all, and how many.
        self._prepared = np.zeros(0, np.int64)
        self._starts = np.zeros(0, np.int64)
        self._counts = np.zeros(0, np.int64)
        self._shingles = SpooledArray(np.dtype(np.uint64), parts.cache.folder)

    def prepare(self, documents: Numbers) -> None:
        """Compute the shingles of some documents, which are sorted: the texts of each part are read once.

        Documents that are compared are in any parts: each comparison would read the texts of one anew.
        """
        new = documents[~np.isin(documents, self._prepared)]
        starts, counts = np.zeros((2, len(new)), np.int64)
        for number, document in enumerate(new.tolist()):
            shingles = self._compute_shingles(document)
            starts[number], counts[number] = len(self._shingles), len(shingles)
            self._shingles.append(shingles)
        joined = np.concatenate((self._prepared, new))
        order = np.argsort(joined)
        self._prepared = joined[order]
        self._starts = np.concatenate((self._starts, starts))[order]
        self._counts = np.concatenate((self._counts, counts))[order]

    @cached_property
    def folder(self) -> TextFolder:
        """What folds the texts."""
        return open_folder()

    def text(self, document: int) -> str:
        """The text of a document."""
        part = int(self._documents.find_parts(np.array([document]))[0])
        place = document - int(self._documents.first_documents[part])
        text: str = self._read_texts(part)[place].as_py()
        return text

    def read_records(self, documents: Numbers, columns: Sequence[str]) -> pa.Table:
        """Some columns of the ledger for some documents, which are sorted."""
        return self._index.take(LEDGER, self._documents.find_records(documents), columns)

    def fold(self, document: int, start: int, end: int) -> str:
        """The folded form of a span of a document's text."""
        return self.folder.fold(self.text(document)[start:end]).text

    def compare(self, first: int, second: int) -> float:
        """The similarity of two documents."""
        return compute_similarity(self.shingles(first), self.shingles(second))

    def _find_shingles(self, document: int) -> Shingles:
        place = int(np.searchsorted(self._prepared, document))
        if place < len(self._prepared) and self._prepared[place] == document:
            start = int(self._starts[place])
            return self._shingles[start : start + int(self._counts[place])]
        return self._compute_shingles(document)

    def _compute_shingles(self, document: int) -> Shingles:
        return compute_shingles(self.folder.fold(self.text(document)).text)
