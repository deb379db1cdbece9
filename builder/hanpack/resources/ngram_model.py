"""Reads the character n-gram model that is installed with hanpack; the repair of damage uses it.

This module is short because :mod:`hanpack.steps.repair.ngram_model` has the model itself: a step reads no
files, so the bytes of the model are read here.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from hanpack.steps.repair.ngram_model import NgramModel


@lru_cache(maxsize=1)
def load_ngram_model() -> NgramModel:
    """The n-gram model of official Chinese texts; it is read once in each process."""
    return NgramModel(files("hanpack").joinpath("data", "language.bin").read_bytes())
