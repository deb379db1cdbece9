"""Makes the rows of a finished text: its document, chunks, edits, dedup features and packed sequences."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate

import numpy as np

from hanpack.edits import place_edits
from hanpack.model import ChunkRow, DedupFeatures, DocumentRow, PackedRow, PageBox, PlacedText, Record
from hanpack.steps.chunk.headings import MarkedHeading
from hanpack.steps.chunk.splitting import Splitting, split_prepared
from hanpack.steps.dedup.minhash import Signature
from hanpack.steps.dedup.partitions import choose_partition
from hanpack.steps.dedup.sentences import Sentences
from hanpack.steps.edit_list import JoinedEdits
from hanpack.steps.joined_alignment import JoinedAlignment
from hanpack.steps.quality import QualityFigures
from hanpack.steps.tokens.packing import PackedSequence, pack
from hanpack.steps.traced import Traced
from hanpack.tools import Tools


@dataclass(frozen=True, slots=True)
class FinishedText:
    """A text after the last step, with its record.

    ``signature`` and ``sentences`` are what is compared with other documents, the latter None if the recipe
    does not look for passages; ``damage`` is the number of its edits that undid or flagged damage.
    """

    record: Record
    traced: Traced
    signature: Signature
    sentences: Sentences | None
    damage: int
    quality: QualityFigures


def describe_documents(
    texts: Sequence[FinishedText], alignment: JoinedAlignment, edits: JoinedEdits, tools: Tools
) -> list[DocumentRow]:
    """Split finished texts and make their rows, each stage for all texts at once.

    ``alignment`` and ``edits`` are those of all texts.
    """
    tracked = [text.traced for text in texts]
    ids = [identify(traced.text) for traced in tracked]
    tokenized = tools.counter.prepare_all([traced.text for traced in tracked])
    headings = [place_headings(traced) if traced.headings else () for traced in tracked]
    splittings = {
        name: [
            split_prepared(traced.text, tools.counter, tokens, settings, marked)
            for traced, tokens, marked in zip(tracked, tokenized, headings, strict=True)
        ]
        for name, settings in tools.chunk_settings.items()
    }
    del tokenized
    pages = [place_regions(traced) if traced.regions else () for traced in tracked]
    rows = {
        name: _chunk_rows(tracked, ids, alignment, pages, of_texts) for name, of_texts in splittings.items()
    }
    columns = (ids, splittings["chunks"], place_edits(edits, alignment), pages)
    documents: list[DocumentRow] = []
    for text, identity, splitting, of_text, places, *chunks in zip(
        texts, *columns, *rows.values(), strict=True
    ):
        traced, source, signature = text.traced, text.record.source, text.signature
        documents.append(
            DocumentRow(
                id=identity,
                text=traced.text,
                encoding=text.record.codec,
                script=traced.script,
                token_count=splitting.token_count,
                metadata=traced.metadata,
                edits=of_text,
                alignment=traced.alignment,
                chunks=dict(zip(rows, chunks, strict=True)),
                quality=text.quality,
                pages=places,
                split=choose_partition(tools.partitions, signature.exact, source.path, traced.metadata),
                dedup_features=DedupFeatures(signature, text.damage, text.sentences),
            )
        )
    return documents


def _chunk_rows(
    texts: Sequence[Traced],
    ids: Sequence[str],
    alignment: JoinedAlignment,
    pages: Sequence[Sequence[PlacedText]],
    splittings: Sequence[Splitting],
) -> list[tuple[ChunkRow, ...]]:
    """The rows of the chunks of each text; the spans of all chunks are mapped to bytes at once."""
    counts = [len(splitting.chunks) for splitting in splittings]
    chunks = [chunk for splitting in splittings for chunk in splitting.chunks]
    low, high = alignment.source_spans(
        np.repeat(np.arange(len(texts)), counts),
        np.array([chunk.start for chunk in chunks], np.int64),
        np.array([chunk.end for chunk in chunks], np.int64),
    )
    spans = zip(low.tolist(), high.tolist(), strict=True)
    rows: list[tuple[ChunkRow, ...]] = []
    for traced, identity, places, splitting in zip(texts, ids, pages, splittings, strict=True):
        document = traced.text
        of_text: list[ChunkRow] = []
        for index, chunk in enumerate(splitting.chunks):
            text = chunk.heading + document[chunk.start : chunk.end]
            byte_start, byte_end = next(spans)
            of_text.append(
                ChunkRow(
                    id=identity if text is document else identify(text),
                    text=text,
                    token_count=chunk.token_count,
                    index=index,
                    section=chunk.section,
                    start=chunk.start,
                    end=chunk.end,
                    byte_start=byte_start,
                    byte_end=byte_end,
                    heading_characters=len(chunk.heading),
                    pages=find_page_boxes(places, chunk.start, chunk.end) if places else (),
                )
            )
        rows.append(tuple(of_text))
    return rows


def place_headings(traced: Traced) -> tuple[MarkedHeading, ...]:
    """Where the headings are that the source of a finished text marks; one that was removed is left out."""
    starts, ends = traced.alignment.text_spans(
        np.array([heading.byte_start for heading in traced.headings], np.int64),
        np.array([heading.byte_end for heading in traced.headings], np.int64),
    )
    return tuple(
        MarkedHeading(start, end, heading.level)
        for heading, start, end in zip(traced.headings, starts.tolist(), ends.tolist(), strict=True)
        if traced.text[start:end].strip()
    )


def place_regions(traced: Traced) -> tuple[PlacedText, ...]:
    """Where the text of each region of a finished text is; a region whose text was removed is left out."""
    starts, ends = traced.alignment.text_spans(
        np.array([region.byte_start for region in traced.regions], np.int64),
        np.array([region.byte_end for region in traced.regions], np.int64),
    )
    return tuple(
        PlacedText(start, end, region.page, region.left, region.top, region.right, region.bottom)
        for region, start, end in zip(traced.regions, starts.tolist(), ends.tolist(), strict=True)
        if start < end
    )


def find_page_boxes(places: Sequence[PlacedText], start: int, end: int) -> tuple[PageBox, ...]:
    """The pages on which the characters ``[start, end)`` of a document stand, each with the box around them.

    >>> places = [PlacedText(0, 5, 1, 0.1, 0.5, 0.9, 0.6), PlacedText(5, 9, 2, 0.1, 0.2, 0.8, 0.3)]
    >>> [(box.page, box.left, box.right) for box in find_page_boxes(places, 3, 6)]
    [(1, 0.1, 0.9), (2, 0.1, 0.8)]
    """
    boxes: dict[int, PageBox] = {}
    for place in places[bisect_right(places, start, key=_get_end) :]:
        if place.start >= end:
            break
        box = PageBox(place.page, place.left, place.top, place.right, place.bottom)
        boxes[place.page] = _join_boxes(boxes[place.page], box) if place.page in boxes else box
    return tuple(boxes.values())


def _get_end(place: PlacedText) -> int:
    return place.end


def _join_boxes(first: PageBox, second: PageBox) -> PageBox:
    return PageBox(
        page=first.page,
        left=_choose(min, first.left, second.left),
        top=_choose(min, first.top, second.top),
        right=_choose(max, first.right, second.right),
        bottom=_choose(max, first.bottom, second.bottom),
    )


def _choose(
    choose: Callable[[float, float], float], first: float | None, second: float | None
) -> float | None:
    """The lesser or the greater of two sides; the one that is known if the other is not."""
    if first is None or second is None:
        return second if first is None else first
    return choose(first, second)


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
            seq_lengths=_measure_pieces(sequence),
            document_starts=tuple(piece.start for piece in sequence.pieces),
        )
        for sequence in pack(tokens, tools.packed.tokens, tools.end_of_text)
    ]


def _measure_pieces(sequence: PackedSequence) -> tuple[int, ...]:
    """The lengths of the pieces of a sequence and of its padding, in tokens; they add up to its length."""
    padding = len(sequence.input_ids) - sequence.token_count
    return (*(piece.length for piece in sequence.pieces), *([padding] if padding else []))


def identify(text: str) -> str:
    """The id of a text: 80 bits of the BLAKE2b hash of its UTF-8, in hexadecimal.

    >>> identify("第一段。")
    '2df8c2d1d5c7781a7814'
    """
    return identify_bytes(text.encode("utf-8", "surrogatepass"))


def identify_bytes(text: bytes) -> str:
    """The id of a text that is given in UTF-8."""
    return blake2b(text, digest_size=10).hexdigest()
