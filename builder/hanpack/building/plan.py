"""What a build will do: its recipe, the surveyed sources, the evaluation texts, and the name of it all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hanpack.errors import RecipeError
from hanpack.flow import explain_missing, make_text, read_text
from hanpack.model import Record, Source
from hanpack.recipe import Recipe, load_recipe
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.secrets import redact
from hanpack.sources.contents import Survey, survey
from hanpack.sources.discovery import discover
from hanpack.sources.records import Batch, read_batches
from hanpack.steps.decode.decoding import DecodeError
from hanpack.steps.decode.encodings import detect
from hanpack.steps.decode.json_strings import UnwrapError
from hanpack.steps.dedup.contamination import SHORTEST, EvaluationTexts, index_texts
from hanpack.steps.dedup.folding import Folder
from hanpack.steps.script.conversion import ScriptConverter
from hanpack.steps.tokens.packing import find_end_of_text
from hanpack.store.manifest import make_fingerprint
from hanpack.store.versions import find_versions

Progress = Callable[[str, int, int], None]


def tell_nobody(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build will do: its recipe, the surveyed sources in order, and the fingerprint of it all."""

    recipe: Recipe
    root: Path
    surveys: tuple[Survey, ...]
    sources: tuple[Source, ...]
    versions: Mapping[str, str]
    fingerprint: str
    evaluation: EvaluationTexts | None = None
    evaluation_sources: tuple[Source, ...] = ()

    @property
    def size(self) -> int:
        """The bytes of all sources."""
        return sum(source.size for source in self.sources)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the author of the recipe should know."""
        short = self.evaluation.too_short if self.evaluation else ()
        if not short:
            return ()
        told = f"{len(short):,} evaluation texts have fewer than {SHORTEST} letters and were not looked for"
        return (f"{told}, the first: {short[0]}",)

    def batches(self) -> Iterator[tuple[int, Batch]]:
        """Every record of every source, in order, in numbered batches."""
        every = (
            batch
            for found, source in zip(self.surveys, self.sources, strict=True)
            for batch in read_batches(found, source, self.recipe.limits)
        )
        return enumerate(every)


def make_plan(path: Path, progress: Progress = tell_nobody) -> Plan:
    """Read a recipe, find and survey its sources, and name the whole by its fingerprint."""
    recipe = load_recipe(path)
    root = (path.parent / recipe.root).resolve()
    surveys, sources = survey_sources(recipe, root, str(path), progress)
    evaluation, examined = read_evaluation(recipe, root, str(path))
    vocabulary = load_vocabulary(recipe.tokenizer, root)
    if recipe.packed and find_end_of_text(vocabulary) is None:
        raise RecipeError(
            f"{recipe.tokenizer} has no end-of-text token to put between documents",
            f"{path}: packed",
            "use another tokenizer or leave packed out",
        )
    versions = {**find_versions(), "tokenizer": vocabulary.sha256}
    fingerprint = make_fingerprint(recipe.model_dump(mode="json"), versions, (*sources, *examined))
    return Plan(recipe, root, surveys, sources, versions, fingerprint, evaluation, examined)


def survey_sources(
    recipe: Recipe, root: Path, where: str, progress: Progress = tell_nobody
) -> tuple[tuple[Survey, ...], tuple[Source, ...]]:
    """Find and survey the sources of a recipe; ``where`` names the recipe in errors."""
    found = discover(recipe, root, where)
    surveys = []
    for done, file in enumerate(found):
        surveys.append(survey(file, recipe.limits.max_expansion))
        progress("survey", done + 1, len(found))
    return tuple(surveys), tuple(_describe(one) for one in surveys)


def read_evaluation(
    recipe: Recipe, root: Path, where: str
) -> tuple[EvaluationTexts | None, tuple[Source, ...]]:
    """Read and index the evaluation texts a recipe names; a text is named by its source and record.

    Raises:
        RecipeError: a file of them cannot be read: nobody could say then that a build is free of it.
    """
    if recipe.decontamination is None:
        return None, ()
    wanted = Recipe(name=recipe.name, sources=recipe.decontamination.texts, limits=recipe.limits)
    surveys, sources = survey_sources(wanted, root, f"{where}: decontamination.texts")
    language, converter = load_ngram_model(), ScriptConverter(recipe.steps.script, recipe.steps.phrases)

    def make(record: Record) -> str:
        return make_text(record, recipe.steps, language, converter)[0].text

    texts: list[tuple[str, str]] = []
    for one, source in zip(surveys, sources, strict=True):
        for batch in read_batches(one, source, recipe.limits):
            for record in batch:
                texts += _evaluation_texts(record, make, where)
    return index_texts(texts, Folder()), sources


def _evaluation_texts(record: Record, make: Callable[[Record], str], where: str) -> list[tuple[str, str]]:
    """A text as it is and as the steps of the recipe make it, since documents go through them too."""
    name = f"{record.source.path} record {record.index}"
    if record.fault:
        raise _unreadable(name, record.fault, where)
    try:
        found = dict.fromkeys((read_text(record).text, make(record)))
    except (DecodeError, UnwrapError) as error:
        raise _unreadable(name, str(error), where) from error
    except ImportError as error:
        raise _unreadable(name, explain_missing(error), where) from error
    return [(name, text) for text in found if text and not text.isspace()]


def _unreadable(name: str, reason: str, where: str) -> RecipeError:
    return RecipeError(
        f"the evaluation text {name} cannot be read: {reason}",
        f"{where}: decontamination.texts",
        "mend the file, or leave it out",
    )


def _describe(one: Survey) -> Source:
    fault = redact(one.fault) if one.fault else None
    source = Source(one.file.name, one.sha256, one.stamp.size, None, one.file.entry, fault)
    if one.fault:
        return source
    if one.file.files.encoding or one.file.suffix == ".parquet":
        return replace(source, encoding=one.file.files.encoding or "utf-8")
    found = detect(one.sample)
    if found.encoding is None and one.file.shape == "row":
        # JSON Lines are UTF-8 unless they are plainly something else; a bad line is its own record.
        return replace(source, encoding="utf-8")
    if found.encoding is None:
        fault = f"the encoding cannot be decided: {found.reason}; give it as 'encoding' in the recipe"
        return replace(source, fault=fault)
    return replace(source, encoding=found.encoding)
