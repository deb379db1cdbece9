"""The recipe of a folder: what it matches and leaves out, and when the one that is there is used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from hanpack.building.run import build
from hanpack.errors import RecipeError, UsageError
from hanpack.recipe import parse_recipe
from hanpack.recipe_file import load_recipe
from hanpack.scanning.folder_recipe import FolderOptions, FolderRecipe
from hanpack.scanning.recipes import draft_recipe, write_recipe
from hanpack.sources.discovery import discover
from tests.builds import read_rows, to_jsonl, verify_build

PARTS_HINT = (
    "问题, 答案 are parts of one text: only 答案 is the text, the rest is metadata; to join them, make "
    'records of them in Python: hanpack.build([{"text": row["问题"] + "\\n" + row["答案"]} for row in rows], '
    'out="dist/NAME")'
)
TEXT = "第一份报告。\n我们坚持稳中求进，推动高质量发展。\n".encode()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a text, in an empty current folder."""
    monkeypatch.chdir(tmp_path)
    path = Path("corpus")
    path.mkdir()
    (path / "a.txt").write_bytes(TEXT)
    return path


def draft(folder: Path, **options: Any) -> FolderRecipe:
    """The recipe that a build of the folder uses, written as the build does."""
    drafted = draft_recipe(folder, FolderOptions(**options))
    drafted.write()
    return drafted


def list_sources(recipe: Path) -> list[str]:
    loaded = load_recipe(recipe)
    return [file.name for file in discover(loaded, (recipe.parent / loaded.root).resolve(), str(recipe))]


def test_the_recipe_of_a_build_is_the_one_that_init_writes(folder: Path) -> None:
    drafted = draft_recipe(folder)
    assert not drafted.path.exists()
    written = write_recipe(folder)
    assert (written.path, written.content) == (drafted.path, drafted.content)
    assert written.path.read_text(encoding="utf-8") == drafted.content
    assert draft_recipe(folder).scanned is None


def test_options_are_in_the_recipe(folder: Path) -> None:
    recipe = draft(
        folder, script="hans", max_tokens=64, tokenizer="cl100k_base", records="line", name="laws"
    ).path
    loaded = load_recipe(recipe)
    assert recipe == Path("laws.yaml")
    assert (loaded.name, loaded.steps.script, loaded.chunks.max_tokens) == ("laws", "hans", 64)
    assert (loaded.tokenizer, [entry.records for entry in loaded.sources]) == ("cl100k_base", ["line"])


def test_an_option_changes_a_recipe_that_nobody_has_changed_and_keeps_the_other_options(folder: Path) -> None:
    assert draft(folder, max_tokens=64, records="line").changes == ()
    assert draft(folder, script="hant", max_tokens=64).changes == ("script keep → hant",)
    loaded = load_recipe(Path("corpus.yaml"))
    assert (loaded.chunks.max_tokens, loaded.steps.script) == (64, "hant")
    assert loaded.sources[0].records == "line"


@pytest.mark.parametrize(
    ("now", "earlier"),
    [
        (
            "Checksum of what follows; hanpack writes the file again only as long as it fits",
            "checksum of what follows, as hanpack wrote it",
        ),
        ("overlap: 64", "overlap: 32"),
    ],
)
def test_a_recipe_of_an_earlier_version_counts_as_unchanged(folder: Path, now: str, earlier: str) -> None:
    recipe = draft(folder).path
    content = recipe.read_text(encoding="utf-8")
    assert now in content
    recipe.write_text(content.replace(now, earlier), encoding="utf-8")
    draft(folder, max_tokens=64)
    assert load_recipe(recipe).chunks.max_tokens == 64


def test_a_recipe_that_was_changed_is_used_and_never_written_again(folder: Path) -> None:
    recipe = draft(folder).path
    changed = recipe.read_text(encoding="utf-8").replace("max_tokens: 512", "max_tokens: 100")
    recipe.write_text(changed, encoding="utf-8")
    assert draft(folder).parse().chunks.max_tokens == 100
    with pytest.raises(UsageError, match="changed by hand, and --script would change it"):
        draft(folder, script="hant")
    (folder / "b.md").write_bytes(TEXT)
    (note,) = draft(folder).notes
    assert "does not match 1 file, the first: b.md" in note
    assert recipe.read_text(encoding="utf-8") == changed


