"""Checks the chunks of a document: spans, texts, bytes, counts and budgets, and that nothing is left out."""

from __future__ import annotations

from collections.abc import Mapping

from hanpack.audit.documents import Ids
from hanpack.audit.findings import Audit
from hanpack.audit.reading import Row, Rows
from hanpack.steps.alignment import Alignment
from hanpack.steps.tokens.counting import TokenCounter, TokenizedText

# Every so many chunks one is encoded by itself, whatever is known of its document's tokens.
ALONE = 32


class ChunkTable:
    """The chunks of a table, which come in the order of the documents of their split."""

    def __init__(self, name: str, splits: Mapping[str, Rows], budget: int, tokenizer: TokenCounter) -> None:
        self.name = name
        self._splits = splits
        self._budget = budget
        self._tokenizer = tokenizer
        self._ids = Ids()
        self._checked = 0

    def check(
        self,
        audit: Audit,
        split: str,
        where: str,
        document: Row,
        aligned: Alignment | None,
        counted: TokenizedText,
    ) -> None:
        """Check the chunks of the next document; ``counted`` are its tokens, by the reference."""
        rows = self._splits.get(split)
        found: list[tuple[str, Row]] = []
        while rows and rows.next and rows.next[1]["document_id"] == document["id"]:
            found.append(rows.next)
            rows.take()
        reached = 0
        for index, (place, row) in enumerate(found):
            audit.expect(row["chunk_index"] == index, place, f"its index is not {index}")
            audit.expect(row["start"] <= reached, place, f"characters {reached} to {row['start']} are lost")
            reached = row["end"]
            self._check_one(audit, place, row, document, counted)
        audit.count("chunks", len(found))
        if aligned is not None:
            _check_bytes(audit, found, aligned)
        whole = reached == len(document["text"])
        audit.expect(whole, where, f"its {self.name} end at character {reached}")
        right = self.name != "chunks" or len(found) == document["chunk_count"]
        audit.expect(right, where, f"it has {len(found)} chunks, not the count given")

    def finish(self, audit: Audit) -> None:
        """Check that no chunk is left."""
        for rows in self._splits.values():
            if rows.next:
                audit.expect(False, rows.next[0], "it belongs to another document or to none")
            while rows.take():
                pass

    def _check_one(self, audit: Audit, where: str, chunk: Row, document: Row, counted: TokenizedText) -> None:
        start, end, text = chunk["start"], chunk["end"], chunk["text"]
        self._ids.check(audit, where, chunk)
        heading = chunk.get("heading_characters") or 0
        same = document["text"][start:end] == text[heading:]
        audit.expect(same, where, f"its text is not characters {start} to {end} of the document")
        for name in ("source", "source_sha256", "metadata"):
            audit.expect(chunk[name] == document[name], where, f"its {name} is not its document's")
        self._checked += 1
        # The tokens of a text's part follow from those of the whole, by the law that steps/tokens.py proves.
        derived = same and not heading and 0 <= start <= end and self._checked % ALONE
        tokens = counted.count(start, end) if derived else self._tokenizer.count(text)
        told, budget = chunk["token_count"], self._budget
        audit.expect(tokens == told, where, f"it has {tokens} tokens, not the count given")
        audit.expect(tokens <= budget, where, f"its {tokens} tokens are over the budget of {budget}")


def _check_bytes(audit: Audit, chunks: list[tuple[str, Row]], aligned: Alignment) -> None:
    inside = [one for one in chunks if 0 <= one[1]["start"] <= one[1]["end"] <= aligned.length]
    low, high = aligned.source_spans([row["start"] for _, row in inside], [row["end"] for _, row in inside])
    for (where, row), span in zip(inside, zip(low.tolist(), high.tolist(), strict=True), strict=True):
        given = (row["byte_start"], row["byte_end"])
        audit.expect(
            given == span, where, f"its bytes are {span[0]} to {span[1]}, not {given[0]} to {given[1]}"
        )
