"""The chunks and edits that a report shows, chosen evenly over the build, with their raw text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.edits import EditRow, Edits
from hanpack.sources.raw import RawSource
from hanpack.store.edits import edits_from_arrow
from hanpack.store.reader import BuildReader, Row
from hanpack.views.edited_chunks import ChunkPart, cut_chunk
from hanpack.views.source_contents import SourceContents, decode_span
from hanpack.views.visible_text import clip_text, make_visible, put_on_one_line

# The step and kind of an edit.
EditName = tuple[str, str]
CONTEXT_CHARACTERS = 24
LONGEST_EXAMPLE = 120
_DOCUMENT_COLUMNS = ("id", "text", "source", "byte_start", "byte_end", "encoding", "script", "edits")


@dataclass(frozen=True, slots=True)
class ChunkSample:
    """A chunk, the encoding and script of its document, and its text in parts from first to last."""

    chunk: Row
    encoding: str
    script: str
    parts: Sequence[ChunkPart]


@dataclass(frozen=True, slots=True)
class EditExample:
    """An edit: the raw text, the document's text in its place, and the text before and after that."""

    before: str
    raw: str
    text: str
    after: str
    source: str
    byte_start: int


@dataclass(frozen=True, slots=True)
class ReportSamples:
    """What a report shows of the documents of a build.

    ``edits`` counts all edits by name, ``examples`` are some of them without repetitions, and ``lengths`` has
    the number of documents by their characters.
    """

    chunks: Sequence[ChunkSample]
    examples: Mapping[EditName, Sequence[EditExample]]
    edits: Mapping[EditName, int]
    lengths: Mapping[int, int]


def choose_samples(reader: BuildReader, root: Path, chunks: int, examples: int) -> ReportSamples:
    """Choose chunks evenly over a build, and edits evenly over those of the same step and kind.

    At most ``chunks`` chunks are chosen, and ``examples`` edits of each step and kind, the same every time.
    ``root`` is the folder of the sources.

    Raises:
        VerifyError: a source cannot be read, or is not what it was when the build was made.
    """
    counts = _count_edits(reader)
    chosen = {
        name: set(np.linspace(0, count - 1, num=min(examples, count)).astype(np.int64).tolist())
        for name, count in counts.items()
    }
    chunks_by_document: dict[str, list[Row]] = {}
    for row in reader.sample_rows("chunks", chunks):
        chunks_by_document.setdefault(row.values["document_id"], []).append(row.values)
    seen: Counter[EditName] = Counter()
    samples: list[ChunkSample] = []
    examples_by_name: dict[EditName, list[EditExample]] = {}
    lengths: Counter[int] = Counter()
    with SourceContents(reader.manifest, root) as contents:
        for batch in reader.read_batches("documents", _DOCUMENT_COLUMNS):
            lengths.update(count_values(pc.utf8_length(batch.table.column("text"))))
            identities = batch.table.column("id").to_pylist()
            columns = zip(identities, edits_from_arrow(batch.table.column("edits")), strict=True)
            for number, (identity, edits) in enumerate(columns, batch.first):
                of_document = list(_choose_edits(edits, chosen, seen))
                if not of_document and identity not in chunks_by_document:
                    continue
                document = batch.row(number).values
                raw = contents.read(document)
                for chunk in chunks_by_document.get(identity, []):
                    parts = cut_chunk(chunk, document, raw)
                    samples.append(ChunkSample(chunk, document["encoding"], document["script"], parts))
                for edit in of_document:
                    example = _make_example(edit, document, raw)
                    examples_by_name.setdefault((edit.step, edit.kind), []).append(example)
    distinct = {name: _drop_repetitions(examples) for name, examples in examples_by_name.items()}
    return ReportSamples(samples, distinct, counts, lengths)


def count_values(column: pa.ChunkedArray) -> dict[int, int]:
    """How often each number occurs in a column."""
    return {entry["values"]: entry["counts"] for entry in pc.value_counts(column).to_pylist()}


def _count_edits(reader: BuildReader) -> Counter[EditName]:
    counts: Counter[EditName] = Counter()
    for batch in reader.read_batches("documents", ["edits"]):
        for edits in edits_from_arrow(batch.table.column("edits")):
            counts.update(zip(edits.step, edits.kind, strict=True))
    return counts


def _choose_edits(
    edits: Edits, chosen: Mapping[EditName, set[int]], seen: Counter[EditName]
) -> Iterator[EditRow]:
    """The edits of a document that are chosen, by their number among all of their name.

    ``seen`` counts the edits of the documents before, and then those of this one too.
    """
    for index, name in enumerate(zip(edits.step, edits.kind, strict=True)):
        if seen[name] in chosen[name]:
            yield edits.row(index)
        seen[name] += 1


def _make_example(edit: EditRow, document: Row, raw: RawSource) -> EditExample:
    text: str = document["text"]
    before = text[max(edit.start - CONTEXT_CHARACTERS, 0) : edit.start]
    after = text[edit.end : edit.end + CONTEXT_CHARACTERS]
    raw_text = decode_span(raw, edit.byte_start, edit.byte_end)
    return EditExample(
        before=put_on_one_line(make_visible(before)),
        raw=put_on_one_line(clip_text(raw_text, LONGEST_EXAMPLE)),
        text=put_on_one_line(clip_text(text[edit.start : edit.end], LONGEST_EXAMPLE)),
        after=put_on_one_line(make_visible(after)),
        source=document["source"],
        byte_start=edit.byte_start,
    )


def _drop_repetitions(examples: Sequence[EditExample]) -> list[EditExample]:
    """One example for each pair of raw and final text, the last of them."""
    return list({(example.raw, example.text): example for example in examples}.values())
