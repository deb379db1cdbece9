"""Texts as if decoded from UTF-8, for tests and benchmarks of single steps; lone surrogates are allowed."""

from __future__ import annotations

import numpy as np

from hanpack.steps.alignment import Alignment
from hanpack.steps.traced import Traced


def trace(text: str) -> Traced:
    """The text, each character aligned to its bytes in UTF-8."""
    code_points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    widths = 1 + (code_points > 0x7F).astype(np.int64) + (code_points > 0x7FF) + (code_points > 0xFFFF)
    return Traced(text, Alignment.of_widths(widths))
