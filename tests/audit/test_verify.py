"""Verify passes on a build as it was written, and fails after any byte of it or of its sources is changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hanpack.audit.verification import Fault, require_valid, verify
from hanpack.building.run import Build, build
from hanpack.errors import VerifyError
from hanpack.store.manifest import MANIFEST, read_manifest
from tests.audit.flips import draw_bit, find_missed_flips, is_noticed
from tests.conftest import write_recipe
from tests.crafted_build import change_rows, craft_table
from tests.forged_build import Change, TableRows, change_manifest, change_state, forge

FLIPS = 60


def test_a_build_passes_and_everything_was_checked(seeds_build: Build) -> None:
    audit = verify(seeds_build.path)
    assert audit.faults == []
    assert audit.notes == []
    assert audit.checked["records"] == audit.checked["replays"] == 81
    assert audit.checked["documents"] == seeds_build.counts["documents"]
    assert audit.checked["edits"] > 1000
    assert (audit.checked["sources"], audit.checked["files"]) == (5, 7)
    assert audit.checked["chunks"] == seeds_build.counts["chunks"]
    assert audit.checked["blocks"] > 1000


def test_any_flipped_byte_is_caught(copied: tuple[Path, Path]) -> None:
    out, sources = copied
    assert list(find_missed_flips(out, sources, draw_bit, count=FLIPS, seed=2026)) == []
    assert not is_noticed(out, sources)


def test_a_missing_or_an_added_shard_is_caught(copied: tuple[Path, Path]) -> None:
    out, sources = copied
    (out / "data" / "chunks" / "train-00001-of-00002.parquet").write_bytes(b"x")
    (out / "README.md").unlink()
    assert {str(fault) for fault in verify(out, sources).faults} == {
        "README.md: the file is missing",
        "data/chunks/train-00001-of-00002.parquet: the manifest does not list this file",
    }


def test_missing_sources_are_named_with_what_to_do(copied: tuple[Path, Path], tmp_path: Path) -> None:
    faults = verify(copied[0], tmp_path / "nowhere").faults
    assert [fault.where for fault in faults] == sorted(
        path.relative_to(copied[1]).as_posix() for path in (copied[1] / "seeds").iterdir()
    )
    assert {fault.what for fault in faults} == {
        "the source is not in nowhere; name its folder with --sources"
    }


def test_a_folder_that_is_no_build_says_so(tmp_path: Path) -> None:
    with pytest.raises(VerifyError, match="not a finished build"):
        verify(tmp_path)


def set_first(key: str, value: Callable[[Any], Any]) -> Callable[[list[dict[str, Any]]], None]:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[0][key] = value(rows[0][key])

    return change


def shard(table: str, row: int) -> str:
    """The place of a row of a table without partitions."""
    return f"data/{table}/train-00000-of-00001.parquet row {row}"


SEED = "seeds/000_6e557153c922afc4.txt"
FIRST_RECORD = f"{shard('ledger', 0)} ({SEED} record 0 at byte 0)"


@pytest.mark.parametrize(
    ("name", "change", "where", "what"),
    [
        (
            "chunks",
            set_first("token_count", lambda n: n + 1),
            shard("chunks", 0),
            "it has 304 tokens, but its token_count is 305",
        ),
        (
            "chunks",
            set_first("text", lambda text: text[:-1] + "x"),
            shard("chunks", 0),
            "its text is not characters 0 to 367 of the document",
        ),
        (
            "chunks",
            set_first("byte_end", lambda n: n + 1),
            shard("chunks", 0),
            "its bytes are 0 to 1402, not 0 to 1403",
        ),
        (
            "chunks",
            set_first("start", lambda n: n + 1),
            shard("chunks", 0),
            "characters 0 to 1 before it are in no chunk",
        ),
        (
            "chunks",
            set_first("document_id", lambda _: "other"),
            shard("chunks", 0),
            "it does not belong to the documents in their order",
        ),
        (
            "chunks",
            lambda rows: rows.pop(),
            shard("documents", 77),
            "its chunks end at character 14274 of 14732",
        ),
        (
            "chunks",
            lambda rows: rows.pop(),
            shard("documents", 77),
            "it has 23 chunks, but its chunk_count is 24",
        ),
        ("chunks", lambda rows: rows.pop(), MANIFEST, "totals.chunks is 102, but the tables give 101"),
        (
            "chunks",
            set_first("metadata", lambda fields: {**fields, "title": "x"}),
            shard("chunks", 0),
            "its metadata is not its document's",
        ),
        (
            "chunks",
            set_first("id", lambda _: "0" * 20),
            shard("chunks", 0),
            "its id is not that of its text",
        ),
        (
            "chunks",
            lambda rows: rows.insert(0, rows[0]),
            shard("chunks", 1),
            "the id 4aa4a5c313e292c5e2a4 occurs twice",
        ),
        (
            "documents",
            set_first("token_count", lambda n: n - 1),
            shard("documents", 0),
            "it has 304 tokens, but its token_count is 303",
        ),
        (
            "documents",
            set_first("copies", lambda n: n + 1),
            shard("documents", 0),
            "it was 1 records, but its copies are 2",
        ),
        (
            "documents",
            set_first("text", lambda text: "x" + text[1:]),
            f"{SEED} byte 0",
            f"the bytes up to 8 are not the text of {shard('documents', 0)}",
        ),
        (
            "documents",
            set_first("byte_breaks", lambda breaks: [*breaks[:-1], breaks[-1] + 3]),
            shard("documents", 0),
            "its alignment does not cover its text and its bytes in order",
        ),
        (
            "documents",
            set_first("edits", lambda edits: edits[1:]),
            FIRST_RECORD,
            "its document's edits removed {'pinyin': 347}, not {'pinyin': 347, 'separator': 1}",
        ),
        (
            "documents",
            set_first("edits", lambda edits: [{**edits[0], "end": 10**6}, *edits[1:]]),
            shard("documents", 0),
            "an edit of separator is outside the text or the record",
        ),
        (
            "documents",
            set_first("script", lambda _: "Hans"),
            MANIFEST,
            "totals.scripts is {'Hans': 61, 'Hant': 17}, but the tables give {'Hans': 62, 'Hant': 16}",
        ),
        (
            "ledger",
            set_first("bytes_kept", lambda n: n - 1),
            FIRST_RECORD,
            "its kept and removed bytes add up to 1402, not to 1403",
        ),
        (
            "ledger",
            set_first("byte_end", lambda n: n + 1),
            FIRST_RECORD,
            "the record in the source is bytes 0 to 1403",
        ),
        (
            "ledger",
            set_first("record", lambda _: 7),
            FIRST_RECORD.replace("record 0", "record 7"),
            "its record number is 7, not 0",
        ),
        (
            "ledger",
            set_first("bytes_removed", lambda steps: [{**steps[0], "step": "x"}, *steps[1:]]),
            FIRST_RECORD,
            "its document's edits removed {'pinyin': 347, 'separator': 1}, not {'x': 347, 'separator': 1}",
        ),
        (
            "ledger",
            lambda rows: rows.pop(5),
            f"{shard('ledger', 5)} ({SEED} record 6 at byte 9099)",
            "it begins at byte 9099, but the record before it ends at byte 7528",
        ),
        (
            "ledger",
            lambda rows: rows.pop(),
            "seeds/004_a378347d771fafc0.txt record 0",
            "no ledger row accounts for it",
        ),
        (
            "ledger",
            lambda rows: rows.pop(),
            shard("documents", 77),
            "no ledger row names this document",
        ),
    ],
)
def test_a_wrong_row_is_caught_and_named(
    copied: tuple[Path, Path],
    name: str,
    change: Callable[[list[dict[str, Any]]], None],
    where: str,
    what: str,
) -> None:
    out, sources = copied
    craft_table(out, name, change_rows(change))
    faults = verify(out, sources).faults
    assert Fault(where, what) in faults
    assert Fault("README.md", "the card is not the one that the manifest gives") in faults


def test_what_needs_a_valid_build_refuses_another(copied: tuple[Path, Path]) -> None:
    out, _ = copied
    (out / "README.md").unlink()
    with pytest.raises(VerifyError, match="1 fault, the first"):
        require_valid(out)


@pytest.fixture(scope="module")
def divided_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a source and, in ``out``, its build with copies and three splits."""
    folder = tmp_path_factory.mktemp("divided")
    texts = [f"第{number}条　本条例所称第{number * 7919}号事项，由主管部门负责。" * 3 for number in range(40)]
    recipe = write_recipe(
        folder,
        {"a.txt": "\n".join([*texts, texts[3], texts[5]]).encode()},
        name="divided",
        sources=[{"path": "a.txt", "records": "line"}],
        splits={"validation": 0.3, "test": 0.3},
        more={"chunks_small": {"max_tokens": 32}},
        packed={"tokens": 64},
    )
    build(recipe, folder / "out", num_proc=1)
    return folder


