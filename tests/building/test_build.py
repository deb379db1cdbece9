"""A build is the same whoever makes it, goes on where it stopped, and leaves what is not its own alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from datasets import load_dataset

from hanpack.audit.verification import verify
from hanpack.building import run as building
from hanpack.building.publication import hold_output
from hanpack.building.run import build
from hanpack.engines import work
from hanpack.errors import BuildError
from hanpack.resources.vocabulary import load_vocabulary, read_published_ranks
from hanpack.sources import records
from hanpack.steps.tokens.counting import TiktokenCounter
from tests.conftest import MakeRecipe

TEXT = "我们坚持稳中求进,推动高质量发展。这是第{}份报告,内容各不相同。\n"


ALL = {"duplicates": {"drop": "none"}}


def lines(count: int) -> bytes:
    return "".join(TEXT.format(index) for index in range(count)).encode()


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def read(folder: Path, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(folder / "data" / name).to_pylist()
    return rows


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "BATCH_RECORDS", 7)


def test_two_builds_are_the_same_bytes(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.txt": lines(20)})
    first, second = build(recipe, tmp_path / "one"), build(recipe, tmp_path / "two")
    assert hashes(first.path) == hashes(second.path)


@pytest.mark.usefixtures("small_batches")
def test_processes_write_the_bytes_one_process_writes(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.txt": lines(40)}, sources=[{"path": "a.txt", "records": "line"}])
    alone = build(recipe, tmp_path / "one", num_proc=1)
    together = build(recipe, tmp_path / "two", num_proc=2)
    assert alone.counts["records"] == 40
    assert hashes(alone.path) == hashes(together.path)


def test_a_second_build_does_nothing(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.txt": lines(3)})
    first = build(recipe, tmp_path / "out")
    times = {path: path.stat().st_mtime_ns for path in first.files}
    second = build(recipe, tmp_path / "out")
    assert (first.unchanged, second.unchanged) == (False, True)
    assert times == {path: path.stat().st_mtime_ns for path in second.files}
    assert second.counts == first.counts


def test_a_changed_source_is_built_anew_and_stale_shards_go(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.txt": lines(3)})
    out = build(recipe, tmp_path / "out").path
    stale = out / "data" / "chunks" / "train-00001-of-00002.parquet"
    stale.write_bytes(b"old")
    make_recipe({"a.txt": lines(4)})
    assert not build(recipe, out).unchanged
    assert not stale.exists()
    assert "第3份" in read(out, "documents")[0]["text"]


def test_a_broken_shard_is_built_anew(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.txt": lines(3)})
    first = build(recipe, tmp_path / "out")
    before = hashes(first.path)
    first.files[-1].write_bytes(b"")
    assert not build(recipe, first.path).unchanged
    assert hashes(first.path) == before


@pytest.mark.usefixtures("small_batches")
def test_a_stopped_build_goes_on_where_it_stopped(
    make_recipe: MakeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = make_recipe({"a.txt": lines(40)}, sources=[{"path": "a.txt", "records": "line"}], **ALL)
    whole = hashes(build(recipe, tmp_path / "whole", num_proc=1).path)
    started = tmp_path / "started"
    write = work.Worker.write

    def stop_at_fourth(self: work.Worker, task: work.Task) -> None:
        with started.open("a") as stream:
            stream.write(f"{task.batch[0].index}\n")
        if started.read_text().split() == ["0", "7", "14", "21"]:
            raise OSError(28, "No space left on device")
        write(self, task)

    monkeypatch.setattr(work.Worker, "write", stop_at_fourth)
    with pytest.raises(OSError, match="No space"):
        build(recipe, tmp_path / "out", num_proc=1)
    done = build(recipe, tmp_path / "out", num_proc=1)
    assert started.read_text().split() == ["0", "7", "14", "21", "21", "28", "35"]
    assert hashes(done.path) == whole


def test_a_failed_build_leaves_the_old_one_whole(
    make_recipe: MakeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = make_recipe({"a.txt": lines(3)})
    out = build(recipe, tmp_path / "out").path
    before = hashes(out)
    make_recipe({"a.txt": lines(4)})

    def fill_the_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(building, "write_card", fill_the_disk)
    with pytest.raises(OSError, match="No space"):
        build(recipe, out)
    assert hashes(out) == before


@pytest.mark.parametrize("name", ["notes.txt", "data/chunks/mine.parquet", "data/more/x", "README.md"])
def test_a_folder_with_somebody_elses_files_is_refused(
    make_recipe: MakeRecipe, tmp_path: Path, name: str
) -> None:
    recipe = make_recipe({"a.txt": lines(1)})
    foreign = tmp_path / "out" / name
    foreign.parent.mkdir(parents=True)
    foreign.write_text("mine")
    with pytest.raises(BuildError, match="did not write"):
        build(recipe, tmp_path / "out")
    assert foreign.read_text() == "mine"
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == [foreign]


def test_a_second_run_on_the_same_output_is_refused(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.txt": lines(1)})
    with hold_output(tmp_path / "out"), pytest.raises(BuildError, match="another hanpack build"):
        build(recipe, tmp_path / "out")


def test_bad_inputs_go_to_the_ledger_with_their_reason(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    good = json.dumps({"text": "好的文本。", "year": 2024})
    bad = ['{"text": null}', '{"text": "cut', "[]", '{"year": 1}', '{"text": "\\ud800"}', '{"text": " "}', ""]
    content = "\n".join([good, *bad, good]).encode()
    recipe = make_recipe({"a.jsonl": content, "b.docx": b"x", "c.txt": "好".encode() + b"\xff\xfe\x80"})
    done = build(recipe, tmp_path / "out")
    ledger = read(done.path, "ledger")
    states = [row["state"] for row in ledger if row["source"] == "a.jsonl"]
    assert states == ["kept", *["rejected"] * 5, "empty", "empty", "duplicate"]
    assert all(row["reason"] for row in ledger if row["state"] != "kept")
    assert {row["state"] for row in ledger if row["source"] in ("b.docx", "c.txt")} == {"rejected"}
    with pytest.raises(BuildError, match=r"7 records were rejected.*a\.jsonl record 1 at byte"):
        build(recipe, tmp_path / "strict", strict=True)


def test_a_text_that_stands_twice_has_two_ids(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    row = json.dumps({"text": "同一段文字。"}).encode()
    recipe = make_recipe({"a.jsonl": row + b"\n" + row + b"\n"}, **ALL)
    out = build(recipe, tmp_path / "out").path
    first, second = (row["id"] for row in read(out, "documents"))
    assert second == f"{first}-2"
    assert [row["document_id"] for row in read(out, "chunks")] == [first, second]
    assert [row["document_id"] for row in read(out, "ledger")] == [first, second]
    assert len({row["id"] for row in read(out, "chunks")}) == 2


def test_other_columns_become_typed_metadata(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    rows: Iterable[dict[str, object]] = [
        {"text": "甲。", "year": 2024, "score": 1, "tags": ["a", "b"], "title": "题"},
        {"text": "乙。", "score": 0.5, "ok": True, "mixed": 1},
        {"text": "丙。", "mixed": "one"},
    ]
    content = "\n".join(json.dumps(row) for row in rows).encode()
    recipe = make_recipe({"a.jsonl": content}, sources=[{"path": "a.jsonl", "metadata": {"license": "cc0"}}])
    metadata = [row["metadata"] for row in read(build(recipe, tmp_path / "out").path, "documents")]
    assert metadata[0]["year"] == 2024
    assert [row["score"] for row in metadata] == [1.0, 0.5, None]
    assert metadata[0]["tags"] == '["a", "b"]'
    assert (metadata[0]["title"], metadata[0]["license"]) == ("题", "cc0")
    assert [row["mixed"] for row in metadata] == [None, "1", "one"]


def test_packed_sequences_decode_to_the_documents(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    files = {f"{n}.txt": TEXT.format(n).encode() * (n + 1) for n in range(8)} | {
        "same.txt": TEXT.format(0).encode()
    }
    out = build(make_recipe(files, packed={"tokens": 64}), tmp_path / "out").path
    documents = {row["id"]: row for row in read(out, "documents")}
    encoding = TiktokenCounter(load_vocabulary("o200k_base")).encoding
    decoded: dict[str, list[tuple[int, list[int]]]] = {}
    for row in read(out, "packed"):
        assert len(row["input_ids"]) == 64
        ends = [*row["starts"][1:], row["token_count"]]
        for name, start, end, place in zip(
            row["document_ids"], row["starts"], ends, row["document_starts"], strict=True
        ):
            decoded.setdefault(name, []).append((place, row["input_ids"][start:end]))
    texts = []
    for pieces in decoded.values():
        tokens = [token for _, piece in sorted(pieces) for token in piece]
        texts += encoding.decode(tokens).removesuffix("<|endoftext|>").split("<|endoftext|>")
    assert sorted(texts) == sorted(row["text"] for row in documents.values())
    assert verify(out).faults == []


def test_a_vocabulary_file_beside_the_corpus_is_used_and_recorded(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    ranks = read_published_ranks("cl100k_base")
    keys = {"sources": [{"path": "a.txt"}], "tokenizer": "own.tiktoken"}
    recipe = make_recipe({"a.txt": lines(30), "own.tiktoken": ranks}, **keys)
    done = build(recipe, tmp_path / "out")
    assert done.manifest.tokenizer == {"name": "own.tiktoken", "sha256": hashlib.sha256(ranks).hexdigest()}
    keys["tokenizer"] = "cl100k_base"
    same = build(make_recipe({"a.txt": lines(30)}, **keys), tmp_path / "same")
    assert read(done.path, "chunks") == read(same.path, "chunks")
    assert verify(done.path).faults == []


def test_an_empty_corpus_still_gives_tables(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    done = build(make_recipe({"a.txt": b""}), tmp_path / "out")
    assert done.counts["states"] == {"empty": 1}
    assert (read(done.path, "chunks"), read(done.path, "documents")) == ([], [])


def test_hostile_card_fields_stay_fields(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    title = "x\n---\nlicense: mit\n<script>alert(1)</script>"
    recipe = make_recipe({"a.txt": lines(1)}, card={"title": title, "license": "other"})
    card = (build(recipe, tmp_path / "out").path / "README.md").read_text(encoding="utf-8")
    head, _, body = card.removeprefix("---\n").partition("\n---\n\n#")
    assert "license: other" in head
    assert "<script>" not in body


def test_a_recipe_may_ask_for_several_tables_of_chunks(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    text = (
        "一、工作回顾\n" + "我们坚持稳中求进,推动高质量发展。" * 30 + "\n二、下一步打算\n" + "抓好落实。" * 40
    ).encode()
    more = {
        "chunks_64": {"max_tokens": 64, "overlap": 16},
        "chunks_headed": {"max_tokens": 96, "headings": True},
    }
    out = build(make_recipe({"a.txt": text, "b.txt": text}, more=more, **ALL), tmp_path / "out").path
    assert verify(out).faults == []
    (document, copy) = read(out, "documents")
    assert max(row["token_count"] for row in read(out, "chunks_64")) <= 64
    headed = read(out, "chunks_headed")
    assert {row["document_id"] for row in headed} == {document["id"], copy["id"]}
    marked = [row for row in headed if row["heading_characters"]]
    assert marked
    for row in headed:
        body = row["text"][row["heading_characters"] :]
        assert body == document["text"][row["start"] : row["end"]]
    assert all(row["text"].startswith(("一、工作回顾\n", "二、下一步打算\n")) for row in marked)
    assert "heading_characters" not in read(out, "chunks")[0]
    loaded = load_dataset(str(out), "chunks_64", split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded.to_list() == read(out, "chunks_64")
