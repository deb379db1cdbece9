"""All documents of a build, for comparison: what is compared as arrays, and their texts on demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from hanpack.steps.dedup import Shingles, TextFolder, compute_shingles, compute_similarity, find_equal
from hanpack.store.dedup_features import read_exact_hashes
from hanpack.store.parts import Parts
from hanpack.store.table_kinds import TableKind

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
# How many tables of parts, and shingles of documents, are kept in memory.
CACHED_TABLES = 16
CACHED_SHINGLES = 256


@dataclass(frozen=True, slots=True, eq=False)
class DocumentIndex:
    """All documents of all parts, in the order of their records; every array has the shape (documents,).

    ``part`` is the part of a document, ``place`` its row in the part's tables of documents, ``row`` the row
    of its record in the part's ledger. ``partition`` is the number of its partition among those of the
    recipe, 0 for training. ``exact`` are the hashes of the folded texts, ``length`` their lengths, ``damage``
    the numbers of damaged places, ``bands`` the signatures, with the shape (documents, bands).
    """

    part: Numbers
    place: Numbers
    row: Numbers
    partition: Numbers
    exact: npt.NDArray[np.void]
    length: Numbers
    damage: Numbers
    bands: npt.NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.part)

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
    columns: dict[str, list[npt.NDArray[np.generic]]] = {}
    for index in range(len(parts)):
        features = parts.read_unrevised(TableKind.FEATURES.value, index)
        ledger = parts.read_unrevised(TableKind.LEDGER.value, index)
        rows = np.flatnonzero(np.asarray(ledger.column("document_id").is_valid()))
        if not len(rows):
            continue
        names = ledger.column("split").drop_null().to_pylist()
        bands = features.column("bands").combine_chunks().flatten().to_numpy()
        arrays = {
            "part": np.full(len(rows), index),
            "place": np.arange(len(rows)),
            "row": rows,
            "partition": np.array([partitions.index(name) for name in names], dtype=np.int64),
            "exact": read_exact_hashes(features),
            "length": features.column("length").to_numpy(),
            "damage": features.column("damage").to_numpy(),
            "bands": bands.reshape(len(rows), -1),
        }
        for name, array in arrays.items():
            columns.setdefault(name, []).append(array)
    if not columns:
        return None
    return DocumentIndex(**{name: np.concatenate(arrays) for name, arrays in columns.items()})


class DocumentTexts:
    """The texts of the documents and where they come from, read from the parts when they are needed."""

    def __init__(self, parts: Parts, documents: DocumentIndex) -> None:
        self._documents = documents
        self._read_table = lru_cache(CACHED_TABLES)(parts.read_unrevised)
        self.folder = TextFolder()
        self.shingles = lru_cache(CACHED_SHINGLES)(self._compute_shingles)

    def text(self, document: int) -> str:
        """The text of a document."""
        text: str = self._read(TableKind.DOCUMENTS, "text", document, self._documents.place)
        return text

    def identity(self, document: int) -> str:
        """The id of a document: the hash of its text."""
        identity: str = self._read(TableKind.LEDGER, "document_id", document, self._documents.row)
        return identity

    def origin(self, document: int) -> dict[str, str | int]:
        """The source and the record of a document, as fields of a reason."""
        rows = self._documents.row
        return {name: self._read(TableKind.LEDGER, name, document, rows) for name in ("source", "record")}

    def fold(self, document: int, start: int, end: int) -> str:
        """The folded form of a span of a document's text."""
        return self.folder.fold(self.text(document)[start:end]).text

    def compare(self, first: int, second: int) -> float:
        """The similarity of two documents."""
        return compute_similarity(self.shingles(first), self.shingles(second))

    def _read(self, kind: TableKind, column: str, document: int, rows: Numbers) -> Any:
        table = self._read_table(kind.value, int(self._documents.part[document]))
        return table.column(column)[int(rows[document])].as_py()

    def _compute_shingles(self, document: int) -> Shingles:
        return compute_shingles(self.folder.fold(self.text(document)).text)
