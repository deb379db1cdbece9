"""Finds and surveys the sources of a recipe, with progress."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hanpack.model import Source
from hanpack.recipe import Recipe
from hanpack.sources.discovery import discover
from hanpack.sources.source_files import Survey
from hanpack.sources.survey import describe_source, survey

# Called with the stage, the work done and the whole work, both in a unit of the stage.
Progress = Callable[[str, int, int], None]


def ignore_progress(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody shows."""


def survey_sources(
    recipe: Recipe, root: Path, where: str, progress: Progress = ignore_progress
) -> tuple[tuple[Survey, ...], tuple[Source, ...]]:
    """Find and survey the sources of a recipe, in order; ``where`` names the recipe in errors.

    Raises:
        RecipeError: an entry of the recipe names nothing that can be a source.
    """
    files = discover(recipe, root, where)
    surveys = []
    for index, file in enumerate(files):
        surveys.append(survey(file, recipe.limits.max_expansion))
        progress("survey", index + 1, len(files))
    return tuple(surveys), tuple(map(describe_source, surveys))
