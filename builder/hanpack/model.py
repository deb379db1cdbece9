"""The values that pass between the layers: sources and records in, documents and rows out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from hanpack.reasons import Reason
from hanpack.steps.decode.json_strings import DEEPEST_NESTING
from hanpack.steps.dedup.partitions import TRAIN

# The types of fields are not needed to make values: a start does not load the modules that define them.
if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from hanpack.edits import Edits
    from hanpack.steps.alignment import Alignment
    from hanpack.steps.decode.csv_rows import RowLayout
    from hanpack.steps.dedup.minhash import Signature
    from hanpack.steps.dedup.sentences import Sentences
    from hanpack.steps.page.docx import DocxMember
    from hanpack.steps.page.parsed_text import TextPiece
    from hanpack.steps.quality import QualityFigures
    from hanpack.steps.traced import PageRegion

State = Literal["kept", "duplicate", "empty", "rejected", "withdrawn"]
Wrapping = Literal[
    "plain",
    "json",
    "json_element",
    "csv",
    "text",
    "docx",
    "chapter",
    "navigation",
    "pdf",
    "parsed",
]

# The metadata of a record that has none. Records and chunks are named tuples, because a build makes one or
# more for each text, and a dataclass takes three times as long to make.
NOTHING_KNOWN: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Source:
    """One raw file as it was surveyed.

    ``path`` is relative to the recipe's root; ``entry`` is the index in the recipe's ``sources`` of the entry
    that matched it; ``size`` is in bytes of the file itself. ``encoding`` is None if it could not be decided
    or the file was not read; ``fault`` is why all of the file is rejected, or None. For a member of an
    archive, ``sha256`` and ``size`` are those of the member, ``archive_sha256`` is that of the archive.
    """

    path: str
    sha256: str
    size: int
    encoding: str | None
    entry: int = 0
    fault: Reason | None = None
    archive_sha256: str | None = None


class Record(NamedTuple):
    """The bytes of one record and their half-open span in the source.

    ``terminator`` counts the bytes at the end that only separate it from the next record, ``preamble`` those
    at the beginning that precede it, such as a header. ``wrapping`` says what the bytes are: ``plain``,
    encoded text of a file; ``text``, a value of a Parquet column as UTF-8, which is decoded in the same way;
    ``json``, a line of JSON with the text in ``column``; ``json_element``, the same as an element of a list,
    between ``preamble`` and ``terminator``; ``csv``, a row that is read by ``layout``; ``docx``, the
    ``members`` of a Word document, one after another; ``chapter``, a document of a book as XHTML;
    ``navigation``, such a document without text of its own; ``pdf``, the lines of pages as UTF-8, of which
    ``regions`` say where they stand; ``parsed``, the JSON of a parser of documents, of which ``pieces`` are
    the text. ``fault`` is why the reader rejects it. ``max_invalid`` is how many of its bytes may be invalid,
    ``max_nesting`` how deep its JSON may be nested. ``lost_values`` are
    the metadata fields whose values could not be kept. ``encoding`` is that of its
    bytes if the records of its source have encodings of their own. ``metadata_columns`` are the columns that
    the recipe names for fields of the metadata, by the field.
    """

    source: Source
    index: int  # type: ignore[assignment]  # a tuple has a method of this name, which is not needed
    data: bytes
    byte_start: int
    byte_end: int
    terminator: int = 0
    wrapping: Wrapping = "plain"
    column: str = "text"
    metadata: Mapping[str, object] = NOTHING_KNOWN
    fault: Reason | None = None
    max_invalid: int = 0
    max_nesting: int = DEEPEST_NESTING
    lost_values: tuple[str, ...] = ()
    members: tuple[DocxMember, ...] = ()
    encoding: str | None = None
    preamble: int = 0
    layout: RowLayout | None = None
    regions: tuple[PageRegion, ...] = ()
    metadata_columns: Mapping[str, str] = NOTHING_KNOWN
    pieces: tuple[TextPiece, ...] = ()

    @property
    def codec(self) -> str:
        """The encoding of its bytes: its own, or that of its source."""
        return self.encoding or self.source.encoding or "utf-8"

    @property
    def size(self) -> int:
        """The number of its bytes in the source; ``data`` may have been left out."""
        return self.byte_end - self.byte_start


@dataclass(frozen=True, slots=True)
class PlacedText:
    """The characters [start, end) of a document that stand on a page, and their box; see ``PageRegion``."""

    start: int
    end: int
    page: int
    left: float | None
    top: float | None
    right: float | None
    bottom: float | None


@dataclass(frozen=True, slots=True)
class PageBox:
    """A page on which a chunk stands, and the box around all of its text there; see ``PageRegion``."""

    page: int
    left: float | None
    top: float | None
    right: float | None
    bottom: float | None


class ChunkRow(NamedTuple):
    """A contiguous span of a document within the token budget.

    ``text`` begins with ``heading_characters`` characters of headings that are not of the span.
    """

    id: str
    text: str
    token_count: int
    index: int  # type: ignore[assignment]  # a tuple has a method of this name, which is not needed
    section: tuple[str, ...]
    start: int
    end: int
    byte_start: int
    byte_end: int
    heading_characters: int = 0
    pages: tuple[PageBox, ...] = ()


@dataclass(frozen=True, slots=True)
class PackedRow:
    """A training sequence: token ids, how many are not padding, and the documents in it.

    ``starts`` are the indexes in ``input_ids`` at which each document's tokens begin, ``document_starts`` the
    number of tokens of that document before them, in earlier sequences. ``seq_lengths`` are the numbers of
    tokens of each document and last of the padding, if there is any.
    """

    input_ids: npt.NDArray[np.int32]
    token_count: int
    document_ids: tuple[str, ...]
    starts: tuple[int, ...]
    seq_lengths: tuple[int, ...]
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
    """What was decided about a document by comparing it with all others of the build.

    Either it is a copy of the kept document ``duplicate_of``, or of one of another build, which ``reason``
    names; or the spans ``passages`` of its text also
    occur in preferred documents (less damaged, longer or earlier); they are flagged, or removed if
    ``remove``.
    """

    duplicate_of: str | None = None
    similarity: float | None = None
    reason: Reason | None = None
    passages: tuple[tuple[int, int], ...] = ()
    remove: bool = False

    @property
    def is_copy(self) -> bool:
        """Whether the document is left out as a copy."""
        return self.similarity is not None


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
    edits: Edits
    alignment: Alignment
    chunks: Mapping[str, tuple[ChunkRow, ...]]
    quality: QualityFigures
    pages: tuple[PlacedText, ...] = ()
    split: str = TRAIN
    dedup_features: DedupFeatures | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a record: its state, the bytes kept and removed, and its document if it was kept.

    ``reason`` is None only if it was kept. A duplicate names the document it is a copy of and their
    similarity, 0 to 1. ``bytes_kept`` and the values of ``bytes_removed`` (by step) add up to the size of
    the record. ``lost_values`` are the metadata fields whose values could not be kept: NaN, an infinite
    number or a lone surrogate. ``metadata`` is what is known of a record that was not
    kept, nothing if it was withdrawn; that of a kept record is in its document.
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
    metadata: Mapping[str, object] = field(default_factory=dict)
