"""Splits a text into chunks within a token budget, at the most natural places, with exact token counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hanpack.errors import UsageError
from hanpack.steps.chunk.boundaries import find_sentence_ends
from hanpack.steps.chunk.cuts import Cutter, Span
from hanpack.steps.chunk.outline import Outline, find_outline
from hanpack.steps.chunk.structure import cut_by_structure
from hanpack.steps.tokens.counting import TokenCounter, TokenizedText

# A heading at the start of a text ends within so many characters.
_OPENING = 400

Policy = Literal["fill", "structure"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A contiguous span of a document (characters), its exact token count and the headings above it."""

    start: int
    end: int
    token_count: int
    section: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Splitting:
    """The chunks of a document in order, and the exact token count of the whole document."""

    chunks: tuple[Chunk, ...]
    token_count: int


def split(
    text: str,
    counter: TokenCounter,
    budget: int,
    overlap: int = 0,
    policy: Policy = "fill",
    minimum: int = 0,
) -> Splitting:
    """Split a text into chunks of at most ``budget`` tokens.

    Without overlap the chunks join to the text. With ``overlap`` each chunk but the first begins up to so
    many tokens earlier, at the end of a sentence, and still keeps within the budget; where no sentence is
    that short it does not overlap. ``fill`` makes few and full chunks; ``structure`` lets no chunk run
    across a higher heading than it must. ``minimum`` is the least number of tokens of a chunk, where the
    text and the budget allow it.

    Raises:
        UsageError: the numbers contradict each other, or a single character takes more than the budget.
    """
    return split_counted(text, counter.prepare(text), budget, overlap, policy, minimum)


def split_counted(
    text: str,
    counted: TokenizedText,
    budget: int,
    overlap: int = 0,
    policy: Policy = "fill",
    minimum: int = 0,
) -> Splitting:
    """Split a text whose tokens have been counted, as :func:`split` does.

    Many short texts are split sooner when they are all counted first.
    """
    _require_sense(budget, overlap, minimum)
    if not text:
        return Splitting((), 0)
    total = counted.token_count
    if total <= budget and policy == "fill":
        opening = find_outline(text[:_OPENING], ())
        return Splitting((Chunk(0, len(text), total, opening.section_at(0)),), total)
    ends = find_sentence_ends(text)
    outline = find_outline(text, ends)
    cutter = Cutter(text, counted, ends, outline, budget, overlap, minimum)
    spans = cutter.fill() if policy == "fill" else cut_by_structure(cutter)
    return Splitting(tuple(_chunks(spans, outline)), total)


def _chunks(spans: list[Span], outline: Outline) -> list[Chunk]:
    """A chunk that overlaps the one before it bears the headings above what is new in it."""
    return [
        Chunk(span.start, span.end, span.token_count, outline.section_at(span.cover_start)) for span in spans
    ]


def _require_sense(budget: int, overlap: int, minimum: int) -> None:
    if budget < 1:
        raise UsageError(f"a budget of {budget} tokens holds nothing", todo="use at least 1")
    if not 0 <= overlap < budget:
        raise UsageError(
            f"an overlap of {overlap} tokens does not fit a budget of {budget}",
            todo="use less than the budget",
        )
    if not 0 <= minimum <= budget:
        raise UsageError(
            f"a minimum of {minimum} tokens does not fit a budget of {budget}", todo="use at most the budget"
        )
