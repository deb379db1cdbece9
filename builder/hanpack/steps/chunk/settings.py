"""The settings of a split: the sizes of chunks, their overlap, and what decides where they end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from hanpack.errors import UsageError, require_type
from hanpack.wording import list_choices

# Fill makes few and full chunks; structure avoids chunks that run across a heading.
Policy = Literal["fill", "structure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkSettings:
    """How to split a text into chunks; all sizes are in tokens.

    - ``max_tokens``: the budget, the most tokens of a chunk, the headings put before it included.
    - ``overlap``: how many tokens before its own part of the text a chunk may begin.
    - ``policy``: what decides where chunks end.
    - ``minimum``: the least tokens of a chunk, if the text and the budget allow it.
    - ``headings``: whether the headings above a chunk are put before its text.

    Every function that splits takes these, so the sizes are checked once, here.

    >>> ChunkSettings(max_tokens=512, overlap=32)
    ChunkSettings(max_tokens=512, overlap=32, policy='fill', minimum=0, headings=False)

    Raises:
        UsageError: the sizes contradict each other, or there is no such policy.
    """

    max_tokens: int
    overlap: int = 0
    policy: Policy = "fill"
    minimum: int = 0
    headings: bool = False

    def __post_init__(self) -> None:
        require_type(self.max_tokens, int, "max_tokens")
        require_type(self.overlap, int, "overlap")
        if self.policy not in get_args(Policy):
            raise UsageError(
                f"there is no policy {self.policy!r}", todo=list_choices(str(self.policy), get_args(Policy))
            )
        if self.max_tokens < 1:
            raise UsageError(f"a budget of {self.max_tokens} tokens holds nothing", todo="use at least 1")
        if not 0 <= self.overlap < self.max_tokens:
            raise UsageError(
                f"an overlap of {self.overlap} tokens does not fit a budget of {self.max_tokens}",
                todo="use less than the budget",
            )
        if not 0 <= self.minimum <= self.max_tokens:
            raise UsageError(
                f"a minimum of {self.minimum} tokens does not fit a budget of {self.max_tokens}",
                todo="use at most the budget",
            )
