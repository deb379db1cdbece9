"""Messages and help are in Chinese if the locale is, whatever their fields hold; else nothing changes."""

from __future__ import annotations

import ast
import json
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from hanpack.chinese import find_language, match_fields, name_step, translate
from hanpack.chinese.details import DETAILS
from hanpack.chinese.errors import ERRORS
from hanpack.chinese.file_errors import FILE_ERRORS
from hanpack.chinese.findings import FINDINGS
from hanpack.chinese.help_texts import HELP
from hanpack.chinese.hints import HINTS
from hanpack.chinese.messages import MESSAGES
from hanpack.chinese.reasons import REASONS
from hanpack.chinese.report import SCRIPT
from hanpack.chinese.screens import LABELS, SCREENS
from hanpack.chinese.words import NOUNS, WORDS
from hanpack.cli import app
from hanpack.cli.views import _count_checked
from hanpack.flow import STEPS
from hanpack.reasons import Cause, Reason
from hanpack.sources.damage import MEANINGS
from hanpack.sources.formats import advise
from hanpack.steps.decode.json_parsing import SYNTAX_FAULTS
from hanpack.views.report import page as report_page
from tests.conftest import ROOT, Run

FOLDER = ROOT / "builder" / "hanpack" / "cli"
GROUP = typer.main.get_command(app)
# Messages whose parts are translated elsewhere, or that are the text of a reason or a fault.
COMPOSED = {"error: {}{}{}", "{}: {} s", "{}: {}"}


def list_fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def find_messages() -> Iterator[str]:
    """The sentences that the modules of the command line print, with {} for each field."""
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            if node.func.id in ("say", "show_progress", "UsageError") and (
                sentence := write_sentence(node.args[0])
            ):
                yield sentence


def find_errors() -> Iterator[str]:
    """What all errors of the package say and advise, with {} for each field."""
    for path in (ROOT / "builder" / "hanpack").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id in ("HanpackError", "BuildError", "VerifyError", "UsageError", "RecipeError"):
                parts = [*node.args[:1], *node.args[2:3], *(word.value for word in node.keywords)]
                yield from map(write_sentence, parts)


def find_findings() -> Iterator[str]:
    """The sentences of all that verify expects, with {} for each field."""
    for path in (ROOT / "builder" / "hanpack" / "audit").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr == "expect" and len(node.args) == 3:
                yield write_sentence(node.args[2])


