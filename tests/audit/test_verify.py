"""Verify is green on a build as it was written, and red after any byte of it or of its sources is changed."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from hanpack.audit.verification import require_green, verify
from hanpack.building.run import Build, build
from hanpack.errors import VerifyError
from hanpack.store.manifest import MANIFEST, dump_manifest, read_manifest
from hanpack.store.shards import describe_file
from tests.conftest import ROOT
from tests.forged_build import TableRows, change_manifest, forge

FLIPS = 60


@pytest.fixture
def copied(seeds_build: Build, tmp_path: Path) -> tuple[Path, Path]:
    """A build and its sources that a test may spoil."""
    out, sources = tmp_path / "out", tmp_path / "sources"
    shutil.copytree(seeds_build.path, out)
    shutil.copytree(ROOT / "seeds", sources / "seeds")
    return out, sources


def is_green(out: Path, sources: Path) -> bool:
    try:
        return verify(out, sources).green
    except VerifyError:
        return False


def test_a_build_is_green_and_everything_was_checked(seeds_build: Build) -> None:
    audit = verify(seeds_build.path)
    assert audit.faults == []
    assert audit.notes == []
    assert audit.checked["records"] == audit.checked["replays"] == 81
    assert audit.checked["documents"] == seeds_build.counts["documents"]
    assert audit.checked["edits"] > 1000
    assert audit.checked["sources"] == audit.checked["files"] == 5
    assert audit.checked["chunks"] == seeds_build.counts["chunks"]
    assert audit.checked["blocks"] > 1000


def test_any_flipped_byte_is_caught(copied: tuple[Path, Path]) -> None:
    out, sources = copied
    files = [path for path in sorted(out.rglob("*")) if path.is_file() and ".hanpack" not in path.parts]
    files += sorted((sources / "seeds").iterdir())
    dice = random.Random(2026)
    missed = []
    for _ in range(FLIPS):
        path = dice.choice(files)
        before = path.read_bytes()
        place, bit = dice.randrange(len(before)), 1 << dice.randrange(8)
        spoilt = bytearray(before)
        spoilt[place] ^= bit
        path.write_bytes(spoilt)
        if is_green(out, sources):
            missed.append((path.name, place, bit))
        path.write_bytes(before)
    assert missed == []
    assert is_green(out, sources)


def test_a_missing_or_an_added_shard_is_caught(copied: tuple[Path, Path]) -> None:
    out, sources = copied
    (out / "data" / "chunks" / "train-00001-of-00002.parquet").write_bytes(b"x")
    (out / "README.md").unlink()
    assert {str(fault) for fault in verify(out, sources).faults} == {
        "README.md: the file is missing",
        "data/chunks/train-00001-of-00002.parquet: the manifest does not list this file",
    }


def test_missing_sources_are_named_with_what_to_do(copied: tuple[Path, Path], tmp_path: Path) -> None:
    faults = [str(fault) for fault in verify(copied[0], tmp_path / "nowhere").faults]
    assert len(faults) == 5
    assert all("--sources" in fault for fault in faults)


def test_a_folder_that_is_no_build_says_so(tmp_path: Path) -> None:
    with pytest.raises(VerifyError, match="not a finished build"):
        verify(tmp_path)


def rewrite(out: Path, name: str, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Change rows and make manifest and hashes fit, as a mistaken writer would."""
    manifest = read_manifest(out)
    files = list(manifest.files)
    (index,) = [i for i, file in enumerate(files) if file.path.startswith(f"data/{name}/")]
    path = out / files[index].path
    schema = pq.read_schema(path)
    rows = pq.read_table(path).to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema), path)
    files[index] = describe_file(path, out, len(rows))
    written = type(manifest)(
        **{field: getattr(manifest, field) for field in manifest.__slots__ if field != "files"}, files=files
    )
    (out / MANIFEST).write_text(dump_manifest(written), encoding="utf-8")


def set_first(key: str, value: Callable[[Any], Any]) -> Callable[[list[dict[str, Any]]], None]:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[0][key] = value(rows[0][key])

    return change


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("chunks", set_first("token_count", lambda n: n + 1), "not the count given"),
        ("chunks", set_first("text", lambda text: text[:-1] + "x"), "its text is not characters"),
        ("chunks", set_first("byte_end", lambda n: n + 1), "its bytes are"),
        ("chunks", set_first("start", lambda n: n + 1), "are lost"),
        ("chunks", set_first("document_id", lambda _: "other"), "belongs to another document"),
        ("chunks", lambda rows: rows.pop(), "are lost|is missing|end at character"),
        ("documents", set_first("token_count", lambda n: n - 1), "not the count given"),
        ("documents", set_first("text", lambda text: "x" + text[1:]), "are not the text of"),
        ("documents", set_first("byte_breaks", lambda breaks: [*breaks[:-1], breaks[-1] + 3]), "alignment"),
        ("ledger", set_first("bytes_kept", lambda n: n - 1), "kept and removed bytes"),
        ("ledger", set_first("byte_end", lambda n: n + 1), "kept and removed bytes"),
        (
            "chunks",
            set_first("metadata", lambda fields: {**fields, "title": "x"}),
            "metadata is not its document's",
        ),
        ("chunks", set_first("id", lambda _: "0" * 20), "its id is not that of its text"),
        ("chunks", lambda rows: rows.insert(0, rows[0]), "stands twice"),
        ("documents", set_first("edits", lambda edits: edits[1:]), "its edits removed"),
        (
            "documents",
            set_first("edits", lambda edits: [{**edits[0], "end": 10**6}, *edits[1:]]),
            "lies outside",
        ),
        ("documents", set_first("script", lambda _: "Hans"), "totals.scripts"),
        ("ledger", set_first("record", lambda _: 7), "its number does not follow"),
        (
            "ledger",
            set_first("bytes_removed", lambda steps: [{**steps[0], "step": "magic"}, *steps[1:]]),
            "magic",
        ),
        ("ledger", lambda rows: rows.pop(5), "the record before it ends|document it names"),
        ("ledger", lambda rows: rows.pop(), "have|has|without|lost|accounts"),
    ],
)
def test_a_wrong_row_is_caught_and_named(
    copied: tuple[Path, Path], name: str, change: Callable[[list[dict[str, Any]]], None], told: str
) -> None:
    out, sources = copied
    rewrite(out, name, change)
    faults = verify(out, sources).faults
    assert faults
    assert any(part in str(fault) for part in told.split("|") for fault in faults)