@pytest.fixture
def divided(loaded_models: None, divided_build: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A copy of the divided build that a test may change, and the folder of its sources."""
    shutil.copytree(divided_build / "out", tmp_path / "out")
    return tmp_path / "out", divided_build


def test_a_build_with_splits_and_copies_passes(divided: tuple[Path, Path]) -> None:
    audit = verify(*divided)
    totals = read_manifest(divided[0]).totals
    assert (audit.faults, audit.notes) == ([], [])
    assert totals["states"] == {"duplicate": 2, "kept": 40}
    assert min(totals["splits"][name] for name in ("train", "validation", "test")) > 0
    assert audit.checked["replays"] == audit.checked["records"] == 42
    assert audit.checked["documents"] == 40
    assert audit.checked["chunks"] == sum(table["chunks"] for table in totals["tables"].values())


def shorten(tables: dict[str, TableRows], name: str) -> None:
    """Delete a row of a table."""
    tables[name].pop(7)


def swap_splits(tables: dict[str, TableRows]) -> None:
    """Exchange two documents of different splits in the ledger, but not in the table of documents."""
    first, second = (
        next(row for row in tables["ledger"] if row["split"] == name) for name in ("train", "test")
    )
    first["document_id"], second["document_id"] = second["document_id"], first["document_id"]
    first["split"], second["split"] = second["split"], first["split"]


COPY = f"{shard('ledger', 40)} (a.txt record 40 at byte 8476)"
RIGHTS = {"license": None, "domain": None}
KEPT = f"{shard('ledger', 0)} (a.txt record 0 at byte 0)"


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        (
            change_state("duplicate", duplicate_of="0" * 20),
            COPY,
            f"it is a copy of {'0' * 20}, which is no document",
        ),
        (change_state("duplicate", duplicate_of=None), COPY, "it is a copy of None, which is no document"),
        (
            change_state("duplicate", similarity=None),
            COPY,
            "its similarity is None, not a number from 0 to 1",
        ),
        (change_state("duplicate", similarity=1.5), COPY, "its similarity is 1.5, not a number from 0 to 1"),
        (
            change_state("duplicate", bytes_removed=[]),
            COPY,
            "its kept and removed bytes add up to 0, not to 208",
        ),
        (
            change_state("duplicate", bytes_removed=[{"step": "page", "bytes": 208}]),
            COPY,
            "it is a duplicate, but its bytes were removed by {'page': 208}",
        ),
        (
            change_state("duplicate", document_id="0" * 20),
            COPY,
            "it was not kept, but names a document",
        ),
        (change_state("duplicate", reason=None), COPY, "it was not kept, but has no reason"),
        (change_state("duplicate", cause=None), COPY, "it was not kept, but its cause is None"),
        (change_state("duplicate", cause="bad_luck"), COPY, "it was not kept, but its cause is bad_luck"),
        (change_state("duplicate", bytes_kept=9), COPY, "it was not kept, but has kept bytes"),
        (change_state("kept", similarity=0.9), KEPT, "it is not a duplicate, but has a similarity"),
        (
            change_state("kept", domain="example.com"),
            KEPT,
            f"it states {RIGHTS | {'domain': 'example.com'}}, but its document {RIGHTS}",
        ),
        (change_state("kept", duplicate_of="0" * 20), KEPT, "it is not a duplicate, but is a copy"),
        (
            swap_splits,
            f"{shard('ledger', 3)} (a.txt record 3 at byte 609)",
            "the document it names is not the next one",
        ),
        (
            partial(shorten, name="documents"),
            f"{shard('ledger', 17)} (a.txt record 17 at byte 3554)",
            "the document it names is not the next one",
        ),
        (partial(shorten, name="ledger"), "a.txt record 7", "no ledger row accounts for it"),
        (
            partial(shorten, name="ledger"),
            "data/documents/validation-00000-of-00001.parquet row 4",
            "no ledger row names this document",
        ),
        (
            partial(shorten, name="chunks_small"),
            shard("chunks_small", 7),
            "characters 27 to 54 before it are in no chunk",
        ),
    ],
)
def test_what_the_ledger_says_of_copies_and_splits_is_checked(
    divided: tuple[Path, Path], change: Change, where: str, what: str
) -> None:
    forge(divided[0], change)
    assert Fault(where, what) in verify(*divided).faults


def test_a_missing_row_makes_no_faults_of_the_rows_after_it(divided: tuple[Path, Path]) -> None:
    forge(divided[0], partial(shorten, name="ledger"))
    after = f"{shard('ledger', 7)} (a.txt record 8 at byte 1649)"
    assert [fault.where for fault in verify(*divided).faults] == [
        after,
        after,
        "a.txt record 7",
        "data/documents/validation-00000-of-00001.parquet row 4",
        "data/ledger (a.txt record 7 at byte 1441)",
    ]


def test_another_tokenizer_than_the_manifest_names_is_caught(copied: tuple[Path, Path]) -> None:
    sha256 = read_manifest(copied[0]).tokenizer["sha256"]
    change_manifest(copied[0], tokenizer={"name": "o200k_base", "sha256": "0" * 64})
    assert Fault("o200k_base", f"the tokenizer's sha256 is {sha256}") in verify(*copied).faults
