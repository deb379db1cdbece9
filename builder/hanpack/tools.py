"""What the flow needs beside a record, made from a recipe once a worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hanpack.recipe import Budget, Decontamination, Duplicates, Packed, Recipe, Steps
from hanpack.steps.contamination import EvaluationTexts
from hanpack.steps.counters import open_counter
from hanpack.steps.folding import Folder
from hanpack.steps.language import Language
from hanpack.steps.packing import find_end_of_text
from hanpack.steps.script import ScriptConverter
from hanpack.steps.splits import SplitRule
from hanpack.steps.tokens import Counter, Vocabulary


@dataclass(frozen=True, slots=True)
class Tools:
    """What the flow needs beside a record. Its parts cannot be pickled: build them once a worker."""

    steps: Steps
    budgets: Mapping[str, Budget]
    counter: Counter
    converter: ScriptConverter
    language: Language
    packed: Packed | None
    end_of_text: int | None
    folder: Folder
    duplicates: Duplicates
    splits: Sequence[SplitRule]
    evaluation: EvaluationTexts | None
    decontamination: Decontamination | None


def prepare_tools(
    recipe: Recipe, vocabulary: Vocabulary, language: Language, evaluation: EvaluationTexts | None = None
) -> Tools:
    """Build the tools a recipe asks for; ``evaluation`` is the index of the texts it must not contain."""
    return Tools(
        steps=recipe.steps,
        budgets=recipe.budgets,
        counter=open_counter(vocabulary),
        converter=ScriptConverter(recipe.steps.script, recipe.steps.phrases),
        language=language,
        packed=recipe.packed,
        end_of_text=find_end_of_text(vocabulary),
        folder=Folder(),
        duplicates=recipe.duplicates,
        splits=recipe.splits.rules,
        evaluation=evaluation,
        decontamination=recipe.decontamination,
    )
