"""Chunks for retrieval that begin with the headings above them, all within the budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hanpack.steps.chunk.splitting import Chunk, Policy, Splitting, split
from hanpack.steps.tokens.counting import TokenCounter

# Headings may take this part of the budget at most; the highest of a longer path are left out.
_LARGEST_SHARE = 4


@dataclass(frozen=True, slots=True)
class HeadedChunk:
    """A chunk and the headings put before its text; ``token_count`` is of both together."""

    chunk: Chunk
    heading: str
    token_count: int


@dataclass(frozen=True, slots=True)
class HeadedSplitting:
    """The chunks of a document in order, and the exact token count of the whole document."""

    chunks: tuple[HeadedChunk, ...]
    token_count: int


def split_headed(
    text: str,
    counter: TokenCounter,
    budget: int,
    overlap: int = 0,
    policy: Policy = "structure",
    minimum: int = 0,
    headings: bool = True,
) -> HeadedSplitting:
    """Split a text so that each chunk fits the budget together with the headings above it.

    Without ``headings`` these are the chunks of a plain split. A heading the chunk itself begins with is not
    repeated. The budget holds exactly: a chunk with its
    headings is counted as one text.

    Raises:
        UsageError: as :func:`hanpack.steps.chunk.splitting.split`.
    """
    planned = split(text, counter, budget, overlap, policy, minimum)
    if not headings:
        return _bare(planned)
    allowed = budget // _LARGEST_SHARE
    reserve = max((_heading_tokens(text, chunk, counter, allowed) for chunk in planned.chunks), default=0)
    if not reserve:
        return _bare(planned)
    # One token more: joining two texts can make a token that neither had.
    rest = budget - reserve - 1
    chunks = split(text, counter, rest, min(overlap, rest // 2), policy, min(minimum, rest // 2)).chunks
    headed = tuple(_with_heading(text, chunk, counter, budget) for chunk in chunks)
    return HeadedSplitting(headed, planned.token_count)


def _bare(splitting: Splitting) -> HeadedSplitting:
    chunks = tuple(HeadedChunk(chunk, "", chunk.token_count) for chunk in splitting.chunks)
    return HeadedSplitting(chunks, splitting.token_count)


def _heading_tokens(text: str, chunk: Chunk, counter: TokenCounter, allowed: int) -> int:
    path = _path_above(text, chunk)
    while path and counter.count(_heading(path)) > allowed:
        path = path[1:]
    return counter.count(_heading(path)) if path else 0


def _with_heading(text: str, chunk: Chunk, counter: TokenCounter, budget: int) -> HeadedChunk:
    path = _path_above(text, chunk)
    body = text[chunk.start : chunk.end]
    while path:
        heading = _heading(path)
        tokens = counter.count(heading + body)
        if tokens <= budget:
            return HeadedChunk(chunk, heading, tokens)
        path = path[1:]
    return HeadedChunk(chunk, "", chunk.token_count)


def _path_above(text: str, chunk: Chunk) -> Sequence[str]:
    """The headings above a chunk, without those it begins with."""
    path = list(chunk.section)
    start = chunk.start
    inside = []
    for heading in path:
        begins = len(text[start : chunk.end]) - len(text[start : chunk.end].lstrip())
        if text.startswith(heading, start + begins):
            start += begins + len(heading)
            inside.append(heading)
    return [heading for heading in path if heading not in inside]


def _heading(path: Sequence[str]) -> str:
    return "\n".join(path) + "\n"
