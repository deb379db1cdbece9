"""Texts as if decoded from UTF-8, for the tests of single steps; lone surrogates are allowed."""

from __future__ import annotations

import numpy as np

from hanpack.steps.alignment import Alignment
from hanpack.steps.traced import Traced


def trace(text: str) -> Traced:
    """The text, each character aligned to its bytes in UTF-8."""
    widths = [len(character.encode("utf-8", "surrogatepass")) for character in text]
    return Traced(text, Alignment.of_widths(np.array(widths, dtype=np.int64)))