def test_files_of_a_new_kind_get_into_a_recipe_that_nobody_has_changed(folder: Path) -> None:
    recipe = draft(folder).path
    (folder / "b.jsonl").write_bytes(to_jsonl("第二份。"))
    assert draft(folder).scanned == 2
    assert list_sources(recipe) == ["a.txt", "b.jsonl"]
    (folder / "c.txt").write_bytes(TEXT)
    assert draft(folder).scanned is None
    assert list_sources(recipe) == ["a.txt", "c.txt", "b.jsonl"]


def test_the_entry_of_files_that_are_gone_leaves_a_recipe_that_nobody_has_changed(folder: Path) -> None:
    (folder / "b.jsonl").write_bytes(to_jsonl("第二份。"))
    recipe = draft(folder).path
    (folder / "b.jsonl").unlink()
    (change,) = draft(folder).entry_changes
    assert change.startswith(("sources − {path: '**/*.jsonl'", "sources − {path: b.jsonl"))
    assert list_sources(recipe) == ["a.txt"]
    assert draft(folder).entry_changes == ()


def test_the_entry_of_files_that_are_gone_stays_in_a_recipe_that_was_changed(folder: Path) -> None:
    (folder / "b.jsonl").write_bytes(to_jsonl("第二份。"))
    recipe = draft(folder).path
    recipe.write_text(recipe.read_text(encoding="utf-8").replace("512", "100"), encoding="utf-8")
    (folder / "b.jsonl").unlink()
    with pytest.raises(RecipeError, match="no file matches"):
        draft(folder)


def test_a_format_that_is_not_read_is_named_in_a_comment_and_left_out(folder: Path) -> None:
    (folder / "picture.jpg").write_bytes(b"x")
    drafted = draft(folder)
    assert [name for name, _ in drafted.left_out] == ["picture.jpg"]
    assert list_sources(drafted.path) == ["a.txt"]
    (comment,) = [line for line in drafted.content.splitlines() if line.startswith("#   ")]
    assert "picture.jpg: hanpack does not read .jpg" in comment
    assert drafted.parse().card.left_out == {".jpg": 1}
    again = draft(folder)
    assert again.scanned is None
    assert again.left_out == drafted.left_out


def test_a_file_that_cannot_be_read_is_matched_as_one_that_is_added_later_is(folder: Path) -> None:
    unreadable = bytes(range(128, 256)) * 4
    (folder / "bad.txt").write_bytes(unreadable)
    (folder / "broken.pdf").write_bytes(b"no PDF")
    drafted = draft(folder)
    assert [name for name, _ in drafted.rejected] == ["bad.txt", "broken.pdf"]
    assert drafted.left_out == ()
    comments = [line for line in drafted.content.splitlines() if line.startswith("#   ")]
    assert ["bad.txt: the encoding" in comments[0], "broken.pdf: " in comments[1]] == [True, True]
    keys = str(yaml.safe_load(drafted.content))
    assert ("bad.txt" in keys, "broken.pdf" in keys, "exclude" in keys) == (False, False, False)
    assert list_sources(drafted.path) == ["a.txt", "bad.txt", "broken.pdf"]
    (folder / "c.txt").write_bytes(unreadable)
    assert draft(folder).scanned is None
    assert list_sources(drafted.path) == ["a.txt", "bad.txt", "c.txt", "broken.pdf"]


@pytest.mark.parametrize(
    ("locale", "heading"),
    [
        ("zh_CN.UTF-8", "hanpack 扫描文件后"),
        ("zh_TW.UTF-8", "hanpack 掃描檔案後"),
        ("zh_CN.UTF-8", "test: 0.2}，各约 1 条（共约 1 条记录）"),
    ],
)
def test_the_comments_of_a_recipe_are_in_the_language_of_the_locale(
    folder: Path, monkeypatch: pytest.MonkeyPatch, locale: str, heading: str
) -> None:
    (folder / "picture.jpg").write_bytes(b"x")
    monkeypatch.setenv("LC_ALL", locale)
    drafted = draft(folder)
    assert heading in drafted.content
    # In another locale it is recognised as hanpack's own, with what it leaves out.
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    again = draft(folder)
    assert again.scanned is None
    assert [name for name, _ in again.left_out] == ["picture.jpg"]
    (folder / "b.jsonl").write_bytes(to_jsonl("第二份。"))
    assert "Written by hanpack" in draft(folder).content


