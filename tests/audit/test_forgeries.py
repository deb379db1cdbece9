"""No forgery passes unsaid, though the forger has made every hash, total and checksum of the build fit.

Each forgery is a fault; or it is named as not proven, which fails with ``--strict``; or it is a claim of the
author, which only a signature or the recipe file itself proves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from hanpack.audit.verification import verify
from hanpack.building.run import build
from hanpack.errors import VerifyError
from hanpack.reasons import Cause, Reason
from hanpack.store.manifest import MANIFEST, dump_manifest, read_manifest
from hanpack.store.merkle import find_build_root
from tests.builds import to_jsonl
from tests.conftest import write_recipe
from tests.forged_build import (
    Change,
    Forgery,
    TableRows,
    change_file,
    change_manifest,
    change_recipe,
    change_row,
    change_state,
    change_tables,
    forge,
)

REPORT = (
    "一、工作回顾\n{0}我们坚持稳中求进，推动高质量发展。全年完成投资三百亿元。\n"
    "二、下一步打算\n抓好{0}的落实。\n"
)
TEXTS = {
    "a.txt": "".join(REPORT.format(name) for name in ("春耕备耕", "防汛抗旱", "义务教育")).encode(),
    "b.jsonl": to_jsonl(
        "今天召开会议，研究部署下一阶段的重点工作，要求各部门抓好落实，确保完成全年目标任务。",
        "今天召开会议，研究部署下一阶段的重点工作，要求各部门抓好落实，确保完成全年目标任务。",
        "旅遊業高質量發展，讓遊客乘興而來、滿意而歸，是我們的目標。",
        " ",
    )
    + b'{"year": 2024}\n',
    "c.txt": "另一份完全不同的材料，说的是水利工程的建设和管理，以及农村饮水安全的保障措施。\n".encode(),
    "d.txt": "第四份材料：关于做好冬季供暖保障工作的通知，请各单位认真执行，及时报告情况。\n"
    "联系电话：13812345678。\n".encode(),
}
RECIPE: dict[str, Any] = {
    "name": "forged",
    "steps": {"script": "hans"},
    "chunks": {"max_tokens": 48, "headings": True},
    "more": {"chunks_small": {"max_tokens": 24}},
    "packed": {"tokens": 64},
    "splits": {"test": 0.3},
    "card": {"title": "语料", "license": "cc-by-4.0"},
}


@pytest.fixture(scope="module")
def genuine(loaded_models: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build that has every table; its sources and its recipe are beside it."""
    folder = tmp_path_factory.mktemp("genuine")
    build(write_recipe(folder, TEXTS, **RECIPE), folder / "out", num_proc=1)
    return folder


def make_forgery(change: Change) -> Forgery:
    return lambda out: forge(out, change)


def edit(table: str, number: int = 0, **functions: Callable[[Any], Any]) -> Forgery:
    return make_forgery(change_row(table, number, **functions))


def edit_ledger(state: str, **values: Any) -> Forgery:
    return make_forgery(change_state(state, **values))


def drop_document(tables: dict[str, TableRows], **values: Any) -> None:
    """Take the document of c.txt out of every table and give its ledger row other values."""
    (document,) = [row for row in tables["documents"] if row["source"] == "c.txt"]
    for name in ("chunks", "chunks_small"):
        tables[name] = [row for row in tables[name] if row["document_id"] != document["id"]]
    tables["documents"].remove(document)
    tables["packed"] = [row for row in tables["packed"] if document["id"] not in row["document_ids"]]
    (row,) = [row for row in tables["ledger"] if row["source"] == "c.txt"]
    size = row["byte_end"] - row["byte_start"]
    row.update(document_id=None, bytes_kept=0, bytes_removed=[{"step": "reject", "bytes": size}], split=None)
    row.update(values)


def drop_as(state: str, cause: Cause | None = None, **fields: str | int) -> Forgery:
    reason = Reason(cause, fields) if cause else None

    def change(tables: dict[str, TableRows]) -> None:
        drop_document(tables, state=state, cause=cause and cause.code, reason=str(reason) if reason else None)

    return make_forgery(change)


def drop_as_copy(out: Path) -> None:
    def change(tables: dict[str, TableRows]) -> None:
        other = tables["documents"][0]
        reason = str(Reason(Cause.COPY, {"source": other["source"], "record": 0}))
        drop_document(
            tables,
            state="duplicate",
            cause=Cause.COPY.code,
            reason=reason,
            duplicate_of=other["id"],
            similarity=0.95,
        )

    forge(out, change)


