"""The strict model of a manifest that somebody else may have written: every value is checked before any use.

A manifest's checksum only shows that nothing was changed by accident: whoever changes it can compute another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from hanpack.errors import VerifyError
from hanpack.lazy_patterns import compile_lazily
from hanpack.names import check_inside, check_name
from hanpack.reasons import Reason, find_cause
from hanpack.recipe import Recipe
from hanpack.source_table import StringColumn
from hanpack.steps.dedup.partitions import TRAIN
from hanpack.store.manifest import DESCRIPTIONS, SEARCH_INDEX, SIGNATURES
from hanpack.store.shards import name_shard
from hanpack.store.source_list import SOURCES_FILE, SourceRows
from hanpack.store.table_kinds import TableKind, find_schemas
from hanpack.store.withdrawals import StatedWithdrawal
from hanpack.yaml_models import NAME_PATTERN, StrictModel, check_encoding

# How many wrong fields an error names, and how much of a wrong value it shows.
_MOST_FIELDS = 3
_LONGEST_VALUE = 80
_SHARD = compile_lazily(
    r"data/(?P<table>[a-z0-9_]+)/(?P<partition>[a-z]+)-[0-9]{5,9}-of-(?P<number>[0-9]{5,9})\.parquet"
)

Count = Annotated[int, Field(ge=0, lt=2**63)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Word = Annotated[str, Field(max_length=200)]
Counts = dict[Word, Count]
SourcePath = Annotated[str, Field(max_length=16 * 1024), AfterValidator(check_name)]


class ReceivedSource(StrictModel):
    """A source: a file inside the root; why it was rejected is a cause with the values of its sentence."""

    path: SourcePath
    sha256: Digest | Literal[""]
    size: Count
    encoding: Annotated[Word, AfterValidator(check_encoding)] | None
    entry: Count
    fault: str | None
    cause: Word | None
    details: dict[Word, str | int]
    archive_sha256: Digest | None

    @model_validator(mode="after")
    def _states_its_cause(self) -> ReceivedSource:
        if (self.cause is None) != (self.fault is None):
            raise ValueError("a fault and its cause are given together, or neither")
        if self.cause is not None:
            try:
                str(Reason(find_cause(self.cause), self.details))
            except KeyError as error:
                raise ValueError(f"details.{error.args[0]} is missing") from error
        return self


class ReceivedFile(StrictModel):
    """A file of the build; where it may be depends on the recipe."""

    path: Word
    sha256: Digest
    bytes: Count
    rows: Count
    root: Digest | Literal[""]


class ReceivedBuild(StrictModel):
    """A build whose documents are not repeated."""

    build: Annotated[str, Field(min_length=1, max_length=4096)]
    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    fingerprint: Digest
    sha256: Digest


class ReceivedTokenizer(StrictModel):
    """The tokenizer: a name, or a file."""

    name: Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(check_inside)]
    sha256: Digest


class ReceivedTable(StrictModel):
    """The figures of a table of chunks."""

    chunks: Count
    tokens: Count
    largest_chunk: Count


class ReceivedTotals(StrictModel):
    """The figures of a build: those of :class:`hanpack.store.figures.FigureCounter`."""

    records: Count
    documents: Count
    chunks: Count
    tokens: Count
    largest_chunk: Count
    characters: Count
    bytes: Count
    bytes_kept: Count
    decontaminated: Count
    low_quality: Count
    states: Counts
    scripts: Counts
    encodings: Counts
    bytes_removed: Counts
    edits: Counts
    splits: Counts
    personal: Counts
    bytes_by_license: Counts
    tokens_by_license: Counts
    bytes_by_domain: Counts
    tokens_by_domain: Counts
    tables: dict[Word, ReceivedTable]


class ReceivedManifest(StrictModel):
    """A manifest, without its checksum; FORMAT.md describes every key."""

    format: int
    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    fingerprint: Digest
    recipe: Recipe
    versions: dict[Word, Word]
    tokenizer: ReceivedTokenizer
    sources: list[ReceivedSource]
    files: list[ReceivedFile]
    totals: ReceivedTotals
    withdrawals: list[StatedWithdrawal] = Field(default_factory=list)
    against: list[ReceivedBuild] = Field(default_factory=list)
    evaluation: list[ReceivedSource]
    merkle_root: Digest

    @model_validator(mode="after")
    def _fits_its_recipe(self) -> ReceivedManifest:
        recipe = self.recipe
        texts = recipe.decontamination.texts if recipe.decontamination else []
        check_inside(recipe.tokenizer)
        if "hanpack" not in self.versions:
            raise ValueError("versions.hanpack is missing")
        _require_entries("sources", self.sources, len(recipe.sources))
        _require_entries("evaluation", self.evaluation, len(texts))
        if unknown := self.totals.tables.keys() - recipe.budgets.keys():
            raise ValueError(f"totals.tables: the recipe has no table {min(unknown)!r}")
        expected = {TableKind.LEDGER.value: (TRAIN,)}
        tables = {name: expected.get(name, recipe.splits.names) for name in find_schemas(recipe)}
        if len(self.against) != len(recipe.duplicates.against):
            raise ValueError("against: it does not have one build for each of the recipe")
        optional = [SIGNATURES] if recipe.duplicates.signatures else []
        optional += [SEARCH_INDEX] if recipe.search_index else []
        _require_files([file.path for file in self.files], tables, optional)
        return self


def _require_entries(key: str, sources: Sequence[ReceivedSource], entries: int) -> None:
    """Each source is listed once, and is matched by an entry that the recipe has."""
    seen: set[str] = set()
    for index, source in enumerate(sources):
        if source.entry >= entries:
            raise ValueError(f"{key}.{index}.entry: the recipe has no such entry")
        if source.path in seen:
            raise ValueError(f"{key}.{index}.path: it is listed twice")
        seen.add(source.path)


def _require_files(
    paths: Sequence[str], tables: Mapping[str, Sequence[str]], optional: Sequence[str]
) -> None:
    """The files are the descriptions and all shards of the tables of the recipe, and no others.

    ``tables`` has the partitions of each table, ``optional`` the other files that the recipe asks for.
    """
    numbers: dict[tuple[str, str], int] = {}
    for path in paths:
        if match := _SHARD.fullmatch(path):
            numbers.setdefault((match["table"], match["partition"]), int(match["number"]))
    expected = {*DESCRIPTIONS, *optional}
    for table, partitions in tables.items():
        for partition in partitions:
            # The manifest cannot list more shards than files: a greater number is not counted up to.
            number = min(numbers.get((table, partition), 1), len(paths))
            expected.update(name_shard(table, partition, index, number) for index in range(number))
    missing = set(expected)
    expected.add(SOURCES_FILE)
    if SOURCES_FILE in paths:
        missing.add(SOURCES_FILE)
    for index, path in enumerate(paths):
        if path not in expected:
            raise ValueError(f"files.{index}.path: no build of this recipe has a file {_shorten(path)}")
        if path not in missing:
            raise ValueError(f"files.{index}.path: {path!r} is listed twice")
        missing.remove(path)
    if missing:
        raise ValueError(f"files: {min(missing)!r} is missing")


def check_manifest(content: Mapping[str, Any], where: str) -> Recipe:
    """Check the whole content of a manifest, and return its recipe; ``where`` is its file in errors.

    Raises:
        VerifyError: it is not one that hanpack writes; the error names the field.
    """
    rows = content.get("sources")
    if not isinstance(rows, SourceRows):
        with _refuse_invalid(where):
            return ReceivedManifest.model_validate(dict(content), strict=True).recipe
    with _refuse_invalid(where):
        recipe = ReceivedManifest.model_validate({**content, "sources": []}, strict=True).recipe
    paths = StringColumn()
    for index, row in enumerate(rows):
        with _refuse_invalid(where, f"sources.{index}"):
            source = ReceivedSource.model_validate(row, strict=True)
            if source.entry >= len(recipe.sources):
                raise ValueError("the recipe has no such entry")
        paths.append(source.path)
    if repeated := paths.find_repeated():
        with _refuse_invalid(where, f"sources.{min(repeated)}.path"):
            raise ValueError("it is listed twice")
    return recipe


@contextmanager
def _refuse_invalid(where: str, key: str = "") -> Iterator[None]:
    """Turn what is wrong with the values below a key of a manifest into an error that names the fields."""
    try:
        yield
    except ValidationError as error:
        prefix = f"{key}." if key else ""
        faults = "; ".join(f"{prefix}{_describe(fault)}" for fault in error.errors()[:_MOST_FIELDS])
        raise _refuse_manifest(faults, where) from error
    except ValueError as error:
        raise _refuse_manifest(f"{key}: {error}", where) from error


def _refuse_manifest(faults: str, where: str) -> VerifyError:
    return VerifyError(
        f"this is not a manifest that hanpack writes: {faults}",
        where,
        "get the build again from where it comes, or build again",
    )


def _describe(fault: Mapping[str, Any]) -> str:
    """The field that is wrong, why, and its value if that is a simple one."""
    key, value = ".".join(map(str, fault["loc"])), fault["input"]
    message = str(fault["msg"]).removeprefix("Value error, ")
    named = f"{key}: {message}" if key else message
    is_simple = fault["type"] != "missing" and isinstance(value, str | int | float)
    return f"{named} (it is {_shorten(value)})" if is_simple else named


def _shorten(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _LONGEST_VALUE else f"{shown[:_LONGEST_VALUE]} …"
