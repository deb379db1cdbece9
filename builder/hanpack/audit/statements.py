"""Checks what a manifest states beside rows: recipe, fingerprint, tokenizer, evaluation texts, versions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import chain
from pathlib import Path, PurePosixPath

from hanpack.audit.findings import Audit, Deviations
from hanpack.building.against import read_copies
from hanpack.building.evaluation import read_evaluation
from hanpack.errors import RecipeError, UsageError, VerifyError
from hanpack.recipe import Recipe, parse_recipe
from hanpack.recipe_file import load_recipe
from hanpack.resources.vocabulary import is_file_name, load_received_vocabulary
from hanpack.secrets import redact_recipe
from hanpack.steps.dedup.evaluation_texts import EvaluationTexts
from hanpack.steps.tokens.counting import Vocabulary
from hanpack.store.manifest import MANIFEST, Manifest, make_fingerprint
from hanpack.store.signature_table import OtherBuild
from hanpack.store.withdrawals import dump_withdrawal, find_withdrawals, load_withdrawals

# Versions that can change the bytes of a shard, but no row: they write, or count by the same vocabulary.
WRITERS = frozenset(("pyarrow", "tiktoken"))
# What no source proves.
CLAIMS = (
    "that the recipe, with its name, licence and card, is the one its author chose: "
    "only a signature proves it, or the recipe file with --recipe"
)
WITHDRAWN = (
    "that the withdrawals it states are requests that its author carried out: "
    "only a signature proves it, or the recipe file with --recipe"
)


def read_recipe(manifest: Manifest) -> Recipe:
    """The recipe of a build.

    Raises:
        VerifyError: it is not valid.
    """
    try:
        return parse_recipe(dict(manifest.recipe), MANIFEST)
    except RecipeError as error:
        raise VerifyError(f"the recipe is not valid: {error.what}", MANIFEST, "build again") from error


def explain_versions(
    manifest: Manifest, versions: Mapping[str, str], names: Collection[str] | None = None
) -> list[str]:
    """Why a build may deviate from its replay: the versions that differ from those that made it, if any.

    ``versions`` are those that are here; ``names`` are those to compare, by default all that change rows.
    """
    if names is None:
        names = (manifest.versions.keys() | versions.keys()) - WRITERS - {"tokenizer"}
    pairs = [(name, manifest.versions.get(name, "absent"), versions.get(name, "absent")) for name in names]
    changes = [f"{name} {then} → {now}" for name, then, now in sorted(pairs) if then != now]
    return [f"other versions made the build: {', '.join(changes)}"] if changes else []


def check_statements(deviations: Deviations, manifest: Manifest, recipe: Recipe) -> None:
    """Check that the recipe, the name, the tokenizer and the fingerprint of a manifest agree."""
    complete = recipe.model_dump(mode="json") == manifest.recipe
    deviations.expect(complete, MANIFEST, "its recipe is not complete, or has values in another form")
    texts = recipe.decontamination.texts if recipe.decontamination else []
    builds = [other.build for other in recipe.duplicates.against]
    for path in (
        recipe.root,
        recipe.tokenizer,
        *builds,
        *(entry.path for entry in (*recipe.sources, *texts)),
    ):
        is_relative = not PurePosixPath(path).is_absolute()
        deviations.audit.expect(is_relative, MANIFEST, f"its recipe has the absolute path {path}")
    same_name = manifest.name == recipe.name
    deviations.expect(
        same_name, MANIFEST, f"its name is {manifest.name}, but that of the recipe {recipe.name}"
    )
    tokenizer = {"name": recipe.tokenizer, "sha256": manifest.versions.get("tokenizer")}
    same_tokenizer = dict(manifest.tokenizer) == tokenizer
    deviations.expect(same_tokenizer, MANIFEST, "its tokenizer is not that of its recipe and versions")
    inputs = chain(manifest.sources, manifest.evaluation)
    fingerprint = make_fingerprint(
        manifest.recipe, manifest.versions, inputs, manifest.withdrawals, manifest.against
    )
    same = fingerprint == manifest.fingerprint
    deviations.expect(
        same, MANIFEST, f"its fingerprint is {manifest.fingerprint}, but its inputs give {fingerprint}"
    )


def check_claims(audit: Audit, manifest: Manifest, recipe: Path | None) -> None:
    """Compare the recipe and the withdrawals of a build with files; without these, say what is not proven."""
    if recipe is None:
        audit.claims.append(CLAIMS)
        if manifest.withdrawals:
            audit.claims.append(WITHDRAWN)
        return
    expected = load_recipe(recipe)
    root = (recipe.parent / expected.root).resolve()
    values = redact_recipe(expected.model_dump(mode="json"), root)
    for key in sorted(values.keys() | manifest.recipe.keys()):
        same = values.get(key) == manifest.recipe.get(key)
        audit.expect(same, MANIFEST, f"its recipe has another value of '{key}' than {recipe.name}")
    _check_withdrawals(audit, manifest, find_withdrawals(str(recipe)))


def _check_withdrawals(audit: Audit, manifest: Manifest, path: Path) -> None:
    """Check that a build carries out the withdrawals in a file, and no others."""
    requests = [dump_withdrawal(withdrawal) for withdrawal in load_withdrawals(path)]
    stated = list(map(dict, manifest.withdrawals))
    for withdrawal in stated:
        what = f"it states the withdrawal {withdrawal['request']}, which is not in {path.name}"
        audit.expect(withdrawal in requests, MANIFEST, what)
    for withdrawal in requests:
        what = f"it does not carry out the withdrawal {withdrawal['request']} of {path.name}"
        audit.expect(withdrawal in stated, MANIFEST, what)


def read_evaluation_again(
    deviations: Deviations, manifest: Manifest, recipe: Recipe, root: Path
) -> EvaluationTexts | None:
    """The evaluation texts, if they can be read; they must be those that the build was made with."""
    try:
        texts, sources = read_evaluation(recipe, root, MANIFEST)
    except RecipeError as error:
        deviations.explanations.append(f"no record was compared with the evaluation texts: {error}")
        return None
    then, now = ([(source.path, source.sha256) for source in each] for each in (manifest.evaluation, sources))
    same = then == now
    deviations.audit.expect(same, MANIFEST, "the evaluation texts are not those the build was made with")
    equal = list(manifest.evaluation) == list(sources)
    deviations.expect(equal or not same, MANIFEST, "its evaluation texts are not described as they are")
    return texts


def read_against_again(deviations: Deviations, manifest: Manifest, root: Path) -> tuple[OtherBuild, ...]:
    """The signatures of other builds; if their copies are not at hand, copies of documents are not proven."""
    stated = [entry["build"] for entry in manifest.against]
    named = [entry["build"] for entry in manifest.recipe["duplicates"]["against"]]
    deviations.expect(
        stated == named, MANIFEST, "the builds it was compared with are not those of its recipe"
    )
    try:
        return read_copies(manifest.against, root)
    except VerifyError as error:
        deviations.explanations.append(f"no record was compared with other builds: {error}")
        return ()


def load_tokenizer(audit: Audit, manifest: Manifest, root: Path | None) -> Vocabulary | None:
    """The vocabulary of a build's tokenizer; None, with a note or a fault, if that is not at hand.

    It may be a file in ``root``, the folder of the sources.
    """
    name = manifest.tokenizer["name"]
    if root is None and is_file_name(name):
        audit.notes.append(f"no token was counted: the tokenizer {name} is in the folder of the sources")
        return None
    try:
        vocabulary = load_received_vocabulary(name, root or Path())
    except UsageError as error:
        audit.notes.append(f"no token was counted: {error}")
        return None
    same = vocabulary.sha256 == manifest.tokenizer["sha256"]
    same = audit.expect(same, name, f"the tokenizer's sha256 is {vocabulary.sha256}")
    return vocabulary if same else None
