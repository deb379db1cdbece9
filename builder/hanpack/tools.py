"""What the flow needs beside a record, made from a recipe once a worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hanpack.recipe import Budget, Decontamination, Duplicates, Packed, Recipe, Steps
from hanpack.steps.dedup.contamination import EvaluationTexts
from hanpack.steps.dedup.folding import Folder
from hanpack.steps.dedup.partitions import PartitionRule
from hanpack.steps.repair.ngram_model import NgramModel
from hanpack.steps.script.conversion import ScriptConverter
from hanpack.steps.tokens.counters import open_counter
from hanpack.steps.tokens.counting import TokenCounter, Vocabulary
from hanpack.steps.tokens.packing import find_end_of_text


@dataclass(frozen=True, slots=True)
class Tools:
    """What the flow needs beside a record. Its parts cannot be pickled: build them once a worker."""

    steps: Steps
    budgets: Mapping[str, Budget]
    counter: TokenCounter
    converter: ScriptConverter
    language: NgramModel
    packed: Packed | None
    end_of_text: int | None
    folder: Folder
    duplicates: Duplicates
    splits: Sequence[PartitionRule]
    evaluation: EvaluationTexts | None
    decontamination: Decontamination | None


def prepare_tools(
    recipe: Recipe, vocabulary: Vocabulary, language: NgramModel, evaluation: EvaluationTexts | None = None
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
