"""FORMAT.md says what a build is: every column, every key of the manifest, no other, and the right types."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pytest

from hanpack.building.run import Build
from hanpack.flow import STEPS
from hanpack.reasons import Cause
from hanpack.recipe import Recipe
from hanpack.sources.compression import CODECS
from hanpack.sources.formats import SUFFIXES
from hanpack.store.metadata import EXTRA, METADATA
from hanpack.store.received import ReceivedBuild
from hanpack.store.signature_table import SCHEMA
from hanpack.store.table_kinds import TableKind, find_schemas
from hanpack.store.withdrawals import StatedText, StatedWithdrawal
from tests.conftest import ROOT

TABLES = ["chunks", "packed", "documents", "ledger"]
TEXT = (ROOT / "FORMAT.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """The text below a heading, up to the next heading of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    body = re.split(rf"^{re.escape(heading)}$", TEXT, flags=re.MULTILINE)[1]
    return re.split(rf"^#{{1,{level}}} ", body, flags=re.MULTILINE)[0]


def rows(heading: str, column: str) -> Iterator[list[str]]:
    """The rows of the table below a heading whose first column has this name; there is at least one."""
    table = section(heading).split(f"| {column} |", 1)[1].split("\n\n", 1)[0]
    lines = table.splitlines()[2:]
    assert lines
    for line in lines:
        yield [cell.strip() for cell in line.strip().strip("|").split("|")]


def documented(heading: str, column: str = "column") -> dict[str, str]:
    """The second column of the table below a heading, by the first."""
    cells = list(rows(heading, column))
    names = [name.strip("`") for name, *_ in cells]
    assert len(set(names)) == len(names)
    return dict(zip(names, (kind.replace("\\", "") for _, kind, *_ in cells), strict=True))


def columns(schema: pa.Schema) -> Iterator[tuple[str, str]]:
    """The columns of a schema, those of a list of structs too, as FORMAT.md writes them."""
    for field in schema:
        if pa.types.is_list(field.type) and pa.types.is_struct(field.type.value_type):
            yield field.name, "list<struct>"
            yield from ((f"{field.name}.{inner.name}", str(inner.type)) for inner in field.type.value_type)
        elif pa.types.is_list(field.type):
            yield field.name, f"list<{field.type.value_type}>"
        else:
            yield field.name, "struct" if pa.types.is_struct(field.type) else str(field.type)


def written_columns() -> dict[str, dict[str, str]]:
    """Every column that a table of any recipe can have."""
    tables = {"more": {"chunks_headed": {"headings": True}}, "packed": {"tokens": 16}}
    content = {"name": "x", "sources": [{"path": "x"}], "splits": {"test": 0.1}, **tables}
    recipe = Recipe.model_validate(content)
    columns_of: dict[str, dict[str, str]] = {}
    for name, schema in find_schemas(recipe).items():
        columns_of.setdefault(name.split("_")[0], {}).update(columns(schema))
    return columns_of


@pytest.mark.parametrize("table", TABLES)
def test_every_column_and_no_other_is_documented_with_its_type(table: str) -> None:
    assert documented(f"## {table}") == written_columns()[table]


def test_the_table_of_causes_is_that_of_the_code() -> None:
    documented = [tuple(cells) for cells in rows("### Causes", "cause")]
    assert documented == [(f"`{cause.code}`", cause.template) for cause in Cause]


def test_there_is_a_section_for_every_table() -> None:
    published = {kind.value for kind in TableKind if kind is not TableKind.FEATURES}
    assert set(written_columns()) == {*TABLES} == published


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_a_meaning_and_every_number_a_unit_or_is_an_index(table: str) -> None:
    columns_of = list(rows(f"## {table}", "column"))
    assert [name for name, _, _, meaning in columns_of if not meaning] == []
    numbers = [(name, unit, meaning) for name, kind, unit, meaning in columns_of if "int" in kind]
    assert [unit for _, unit, _ in numbers if unit]
    assert [name for name, unit, meaning in numbers if not unit and "from 0" not in meaning] == []


def test_every_key_of_the_manifest_and_no_other_is_documented(seeds_build: Build) -> None:
    manifest = json.loads((seeds_build.path / "hanpack.json").read_text(encoding="utf-8"))
    keys = set(manifest)
    for name in ("sources", "files"):
        keys |= {f"{name}.{key}" for key in manifest[name][0]}
    keys |= {f"totals.{key}" for key in manifest["totals"]}
    keys |= {f"withdrawals.{key}" for key in StatedWithdrawal.model_fields}
    keys |= {f"withdrawals.texts.{key}" for key in StatedText.model_fields}
    keys |= {f"against.{key}" for key in ReceivedBuild.model_fields}
    assert set(documented("## hanpack.json", "key")) == keys


def test_the_table_of_steps_is_that_of_the_flow() -> None:
    documented = [tuple(cells) for cells in rows("### Steps", "step")]
    assert documented == [(f"`{step.name}`", step.summary, ", ".join(step.kinds)) for step in STEPS]


def test_every_step_that_a_build_counts_is_documented(seeds_build: Build) -> None:
    named = {name for cells in rows("### Steps", "step") for name in re.findall(r"`(\w+)`", cells[0])}
    totals: Mapping[str, Any] = seeds_build.counts
    assert {"page", "pinyin", "script"} <= totals["edits"].keys() <= named
    assert {"page", "duplicate"} <= totals["bytes_removed"].keys()
    assert totals["bytes_removed"].keys() <= named | {"rejected", "empty", "duplicate"}


def test_every_format_that_is_read_has_its_span_and_its_proof() -> None:
    suffixes = {*SUFFIXES, *CODECS, ".zip", ".tar"}
    for heading in ("## What a span means", "## What `verify` can prove"):
        named = {name for cells in rows(heading, "format") for name in re.findall(r"`(\.\w+)`", cells[0])}
        assert named == suffixes


def test_the_metadata_that_every_build_has_is_documented() -> None:
    assert {*METADATA, EXTRA} <= set(re.findall(r"`(\w+)`", section("### Metadata")))


def test_the_columns_of_the_signatures_are_those_of_their_schema() -> None:
    expected = {
        field.name: str(field.type).replace("fixed_size_binary[", "binary(").replace("]", ")")
        for field in SCHEMA
    }
    assert documented("### Signatures") == expected
