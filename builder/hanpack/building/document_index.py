"""All documents of a build, for comparison: what is compared as arrays, and their texts on demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from hanpack.resources.folding_table import open_folder
from hanpack.steps.dedup import Shingles, TextFolder, compute_shingles, compute_similarity, find_equal
from hanpack.store.dedup_features import read_exact_hashes
from hanpack.store.part_index import Parts
from hanpack.store.table_kinds import TableKind

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
# How many tables of parts, and shingles of documents, are kept in memory.
CACHED_PARTS = 16
CACHED_SHINGLES = 256


@dataclass(frozen=True, slots=True, eq=False)
class DocumentIndex:
    """All documents of all parts, in the order of their records; every array has the shape (documents,).

    ``part`` is the part of a document, ``place`` its row in the part's tables of documents, ``row`` the row
    of its record in the part's ledger, and ``record`` that in the ledger of all parts. ``partition`` is the
    number of its partition among those of the recipe, 0 for training. ``exact`` are the hashes of the folded
    texts, ``length`` their lengths, ``damage`` the numbers of damaged places, ``bands`` the signatures, with
    the shape (documents, bands).
    """

    part: Numbers
    place: Numbers
    row: Numbers
    record: Numbers
    partition: Numbers
    exact: npt.NDArray[np.void]
    length: Numbers
    damage: Numbers
    bands: npt.NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.part)

    def take(self, documents: Numbers) -> DocumentIndex:
        """Some of the documents, by their numbers."""
        return DocumentIndex(**{field.name: getattr(self, field.name)[documents] for field in fields(self)})

    @property
    def order(self) -> Numbers:
        """The documents, the best first; shape (documents,).

        First those held out for evaluation, then the least damaged, then the longest, then the first.
        """
        return np.lexsort((-self.length, self.damage, -self.partition))

    def find_equal(self) -> Numbers:
        """For each document the best one with the same folded text; itself for a text without letters."""
        return find_equal(self.exact, self.length > 0, self.order)


def read_documents(parts: Parts, partitions: Sequence[str]) -> DocumentIndex | None:
    """Read the index of all documents of the parts, or None if there are none.

    ``partitions`` are the names of the recipe's partitions, training first.
    """
    index = parts.unrevised
    if not len(index):
        return None
    ledger, features = (index.tables[kind.value] for kind in (TableKind.LEDGER, TableKind.FEATURES))
    records = np.flatnonzero(np.asarray(ledger.column("document_id").is_valid()))
    if not len(records):
        return None
    # There is a row of features for each record with a document, in the same order.
    first_records, first_documents = (
        index.starts[kind.value] for kind in (TableKind.LEDGER, TableKind.FEATURES)
    )
    part = np.repeat(np.arange(len(index)), index.count_rows(TableKind.FEATURES.value))
    numbers = {name: number for number, name in enumerate(partitions)}
    names = ledger.column("split").take(records).to_pylist()
    bands = features.column("bands").combine_chunks().flatten().to_numpy()
    return DocumentIndex(
        part=part,
        place=np.arange(len(records)) - first_documents[part],
        row=records - first_records[part],
        record=records,
        partition=np.fromiter(map(numbers.__getitem__, names), np.int64, len(names)),
        exact=read_exact_hashes(features),
        length=features.column("length").to_numpy(),
        damage=features.column("damage").to_numpy(),
        bands=bands.reshape(len(records), -1),
    )


class DocumentTexts:
    """The texts of the documents and where they come from, read from the parts when they are needed."""

    def __init__(self, parts: Parts, documents: DocumentIndex) -> None:
        self._documents = documents
        self._ledger = parts.unrevised.tables[TableKind.LEDGER.value]
        self._read_texts = lru_cache(CACHED_PARTS)(parts.read_texts)
        self.shingles = lru_cache(CACHED_SHINGLES)(self._compute_shingles)

    @cached_property
    def folder(self) -> TextFolder:
        """What folds the texts."""
        return open_folder()

    def text(self, document: int) -> str:
        """The text of a document."""
        texts = self._read_texts(int(self._documents.part[document]))
        text: str = texts[int(self._documents.place[document])].as_py()
        return text

    def identity(self, document: int) -> str:
        """The id of a document: the hash of its text."""
        identity: str = self._read_record("document_id", document)
        return identity

    def origin(self, document: int) -> dict[str, str | int]:
        """The source and the record of a document, as fields of a reason."""
        return {name: self._read_record(name, document) for name in ("source", "record")}

    def fold(self, document: int, start: int, end: int) -> str:
        """The folded form of a span of a document's text."""
        return self.folder.fold(self.text(document)[start:end]).text

    def compare(self, first: int, second: int) -> float:
        """The similarity of two documents."""
        return compute_similarity(self.shingles(first), self.shingles(second))

    def _read_record(self, column: str, document: int) -> Any:
        return self._ledger.column(column)[int(self._documents.record[document])].as_py()

    def _compute_shingles(self, document: int) -> Shingles:
        return compute_shingles(self.folder.fold(self.text(document)).text)
