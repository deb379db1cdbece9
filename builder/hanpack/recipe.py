"""Recipes: what a build reads, does and writes. The pydantic models of ``configs/*.yaml``."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from hanpack.errors import RecipeError
from hanpack.steps.chunk import ChunkSettings, Policy
from hanpack.steps.dedup.clusters import THRESHOLD
from hanpack.steps.dedup.contamination import SHARE
from hanpack.steps.dedup.partitions import TRAIN, PartitionRule
from hanpack.steps.dedup.passages import MINIMUM

Target = Literal["keep", "hans", "hant", "tw", "hk"]
Shape = Literal["file", "line", "paragraph", "row"]
TableName = Annotated[str, Field(pattern=r"^chunks_[a-z0-9_]{1,40}$")]
NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,95}$"
DEFAULT_RECIPE = Path("configs/gov_reports.yaml")


class Model(BaseModel):
    """A part of a recipe: an unknown key is an error, and nothing changes after it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def check_encoding(name: str) -> str:
    """The name of an encoding that Python knows and that is one of text; a ValueError where it is not."""
    try:
        "a".encode(name)
    except LookupError as error:
        raise ValueError(str(error)) from error
    return name


class SourceEntry(Model):
    """Files of one kind: a file, a folder or a glob, relative to the recipe's root."""

    path: Annotated[str, Field(min_length=1)]
    records: Shape | None = Field(
        None, description="file, line, paragraph or row; row is for .jsonl, .parquet"
    )
    text_column: str = "text"
    encoding: str | None = Field(None, description="the encoding, where it is known; else it is detected")
    metadata: dict[str, str] = Field(default_factory=dict, description="fields every record of these gets")
    errors: Literal["reject", "replace"] | None = Field(
        None,
        description="what becomes of a record with bytes that are not text in its encoding: rejected, or the "
        "bytes replaced by U+FFFD; by default a file is replaced, any other record rejected",
    )
    max_invalid: Annotated[
        float, Field(ge=0, le=1, description="the share of a record's bytes that may be replaced")
    ] = 0.001

    @field_validator("encoding")
    @classmethod
    def _is_text_encoding(cls, name: str | None) -> str | None:
        return name and check_encoding(name)


# Two steps whose edits have another name than their key.
_STEP_NAMES = {"evasion": "evasions", "redaction": "redactions"}


class Steps(Model):
    """Which steps run, in this order. What is off by default would change text that is not damaged."""

    page: Annotated[bool, Field(description="HTML and forum pages down to their text")] = True
    repair: Annotated[bool, Field(description="pinyin, byte shifts and mojibake undone")] = True
    controls: Annotated[bool, Field(description="control and zero-width characters removed")] = False
    nfc: Annotated[bool, Field(description="Unicode NFC that keeps ㎡, Ⅱ and ideographic variants")] = False
    spaces: Annotated[bool, Field(description="indents, trailing spaces and runs of blank lines")] = True
    script: Annotated[Target, Field(description="the target script")] = "keep"
    phrases: Annotated[bool, Field(description="the region's vocabulary too, as OpenCC has it")] = False
    width: Annotated[bool, Field(description="full- and half-width as an editor would set them")] = False
    quotes: Annotated[bool, Field(description="quotes that face the wrong way turned")] = False
    evasions: Annotated[bool, Field(description="D委, D员, D建 to 党委, 党员, 党建")] = False
    redactions: Annotated[str | None, Field(description="what XX and *** become; they are kept if null")] = (
        None
    )

    @model_validator(mode="before")
    @classmethod
    def _accept_step_names(cls, content: Any) -> Any:
        """Accept the names of the edits, ``evasion`` and ``redaction``, for the keys of their steps."""
        if not isinstance(content, dict):
            return content
        return {_STEP_NAMES.get(key, key): value for key, value in content.items()}


class Budget(Model):
    """The size of a chunk, in tokens of the recipe's tokenizer."""

    max_tokens: Annotated[int, Field(ge=16, le=1_000_000)] = 512
    overlap: Annotated[int, Field(ge=0)] = 0
    minimum: Annotated[int, Field(ge=0, description="no chunk smaller, where text and budget allow")] = 0
    policy: Policy = "fill"
    headings: Annotated[bool, Field(description="the headings above a chunk put before its text")] = False

    @model_validator(mode="after")
    def _overlap_leaves_room(self) -> Budget:
        if self.overlap * 2 > self.max_tokens:
            raise ValueError(
                f"an overlap of {self.overlap} tokens is too much for {self.max_tokens}; "
                f"use at most {self.max_tokens // 2}"
            )
        if self.minimum > self.max_tokens // 2:
            raise ValueError(f"a minimum of {self.minimum} tokens is too much for {self.max_tokens}")
        return self

    @property
    def settings(self) -> ChunkSettings:
        """The same numbers as the splitter takes them."""
        return ChunkSettings(
            max_tokens=self.max_tokens,
            overlap=self.overlap,
            policy=self.policy,
            minimum=self.minimum,
            headings=self.headings,
        )


class Packed(Model):
    """Training sequences: token ids of exactly so many tokens, few documents cut."""

    tokens: Annotated[int, Field(ge=16, le=10_000_000)]


class Duplicates(Model):
    """Copies, found once script, width, punctuation and spaces are folded; the text itself stays as it is."""

    drop: Annotated[
        Literal["none", "exact", "near"], Field(description="which copies of a document are left out")
    ] = "near"
    threshold: Annotated[
        float,
        Field(ge=0.7, le=1, description="the share of common n-grams (Jaccard) from which two are near"),
    ] = THRESHOLD
    passages: Annotated[
        Literal["keep", "mark", "remove"], Field(description="what becomes of passages that stand elsewhere")
    ] = "keep"
    minimum_passage: Annotated[int, Field(ge=10, description="letters and digits of the shortest")] = MINIMUM


