"""The proof: read a build and its sources again; check hashes, spans, alignments, budgets and the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.errors import VerifyError
from hanpack.files.manifest import Manifest, read_manifest
from hanpack.files.names import unescape_name
from hanpack.files.output import find_root
from hanpack.files.raw import RawSource, read_raw
from hanpack.files.shards import describe_file
from hanpack.files.tables import is_chunks
from hanpack.files.vocabulary import load_vocabulary
from hanpack.recipe import Recipe
from hanpack.steps.alignment import Alignment
from hanpack.steps.counters import open_counter
from hanpack.steps.tokens import Counter
from hanpack.values import Source

Row = Mapping[str, Any]
Progress = Callable[[str, int, int], None]
MANY = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it should be; ``where`` names file, row and byte as far as there are any."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(slots=True)
class Audit:
    """What was checked and what was found; there are no more than a thousand faults in it."""

    checked: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def green(self) -> bool:
        """Whether everything that was checked is right."""
        return not self.faults

    def expect(self, holds: bool, where: str, what: str) -> bool:
        """Note a fault unless something holds."""
        if not holds and len(self.faults) < MANY:
            self.faults.append(Fault(where, what))
        return holds

    def count(self, what: str, number: int = 1) -> None:
        """Note how many things were checked."""
        self.checked[what] = self.checked.get(what, 0) + number


def verify(build: str | Path, sources: str | Path | None = None, progress: Progress | None = None) -> Audit:
    """Check a build against its manifest and its sources; ``sources`` is the folder these lie in now.

    Raises:
        VerifyError: the manifest itself is missing or broken, so that nothing else can be checked.
    """
    folder = Path(build)
    manifest = read_manifest(folder)
    root = Path(sources) if sources is not None else find_root(folder)
    audit = Audit()
    _check_files(audit, folder, manifest)
    raw = _Sources(audit, manifest, root)
    if audit.green:
        _check_documents(audit, folder, manifest, raw, progress)
        for name in filter(is_chunks, manifest.tables):
            _check_chunks(audit, folder, manifest, name, raw.root, progress)
        _check_ledger(audit, folder, manifest, raw)
    return audit


def _check_files(audit: Audit, folder: Path, manifest: Manifest) -> None:
    listed = {file.path for file in manifest.files}
    for file in manifest.files:
        audit.count("files")
        path = folder / file.path
        if not audit.expect(path.is_file(), file.path, "the file is missing"):
            continue
        now = describe_file(path, folder, file.rows)
        audit.expect(now.sha256 == file.sha256, file.path, f"its sha256 is {now.sha256}, not {file.sha256}")
        if file.path.endswith(".parquet") and now.sha256 == file.sha256:
            rows = pq.read_metadata(path).num_rows
            audit.expect(rows == file.rows, file.path, f"it has {rows} rows, not {file.rows}")
    for path in sorted((folder / "data").rglob("*")):
        name = path.relative_to(folder).as_posix()
        audit.expect(path.is_dir() or name in listed, name, "the manifest does not list this file")


class _Sources:
    """The sources of a build, read when they are asked for; rows come in their order, so one is held."""

    def __init__(self, audit: Audit, manifest: Manifest, root: Path) -> None:
        self.root = root
        self._recipe = Recipe.model_validate(manifest.recipe)
        self._sources = {source.path: source for source in manifest.sources}
        self._held: tuple[str, RawSource] | None = None
        for source in manifest.sources:
            if source.sha256:
                audit.count("sources")
                self._check_hash(audit, source)

    def content(self, path: str) -> RawSource:
        """The content of a source, by its path in the build."""
        if self._held is None or self._held[0] != path:
            self._held = path, read_raw(self._sources[path], self.root, self._recipe)
        return self._held[1]

    def is_readable(self, path: str) -> bool:
        """Whether a source was read at all, and not refused as a whole."""
        source = self._sources.get(path)
        return source is not None and source.fault is None

    def _check_hash(self, audit: Audit, source: Source) -> None:
        path = self.root / unescape_name(source.path)
        if not path.is_file():
            audit.expect(
                False, source.path, f"there is no such source in {self.root.name or '/'}; use --sources"
            )
            return
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        audit.expect(digest == source.sha256, source.path, f"its sha256 is {digest}, not {source.sha256}")


def _rows(
    folder: Path, manifest: Manifest, name: str, without: tuple[str, ...] = ()
) -> Iterator[tuple[str, Row]]:
    """The rows of a table with where each stands; columns that are not needed are left out."""
    for file in manifest.files:
        if not file.path.startswith(f"data/{name}/"):
            continue
        index = 0
        with pq.ParquetFile(folder / file.path) as shard:
            columns = [column for column in shard.schema_arrow.names if column not in ("metadata", *without)]
            for batch in shard.iter_batches(batch_size=256, columns=columns):
                for row in _plain(batch):
                    yield f"{file.path} row {index}", row
                    index += 1


def _plain(batch: pa.RecordBatch) -> Iterator[Row]:
    """Rows as values; the breaks stay arrays, for they are long."""
    breaks = [name for name in batch.schema.names if name in ("text_breaks", "byte_breaks")]
    rest = batch.select([name for name in batch.schema.names if name not in breaks])
    for index, row in enumerate(rest.to_pylist()):
        yield {**row, **{name: np.asarray(batch.column(name)[index].values) for name in breaks}}


def _check_documents(
    audit: Audit, folder: Path, manifest: Manifest, sources: _Sources, progress: Progress | None
) -> None:
    tokenizer = _open_counter(manifest, sources.root)
    for number, (where, document) in enumerate(_rows(folder, manifest, "documents")):
        audit.count("documents")
        _check_blocks(audit, where, document, sources)
        counted = tokenizer.count(document["text"])
        audit.expect(
            counted == document["token_count"], where, f"it has {counted} tokens, not the count given"
        )
        if progress:
            progress("documents", number + 1, manifest.totals["documents"])


def _open_counter(manifest: Manifest, root: Path) -> Counter:
    return open_counter(load_vocabulary(manifest.tokenizer["name"], root), fast=False)


def _check_chunks(
    audit: Audit, folder: Path, manifest: Manifest, name: str, root: Path, progress: Progress | None
) -> None:
    """Check a table of chunks against the documents, which come in the same order."""
    tokenizer = _open_counter(manifest, root)
    budget = Recipe.model_validate(manifest.recipe).budgets[name].max_tokens
    total = manifest.totals["tables"][name]["chunks"]
    chunks = _rows(folder, manifest, name)
    chunk = next(chunks, None)
    for where, document in _rows(folder, manifest, "documents"):
        aligned = _read_alignment(document)
        reached = index = 0
        while chunk is not None and chunk[1]["document_id"] == document["id"]:
            place, row = chunk
            audit.count("chunks")
            audit.expect(row["chunk_index"] == index, place, f"its index is not {index}")
            audit.expect(row["start"] <= reached, place, f"characters {reached} to {row['start']} are lost")
            reached, index = row["end"], index + 1
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
    same = all(chunk[name] == document[name] for name in ("source", "source_sha256"))
    audit.expect(same, where, "its source is not its document's")
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


def _check_blocks(audit: Audit, where: str, document: Row, sources: _Sources) -> None:
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
    """Whether an edit that rewrote bytes touches a block."""
    marks = np.zeros(len(source), dtype=np.int64)
    for edit in edits:
        if edit["kind"] == "replaced":
            marks[np.searchsorted(source, edit["byte_start"], side="right") - 1] += 1
            marks[np.searchsorted(source, edit["byte_end"], side="left")] -= 1
    touched: np.ndarray[Any, Any] = (np.cumsum(marks)[:-1] > 0) | (source[1:] == source[:-1])
    return touched


def _runs(kept: np.ndarray[Any, Any]) -> Iterator[tuple[int, int]]:
    """Runs of neighbouring untouched blocks, as spans of break indexes."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], kept.view(np.int8), [0]))))
    yield from zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True)


