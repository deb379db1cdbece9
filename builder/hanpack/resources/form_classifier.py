"""Reads the classifier of Traditional forms that is installed with hanpack.

This module is short because :mod:`hanpack.steps.script.forms` has the classifier: a step reads no files.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from hanpack.steps.script.forms import FormClassifier


@lru_cache(maxsize=1)
def load_form_classifier() -> FormClassifier:
    """The classifier of Traditional forms; it is read once in each process."""
    return FormClassifier(files("hanpack").joinpath("data", "forms.bin").read_bytes())
