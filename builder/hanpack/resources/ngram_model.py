"""Reads the n-gram model that ships with the package, which restores what a byte shift lost."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from hanpack.steps.repair.ngram_model import NgramModel


@lru_cache(maxsize=1)
def load_ngram_model() -> NgramModel:
    """The model of official Chinese that the repair step needs, read once a process."""
    return NgramModel(files("hanpack").joinpath("data", "language.bin").read_bytes())
