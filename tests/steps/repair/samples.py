"""A text as it is traced, its repair with the shipped model, and where that is right."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hanpack.resources.ngram_model import load_ngram_model
from hanpack.steps.alignment import Alignment
from hanpack.steps.repair import repair_damage
from hanpack.steps.traced import Traced, locate_edits


def trace(text: str) -> Traced:
    return Traced(text, Alignment.identity(len(text)))


def repair(text: str) -> Traced:
    return repair_damage(trace(text), load_ngram_model())


def find_flagged(traced: Traced) -> list[tuple[int, int]]:
    """The spans of a text that are flagged."""
    spans = zip(*(positions.tolist() for positions in locate_edits(traced)), strict=True)
    return [span for span, edit in zip(spans, traced.edits, strict=True) if edit.kind == "flagged"]


def is_right_outside(text: str, spans: Iterable[tuple[int, int]], clean: str) -> bool:
    """Whether a text is its original but for what stands in some spans, which are in order."""
    pattern, copied = "", 0
    for low, high in spans:
        pattern += re.escape(text[copied:low]) + ".*?"
        copied = high
    return re.fullmatch(pattern + re.escape(text[copied:]), clean, re.DOTALL) is not None
