"""Writes the dataset card: YAML for the Hub and a body for people, with figures of the build itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup, escape

from hanpack.lazy_patterns import compile_lazily
from hanpack.recipe_card import Card
from hanpack.store.card_facts import find_facts
from hanpack.store.manifest import CONTENTS_HINT, PICTURE, Manifest
from hanpack.store.shards import ShardFile, describe_file
from hanpack.store.table_kinds import TableKind
from hanpack.wording import format_count

# What begins a link, an image, code, emphasis, a cell or an escape in Markdown.
_MARKUP = compile_lazily(r"[\\`*\[\]|~]")
_REPOSITORY = compile_lazily(r"://(?:[^/]+/)?datasets/([\w.-]+/[\w.-]+)/?$")
SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
)
# What a row of each kind of table is.
MEANINGS = {
    TableKind.CHUNKS: "a span of a document within the token budget",
    TableKind.PACKED: "a training sequence of tokens",
    TableKind.DOCUMENTS: "the repaired text of a record",
    TableKind.LEDGER: "a record of a source, and what became of it",
}
SCRIPTS = {"Hans": "Simplified", "Hant": "Traditional", "mixed": "both", "other": "no Chinese, or undecided"}
SCRIPT_TAGS = {"Hans": "zh-Hans", "Hant": "zh-Hant"}
TARGET_TAGS = {"hans": "zh-Hans", "hant": "zh-Hant", "tw": "zh-TW", "hk": "zh-HK"}
TARGETS = {
    "keep": "in the scripts of their sources",
    "hans": "in Simplified Chinese, converted where they were not",
    "hant": "in Traditional Chinese, converted where they were not",
    "tw": "in Traditional Chinese as in Taiwan, converted where they were not",
    "hk": "in Traditional Chinese as in Hong Kong, converted where they were not",
}


def write_card(folder: Path, manifest: Manifest, card: Card) -> ShardFile:
    """Write the card of a build as ``README.md`` into its folder."""
    path = folder / "README.md"
    path.write_text(render_card(folder, manifest, card), encoding="utf-8")
    return describe_file(path, folder)


def render_card(folder: Path, manifest: Manifest, card: Card) -> str:
    """The text of the card of a build; ``folder`` contains the shards that ``manifest`` lists."""
    header = yaml.safe_dump(_header(folder, manifest, card), allow_unicode=True, sort_keys=False)
    values = {field.name: getattr(manifest, field.name) for field in fields(manifest)}
    totals = manifest.totals
    return _load_template().render(
        **values,
        manifest=manifest,
        contents_hint=CONTENTS_HINT,
        card=card,
        citation=_fence(card.citation),
        facts=find_facts(folder, manifest),
        meanings={name: MEANINGS[TableKind.of(name)] for name in manifest.tables},
        has_headings=any(
            "heading_characters" in pq.read_schema(folder / files[0].path).names
            for files in manifest.tables.values()
        ),
        picture=PICTURE,
        quality_bounds=_describe_bounds(manifest.recipe["quality"]),
        repository=find_repository(card.url) or "PATH_OR_REPO",
        scripts=SCRIPTS,
        steps=sorted(totals["edits"].keys() | totals["bytes_removed"].keys()),
        tables=manifest.tables,
        targets=TARGETS,
        yaml=header,
    )


@cache
def _load_template() -> Template:
    """The template of the card. To compile it takes longer than all else that a small card takes."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    environment.filters["cell"] = _cell
    environment.filters["count"] = format_count
    environment.filters["quoted"] = lambda text: Markup(json.dumps(str(text), ensure_ascii=False)[1:-1])  # noqa: S704
    environment.filters["code"] = _code
    environment.filters["value"] = _value
    template = resources.files("hanpack.store").joinpath("dataset_card.md").read_text(encoding="utf-8")
    return environment.from_string(template)


def _describe_bounds(quality: Mapping[str, Any]) -> dict[str, str]:
    """The bounds of each figure of quality in words, of those that have any.

    >>> _describe_bounds({"digit_share": {"min": None, "max": 0.08}, "perplexity": None})
    {'digit_share': 'up to 0.08'}
    """
    described = {}
    for name, bounds in quality.items():
        named = (("from", bounds["min"]), ("up to", bounds["max"])) if bounds else ()
        if words := " ".join(f"{word} {limit:g}" for word, limit in named if limit is not None):
            described[name] = words
    return described


def find_repository(url: str) -> str:
    """The repository on the Hub that is published at a URL; empty if it is another URL.

    >>> find_repository("https://hub.example/datasets/me/laws"), find_repository("https://example.org/laws")
    ('me/laws', '')
    """
    match = _REPOSITORY.search(url)
    return match[1] if match else ""


