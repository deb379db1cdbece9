"""Reads and indexes the evaluation texts of a recipe, which documents are compared with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hanpack.errors import RecipeError, RecordError
from hanpack.flow import prepare
from hanpack.model import Record, Source
from hanpack.outcomes import explain_missing_package
from hanpack.reasons import Reason
from hanpack.recipe import Recipe
from hanpack.record_texts import read_text
from hanpack.resources.folding_table import open_folder
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.sources.records import read_batches
from hanpack.sources.survey import survey_sources
from hanpack.step_tools import StepTools, prepare_step_tools
from hanpack.steps.dedup.evaluation_texts import EvaluationTexts, index_texts


def read_evaluation(
    recipe: Recipe, root: Path, where: str
) -> tuple[EvaluationTexts | None, tuple[Source, ...]]:
    """Read and index the evaluation texts a recipe names; a text is named by its source and record.

    Raises:
        RecipeError: a file of them cannot be read: then no build could be said to be free of it.
    """
    if recipe.decontamination is None:
        return None, ()
    files = Recipe(name=recipe.name, sources=recipe.decontamination.texts, limits=recipe.limits)
    key = f"{where}: decontamination.texts"
    surveys = survey_sources(files, root, key)
    tools = prepare_step_tools(recipe.steps, load_ngram_model())
    texts = [
        named_text
        for surveyed, source in zip(surveys, surveys.sources, strict=True)
        for batch in read_batches(surveyed, source, recipe.limits)
        for record in batch
        for named_text in _read_texts(record, tools, key)
    ]
    return index_texts(texts, open_folder()), tuple(surveys.sources)


def _read_texts(record: Record, tools: StepTools, key: str) -> Iterator[tuple[str, str]]:
    """A text as it is and as the steps of the recipe change it, since documents go through them too."""
    name = f"{record.source.path} record {record.index}"
    if record.fault:
        raise _refuse(name, record.fault, key)
    try:
        original = read_text(record)
        texts = dict.fromkeys((original.text, prepare(original, tools).text))
    except RecordError as error:
        raise _refuse(name, error.reason, key) from error
    except ImportError as error:
        raise _refuse(name, explain_missing_package(error), key) from error
    return ((name, text) for text in texts if text and not text.isspace())


def _refuse(name: str, reason: Reason, key: str) -> RecipeError:
    return RecipeError(
        f"the evaluation text {name} cannot be read: {reason}", key, "correct the file, or leave it out"
    )
