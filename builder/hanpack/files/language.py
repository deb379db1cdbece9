"""Reads the language model that ships with the package: the evidence for what a byte shift lost."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from hanpack.steps.language import Language


@lru_cache(maxsize=1)
def load_language() -> Language:
    """The model of official Chinese that the repair step needs, read once a process."""
    return Language(files("hanpack").joinpath("data", "language.bin").read_bytes())
