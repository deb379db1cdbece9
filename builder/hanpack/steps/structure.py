"""The policy ``structure``: no chunk runs across a higher heading than it must."""

from __future__ import annotations

from hanpack.steps.cuts import Cutter, Span


def cut_by_structure(cutter: Cutter) -> list[Span]:
    """Choose the cuts for retrieval."""
    return cutter.fill()
