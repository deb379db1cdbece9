"""Traces a token of a packed sequence to the bytes of its source."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import asdict, dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from hanpack.chinese import name_step, translate
from hanpack.errors import UsageError, VerifyError
from hanpack.resources.vocabulary import is_file_name, load_received_vocabulary
from hanpack.steps.dedup.partitions import TRAIN
from hanpack.steps.tokens import open_counter
from hanpack.store.alignments import read_alignment
from hanpack.store.reader import BuildReader, Row
from hanpack.store.table_kinds import TableKind
from hanpack.store.work_folder import require_root
from hanpack.views.finding.places import Context
from hanpack.views.source_contents import SourceContents, decode_span
from hanpack.views.visible_text import show_line

PACKED = TableKind.PACKED.value


@dataclass(frozen=True, slots=True)
class TokenTrace:
    """A token of a packed sequence, and where it comes from.

    ``document_token`` is its number among the tokens of its document. ``start`` and ``end`` are characters of
    the document, ``byte_start`` and ``byte_end`` bytes of the source; ``raw`` is the text of these bytes,
    ``context`` the token in its document. ``steps`` are the steps with an edit there. A token between
    documents, or of the padding, has no document, and all of these are None or empty.
    """

    split: str
    row: int
    token: int
    token_id: int
    document_id: str | None = None
    document_token: int | None = None
    start: int | None = None
    end: int | None = None
    source: str | None = None
    source_sha256: str | None = None
    byte_start: int | None = None
    byte_end: int | None = None
    raw: str = ""
    context: Context | None = None
    steps: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The trace for programs."""
        return asdict(self)


def parse_place(place: str) -> tuple[str, int, int]:
    """The split, row and token of ``ROW:TOKEN``, or of ``SPLIT:ROW:TOKEN``.

    >>> parse_place("3:17"), parse_place("test:0:2")
    (('train', 3, 17), ('test', 0, 2))

    Raises:
        UsageError: it is neither.
    """
    parts = place.split(":")
    if len(parts) == 2:
        parts = [TRAIN, *parts]
    if len(parts) != 3 or not all(part.isdecimal() for part in parts[1:]):
        todo = "write the numbers of a row and of a token in it, from 0, as in 3:17"
        raise UsageError(f"{place!r} is no place of a token", "--packed", todo)
    return parts[0], int(parts[1]), int(parts[2])


def trace_token(build: str | PathLike[str], place: str, sources: Path | None = None) -> TokenTrace:
    """Trace a token of the table ``packed``; ``place`` is ``ROW:TOKEN``, or ``SPLIT:ROW:TOKEN``.

    ``build`` may be a URL; without ``sources`` the trace then has no raw text.

    Raises:
        UsageError: there is no such token, or no table ``packed``.
        VerifyError: the build cannot be read or is not consistent, or the source cannot be read or was
            changed after the build.
    """
    split, row, token = parse_place(place)
    reader = BuildReader.open(build)
    sequence = _read_sequence(reader, split, row)
    if token >= len(sequence["input_ids"]):
        raise UsageError(f"row {row} has {len(sequence['input_ids'])} tokens", "--packed", "count from 0")
    token_id = sequence["input_ids"][token]
    piece = bisect_right(sequence["starts"], token) - 1
    if token >= sequence["token_count"] or piece < 0:
        return TokenTrace(split, row, token, token_id)
    identity = sequence["document_ids"][piece]
    document = reader.find_row("documents", identity)
    if document is None:
        raise VerifyError(f"the document {identity} is missing", reader.place, "build again")
    number = sequence["document_starts"][piece] + token - sequence["starts"][piece]
    root = sources
    if root is None and reader.remote is None:
        root = require_root(reader.folder)
    span = _locate(reader, root, document["text"], number, token_id)
    if span is None:
        return TokenTrace(split, row, token, token_id)
    traced = TokenTrace(split, row, token, token_id, document_id=identity, document_token=number)
    return _trace_span(traced, reader, root, document, span)


