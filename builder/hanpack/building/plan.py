"""What a build will do: its recipe, the surveyed sources, the evaluation texts, and their fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

from hanpack.building.card_notes import note_codes
from hanpack.building.file_table import load_known_files
from hanpack.building.probe import note_missing_columns, require_readable
from hanpack.building.recipe_input import VALUE, RecipeSource, resolve_recipe
from hanpack.building.remote import fetch_sources
from hanpack.errors import RecipeError
from hanpack.model import Source
from hanpack.recipe import Recipe
from hanpack.resources.vocabulary import describe_vocabulary
from hanpack.secrets import redact_recipe
from hanpack.source_table import SourceTable
from hanpack.sources.known_files import KnownFiles
from hanpack.sources.survey import Progress, ignore_progress, survey_sources
from hanpack.sources.surveyed_files import SurveyedFiles
from hanpack.steps.dedup.evaluation_texts import SHORTEST_TEXT, EvaluationTexts
from hanpack.steps.dedup.withdrawn import Withdrawal
from hanpack.steps.tokens.packing import find_end_of_text
from hanpack.store.manifest import make_fingerprint
from hanpack.store.signature_table import OtherBuild
from hanpack.store.versions import CODE, find_versions
from hanpack.store.withdrawals import dump_withdrawal, find_withdrawals, load_withdrawals


@dataclass(frozen=True, slots=True)
class Plan:
    """The inputs of a build: ``fingerprint`` is a hash of them all, and equal inputs give equal bytes.

    ``surveys`` and ``sources`` are the same files in the same order. ``where`` is the path of the recipe's
    file, empty if it has none.
    """

    recipe: Recipe
    root: Path
    surveys: SurveyedFiles
    sources: SourceTable
    versions: Mapping[str, str]
    fingerprint: str
    evaluation: EvaluationTexts | None = None
    evaluation_sources: tuple[Source, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()
    against: tuple[OtherBuild, ...] = ()
    where: str = ""

    @property
    def size(self) -> int:
        """The bytes of all sources."""
        return self.sources.size

    @property
    def may_lack_pages(self) -> bool:
        """Whether a source is of a format some of whose pages may have no text."""
        return any(format_.may_lack_pages for format_ in self.surveys.formats)

    @property
    def notes(self) -> tuple[str, ...]:
        """Warnings for the author of the recipe."""
        notes = (
            *self.surveys.notes,
            *note_missing_columns(self.recipe, self.surveys, self.sources),
            *note_codes(self.recipe.card),
        )
        short = self.evaluation.too_short if self.evaluation else ()
        if not short:
            return notes
        note = (
            f"{len(short):,} evaluation texts have fewer than {SHORTEST_TEXT} letters and were not looked for"
        )
        return (*notes, f"{note}, the first: {short[0]}")


def make_plan(
    source: RecipeSource, progress: Progress = ignore_progress, file_table: Path | None = None
) -> Plan:
    """Read a recipe, find and survey its sources, and compute the fingerprint.

    ``source`` is as in :func:`resolve_recipe`. ``file_table`` is where an earlier build has written what it
    found out about the files.

    Raises:
        RecipeError: the recipe is wrong, or names files that do not exist.
        UsageError: the tokenizer is unknown.
    """
    resolved = resolve_recipe(source, progress=progress)
    recipe, root, where = resolved.recipe, resolved.root, resolved.where
    fetch_sources(recipe, root, where, progress)
    versions = find_versions()
    known_files = load_known_files(file_table, versions[CODE]) if file_table else KnownFiles()
    surveys = survey_sources(recipe, root, where, progress, known_files)
    require_readable(recipe, surveys, surveys.sources, where)
    evaluation: EvaluationTexts | None = None
    evaluation_sources: tuple[Source, ...] = ()
    if recipe.decontamination:
        from hanpack.building.evaluation import read_evaluation

        evaluation, evaluation_sources = read_evaluation(recipe, root, where)
    withdrawals = load_withdrawals(find_withdrawals(where))
    against: tuple[OtherBuild, ...] = ()
    if recipe.duplicates.against:
        # It also loads what reads a finished build.
        from hanpack.building.against import read_against

        against = read_against(recipe, root, where)
    vocabulary = describe_vocabulary(recipe.tokenizer, root)
    if recipe.packed and find_end_of_text(vocabulary) is None:
        raise RecipeError(
            f"{recipe.tokenizer} has no end-of-text token to put between documents",
            f"{where}: packed",
            "use another tokenizer or leave packed out",
        )
    versions["tokenizer"] = vocabulary.sha256
    return Plan(
        recipe=recipe,
        root=root,
        surveys=surveys,
        sources=surveys.sources,
        versions=versions,
        # Of the recipe as the manifest has it, so that ``verify`` can compute it again.
        fingerprint=make_fingerprint(
            redact_recipe(recipe.model_dump(mode="json"), root),
            versions,
            chain(surveys.sources, evaluation_sources),
            [dump_withdrawal(withdrawal) for withdrawal in withdrawals],
            [asdict(other.stated) for other in against],
        ),
        evaluation=evaluation,
        evaluation_sources=evaluation_sources,
        withdrawals=withdrawals,
        against=against,
        where="" if where == VALUE else where,
    )
