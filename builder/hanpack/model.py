"""The values that pass between the layers: sources and records in, documents and rows out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from hanpack.reasons import Reason
from hanpack.steps.alignment import Alignment
from hanpack.steps.dedup.minhash import Signature
from hanpack.steps.dedup.partitions import TRAIN
from hanpack.steps.dedup.passages import Sentences

State = Literal["kept", "duplicate", "empty", "rejected"]
Wrapping = Literal["plain", "json", "text"]


@dataclass(frozen=True, slots=True)
class Source:
    """One raw file as it was surveyed.

    ``path`` is relative to the recipe's root; ``entry`` is the index in the recipe's ``sources`` of the entry
    that matched it; ``size`` is in bytes of the file itself. ``encoding`` is None if it could not be decided
    or the file was not read; ``fault`` is why the whole file is rejected, or None.
    """

    path: str
    sha256: str
    size: int
    encoding: str | None
    entry: int = 0
    fault: Reason | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The bytes of one record and their half-open span in the source.

    ``terminator`` counts the bytes at the end that only separate it from the next record. ``wrapping`` says
    how the bytes hold the text: plain (encoded text), json (an object with the text in ``column``) or text (a
    value of a table, as UTF-8). ``fault`` is why the reader rejects it. So many of its bytes may be invalid
    as ``max_invalid`` says. ``lost_values`` are the metadata fields whose values could not be kept.
    """

    source: Source
    index: int
    data: bytes
    byte_start: int
    byte_end: int
    terminator: int = 0
    wrapping: Wrapping = "plain"
    column: str = "text"
    metadata: Mapping[str, object] = field(default_factory=dict)
    fault: Reason | None = None
    max_invalid: int = 0
    lost_values: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """The number of its bytes in the source; ``data`` may have been left out."""
        return self.byte_end - self.byte_start


@dataclass(frozen=True, slots=True)
class EditRow:
    """What a step did: the span of the document it made and the source bytes it made it from."""

    step: str
    kind: str
    start: int
    end: int
    byte_start: int
    byte_end: int


@dataclass(frozen=True, slots=True)
class EditColumns:
    """The edits of a document as columns of equal length: there may be tens of thousands."""

    step: Sequence[str]
    kind: Sequence[str]
    start: Sequence[int]
    end: Sequence[int]
    byte_start: Sequence[int]
    byte_end: Sequence[int]

    def rows(self) -> Iterator[EditRow]:
        """The edits one by one."""
        columns = (self.step, self.kind, self.start, self.end, self.byte_start, self.byte_end)
        return (EditRow(*values) for values in zip(*columns, strict=True))


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """A contiguous span of a document within the token budget.

    ``text`` begins with ``heading_characters`` characters of headings that are not of the span.
    """

    id: str
    text: str
    token_count: int
    index: int
    section: tuple[str, ...]
    start: int
    end: int
    byte_start: int
    byte_end: int
    heading_characters: int = 0


@dataclass(frozen=True, slots=True)
class PackedRow:
    """A training sequence: token ids, how many are not padding, and the documents in it.

    ``starts`` are the places in ``input_ids`` where each document's tokens begin, ``document_starts`` the
    tokens of that document before them.
    """

    input_ids: npt.NDArray[np.int32]
    token_count: int
    document_ids: tuple[str, ...]
    starts: tuple[int, ...]
    document_starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DedupFeatures:
    """What is compared to find the copies and shared passages of a document.

    ``damage`` counts its repairs and the damage that is left: of several copies the least damaged is kept.
    ``sentences`` is None if the recipe does not look for passages.
    """

    signature: Signature
    damage: int
    sentences: Sentences | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on a document by comparing it with all others of the build.

    Either it is a copy of the kept document ``duplicate_of``, or the spans ``passages`` of its text also
    occur in better documents and are flagged, or removed if ``remove``.
    """

    duplicate_of: str | None = None
    similarity: float | None = None
    reason: Reason | None = None
    passages: tuple[tuple[int, int], ...] = ()
    remove: bool = False


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """The repaired and normalised text of a record, with everything that was done to it.

    ``chunks`` holds its chunks by the name of their table.
    """

    id: str
    text: str
    encoding: str
    script: str
    token_count: int
    metadata: Mapping[str, object]
    edits: EditColumns
    alignment: Alignment
    chunks: Mapping[str, tuple[ChunkRow, ...]]
    split: str = TRAIN
    dedup_features: DedupFeatures | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a record: its state, the bytes kept and removed, and its document if it was kept.

    ``reason`` is None only if it was kept. A duplicate names the document it is a copy of and their
    similarity, 0 to 1. ``bytes_kept`` and the values of ``bytes_removed`` (by step) add up to the record.
    ``lost_values`` are the metadata fields whose values could not be kept: NaN, or half a surrogate pair.
    """

    record: Record
    state: State
    reason: Reason | None
    bytes_kept: int
    bytes_removed: Mapping[str, int]
    document: DocumentRow | None = None
    duplicate_of: str | None = None
    similarity: float | None = None
    lost_values: tuple[str, ...] = ()