def test_many_files_of_a_suffix_that_cannot_be_read_are_one_comment(folder: Path) -> None:
    for number in range(40):
        (folder / f"{number}.jpg").write_bytes(b"x")
    drafted = draft(folder)
    assert "#   *.jpg (40 files): hanpack does not read .jpg" in drafted.content
    assert "39.jpg" not in drafted.content
    assert draft(folder).scanned is None


def test_the_files_of_fewer_are_named_before_the_glob_of_the_others(folder: Path) -> None:
    passage = (
        "我们坚持稳中求进工作总基调，推动高质量发展，各项工作取得新的成效，人民群众的获得感不断增强。" * 2
    )
    (folder / "passages [1].txt").write_text((passage + "\n") * 6, encoding="utf-8")
    (folder / "c.txt").write_bytes(TEXT)
    recipe = draft(folder).path
    sources = yaml.safe_load(recipe.read_text(encoding="utf-8"))["sources"]
    assert sources == [
        {"path": "passages [1].txt", "records": "line"},
        {"path": "**/*.txt", "records": "file"},
    ]
    assert list_sources(recipe) == ["passages [1].txt", "a.txt", "c.txt"]


ANSWERS = (
    "问题,答案,类别\n何时通水？,本月底以前全部通水，届时请留意通知。,民生\n"
    "何时通车？,年底以前建成通车，请您耐心等待。,交通\n"
)


@pytest.mark.parametrize(
    "empty", ["", "问题,答案,类别\n", "名称,说明\n"], ids=["no byte", "header", "other header"]
)
@pytest.mark.parametrize("name", ["0.csv", "空.csv"])
def test_a_table_without_rows_chooses_no_column_and_no_glob(folder: Path, empty: str, name: str) -> None:
    (folder / "qa.csv").write_text(ANSWERS, encoding="utf-8")
    (folder / name).write_text(empty, encoding="utf-8")
    table = {"path": "**/*.csv", "records": "row", "text_column": "答案"}
    drafted = draft(folder)
    assert yaml.safe_load(drafted.content)["sources"][1:] == [table]
    assert drafted.notes == (f"qa.csv: {PARTS_HINT}",)
    assert sorted(list_sources(drafted.path)) == sorted(["a.txt", name, "qa.csv"])
    out = build(drafted.path, folder.parent / "out").path
    states = {row["source"]: row["state"] for row in read_rows(out, "ledger")}
    assert states == {"a.txt": "kept", "qa.csv": "kept", name: "empty"}
    verify_build(out)


def test_a_table_without_rows_is_named_alone_until_another_has_rows(folder: Path) -> None:
    (folder / "b.csv").write_bytes(b"")
    assert yaml.safe_load(draft(folder).content)["sources"][1:] == [{"path": "b.csv"}]
    (folder / "qa.csv").write_text(ANSWERS, encoding="utf-8")
    table = {"path": "**/*.csv", "records": "row", "text_column": "答案"}
    assert yaml.safe_load(draft(folder).content)["sources"][1:] == [table]


OTHER_TABLE = "编号,内容\n1,我市今日召开会议，部署下一阶段的重点工作。\n2,会议要求各区各部门抓好落实。\n"
ANSWER_ENTRY = {"path": "**/*.csv", "records": "row", "text_column": "答案"}


@pytest.mark.parametrize("options", [{}, {"max_tokens": 64}, {"records": "line"}])
@pytest.mark.parametrize("has_new_format", [False, True])
def test_how_a_file_is_read_changes_neither_with_options_nor_with_files_that_are_added(
    folder: Path, options: dict[str, Any], has_new_format: bool
) -> None:
    (folder / "qa.csv").write_text(ANSWERS, encoding="utf-8")
    draft(folder)
    (folder / "other.csv").write_text(OTHER_TABLE, encoding="utf-8")
    (folder / "others.csv").write_text(OTHER_TABLE.replace("1", "3"), encoding="utf-8")
    if has_new_format:
        (folder / "b.md").write_bytes(TEXT)
    drafted = draft(folder, **options)
    sources = yaml.safe_load(drafted.content)["sources"]
    assert ANSWER_ENTRY in sources
    assert [entry["path"] for entry in sources] == ["**/*.txt", "**/*.csv"] + ["**/*.md"] * has_new_format
    entry = f"sources + {{path: '**/*.md', records: {options.get('records', 'file')}}}"
    assert drafted.entry_changes == ((entry,) if has_new_format else ())
    out = build(drafted.path, folder.parent / "out").path
    states = {row["source"]: row["reason"] for row in read_rows(out, "ledger") if row["state"] == "rejected"}
    assert sorted(states) == ["other.csv", "others.csv"]
    assert "write before that entry - {path: other.csv, text_column: 内容}" in states["other.csv"]
    if has_new_format:
        assert [name for name, _ in drafted.rejected] == ["other.csv", "others.csv"]