def _trace_span(
    traced: TokenTrace, reader: BuildReader, root: Path | None, document: Row, span: tuple[int, int]
) -> TokenTrace:
    """The trace of a token with what the characters ``span`` of its document come from."""
    alignment = read_alignment(document)
    if alignment is None:
        raise VerifyError(
            f"the document {traced.document_id} has no valid alignment", reader.place, "build again"
        )
    start, end = span
    byte_start, byte_end = alignment.source_span(start, end)
    raw = ""
    if root is not None:
        with SourceContents(reader.manifest, root) as contents:
            raw = decode_span(contents.read(document), byte_start, byte_end)
    edits = document["edits"]
    touching = (edits.start < end) & (edits.end > start)
    steps = dict.fromkeys(edit.step for edit in edits.take(touching.nonzero()[0]).rows())
    return replace(
        traced,
        start=start,
        end=end,
        source=document["source"],
        source_sha256=document["source_sha256"],
        byte_start=byte_start,
        byte_end=byte_end,
        raw=raw,
        context=Context.of(document["text"], start, end),
        steps=tuple(steps),
    )


def _read_sequence(reader: BuildReader, split: str, row: int) -> Row:
    if PACKED not in reader.tables:
        raise UsageError("the build has no packed sequences", "--packed", "set packed in the recipe")
    if split not in reader.partitions(PACKED):
        splits = ", ".join(reader.partitions(PACKED))
        raise UsageError(f"there is no split {split!r}", "--packed", f"the splits are {splits}")
    first = 0
    columns = ["input_ids", "token_count", "document_ids", "starts", "document_starts"]
    for shard in reader.shards(PACKED, split):
        if row < first + shard.rows:
            for batch in reader.read_spans(shard, [range(row - first, row - first + 1)], columns):
                return batch.row(row - first).values
        first += shard.rows
    raise UsageError(f"the split {split} has {first:,} packed sequences", "--packed", "count from 0")


def _locate(
    reader: BuildReader, root: Path | None, text: str, number: int, token_id: int
) -> tuple[int, int] | None:
    """The span of a token in the text of its document; None for the end-of-text token after it."""
    name = reader.manifest.tokenizer["name"]
    if root is None and is_file_name(name):
        raise UsageError(
            "the tokenizer is a file among the sources", name, "name their folder with --sources"
        )
    counter = open_counter(load_received_vocabulary(name, root or Path()), fast=False)
    tokens = counter.encode(text)
    if number >= len(tokens):
        return None
    if int(tokens[number]) != token_id:
        what = f"token {number} of the document is {tokens[number]}, not {token_id}"
        raise VerifyError(what, reader.place, "hanpack verify names all faults")
    try:
        start, end = counter.locate(text)[number].tolist()
    except ValueError as error:
        raise UsageError(f"its tokens have no places in the text: {error}", "--packed") from error
    return start, end


def show_token(traced: TokenTrace) -> RenderableType:
    """A trace of a token for the terminal."""
    place = f"token {traced.token_id}, row {traced.row} of {traced.split}, place {traced.token}"
    title = show_line(translate(place), "bold")
    if traced.document_id is None or traced.context is None:
        none = "it ends a document, or is padding: it comes from no source"
        return Group(title, Text(translate(none)))
    context = traced.context
    return Group(
        title,
        show_line(translate(f"token {traced.document_token} of document {traced.document_id}")),
        show_line(translate(f"characters {traced.start} to {traced.end} of the document")),
        show_line(translate(f"bytes {traced.byte_start} to {traced.byte_end} of {traced.source}")),
        show_line(f"source_sha256 {traced.source_sha256}"),
        *(
            [show_line(translate(f"edited by {', '.join(map(name_step, traced.steps))}"))]
            if traced.steps
            else []
        ),
        Text.assemble(f"{translate('raw')}: ", show_line(repr(traced.raw), "red")),
        Text.assemble(
            f"{translate('document')}: ",
            show_line(context.before, "dim"),
            show_line(f"[{context.text}]", "green"),
            show_line(context.after, "dim"),
        ),
    )
