"""Chunks and edits of a build picked for its report, with the raw text they came from."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hanpack.errors import VerifyError
from hanpack.hashing import hash_file
from hanpack.model import Source
from hanpack.recipe import Recipe
from hanpack.sources.names import unescape_name
from hanpack.sources.raw import RawSource, read_raw
from hanpack.store.manifest import Manifest

Row = Mapping[str, Any]
Places = npt.NDArray[np.int64]
# An edit as its step and kind, its bytes (first, end) and its characters (first, end).
Placed = tuple[str, str, int, int, int, int]
CONTEXT = 24
LONGEST = 4000
LONGEST_EXAMPLE = 120
BATCH_ROWS = 256
# Characters that are not seen, or that turn the text around them: shown by their numbers.
_UNSEEN = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u00ad\\u061c\\u115f\\u1160\\u180e\\u200b-\\u200f\\u2028-\\u202e"
    "\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb\\ud800-\\udfff]"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a chunk; ``step`` and ``kind`` are empty where nothing was done to it."""

    step: str
    kind: str
    raw: str
    text: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A chunk, its document's script and encoding, and its text in pieces from first to last."""

    chunk: Row
    document: Row
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Example:
    """An edit: what stood in the source, what stands in the document, and the document around it."""

    before: str
    raw: str
    text: str
    after: str
    source: str
    byte_start: int


@dataclass(frozen=True, slots=True)
class Picked:
    """What was picked from a build, and the lengths of all its documents in characters."""

    samples: Sequence[Sample]
    examples: Mapping[tuple[str, str], Sequence[Example]]
    edits: Mapping[tuple[str, str], int]
    lengths: Places


def pick(build: Path, manifest: Manifest, root: Path, samples: int, examples: int) -> Picked:
    """Pick chunks spread evenly over a build, and edits spread evenly over each step and kind.

    Raises:
        VerifyError: a source is not where it should be, or is not what it was when the build was made.
    """
    chunks = _pick_chunks(build, manifest, samples)
    edits, wanted = _pick_edits(build, manifest, examples)
    sources = _Sources(manifest, root)
    by_document: dict[str, list[Row]] = {}
    for chunk in chunks:
        by_document.setdefault(chunk["document_id"], []).append(chunk)
    taken: list[Sample] = []
    found: dict[tuple[str, str], list[Example]] = {}
    lengths: list[Places] = [np.zeros(0, np.int64)]
    for first, batch in _batches(build, manifest, "documents", _DOCUMENT):
        lengths.append(pc.utf8_length(batch.column("text")).to_numpy().astype(np.int64))
        for at, identity in enumerate(batch.column("id").to_pylist()):
            if identity not in by_document and first + at not in wanted:
                continue
            document = EditedDocument.read(batch, at, sources)
            taken += [
                Sample(chunk, document.row, document.pieces(chunk)) for chunk in by_document.get(identity, [])
            ]
            for kind, index in wanted.get(first + at, []):
                found.setdefault(kind, []).append(document.example(index))
    distinct = {
        kind: list({(one.raw, one.text): one for one in all_}.values()) for kind, all_ in found.items()
    }
    return Picked(taken, distinct, edits, np.concatenate(lengths))


def make_visible(text: str) -> str:
    """The same text with every character that is not seen written as its number, a carriage return as ␍."""
    return _UNSEEN.sub(lambda found: f"⟦U+{ord(found.group()):04X}⟧", text.replace("\r", "␍"))


_DOCUMENT = ["id", "text", "source", "source_sha256", "byte_start", "byte_end", "encoding", "script", "edits"]


def _pick_chunks(build: Path, manifest: Manifest, number: int) -> list[Row]:
    total = sum(file.rows for file in manifest.tables["chunks"])
    places = np.unique(np.linspace(0, total - 1, num=min(number, total)).astype(np.int64))
    rows: list[Row] = []
    for first, batch in _batches(build, manifest, "chunks", None):
        inside = places[(places >= first) & (places < first + batch.num_rows)] - first
        rows += batch.take(pa.array(inside)).to_pylist()
    return rows


