"""Recipes: the pydantic models of ``configs/*.yaml``, which say what a build reads, does and writes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from hanpack.errors import RecipeError
from hanpack.recipe_card import Card
from hanpack.recipe_splits import Splits
from hanpack.recipe_steps import Steps
from hanpack.steps.chunk.settings import ChunkSettings, Policy
from hanpack.steps.decode.json_strings import DEEPEST_NESTING
from hanpack.steps.dedup.clusters import SIMILARITY_THRESHOLD
from hanpack.steps.dedup.contamination import MATCHED_SHARE
from hanpack.steps.dedup.passages import SHORTEST_PASSAGE
from hanpack.steps.quality import FIGURES, Bounds
from hanpack.yaml_models import (
    NAME_PATTERN,
    TABLE_PATTERN,
    Model,
    Switch,
    check_encoding,
    list_faults,
)

Shape = Literal["file", "line", "paragraph", "row", "chapter"]
TableName = Annotated[str, Field(pattern=TABLE_PATTERN)]
LONGEST_NAME = 96
# The file beside recipes that has the requests to withdraw texts; it is no source.
WITHDRAWALS = "withdrawals.jsonl"
_CORRECT = "correct the key and run again"
DEFAULT_RECIPE = Path("configs/gov_reports.yaml")


class SourceEntry(Model):
    """An entry of ``sources``: a file, folder or glob, relative to the recipe's root, and how to read it."""

    path: Annotated[
        str, Field(min_length=1, description="a file, a folder, a pattern such as **/*.txt, or a URL")
    ]
    exclude: list[str] = Field(
        default_factory=list, description="files and globs that are left out of those that match path"
    )
    format: Literal["text", "html", "jsonl", "json", "csv", "tsv"] | None = Field(
        None, description="what the files are, whatever their suffix; by default their suffix says it"
    )
    records: Shape | None = Field(
        None,
        description="what a record is: file, line, paragraph, row (tables and JSON) or chapter (.epub)",
    )
    text_column: Annotated[
        str, Field(description="the column of the text; in JSON also a path of keys, such as data.text")
    ] = "text"
    columns: list[str] = Field(
        default_factory=list, description="the names of the columns of CSV files without a header row"
    )
    encoding: str | None = Field(
        None,
        description="the encoding of the files; it is detected if null. A wrong one often gives other "
        "characters without an error: a build warns if the bytes are text in another encoding",
    )
    metadata: dict[str, str] = Field(
        default_factory=dict, description="metadata that every record of these files gets"
    )
    metadata_columns: dict[str, str] = Field(
        default_factory=dict,
        description="the columns with fields of the metadata, such as {title: 事项, date: 办结日期}; in JSON "
        "also paths of keys. 标题, 日期, 作者, 来源, 网址 and the like are recognised without it",
    )
    errors: Literal["reject", "replace"] | None = Field(
        None,
        description="what becomes of a record with bytes that are not text in its encoding: it is rejected "
        "or the bytes become U+FFFD; if null, it is rejected, except if a record is a file",
    )
    max_invalid: Annotated[
        float, Field(ge=0, le=1, description="the largest share of a record's bytes that may be replaced")
    ] = 0.001

    @field_validator("encoding")
    @classmethod
    def _is_text_encoding(cls, name: str | None) -> str | None:
        return name and check_encoding(name)


class Budget(Model):
    """The size of a chunk, in tokens of the recipe's tokenizer."""

    max_tokens: Annotated[int, Field(ge=16, le=1_000_000, description="the most tokens of a chunk")] = 512
    overlap: Annotated[
        int,
        Field(
            ge=0,
            description="a chunk begins up to so many tokens before the end of the one before it, at a "
            "sentence of the same section: it repeats nothing if the last sentence is longer, or if it "
            "begins a section. With 64, of the chunks that go on in a section 93 % repeat something in "
            "laws and 78 % in government reports; inspect shows how many repeat; at most half of max_tokens",
        ),
    ] = 0
    minimum: Annotated[int, Field(ge=0, description="no smaller chunk, if text and budget allow")] = 0
    policy: Annotated[
        Policy,
        Field(
            description="where chunks end: fill makes few and full chunks, for training; structure cuts "
            "before headings, for retrieval: only articles, items and small sections below the second level "
            "share a chunk, and no chunk has a heading alone. A heading and the text directly under it are "
            "never cut if they fit the budget together with the headings above. A chunk keeps the line "
            "breaks at its ends: strip them before you embed it"
        ),
    ] = "fill"
    headings: Annotated[
        Switch,
        Field(description="put the headings above a chunk before its text, as the document writes them"),
    ] = False

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
        """These values as the splitter takes them."""
        return ChunkSettings(
            max_tokens=self.max_tokens,
            overlap=self.overlap,
            policy=self.policy,
            minimum=self.minimum,
            headings=self.headings,
        )


