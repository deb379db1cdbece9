"""Each document of a build can be withdrawn, whatever else is in it, and whatever ends the command."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from hanpack.building.absence import Absence, AbsenceSearch
from hanpack.building.run import build, preview
from hanpack.errors import BuildError
from hanpack.store.part_files import read_part_file
from hanpack.store.work_folder import WorkFolder
from hanpack.withdrawal.operation import carry_out, prepare_withdrawal
from hanpack.withdrawal.receipt import Receipt
from hanpack.withdrawal.selection import Request
from tests.building.kills import kill_at_every_operation, restore
from tests.builds import hash_files, read_rows, verify_build
from tests.conftest import Run, write_recipe
from tests.planted_texts import TextMaker
from tests.sources.test_warc import HTML, dump_response
from tests.withdrawn_texts import find_remains

# Sentences of a file that is processed alone.
LARGE = 400


def make_large_files() -> Mapping[str, bytes]:
    """Text files of which some are processed alone, and some together."""
    maker = TextMaker(41)
    sizes = {"a": 8, "b": LARGE, "c": LARGE, "d": 8, "e": 8, "f": LARGE}
    return {f"{name}.txt": maker.text(size).encode("gb18030") for name, size in sizes.items()}


def make_reports() -> Mapping[str, bytes]:
    """Text files that are each processed alone."""
    maker = TextMaker(42)
    return {f"{number}.txt": maker.text(12).encode() for number in range(4)}


def make_threads() -> Mapping[str, bytes]:
    """Saved pages of a forum, with posts."""
    maker = TextMaker(43)
    post = "<div class=post><div class=author>用户{}</div><div class=content><p>{}</p><p>{}</p></div></div>"
    page = "<html><head><meta charset=utf-8><title>帖子{}</title></head><body>{}</body></html>"

    def write(number: int) -> str:
        posts = [post.format(reply, maker.text(8), maker.text(7)) for reply in range(3)]
        return page.format(number, "".join(posts))

    return {f"thread{number}.html": write(number).encode() for number in range(3)}


def make_crawl() -> Mapping[str, bytes]:
    """A crawl of pages in two files."""
    maker = TextMaker(44)

    def respond(number: int) -> bytes:
        page = f"<html><body><article><p>{maker.text(8)}</p><p>{maker.text(9)}</p></article></body></html>"
        return dump_response(page.encode(), HTML, address=f"https://example.org/{number}")

    return {f"{name}.warc": b"".join(respond(number) for number in range(2)) for name in "ab"}


def read_part_texts(out: Path) -> Sequence[str]:
    """The texts of all documents in the parts of a work folder, which has no other build."""
    work = WorkFolder(out)
    assert not work.next.exists()
    parts = [read_part_file(path) for path in work.parts.rglob("*.part")]
    texts = [text for tables in parts for text in tables["texts of documents"].column("text").to_pylist()]
    assert texts
    return texts


def withdraw(out: Path, **named: Any) -> Receipt:
    request = Request(request="R-7", date="2026-11-27", reason="作者要求", **named)
    return carry_out(prepare_withdrawal(out, request), num_proc=1)


@pytest.mark.usefixtures("ungrouped")
@pytest.mark.parametrize("make_files", [make_reports, make_threads, make_crawl])
def test_each_document_in_turn_is_withdrawn(
    tmp_path: Path, make_files: Callable[[], Mapping[str, bytes]]
) -> None:
    """The same with the folders of a hundred documents is benchmarks/prove_withdraw.py --folders."""
    recipe = write_recipe(tmp_path / "corpus", make_files(), packed={"tokens": 256})
    template = build(recipe, tmp_path / "made" / "template", num_proc=1).path
    documents = read_rows(template, "documents")
    assert len(documents) > 2
    out = tmp_path / "made" / "out"
    for document in documents:
        restore(template, out)
        receipt = withdraw(out, document_ids=[document["id"]])
        assert [(row.source, row.document_id) for row in receipt.withdrawn] == [
            (document["source"], document["id"])
        ]
        others = [other["id"] for other in documents if other["id"] != document["id"]]
        assert [row["id"] for row in read_rows(out, "documents")] == others
        assert [row["document_id"] for row in read_rows(out, "ledger") if row["state"] == "kept"] == others
        assert document["text"] not in read_part_texts(out)
        (recipe.parent / "withdrawals.jsonl").unlink()
    assert find_remains([out, WorkFolder(out).path], [documents[-1]["text"]]) == []
    verify_build(out)


def test_large_and_small_files_are_withdrawn_and_a_build_from_the_work_folder_agrees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file of texts in turn, with the parts of the others before and after it as they were."""
    monkeypatch.setattr("hanpack.sources.groups.GROUP_BYTES", 8192)
    recipe = write_recipe(tmp_path / "corpus", make_large_files())
    template = build(recipe, tmp_path / "template", num_proc=1).path
    out = tmp_path / "out"
    sources = [row["source"] for row in read_rows(template, "ledger")]
    assert len(sources) == 6
    for source in sources[1::2]:
        restore(template, out)
        withdraw(out, sources=[source])
        states = {row["source"]: row["state"] for row in read_rows(out, "ledger")}
        assert states == {**dict.fromkeys(sources, "kept"), source: "withdrawn"}
        assert source not in {row["source"] for row in read_rows(out, "documents")}
        published = hash_files(out)
        # Without the output the same is made of the parts alone.
        shutil.rmtree(out)
        build(recipe, out, num_proc=1)
        assert hash_files(out) == published
        (recipe.parent / "withdrawals.jsonl").unlink()


