"""The tools of the steps on a single text: their options, the n-gram model and the script converter.

This module is short because the repair of a text needs only these tools of the flow.
"""

from __future__ import annotations

from dataclasses import dataclass

from hanpack.recipe_steps import Steps
from hanpack.resources.form_classifier import load_form_classifier
from hanpack.steps.repair.ngram_model import NgramModel
from hanpack.steps.script import TRADITIONAL_TARGETS, ScriptConverter


@dataclass(frozen=True, slots=True)
class StepTools:
    """The tools of the steps on a single text: their options, the n-gram model and the script converter."""

    options: Steps
    ngram_model: NgramModel
    converter: ScriptConverter


def prepare_step_tools(options: Steps, ngram_model: NgramModel) -> StepTools:
    """Make the tools for the steps on a single text, from the recipe's ``steps``."""
    classifier = load_form_classifier() if options.script in TRADITIONAL_TARGETS else None
    return StepTools(options, ngram_model, ScriptConverter(options.script, options.phrases, classifier))
