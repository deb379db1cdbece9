"""Splits a text into chunks within a token budget, at the most natural places, with exact token counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hanpack.steps.chunk.boundaries import find_sentence_ends, leave_out_ends
from hanpack.steps.chunk.cuts import Cutter, Span
from hanpack.steps.chunk.filling import cut_full
from hanpack.steps.chunk.heading_budget import HeadingBudget, join_headings, most_heading_tokens
from hanpack.steps.chunk.headings import MarkedHeading
from hanpack.steps.chunk.outline import find_opening_section, find_outline
from hanpack.steps.chunk.sections import Outline
from hanpack.steps.chunk.settings import ChunkSettings
from hanpack.steps.chunk.structure import cut_by_structure
from hanpack.steps.chunk.tables import find_table_parts, list_rows
from hanpack.steps.tokens.counting import TokenCounter
from hanpack.steps.tokens.tokenized_text import TokenizedText
from hanpack.steps.verbatim import find_front_matter

# A heading at the start of a text ends within this many characters.
_OPENING = 400
# With how many headings a text is cut by structure, and with one more for so many characters.
_MOST_HEADINGS, _CHARACTERS_FOR_HEADING = 5_000, 16


@dataclass(frozen=True, slots=True)
class Chunk:
    """A contiguous span of a document and the headings above it.

    ``start`` and ``end`` are character positions. ``section`` has the headings from the highest to the
    nearest. The text of the chunk is ``heading + document[start:end]``, and ``token_count`` its exact number
    of tokens; ``heading`` is empty unless the settings ask for headings.
    """

    start: int
    end: int
    token_count: int
    section: tuple[str, ...] = ()
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Splitting:
    """The chunks of a document in order, and the exact number of tokens of the document."""

    chunks: tuple[Chunk, ...]
    token_count: int


def split_text(text: str, counter: TokenCounter, settings: ChunkSettings) -> Splitting:
    r"""Split a text into chunks of at most ``settings.max_tokens`` tokens.

    Without overlap and headings the chunks join to the text. With an overlap each chunk but the first begins
    up to that many tokens earlier, at the end of a sentence of the same section, and is still within the
    budget; where no sentence is that short it does not overlap. A heading in the chunk is not repeated.

    >>> from hanpack.resources.vocabulary import load_vocabulary
    >>> from hanpack.steps.tokens import open_counter
    >>> counter = open_counter(load_vocabulary("cl100k_base"))
    >>> text = "一、工作回顾\n全年完成投资增长百分之五。\n二、下一步打算\n加快重点项目建设。"
    >>> for chunk in split_text(text, counter, ChunkSettings(max_tokens=24)).chunks:
    ...     print(chunk)
    Chunk(start=0, end=21, token_count=21, section=('一、工作回顾',), heading='')
    Chunk(start=21, end=38, token_count=17, section=('二、下一步打算',), heading='')

    Raises:
        UsageError: a single character has more tokens than the budget.
    """
    return split_prepared(text, counter, counter.prepare(text), settings)


def split_prepared(
    text: str,
    counter: TokenCounter,
    tokenized: TokenizedText,
    settings: ChunkSettings,
    marked: Sequence[MarkedHeading] = (),
) -> Splitting:
    """Split a text that has been encoded, as :func:`split_text` does.

    Many texts are split faster when they are all encoded first. ``marked`` are the headings that the source
    of the text marks and the text itself does not.
    """
    if settings.headings:
        return _split_with_headings(text, counter, tokenized, settings, marked)
    return split_tokenized(text, tokenized, settings, marked)


def split_tokenized(
    text: str, tokenized: TokenizedText, settings: ChunkSettings, marked: Sequence[MarkedHeading] = ()
) -> Splitting:
    """Split a text that has been encoded, without headings before the chunks."""
    if not text:
        return Splitting((), 0)
    token_count = tokenized.token_count
    if token_count <= settings.max_tokens and settings.policy == "fill":
        front = find_front_matter(text)
        section = find_opening_section(text[: _OPENING + (front[1] if front else 0)], marked)
        return Splitting((Chunk(0, len(text), token_count, section),), token_count)
    cutter = _prepare(text, tokenized, settings, marked)
    return Splitting(tuple(_to_chunk(span, cutter.outline) for span in _cut(cutter, None)), token_count)


def _prepare(
    text: str, tokenized: TokenizedText, settings: ChunkSettings, marked: Sequence[MarkedHeading]
) -> Cutter:
    """The ends of the sentences of a text, the rows of its tables and its outline, ready to be cut."""
    ends = find_sentence_ends(text)
    parts = find_table_parts(text)
    if parts:
        # What is left for a chunk if as many tokens as possible are for the headings before it.
        budget = settings.max_tokens - (most_heading_tokens(settings.max_tokens) + 1) * settings.headings
        # A table is not cut between its start and the end of its first row if these fit, nor within a row.
        parts = [
            row
            for part in parts
            for row in ([part] if tokenized.count(*part) <= budget else list_rows(text, *part))
        ]
        ends = leave_out_ends(ends, [(start + 1, end) for start, end in parts])
    return Cutter(text, tokenized, ends, dict(parts), find_outline(text, ends, marked), settings)


def _cut(cutter: Cutter, counter: TokenCounter | None) -> list[Span]:
    """The chunks of a text; with a counter each has room for the headings above it."""
    # A text that is hardly anything but headings has no structure to keep, and a chunk for each is too slow.
    most_headings = _MOST_HEADINGS + len(cutter.text) // _CHARACTERS_FOR_HEADING
    budget = HeadingBudget(cutter.outline, counter, cutter.max_tokens)
    if cutter.settings.policy == "structure" and len(cutter.outline.places) <= most_headings:
        return cut_by_structure(cutter, budget)
    spans = cut_full(cutter)
    if counter is None:
        return spans
    # These chunks show how many tokens to reserve for headings in each chunk.
    narrowed = cutter.within(min(budget.room(span.own_start, span.start) for span in spans))
    return spans if narrowed is cutter else cut_full(narrowed)


def _to_chunk(span: Span, outline: Outline) -> Chunk:
    # A chunk that overlaps the one before repeats only text of its own section.
    return Chunk(span.start, span.end, span.token_count, outline.section_at(span.own_start))


def _split_with_headings(
    text: str,
    counter: TokenCounter,
    tokenized: TokenizedText,
    settings: ChunkSettings,
    marked: Sequence[MarkedHeading],
) -> Splitting:
    """Split so that each chunk is within the budget together with the headings above it.

    The tokens to reserve for the headings are estimated. The budget is exact all the same: a chunk and its
    headings are counted as one text, and headings that do not fit are left out.
    """
    if not text or (tokenized.token_count <= settings.max_tokens and settings.policy == "fill"):
        return split_tokenized(text, tokenized, settings, marked)
    cutter = _prepare(text, tokenized, settings, marked)
    spans = _cut(cutter, counter)
    headed = (_put_heading_before(text, span, cutter.outline, counter, settings.max_tokens) for span in spans)
    return Splitting(tuple(headed), tokenized.token_count)


def _put_heading_before(
    text: str, span: Span, outline: Outline, counter: TokenCounter, max_tokens: int
) -> Chunk:
    """A chunk with the headings above it, without those that are in its own text."""
    chunk = _to_chunk(span, outline)
    path = outline.headings_before(span.own_start, span.start)
    while path:
        heading = join_headings(path)
        tokens = counter.count(heading + text[chunk.start : chunk.end])
        if tokens <= max_tokens:
            return replace(chunk, heading=heading, token_count=tokens)
        path = path[1:]
    return chunk
