"""The text that decides whether what is restored is likely: the beginning of all that was restored.

This module is short because two repairs collect it in the same way and score it each in its own.
"""

from __future__ import annotations

from collections.abc import Iterable

# So many characters tell a likely text from characters by chance.
SCORED_CHARACTERS = 400


class ScoredText:
    """Restored pieces, each once: a text that is repeated is evidence once.

    >>> scored = ScoredText()
    >>> scored.add(["国家", "发展", "国家"]), scored.text, scored.is_complete
    (True, '国家发展', False)
    >>> scored.add(["国家"])
    False
    """

    def __init__(self) -> None:
        # As a set that keeps the order.
        self._pieces: dict[str, None] = {}
        self._missing = SCORED_CHARACTERS

    @property
    def is_complete(self) -> bool:
        """Whether it has as many characters as are scored: then no more are added."""
        return self._missing <= 0

    @property
    def text(self) -> str:
        """At most :data:`SCORED_CHARACTERS` characters."""
        return "".join(self._pieces)[:SCORED_CHARACTERS]

    def add(self, pieces: Iterable[str]) -> bool:
        """Add pieces, unless it is complete; returns whether any of them is new."""
        if self.is_complete:
            return False
        new = dict.fromkeys(piece for piece in pieces if piece not in self._pieces)
        self._pieces |= new
        self._missing -= sum(map(len, new))
        return bool(new)