@pytest.fixture
def reports(tmp_path: Path, ungrouped: None) -> tuple[Path, Path, str]:
    """A recipe, the build of its reports, and the text of the third, which will be withdrawn."""
    recipe = write_recipe(tmp_path / "corpus", make_reports())
    template = build(recipe, tmp_path / "made" / "template", num_proc=1).path
    return recipe, template, read_rows(template, "documents")[2]["text"]


def test_a_kill_at_any_operation_leaves_the_old_or_the_new_build_and_build_finishes_it(
    reports: tuple[Path, Path, str], tmp_path: Path
) -> None:
    recipe, template, text = reports
    made, file = tmp_path / "made", recipe.parent / "withdrawals.jsonl"
    new = made / "new"
    restore(template, new)
    identity = read_rows(template, "documents")[2]["id"]
    withdraw(new, document_ids=[identity])
    old_files, new_files, lines = hash_files(template), hash_files(new), file.read_bytes()
    shutil.rmtree(template.parent / "new")
    shutil.rmtree(WorkFolder(new).path)
    file.unlink()
    out = made / "out"
    seen = []
    for kill in kill_at_every_operation(
        recipe, template, out, every=29, action=lambda: withdraw(out, document_ids=[identity])
    ):
        WorkFolder(out).recover()
        published = hash_files(out)
        is_written = file.exists()
        seen.append((is_written, published == new_files))
        assert published in ((old_files, new_files) if is_written else (old_files,)), kill
        assert not is_written or file.read_bytes() == lines
        finishes = kill.number % 2 or not is_written
        if not finishes:
            # The request is taken back: nothing of it is left.
            file.unlink()
        build(recipe, out, num_proc=1)
        assert hash_files(out) == (new_files if is_written and finishes else old_files), kill
        if is_written and finishes:
            assert text not in read_part_texts(out), kill
            assert "up to date" in preview(recipe, out)
        file.unlink(missing_ok=True)
    assert len(seen) > 2
    assert sorted(seen) == seen
    assert (seen[0], seen[-1]) == ((False, False), (True, True))


def test_a_build_in_which_a_withdrawn_text_would_be_left_is_not_published(
    reports: tuple[Path, Path, str], tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, out, text = reports
    published = hash_files(out)
    named = ("--source", "2.txt", "--reason", "作者要求", "--yes")
    with monkeypatch.context() as patch:
        patch.setattr(AbsenceSearch, "run", lambda *_: Absence(places=["data/documents/x row 2"]))
        code, _, err = run("withdraw", out, *named)
        assert code == 1
        assert f"hanpack clean {out} --yes" in err
        assert f"hanpack build {recipe} finishes it" in err
        with pytest.raises(BuildError, match="would still be in 1 row"):
            build(recipe, out, num_proc=1)
    assert hash_files(out) == published
    assert "1 kept" in run("find", out, text[:40])[1]
    assert not preview(recipe, out).endswith("nothing to do")
    code, _, err = run("push", out, "me/reports", "--dry-run")
    assert (code, "hanpack build" in err) == (1, True)
    code, _, err = run("withdraw", out, *named)
    assert (code, "1 record withdrawn" in err) == (0, True)
    assert find_remains([out, WorkFolder(out).path], [text]) == []
    verify_build(out)
