"""A build that somebody else made is refused with the field, if it is not one that hanpack writes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from hanpack.building.run import Build
from hanpack.errors import VerifyError
from hanpack.store.figures import FigureCounter
from hanpack.store.reader import BuildReader
from hanpack.store.received import ReceivedTotals
from tests.crafted_build import Content, craft_manifest, craft_table, set_column, set_value

SHARD = "data/chunks/train-00000-of-00001.parquet"


@pytest.fixture
def out(seeds_build: Build, tmp_path: Path) -> Path:
    """A copy of a build that a test may change."""
    return Path(shutil.copytree(seeds_build.path, tmp_path / "out"))


def list_again(content: Content) -> None:
    content["files"].append(content["files"][3])


def list_more(path: str) -> Callable[[Content], None]:
    return lambda content: content["files"].append({**content["files"][3], "path": path})


SOURCE = ("sources", 0)
FIGURES = {"chunks": 1, "tokens": 1, "largest_chunk": 1}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (set_value("../../secret.txt", *SOURCE, "path"), "sources.0.path"),
        (set_value("/etc/hostname", *SOURCE, "path"), "sources.0.path"),
        (set_value("seeds/../../secret.txt", *SOURCE, "path"), "sources.0.path"),
        (set_value(r"\x2e\x2e/secret.txt", *SOURCE, "path"), "sources.0.path"),
        (set_value(r"seeds\x2f..\x2f..\x2fsecret.txt", *SOURCE, "path"), "sources.0.path"),
        (set_value("a\0.txt", *SOURCE, "path"), "sources.0.path"),
        (set_value(".", *SOURCE, "path"), "sources.0.path"),
        (set_value("", *SOURCE, "path"), "sources.0.path"),
        (set_value("seeds//a.txt", *SOURCE, "path"), "sources.0.path"),
        (set_value(["a.txt"], *SOURCE, "path"), "sources.0.path"),
        (set_value("no codec", *SOURCE, "encoding"), "sources.0.encoding"),
        (set_value("hex", *SOURCE, "encoding"), "sources.0.encoding"),
        (set_value(-1, *SOURCE, "size"), "sources.0.size"),
        (set_value(2**63, *SOURCE, "size"), "sources.0.size"),
        (set_value("1", *SOURCE, "size"), "sources.0.size"),
        (set_value(99, *SOURCE, "entry"), "sources.0.entry"),
        (set_value("abc", *SOURCE, "sha256"), "sources.0.sha256"),
        (lambda content: content["sources"].append(content["sources"][0]), "sources.5.path"),
        (lambda content: content["sources"][0].update(secret=1), "sources.0.secret"),
        (lambda content: content["sources"][0].pop("entry"), "entry"),
        (set_value("chunks'; copy (select 1) to 'a.csv", "files", 2, "path"), "files.2.path"),
        (list_more("data/chunks_x as select 1; --/train-00000-of-00001.parquet"), "files.7.path"),
        (list_more("data/chunks_other/train-00000-of-00001.parquet"), "files.7.path"),
        (list_more("data/../../secret.parquet"), "files.7.path"),
        (list_more("/etc/hostname"), "files.7.path"),
        (list_more("data/chunks/train-00000-of-00002.parquet"), "files.7.path"),
        (list_more("data/chunks/test-00000-of-00001.parquet"), "files.7.path"),
        (list_again, "files.7.path"),
        (lambda content: content["files"].pop(0), "files: "),
        (set_value("0" * 63, "files", 0, "sha256"), "files.0.sha256"),
        (set_value(None, "files", 0, "rows"), "files.0.rows"),
        (set_value({}, "files"), "files"),
        (set_value("../../tokenizer.json", "tokenizer", "name"), "tokenizer.name"),
        (set_value("/etc/tokenizer.json", "tokenizer", "name"), "tokenizer.name"),
        (set_value("../../tokenizer.json", "recipe", "tokenizer"), "the recipe's root"),
        (set_value("512", "recipe", "chunks", "max_tokens"), "recipe.chunks.max_tokens"),
        (set_value([], "recipe", "sources"), "recipe.sources"),
        (set_value({}, "recipe"), "recipe.name"),
        (set_value("many", "totals", "chunks"), "totals.chunks"),
        (set_value([1], "totals", "states"), "totals.states"),
        (set_value({"kept": -1}, "totals", "states"), "totals.states.kept"),
        (lambda content: content["totals"].pop("tables"), "totals.tables"),
        (set_value({"chunks_x": FIGURES}, "totals", "tables"), "tables"),
        (set_value({}, "versions"), "versions.hanpack"),
        (set_value({"hanpack": 1}, "versions"), "versions.hanpack"),
        (set_value("a/b", "name"), "name"),
        (set_value("0", "fingerprint"), "fingerprint"),
        (set_value(1, "more"), "more"),
        (lambda content: content.pop("evaluation"), "evaluation"),
    ],
)
def test_a_manifest_that_hanpack_does_not_write_is_refused_by_its_field(
    out: Path, change: Callable[[Content], object], field: str
) -> None:
    craft_manifest(out, change)
    with pytest.raises(VerifyError) as caught:
        BuildReader.open(out)
    assert caught.value.exit_code == 1
    assert caught.value.where == str(out / "hanpack.json")
    assert field in caught.value.what


@pytest.mark.parametrize(
    "values",
    [
        {"cause": "no_such_cause", "fault": "x"},
        {"cause": "record_too_long", "fault": "longer than 5 bytes", "details": {}},
        {"cause": "record_too_long", "fault": "longer than 5 bytes", "details": {"limit": "5"}},
        {"cause": "no_text"},
        {"fault": "x"},
    ],
)
def test_a_fault_needs_a_cause_and_the_values_of_its_sentence(out: Path, values: dict[str, Any]) -> None:
    craft_manifest(out, lambda content: content["sources"][0].update(values))
    with pytest.raises(VerifyError, match=r"sources\.0"):
        BuildReader.open(out)


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b'{"a": NaN}', b'{"a": 1' + b"0" * 10_000 + b"}", b"null", b'"\\ud800"']
)
def test_a_manifest_that_no_parser_survives_is_refused(out: Path, content: bytes) -> None:
    (out / "hanpack.json").write_bytes(content)
    with pytest.raises(VerifyError, match="the manifest is broken"):
        BuildReader.open(out)


@pytest.mark.parametrize("name", [SHARD, "data", "data/chunks", "README.md", "croissant.json"])
@pytest.mark.parametrize("inside", [True, False])
def test_a_file_that_a_link_leads_to_is_refused(out: Path, name: str, inside: bool) -> None:
    elsewhere = out / "moved" if inside else out.parent / "elsewhere"
    (out / name).rename(elsewhere)
    (out / name).symlink_to(elsewhere)
    with pytest.raises(VerifyError, match=f"^.*: {name} is a link"):
        BuildReader.open(out)


def test_a_manifest_that_is_a_link_is_refused(out: Path) -> None:
    (out / "hanpack.json").rename(out.parent / "elsewhere.json")
    (out / "hanpack.json").symlink_to(out.parent / "elsewhere.json")
    with pytest.raises(VerifyError, match="it is a link"):
        BuildReader.open(out)


def test_a_pipe_in_the_place_of_a_file_is_refused_and_not_waited_for(out: Path) -> None:
    for name in (SHARD, "hanpack.json"):
        (out / name).unlink()
        os.mkfifo(out / name)
        with pytest.raises(VerifyError, match="no regular file"):
            BuildReader.open(out)


def test_a_build_whose_folder_is_named_by_a_link_is_read(out: Path) -> None:
    (out.parent / "latest").symlink_to(out)
    assert BuildReader.open(out.parent / "latest").tables == ("chunks", "documents", "ledger")


@pytest.mark.parametrize(
    ("table", "change", "message"),
    [
        ("chunks", lambda table: table.drop_columns("text"), "no column 'text'"),
        ("chunks", lambda table: table.append_column("id", table.column("id")), "2 columns 'id'"),
        (
            "chunks",
            lambda table: table.set_column(2, "token_count", table.column("id")),
            "'token_count' of the shard has the type string",
        ),
        (
            "chunks",
            lambda table: table.append_column("heading_characters", table.column("id")),
            "'heading_characters' of the shard has the type string",
        ),
        (
            "documents",
            lambda table: table.set_column(12, "metadata", table.column("id")),
            "'metadata' of the shard has the type string",
        ),
        ("chunks", set_column("text", None), "'text' of the shard has a null"),
        ("chunks", set_column("section", [None]), "'section' of the shard has a null"),
        ("documents", set_column("edits", [None]), "'edits' of the shard has a null"),
        ("documents", set_column("byte_breaks", None), "'byte_breaks' of the shard has a null"),
        ("ledger", set_column("bytes_removed", [{"step": None, "bytes": 1}]), "'bytes_removed' of the shard"),
    ],
)
def test_a_shard_without_the_columns_and_values_of_its_table_is_refused(
    out: Path, table: str, change: Callable[[pa.Table], pa.Table], message: str
) -> None:
    craft_table(out, table, change)
    reader = BuildReader.open(out)
    for read in (lambda: reader.read(table), lambda: list(reader.read_rows(table))):
        with pytest.raises(VerifyError) as caught:
            read()
        assert message in caught.value.what


def test_strings_that_are_not_utf8_are_refused(out: Path) -> None:
    def spoil(table: pa.Table) -> pa.Table:
        data = pa.array([b"\xff"] * table.num_rows, pa.binary())
        text = pa.Array.from_buffers(pa.string(), len(data), data.buffers())
        return table.set_column(1, "text", text)

    craft_table(out, "chunks", spoil)
    with pytest.raises(VerifyError, match="the shard has invalid values"):
        BuildReader.open(out).read("chunks")


def test_the_figures_that_are_read_are_those_that_are_counted() -> None:
    assert ReceivedTotals.model_fields.keys() == FigureCounter().figures().keys()