def _pick_edits(
    build: Path, manifest: Manifest, number: int
) -> tuple[dict[tuple[str, str], int], dict[int, list[tuple[tuple[str, str], int]]]]:
    """Counts by step and kind, and by document the edits that are wanted as examples."""
    counts: dict[tuple[str, str], int] = {}
    for _, steps, kinds, _ in _edit_columns(build, manifest):
        for kind, _ in _occurrences(steps, kinds):
            counts.setdefault(kind, 0)
        for kind, places in _occurrences(steps, kinds):
            counts[kind] += len(places)
    asked = {kind: np.unique(np.linspace(0, n - 1, min(number, n)).astype(int)) for kind, n in counts.items()}
    wanted: dict[int, list[tuple[tuple[str, str], int]]] = {}
    seen = dict.fromkeys(counts, 0)
    for first, steps, kinds, offsets in _edit_columns(build, manifest):
        for kind, places in _occurrences(steps, kinds):
            chosen = asked[kind] - seen[kind]
            for place in places[chosen[(chosen >= 0) & (chosen < len(places))]].tolist():
                document = int(np.searchsorted(offsets, place, side="right")) - 1
                wanted.setdefault(first + document, []).append((kind, place - int(offsets[document])))
            seen[kind] += len(places)
    return counts, wanted


def _edit_columns(build: Path, manifest: Manifest) -> Iterator[tuple[int, pa.Array, pa.Array, Places]]:
    """Batch by batch: the first document, all edits' steps and kinds, and where each document's begin."""
    columns = ["edits.list.element.step", "edits.list.element.kind"]
    for first, batch in _batches(build, manifest, "documents", columns):
        edits = batch.column("edits")
        values = edits.flatten()
        sizes = pc.list_value_length(edits).to_numpy(zero_copy_only=False)
        offsets = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        yield first, values.field("step"), values.field("kind"), offsets


def _occurrences(steps: pa.Array, kinds: pa.Array) -> Iterator[tuple[tuple[str, str], Places]]:
    named_steps, named_kinds = steps.dictionary_encode(), kinds.dictionary_encode()
    step_codes, kind_codes = named_steps.indices.to_numpy(), named_kinds.indices.to_numpy()
    for s, step in enumerate(named_steps.dictionary.to_pylist()):
        for k, kind in enumerate(named_kinds.dictionary.to_pylist()):
            places = np.flatnonzero((step_codes == s) & (kind_codes == k))
            if len(places):
                yield (step, kind), places


def _batches(
    build: Path, manifest: Manifest, name: str, columns: list[str] | None
) -> Iterator[tuple[int, pa.RecordBatch]]:
    first = 0
    for file in manifest.tables[name]:
        with pq.ParquetFile(build / file.path) as shard:
            for batch in shard.iter_batches(batch_size=BATCH_ROWS, columns=columns):
                yield first, batch
                first += batch.num_rows


class _Sources:
    """The sources of a build, each checked against its hash; the last one read is held."""

    def __init__(self, manifest: Manifest, root: Path) -> None:
        self._recipe = Recipe.model_validate(manifest.recipe)
        self._sources = {source.path: source for source in manifest.sources}
        self._root = root
        self._held: tuple[str, RawSource] | None = None

    def content(self, path: str) -> RawSource:
        if self._held is None or self._held[0] != path:
            source = self._sources[path]
            self._require_unchanged(source)
            self._held = path, read_raw(source, self._root, self._recipe)
        return self._held[1]

    def _require_unchanged(self, source: Source) -> None:
        try:
            digest = hash_file(self._root / unescape_name(source.path))
        except OSError as error:
            told = f"the source cannot be read: {error.strerror}"
            raise VerifyError(told, source.path, "name the folder it lies in with --sources") from error
        if digest != source.sha256:
            raise VerifyError("the source was changed after the build", source.path, "build again")