class Rule(Model):
    """Documents of sources that match a glob, with one of the values given for each metadata field."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    source: str = "*"
    metadata: dict[str, list[str]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _chooses(self) -> Rule:
        if self.source == "*" and not self.metadata:
            raise ValueError("a rule names a source, metadata or both")
        return self


Share = Annotated[float, Field(gt=0, lt=1)]


class Splits(Model):
    """The documents held out for evaluation: a share of all, or those a rule chooses; the rest trains."""

    validation: Share | Rule | None = None
    test: Share | Rule | None = None

    @model_validator(mode="after")
    def _leaves_training(self) -> Splits:
        shares = sum(share for share in (self.validation, self.test) if isinstance(share, float))
        if shares >= 1:
            raise ValueError("the shares of validation and test leave nothing for training")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The splits of a build, training first."""
        return (TRAIN, *(rule.name for rule in self.rules))

    @property
    def rules(self) -> tuple[PartitionRule, ...]:
        """What chooses the documents of validation and test; the shares lie at either end of the draw."""
        return (*_rules("validation", self.validation), *_rules("test", self.test))


def _rules(name: str, chosen: float | Rule | None) -> tuple[PartitionRule, ...]:
    if chosen is None:
        return ()
    if isinstance(chosen, Rule):
        return (PartitionRule(name, source=chosen.source, metadata=chosen.metadata),)
    low, high = (0.0, chosen) if name == "validation" else (1.0 - chosen, 1.0)
    return (PartitionRule(name, low, high),)


class Decontamination(Model):
    """Evaluation texts that must not be trained on, and what becomes of documents that contain one."""

    texts: Annotated[list[SourceEntry], Field(min_length=1)]
    action: Literal["flag", "drop"] = "flag"
    share: Annotated[
        float, Field(gt=0, le=1, description="of an evaluation text's letters, from which it counts")
    ] = SHARE


class Card(Model):
    """What the dataset card says beside the measured figures."""

    title: str = ""
    summary: str = ""
    language: list[str] = Field(default_factory=lambda: ["zh"])
    license: str = "other"
    tags: list[str] = Field(default_factory=list)


class Limits(Model):
    """Bounds that keep one bad input from stopping a build, and the cache of parts from filling the disk."""

    max_record_bytes: Annotated[int, Field(ge=1024)] = 64 * 2**20
    max_expansion: Annotated[int, Field(ge=1)] = 1000
    max_record_seconds: Annotated[
        float, Field(gt=0, description="a record that takes a worker longer is rejected")
    ] = 300
    max_cache_bytes: Annotated[
        int, Field(ge=0, description="finished parts are kept up to this size, the oldest are deleted")
    ] = 20 * 2**30


class Recipe(Model):
    """A whole recipe. ``root`` is the folder sources are relative to, itself relative to the recipe file."""

    name: Annotated[str, Field(pattern=NAME)]
    root: str = "."
    sources: Annotated[list[SourceEntry], Field(min_length=1)]
    steps: Steps = Steps()
    tokenizer: str = "o200k_base"
    chunks: Budget = Budget()
    more: Annotated[dict[TableName, Budget], Field(description="further tables of chunks, by name")] = {}
    packed: Annotated[Packed | None, Field(description="also a table of packed sequences")] = None
    duplicates: Duplicates = Duplicates()
    splits: Splits = Splits()
    decontamination: Decontamination | None = None
    card: Card = Card()
    limits: Limits = Limits()

    @property
    def budgets(self) -> dict[str, Budget]:
        """The tables of chunks and their budgets; the first is the default config."""
        return {"chunks": self.chunks, **self.more}


def load_recipe(path: Path) -> Recipe:
    """Read and check a recipe file.

    Raises:
        RecipeError: the file is missing, is not YAML, or a key is unknown or wrong; it names file and key.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)  # noqa: S506 (a SafeLoader)
    except FileNotFoundError as error:
        raise RecipeError(
            "there is no such recipe", str(path), "name a recipe, or write one with 'hanpack init FOLDER'"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"cannot be read: {error}", str(path)) from error
    except yaml.YAMLError as error:
        raise RecipeError(f"is not YAML: {error}", str(path)) from error
    if not isinstance(content, dict):
        raise RecipeError("holds no keys", str(path), "see configs/gov_reports.yaml for an example")
    return parse_recipe(content, str(path))


def parse_recipe(content: dict[str, Any], where: str) -> Recipe:
    """Check the content of a recipe; ``where`` names it in errors."""
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        raise RecipeError(_explain(error), where, "correct the key and run again") from error


def _explain(error: ValidationError) -> str:
    faults = []
    for fault in error.errors():
        # The names that pydantic gives to the branches of a union are no keys.
        keys = [str(part) for part in fault["loc"] if str(part).isidentifier() or str(part).isdecimal()]
        key = ".".join(keys) or "recipe"
        message = "unknown key" if fault["type"] == "extra_forbidden" else fault["msg"]
        given = "" if fault["type"] in ("missing", "extra_forbidden") else f" (given: {fault['input']!r})"
        faults.append(f"{key}: {message}{given}")
    return "; ".join(faults)


class _UniqueKeys(yaml.SafeLoader):
    """YAML in which a key given twice is an error instead of the last one winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)
