"""The command line as its user sees it: what it prints and where, what it writes, and its exit codes."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
from datasets import load_dataset

from hanpack.building.run import Build
from hanpack.cli import app
from tests.conftest import ROOT, MakeRecipe, Run

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
DAMAGED = "旅遊高質(zhì)量發(fā)展"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_its_arguments_and_its_options(run: Run, command: str) -> None:
    code, out, _ = run(command, "--help")
    summary = COMMANDS[command].help.partition("\n")[0]
    helps = [parameter.help for parameter in COMMANDS[command].params]
    assert code == 0
    assert helps
    assert None not in helps
    shown = " ".join(out.replace("│", " ").split())
    assert f"hanpack {command} [OPTIONS]" in shown
    assert [text for text in (summary, *helps) if " ".join(text.split()) not in shown] == []


def test_a_new_user_packs_a_folder_of_their_own(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "my texts"
    folder.mkdir()
    (folder / "甲.txt").write_text("第一篇文章。\n它有两行。\n", encoding="utf-8")
    (folder / "乙.txt").write_bytes(
        ("第二篇文章,用国标码写成。今天的天气很好,我们去公园散步。" * 5).encode("gbk")
    )
    (folder / "丙.jsonl").write_text(json.dumps({"content": "第三篇。", "year": 2024}) + "\n")
    code, _, err = run("init", folder)
    assert (code, "next: hanpack build" in err) == (0, True)
    code, out, err = run("build", "my texts.yaml", "-o", "out")
    assert (code, out) == (0, "")
    assert "3 records (3 kept)" in err
    rows = load_dataset("out", "documents", split="train", cache_dir=str(tmp_path / "cache"))
    assert {row["encoding"] for row in rows} == {"utf-8", "gb18030"}
    assert {row["metadata"]["extra"] for row in rows} == {"{}", '{"year": 2024}'}
    code, _, err = run("build", "my texts.yaml", "-o", "out")
    assert (code, "nothing to do" in err) == (0, True)
    code, _, err = run("verify", "out")
    assert (code, err.startswith("passed: out is what it says it is; checked ")) == (0, True)


def test_init_overwrites_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.txt").write_text("文。")
    assert run("init", "corpus")[0] == 0
    code, _, err = run("init", "corpus")
    assert (code, "already" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "exit_code", "advice"),
    [
        (["build", "none.yaml"], 2, "hanpack init"),
        (["build", "--engine", "spark"], 2, "local, ray"),
        (["inspect", "none"], 2, "there is no such build"),
        (["inspect", "."], 1, "not a finished build"),
        (["normalize", "none.txt"], 2, "cannot be read"),
        (["normalize", "--script", "hanz", "x"], 2, "keep, hans"),
        (["normalize", "--encoding", "utf-99", "x"], 2, "utf-99"),
        (["normalize", "--with", "redactions", "x"], 2, "use the option --redactions"),
        (["normalize", "--with", "script", "x"], 2, "use the option --script"),
        (["split", "--tokenizer", "gpt9", "-"], 2, "o200k_base"),
        (["nothing"], 2, "there is no command nothing"),
        (["bild", "x"], 2, "did you mean build?"),
        (["build", "--tokeniser", "x"], 2, "did you mean --tokenizer?"),
        (["build", "--max-tokens", "3"], 2, "it must be at least 16"),
        (["build", "--max-tokens", "x"], 2, "it must be a whole number"),
        (["build", "a", "b", "c"], 2, "2 arguments too many: b c"),
        (["inspect"], 2, "hanpack inspect: OUT is missing — A build: the folder"),
        (["inspect", "a", "--chunk"], 2, "--chunk needs a value"),
        (["inspect", "--json=x"], 2, "--json has no value"),
        (["export", "a"], 2, "--to is missing"),
    ],
)
def test_wrong_usage_is_answered_with_what_to_do(
    run: Run, arguments: list[str], exit_code: int, advice: str
) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (exit_code, "")
    assert advice in err


def test_verify_ends_with_1_and_names_the_fault(run: Run, tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    source = tmp_path / "corpus" / "a.txt"
    source.write_text("一篇文章。", encoding="utf-8")
    run("init", "corpus")
    run("build", "corpus.yaml", "-o", "out")
    source.write_text("二篇文章。", encoding="utf-8")
    code, _, err = run("verify", "out")
    assert code == 1
    assert "a.txt: its sha256 is" in err


def test_normalize_gives_the_text_of_a_file_or_of_standard_input(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text(DAMAGED, encoding="utf-8")
    assert run("normalize", "a.txt")[:2] == (0, "旅遊高質量發展")
    with (tmp_path / "a.txt").open(encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        assert run("normalize", "-")[:2] == (0, "旅遊高質量發展")
    assert run("normalize", "a.txt", "--script", "hans")[:2] == (0, "旅游高质量发展")


def test_normalize_reads_a_text_it_cannot_decide_in_the_encoding_of_the_option(
    run: Run, tmp_path: Path
) -> None:
    clean = "各县（市、区）要高度重视，认真做好今年的工作。" * 3
    (tmp_path / "a.txt").write_text(clean.encode("gbk").decode("latin-1"), "utf-8")
    code, out, error = run("normalize", "a.txt")
    assert (code, out) == (2, "")
    assert "--encoding" in error
    assert run("normalize", "a.txt", "--encoding", "utf-8")[:2] == (0, clean)


def test_normalize_reads_json_lines_in_the_encoding_of_the_option(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes('{"id": 1, "text": "旅遊高質(zhì)量發(fā)展"}\n'.encode("gb18030"))
    assert run("normalize", "in.jsonl")[0] == 1
    code, out, _ = run("normalize", "in.jsonl", "--encoding", "gb18030")
    assert code == 0
    assert json.loads(out)["text"] == "旅遊高質量發展"


def test_normalize_writes_json_lines_with_their_edits(run: Run, tmp_path: Path) -> None:
    rows = [{"id": "a", "text": DAMAGED}, {"id": 7, "text": "干净。"}]
    content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (tmp_path / "in.jsonl").write_text(content, encoding="utf-8")
    code, out, _ = run("normalize", "in.jsonl", "-o", "out.jsonl")
    first, second = map(json.loads, (tmp_path / "out.jsonl").read_text("utf-8").splitlines())
    assert (code, out, first["id"], second["id"]) == (0, "", "a", 7)
    assert (first["text"], second["text"]) == ("旅遊高質量發展", "干净。")
    (edit, _) = [edit for edit in first["edits"] if edit["step"] == "pinyin"]
    assert content.encode()[edit["byte_start"] : edit["byte_end"]].decode() == "(zhì)"
    assert edit["start"] == edit["end"] == 4


@pytest.mark.parametrize("command", ["normalize", "split"])
def test_a_column_that_no_record_has_is_one_error_with_the_columns_that_there_are(
    run: Run, tmp_path: Path, command: str
) -> None:
    rows = [{"title": "甲", "content": f"第{number}条。", "data": {"text": "乙。"}} for number in range(9)]
    lines = "".join(f"{json.dumps(row)}\n" for row in rows)
    (tmp_path / "in.jsonl").write_text(f'{lines}{{"title": "断\n')
    code, out, err = run(command, "in.jsonl")
    assert (code, out, err.count("column")) == (2, "", 4)
    shown = " ".join(err.split())
    assert "no record has the column 'text'; the columns are title, content, data" in shown
    assert "--text-column" in shown
    for column, text in (("content", "第0条。"), ("data.text", "乙。")):
        code, out, err = run(command, "in.jsonl", "--text-column", column)
        assert (code, len(out.splitlines())) == (1, 9)
        row = json.loads(out.splitlines()[0])
        assert row.get("text", text) == text
        assert row.get("end", len(text)) == len(text)


@pytest.mark.parametrize("command", ["normalize", "split"])
def test_records_without_the_column_before_one_with_it_are_reported_in_order(
    run: Run, tmp_path: Path, command: str
) -> None:
    (tmp_path / "in.jsonl").write_text('{"a": 1}\n{"a": 2}\n{"text": "甲。"}\n{"a": 3}\n')
    code, out, err = run(command, "in.jsonl")
    assert (code, len(out.splitlines()), err.count("is missing")) == (1, 1, 3)


@pytest.mark.parametrize("command", ["normalize", "split"])
def test_a_broken_line_is_named_and_the_others_are_done(run: Run, tmp_path: Path, command: str) -> None:
    (tmp_path / "in.jsonl").write_text('{"id": 1, "text": "甲。"}\n{"id": 2\n{"id": 3, "text": "乙。"}\n')
    code, out, err = run(command, "in.jsonl")
    assert code == 1
    assert [json.loads(line)["id"] for line in out.splitlines()] == [1, 3]
    assert "in.jsonl record 1 at byte" in err


def test_split_gives_spans_that_join_to_the_text(run: Run, tmp_path: Path) -> None:
    text = (ROOT / "seeds" / "004_a378347d771fafc0.txt").read_text(encoding="utf-8")
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "x", "text": text}) + "\n")
    code, out, _ = run("split", "in.jsonl", "--max-tokens", 64, "--tokenizer", "cl100k_base")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert "".join(text[row["start"] : row["end"]] for row in rows) == text
    assert [row["chunk_index"] for row in rows] == list(range(len(rows)))
    assert max(row["token_count"] for row in rows) <= 64
    assert set(rows[0]) == {"id", "chunk_index", "start", "end", "token_count", "section"}


def test_inspect_shows_the_figures(run: Run, seeds_build: Build) -> None:
    code, out, _ = run("inspect", seeds_build.path)
    rows = {tuple(cell.strip() for cell in line.strip("│").split("│")) for line in out.splitlines()}
    assert code == 0
    assert {("records", "81"), ("documents", "78"), ("largest chunk", "511 of 512 tokens")} <= rows
    assert "tokens a chunk" in out


def test_inspect_answers_sql(run: Run, seeds_build: Build) -> None:
    code, out, _ = run("inspect", seeds_build.path, "--sql", "select count(*) as n from ledger")
    assert (code, out.split()) == (0, ["n", "81"])
    code, _, err = run("inspect", seeds_build.path, "--sql", "select nothing from nowhere")
    assert (code, "chunks, documents, ledger" in err) == (2, True)


def test_trace_shows_raw_and_final_text(run: Run, seeds_build: Build) -> None:
    chunk = load_dataset(str(seeds_build.path), split="train")[0]
    code, out, _ = run("trace", seeds_build.path, chunk["id"])
    assert (code, "创建国家文旅" in out, "創(chuàng)" in out) == (0, True, True)
    code, out, _ = run("trace", seeds_build.path, chunk["id"], "--json")
    traced = json.loads(out)
    assert (code, traced["chunk"]["id"]) == (0, chunk["id"])
    pinyin = [edit for edit in traced["edits"] if edit["step"] == "pinyin"]
    assert pinyin[0]["raw"] == "(chuàng)"
    code, _, err = run("trace", seeds_build.path, "none")
    assert (code, "no row 'none'" in err) == (2, True)


def test_find_says_where_texts_are_and_that_one_is_not_found(
    run: Run, seeds_build: Build, tmp_path: Path
) -> None:
    code, out, _ = run("find", seeds_build.path, "以創建國家文旅融合示範區為抓手")
    assert code == 0
    assert "kept: seeds/" in out
    (tmp_path / "texts.txt").write_text("文旅 融合示范区\n不在任何地方的文字\n", encoding="utf-8")
    code, out, _ = run("find", seeds_build.path, "--file", tmp_path / "texts.txt", "--json")
    answers = json.loads(out)["texts"]
    assert (code, [answer["found"] for answer in answers]) == (0, [True, False])
    assert answers[0]["places"][0]["chunks"][0]["table"] == "chunks"
    code, out, _ = run("find", seeds_build.path, "不在任何地方的文字", "文旅 融合示范区")
    assert (code, out.count("not found"), "文旅 融合示范区: " in out) == (0, 1, True)
    code, _, err = run("find", seeds_build.path)
    assert (code, "no text to look for" in err) == (2, True)


def test_the_version_is_that_of_the_project(run: Run) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert run("--version")[:2] == (0, f"{project['version']}\n")


def test_normalize_does_more_with_options(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("清理40余家”僵尸型”社会组织,D委到XX县调研。\n", encoding="utf-8")
    assert run("normalize", "a.txt")[1] == "清理40余家”僵尸型”社会组织,D委到XX县调研。\n"
    more = ("--with", "width", "--with", "quotes", "--with", "evasions", "--redactions", "〔略〕")
    assert run("normalize", "a.txt", *more)[1] == "清理40余家“僵尸型”社会组织，党委到〔略〕县调研。\n"
    code, _, err = run("normalize", "a.txt", "--with", "magic")
    assert (code, "magic" in err, "evasions" in err) == (2, True, True)


def test_a_chinese_folder_gives_its_name_to_the_recipe(run: Run, tmp_path: Path) -> None:
    for name in ("中文资料", "另一份"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "甲.txt").write_text(f"{name}的一段文字。", encoding="utf-8")
        assert run("init", name)[0] == 0
        assert run("build", f"{name}.yaml")[0] == 0
    assert {path.name for path in (tmp_path / "dist").iterdir() if path.name[0] != "."} == {
        "中文资料",
        "另一份",
    }


def test_clean_lists_and_empties_the_work_folder_and_leaves_the_build(run: Run, tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.txt").write_text("一篇文章。", encoding="utf-8")
    run("init", "corpus")
    run("build", "corpus.yaml", "-o", "out")
    code, out, _ = run("clean", "out", "--dry-run")
    assert (code, "parts" in out) == (0, True)
    parts = tmp_path / ".out.hanpack" / "parts"
    assert parts.exists()
    code, out, err = run("clean", "out")
    assert (code, "parts" in out, "bytes deleted; the build in out is as it was" in err) == (0, True, True)
    assert not parts.exists()
    assert run("verify", "out")[0] == 0
    assert run("build", "corpus.yaml", "-o", "out")[0] == 0


def test_a_build_of_another_recipe_is_refused_with_the_words_to_use(run: Run, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text("一篇文章。", encoding="utf-8")
        run("init", name)
    assert run("build", "one.yaml", "-o", "out")[0] == 0
    code, _, err = run("build", "two.yaml", "-o", "out")
    assert (code, "--overwrite" in err, "-o" in err) == (1, True, True)
    assert run("build", "two.yaml", "-o", "out", "--overwrite")[0] == 0


# A window title, a colour, a code that clears the screen, an override of direction, markup, a second line.
HOSTILE = "\x1b]0;owned\x07\x1b[31m\x9b2J\u202e[bold]x[/]\nerror: none"


def test_no_name_or_text_of_a_source_reaches_the_terminal_as_a_command(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    name = HOSTILE.replace("/", "_")
    (folder / f"{name}.txt").write_text(f"今天天气很好。{HOSTILE}", encoding="utf-8")
    (folder / f"{name}.jsonl").write_text(json.dumps({HOSTILE: 1}) + "\n", encoding="utf-8")
    (folder / f"{name}.odd").write_bytes(b"")
    shown = ["".join(run("scan", folder)[1:]), run("init", folder)[2], run("build", "corpus.yaml")[2]]
    shown += ["".join(run(command, "dist/corpus")[1:]) for command in ("inspect", "verify", "clean")]
    ids = [row["id"] for row in load_dataset("dist/corpus", split="train", cache_dir=str(tmp_path / "cache"))]
    code, traced, _ = run("trace", "dist/corpus", ids[0])
    shown += [traced, *run("normalize", folder / f"{name}.jsonl")[1:]]
    assert (code, len(ids)) == (0, 1)
    assert sum("⟦U+001B⟧" in text for text in shown) >= 5
    assert [text for text in shown if any(mark in text for mark in "\x1b\x07\x9b\u202e")] == []
    assert [text for text in shown if "\nerror: none" in text] == []
    code, as_json, _ = run("trace", "dist/corpus", ids[0], "--json")
    assert [mark for mark in "\x1b\x07\x9b\u202e" if mark in as_json] == []
    assert HOSTILE.strip() in json.loads(as_json)["raw"]


def test_the_text_of_normalize_is_visible_on_a_terminal_and_unchanged_in_a_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text(f"今天天气很好。{HOSTILE}", encoding="utf-8")
    assert run("normalize", "a.txt")[1] == (tmp_path / "a.txt").read_text(encoding="utf-8")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert "⟦U+001B⟧]0;owned" in run("normalize", "a.txt")[1]


def test_a_folder_is_built_by_one_command_and_a_second_run_has_nothing_to_do(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "laws").mkdir()
    (tmp_path / "laws" / "a.txt").write_text("第一条　公民应当遵守法律。\n", encoding="utf-8")
    code, out, err = run("build", "laws", "--script", "hant", "--max-tokens", 64)
    assert (code, out) == (0, "")
    assert "the recipe of this build is laws.yaml" in err
    assert "dist/laws: 1 record (1 kept), 1 document, 1 chunk" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dist", "laws", "laws.yaml"]
    (chunk,) = load_dataset("dist/laws", split="train", cache_dir=str(tmp_path / "cache"))
    assert chunk["text"].startswith("第一條")
    code, _, err = run("build", "laws")
    assert (code, "up to date" in err) == (0, True)
    code, _, err = run("build", "laws.yaml")
    assert (code, "up to date" in err) == (0, True)


def test_a_build_of_a_folder_that_is_the_current_one_reads_neither_recipe_nor_output(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("第一条　公民应当遵守法律。\n", encoding="utf-8")
    assert run("build", ".")[0] == 0
    code, _, err = run("build", ".")
    assert (code, "up to date" in err) == (0, True)


def test_without_an_argument_build_says_what_to_type(run: Run) -> None:
    code, _, err = run("build")
    assert (code, "hanpack build FOLDER" in err) == (2, True)


def test_a_dry_run_of_a_folder_writes_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "laws").mkdir()
    (tmp_path / "laws" / "a.txt").write_text("第一条　公民应当遵守法律。\n", encoding="utf-8")
    code, _, err = run("build", "laws", "--dry-run")
    assert (code, "1 of 1 source would be processed" in err) == (0, True)
    assert [path.name for path in tmp_path.iterdir()] == ["laws"]


def test_options_of_a_folder_are_refused_for_a_recipe(run: Run, tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("name: r\nsources: [{path: a.txt}]\n")
    code, _, err = run("build", "r.yaml", "--max-tokens", 64)
    assert (code, "--max-tokens is for a folder" in err) == (2, True)


@pytest.mark.parametrize("arguments", [["-h"], ["build", "-h"]])
def test_the_short_option_for_help_is_known(run: Run, arguments: list[str]) -> None:
    code, out, _ = run(*arguments)
    assert (code, "--help" in out, "hanpack" in out) == (0, True, True)


def test_the_short_option_for_the_version_is_known(run: Run) -> None:
    assert run("-V")[:2] == run("--version")[:2]


def test_a_build_says_why_records_were_rejected_and_strict_fails(run: Run, tmp_path: Path) -> None:
    (tmp_path / "laws").mkdir()
    (tmp_path / "laws" / "a.txt").write_text("第一条　公民应当遵守法律。\n", encoding="utf-8")
    for name in ("b.txt", "c.txt"):
        (tmp_path / "laws" / name).write_bytes(bytes(range(128, 256)) * 4)
    (tmp_path / "laws" / "d.jpg").write_bytes(b"x")
    code, _, err = run("build", "laws")
    assert code == 0
    assert "1 document" in err
    assert "rejected: b.txt and 1 other file: the encoding cannot be decided" in err
    (tmp_path / "laws" / "a.txt").write_text("第二条　公民应当依法纳税。\n", encoding="utf-8")
    code, _, err = run("build", "laws", "--strict")
    assert (code, "2 records were rejected — the first is b.txt record 0" in err) == (1, True)
    # What the recipe leaves out is said each time.
    assert "left out: d.jpg: hanpack does not read .jpg" in run("build", "laws")[2]


@pytest.mark.parametrize("arguments", [["-q", "build", "laws"], ["build", "laws", "-q"]])
def test_a_quiet_command_prints_warnings_and_errors_only(
    run: Run, tmp_path: Path, arguments: list[str]
) -> None:
    (tmp_path / "laws").mkdir()
    (tmp_path / "laws" / "a.txt").write_text("第一条　公民应当遵守法律。\n", encoding="utf-8")
    assert run(*arguments) == (0, "", "")
    (tmp_path / "laws" / "b.jpg").write_bytes(b"x")
    code, out, err = run("-q", "build", "laws", "--fresh")
    assert (code, out) == (0, "")
    assert err.startswith("left out: b.jpg: ")
    assert err.count("\n") == 1
    code, _, err = run("-q", "build", "nothing")
    assert (code, err.startswith("error: ")) == (2, True)


def test_a_verbose_command_says_where_an_error_arose(run: Run) -> None:
    code, _, err = run("build", "nothing", "-v")
    assert (code, "raised in " in err, ".py line " in err) == (2, True, True)


def test_shell_completion_is_installed_by_an_option() -> None:
    command = [sys.executable, "-m", "hanpack", "--show-completion"]
    environment = {**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = subprocess.run([*command, "bash"], capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, "COMPREPLY" in done.stdout) == (0, True)


def test_programs_get_json_from_scan_build_inspect_verify_and_diff(run: Run, tmp_path: Path) -> None:
    (tmp_path / "laws").mkdir()
    (tmp_path / "laws" / "a.txt").write_text("第一条　公民应当遵守法律。\n", encoding="utf-8")
    commands = [["scan", "laws"], ["build", "laws"], ["inspect", "dist/laws"], ["verify", "dist/laws"]]
    answers = {}
    for command in [*commands, ["diff", "dist/laws", "dist/laws"]]:
        code, out, _ = run(*command, "--json")
        assert code == 0
        answers[command[0]] = json.loads(out)
    assert answers["scan"]["totals"]["files"] == 1
    assert answers["build"]["counts"]["documents"] == 1
    assert answers["inspect"]["totals"]["documents"] == 1
    assert answers["verify"]["passed"] is True
    assert answers["diff"]["same"] is True


def test_programs_get_the_rows_of_the_table_that_they_name(run: Run, seeds_build: Build) -> None:
    for table, column in (("chunks", "chunk_index"), ("documents", "chunk_count"), ("ledger", "state")):
        code, out, _ = run("inspect", seeds_build.path, "--table", table, "--samples", "2", "--json")
        assert (code, [column in row for row in json.loads(out)["samples"]]) == (0, [True, True])
    code, _, err = run("inspect", seeds_build.path, "--table", "rows", "--json")
    assert (code, "there is no table 'rows'" in err) == (2, True)


def test_the_rows_of_a_query_end_with_a_line_feed(run: Run, seeds_build: Build) -> None:
    _, out, _ = run("inspect", seeds_build.path, "--sql", "select count(*) as n from ledger")
    assert out == "n\n81\n"
    _, out, _ = run("inspect", seeds_build.path, "--json", "--sql", "select count(*) as n from ledger")
    assert json.loads(out) == [{"n": 81}]


def test_the_work_folder_of_nothing_is_not_cleaned(run: Run, tmp_path: Path) -> None:
    code, out, err = run("clean", "nothing")
    assert (code, out, "there is no such build" in err) == (2, "", True)
    (tmp_path / "laws").mkdir()
    (tmp_path / "laws" / "a.txt").write_text("第一条　公民应当遵守法律。\n", encoding="utf-8")
    run("build", "laws")
    run("clean", "dist/laws")
    code, out, err = run("clean", "dist/laws")
    assert (code, out, "nothing to delete" in err) == (0, "", True)


@pytest.mark.parametrize(("answer", "code"), [("n", 1), ("y", 0)])
def test_clean_asks_on_a_terminal_unless_the_answer_is_an_option(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    (tmp_path / "laws").mkdir()
    (tmp_path / "laws" / "a.txt").write_text("第一条　公民应当遵守法律。\n", encoding="utf-8")
    run("build", "laws")
    terminal = io.StringIO(f"{answer}\n")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    done, out, err = run("clean", "dist/laws")
    assert (done, "parts" in out, "Delete all of this?" in err) == (code, True, True)
    assert (tmp_path / "dist" / ".laws.hanpack" / "parts").exists() == (answer == "n")
    done, _, err = run("clean", "dist/laws", "--yes")
    assert (done, "Delete all of this?" in err) == (0, False)
    assert not (tmp_path / "dist" / ".laws.hanpack" / "parts").exists()


def test_a_build_names_the_keys_of_the_card_that_are_empty(run: Run, tmp_path: Path) -> None:
    (tmp_path / "laws").mkdir()
    (tmp_path / "laws" / "a.txt").write_text("第一条　公民应当遵守法律。\n", encoding="utf-8")
    hint = "the dataset card is incomplete: fill in "
    lines = run("build", "laws")[2].splitlines()
    assert (
        f"{hint}card.summary, card.license / card.license_name in laws.yaml before you publish the build"
        in lines
    )
    assert lines[-1] == "next: hanpack inspect dist/laws"
    recipe = tmp_path / "laws.yaml"
    filled = recipe.read_text(encoding="utf-8").replace("summary: ''", "summary: 一些法律")
    recipe.write_text(filled, encoding="utf-8")
    assert f"{hint}card.license / card.license_name in laws.yaml" in run("build", "laws.yaml")[2]
    recipe.write_text(filled.replace("license: other", "license: cc-by-4.0"), encoding="utf-8")
    assert hint not in run("build", "laws")[2]


def test_a_text_of_two_letters_is_found_and_one_without_letters_is_answered_with_why(
    run: Run, seeds_build: Build
) -> None:
    code, out, _ = run("find", seeds_build.path, "发展", "--json", "--limit", "3")
    assert (code, "发展" in out) == (0, True)
    code, _, err = run("find", seeds_build.path, "……")
    assert (code, "has no letters or digits" in err) == (2, True)
    assert "hanpack inspect OUT --grep TEXT" in err
    code, _, err = run("find", seeds_build.path, "")
    assert (code, "the text to look for is empty" in err) == (2, True)


def test_a_chunk_is_traced_by_the_beginning_of_its_id_and_whole_into_a_pipe(
    run: Run, seeds_build: Build
) -> None:
    query = "select id from chunks order by token_count desc"
    ids = run("inspect", seeds_build.path, "--sql", query)[1].split()[1:]
    code, out, _ = run("trace", seeds_build.path, ids[0][:12], "--full")
    assert (code, ids[0] in out, "--screen" in out) == (0, True, False)
    assert run("inspect", seeds_build.path, "--chunk", ids[0][:12])[0] == 0
    common = sorted(ids)[0][:1]
    code, _, err = run("trace", seeds_build.path, common)
    assert (code, "there is no row" in err) == (2, True)


def test_verify_says_first_whether_it_passed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "laws").mkdir()
    (tmp_path / "laws" / "a.txt").write_text("第一条　公民应当遵守法律。\n", encoding="utf-8")
    run("build", "laws")
    for options, code, first in (
        ([], 0, "passed: dist/laws is what it says"),
        (["--strict"], 1, "failed: nothing"),
    ):
        done, _, err = run("verify", "dist/laws", *options)
        lines = err.splitlines()
        assert (done, lines[0].startswith(first), lines[1][:10]) == (code, True, "not proven")
        assert ("which is no fault" in lines[1]) == (code == 0)


def test_scan_and_init_show_records_that_cannot_be_used(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "甲。"}\n{"text": "乙"\n{"text": 5}\n', encoding="utf-8")
    code, out, _ = run("scan", "in.jsonl")
    assert (code, "2 records of those sampled cannot be used" in out) == (0, True)
    code, _, err = run("init", "in.jsonl")
    assert (code, "cannot be used: in.jsonl record 1 at byte 19: " in err) == (0, True)
    assert "(and 1 other record)" in err


def test_scan_shows_a_record_for_each_cause(run: Run, tmp_path: Path) -> None:
    rows = ['{"text": "甲。"}', '{"text": 5}', '{"text": 6}', '{"text": "乙"', "[]", ""]
    (tmp_path / "in.jsonl").write_text("\n".join(rows), encoding="utf-8")
    code, out, _ = run("scan", "in.jsonl")
    assert code == 0
    shown = [line.split()[2] for line in out.splitlines() if line.strip().startswith("in.jsonl record")]
    assert shown == ["1", "3", "4"]


def test_a_folder_without_texts_and_a_missing_folder_of_a_report_are_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "e").mkdir()
    assert "has no file that can be a source" in run("build", "e")[2]
    (tmp_path / "a.txt").write_text("今年全市生产总值增长。", encoding="utf-8")
    assert run("build", "a.txt", "-o", "out")[0] == 0
    code, _, err = run("report", "out", "-o", "none/x.html")
    assert (code, "none: the folder for the report does not exist" in err) == (2, True)


def test_a_build_says_which_part_of_the_documents_each_split_has(run: Run, tmp_path: Path) -> None:
    lines = "".join(f"第{number}篇文章说的是第{number * 7}件事情。\n" for number in range(40))
    (tmp_path / "a.txt").write_text(lines, encoding="utf-8")
    sources = "name: r\nsources: [{path: a.txt, records: line}]\nduplicates: {drop: none}\n"
    for splits, is_drawn in (("test: 0.2", True), ("test: {source: b/*}", False)):
        (tmp_path / "r.yaml").write_text(f"{sources}splits: {{{splits}}}\n", encoding="utf-8")
        code, _, err = run("build", "r.yaml", "-o", "out")
        assert code == 0
        (line,) = [line for line in err.splitlines() if line.startswith("documents by split: ")]
        # Two standard deviations of a share of 0.2 of 40 documents.
        assert ("a share is drawn by hash: of so few documents it may be 12.6 points off" in line) == is_drawn
        numbers = [int(number) for number in re.findall(r"(\d+) \(", line)]
        shares = [float(share) for share in re.findall(r"\(([\d.]+) %\)", line)]
        assert shares == [round(100 * number / 40, 1) for number in numbers] != []


def test_a_page_is_normalized_to_its_text(run: Run, tmp_path: Path) -> None:
    paragraphs = "".join(
        f"<p>第{n}条，公民应当遵守法律，共同维护社会秩序，建设美好家园。</p>" for n in range(6)
    )
    (tmp_path / "page.html").write_text(f"<html><body>{paragraphs}</body></html>", encoding="utf-8")
    code, out, _ = run("normalize", "page.html")
    assert (code, "第0条，公民" in out, "<p>" in out) == (0, True, False)


def test_split_takes_the_encoding_that_it_advises(run: Run, tmp_path: Path) -> None:
    clean = "各县（市、区）要高度重视，认真做好今年的工作。" * 3
    (tmp_path / "a.txt").write_text(clean.encode("gbk").decode("latin-1"), "utf-8")
    code, _, err = run("split", "a.txt")
    assert (code, "--encoding" in err) == (2, True)
    code, out, _ = run("split", "a.txt", "--encoding", "utf-8")
    assert (code, json.loads(out.splitlines()[0])["start"]) == (0, 0)


@pytest.mark.parametrize("command", ["normalize", "split"])
def test_a_table_is_left_to_a_build(run: Run, tmp_path: Path, command: str) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    code, _, err = run(command, "a.parquet")
    assert (code, "a parquet file is read by hanpack build only" in err) == (2, True)


def test_a_wrong_script_is_answered_with_the_scripts(run: Run) -> None:
    code, _, err = run("normalize", "--script", "hansx", "x")
    assert (code, "did you mean hans? Possible are keep, hans, hant, tw, hk" in err) == (2, True)


def test_every_command_has_the_options_of_all() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    without = [name for name, command in commands.items() if not has_verbosity(command)]
    assert (len(commands) > 15, without) == (True, [])


def has_verbosity(command: Any) -> bool:
    return {"-q", "-v"} <= {option for parameter in command.params for option in parameter.opts}


def test_a_wrong_command_is_answered_with_the_one_that_was_meant(run: Run) -> None:
    code, _, err = run("buidl")
    assert (code, "did you mean build?" in " ".join(err.split())) == (2, True)


def test_an_option_that_changes_the_recipe_says_what_it_replaces_before_it_does(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "laws").mkdir()
    (tmp_path / "laws" / "a.txt").write_text("第一条　公民应当遵守法律。\n", encoding="utf-8")
    assert "replaces" not in run("build", "laws")[2]
    replaced = run("build", "laws", "--script", "tw")[2].splitlines()
    assert replaced[0] == (
        f"laws.yaml: script keep → tw; this replaces the build {Path('dist/laws')}; "
        "give --name NAME for a second build"
    )
    assert "replaces" not in run("build", "laws", "--script", "tw")[2]
    assert "replaces" not in run("build", "laws", "--script", "hk", "--name", "second")[2]


def test_a_build_names_the_records_that_were_left_out_as_copies(run: Run, tmp_path: Path) -> None:
    (tmp_path / "laws").mkdir()
    law = "".join(
        f"第{number}条　公民应当遵守法律，共同维护社会秩序，不得有下列行为。" for number in range(30)
    )
    rows = [{"title": "丽水市条例", "text": law}, {"text": law}, {"text": law.replace("第7条", "第九条")}]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (tmp_path / "laws" / "a.jsonl").write_text(lines, encoding="utf-8")
    said = run("build", "laws")[2].splitlines()
    copies = [line for line in said if line.startswith("left out as a copy: ")]
    assert len(copies) == 2
    assert copies[0].startswith("left out as a copy: a.jsonl record 2, similarity 0.")
    assert copies[0].endswith(" to a.jsonl record 0 (丽水市条例)")
    # Of an equal copy there is none.
    (difference,) = [line for line in said if line.startswith("titles: ")]
    titles, _, pieces = difference.partition("; first difference: ")
    assert (titles.startswith("titles: 第0条"), titles.endswith(" | 丽水市条例")) == (True, True)
    assert [piece.partition("第")[2][:2] for piece in pieces.split(" | ")] == ["九条", "7条"]
    assert "to keep those that are not equal, set duplicates.drop to exact in the recipe" in said
    (command,) = [line for line in said if line.startswith("to see all copies: hanpack ")]
    code, out, _ = run("inspect", "dist/laws", "--json", "--sql", command.split('"')[1])
    assert (code, len(json.loads(out))) == (0, 2)


def test_a_build_says_why_it_left_out_a_copy_that_is_not_equal(
    run: Run, make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    law = "".join(f"第{number}条　公民应当遵守法律，不得有下列行为。" for number in range(30))
    files = {"a.txt": law.encode(), "b.txt": law.replace("第7条", "第九条").encode()}
    splits = {"test": {"source": "b*"}}
    recipe = make_recipe(files, duplicates={"drop": "exact"}, splits=splits)
    said = run("build", str(recipe), "-o", str(tmp_path / "out"))[2].splitlines()
    assert len([line for line in said if line.startswith("left out as a copy: ")]) == 1
    assert "copies that are not equal were left out only where the document is in another split" in said
    assert not [line for line in said if line.startswith("to keep those")]


def test_a_build_says_how_many_records_are_copies_of_documents_of_other_builds(
    run: Run, tmp_path: Path
) -> None:
    law = "".join(f"第{number}条　公民应当遵守法律，共同维护社会秩序。" for number in range(30))
    for name, keys in (("first", "signatures: true"), ("second", "against: [dist/first]")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(law, encoding="utf-8")
        (tmp_path / name / "b.txt").write_text(f"{name}的另一篇文档。" * 20, encoding="utf-8")
        (tmp_path / f"{name}.yaml").write_text(
            f"name: {name}\nsources: [{{path: {name}/*.txt}}]\nduplicates: {{{keys}}}\n", encoding="utf-8"
        )
        assert run("build", f"{name}.yaml")[0] == 0
    said = run("build", "second.yaml", "-o", "dist/third")[2].splitlines()
    assert (
        "left out as copies of documents of other builds: 1 record, whose reason names the document" in said
    )
    assert not any("at least as similar" in line for line in said)
    (command,) = [line for line in said if line.startswith("to see all copies: hanpack ")]
    code, out, _ = run("inspect", "dist/third", "--json", "--sql", command.split('"')[1])
    (row,) = json.loads(out)
    assert (code, row["source"]) == (0, "second/a.txt")
    assert row["reason"].endswith(" of the build first")


def test_a_record_of_json_lines_is_named_with_its_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "laws").mkdir()
    lines = '\n{"text": "第一条"}\n{"title": "x"}\n'
    (tmp_path / "laws" / "a.jsonl").write_text(lines, encoding="utf-8")
    assert "rejected: a.jsonl record 2: line 3: byte " in run("build", "laws")[2]
    (identity,) = run("inspect", "dist/laws", "--sql", "select id from chunks")[1].split()[1:]
    assert "the record is line 2 of the source" in run("trace", "dist/laws", identity)[1]
