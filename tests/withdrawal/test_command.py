"""The command withdraw as its user sees it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from hanpack.building.run import build
from hanpack.chinese import translate
from hanpack.exporting.folder import NOTE
from hanpack.store.reader import BuildReader
from hanpack.store.work_folder import WorkFolder
from hanpack.withdrawal import receipt as receipt_page
from tests.builds import hash_files, read_states, to_jsonl
from tests.conftest import Run, write_recipe
from tests.planted_texts import TextMaker


@pytest.fixture
def run(run: Run, tmp_path: Path) -> Run:
    """A function that runs the program in a folder with the build ``out``."""
    maker = TextMaker(31)
    text = maker.text(12)
    data = to_jsonl(text, maker.to_traditional(text), maker.text(12))
    build(write_recipe(tmp_path / "corpus", {"a.jsonl": data}), tmp_path / "out", num_proc=1)
    (tmp_path / "text.txt").write_text(text, encoding="utf-8")
    return run


def test_withdraw_lists_takes_and_writes_a_receipt(run: Run, tmp_path: Path) -> None:
    before = hash_files(tmp_path)
    named = ("--text-file", "text.txt", "--reason", "作者要求", "--request", "R 1/7", "--date", "2026-11-01")
    code, out, err = run("withdraw", "out", *named, "--dry-run", "--json")
    assert (code, [row["record"] for row in json.loads(out)["withdrawn"]]) == (0, [0, 1])
    assert "a.jsonl record 1" in err
    assert hash_files(tmp_path) == before
    (tmp_path / "out-megatron").mkdir()
    (tmp_path / "out-megatron" / NOTE).write_text("{}", encoding="utf-8")
    WorkFolder(tmp_path / "out").note_export(tmp_path / "elsewhere")
    code, out, err = run("withdraw", "out", *named)
    assert (code, out) == (0, "")
    assert "2 records withdrawn" in err
    assert "out-megatron was exported before and still has the text" in err
    assert "elsewhere was exported before and is not there now" in err
    assert "out-torchtitan" not in err
    receipt = json.loads((tmp_path / "out-withdrawal-R-1-7.json").read_text(encoding="utf-8"))
    assert (receipt["request"], receipt["date"], receipt["reason"]) == ("R 1/7", "2026-11-01", "作者要求")
    assert (tmp_path / "out-withdrawal-R-1-7.html").is_file()
    assert read_states(tmp_path / "out") == ["withdrawn", "withdrawn", "kept"]
    code, out, _ = run("find", "out", "--file", "text.txt", "--json")
    assert (code, {place["fate"] for place in json.loads(out)["texts"][0]["places"]}) == (0, {"withdrawn"})
    code, _, err = run("verify", "out")
    assert (code, "withdrawn text" in err) == (0, True)


def test_the_receipt_is_in_the_language_of_the_locale(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.setenv("HF_HOME", "/cache/hf")
    code, _, err = run("withdraw", "out", "--text-file", "text.txt", "--reason", "作者要求 100%s")
    assert (code, "请在 /cache/hf 里删除" in err) == (0, True)
    (receipt,) = tmp_path.glob("out-withdrawal-*.html")
    page = receipt.read_text(encoding="utf-8")
    assert '<html lang="zh-Hans">' in page
    for text in ("撤回的记录：2", "<td>保留: ", "作者要求 100%s", "已查找，没有找到：chunks "):
        assert text in page
    texts = [*re.findall(r't\("([^"]+)"', receipt_page.PAGE), *receipt_page.NOTES]
    assert len(texts) > 12
    assert [text for text in texts if re.search("[\u4e00-\u9fff]", translate(text)) is None] == []


@pytest.mark.parametrize("names_document", [True, False])
def test_a_request_made_again_has_nothing_to_do_and_keeps_its_receipt(
    run: Run, tmp_path: Path, names_document: bool
) -> None:
    identity = json.loads(run("find", "out", "--file", "text.txt", "--json")[1])["texts"][0]["places"][0]
    named = ("--document", identity["document_id"]) if names_document else ("--text-file", "text.txt")
    code, _, err = run("withdraw", "out", *named, "--reason", "作者要求")
    assert (code, "2 records withdrawn" in err) == (0, True)
    (receipt,) = tmp_path.glob("out-withdrawal-*.json")
    assert receipt.name.count("withdrawal") == 1
    files = hash_files(tmp_path)
    code, out, err = run("withdraw", "out", *named, "--reason", "again")
    assert (code, out) == (0, "")
    assert "withdrawn already" in err
    assert "作者要求" in err
    assert "nothing is left to take out" in err
    code, out, _ = run("withdraw", "out", *named, "--reason", "again", "--request", "R-8", "--json")
    assert (code, len(json.loads(out)["earlier"])) == (0, 1)
    assert hash_files(tmp_path) == files
    taken = json.loads(receipt.read_text(encoding="utf-8"))["withdrawn"]
    receipt.unlink()
    code, _, err = run("withdraw", "out", *named, "--reason", "again")
    again = json.loads(receipt.read_text(encoding="utf-8"))["withdrawn"]
    assert (code, [row["record"] for row in again]) == (0, [row["record"] for row in taken])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--reason", "r"), "nothing to withdraw"),
        (("--source", "b.txt", "--reason", "r"), "no source"),
        (("--url", "http://x.cn", "--reason", "r"), "--bar-absent"),
        (("--source", "a.jsonl", "--reason", " "), "has a reason"),
        (("--source", "a.jsonl", "--reason", "r", "--date", "gestern"), "no date"),
        (("--text-file", "none.txt", "--reason", "r"), "none.txt"),
        (("--source", "a.jsonl", "--reason", "r", "--receipt", "out/receipt"), "inside the build"),
    ],
)
def test_wrong_usage_is_answered_with_what_to_do(run: Run, arguments: tuple[str, ...], message: str) -> None:
    code, _, err = run("withdraw", "out", *arguments)
    assert (code, message in err) == (2, True)


def test_every_build_that_honours_a_request_says_what_it_took_and_diff_names_the_cause(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = TextMaker(32)
    quoted, own = maker.text(12), maker.text(12)
    files = {"a.txt": quoted.encode(), "b.txt": (own + quoted + maker.text(9)).encode()}
    recipe = write_recipe(tmp_path / "two", files)
    build(recipe, tmp_path / "before", num_proc=1)
    (tmp_path / "quoted.txt").write_text(quoted, encoding="utf-8")
    assert run("withdraw", "before", "--text-file", "quoted.txt", "--reason", "r")[0] == 0
    # Another recipe of that folder honours the request as well.
    other = recipe.with_name("other.yaml")
    other.write_text(recipe.read_text(encoding="utf-8"), encoding="utf-8")
    finished = build(other, tmp_path / "after", num_proc=1)
    (note,) = finished.notes
    took = finished.counts["bytes_removed"]["withdrawal"]
    assert note.startswith(f"1 request in {tmp_path / 'two' / 'withdrawals.jsonl'} honoured: ")
    whole = len(files["a.txt"])
    share = 100 * (1 - took / len(files["b.txt"]))
    assert note.endswith(
        f"passages ({took:,} bytes) taken out of 1 document ({share:.1f} % is left of b.txt record 0), "
        f"1 record ({whole} bytes) withdrawn"
    )
    code, _, err = run("build", str(other), "-o", "after")
    assert (code, "1 request in" in err) == (0, True)
    (tmp_path / "two" / "withdrawals.jsonl").unlink()
    assert build(recipe, tmp_path / "before", num_proc=1).notes == ()
    code, out, _ = run("diff", "before", "after", "--json")
    compared = json.loads(out)
    assert [difference["old"] for difference in compared["withdrawals"]] == [None]
    assert {change["old_place"]["source"]: change["why"] for change in compared["changes"]} == {
        "a.txt": f"is now withdrawn: {_read_reason(tmp_path / 'after')}",
        "b.txt": f"a withdrawal took {took:,} bytes out of it",
    }
    changes = json.loads(run("diff", "after", "before", "--json")[1])["changes"]
    assert f"{took:,} bytes of it that were withdrawn are back" in [change["why"] for change in changes]
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    _, _, shown = translate(note).partition("withdrawals.jsonl")
    assert shown.startswith(" 中的 1 个撤回请求：从 1 篇文档中删去片段")
    assert re.search("[a-z]", shown.replace("b.txt", "")) is None


def test_an_absent_address_is_barred_on_demand_and_a_request_can_be_taken_back(
    run: Run, tmp_path: Path
) -> None:
    before = hash_files(tmp_path / "out")
    named = ("--url", "http://x.cn", "--reason", "r", "--request", "R-9", "--bar-absent")
    code, _, err = run("withdraw", "out", *named)
    assert (code, "0 records withdrawn" in err) == (0, True)
    assert "nothing in this build is of what is named" in err
    assert "to take it back: delete the line of R-9" in err
    assert run("withdraw", "out", "--text-file", "text.txt", "--reason", "r", "--yes")[0] == 0
    assert read_states(tmp_path / "out") == ["withdrawn", "withdrawn", "kept"]
    (tmp_path / "corpus" / "withdrawals.jsonl").unlink()
    build(tmp_path / "corpus" / "recipe.yaml", tmp_path / "out", num_proc=1)
    assert hash_files(tmp_path / "out") == before


def _read_reason(folder: Path) -> str:
    ledger = BuildReader.open(folder).read("ledger", ["state", "reason"]).to_pylist()
    (reason,) = {row["reason"] for row in ledger if row["state"] == "withdrawn"}
    return str(reason)