class Packed(Model):
    """The table of training sequences: each has exactly ``tokens`` token ids, and few documents are cut."""

    tokens: Annotated[int, Field(ge=16, le=10_000_000, description="the length of a training sequence")]


class Against(Model):
    """Another build, whose documents are not repeated: its folder, relative to the root, or its URL."""

    build: Annotated[str, Field(min_length=1, description="its folder or URL; a string alone is this key")]
    sha256: Annotated[
        Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None,
        Field(description="the SHA-256 that its signatures must have; any if null"),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _takes_a_string(cls, value: object) -> object:
        return {"build": value} if isinstance(value, str) else value


class Duplicates(Model):
    """How copies are detected and what becomes of them.

    Texts are compared after folding, which removes differences of script, width, punctuation and spaces. The
    texts of a build are not folded.
    """

    drop: Annotated[
        Literal["none", "exact", "near"],
        Field(
            description="which copies of a document are left out. Use exact for laws and for versions of a "
            "text: an amendment, or the same law of another city, is a near copy. Whatever this is, a near "
            "copy of a document in another split is left out"
        ),
    ] = "near"
    threshold: Annotated[
        float,
        Field(ge=0.7, le=1, description="the least Jaccard index of trigrams of a near copy"),
    ] = SIMILARITY_THRESHOLD
    passages: Annotated[
        Literal["keep", "mark", "remove"],
        Field(description="what becomes of passages that also occur elsewhere"),
    ] = "keep"
    minimum_passage: Annotated[
        int, Field(ge=10, description="the fewest letters and digits of a passage")
    ] = SHORTEST_PASSAGE
    against: list[Against] = Field(
        default_factory=list,
        description="builds whose documents count as kept already; each must have signatures",
    )
    signatures: Annotated[
        Switch,
        Field(description="write signatures.parquet, so that other builds can be compared with this one"),
    ] = False

    @model_validator(mode="after")
    def _drops_something(self) -> Duplicates:
        if self.against and self.drop == "none":
            raise ValueError("against needs drop: exact or near")
        return self


class Decontamination(Model):
    """The evaluation texts that must not be in training data, and what becomes of documents with one."""

    texts: Annotated[list[SourceEntry], Field(min_length=1, description="the files of evaluation texts")]
    action: Annotated[
        Literal["flag", "drop"],
        Field(description="flag the place of an evaluation text in a document, or drop the document"),
    ] = "flag"
    share: Annotated[
        float, Field(gt=0, le=1, description="the least share of its letters that counts as the text")
    ] = MATCHED_SHARE


class FigureBounds(Model):
    """The least and the greatest value of a figure with which a document is kept."""

    min: Annotated[float | None, Field(description="the least value; none if null")] = None
    max: Annotated[float | None, Field(description="the greatest value; none if null")] = None


class ShareBounds(FigureBounds):
    """The least and the greatest value of a share, from 0 to 1, with which a document is kept."""

    @field_validator("min", "max")
    @classmethod
    def _check_share(cls, value: float | None) -> float | None:
        if value is not None and not 0 <= value <= 1:
            raise ValueError("a share is a number from 0 to 1")
        return value


class Quality(Model):
    """Bounds on the figures of quality of a document: one that is out of them is rejected, as ``quality``.

    The figures are columns of ``documents`` in any case, but for the perplexity, which takes time: it is
    measured only if it is named here, if only as ``perplexity: {}``.
    """

    han_share: Annotated[ShareBounds | None, Field(description="the share of Han characters")] = None
    digit_share: Annotated[ShareBounds | None, Field(description="the share of digits")] = None
    punctuation_share: Annotated[
        ShareBounds | None, Field(description="the share of punctuation and symbols")
    ] = None
    repeated_line_share: Annotated[
        ShareBounds | None,
        Field(description="the share of characters in lines that occur earlier in the text"),
    ] = None
    mean_line_length: Annotated[
        FigureBounds | None, Field(description="the characters of a line, on average")
    ] = None
    perplexity: Annotated[
        FigureBounds | None, Field(description="per character, by the n-gram model of Simplified text")
    ] = None
    damage_left: Annotated[
        FigureBounds | None, Field(description="the places that a repair flagged and could not undo")
    ] = None

    @property
    def bounds(self) -> dict[str, Bounds]:
        """The bounds by the name of the figure."""
        named = ((name, getattr(self, name)) for name in FIGURES)
        return {name: Bounds(least=limits.min, greatest=limits.max) for name, limits in named if limits}


class Limits(Model):
    """Bounds on what a source may cost: what exceeds one is rejected, with a reason that names the limit."""

    max_record_bytes: Annotated[
        int, Field(ge=1024, description="the size of a record; in Parquet, of all columns of a row")
    ] = 64 * 2**20
    max_expansion: Annotated[
        int, Field(ge=1, description="how many times its size a compressed file expands to, above 64 MiB")
    ] = 1000
    max_archive_depth: Annotated[
        int, Field(ge=0, le=8, description="how often a file may be compressed or packed in archives")
    ] = 4
    max_nesting: Annotated[int, Field(ge=1, le=256, description="levels of objects and lists in a line")] = (
        DEEPEST_NESTING
    )
    max_name_bytes: Annotated[
        int, Field(ge=16, description="the length of a source's path below the root")
    ] = 1024
    max_record_seconds: Annotated[
        float, Field(gt=0, description="a record that takes a worker longer is rejected")
    ] = 300
    max_cache_bytes: Annotated[
        int, Field(ge=0, description="finished parts are kept up to this size, the oldest are deleted")
    ] = 20 * 2**30


class Recipe(Model):
    """A whole recipe. Paths are relative to the folder ``root``, which is relative to the recipe file."""

    # The length is not in the pattern: compiling 95 repetitions of \w took 25 ms at every start.
    name: Annotated[
        str,
        Field(
            pattern=NAME_PATTERN,
            max_length=LONGEST_NAME,
            description="the name of the build, by default in dist/NAME",
        ),
    ]
    root: Annotated[str, Field(description="the folder that all paths are relative to")] = "."
    sources: Annotated[list[SourceEntry], Field(min_length=1)]
    steps: Steps = Steps()
    tokenizer: Annotated[
        str, Field(description="the name of a tokenizer, or a vocabulary file below root")
    ] = "o200k_base"
    chunks: Budget = Budget()
    more: dict[TableName, Budget] = Field(
        default_factory=dict, description="further tables of chunks, by name"
    )
    packed: Annotated[Packed | None, Field(description="adds a table of packed sequences")] = None
    duplicates: Duplicates = Duplicates()
    splits: Splits = Splits()
    shard_size: Annotated[
        int | None,
        Field(
            ge=1, description="about how many bytes of rows a shard has; by default 16 to 32 shards a table"
        ),
    ] = None
    search_index: Annotated[
        Switch, Field(description="write search_index.bin, so that find reads little of this build at a URL")
    ] = False
    decontamination: Decontamination | None = None
    quality: Quality = Quality()
    card: Card = Card()
    limits: Limits = Limits()

    def __init__(self, **keys: Any) -> None:
        """Check the keys of a recipe.

        Raises:
            RecipeError: a key is missing, unknown or wrong.
        """
        try:
            super().__init__(**keys)
        except ValidationError as error:
            raise _refuse(error, "recipe") from error

    # Only who calls it gets this error: where a recipe is a part of something, pydantic names the whole key.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @property
    def budgets(self) -> dict[str, Budget]:
        """The budgets of all tables of chunks, by table name; the first is the default one."""
        return {"chunks": self.chunks, **self.more}


def parse_recipe(content: dict[str, Any], where: str) -> Recipe:
    """Check the content of a recipe; ``where`` is its name in errors.

    >>> content = {"name": "demo", "sources": [{"path": "texts/*.txt"}], "chunks": {"max_tokens": 256}}
    >>> recipe = parse_recipe(content, "demo.yaml")
    >>> recipe.budgets["chunks"].max_tokens, recipe.steps.repair, recipe.steps.width
    (256, True, False)
    >>> parse_recipe({**content, "chunk": {}}, "demo.yaml")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    hanpack.errors.RecipeError: demo.yaml: chunk: unknown key; did you mean chunks? Possible are name, ...

    Raises:
        RecipeError: a key is missing, unknown or wrong.
    """
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        raise _refuse(error, where) from error


def _refuse(error: ValidationError, where: str) -> RecipeError:
    """The error for a content that is no recipe."""
    faults = list_faults(error, Recipe)
    return RecipeError("; ".join(faults), where, _CORRECT, faults)
