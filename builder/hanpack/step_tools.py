"""The tools of the steps on a single text: their options, the n-gram model and the script converter.

This module is short because the repair of a text needs only these tools of the flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hanpack.recipe_steps import Steps
from hanpack.steps.repair.ngram_model import NgramModel

if TYPE_CHECKING:
    from hanpack.steps.script.conversion import ScriptConverter


@dataclass(frozen=True, slots=True)
class StepTools:
    """The tools of the steps on a single text: their options, the n-gram model and the script converter.

    ``converter`` is None if the script of the texts is kept.
    """

    options: Steps
    ngram_model: NgramModel
    converter: ScriptConverter | None


def prepare_step_tools(options: Steps, ngram_model: NgramModel) -> StepTools:
    """Make the tools for the steps on a single text, from the recipe's ``steps``."""
    if options.script == "keep":
        return StepTools(options, ngram_model, None)
    from hanpack.resources.form_classifier import load_form_classifier
    from hanpack.steps.script.conversion import TRADITIONAL_TARGETS, ScriptConverter

    classifier = load_form_classifier() if options.script in TRADITIONAL_TARGETS else None
    return StepTools(options, ngram_model, ScriptConverter(options.script, options.phrases, classifier))