def _check_ledger(audit: Audit, folder: Path, manifest: Manifest, sources: _Sources) -> None:
    documents = (row for _, row in _rows(folder, manifest, "documents", without=("text", "edits")))
    reached: dict[str, int] = {}
    for where, row in _rows(folder, manifest, "ledger"):
        audit.count("records")
        place = f"{where} ({row['source']} record {row['record']} at byte {row['byte_start']})"
        removed = sum(step["bytes"] for step in row["bytes_removed"])
        size = row["byte_end"] - row["byte_start"]
        audit.expect(row["bytes_kept"] + removed == size, place, f"kept and removed bytes are not its {size}")
        gap = row["byte_start"] == reached.get(row["source"], 0)
        audit.expect(gap, place, f"the record before it ends at byte {reached.get(row['source'], 0)}")
        reached[row["source"]] = row["byte_end"]
        audit.expect(
            bool(row["reason"]) or row["state"] == "kept", place, "it was not kept, without a reason"
        )
        if row["state"] == "kept":
            _check_kept(audit, place, row, next(documents, None))
    audit.expect(next(documents, None) is None, "data/documents", "there are documents without a ledger row")
    for source in manifest.sources:
        if not audit.expect(source.path in reached, source.path, "no ledger row accounts for it"):
            continue
        if sources.is_readable(source.path):
            size = len(sources.content(source.path).content)
            audit.expect(
                reached[source.path] == size, source.path, f"bytes {reached[source.path]} to {size} are lost"
            )


def _check_kept(audit: Audit, where: str, row: Row, document: Row | None) -> None:
    same = document is not None and document["id"] == row["document_id"]
    if not audit.expect(same, where, "the document it names is not the next one") or document is None:
        return
    text, source = document["text_breaks"], document["byte_breaks"]
    kept = int(np.diff(source)[np.diff(text) > 0].sum())
    audit.expect(
        kept == row["bytes_kept"], where, f"its document keeps {kept} bytes, not {row['bytes_kept']}"
    )
    span = (document["byte_start"], document["byte_end"])
    audit.expect(span == (row["byte_start"], row["byte_end"]), where, "its document has another span")


def require_green(build: Path) -> None:
    """Verify a build before something is done with it.

    Raises:
        VerifyError: it is not what its manifest says.
    """
    audit = verify(build)
    if not audit.green:
        raise VerifyError(
            f"the build has {len(audit.faults)} faults, the first: {audit.faults[0]}",
            str(build),
            "build it again",
        )
