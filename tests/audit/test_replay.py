"""The replay proves that documents are what the flow makes of the raw bytes, or says why it does not."""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hanpack.audit.verification import Fault, verify
from hanpack.building.run import build
from hanpack.cli import main
from hanpack.documents import identify
from hanpack.reasons import Cause, Reason
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.tokens import open_counter
from hanpack.store.manifest import MANIFEST, read_manifest
from tests.conftest import ROOT, write_recipe
from tests.forged_build import Change, TableRows, change_manifest, change_row, forge

COMMON = "的一是了在人有中大国不我他这为之来以个上"


@pytest.fixture(scope="module")
def mixed_build(loaded_models: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sources in ``corpus`` with every kind of record, and their build in ``out``.

    The records are kept, empty, rejected, wrapped, compressed, and in other encodings.
    """
    lines = [
        {
            "text": "旅遊高質量發展，\n第二行\u3000“引文”。\U0001f600",
            "year": 2024,
            "tags": ["a", "b"],
            "url": None,
        },
        {"text": "   ", "year": 3.5},
        {"text": "旅遊高質量發展。", "year": "x"},
        {"words": "no text"},
    ]
    rows = b"".join(json.dumps(line).encode() + b"\r\n" for line in lines)
    table = pa.table({"text": ["一張表格。", None, "", "又一行“文字”。"], "n": [1, 2, 3, 4]})
    parquet = io.BytesIO()
    pq.write_table(table, parquet)
    files = {
        "a.jsonl": rows + b"{broken\n",
        "b.jsonl.gz": gzip.compress(rows),
        "c.txt": "\ufeff第一段。\r\n\r\n\r\n第二段，著力發展。\n".encode(),
        "d.txt": ("今天的天气很好,我们去公园散步。他说:\n" * 20).encode("gbk"),
        "e.txt": "統一碼文字。\n第二行。\n".encode("utf-16"),
        "f.parquet": parquet.getvalue(),
        "g.bin": b"\x00\x01",
        "h.txt": b"\xff\xfe\xfd" * 50,
        "i.txt": b"",
        "j.html": "<html><body><div class='pcb'>經濟&amp;社會。</div>Powered by Discuz!</body>".encode(),
    }
    folder = tmp_path_factory.mktemp("mixed")
    recipe = write_recipe(
        folder / "corpus",
        files,
        # One entry: a recipe with an entry that gives no document at all is refused.
        sources=[{"path": "[a-j].*"}],
        steps={"script": "hans", "width": True, "quotes": True, "controls": True},
    )
    build(recipe, folder / "out", num_proc=1)
    return folder


@pytest.fixture
def mixed(mixed_build: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A copy of the build of every kind of record, and its sources, that a test may change."""
    folder = Path(shutil.copytree(mixed_build, tmp_path / "copy"))
    return folder / "out", folder / "corpus"


def test_every_kind_of_record_is_replayed(mixed: tuple[Path, Path]) -> None:
    audit = verify(*mixed)
    states = read_manifest(mixed[0]).totals["states"]
    assert states.keys() >= {"kept", "empty", "rejected"}
    assert (audit.faults, audit.notes) == ([], [])
    assert audit.checked["replays"] == audit.checked["records"] == sum(states.values())


def forge_text(document: dict[str, Any], tables: dict[str, TableRows]) -> bool:
    """Change a character that an edit made so that ids, spans and counts still fit; False where none does."""
    counter = open_counter(load_vocabulary("o200k_base", ROOT), fast=False)
    chunks = [row for row in tables["chunks"] if row["document_id"] == document["id"]]
    for edit in document["edits"]:
        at = edit["start"]
        if edit["kind"] != "replaced" or edit["end"] == at:
            continue
        (chunk,) = [row for row in chunks if row["start"] <= at < row["end"]]
        for character in COMMON.replace(document["text"][at], ""):
            text = document["text"][:at] + character + document["text"][at + 1 :]
            part = text[chunk["start"] : chunk["end"]]
            if (counter.count(text), counter.count(part)) != (document["token_count"], chunk["token_count"]):
                continue
            chunk |= {"text": part, "id": identify(part)}
            (row,) = [row for row in tables["ledger"] if row["document_id"] == document["id"]]
            document |= {"text": text, "id": identify(text)}
            row["document_id"] = document["id"]
            for row in chunks:
                row["document_id"] = document["id"]
            return True
    return False


def test_only_the_replay_catches_a_forged_text_inside_an_edit(copied: tuple[Path, Path]) -> None:
    def change(tables: dict[str, TableRows]) -> None:
        assert any(forge_text(document, tables) for document in tables["documents"])

    forge(copied[0], change)
    faults = verify(*copied).faults
    assert faults
    assert all("the replay" in fault.what and "(seeds/" in fault.where for fault in faults)
    (fault,) = [fault for fault in faults if "from character" in fault.what and "documents" in fault.where]
    assert re.match(
        r"its text differs from the replay's from character \d+ \(byte \d+ of the source, step \w+\) on: ",
        fault.what,
    )
    change_manifest(copied[0], versions={**read_manifest(copied[0]).versions, "opencc": "0.9"})
    audit = verify(*copied)
    (note,) = audit.notes
    assert audit.passed
    assert note.startswith("other versions made the build: opencc 0.9 → ")
    assert f"; {len(faults)} deviations: " in note
    assert str(fault) in note


def title_everywhere(tables: dict[str, TableRows]) -> None:
    document = tables["documents"][0]
    for row in (document, *(row for row in tables["chunks"] if row["document_id"] == document["id"])):
        row["metadata"] = {**row["metadata"], "extra": '{"tags": ["a", "b"], "year": 1066}'}


def rejected(tables: dict[str, TableRows]) -> dict[str, Any]:
    return next(row for row in tables["ledger"] if row["state"] == "rejected")


def empty(tables: dict[str, TableRows]) -> dict[str, Any]:
    return next(row for row in tables["ledger"] if row["state"] == "empty" and row["bytes_removed"])


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (
            change_row("ledger", lost_values=lambda _: ["year"]),
            "its lost_values is ['year'], but the replay gives []",
        ),
        (
            change_row("documents", script=lambda _: "other"),
            "its script is other, but the replay gives Hant",
        ),
        (
            change_row("documents", encoding=lambda _: "gbk"),
            "its encoding is gbk, but the replay gives utf-8",
        ),
        (title_everywhere, "its metadata differs from the replay's: year is 1066, not 2024"),
        (
            change_row("documents", edits=lambda edits: [*edits[:-1], {**edits[-1], "step": "magic"}]),
            "its edits differ from the replay's from index 5 on: magic replaced bytes 40 to 46",
        ),
        (
            change_row("documents", edits=lambda edits: [*edits, {**edits[-1], "kind": "flagged"}]),
            "its edits differ from the replay's",
        ),
        (
            lambda tables: rejected(tables).update(reason="bad luck"),
            "its reason is bad luck, but the replay gives byte 282: the column 'text' is missing",
        ),
        (
            lambda tables: rejected(tables).update(state="empty"),
            "its state is empty, but the replay gives rejected",
        ),
        (
            lambda tables: empty(tables).update(
                bytes_removed=[
                    {"step": "page", "bytes": empty(tables)["byte_end"] - empty(tables)["byte_start"]}
                ]
            ),
            "its bytes_removed is page 30, but the replay gives separator 2, spaces 3, unwrap 25",
        ),
    ],
)
def test_what_the_flow_did_not_do_is_caught(mixed: tuple[Path, Path], change: Change, what: str) -> None:
    forge(mixed[0], change)
    faults = [fault.what for fault in verify(*mixed).faults]
    assert any(fault.startswith(what) for fault in faults), faults


