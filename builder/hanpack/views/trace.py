"""From a chunk back to the bytes it came from: raw text, final text and every edit between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hanpack.errors import UsageError
from hanpack.recipe import Recipe
from hanpack.sources.raw import RawSource, read_raw
from hanpack.store.manifest import Manifest, read_manifest
from hanpack.store.work_folder import find_root
from hanpack.views.report_samples import EditedDocument, Piece

SHOWN = 40


@dataclass(frozen=True, slots=True)
class TracedEdit:
    """An edit within a chunk: what stood in the source, and what stands in the document."""

    step: str
    kind: str
    byte_start: int
    byte_end: int
    start: int
    end: int
    raw: str
    text: str


@dataclass(frozen=True, slots=True)
class Trace:
    """A chunk, the raw text of its bytes, and the edits between them in the order of the bytes."""

    chunk: dict[str, Any]
    raw: str
    edits: Sequence[TracedEdit]
    pieces: Sequence[Piece]

    def as_json(self) -> dict[str, Any]:
        """The trace for programs."""
        edits = [{name: getattr(edit, name) for name in TracedEdit.__slots__} for edit in self.edits]
        return {"chunk": self.chunk, "raw": self.raw, "edits": edits}


def trace(build: Path, chunk_id: str, sources: Path | None = None) -> Trace:
    """Trace a chunk of a build; ``sources`` is the folder the sources lie in now.

    Raises:
        UsageError: there is no such chunk.
        VerifyError: the build or the source cannot be read.
    """
    manifest = read_manifest(build)
    chunk = _find(build, manifest, "chunks", chunk_id)
    document = _find(build, manifest, "documents", chunk["document_id"])
    source = next(one for one in manifest.sources if one.path == chunk["source"])
    root = sources or find_root(build)
    raw = read_raw(source, root, Recipe.model_validate(manifest.recipe))
    edits = _edits(raw, chunk, document)
    pieces = EditedDocument.of_row(document, raw).pieces(chunk)
    return Trace(chunk, _shown(raw, chunk["byte_start"], chunk["byte_end"]), edits, pieces)


def _find(build: Path, manifest: Manifest, name: str, identity: str) -> dict[str, Any]:
    for file in manifest.tables[name]:
        table = pq.read_table(build / file.path, filters=pc.field("id") == identity)
        if table.num_rows:
            row: dict[str, Any] = table.to_pylist()[0]
            return row
    raise UsageError(f"there is no row {identity!r} in {name}", str(build), "hanpack inspect shows some ids")


def _edits(raw: RawSource, chunk: dict[str, Any], document: dict[str, Any]) -> list[TracedEdit]:
    """The edits that touch the chunk's bytes, in the order of the bytes."""
    low, high = chunk["byte_start"], chunk["byte_end"]
    found = [
        TracedEdit(
            **edit,
            raw=_shown(raw, edit["byte_start"], edit["byte_end"]),
            text=document["text"][edit["start"] : edit["end"]],
        )
        for edit in document["edits"]
        if edit["byte_end"] > low and edit["byte_start"] < high
    ]
    return sorted(found, key=lambda edit: (edit.byte_start, edit.byte_end))


def _shown(raw: RawSource, start: int, end: int) -> str:
    try:
        return raw.text(start, end)
    except ValueError:
        return raw.content[start:end].decode(raw.encoding, "replace")


def show_trace(traced: Trace) -> RenderableType:
    """A trace for the terminal: the facts, raw and final text side by side, and the edits."""
    chunk = traced.chunk
    facts = Table(show_header=False, title=f"chunk {chunk['id']}", title_justify="left")
    facts.add_column(style="bold")
    facts.add_column(overflow="fold")
    for name in ("document_id", "chunk_index", "source", "source_sha256", "token_count"):
        facts.add_row(name, Text(str(chunk[name])))
    facts.add_row("bytes", f"{chunk['byte_start']} to {chunk['byte_end']}")
    facts.add_row("characters", f"{chunk['start']} to {chunk['end']} of the document")
    facts.add_row("section", Text(" › ".join(chunk["section"])))
    for name, value in (chunk["metadata"] or {}).items():
        if value is not None:
            facts.add_row(name, Text(str(value)))
    raw, final = Text(), Text()
    for piece in traced.pieces:
        raw.append(piece.raw, "red" if piece.step else "")
        final.append(piece.text, "green" if piece.step else "")
    sides = Table(show_lines=True)
    sides.add_column(Text(f"raw: {chunk['source']}"), ratio=1, overflow="fold")
    sides.add_column("document", ratio=1, overflow="fold")
    sides.add_row(raw, final)
    edits = Table(title=f"{len(traced.edits)} edits", title_justify="left")
    for heading in ("step", "kind", "bytes", "raw", "document"):
        edits.add_column(heading, overflow="fold")
    for edit in traced.edits[:SHOWN]:
        span = f"{edit.byte_start}–{edit.byte_end}"
        edits.add_row(edit.step, edit.kind, span, Text(repr(edit.raw)), Text(repr(edit.text)))
    more = Text(
        f"and {len(traced.edits) - SHOWN} more; --json gives all" if len(traced.edits) > SHOWN else ""
    )
    return Group(facts, sides, edits, more)
