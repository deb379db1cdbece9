"""Makes the rows of a finished text: its document, chunks, edits, dedup features and packed sequences."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from itertools import accumulate

import numpy as np

from hanpack.model import ChunkRow, DedupFeatures, DocumentRow, Edits, PackedRow, Record
from hanpack.steps.chunk import Chunk, Splitting, split_text
from hanpack.steps.dedup import FoldedText, choose_partition, compute_signature, find_sentences
from hanpack.steps.tokens.packing import pack
from hanpack.steps.traced import Traced, locate_edits
from hanpack.tools import Tools


def describe_document(
    traced: Traced, folded: FoldedText, record: Record, damage: int, tools: Tools
) -> DocumentRow:
    """Split a finished text and make its rows.

    ``folded`` is the same text folded for comparison; ``damage`` is the number of its edits that undid or
    flagged damage.
    """
    splittings = {
        name: split_text(traced.text, tools.counter, settings)
        for name, settings in tools.chunk_settings.items()
    }
    signature = compute_signature(folded)
    sentences = find_sentences(traced.text, folded) if tools.duplicates.passages != "keep" else None
    return DocumentRow(
        id=identify(traced.text),
        text=traced.text,
        encoding=record.source.encoding or "utf-8",
        script=traced.script,
        token_count=splittings["chunks"].token_count,
        metadata=traced.metadata,
        edits=edit_columns(traced),
        alignment=traced.alignment,
        chunks={name: _chunk_rows(traced, splitting) for name, splitting in splittings.items()},
        split=choose_partition(tools.partitions, signature.exact, record.source.path, traced.metadata),
        dedup_features=DedupFeatures(signature, damage, sentences),
    )


def _chunk_rows(traced: Traced, splitting: Splitting) -> tuple[ChunkRow, ...]:
    chunks = splitting.chunks
    low, high = traced.alignment.source_spans(
        [chunk.start for chunk in chunks], [chunk.end for chunk in chunks]
    )
    rows = zip(chunks, low.tolist(), high.tolist(), strict=True)
    return tuple(_chunk_row(traced.text, index, *row) for index, row in enumerate(rows))


def _chunk_row(document: str, index: int, chunk: Chunk, byte_start: int, byte_end: int) -> ChunkRow:
    text = chunk.heading + document[chunk.start : chunk.end]
    return ChunkRow(
        id=identify(text),
        text=text,
        token_count=chunk.token_count,
        index=index,
        section=chunk.section,
        start=chunk.start,
        end=chunk.end,
        byte_start=byte_start,
        byte_end=byte_end,
        heading_characters=len(chunk.heading),
    )


def pack_documents(documents: Iterable[tuple[str, str]], tools: Tools) -> list[PackedRow]:
    """Pack documents, as pairs (id, text), into training sequences; none if the recipe does not want them."""
    if tools.packed is None or tools.end_of_text is None:
        return []
    named = list(documents)
    tokens = [tools.counter.encode(text).astype(np.int32) for _, text in named]
    return [
        PackedRow(
            input_ids=sequence.input_ids,
            token_count=sequence.token_count,
            document_ids=tuple(named[piece.document][0] for piece in sequence.pieces),
            starts=tuple(accumulate((piece.length for piece in sequence.pieces[:-1]), initial=0)),
            document_starts=tuple(piece.start for piece in sequence.pieces),
        )
        for sequence in pack(tokens, tools.packed.tokens, tools.end_of_text)
    ]


def edit_columns(traced: Traced) -> Edits:
    """The edits of a finished text, each with the span of the text it made."""
    starts, ends = locate_edits(traced)
    edits = traced.edits
    return Edits(
        step=[edit.step for edit in edits],
        kind=[edit.kind for edit in edits],
        start=starts,
        end=ends,
        byte_start=np.array([edit.byte_start for edit in edits], dtype=np.int64),
        byte_end=np.array([edit.byte_end for edit in edits], dtype=np.int64),
    )


def identify(text: str) -> str:
    """The id of a text: 80 bits of the BLAKE2b hash of its UTF-8, in hexadecimal.

    >>> identify("第一段。")
    '2df8c2d1d5c7781a7814'
    """
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
