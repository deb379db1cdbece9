"""A text as it is traced, and its repair with the shipped model."""

from __future__ import annotations

from hanpack.resources.ngram_model import load_ngram_model
from hanpack.steps.alignment import Alignment
from hanpack.steps.repair import repair_damage
from hanpack.steps.traced import Traced


def trace(text: str) -> Traced:
    return Traced(text, Alignment.identity(len(text)))


def repair(text: str) -> Traced:
    return repair_damage(trace(text), load_ngram_model())