@dataclass(frozen=True, slots=True, eq=False)
class EditedDocument:
    """A document with its edits as columns, and the raw bytes behind it."""

    row: Row
    raw: RawSource
    steps: pa.Array
    kinds: pa.Array
    starts: Places
    ends: Places
    byte_starts: Places
    byte_ends: Places

    @classmethod
    def read(cls, batch: pa.RecordBatch, at: int, sources: _Sources) -> EditedDocument:
        """A document from its place in a batch of rows; its edits stay columns."""
        row = {name: batch.column(name)[at].as_py() for name in _DOCUMENT if name != "edits"}
        edits = batch.column("edits")[at].values
        places = (edits.field(name).to_numpy() for name in ("start", "end", "byte_start", "byte_end"))
        return cls(row, sources.content(row["source"]), edits.field("step"), edits.field("kind"), *places)

    @classmethod
    def of_row(cls, row: Row, raw: RawSource) -> EditedDocument:
        """A document from its row as Python values."""
        edits = row["edits"]
        steps, kinds = (pa.array([edit[name] for edit in edits], pa.string()) for name in ("step", "kind"))
        names = ("start", "end", "byte_start", "byte_end")
        places = (np.array([edit[name] for edit in edits], dtype=np.int64) for name in names)
        return cls(row, raw, steps, kinds, *places)

    def example(self, index: int) -> Example:
        """One of its edits, by its index, with the text around it."""
        text: str = self.row["text"]
        start, end = int(self.starts[index]), int(self.ends[index])
        low, high = int(self.byte_starts[index]), int(self.byte_ends[index])
        return Example(
            _in_a_line(make_visible(text[max(start - CONTEXT, 0) : start])),
            _in_a_line(self._shown(low, high, LONGEST_EXAMPLE)),
            _in_a_line(_clip(text[start:end], LONGEST_EXAMPLE)),
            _in_a_line(make_visible(text[end : end + CONTEXT])),
            self.row["source"],
            low,
        )

    def pieces(self, chunk: Row) -> list[Piece]:
        """A chunk cut where edits begin and end; edits that touch the same bytes or characters are one."""
        skipped = chunk.get("heading_characters") or 0
        pieces = [Piece("heading", "inserted", "", _clip(chunk["text"][:skipped]))] if skipped else []
        byte, character = chunk["byte_start"], chunk["start"]
        for step, kind, low, high, start, end in self._groups(chunk):
            if low > byte or start > character:
                pieces.append(self._piece("", "", byte, low, character, start))
            pieces.append(self._piece(step, kind, low, high, start, end))
            byte, character = high, end
        pieces.append(self._piece("", "", byte, chunk["byte_end"], character, chunk["end"]))
        return [piece for piece in pieces if piece.raw or piece.text]

    def _groups(self, chunk: Row) -> Iterator[Placed]:
        """The chunk's edits in the order of the bytes, joined where they overlap and cut at its edges."""
        spans = (chunk["byte_start"], chunk["byte_end"], chunk["start"], chunk["end"])
        low, high, start, end = spans
        touches = (self.byte_ends > low) & (self.byte_starts < high)
        touches |= (self.byte_starts == self.byte_ends) & (self.starts < end) & (self.ends > start)
        inside = np.flatnonzero(touches)
        columns = (
            self.steps.take(inside).to_pylist(),
            self.kinds.take(inside).to_pylist(),
            np.clip(self.byte_starts[inside], low, high).tolist(),
            np.clip(self.byte_ends[inside], low, high).tolist(),
            np.clip(self.starts[inside], start, end).tolist(),
            np.clip(self.ends[inside], start, end).tolist(),
        )
        held: list[Placed] = []
        for edit in sorted(_cut_at_removals(list(zip(*columns, strict=True))), key=lambda one: one[2:]):
            if held and (edit[2] < max(one[3] for one in held) or edit[4] < max(one[5] for one in held)):
                held.append(edit)
                continue
            if held:
                yield _joined(held)
            held = [edit]
        if held:
            yield _joined(held)

    def _piece(self, step: str, kind: str, low: int, high: int, start: int, end: int) -> Piece:
        text = self.row["text"][start:end]
        return Piece(step, kind, self._shown(low, high), _clip(text))

    def _shown(self, low: int, high: int, longest: int = LONGEST) -> str:
        """The text of a span of bytes; of a very long one the beginning and the end."""
        if high <= low:
            return ""
        try:
            text = self.raw.text(low, high)
        except ValueError:
            text = self.raw.content[low:high].decode(self.raw.encoding, "replace")
        return _clip(text, longest)


def _cut_at_removals(edits: Sequence[Placed]) -> Iterator[Placed]:
    """The same edits; one with removed bytes in its midst is cut there, for the text knows that place."""
    gone = sorted({one[2:] for one in edits if one[1] == "removed" and one[4] == one[5]})
    for step, kind, low, high, start, end in edits:
        byte, character = low, start
        inside = gone[bisect_right(gone, (low, high, start, end)) :] if start < end else []
        for first, last, at, _ in takewhile(lambda span: span[1] < high, inside):  # noqa: B023 (used at once)
            if byte < first and character < at < end:
                yield step, kind, byte, first, character, at
                byte, character = last, at
        yield step, kind, byte, high, character, end


def _joined(edits: Sequence[Placed]) -> Placed:
    steps, kinds, lows, highs, starts, ends = zip(*edits, strict=True)
    step = " + ".join(dict.fromkeys(steps))
    kind = kinds[0] if len(set(kinds)) == 1 else "replaced"
    return step, kind, min(lows), max(highs), min(starts), max(ends)


def _in_a_line(text: str) -> str:
    return text.replace("\n", "⏎").replace("\t", "⇥")


def _clip(text: str, longest: int = LONGEST) -> str:
    if len(text) > longest:
        half = longest // 2
        text = f"{text[:half]} … {len(text) - 2 * half:,} characters more … {text[-half:]}"
    return make_visible(text)
