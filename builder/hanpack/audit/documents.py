"""Checks documents and chunks: ids, spans, alignments, edits, counts and budgets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hanpack.audit.findings import Audit
from hanpack.audit.reading import Row, Sources, read_rows
from hanpack.files.manifest import Manifest
from hanpack.flow import identify
from hanpack.recipe import Recipe
from hanpack.steps.alignment import Alignment
from hanpack.steps.tokens import Counter

Progress = Callable[[str, int, int], None]


def check_documents(
    audit: Audit,
    folder: Path,
    manifest: Manifest,
    sources: Sources,
    tokenizer: Counter,
    progress: Progress | None,
) -> None:
    """Check the documents against the raw bytes of their sources."""
    seen: set[str] = set()
    for number, (where, document) in enumerate(read_rows(folder, manifest, "documents")):
        audit.count("documents")
        _check_id(audit, where, document, seen)
        _check_blocks(audit, where, document, sources)
        _check_edits(audit, where, document)
        counted = tokenizer.count(document["text"])
        audit.expect(
            counted == document["token_count"], where, f"it has {counted} tokens, not the count given"
        )
        if progress:
            progress("documents", number + 1, manifest.totals["documents"])


def _check_id(audit: Audit, where: str, row: Row, seen: set[str]) -> None:
    """An id is its text's, and nobody else's: a copy of the text bears a number."""
    name, number = row["id"].partition("-")[::2]
    derived = name == identify(row["text"]) and (not number or number.isdecimal())
    audit.expect(derived, where, "its id is not that of its text")
    audit.expect(row["id"] not in seen, where, f"the id {row['id']} stands twice")
    seen.add(row["id"])


def _check_edits(audit: Audit, where: str, document: Row) -> None:
    length, low, high = len(document["text"]), document["byte_start"], document["byte_end"]
    for edit in document["edits"]:
        inside = (
            0 <= edit["start"] <= edit["end"] <= length
            and low <= edit["byte_start"] <= edit["byte_end"] <= high
        )
        audit.expect(inside, where, f"an edit of {edit['step']} lies outside the text or the record")


def check_chunks(
    audit: Audit,
    folder: Path,
    manifest: Manifest,
    name: str,
    tokenizer: Counter,
    progress: Progress | None,
) -> None:
    """Check a table of chunks against the documents, which come in the same order."""
    budget = Recipe.model_validate(manifest.recipe).budgets[name].max_tokens
    total = manifest.totals["tables"][name]["chunks"]
    chunks = read_rows(folder, manifest, name)
    chunk = next(chunks, None)
    seen: set[str] = set()
    for where, document in read_rows(folder, manifest, "documents"):
        aligned = _read_alignment(document)
        reached = index = 0
        while chunk is not None and chunk[1]["document_id"] == document["id"]:
            place, row = chunk
            audit.count("chunks")
            audit.expect(row["chunk_index"] == index, place, f"its index is not {index}")
            audit.expect(row["start"] <= reached, place, f"characters {reached} to {row['start']} are lost")
            reached, index = row["end"], index + 1
            _check_id(audit, place, row, seen)
            _check_chunk(audit, place, row, document, aligned)
            tokens = tokenizer.count(row["text"])
            audit.expect(tokens == row["token_count"], place, f"it has {tokens} tokens, not the count given")
            audit.expect(tokens <= budget, place, f"its {tokens} tokens are over the budget of {budget}")
            chunk = next(chunks, None)
            if progress:
                progress(name, audit.checked["chunks"], total)
        audit.expect(reached == len(document["text"]), where, f"its {name} end at character {reached}")
        right = name != "chunks" or index == document["chunk_count"]
        audit.expect(right, where, f"it has {index} chunks, not the count given")
    audit.expect(chunk is None, chunk[0] if chunk else "", "it belongs to another document or to none")


def _check_chunk(audit: Audit, where: str, chunk: Row, document: Row, aligned: Alignment | None) -> None:
    start, end = chunk["start"], chunk["end"]
    body = chunk["text"][chunk.get("heading_characters") or 0 :]
    same = document["text"][start:end] == body
    audit.expect(same, where, f"its text is not characters {start} to {end} of the document")
    for name in ("source", "source_sha256", "metadata"):
        audit.expect(chunk[name] == document[name], where, f"its {name} is not its document's")
    if aligned is not None:
        span = aligned.source_span(start, end)
        given = (chunk["byte_start"], chunk["byte_end"])
        audit.expect(
            given == span, where, f"its bytes are {span[0]} to {span[1]}, not {given[0]} to {given[1]}"
        )


def _is_sound(document: Row) -> bool:
    """Whether the breaks cover the text and the record's bytes in order."""
    text, source = document["text_breaks"], document["byte_breaks"]
    return (
        len(text) == len(source)
        and len(text) >= 2
        and bool((np.diff(text) >= 0).all() and (np.diff(source) >= 0).all())
        and (text[0], text[-1]) == (0, len(document["text"]))
        and (source[0], source[-1]) == (document["byte_start"], document["byte_end"])
    )


def _read_alignment(document: Row) -> Alignment | None:
    """The alignment of a document as its row has it: a block an edit rewrote is a unit."""
    if not _is_sound(document):
        return None
    text, source = document["text_breaks"], document["byte_breaks"]
    sizes, widths = np.diff(text), np.diff(source)
    one_sided = (sizes == 0) | (widths == 0)
    even = ~_edited(source, document["edits"]) & (widths % np.maximum(sizes, 1) == 0)
    return Alignment(text, source, one_sided | even)


def _check_blocks(audit: Audit, where: str, document: Row, sources: Sources) -> None:
    """Check every block no edit touched against the raw bytes."""
    sound = _is_sound(document)
    if not audit.expect(sound, where, "its alignment does not cover its text and its bytes in order"):
        return
    text, source = document["text_breaks"], document["byte_breaks"]
    raw = sources.content(document["source"])
    kept = ~_edited(source, document["edits"]) & (text[1:] > text[:-1])
    for first, last in _runs(kept):
        low, high = int(source[first]), int(source[last])
        audit.count("blocks", last - first)
        try:
            same = raw.text(low, high) == document["text"][text[first] : text[last]]
        except ValueError:
            same = False
        audit.expect(
            same, f"{document['source']} byte {low}", f"the bytes up to {high} are not the text of {where}"
        )


def _edited(source: np.ndarray[Any, Any], edits: list[Row]) -> np.ndarray[Any, Any]:
    """Whether an edit that rewrote bytes touches a block; inserted text has none to look at."""
    spans = [(edit["byte_start"], edit["byte_end"]) for edit in edits if edit["kind"] == "replaced"]
    low, high = np.array(spans, dtype=np.int64).reshape(-1, 2).T
    marks = np.zeros(len(source) + 1, dtype=np.int64)
    np.add.at(marks, np.searchsorted(source, low, side="right") - 1, 1)
    np.subtract.at(marks, np.searchsorted(source, high, side="left"), 1)
    touched: np.ndarray[Any, Any] = np.cumsum(marks)[: len(source) - 1] > 0
    touched |= source[1:] == source[:-1]
    return touched


def _runs(kept: np.ndarray[Any, Any]) -> Iterator[tuple[int, int]]:
    """Runs of neighbouring untouched blocks, as spans of break indexes."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], kept.view(np.int8), [0]))))
    yield from zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True)