def drop_without_a_trace(out: Path) -> None:
    def change(tables: dict[str, TableRows]) -> None:
        drop_document(tables)
        tables["ledger"] = [row for row in tables["ledger"] if row["source"] != "c.txt"]

    forge(out, change)


def leave_out_source(out: Path) -> None:
    def change(tables: dict[str, TableRows]) -> None:
        drop_document(tables)
        tables["ledger"] = [row for row in tables["ledger"] if row["source"] != "c.txt"]

    sources = [source for source in read_manifest(out).sources if source.path != "c.txt"]
    forge(out, change, sources=sources)


def change_source(name: str = "c.txt", **values: Any) -> Forgery:
    def change(out: Path) -> None:
        sources = [
            replace(source, **values) if source.path == name else source
            for source in read_manifest(out).sources
        ]
        change_manifest(out, sources=sources)

    return change


def mark_unreadable(out: Path) -> None:
    reason = Reason(Cause.CANNOT_READ, {"detail": "Input/output error"})

    def change(tables: dict[str, TableRows]) -> None:
        drop_document(tables, state="rejected", cause=reason.cause.code, reason=str(reason))

    sources = [
        replace(source, sha256="", size=0, encoding=None, fault=reason) if source.path == "c.txt" else source
        for source in read_manifest(out).sources
    ]
    forge(out, change, sources=sources)


def copy_chunks(tables: dict[str, TableRows]) -> None:
    tables["chunks"] = [
        {**row, "id": f"{row['id']}-{number}" if number else row["id"]}
        for row in tables["chunks"]
        for number in range(10)
    ]


def change_list(table: str, change: Callable[[TableRows], Any]) -> Forgery:
    """Change the list of the rows of a table."""

    def change_all(tables: dict[str, TableRows]) -> None:
        change(tables[table])

    return make_forgery(change_all)


def add_column(table: str, name: str, value: object, kind: pa.DataType) -> Forgery:
    return lambda out: change_tables(
        out, table, lambda rows: rows.append_column(name, pa.array([value] * len(rows), kind))
    )


def set_root(shard: str, *, is_fitting: bool) -> Forgery:
    """Another root of the rows of a shard; that of the build fits it, or is what it was."""

    def change(out: Path) -> None:
        manifest = read_manifest(out)
        files = [
            replace(file, root="0" * 64) if file.path.startswith(f"data/{shard}/") else file
            for file in manifest.files
        ]
        root = find_build_root((file.path, file.root) for file in files)
        forged = replace(manifest, files=files, merkle_root=root if is_fitting else manifest.merkle_root)
        (out / MANIFEST).write_text(dump_manifest(forged), encoding="utf-8")

    return change


def set_build_root(out: Path) -> None:
    forged = replace(read_manifest(out), merkle_root="0" * 64)
    (out / MANIFEST).write_text(dump_manifest(forged), encoding="utf-8")


def change_total(name: str, value: object) -> Forgery:
    return lambda out: change_manifest(out, totals={**read_manifest(out).totals, name: value})


def edit_personal(**functions: Callable[[Any], Any]) -> Forgery:
    """A change of the document that has personal data."""

    def change(tables: dict[str, TableRows]) -> None:
        (row,) = [row for row in tables["documents"] if row["source"] == "d.txt"]
        assert any(edit["step"] == "personal" for edit in row["edits"])
        row.update({name: function(row[name]) for name, function in functions.items()})

    return make_forgery(change)


def write_file(name: str) -> Forgery:
    def change(out: Path) -> None:
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"hidden")

    return change


def forge_under_other_versions(out: Path) -> None:
    edit("documents", text=lambda text: text.replace("我们", "他们"))(out)
    change_manifest(out, versions={**read_manifest(out).versions, "opencc": "0.9"})


