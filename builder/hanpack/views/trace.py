"""Traces a chunk to the bytes it came from: raw text, final text and every edit between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from hanpack.edits import EditRow, Edits
from hanpack.errors import VerifyError, require_type
from hanpack.sources.formats import find_line
from hanpack.sources.raw import RawSource
from hanpack.store.reader import BuildReader, Row
from hanpack.store.row_ids import find_row
from hanpack.store.work_folder import require_root
from hanpack.views.edited_chunks import ChunkPart, cut_chunk
from hanpack.views.source_contents import SourceContents, decode_span
from hanpack.wording import format_count


@dataclass(frozen=True, slots=True)
class TracedEdit:
    """An edit of a chunk, with the raw text of its bytes and the document's text of its span."""

    edit: EditRow
    raw: str
    text: str


@dataclass(frozen=True, slots=True, repr=False)
class Trace:
    """A chunk, the raw text of its bytes, the edits between them in the order of the bytes, and its parts.

    ``chunk`` is its row, a dict of the columns: its text is ``chunk["text"]``. A notebook shows the raw
    text and the text side by side, with what was changed marked, and a table of the edits.
    Unless ``has_sources``, they were not at hand, and there is no raw text. ``line`` is the line of the
    record in its source, from 1, if the format has a record in each line and the build is on this machine.
    """

    chunk: Row
    raw: str
    edits: Sequence[TracedEdit]
    parts: Sequence[ChunkPart]
    has_sources: bool = True
    line: int | None = None

    def __repr__(self) -> str:
        chunk = self.chunk
        place = f"bytes {chunk['byte_start']}–{chunk['byte_end']} of {chunk['source']!r}"
        return f"<Trace of {chunk['id']}: {place}, {format_count(len(self.edits), 'edit')}>"

    def _repr_html_(self) -> str:
        # Only notebooks call it.
        from hanpack.views.notebook import render_trace

        return render_trace(self)

    def as_json(self) -> dict[str, Any]:
        """The trace for programs."""
        edits = [
            {**asdict(traced.edit), "raw": self._show(traced.raw), "text": traced.text}
            for traced in self.edits
        ]
        return {"chunk": self.chunk, "raw": self._show(self.raw), "edits": edits}

    def _show(self, raw: str) -> str | None:
        return raw if self.has_sources else None


def trace(build: str | PathLike[str], chunk_id: str, sources: str | PathLike[str] | None = None) -> Trace:
    """Trace a chunk of a build, by its id or the beginning of it.

    ``sources`` is the folder of the sources, if they were moved. ``build`` may be a URL; without ``sources``
    the trace then has no raw text.

    Raises:
        UsageError: there is no such chunk, or several ids begin so.
        VerifyError: the build cannot be read, or the source cannot or was changed after the build.
    """
    require_type(chunk_id, str, "chunk_id")
    reader = BuildReader.open(build)
    chunk = find_row(reader, "chunks", chunk_id)
    document = reader.find_row("documents", chunk["document_id"])
    if document is None:
        missing = f"the document {chunk['document_id']} is missing"
        raise VerifyError(missing, reader.place, "build again")
    raw = None
    if sources is not None or reader.remote is None:
        root = Path(sources) if sources is not None else require_root(reader.folder)
        with SourceContents(reader.manifest, root) as contents:
            raw = contents.read(document)
    return Trace(
        chunk=chunk,
        raw=decode_span(raw, chunk["byte_start"], chunk["byte_end"]) if raw else "",
        edits=_trace_edits(raw, chunk, document),
        parts=cut_chunk(chunk, document, raw),
        has_sources=raw is not None,
        line=None if reader.remote is not None else _find_line(reader, document),
    )


def _find_line(reader: BuildReader, document: Row) -> int | None:
    """The line of the record of a document, if the format of its source has a record in each line."""
    if find_line(document["source"], 0) is None:
        return None
    rows = reader.read("ledger", ["record"], pc.field("document_id") == document["id"]).to_pylist()
    return find_line(document["source"], rows[0]["record"]) if rows else None


def _trace_edits(raw: RawSource | None, chunk: Row, document: Row) -> list[TracedEdit]:
    """The edits that share bytes with a chunk, in the order of the bytes."""
    edits: Edits = document["edits"]
    touching = (edits.byte_end > chunk["byte_start"]) & (edits.byte_start < chunk["byte_end"])
    chosen = edits.take(np.flatnonzero(touching))
    in_order = chosen.take(np.lexsort((chosen.byte_end, chosen.byte_start)))
    return [
        TracedEdit(
            edit=edit,
            raw=decode_span(raw, edit.byte_start, edit.byte_end) if raw else "",
            text=document["text"][edit.start : edit.end],
        )
        for edit in in_order.rows()
    ]