def write_sentence(node: ast.expr) -> str:
    """A string of a program with {} for each value in it; empty if it is none."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else ""


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, ""),
        ({"LANG": "en_US.UTF-8"}, ""),
        ({"LANG": "zh_CN.UTF-8"}, "hans"),
        ({"LANG": "zh_SG"}, "hans"),
        ({"LANG": "zh_TW.UTF-8"}, "hant"),
        ({"LANG": "zh_HK"}, "hant"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "hans"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, ""),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "hans"),
        ({"LANGUAGE": "zh"}, "hans"),
        ({"LANGUAGE": "zh_TW:en", "LANG": "C.UTF-8"}, "hant"),
        ({"LANGUAGE": "fr:zh_CN", "LANG": "fr_FR.UTF-8"}, "hans"),
        ({"LANGUAGE": "en:zh", "LANG": "zh_CN.UTF-8"}, ""),
        ({"LANGUAGE": "fr", "LANG": "zh_CN.UTF-8"}, "hans"),
        ({"LANGUAGE": "zh", "LANG": "C"}, ""),
        ({"LANGUAGE": "zh", "LC_ALL": "POSIX", "LANG": "zh_CN.UTF-8"}, ""),
    ],
)
def test_the_language_is_that_of_the_locale(environment: dict[str, str], language: str) -> None:
    assert find_language(environment) == language


def test_every_help_text_has_a_chinese_one() -> None:
    commands = GROUP.commands  # type: ignore[attr-defined]
    holders: list[Any] = [GROUP, *GROUP.params]
    for command in commands.values():
        holders += [command, *command.params]
    texts = {str(holder.help) for holder in holders}
    assert len(texts) > 50
    assert sorted(texts - HELP.keys()) == []
    assert GROUP.epilog in HELP


def test_no_help_text_is_cut_off_in_eighty_columns() -> None:
    names = [*GROUP.commands]  # type: ignore[attr-defined]
    script = (
        "import sys\nfrom hanpack.cli import main\n"
        f"for name in {names}:\n"
        "    sys.argv = ['hanpack', name, '--help']\n"
        "    try: main()\n    except SystemExit: pass\n"
    )
    environment = {"LC_ALL": "zh_CN.UTF-8", "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    environment["PYTHONPATH"] = str(ROOT / "builder")
    command = [sys.executable, "-c", script]
    shown = subprocess.run(command, capture_output=True, env=environment, check=True).stdout.decode("utf-8")
    assert shown.count("显示本说明并退出。") == len(names) > 15
    assert [line for line in shown.splitlines() if "…" in line] == []


def test_every_message_of_the_command_line_has_a_chinese_one() -> None:
    sentences = {
        re.sub(r"\{\w*\}", "{}", english) for english, _ in (*MESSAGES, *HINTS, *ERRORS, *DETAILS)
    } | WORDS.keys()
    messages = set(find_messages()) - COMPOSED
    assert len(messages) > 25
    patterns = [re.escape(sentence).replace(r"\{\}", ".+") for sentence in sentences]
    unknown = [
        message for message in messages if not any(re.fullmatch(pattern, message) for pattern in patterns)
    ]
    assert sorted(unknown) == []


def test_every_error_has_a_chinese_one() -> None:
    tables = (*MESSAGES, *HINTS, *ERRORS, *FILE_ERRORS, *DETAILS, *SCREENS, *FINDINGS)
    patterns = [re.escape(re.sub(r"\{\w*\}", "{}", english)).replace(r"\{\}", ".+") for english, _ in tables]
    errors = {error for error in find_errors() if re.search("[a-z]", error.replace("{}", ""))}
    assert len(errors) > 200
    assert (
        sorted(text for text in errors if not any(re.fullmatch(pattern, text) for pattern in patterns)) == []
    )


def test_every_finding_of_verify_has_a_chinese_sentence() -> None:
    findings = {sentence for sentence in find_findings() if sentence}
    assert len(findings) > 60
    patterns = [
        re.escape(re.sub(r"\{\w*\}", "{}", english)).replace(r"\{\}", ".+") for english, _ in FINDINGS
    ]
    assert (
        sorted(text for text in findings if not any(re.fullmatch(pattern, text) for pattern in patterns))
        == []
    )


@pytest.mark.parametrize(
    "table",
    [MESSAGES, HINTS, ERRORS, FILE_ERRORS, SCREENS, DETAILS, FINDINGS],
    ids=["messages", "hints", "errors", "file errors", "screens", "details", "findings"],
)
def test_a_translation_has_the_fields_of_its_sentence(table: tuple[tuple[str, str], ...]) -> None:
    assert table
    assert [
        (english, chinese) for english, chinese in table if list_fields(english) != list_fields(chinese)
    ] == []


def test_every_word_and_help_text_has_chinese_characters() -> None:
    texts = (*NOUNS.values(), *WORDS.values(), *LABELS.values(), *HELP.values())
    assert texts
    assert [text for text in texts if re.search("[\u4e00-\u9fff]", text) is None] == []


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("1 file scanned; the recipe is a.yaml", "扫描了 1 个文件；配方是 a.yaml"),
        (
            "dist/a: 26 records (4 duplicate, 22 kept), 21 documents, 1 chunk, 1,372 tokens in 0.3 s",
            "dist/a：26 条记录（重复 4，保留 22），21 篇文档，1 个块，1,372 个词元，用时 0.3 秒",
        ),
        ("processing: 1.5 of 30.0 MB", "正在处理：1.5 / 30.0 MB"),
        ("not in any table", "not in any table"),
    ],
)
def test_a_message_is_translated_with_its_fields(chinese: None, english: str, expected: str) -> None:
    assert translate(english) == expected


def test_every_part_of_a_list_of_findings_is_chinese(chinese: None) -> None:
    faults = ["README.md: the card is not the one that the manifest gives"]
    faults += ["a.parquet row 3: it was not kept, but has no reason", "and 10 more"]
    versions = "other versions made the build: opencc 0.9 → 1.4"
    assert translate(f"not proven: {versions}; 12 deviations: {'; '.join(faults)}") == (
        "未证明：构建结果是用其他版本生成的：opencc 0.9 → 1.4；12 处偏差：README.md：卡片不是清单所给出的；"
        "a.parquet 第 3 行：它没有保留，却没有原因；还有 10 处"
    )


def test_a_name_in_a_message_stays_as_it_is(chinese: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "{x} of 7 個檔案" in translate("left out: {x} of 7 個檔案: no reason")
    monkeypatch.setenv("LC_ALL", "zh_TW.UTF-8")
    assert translate("文件/语料 is up to date: same inputs, nothing to do") == (
        "文件/语料 已是最新：輸入沒有變化，無需處理"
    )


@given(st.lists(st.text(alphabet="abc: ", max_size=5), min_size=2, max_size=2))
def test_the_fields_of_a_sentence_put_into_it_are_the_message(values: list[str]) -> None:
    message = f"{values[0]} is in {values[1]}!"
    fields = match_fields("{name} is in {place}!", message)
    assert fields is not None
    assert "{name} is in {place}!".format(**fields) == message


def test_a_step_keeps_its_name_even_if_a_label_is_the_same_word(chinese: None) -> None:
    assert translate("page") == "页"
    assert translate("page 9 in 3 files") == "page 9 处（3 个文件）"
    assert translate("tables: chunks 7, ledger 5; --table NAME shows rows of one").startswith(
        "表：chunks 7, "
    )


def test_in_english_nothing_is_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert translate("wrote a") == "wrote a"


def test_the_program_speaks_chinese(run: Run, chinese: None, tmp_path: Path) -> None:
    (tmp_path / "laws").mkdir()
    (tmp_path / "laws" / "a.txt").write_text("第一条　公民应当遵守法律。\n", encoding="utf-8")
    assert "构建的配方是 laws.yaml" in run("build", "laws")[2]
    assert run("build", "nothing")[2].startswith("错误：nothing：没有这个配方或文件夹 — 请指明")
    first = run("verify", "dist/laws")[2].splitlines()[0]
    assert first.startswith("通过：dist/laws 与其声明一致；已检查 7 个文件，1 个源文件，1 次重放，1 条记录，")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["bild"], "没有 bild 这个命令 — 是否想用 build？"),
        (["build", "--tokeniser"], "没有 --tokeniser 这个选项 — 是否想用 --tokenizer？"),
        (["build", "--max-tokens", "3"], "--max-tokens 的值不可用 — 至少是 16"),
        (["build", "--max-tokens", "x"], "--max-tokens 的值不可用 — 要用整数"),
        (["build", "a", "b"], "多了 1 个参数：b — hanpack build -h 显示用法"),
        (["diff", "a"], "缺少 NEW — 较晚的构建结果。"),
        (["export", "a"], "缺少 --to — 读取这些文件的软件：megatron 或 torchtitan。"),
        (["inspect", "--table"], "--table 需要一个值 — hanpack -h 显示用法"),
        (["inspect", "--json=x"], "--json 不带值 — hanpack -h 显示用法"),
    ],
)
def test_errors_of_usage_are_chinese(run: Run, chinese: None, arguments: list[str], expected: str) -> None:
    code, _, err = run(*arguments)
    assert (code, err.strip().endswith(f"：{expected}")) == (2, True)


def test_every_text_of_the_report_has_a_chinese_one(chinese: None) -> None:
    folder = ROOT / "builder" / "hanpack" / "views" / "report"
    page, script = ((folder / name).read_text(encoding="utf-8") for name in ("page.html", "page.js"))
    texts = [text.replace("%s", "7") for text in re.findall(r't\("([^"]+)"', page)]
    texts += report_page.MEANINGS.values()
    assert len(texts) > 60
    # A count with a state is translated by its word, and names stay.
    unknown = [text for text in texts if re.search("[\u4e00-\u9fff]", translate(text)) is None]
    assert unknown == ["7 7"]
    calls = re.findall(r'translate\(\s*(?:count === 1 \? )?"([^"]+)"', script)
    assert len(calls) > 8
    assert sorted(set(calls) - SCRIPT.keys()) == []
    assert all(chinese.count("{}") == english.count("{}") for english, chinese in SCRIPT.items())


def test_the_report_is_chinese(run: Run, chinese: None, tmp_path: Path) -> None:
    (tmp_path / "laws").mkdir()
    (tmp_path / "laws" / "a.txt").write_text("第一条　公民应当遵守法律。\n", encoding="utf-8")
    run("build", "laws")
    assert run("report", "dist/laws")[2].startswith("laws-report.html：用浏览器打开")
    page = (tmp_path / "laws-report.html").read_text(encoding="utf-8")
    assert '<html lang="zh-Hans">' in page
    assert "<h2>每个字节的去向</h2>" in page
    assert ["<b>保留</b>" in page, "<b>kept</b>" in page] == [True, False]
    assert "用文字说明全部 {} 处改动" in page


def test_every_cause_has_a_chinese_sentence_with_its_fields() -> None:
    assert list(REASONS) == list(Cause)
    assert [
        cause.name
        for cause, chinese in REASONS.items()
        if list_fields(cause.template) != list_fields(chinese)
    ] == []


@pytest.mark.parametrize(
    "details",
    [
        {meaning for _, meaning in MEANINGS},
        set(SYNTAX_FAULTS.values()),
        {advise(suffix) for suffix in (".doc", ".xlsx", ".jpg", ".rar", ".mp3", ".tex", "")},
    ],
    ids=["damage", "JSON", "other formats"],
)
def test_a_detail_that_hanpack_words_has_a_chinese_one(chinese: None, details: set[str]) -> None:
    assert len(details) > 4
    assert [detail for detail in details if re.search("[\u4e00-\u9fff]", translate(detail)) is None] == []


def test_a_reason_is_translated_with_its_fields(chinese: None) -> None:
    scan = Reason(Cause.NO_TEXT_LAYER, {"pages": 1200})
    assert translate(str(scan)) == "没有一页有文字（共 1,200 页）：请先对扫描件做文字识别（OCR）"
    column = Reason(Cause.MISSING_COLUMN, {"offset": 7, "column": "text"})
    assert translate(str(column)) == "字节 7：缺少列 'text'"


# What stays as it is: commands, names of tables, columns, steps and encodings, keys, words of PDFium.
NAMES = """
    hanpack trace inspect build init scan yaml json all limit table sql text in Python load_dataset dist laws
    CHUNK_ID from ledger select source record byte_start cause reason where state rejected duplicate
    similarity duplicate_of chunks documents train
    test separator copy old id
    utf Hans row html spaces decode unwrap o200k_base JSON KiB jsonl jpg bytes_kept missing_column invalid_pdf
    content removed replaced han_share digit_share punctuation_share repeated_line_share mean_line_length
    damage_left max_tokens splits largest_chunk tokens PDF OCR