def _fence(text: str) -> str:
    """Text for a fenced block of Markdown: without control characters, and nothing that ends the block."""
    lines = (_blank_controls(line) for line in text.splitlines())
    return "\n".join(lines).replace("<", "&lt;").replace("`" * 3, "'" * 3).replace("~" * 3, "---")


def _cell(text: object) -> str:
    """Text for a cell of a Markdown table: one line, without control characters, ``|`` escaped."""
    return _join_lines(text).replace("|", "\\|")


def _value(text: object) -> Markup:
    """A value that no author wrote, for a cell of a Markdown table: it is neither HTML nor Markdown.

    An underscore inside a word is no markup, and stays.
    """
    # Quotation marks mean nothing outside of tags.
    escaped = str(escape(_join_lines(text))).replace("&#39;", "'").replace("&#34;", '"')
    return Markup(_MARKUP.sub(r"\\\g<0>", escaped))  # noqa: S704 (escaped here)


def _code(text: object) -> Markup:
    """A value between backticks, where no other character is markup or HTML."""
    return Markup(_join_lines(text).replace("`", "'"))  # noqa: S704 (between backticks)


def _join_lines(text: object) -> str:
    """A value in one line, without control characters."""
    return " ".join(_blank_controls(str(text)).split())


def _blank_controls(line: str) -> str:
    return "".join(char if char.isprintable() else " " for char in line)


def _header(folder: Path, manifest: Manifest, card: Card) -> Mapping[str, Any]:
    rows = manifest.totals["chunks"]
    return {
        "pretty_name": card.title or manifest.name,
        "language": card.language,
        **_list_scripts(manifest, card),
        "license": card.license,
        **({"license_name": card.license_name} if card.license_name else {}),
        **({"license_link": card.license_link} if card.license_link else {}),
        "annotations_creators": [card.annotations],
        "language_creators": ["found"],
        "multilinguality": ["monolingual" if len(card.language) == 1 else "multilingual"],
        "source_datasets": ["original"],
        "size_categories": [next((name for limit, name in SIZES if rows < limit), "1B<n<10B")],
        "task_categories": card.task_categories,
        "tags": sorted({*card.tags, "hanpack"}),
        "configs": [
            {
                "config_name": name,
                "data_files": [
                    {"split": split, "path": f"data/{name}/{split}-*"}
                    for split in dict.fromkeys(file.partition for file in files)
                ],
                **({"default": True} if name == "chunks" else {}),
            }
            for name, files in manifest.tables.items()
        ],
        "dataset_info": [_information(folder, manifest, name) for name in manifest.tables],
    }


def _list_scripts(manifest: Manifest, card: Card) -> Mapping[str, Any]:
    """The scripts of Chinese texts as tags of languages (BCP 47), the most frequent first."""
    if "zh" not in card.language:
        return {}
    target = manifest.recipe["steps"]["script"]
    if target in TARGET_TAGS:
        return {"language_bcp47": [TARGET_TAGS[target]]}
    counts = manifest.totals["scripts"]
    names = sorted((name for name in SCRIPT_TAGS if counts.get(name)), key=lambda name: -counts[name])
    return {"language_bcp47": [SCRIPT_TAGS[name] for name in names]} if names else {}


def _information(folder: Path, manifest: Manifest, name: str) -> Mapping[str, Any]:
    files = manifest.tables[name]
    schema = pq.read_schema(folder / files[0].path)
    splits: dict[str, dict[str, Any]] = {}
    for file in files:
        split = splits.setdefault(file.partition, {"name": file.partition, "num_bytes": 0, "num_examples": 0})
        split["num_bytes"] += _uncompressed(folder / file.path)
        split["num_examples"] += file.rows
    return {
        "config_name": name,
        "features": [_feature(field) for field in schema],
        "splits": list(splits.values()),
        "download_size": sum(file.bytes for file in files),
        "dataset_size": sum(split["num_bytes"] for split in splits.values()),
    }


def _uncompressed(path: Path) -> int:
    """The size of a shard's row groups before compression, in bytes."""
    metadata = pq.read_metadata(path)
    return sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))


def _feature(field: pa.Field) -> Mapping[str, Any]:
    return {"name": field.name, **_kind(field.type)}


def _kind(kind: pa.DataType) -> Mapping[str, Any]:
    """An Arrow type as in the YAML of ``datasets.Features``; a test compares the two."""
    if pa.types.is_struct(kind):
        return {"struct": [_feature(field) for field in kind]}
    if pa.types.is_list(kind):
        inner = kind.value_type
        if pa.types.is_struct(inner):
            return {"list": [_feature(field) for field in inner]}
        return {"list": _kind(inner)["dtype"]}
    return {"dtype": {"double": "float64"}.get(str(kind), str(kind))}