WITHDRAWAL = {
    "request": "r1",
    "date": "2026-11-01",
    "reason": "a request",
    "texts": [],
    "sources": ["c.txt"],
    "urls": [],
}
BOX = {"page": 1, "left": 0.0, "top": 0.0, "right": 1.0, "bottom": 1.0}
FAULTS: dict[str, Forgery] = {
    "a document is dropped, the ledger says it had no text": drop_as("rejected", Cause.NO_TEXT),
    "a document is dropped, the ledger says it was empty": drop_as("empty"),
    "a document is dropped, the ledger says it is a copy": drop_as_copy,
    "a document is dropped, the ledger says nothing": drop_without_a_trace,
    "a source is left out that is there": leave_out_source,
    "a source is marked unreadable that is readable": mark_unreadable,
    "a source has another encoding": change_source(encoding="gb18030"),
    "a source has another size": change_source(size=7),
    "a source has another entry": change_source(entry=0),
    "the order of the sources": lambda out: change_manifest(out, sources=read_manifest(out).sources[::-1]),
    "a section": edit("chunks", section=lambda _: ["三、别的"]),
    "no section": edit("chunks", section=lambda _: []),
    "the length of a heading": edit("chunks", heading_characters=lambda number: number + 1),
    "a heading before a chunk": edit("chunks", text=lambda text: f"九、无中生有\n{text}"),
    "headings that no recipe asked for": add_column("chunks_small", "heading_characters", 0, pa.int32()),
    "ten copies of every chunk": make_forgery(copy_chunks),
    "a chunk is missing": change_list("chunks", lambda rows: rows.pop()),
    "the order of chunks": change_list("chunks_small", lambda rows: rows.reverse()),
    "the text of a chunk": edit("chunks_small", text=lambda text: text.replace("我们", "他们")),
    "the id of a chunk": edit("chunks", id=lambda _: "0" * 32),
    "the tokens of a chunk": edit("chunks", token_count=lambda number: number + 1),
    "the start of a chunk": edit("chunks", 1, start=lambda number: number - 1),
    "the end of a chunk": edit("chunks", end=lambda number: number - 1),
    "the source of a chunk": edit("chunks", source=lambda _: "c.txt"),
    "the hash of a chunk's source": edit("chunks", source_sha256=lambda _: "0" * 64),
    "the first byte of a chunk": edit("chunks", 1, byte_start=lambda number: number - 3),
    "the last byte of a chunk": edit("chunks", byte_end=lambda number: number - 3),
    "the metadata of a chunk": edit("chunks", metadata=lambda fields: {**fields, "title": "别的"}),
    "the document of a chunk": edit("chunks", document_id=lambda _: "0" * 32),
    "a token of a packed sequence": edit("packed", input_ids=lambda ids: [ids[0] + 1, *ids[1:]]),
    "a packed sequence is left out": change_list("packed", lambda rows: rows.pop(0)),
    "a packed sequence is there twice": change_list("packed", lambda rows: rows.insert(0, dict(rows[0]))),
    "the documents of a packed sequence": edit("packed", document_ids=lambda ids: [*ids[::-1], "0" * 32]),
    "the starts in a packed sequence": edit("packed", starts=lambda starts: [*starts[:-1], starts[-1] + 1]),
    "the places of a packed sequence": edit("packed", document_starts=lambda places: [p + 1 for p in places]),
    "the lengths in a packed sequence": edit("packed", seq_lengths=lambda lengths: [1, *lengths]),
    "the reason of a duplicate": edit_ledger("duplicate", reason="a copy of something"),
    "the original of a duplicate": edit_ledger("duplicate", duplicate_of="0" * 32),
    "the similarity of a duplicate": edit_ledger("duplicate", similarity=0.81),
    "the reason of a rejected record": edit_ledger("rejected", reason="bad luck"),
    "the cause of a rejected record": edit_ledger("rejected", cause=Cause.NO_TEXT.code),
    "the kept bytes of a record": edit_ledger("kept", bytes_kept=1),
    "the removed bytes of a record": edit_ledger("kept", bytes_removed=[{"step": "page", "bytes": 9}]),
    "lost values of a record": edit_ledger("kept", lost_values=["year"]),
    "the split of a record": edit_ledger("kept", split="validation"),
    "the text of a document": edit("documents", text=lambda text: text.replace("我们", "他们")),
    "the script of a document": edit("documents", script=lambda _: "other"),
    "the encoding of a document": edit("documents", encoding=lambda _: "gbk"),
    "the tokens of a document": edit("documents", token_count=lambda number: number + 1),
    "the chunks of a document": edit("documents", chunk_count=lambda number: number + 1),
    "the copies of a document": edit("documents", copies=lambda number: number + 1),
    "the metadata of a document": edit("documents", metadata=lambda fields: {**fields, "url": "x"}),
    "the alignment of a document": edit(
        "documents", 1, byte_breaks=lambda breaks: [*breaks[:-1], breaks[-1] - 1]
    ),
    "the edits of a document": edit(
        "documents",
        edits=lambda edits: [
            *edits,
            {"step": "page", "kind": "removed", "byte_start": 0, "byte_end": 3, "start": 0, "end": 0},
        ],
    ),
    "a larger budget in the recipe": lambda out: change_recipe(out, chunks={"max_tokens": 64}),
    "another step in the recipe": lambda out: change_recipe(out, steps={"script": "keep"}),
    "another share of a split": lambda out: change_recipe(out, splits={"test": 0.9}),
    "copies are not dropped by the recipe": lambda out: change_recipe(out, duplicates={"drop": "none"}),
    "another size of packed sequences": lambda out: change_recipe(out, packed={"tokens": 128}),
    "another tokenizer": lambda out: change_recipe(out, tokenizer="cl100k_base"),
    "another name in the manifest": lambda out: change_manifest(out, name="other"),
    "the fingerprint": lambda out: change_manifest(out, fingerprint="0" * 64),
    "the totals": lambda out: change_manifest(out, totals={**read_manifest(out).totals, "tokens": 1}),
    "the words of Croissant": lambda out: change_file(out, "croissant.json", "语料", "别的"),
    "the words of SPDX": lambda out: change_file(out, "spdx.json", "SoftwareAgent", "Organization"),
    "the bars of the picture": lambda out: change_file(out, "token_histogram.svg", "height=", "width="),
    "the words of the card": lambda out: change_file(out, "README.md", "语料", "别的"),
    "the root of a shard, and that of the build": set_root("chunks", is_fitting=True),
    "the root of a shard": set_root("ledger", is_fitting=False),
    "a root of a table that has none": set_root("documents", is_fitting=True),
    "the root of the build": set_build_root,
    "the bytes by licence": change_total("bytes_by_license", {"mit": 979}),
    "the tokens by licence": change_total("tokens_by_license", {"mit": 232}),
    "the bytes by domain": change_total("bytes_by_domain", {"a.example": 979}),
    "the tokens by domain": change_total("tokens_by_domain", {}),
    "the totals of personal data": change_total("personal", {}),
    "the totals of splits": change_total("splits", {"train": 5}),
    "the share of Han characters": edit("documents", han_share=lambda share: share / 2),
    "the share of digits": edit("documents", digit_share=lambda share: share + 0.1),
    "the share of punctuation": edit("documents", punctuation_share=lambda share: share / 2),
    "the share of repeated lines": edit("documents", repeated_line_share=lambda share: share / 2),
    "the length of lines": edit("documents", mean_line_length=lambda length: length + 1),
    "a perplexity that nobody measured": edit("documents", perplexity=lambda _: 9.5),
    "the damage that is left": edit("documents", damage_left=lambda count: count + 1),
    "the pages of a document": edit("documents", pages=lambda _: [{"start": 0, "end": 1, **BOX}]),
    "the pages of a chunk": edit("chunks", pages=lambda _: [BOX]),
    "further metadata of a document": edit(
        "documents", metadata=lambda fields: {**fields, "extra": '{"note": 1}'}
    ),
    "further metadata of a chunk": edit("chunks", metadata=lambda fields: {**fields, "extra": '{"note": 1}'}),
    "personal data is no longer flagged": edit_personal(
        edits=lambda edits: [edit for edit in edits if edit["step"] != "personal"]
    ),
    "personal data is no longer counted": edit_personal(metadata=lambda fields: {**fields, "extra": None}),
    "the id of a document": edit("documents", id=lambda _: "0" * 20),
    "the hash of a document's source": edit("documents", source_sha256=lambda _: "0" * 64),
    "the first byte of a document": edit("documents", 1, byte_start=lambda number: number + 1),
    "the last byte of a document": edit("documents", byte_end=lambda number: number - 1),
    "the breaks in a text": edit("documents", 1, text_breaks=lambda breaks: [*breaks[:-1], breaks[-1] - 1]),
    "the index of a chunk": edit("chunks", chunk_index=lambda number: number + 1),
    "the tokens of a packed sequence": edit("packed", token_count=lambda number: number - 1),
    "the number of a record": edit_ledger("kept", record=7),
    "the span of a record": edit_ledger("rejected", byte_end=400),
    "the document of a record": edit_ledger("kept", document_id="0" * 20),
    "the split of a duplicate": edit_ledger("duplicate", split="train"),
    "a source has another hash": change_source(sha256="0" * 64),
    "a source has the hash of an archive": change_source(archive_sha256="0" * 64),
    "an evaluation text that there is not": lambda out: change_manifest(
        out, evaluation=[replace(read_manifest(out).sources[0], path="evaluation.txt")]
    ),
    "a withdrawal of what is there": lambda out: change_manifest(out, withdrawals=[WITHDRAWAL]),
    "the hash of the tokenizer": lambda out: change_manifest(
        out, tokenizer={**read_manifest(out).tokenizer, "sha256": "0" * 64}
    ),
    "an added column": add_column("documents", "quality", 1.0, pa.float64()),
    "key-value metadata": lambda out: change_tables(
        out, "documents", lambda rows: rows.replace_schema_metadata({"note": "hidden"})
    ),
    "another type of a column": lambda out: change_tables(
        out,
        "chunks",
        lambda rows: rows.set_column(
            rows.column_names.index("start"), "start", rows.column("start").cast(pa.int32())
        ),
    ),
    "another compression": lambda out: change_tables(out, "chunks", lambda rows: rows, compression="gzip"),
    "smaller row groups": lambda out: change_tables(out, "chunks", lambda rows: rows, row_group_size=1),
    "a hidden file": write_file(".hidden"),
    "a file in a hidden folder": write_file(".cache/notes/x.parquet"),
    "a file among the shards": write_file("data/chunks/extra.parquet"),
}
NOT_PROVEN: dict[str, tuple[Forgery, str]] = {
    "a document is dropped, the ledger says its worker died": (
        drop_as("rejected", Cause.WORKER_DIED),
        "c.txt record 0",
    ),
    "a document is dropped, the ledger says it took too long": (
        drop_as("rejected", Cause.TIME_LIMIT, seconds="300"),
        "c.txt record 0",
    ),
    "a document is dropped, the ledger says the flow failed": (
        drop_as("rejected", Cause.INTERNAL_ERROR, error="MemoryError", detail=""),
        "c.txt record 0",
    ),
    "a forged text under another version of a library": (forge_under_other_versions, "opencc 0.9 →"),
}
CLAIMS: dict[str, Forgery] = {
    "the licence": lambda out: change_recipe(out, card={"license": "mit"}),
    "the title": lambda out: change_recipe(out, card={"title": "别的"}),
    "a threshold that changes no row": lambda out: change_recipe(out, duplicates={"threshold": 0.9}),
}


