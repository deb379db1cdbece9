"""Checks the chunks of a stretch of records by columns, as :mod:`hanpack.audit.chunks` checks their rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.audit.chunks import ENCODE_EVERY
from hanpack.audit.document_columns import DocumentColumns, have_ids_of_texts
from hanpack.audit.recount import Recount
from hanpack.documents import find_page_boxes
from hanpack.model import PlacedText
from hanpack.steps.alignment import Positions
from hanpack.steps.tokens.tokenized_text import TokenizedText
from hanpack.store.chunk_metadata import describe_chunks

HEADING = "heading_characters"
# The columns that a chunk has of its document.
OF_DOCUMENT = ("source", "source_sha256")


def are_chunks_of(chunks: pa.Table, documents: DocumentColumns) -> bool:
    """Whether some chunks are, one after the other, the chunks of some documents, all that is in them."""
    table = documents.table
    owners = find_owners(chunks, table)
    counts = np.bincount(owners, minlength=table.num_rows)
    if (owners < 0).any() or (np.diff(owners) < 0).any() or not counts.all():
        return False
    firsts = np.cumsum(counts) - counts
    index = np.arange(len(owners)) - np.repeat(firsts, counts)
    if not np.array_equal(index, chunks.column("chunk_index").to_numpy()):
        return False
    start, end = (chunks.column(name).to_numpy() for name in ("start", "end"))
    lengths = pc.utf8_length(table.column("text")).to_numpy()
    before = np.concatenate(([0], end[:-1]))
    before[firsts] = 0
    # Chunks may overlap, but leave out no character.
    if (start < 0).any() or (start > before).any() or (start > end).any() or (end > lengths[owners]).any():
        return False
    if (end[firsts + counts - 1] != lengths).any():
        return False
    low, high = documents.alignment.source_spans(owners, start, end)
    stated = (chunks.column(name).to_numpy() for name in ("byte_start", "byte_end"))
    return (
        all(map(np.array_equal, (low, high), stated))
        and all(chunks.column(name).equals(table.column(name).take(pa.array(owners))) for name in OF_DOCUMENT)
        and _have_metadata(chunks, table, owners)
        and have_ids_of_texts(chunks)
        and _have_texts(chunks, documents, owners, is_contiguous=bool((start == before).all()))
        and _have_pages(chunks, documents, owners)
    )


def find_owners(chunks: pa.Table, documents: pa.Table) -> Positions:
    """The number of the document of each chunk, -1 if it is none of these."""
    ids = documents.column("id").combine_chunks()
    owners: Positions = pc.fill_null(pc.index_in(chunks.column("document_id"), ids), -1).to_numpy()
    return owners


def have_counts(
    chunks: pa.Table, documents: DocumentColumns, tokenized: Mapping[int, TokenizedText], recount: Recount
) -> bool:
    """Whether each chunk that is counted again has as many tokens as it says.

    These are the chunks of the documents that are given as tokens, whose counts mostly follow from them, and
    those that ``recount`` chooses; some are encoded all the same.
    """
    if recount.tokenizer is None:
        return True
    owners = find_owners(chunks, documents.table)
    start, end = (chunks.column(name).to_numpy() for name in ("start", "end"))
    shifts = documents.alignment.text_shifts[owners]
    chosen = recount.choose_chunks(documents.codes, shifts + start, shifts + end)
    is_derived = np.isin(owners, list(tokenized)) & ~chosen
    names = [name for name in ("start", "end", "token_count", "text", HEADING) if name in chunks.column_names]
    indexes = np.flatnonzero(chosen | is_derived)
    rows = chunks.select(names).take(pa.array(indexes)).to_pylist()
    return all(
        (
            tokenized[owner].count(row["start"], row["end"])
            if derived and not row.get(HEADING) and number % ENCODE_EVERY
            else recount.tokenizer.count(row["text"])
        )
        == row["token_count"]
        for number, (owner, derived, row) in enumerate(
            zip(owners[indexes].tolist(), is_derived[indexes].tolist(), rows, strict=True)
        )
    )


def _have_metadata(chunks: pa.Table, documents: pa.Table, owners: Positions) -> bool:
    """Whether the metadata of each chunk are its document's, and of a thread those of its posts."""
    metadata = documents.column("metadata").combine_chunks()
    spans = (chunks.column(name).to_numpy() for name in ("byte_start", "byte_end"))
    return bool(chunks.column("metadata").combine_chunks().equals(describe_chunks(metadata, owners, *spans)))


def _have_texts(
    chunks: pa.Table, documents: DocumentColumns, owners: Positions, *, is_contiguous: bool
) -> bool:
    """Whether the text of each chunk, after its headings, is that of its span of the document."""
    start, end = (chunks.column(name).to_numpy() for name in ("start", "end"))
    has_headings = HEADING in chunks.column_names
    headings = chunks.column(HEADING).to_numpy() if has_headings else np.zeros_like(start)
    if is_contiguous and not headings.any():
        # All texts joined are all documents joined, and each is as long as its span.
        sizes = pc.utf8_length(chunks.column("text")).to_numpy()
        same_sizes = np.array_equal(sizes, end - start)
        return same_sizes and np.array_equal(_join_texts(chunks), _join_texts(documents.table))
    rows = zip(
        chunks.column("text").to_pylist(),
        headings.tolist(),
        owners.tolist(),
        start.tolist(),
        end.tolist(),
        strict=True,
    )
    texts = documents.texts
    return all(text[heading:] == texts[owner][low:high] for text, heading, owner, low, high in rows)


def _join_texts(table: pa.Table) -> npt.NDArray[np.uint8]:
    """The texts of a table joined, in UTF-8."""
    column = table.column("text").combine_chunks()
    _, offsets, data = column.buffers()
    places = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    if data is None:
        return np.zeros(0, np.uint8)
    return np.frombuffer(data, np.uint8)[places[0] : places[-1]]


def _have_pages(chunks: pa.Table, documents: DocumentColumns, owners: Positions) -> bool:
    """Whether the pages of each chunk are those of its characters."""
    if not any(len(pc.list_flatten(table.column("pages"))) for table in (chunks, documents.table)):
        return True
    places = [
        [PlacedText(**place) for place in pages or ()]
        for pages in documents.table.column("pages").to_pylist()
    ]
    rows = chunks.select(["start", "end", "pages"]).to_pydict()
    return all(
        (pages or []) == [asdict(box) for box in find_page_boxes(places[owner], start, end)]
        for owner, start, end, pages in zip(owners.tolist(), *rows.values(), strict=True)
    )
