"""Checks the chunks of a document: spans, texts, bytes, counts and budgets, and that no text is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

import numpy as np

from hanpack.audit.cursor import RowCursor
from hanpack.audit.documents import check_id
from hanpack.audit.findings import Audit
from hanpack.documents import find_page_boxes
from hanpack.model import PlacedText
from hanpack.steps.alignment import Alignment
from hanpack.steps.joined_alignment import JoinedAlignment
from hanpack.steps.tokens.counting import TokenCounter
from hanpack.steps.tokens.tokenized_text import TokenizedText
from hanpack.store.chunk_metadata import ThreadMetadata
from hanpack.store.reader import PlacedRow, Row
from hanpack.store.table_kinds import TableKind

# Once in this many chunks, one is encoded by itself, though its count follows from its document's tokens.
ENCODE_EVERY = 32
# The spans of chunks are checked as soon as the alignments of their documents have so many breaks.
MOST_BREAKS = 1 << 16


class ChunkCheck:
    """Checks a table of chunks, whose rows are in the order of the documents of their partition.

    ``tokenizer`` is None if the vocabulary is not at hand: tokens are then not counted.
    """

    def __init__(
        self, table: str, partitions: Mapping[str, RowCursor], budget: int, tokenizer: TokenCounter | None
    ) -> None:
        self._table = table
        self.partitions = partitions
        self.budget = budget
        self._tokenizer = tokenizer
        self._checked = 0
        self._spans = _SpanCheck()

    def check(
        self,
        audit: Audit,
        partition: str,
        where: str,
        *,
        document: Row,
        alignment: Alignment | None,
        tokenized: TokenizedText | None,
    ) -> None:
        """Check the chunks of the next document; ``tokenized`` is its text by the reference tokenizer."""
        places = [PlacedText(**place) for place in document["pages"] or ()]
        thread = ThreadMetadata.read(document["metadata"])
        end = number_of_chunks = 0
        if alignment is not None:
            self._spans.begin(alignment)
        for index, chunk in enumerate(self._take_chunks(partition, document["id"])):
            number_of_chunks += 1
            where_chunk, row = chunk.place, chunk.values
            number, start = row["chunk_index"], row["start"]
            audit.expect(number == index, where_chunk, f"its chunk_index is {number}, not {index}")
            audit.expect(start <= end, where_chunk, f"characters {end} to {start} before it are in no chunk")
            end = row["end"]
            self._check_row(audit, where_chunk, row, document, tokenized)
            metadata = (
                thread.describe_chunk(row["byte_start"], row["byte_end"]) if thread else document["metadata"]
            )
            audit.expect(row["metadata"] == metadata, where_chunk, "its metadata is not its document's")
            boxes = [asdict(box) for box in find_page_boxes(places, start, end)]
            audit.expect(
                (row["pages"] or []) == boxes, where_chunk, "its pages are not those of its characters"
            )
            if alignment is not None:
                self._spans.add(chunk)
        if alignment is not None:
            self._spans.end(audit)
        audit.count("chunks", number_of_chunks)
        length = len(document["text"])
        audit.expect(end == length, where, f"its {self._table} end at character {end} of {length}")
        count = document["chunk_count"]
        same = not self.is_default or number_of_chunks == count
        audit.expect(same, where, f"it has {number_of_chunks} chunks, but its chunk_count is {count}")

    @property
    def is_default(self) -> bool:
        """Whether the documents say how many chunks they have in this table."""
        return self._table == TableKind.CHUNKS.value

    def finish(self, audit: Audit) -> None:
        """Check that no chunk is left over; only the first of each partition is reported."""
        self._spans.check(audit)
        for cursor in self.partitions.values():
            if cursor.next:
                audit.expect(False, cursor.next.place, "it does not belong to the documents in their order")
            while cursor.take():
                pass

    def _take_chunks(self, partition: str, document_id: str) -> Iterator[PlacedRow]:
        """The chunks of a document one by one: those of a long one take several times its size."""
        cursor = self.partitions.get(partition)
        while cursor and cursor.next and cursor.next.values["document_id"] == document_id:
            chunk = cursor.take()
            assert chunk is not None
            yield chunk

    def _check_row(
        self, audit: Audit, where: str, chunk: Row, document: Row, tokenized: TokenizedText | None
    ) -> None:
        start, end, text = chunk["start"], chunk["end"], chunk["text"]
        check_id(audit, where, chunk)
        heading = chunk.get("heading_characters") or 0
        same_text = document["text"][start:end] == text[heading:]
        audit.expect(same_text, where, f"its text is not characters {start} to {end} of the document")
        for name in ("source", "source_sha256"):
            audit.expect(chunk[name] == document[name], where, f"its {name} is not its document's")
        count, budget = chunk["token_count"], self.budget
        # The tokens of a part follow from those of its text, as steps/tokens/counting.py explains.
        derivable = (
            same_text
            and not heading
            and 0 <= start <= end <= len(document["text"])
            and (self._checked + 1) % ENCODE_EVERY
        )
        tokens = count
        if tokenized is not None:
            self._checked += 1
            if derivable:
                tokens = tokenized.count(start, end)
            elif self._tokenizer is not None:
                tokens = self._tokenizer.count(text)
        audit.expect(tokens == count, where, f"it has {tokens} tokens, but its token_count is {count}")
        audit.expect(count <= budget, where, f"its {count} tokens exceed the budget of {budget}")


class _SpanCheck:
    """Checks the bytes of the chunks of many documents at once."""

    def __init__(self) -> None:
        self._alignments: list[Alignment] = []
        self._breaks = 0
        # For each chunk its place, and the number of its document, its span and its bytes as it states them.
        self._places: list[str] = []
        self._spans: list[tuple[int, int, int, int, int]] = []

    def begin(self, alignment: Alignment) -> None:
        """The chunks that are added from now on are those of a document with this alignment."""
        self._alignments.append(alignment)
        self._breaks += len(alignment.text)

    def add(self, chunk: PlacedRow) -> None:
        """Add a chunk of this document; one with a span outside the text is left to the other checks."""
        start, end = chunk.values["start"], chunk.values["end"]
        if 0 <= start <= end <= self._alignments[-1].length:
            self._places.append(chunk.place)
            stated = chunk.values["byte_start"], chunk.values["byte_end"]
            self._spans.append((len(self._alignments) - 1, start, end, *stated))

    def end(self, audit: Audit) -> None:
        """All chunks of the document were added: check them now, or with those of others."""
        if self._breaks > MOST_BREAKS:
            self.check(audit)

    def check(self, audit: Audit) -> None:
        """Check the chunks that were added and not checked yet."""
        if self._spans:
            numbers, starts, ends, byte_starts, byte_ends = np.array(self._spans, np.int64).T
            low, high = JoinedAlignment.of(self._alignments).source_spans(numbers, starts, ends)
            for index in np.flatnonzero((low != byte_starts) | (high != byte_ends)).tolist():
                *_, start, end = self._spans[index]
                expected = f"{low[index]} to {high[index]}"
                audit.expect(False, self._places[index], f"its bytes are {expected}, not {start} to {end}")
        self._alignments, self._breaks, self._places, self._spans = [], 0, [], []
