"""The tools of the flow: models, converters and token counters, made from a recipe once in each worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hanpack.recipe import Decontamination, Duplicates, Packed, Recipe
from hanpack.resources.folding_table import open_folder
from hanpack.step_tools import StepTools, prepare_step_tools
from hanpack.steps.chunk.settings import ChunkSettings
from hanpack.steps.dedup.evaluation_texts import EvaluationTexts
from hanpack.steps.dedup.folding import TextFolder
from hanpack.steps.dedup.partitions import PartitionRule
from hanpack.steps.dedup.withdrawn import Withdrawal, WithdrawnTexts
from hanpack.steps.quality import Bounds
from hanpack.steps.repair.ngram_model import NgramModel
from hanpack.steps.tokens import open_counter
from hanpack.steps.tokens.counting import TokenCounter, Vocabulary
from hanpack.steps.tokens.packing import find_end_of_text

# The least bytes to process for which it pays to load the faster encoder, by benchmarks/encoders.py.
FAST_ENCODER_BYTES = 12 * 2**20


@dataclass(frozen=True, slots=True)
class Tools:
    """The tools of the whole flow. They cannot be pickled, so each worker builds its own.

    ``end_of_text`` is the token id between packed documents, None if the tokenizer has none. ``evaluation``
    is the index of the evaluation texts, None if the recipe names none; ``withdrawn`` has what was withdrawn,
    None if nothing was.
    """

    steps: StepTools
    chunk_settings: Mapping[str, ChunkSettings]
    counter: TokenCounter
    packed: Packed | None
    end_of_text: int | None
    folder: TextFolder
    duplicates: Duplicates
    partitions: Sequence[PartitionRule]
    evaluation: EvaluationTexts | None
    decontamination: Decontamination | None
    bounds: Mapping[str, Bounds]
    withdrawn: WithdrawnTexts | None = None


def prepare_tools(
    recipe: Recipe,
    vocabulary: Vocabulary,
    ngram_model: NgramModel,
    evaluation: EvaluationTexts | None = None,
    *,
    size: int = 0,
    withdrawals: Sequence[Withdrawal] = (),
) -> Tools:
    """Make the tools for the whole flow, from a recipe and the loaded vocabulary and model.

    ``size`` is about how many bytes will be processed: for few, what is loaded faster encodes the tokens.
    """
    counter = open_counter(vocabulary, fast=size >= FAST_ENCODER_BYTES)
    counter.expect(size)
    return Tools(
        steps=prepare_step_tools(recipe.steps, ngram_model),
        chunk_settings={name: budget.settings for name, budget in recipe.budgets.items()},
        counter=counter,
        packed=recipe.packed,
        end_of_text=find_end_of_text(vocabulary),
        folder=open_folder(),
        duplicates=recipe.duplicates,
        partitions=recipe.splits.rules,
        evaluation=evaluation,
        decontamination=recipe.decontamination,
        bounds=recipe.quality.bounds,
        withdrawn=WithdrawnTexts(withdrawals) if withdrawals else None,
    )
