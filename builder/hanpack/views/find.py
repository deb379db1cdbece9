"""Finds the chunks of a build that contain a text as it is written, and shows it in its context."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike

import pyarrow.compute as pc
from rich.console import Group, RenderableType
from rich.text import Text

from hanpack.chinese import translate
from hanpack.errors import UsageError, require_type
from hanpack.store.reader import BuildReader
from hanpack.views.visible_text import show_hint, show_line
from hanpack.wording import format_count

MOST_HITS = 20
# Characters of a chunk that are shown before and after the text that was looked for.
CONTEXT = 30


@dataclass(frozen=True, slots=True)
class Hit:
    """The first place of a text in a chunk, with the text before and after it on the same line."""

    chunk_id: str
    source: str
    before: str
    match: str
    after: str


def find_chunks(build: str | PathLike[str], text: str, limit: int = MOST_HITS) -> list[str]:
    """The ids of the first ``limit`` rows of ``chunks`` that contain ``text`` as it is written, in order.

    Reads ids and texts batch by batch, and stops when it has enough.

    Raises:
        UsageError: the text is empty or is not valid Unicode.
        VerifyError: the build has no sound manifest, or a shard cannot be read.
    """
    return [hit.chunk_id for hit in find_hits(build, text, limit)]


def find_hits(build: str | PathLike[str], text: str, limit: int = MOST_HITS) -> list[Hit]:
    """The first ``limit`` chunks that contain ``text``, each with the context of its first place.

    Raises:
        UsageError: the text is empty or is not valid Unicode.
        VerifyError: the build has no sound manifest, or a shard cannot be read.
    """
    require_type(text, str, "text")
    require_type(limit, int, "limit")
    if not text:
        raise UsageError("there is no text to look for", "text")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(f"{text!r} is no valid Unicode text", "text") from error
    hits: list[Hit] = []
    for row in _read_matching(BuildReader.open(build), text):
        if len(hits) >= limit:
            break
        hits.append(_cut_context(*row, text))
    return hits


def _read_matching(reader: BuildReader, text: str) -> Iterator[tuple[str, str, str]]:
    for batch in reader.read_batches("chunks", ["id", "source", "text"]):
        matching = batch.table.filter(pc.match_substring(batch.table.column("text"), text))
        columns = (matching.column(name).to_pylist() for name in ("id", "source", "text"))
        yield from zip(*columns, strict=True)


def _cut_context(chunk_id: str, source: str, chunk: str, text: str) -> Hit:
    start = chunk.index(text)
    end = start + len(text)
    before = chunk[max(start - CONTEXT, 0) : start].rpartition("\n")[2]
    after = chunk[end : end + CONTEXT].partition("\n")[0]
    return Hit(chunk_id, source, before, text, after)


def show_hits(hits: Sequence[Hit], place: str) -> RenderableType:
    """Several hits for the terminal: the id and the source of each chunk, and the text in its context."""
    lines: list[RenderableType] = []
    for hit in hits:
        lines.append(Text(" · ").join((show_line(hit.chunk_id, "bold"), show_line(hit.source))))
        context = (show_line(hit.before), show_line(hit.match, "bold green"), show_line(hit.after))
        lines.append(Text("  ").join((Text(), Text.assemble(*context))))
    number = format_count(len(hits), "chunk")
    first = "the first " if len(hits) >= MOST_HITS else ""
    hint = f"{first}{number}; to trace one: hanpack trace {place} {hits[0].chunk_id}"
    lines.append(show_hint(translate(hint)))
    return Group(*lines)