def test_an_option_about_something_else_does_not_scan_the_files_again(folder: Path) -> None:
    content = draft(folder).content
    revised = draft(folder, max_tokens=64)
    assert revised.scanned is None
    assert revised.path.read_text(encoding="utf-8") == revised.content
    lines = [
        (before, after)
        for before, after in zip(content.splitlines(), revised.content.splitlines(), strict=True)
        if before != after and "Checksum" not in before
    ]
    assert lines == [("  max_tokens: 512", "  max_tokens: 64")]
    assert draft(folder, max_tokens=512).content == content


def test_a_recipe_of_a_file_has_no_other_file(folder: Path) -> None:
    (folder / "b.txt").write_bytes(TEXT)
    recipe = draft(folder / "a.txt").path
    assert (recipe, list_sources(recipe)) == (Path("a.yaml"), ["a.txt"])


def test_the_recipe_of_another_folder_is_not_used(folder: Path, tmp_path: Path) -> None:
    draft(folder)
    other = tmp_path / "other" / "corpus"
    other.mkdir(parents=True)
    (other / "a.txt").write_bytes(TEXT)
    with pytest.raises(UsageError, match=r"corpus\.yaml: this is the recipe of another folder.*--name"):
        draft(other)
    assert draft(other, name="second").path == Path("second.yaml")


def test_a_shape_of_records_that_no_file_has_is_refused(folder: Path) -> None:
    with pytest.raises(UsageError, match="no file has records of the shape row"):
        draft(folder, records="row")


def test_a_vocabulary_file_must_be_in_the_folder(folder: Path, tmp_path: Path) -> None:
    vocabulary = b"".join(b"%s %d\n" % (rank, index) for index, rank in enumerate([b"YQ==", b"Yg=="]))
    (tmp_path / "small.tiktoken").write_bytes(vocabulary)
    with pytest.raises(UsageError, match="copy it into corpus"):
        draft(folder, tokenizer="small.tiktoken")
    (tmp_path / "small.tiktoken").unlink()
    with pytest.raises(UsageError, match="unknown tokenizer"):
        draft(folder, tokenizer="gpt9")


def test_a_build_is_no_folder_of_raw_files(folder: Path) -> None:
    (folder / "hanpack.json").write_text("{}")
    with pytest.raises(UsageError, match="this is a build"):
        draft(folder)


@pytest.mark.parametrize(
    ("records", "share", "expected"),
    [(6, "0.2", "1"), (40, "0.2", "8"), (300, "0.05", "15"), (9000, "0.01", "90")],
)
def test_the_shares_that_a_recipe_proposes_give_each_split_some_records(
    folder: Path, records: int, share: str, expected: str
) -> None:
    (folder / "a.txt").unlink()
    (folder / "b.jsonl").write_bytes(
        to_jsonl(*(f"第{number:04}份报告，推动高质量发展。" for number in range(records)))
    )
    recipe = draft(folder)
    (comment,) = [line for line in recipe.content.splitlines() if "splits:" in line]
    proposed = f"splits: {{validation: {share}, test: {share}}}"
    assert (
        comment
        == f"# For validation and test: {proposed}, each about {expected} of about {records:,} records"
    )
    with_splits = yaml.safe_load(recipe.content) | yaml.safe_load(proposed)
    assert parse_recipe(with_splits, "corpus.yaml").splits.test == float(share)


def test_a_text_whose_lines_are_rows_of_a_table_is_named_with_what_to_do(folder: Path) -> None:
    (folder / "excel.txt").write_bytes("\ufeff姓名\t年份\r\n张三\t2023\r\n李四\t2024\r\n".encode("utf-16-le"))
    drafted = draft(folder)
    assert drafted.notes == (
        "excel.txt: its lines are rows of a table, with tabs: name it .tsv to have a record for each",
    )


def test_files_without_a_suffix_are_counted_in_words(folder: Path) -> None:
    (folder / "README").write_bytes(TEXT)
    assert "left_out:\n    without a suffix: 1\n" in draft(folder).content
