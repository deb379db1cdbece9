"""Where a text is, and what became of it there: the values that a search gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from dataclasses import field as dataclass_field
from typing import Any, Literal

from hanpack.errors import UsageError
from hanpack.resources.folding_table import open_folder
from hanpack.wording import format_count

# What became of an occurrence: it is in a chunk, in a copy that was left out, was removed by a step, or is in
# a record that was not kept.
Fate = Literal["kept", "duplicate", "removed", "rejected", "empty", "withdrawn"]
FATES: tuple[Fate, ...] = ("kept", "duplicate", "removed", "rejected", "empty", "withdrawn")
# The characters of context on either side of an occurrence, and the most of the occurrence itself.
CONTEXT = 30
LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Query:
    """A text to look for, and its folded form."""

    text: str
    folded: str

    @classmethod
    def of(cls, text: str) -> Query:
        """Fold a text.

        Raises:
            UsageError: it is empty, has no letters and digits, or is not valid Unicode.
        """
        if not text.strip():
            raise UsageError("the text to look for is empty", "TEXT", "name a text, in quotation marks")
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise UsageError(f"{text!r} is no valid Unicode text", "TEXT") from error
        folded = open_folder().fold(text).text
        if not folded:
            todo = "name another text, or look for it in the chunks with hanpack inspect OUT --grep TEXT"
            raise UsageError(f"{text!r} has no letters or digits", "TEXT", todo)
        return cls(text, folded)


@dataclass(frozen=True, slots=True)
class Context:
    """An occurrence as it is written in its text, and what is before and after it."""

    before: str
    text: str
    after: str

    @classmethod
    def of(cls, text: str, start: int, end: int) -> Context:
        """The span ``[start, end)`` of a text, with what is around it.

        >>> Context.of("一二三四五", 1, 3)
        Context(before='一', text='二三', after='四五')
        """
        shown = text[start:end]
        if len(shown) > LONGEST_SHOWN:
            half = LONGEST_SHOWN // 2
            shown = f"{shown[:half]} … {shown[-half:]}"
        return cls(text[max(start - CONTEXT, 0) : start], shown, text[end : end + CONTEXT])


@dataclass(frozen=True, slots=True)
class ChunkPlace:
    """A chunk that has an occurrence or a part of it; the span is that part, in characters of the chunk.

    ``pages`` are the numbers of the pages that the chunk stands on, if its source has pages.
    """

    table: str
    id: str
    chunk_index: int
    start: int
    end: int
    pages: Sequence[int] = ()


# The columns of the ledger that a place of a record has.
RECORD_COLUMNS = ("source", "record", "state", "cause", "reason", "duplicate_of", "similarity", "url")


@dataclass(frozen=True, slots=True)
class Place:
    """An occurrence of a text, or a record that has one.

    ``record`` is the index in its source, None if the ledger does not name it. The span of bytes is that of
    the occurrence, None if it was not read. ``document_id`` is the document of the record if it was kept;
    ``start`` and ``end`` are characters of that document and only set if the occurrence is in it. ``steps``
    has the bytes of the occurrence that each step removed. ``field`` is the field of the document's metadata
    that has the text, None if it is not there. ``is_confirmed`` is false for a copy of a document
    with the text that was not read, because its source is not at hand. ``url`` is the address of a record
    that was not kept, if it has one.
    """

    fate: Fate
    source: str
    record: int | None
    byte_start: int | None = None
    byte_end: int | None = None
    context: Context | None = None
    document_id: str | None = None
    start: int | None = None
    end: int | None = None
    chunks: Sequence[ChunkPlace] = ()
    steps: Mapping[str, int] = dataclass_field(default_factory=dict)
    duplicate_of: str | None = None
    similarity: float | None = None
    cause: str | None = None
    reason: str | None = None
    is_confirmed: bool = True
    field: str | None = None
    url: str | None = None

    @classmethod
    def of_record(
        cls, row: Mapping[str, Any], *, is_confirmed: bool = True, field: str | None = None
    ) -> Place:
        """A place in a record, from its row of the ledger with the columns ``RECORD_COLUMNS``.

        In a record that was kept it is not in the document: it was removed.
        """
        return cls(
            fate="removed" if row["state"] == "kept" else row["state"],
            source=row["source"],
            record=row["record"],
            duplicate_of=row["duplicate_of"],
            similarity=row["similarity"],
            cause=row["cause"],
            reason=row["reason"],
            is_confirmed=is_confirmed,
            field=field,
            url=row["url"],
        )


@dataclass(slots=True)
class RemovedTexts:
    """What a search of the sources gives: places by query, the records that were read, and what was not."""

    places: list[tuple[int, Place]] = dataclass_field(default_factory=list)
    records: int = 0
    notes: list[str] = dataclass_field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Answer:
    """Where one text is.

    ``counts`` has the number of places by fate; ``is_complete`` is false if not all that were kept are
    counted.
    """

    text: str
    places: Sequence[Place]
    counts: Mapping[str, int]
    is_complete: bool

    @property
    def is_found(self) -> bool:
        """Whether the text is anywhere."""
        return bool(self.places)

    def as_json(self) -> dict[str, Any]:
        """The answer for programs."""
        return {
            "text": self.text,
            "found": self.is_found,
            "counts": dict(self.counts),
            "complete": self.is_complete,
            "places": [_to_json(place) for place in self.places],
        }


@dataclass(frozen=True, slots=True, repr=False)
class Answers:
    """The answers to all texts, in their order; ``notes`` say what was not searched, and why.

    They can be iterated over. A notebook shows them as a table with a row for each place.
    """

    answers: Sequence[Answer]
    documents: int
    records: int
    notes: Sequence[str]

    def __repr__(self) -> str:
        places = sum(len(answer.places) for answer in self.answers)
        return f"<Answers: {format_count(len(self.answers), 'text')}, {format_count(places, 'place')}>"

    def __iter__(self) -> Iterator[Answer]:
        return iter(self.answers)

    def __len__(self) -> int:
        return len(self.answers)

    def _repr_html_(self) -> str:
        # Only notebooks call it.
        from hanpack.views.notebook import render_answers

        return render_answers(self.answers)

    def as_json(self) -> dict[str, Any]:
        """The answers for programs."""
        return {
            "searched": {"documents": self.documents, "removed_records": self.records},
            "not_searched": list(self.notes),
            "texts": [answer.as_json() for answer in self.answers],
        }


def _to_json(place: Place) -> dict[str, Any]:
    """A place without the keys that do not apply to its fate."""
    values = asdict(place)
    values["confirmed"] = values.pop("is_confirmed")
    return {name: value for name, value in values.items() if value not in (None, (), {}, [])}