def test_a_record_that_failed_for_no_reason_of_its_own_is_not_replayed(mixed: tuple[Path, Path]) -> None:
    reason = str(Reason(Cause.INTERNAL_ERROR, {"error": "MemoryError", "detail": ""}))
    forge(mixed[0], lambda tables: rejected(tables).update(cause=Cause.INTERNAL_ERROR.code, reason=reason))
    audit = verify(*mixed)
    assert audit.passed
    assert audit.checked["replays"] == audit.checked["records"] - 1
    (note,) = audit.notes
    assert note == (
        "1 records were rejected for causes that are not in their bytes, and nothing here confirms them: "
        "a.jsonl record 3 at byte 282: hanpack failed on it: MemoryError: "
    )


def test_the_reason_of_such_a_record_must_be_that_of_its_cause(mixed: tuple[Path, Path]) -> None:
    forge(mixed[0], lambda tables: rejected(tables).update(cause=Cause.WORKER_DIED.code, reason="a bug"))
    fault = Fault("a.jsonl record 3 at byte 282", "its reason is not a sentence of its cause: a bug")
    assert fault in verify(*mixed).faults


@pytest.mark.parametrize(
    ("changed", "change"),
    [
        ({"opencc": "0.9"}, "opencc 0.9 → "),
        ({"hanpack code": "0" * 16}, f"hanpack code {'0' * 16} → "),
        ({"a library of old": "1.0"}, "a library of old 1.0 → absent"),
    ],
)
def test_other_versions_are_named_in_a_note(
    copied: tuple[Path, Path],
    changed: dict[str, str],
    change: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    out, sources = copied
    change_manifest(out, versions={**read_manifest(out).versions, **changed})
    audit = verify(out, sources)
    assert (audit.passed, audit.checked["replays"]) == (True, 81)
    assert audit.checked["blocks"] > 1000
    (note,) = audit.notes
    assert change in note
    assert note.endswith("; nothing deviates from the replay")
    monkeypatch.setattr(sys, "argv", ["hanpack", "verify", str(out), "--sources", str(sources)])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code in (0, None)
    assert note in capfd.readouterr().err


def test_versions_that_only_read_and_write_do_not_stop_the_replay(copied: tuple[Path, Path]) -> None:
    change_manifest(copied[0], versions={**read_manifest(copied[0]).versions, "pyarrow": "1"})
    audit = verify(*copied)
    (note,) = audit.notes
    assert note.startswith("other versions made the build: pyarrow 1 → ")
    assert note.endswith("; nothing deviates from the replay")
    assert (audit.passed, audit.checked["replays"]) == (True, 81)


@pytest.fixture(scope="module")
def judged_build(loaded_models: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sources in ``corpus`` with near copies and evaluation texts, and their build with splits in ``out``."""
    folder = tmp_path_factory.mktemp("judged")
    texts = [
        f"{character * 3}省坚持稳中求进，推动高质量发展，第{character}号文件印发。" * 2
        for character in COMMON
    ]
    texts += [texts[0] + "好。", "今年要重点抓好以下工作：" + texts[1]]
    rows = b"".join(json.dumps({"text": text}).encode() + b"\n" for text in texts)
    recipe = write_recipe(
        folder / "corpus",
        {"a.jsonl": rows, "exam.txt": texts[2].encode()},
        sources=[{"path": "a.jsonl"}],
        splits={"test": 0.3},
        decontamination={"texts": [{"path": "exam.txt"}]},
    )
    build(recipe, folder / "out", num_proc=1)
    return folder


@pytest.fixture
def judged(judged_build: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A copy of the build that was compared with evaluation texts, and its sources, for a test to change."""
    folder = Path(shutil.copytree(judged_build, tmp_path / "copy"))
    return folder / "out", folder / "corpus"


def test_copies_splits_and_evaluation_texts_are_proven(judged: tuple[Path, Path]) -> None:
    audit = verify(*judged)
    assert (audit.faults, audit.notes) == ([], [])
    assert audit.checked["copies"] == read_manifest(judged[0]).totals["states"]["duplicate"] > 0


def raise_similarity(tables: dict[str, TableRows]) -> None:
    row = next(row for row in tables["ledger"] if row["state"] == "duplicate")
    row["similarity"] = 0.9999


def hide_evaluation_text(tables: dict[str, TableRows]) -> None:
    for row in tables["documents"]:
        row["edits"] = [edit for edit in row["edits"] if edit["step"] != "decontamination"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (
            raise_similarity,
            "its similarity is 0.9999, but the replay gives 0.96",
        ),
        (
            hide_evaluation_text,
            "its edits differ from the replay's from index 3 on: none, not decontamination",
        ),
    ],
)
def test_what_was_decided_over_all_documents_is_checked(
    judged: tuple[Path, Path], change: Change, what: str
) -> None:
    forge(judged[0], change)
    faults = [fault.what for fault in verify(*judged).faults]
    assert any(fault.startswith(what) for fault in faults), faults


def test_a_document_in_a_split_it_does_not_belong_to_is_named(judged: tuple[Path, Path]) -> None:
    manifest = read_manifest(judged[0])
    change_manifest(judged[0], recipe={**manifest.recipe, "splits": {"validation": None, "test": 0.6}})
    faults = verify(*judged).faults
    assert "its split is train, but the replay gives test" in [fault.what for fault in faults]


def test_evaluation_texts_that_were_changed_or_are_missing_are_reported(judged: tuple[Path, Path]) -> None:
    exam = judged[1] / "exam.txt"
    exam.write_text("另一段评测文字，与构建时不同。", encoding="utf-8")
    changed = Fault(MANIFEST, "the evaluation texts are not those the build was made with")
    assert changed in verify(*judged).faults
    exam.unlink()
    audit = verify(*judged)
    assert audit.faults == []
    (note,) = audit.notes
    assert note.startswith("no record was compared with the evaluation texts: ")