def test_what_needs_a_green_build_refuses_another(copied: tuple[Path, Path]) -> None:
    out, _ = copied
    (out / "README.md").unlink()
    with pytest.raises(VerifyError, match="faults, the first"):
        require_green(out)


@pytest.fixture(scope="module")
def divided_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a source and, in ``out``, its build with copies and three splits."""
    folder = tmp_path_factory.mktemp("divided")
    texts = [f"第{number}条　本条例所称第{number * 7919}号事项，由主管部门负责。" * 3 for number in range(40)]
    (folder / "a.txt").write_text("\n".join([*texts, texts[3], texts[5]]), encoding="utf-8")
    recipe = {
        "name": "divided",
        "sources": [{"path": "a.txt", "records": "line"}],
        "splits": {"validation": 0.3, "test": 0.3},
        "more": {"chunks_small": {"max_tokens": 32}},
        "packed": {"tokens": 64},
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    build(folder / "recipe.yaml", folder / "out", num_proc=1)
    return folder


@pytest.fixture
def divided(divided_build: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The divided build, to be spoilt, and the folder of its sources."""
    shutil.copytree(divided_build / "out", tmp_path / "out")
    return tmp_path / "out", divided_build


def test_a_build_with_splits_and_copies_is_green(divided: tuple[Path, Path]) -> None:
    audit = verify(*divided)
    totals = read_manifest(divided[0]).totals
    assert (audit.faults, audit.notes) == ([], [])
    assert totals["states"] == {"duplicate": 2, "kept": 40}
    assert min(totals["splits"][name] for name in ("train", "validation", "test")) > 0
    assert audit.checked["replays"] == audit.checked["records"] == 42
    assert audit.checked["documents"] == 40
    assert audit.checked["chunks"] == sum(table["chunks"] for table in totals["tables"].values())


def of_state(state: str, **values: Any) -> Callable[[dict[str, TableRows]], None]:
    """Change the first ledger row of a state."""

    def change(tables: dict[str, TableRows]) -> None:
        next(row for row in tables["ledger"] if row["state"] == state).update(values)

    return change


def shorten(tables: dict[str, TableRows], name: str) -> None:
    """Leave a row of a table out."""
    tables[name].pop(7)


def swap_splits(tables: dict[str, TableRows]) -> None:
    """Exchange what the ledger says of two documents in different splits, but leave them where they are."""
    first, second = (
        next(row for row in tables["ledger"] if row["split"] == name) for name in ("train", "test")
    )
    first["document_id"], second["document_id"] = second["document_id"], first["document_id"]
    first["split"], second["split"] = second["split"], first["split"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (of_state("duplicate", duplicate_of="0" * 20), "which is no document"),
        (of_state("duplicate", duplicate_of=None), "which is no document"),
        (of_state("duplicate", similarity=None), "its similarity is None"),
        (of_state("duplicate", similarity=1.5), "its similarity is 1.5"),
        (of_state("duplicate", bytes_removed=[]), "kept and removed bytes"),
        (of_state("duplicate", document_id="0" * 20), "and names a document"),
        (of_state("kept", similarity=0.9), "it is no duplicate, and has a similarity"),
        (of_state("kept", duplicate_of="0" * 20), "it is no duplicate, and names what it repeats"),
        (swap_splits, "the document it names is not the next one"),
        (partial(shorten, name="documents"), "the document it names is not the next one"),
        (partial(shorten, name="ledger"), "no ledger row"),
        (partial(shorten, name="chunks_small"), "are lost|end at character"),
    ],
)
def test_what_the_ledger_says_of_copies_and_splits_is_held_to(
    divided: tuple[Path, Path], change: Callable[[dict[str, TableRows]], None], told: str
) -> None:
    forge(divided[0], change)
    faults = [str(fault) for fault in verify(*divided).faults]
    assert any(part in fault for part in told.split("|") for fault in faults), faults


def test_a_row_that_is_missing_leaves_the_others_in_step(divided: tuple[Path, Path]) -> None:
    forge(divided[0], partial(shorten, name="ledger"))
    assert len(verify(*divided).faults) < 8


def test_another_tokenizer_than_the_manifest_names_is_caught(copied: tuple[Path, Path]) -> None:
    change_manifest(copied[0], tokenizer={"name": "o200k_base", "sha256": "0" * 64})
    assert any("the tokenizer's sha256" in str(fault) for fault in verify(*copied).faults)
