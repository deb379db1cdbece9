"""A withdrawn document is nowhere, no later build has it, and the rest is as if it never was there."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import hanpack
from hanpack.audit.verification import verify
from hanpack.building.run import build
from hanpack.building.withdrawn_parts import digest_withdrawals
from hanpack.errors import BuildError, RecipeError, UsageError
from hanpack.resources.folding_table import open_folder
from hanpack.steps.dedup.withdrawn import Withdrawal, WithdrawnTexts, describe_withdrawn
from hanpack.store.withdrawals import load_withdrawals, save_withdrawals
from hanpack.views.finding.search import find_texts
from hanpack.views.report.page import write_report
from hanpack.withdrawal.operation import carry_out, prepare_withdrawal
from hanpack.withdrawal.receipt import Receipt, write_receipt
from hanpack.withdrawal.selection import Request
from tests.builds import hash_files, read_rows, to_jsonl, verify_build
from tests.conftest import MakeRecipe, write_recipe
from tests.crafted_build import craft_manifest
from tests.planted_texts import TextMaker
from tests.sample_corpus import copy_text, read_paragraphs
from tests.sources.test_warc import HTML, dump_response
from tests.withdrawn_texts import Corpus, find_remains, hash_tables, make_corpus


def request(**named: Any) -> Request:
    return Request(request="R-7", date="2026-11-27", reason="作者要求", **named)


def withdraw(out: Path, **named: list[str]) -> Receipt:
    return carry_out(prepare_withdrawal(out, request(**named)), num_proc=1)


def read_states(out: Path) -> dict[str, str]:
    return {f"{row['source']}:{row['record']}": row["state"] for row in read_rows(out, "ledger")}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return make_corpus(tmp_path_factory.mktemp("withdrawn") / "corpus", 3, 5, read_paragraphs(12))


@pytest.fixture(scope="module")
def withdrawn(corpus: Corpus) -> tuple[Path, Receipt, dict[str, str]]:
    """The build after the withdrawal of all documents, the receipt, and the hashes of its files before it."""
    folder = corpus.recipe.parent.parent / "made"
    out = build(corpus.recipe, folder / "out", num_proc=1).path
    before = hash_files(out)
    ids = {row["source"]: row["document_id"] or row["duplicate_of"] for row in read_rows(out, "ledger")}
    first, second, third = corpus.texts
    receipt = withdraw(
        out, document_ids=[ids[first][:10]], sources=[second], texts=[corpus.texts[third].replace("，", " ,")]
    )
    write_receipt(receipt, folder / "receipt", out)
    shutil.copy(corpus.recipe.parent / "withdrawals.jsonl", folder)
    return out, receipt, before


def test_no_byte_of_any_file_has_a_part_of_a_withdrawn_text(
    corpus: Corpus, withdrawn: tuple[Path, Receipt, dict[str, str]]
) -> None:
    texts = list(corpus.texts.values())
    assert find_remains([corpus.recipe.parent / "texts"], texts) != []
    assert find_remains([withdrawn[0].parent], texts) == []


def test_the_request_has_the_whole_id_of_a_document_that_was_named_by_its_beginning(
    withdrawn: tuple[Path, Receipt, dict[str, str]],
) -> None:
    (kept,) = load_withdrawals(withdrawn[0].parent / "withdrawals.jsonl")
    (named,) = kept.documents
    others = {len(row["document_id"]) for row in read_rows(withdrawn[0], "ledger") if row["document_id"]}
    assert others == {len(named)}


def test_the_rest_is_that_of_a_build_that_never_had_them(
    corpus: Corpus, withdrawn: tuple[Path, Receipt, dict[str, str]], tmp_path: Path
) -> None:
    never = build(corpus.remove_from(tmp_path / "never"), tmp_path / "out", num_proc=1).path
    expected = hash_tables(hash_files(never))
    assert len(expected) >= 4
    assert hash_tables(hash_files(withdrawn[0])) == expected


def test_the_ledger_has_the_request_and_verify_proves_absence(
    corpus: Corpus, withdrawn: tuple[Path, Receipt, dict[str, str]]
) -> None:
    out = withdrawn[0]
    rows = [row for row in read_rows(out, "ledger") if row["state"] == "withdrawn"]
    assert {row["source"] for row in rows} == {*corpus.texts, *corpus.copies}
    for row in rows:
        assert row["reason"] == "withdrawn on 2026-11-27 at the request R-7: 作者要求"
        assert (row["cause"], row["document_id"], row["bytes_kept"]) == ("withdrawn", None, 0)
        assert row["bytes_removed"] == [{"step": "withdrawn", "bytes": row["byte_end"]}]
    assert verify_build(out).checked["withdrawn texts"] >= 3


def test_the_receipt_names_what_was_removed_from_which_file(
    corpus: Corpus, withdrawn: tuple[Path, Receipt, dict[str, str]]
) -> None:
    out, receipt, before = withdrawn
    after = hash_files(out)
    changes = {path: (before.get(path), after.get(path)) for path in before | after}
    expected = {path: change for path, change in changes.items() if change[0] != change[1]}
    del expected["hanpack.json"]
    assert {change.path: (change.before, change.after) for change in receipt.files} == expected
    assert {record.source for record in receipt.withdrawn} == {*corpus.texts, *corpus.copies}
    kept = [record for record in receipt.withdrawn if record.state == "kept"]
    assert len(kept) == 3
    for record in kept:
        tables = {path.split("/")[1] for path in record.rows}
        assert tables == {"documents", "chunks", "chunks_small", "packed"}
    assert receipt.searched.keys() == {"chunks", "chunks_small", "documents", "packed"}
    page = (out.parent / "receipt.html").read_text(encoding="utf-8")
    assert "R-7" in page
    assert kept[0].document_id is not None
    assert kept[0].document_id in page
    assert json.loads((out.parent / "receipt.json").read_text(encoding="utf-8"))["request"] == "R-7"


def test_find_says_when_a_text_was_withdrawn(
    corpus: Corpus, withdrawn: tuple[Path, Receipt, dict[str, str]]
) -> None:
    text = next(iter(corpus.texts.values()))[:40]
    (answer,) = find_texts(withdrawn[0], [text]).answers
    assert {place.fate for place in answer.places} == {"withdrawn"}
    assert "2026-11-27" in str(answer.places[0].reason)
    # What surrounds it in its source is withdrawn too.
    assert {place.context for place in answer.places} == {None}


def test_the_report_and_the_card_count_what_was_withdrawn(
    corpus: Corpus, withdrawn: tuple[Path, Receipt, dict[str, str]], tmp_path: Path
) -> None:
    out = withdrawn[0]
    page = write_report(out, tmp_path / "report.html", corpus.recipe.parent).read_text(encoding="utf-8")
    assert "records that were withdrawn by a request" in page
    assert "Requests to withdraw that this build honours: 1." in page
    assert f"<td>{withdrawn[1].request}</td>" in page
    assert "withdrawn" in (out / "README.md").read_text(encoding="utf-8")


def test_later_builds_have_no_copy_until_the_withdrawal_is_undone(tmp_path: Path) -> None:
    maker = TextMaker(11)
    text, other = maker.text(20), maker.text(20)
    recipe = write_recipe(tmp_path / "corpus", {"a.txt": text.encode(), "b.txt": other.encode()})
    out = build(recipe, tmp_path / "out", num_proc=1).path
    original = hash_tables(hash_files(out))
    withdraw(out, sources=["a.txt"])
    # The copy has another name, so that its source is not barred.
    copies = {f"c{kind}.txt": copy_text(text, kind, maker.random).encode() for kind in range(4)}
    write_recipe(tmp_path / "corpus", {"a.txt": text.encode(), "b.txt": other.encode(), **copies})
    for _ in range(2):
        build(recipe, out, num_proc=1)
        assert sorted(read_states(out).values()) == ["kept", *["withdrawn"] * 5]
        shutil.rmtree(out)
    shutil.rmtree(tmp_path / ".out.hanpack")
    build(recipe, out, num_proc=1)
    assert sorted(read_states(out).values()) == ["kept", *["withdrawn"] * 5]
    (tmp_path / "corpus" / "withdrawals.jsonl").write_bytes(b"")
    write_recipe(tmp_path / "corpus", {"a.txt": text.encode(), "b.txt": other.encode()})
    build(recipe, out, num_proc=1)
    assert hash_tables(hash_files(out)) == original


def test_passages_of_a_withdrawn_document_are_cut_from_others(tmp_path: Path) -> None:
    maker = TextMaker(12)
    text, before, after = maker.text(12), maker.text(9), maker.text(9)
    passage = text[text.index("。") + 1 :]
    short = maker.text(3)
    texts = (text, before + maker.to_traditional(passage) + after, short, after[::-1] + "。" + short + before)
    recipe = write_recipe(tmp_path, {"a.jsonl": to_jsonl(*texts)})
    out = build(recipe, tmp_path / "out", num_proc=1).path
    spared = replace(request(sources=["a.jsonl"]), sources=(), texts=texts[:1], takes_passages=False)
    assert prepare_withdrawal(out, spared).selection.cut == []
    ids = [row["document_id"] for row in read_rows(out, "ledger")]
    receipt = withdraw(out, document_ids=[ids[0], ids[2]])
    assert read_states(out) == {
        "a.jsonl:0": "withdrawn",
        "a.jsonl:1": "kept",
        "a.jsonl:2": "withdrawn",
        "a.jsonl:3": "kept",
    }
    rests = [row["text"] for row in read_rows(out, "documents")]
    assert rests == [f"{before}\n{after}", f"{after[::-1]}。\n{before}"]
    assert [cut.record for cut in receipt.passages] == [1, 3]
    removed = [{step["step"] for step in row["bytes_removed"]} for row in read_rows(out, "ledger")]
    assert ["withdrawal" in steps for steps in removed] == [False, True, False, True]
    verify_build(out)


def test_a_withdrawn_text_in_the_metadata_of_others_is_taken_out_and_comes_back(tmp_path: Path) -> None:
    maker = TextMaker(17)
    text, other, third = maker.text(12), maker.text(9), maker.text(9)
    title, note, copy = maker.text(1), maker.text(12), f"摘要：{maker.to_traditional(text)}"
    rows: list[dict[str, Any]] = [
        {"text": text},
        {"text": other, "title": title, "notes": {"summary": [copy]}},
        {"text": third, "notes": note},
    ]
    content = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    out = build(write_recipe(tmp_path, {"a.jsonl": content}), tmp_path / "out", num_proc=1).path
    original = hash_tables(hash_files(out))
    withdraw(out, document_ids=[read_rows(out, "ledger")[0]["document_id"]])
    documents = read_rows(out, "documents")
    assert [document["text"] for document in documents] == [other, third]
    assert [document["metadata"]["title"] for document in documents] == [title, None]
    extra = [json.loads(document["metadata"]["extra"]) for document in documents]
    assert extra == [{}, {"notes": note}]
    assert [row["lost_values"] for row in read_rows(out, "ledger")] == [[], ["notes"], []]
    assert find_remains([out], [text]) == []
    verify_build(out)
    (tmp_path / "withdrawals.jsonl").write_bytes(b"")
    build(tmp_path / "recipe.yaml", out, num_proc=1)
    assert hash_tables(hash_files(out)) == original


def test_an_address_is_barred_whatever_its_text(tmp_path: Path) -> None:
    maker = TextMaker(13)
    url = "https://example.org/a?id=7"

    def write(text: str) -> Path:
        lines = [json.dumps({"text": text, "url": url}), json.dumps({"text": maker.text(8), "url": "b"})]
        return write_recipe(tmp_path, {"a.jsonl": "\n".join(lines).encode()})

    out = build(write(maker.text(8)), tmp_path / "out", num_proc=1).path
    withdraw(out, urls=[url])
    assert list(read_states(out).values()) == ["withdrawn", "kept"]
    build(write(maker.text(8)), out, num_proc=1)
    assert list(read_states(out).values()) == ["withdrawn", "kept"]
    assert url not in (tmp_path / "withdrawals.jsonl").read_text(encoding="utf-8")


def test_the_address_of_a_rejected_record_is_barred_too(tmp_path: Path) -> None:
    """Of a page that could not be read, and of a text that the recipe rejects."""
    maker = TextMaker(16)
    missing, poor = "https://example.org/404", "https://example.org/poor"
    page = dump_response(b"<p>none", HTML, status="404 Not Found", address=missing)
    texts = {poor: "only Latin letters here", "https://example.org/good": maker.text(8)}
    lines = [json.dumps({"text": text, "url": url}) for url, text in texts.items()]
    files = {"a.warc": page, "b.jsonl": "\n".join(lines).encode()}
    recipe = write_recipe(tmp_path, files, quality={"han_share": {"min": 0.5}})
    out = build(recipe, tmp_path / "out", num_proc=1).path
    assert [row["url"] for row in read_rows(out, "ledger")] == [missing, poor, None]
    receipt = withdraw(out, urls=[missing, poor])
    assert [(record.source, record.state) for record in receipt.withdrawn] == [
        ("a.warc", "rejected"),
        ("b.jsonl", "rejected"),
    ]
    rows = [(row["state"], row["url"], row["domain"]) for row in read_rows(out, "ledger")]
    assert rows == [("withdrawn", None, None)] * 2 + [("kept", None, "example.org")]
    before = hash_files(out)
    build(recipe, out, num_proc=1, fresh=True)
    assert hash_tables(hash_files(out)) == hash_tables(before)
    verify_build(out)


def test_a_dry_run_changes_nothing_and_a_killed_withdrawal_is_finished_by_build(tmp_path: Path) -> None:
    maker = TextMaker(14)
    recipe = write_recipe(tmp_path, {"a.txt": maker.text(8).encode(), "b.txt": maker.text(8).encode()})
    out = build(recipe, tmp_path / "out", num_proc=1).path
    before = hash_files(tmp_path)
    prepared = prepare_withdrawal(out, request(sources=["a.txt"]))
    assert [record.source for record in prepared.selection.taken] == ["a.txt"]
    assert hash_files(tmp_path) == before

    def kill() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out(prepared, on_written=kill)
    assert read_states(out) == {"a.txt:0": "kept", "b.txt:0": "kept"}
    build(recipe, out, num_proc=1)
    assert read_states(out) == {"a.txt:0": "withdrawn", "b.txt:0": "kept"}
    # And so does the same command, also before the build.
    shutil.copytree(out, tmp_path / "copy")
    again = withdraw(out, sources=["a.txt"])
    assert [record.state for record in again.withdrawn] == ["withdrawn"]
    assert len(load_withdrawals(tmp_path / "withdrawals.jsonl")) == 1


def test_what_cannot_be_withdrawn_says_so(tmp_path: Path) -> None:
    maker = TextMaker(15)
    recipe = write_recipe(tmp_path, {"a.txt": maker.text(8).encode()})
    out = build(recipe, tmp_path / "out", num_proc=1).path
    with pytest.raises(UsageError, match="nothing to withdraw"):
        withdraw(out)
    with pytest.raises(UsageError, match="pattern"):
        hanpack.withdraw(out, request="R", date="today", reason="r", sources=["a.txt"])
    with pytest.raises(UsageError, match="no document 'x'"):
        withdraw(out, document_ids=["x"])
    with pytest.raises(UsageError, match=r"the path of a source: use --source a\.txt"):
        withdraw(out, document_ids=["a.txt"])
    with pytest.raises(UsageError, match="no source"):
        withdraw(out, sources=["b.txt"])
    (tmp_path / "a.txt").write_text("改了。", encoding="utf-8")
    with pytest.raises(BuildError, match="changed after the build"):
        withdraw(out, sources=["a.txt"])
    (tmp_path / "withdrawals.jsonl").write_text('{"request": "R-1"}\n', encoding="utf-8")
    with pytest.raises(RecipeError, match="line 1 is no withdrawal"):
        build(recipe, out)
    recipe.unlink()
    with pytest.raises(UsageError, match="--recipe"):
        withdraw(out, sources=["a.txt"])


def test_a_build_that_hides_its_withdrawals_or_breaks_them_is_found_out(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    maker = TextMaker(16)
    recipe = make_recipe({"a.txt": maker.text(8).encode(), "b.txt": maker.text(8).encode()})
    out = build(recipe, tmp_path / "out", num_proc=1).path
    kept = tmp_path / "kept"
    shutil.copytree(out, kept)
    withdraw(out, sources=["a.txt"])
    values = json.loads((out / "hanpack.json").read_text(encoding="utf-8"))["withdrawals"]
    craft_manifest(out, lambda content: content.update(withdrawals=[]))
    assert verify(out, recipe.parent).faults != []
    craft_manifest(kept, lambda content: content.update(withdrawals=values))
    faults = [fault.what for fault in verify(kept).faults]
    assert "it has a withdrawn text, a copy of one or a passage" in faults


def test_withdrawals_are_read_as_they_were_written(tmp_path: Path) -> None:
    maker = TextMaker(17)
    texts = [maker.text(count) for count in (1, 3, 40)]
    fold = open_folder().fold
    written = Withdrawal(
        request="R-1",
        date="2026-01-02",
        reason="请求",
        texts=tuple(describe_withdrawn(text, fold(text)) for text in texts),
        sources=("a.txt",),
        urls=("0" * 64,),
    )
    save_withdrawals(tmp_path / "w.jsonl", [written])
    (read,) = load_withdrawals(tmp_path / "w.jsonl")
    assert digest_withdrawals([read]) == digest_withdrawals([written])
    data = (tmp_path / "w.jsonl").read_text(encoding="utf-8")
    assert [text for text in texts if text[:6] in data] == []


def test_passages_are_recognised_across_line_breaks_and_leave_lines_of_their_own(tmp_path: Path) -> None:
    """A page breaks the lines of a text within its sentences, and quotes it between words of its own."""
    maker = TextMaker(19)
    text = maker.text(20)
    broken = "".join(character + "\n" * (place % 23 == 11) for place, character in enumerate(text))
    own = [maker.text(8) for _ in range(4)]
    page = (
        f"<html><body><p>{own[0]}</p><p>{broken.replace(chr(10), '</p><p>')}</p><p>{own[1]}</p></body></html>"
    )
    files = {"a.txt": text, "b.html": page, "c.txt": f"{own[2]}{broken}{own[3]}"}
    recipe = write_recipe(tmp_path, {name: content.encode() for name, content in files.items()})
    out = build(recipe, tmp_path / "out", num_proc=1).path
    withdraw(out, sources=["a.txt"])
    documents = {row["source"]: row["text"] for row in read_rows(out, "documents")}
    assert documents == {"b.html": f"{own[0]}\n{own[1]}", "c.txt": f"{own[2]}\n{own[3]}"}
    verify_build(out)


def test_near_copies_are_recognised_and_other_texts_are_not() -> None:
    maker = TextMaker(18)
    fold = open_folder().fold
    texts = [maker.text(30) for _ in range(4)]
    withdrawn = WithdrawnTexts(
        [Withdrawal("R", "2026-01-01", "r", tuple(describe_withdrawn(text, fold(text)) for text in texts))]
    )
    for text in texts:
        copies = [copy_text(text, kind, maker.random) for kind in range(4)]
        assert [copy for copy in copies if withdrawn.find_text(fold(copy)) is None] == []
        half = text[: len(text) // 2] + maker.text(15)
        assert withdrawn.find_text(fold(half)) is None
        assert withdrawn.find_text(fold(maker.text(30))) is None