"""


def test_the_screens_are_chinese(run: Run, chinese: None, tmp_path: Path) -> None:
    (tmp_path / "laws").mkdir()
    lines = [f"第{number}条　公民应当遵守法律，履行第{number * 7}项义务，维护利益。" for number in range(30)]
    lines.append(lines[3].replace("，", ","))
    rows = [json.dumps({"content": line}, ensure_ascii=False) for line in lines]
    (tmp_path / "laws" / "a.jsonl").write_text("\n".join([*rows, '{"title": "x"}', ""]), encoding="utf-8")
    (tmp_path / "laws" / "b.pdf").write_bytes(b"no PDF")
    (tmp_path / "laws" / "c.jpg").write_bytes(b"x")
    screens = ["".join(run("scan", "laws")[1:])]
    screens.append(run("init", "laws")[2])
    screens.append(run("build", "laws", "-o", "old")[2])
    recipe = tmp_path / "laws.yaml"
    changed = recipe.read_text(encoding="utf-8").replace("max_tokens: 512", "max_tokens: 16")
    recipe.write_text(f"{changed}splits: {{test: 0.2}}\n", encoding="utf-8")
    screens.append(run("build", "laws")[2])
    ids = run("inspect", "dist/laws", "--sql", "select id from chunks where chunk_index = 1")[1].split()[1:]
    views = (
        ("inspect", "dist/laws"),
        ("inspect", "dist/laws", "--table", "ledger", "--samples", "40"),
        ("inspect", "dist/laws", "--table", "documents"),
        ("trace", "dist/laws", ids[0]),
        ("find", "dist/laws", "公民应当遵守法律", "--limit", "3"),
        ("find", "dist/laws", "没有这句话"),
        ("diff", "old", "dist/laws"),
    )
    screens += ["".join(run(*arguments)[1:]) for arguments in views]
    names = set(re.findall(r"\w+", NAMES))
    for screen in screens:
        assert re.search("[\u4e00-\u9fff]", screen), screen
        without_ids = re.sub(r"\b[0-9a-f]{20,}\b|[\w.-]*[/.][\w./-]*", " ", screen)
        words = set(re.findall("[A-Za-z_][A-Za-z_0-9]+", without_ids))
        assert sorted(words - names) == [], screen


def test_the_help_is_chinese_and_loads_no_table_in_english() -> None:
    script = (
        "import sys; sys.argv = ['hanpack', 'build', '--help']\n"
        "from hanpack.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print('hanpack.chinese.help_texts' in sys.modules, 'opencc' in sys.modules)"
    )

    def show(locale: str) -> str:
        environment = {"LC_ALL": locale, "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT / "builder")}
        command = [sys.executable, "-c", script]
        done = subprocess.run(command, capture_output=True, env=environment, check=True)
        return done.stdout.decode("utf-8")

    assert "输出文件夹；默认是 dist/名称。" in show("zh_CN.UTF-8")
    english = show("C.UTF-8")
    assert "dist/NAME" in english
    assert english.endswith("False False\n")


def test_all_that_verify_counts_has_a_chinese_noun(chinese: None) -> None:
    names: set[str] = set()
    for path in (ROOT / "builder" / "hanpack" / "audit").glob("*.py"):
        names.update(re.findall(r'audit\.count\("([^"]+)"', path.read_text(encoding="utf-8")))
    assert {"withdrawn texts", "search indexes", "signatures"} < names
    counted = {(name, number): translate(_count_checked(name, number)) for name in names for number in (1, 2)}
    assert {name: words for name, words in counted.items() if re.search("[a-z]", words)} == {}


def test_what_verify_counts_has_the_number_of_its_noun() -> None:
    names = ("files", "copies", "search indexes", "signatures of documents")
    assert [_count_checked(name, 1) for name in names] == [
        "1 file",
        "1 copy",
        "1 search index",
        "1 signature of a document",
    ]
    assert [_count_checked(name, 1200) for name in names] == [f"1,200 {name}" for name in names]


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        ("sources: [{path: a, encoding: gbk2}]", "sources.0.encoding：未知的编码；是否想用 gbk？"),
        ("steps: {}", "sources：缺少这个键"),
        (
            "sources: [{path: a}]\nchunks: {policy: struct, max_tokens: 3}",
            "chunks.max_tokens：至少是 16（现为：3）；chunks.policy：未知的值；是否想用 structure？",
        ),
        ("sources: [{path: a}]\nchunks: {max_tokens: x}", "chunks.max_tokens：要用整数（现为：'x'）"),
        ("sources: [{path: a}]\nstep: {}", "step：未知的键；是否想用 steps？可以用 name、"),
        ("sources: [{path: a}]\nsplits: {test: 20}", "splits.test：请写小于 1 的比例，如 0.2，或一条规则"),
        ("sources: [{path: a}]\nsplits: test 0.2", "splits：这里应是带值的键，要有冒号，如 {test: VALUE}"),
        ("sources: [{path: a, encoding: big5}]", "没有一条记录可以读取；第一条是 a/b.txt 第 0 条记录：字节 "),
    ],
)
def test_errors_of_recipes_are_chinese(
    run: Run, chinese: None, tmp_path: Path, recipe: str, expected: str
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text(
        "公民应当遵守法律，维护社会秩序，今年生产总值增长。", encoding="utf-8"
    )
    (tmp_path / "r.yaml").write_text(f"name: r\n{recipe}\n", encoding="utf-8")
    code, _, err = run("build", "r.yaml")
    assert (code, expected in err) == (2, True), err


def test_a_reason_with_and_is_not_taken_for_the_number_of_other_files(chinese: None) -> None:
    reason = str(Reason(Cause.UNDECIDED_ENCODING, {"detail": "in no encoding is it likely to be text"}))
    for message in (f"rejected: 扫描件.txt: {reason}", f"rejected: a.txt and 2 other files: {reason}"):
        assert translate(message).endswith(
            "：无法判断编码：用哪种编码读都不像文字；请在配方里用 encoding 指明，并查看文字：指错会得到别的字"
        )


def test_metadata_and_edits_have_chinese_labels_and_tables_keep_their_names(
    run: Run, chinese: None, tmp_path: Path
) -> None:
    sentence = "公民应当遵守法律，维护社会秩序，财政收入稳步提高。"
    page = (
        "<html><head><title>关于秩序的公告</title></head><body><h1>关于秩序的公告</h1>"
        f"<p>{sentence * 3}电话13800138000。</p><p>{sentence * 3}</p></body></html>"
    )
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.html").write_text(page, encoding="utf-8")
    recipe = "name: r\nsources: [{path: a}]\nsteps: {personal: replace}\n"
    (tmp_path / "r.yaml").write_text(recipe, encoding="utf-8")
    assert run("build", "r.yaml")[0] == 0
    shown = run("inspect", "dist/r")[1]
    assert "标题 关于秩序的公告" in shown
    assert "手机号 1" in shown
    identity = run("inspect", "dist/r", "--sql", "select id from chunks")[1].split()[1]
    traced = run("trace", "dist/r", identity)[1]
    assert "原始文本：a/b.html" in traced
    assert "替换" in traced
    for command in (("inspect", "dist/r", "--chunk", "zzzz"), ("trace", "dist/r", "zzzz")):
        error = run(*command)[2]
        assert "chunks 里没有 'zzzz' 这一行 — hanpack inspect dist/r --table chunks 会显示一些 id" in error


def test_every_step_has_a_chinese_name_beside_that_of_the_tables(chinese: None) -> None:
    names = [step.name for step in STEPS]
    assert len(names) > 10
    assert [name for name in names if name_step(name) == name] == []
    assert name_step("spaces") == "空白（spaces）"