def test_there_are_sixty_forgeries() -> None:
    assert len(FAULTS) + len(NOT_PROVEN) + len(CLAIMS) >= 60


def test_the_genuine_build_passes(genuine: Path) -> None:
    audit = verify(genuine / "out", recipe=genuine / "recipe.yaml")
    assert (audit.faults, audit.unproven) == ([], [])


@pytest.mark.parametrize("name", FAULTS)
def test_a_forgery_is_a_fault(copy: Path, name: str) -> None:
    before = {path: path.read_bytes() for path in (copy / "out").rglob("*") if path.is_file()}
    FAULTS[name](copy / "out")
    assert before != {path: path.read_bytes() for path in (copy / "out").rglob("*") if path.is_file()}
    assert find_faults(copy / "out", copy)


def find_faults(out: Path, sources: Path) -> list[str]:
    """The faults that verify names; a manifest that it does not read is one."""
    try:
        return [fault.what for fault in verify(out, sources).faults]
    except VerifyError as error:
        return [str(error)]


@pytest.mark.parametrize("name", NOT_PROVEN)
def test_what_cannot_be_proven_is_named(copy: Path, name: str) -> None:
    forgery, note = NOT_PROVEN[name]
    forgery(copy / "out")
    audit = verify(copy / "out", copy, recipe=copy / "recipe.yaml")
    assert audit.faults or any(note in unproven for unproven in audit.unproven)


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_of_the_author_is_named_and_checked_against_the_recipe(copy: Path, name: str) -> None:
    CLAIMS[name](copy / "out")
    assert verify(copy / "out", copy).claims
    assert verify(copy / "out", copy, recipe=copy / "recipe.yaml").faults
