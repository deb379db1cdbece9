"""A chunk cut at the edits in it, so that its raw text and its final text can be shown side by side."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np

from hanpack.edits import EditRow, Edits
from hanpack.sources.raw import RawSource
from hanpack.store.reader import Row
from hanpack.views.source_contents import decode_span
from hanpack.views.visible_text import clip_text


@dataclass(frozen=True, slots=True)
class ChunkPart:
    """A part of a chunk, its raw and its final text; ``step`` and ``kind`` are empty if it has no edit."""

    step: str
    kind: str
    raw: str
    text: str


def cut_chunk(chunk: Row, document: Row, raw: RawSource | None) -> list[ChunkPart]:
    """Cut a chunk where edits begin and end; edits that share bytes or characters are one part.

    ``document`` is the row of its document, ``raw`` the content of its source, None if that is not at hand:
    the parts then have no raw text. The parts together are the chunk's text and, headings apart, its bytes; a
    very long part is clipped.
    """
    heading = chunk.get("heading_characters") or 0
    parts = [ChunkPart("heading", "inserted", "", clip_text(chunk["text"][:heading]))] if heading else []
    edits = _join_overlapping(_find_edits(chunk, document["edits"]))
    parts += [_make_part(edit, document["text"], raw) for edit in _fill_gaps(edits, chunk)]
    return [part for part in parts if part.raw or part.text]


def _make_part(edit: EditRow, text: str, raw: RawSource | None) -> ChunkPart:
    raw_text = (
        decode_span(raw, edit.byte_start, edit.byte_end) if raw and edit.byte_start < edit.byte_end else ""
    )
    return ChunkPart(edit.step, edit.kind, clip_text(raw_text), clip_text(text[edit.start : edit.end]))


def _fill_gaps(edits: Iterable[EditRow], chunk: Row) -> Iterator[EditRow]:
    """The edits of a chunk, and before, between and after them the unedited spans, without step and kind."""
    byte, character = chunk["byte_start"], chunk["start"]
    for edit in edits:
        yield EditRow("", "", start=character, end=edit.start, byte_start=byte, byte_end=edit.byte_start)
        yield edit
        byte, character = edit.byte_end, edit.end
    yield EditRow("", "", start=character, end=chunk["end"], byte_start=byte, byte_end=chunk["byte_end"])


def _find_edits(chunk: Row, edits: Edits) -> list[EditRow]:
    """The edits in a chunk, clipped to it, in the order of the bytes."""
    byte_start, byte_end, start, end = (chunk[name] for name in ("byte_start", "byte_end", "start", "end"))
    inside = (edits.byte_end > byte_start) & (edits.byte_start < byte_end)
    without_bytes = edits.byte_start == edits.byte_end
    inside |= without_bytes & (edits.start < end) & (edits.end > start)
    chosen = edits.take(np.flatnonzero(inside))
    clipped = replace(
        chosen,
        start=np.clip(chosen.start, start, end),
        end=np.clip(chosen.end, start, end),
        byte_start=np.clip(chosen.byte_start, byte_start, byte_end),
        byte_end=np.clip(chosen.byte_end, byte_start, byte_end),
    )
    return sorted(_cut_at_removals(list(clipped.rows())), key=_order)


def _cut_at_removals(edits: Sequence[EditRow]) -> Iterator[EditRow]:
    """The same edits, each cut where another removed bytes inside it, since that position is exact."""
    removed = [edit for edit in edits if edit.kind == "removed" and edit.start == edit.end]
    removals = sorted(removed, key=_order)
    keys = [_order(removal) for removal in removals]
    for edit in edits:
        remaining, byte_end = edit, edit.byte_end
        later = removals[bisect_right(keys, _order(edit)) :] if edit.start < edit.end else []
        for removal in takewhile(lambda removal: removal.byte_end < byte_end, later):  # noqa: B023 (used at once)
            if remaining.byte_start < removal.byte_start and remaining.start < removal.start < remaining.end:
                yield replace(remaining, byte_end=removal.byte_start, end=removal.start)
                remaining = replace(remaining, byte_start=removal.byte_end, start=removal.start)
        yield remaining


def _join_overlapping(edits: Sequence[EditRow]) -> Iterator[EditRow]:
    """The same edits, in order; those that share bytes or characters are joined."""
    group: list[EditRow] = []
    byte_end = end = 0
    for edit in edits:
        if group and edit.byte_start >= byte_end and edit.start >= end:
            yield _join(group)
            group = []
            byte_end = end = 0
        group.append(edit)
        byte_end, end = max(byte_end, edit.byte_end), max(end, edit.end)
    if group:
        yield _join(group)


def _join(edits: Sequence[EditRow]) -> EditRow:
    kinds = {edit.kind for edit in edits}
    return EditRow(
        step=" + ".join(dict.fromkeys(edit.step for edit in edits)),
        kind=edits[0].kind if len(kinds) == 1 else "replaced",
        start=min(edit.start for edit in edits),
        end=max(edit.end for edit in edits),
        byte_start=min(edit.byte_start for edit in edits),
        byte_end=max(edit.byte_end for edit in edits),
    )


def _order(edit: EditRow) -> tuple[int, int, int, int]:
    return edit.byte_start, edit.byte_end, edit.start, edit.end
