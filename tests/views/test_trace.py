"""A trace shows the bytes that a chunk came from and every edit between them and its text."""

from __future__ import annotations

import io
import json
import re
import shutil
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from hanpack.building.run import Build, build
from hanpack.edits import EditRow
from hanpack.errors import UsageError, VerifyError
from hanpack.views.edited_chunks import ChunkPart
from hanpack.views.inspect import inspect_row
from hanpack.views.trace import Trace, TracedEdit, trace
from hanpack.views.trace_screen import group_edits, join_line_ends, show_trace
from tests.builds import read_rows
from tests.conftest import ROOT, MakeRecipe

FIRST = "4aa4a5c313e292c5e2a4"


def test_a_chunk_is_traced_to_its_bytes(seeds_build: Build) -> None:
    traced = trace(seeds_build.path, FIRST)
    raw = (ROOT / traced.chunk["source"]).read_bytes()
    assert traced.raw == raw[traced.chunk["byte_start"] : traced.chunk["byte_end"]].decode()
    assert "".join(part.raw for part in traced.parts) == traced.raw
    assert "".join(part.text for part in traced.parts) == traced.chunk["text"]
    steps = {edited.edit.step for edited in traced.edits}
    assert steps == {"pinyin", "script"}
    for edited in traced.edits:
        edit = edited.edit
        assert edited.raw == raw[edit.byte_start : edit.byte_end].decode()
        assert edited.text == traced.chunk["text"][edit.start : edit.end]
    starts = [edited.edit.byte_start for edited in traced.edits]
    assert starts == sorted(starts)


def test_a_trace_is_written_as_json(seeds_build: Build) -> None:
    traced = trace(seeds_build.path, FIRST)
    written = json.loads(json.dumps(traced.as_json()))
    assert written.keys() == {"chunk", "raw", "edits"}
    assert written["chunk"]["id"] == FIRST
    assert written["edits"][0] == {
        "step": "script",
        "kind": "replaced",
        "start": 4,
        "end": 5,
        "byte_start": 8,
        "byte_end": 11,
        "raw": "創",
        "text": "创",
    }
    assert len(written["edits"]) == len(traced.edits)


def test_a_trace_is_shown_on_a_terminal(seeds_build: Build) -> None:
    console = Console(width=120, file=io.StringIO(), record=True)
    traced = trace(seeds_build.path, FIRST)
    console.print(show_trace(traced, width=120))
    shown = console.export_text()
    for part in (FIRST, "bytes 0–1402", "│ 創", "(chuàng)", f"{len(traced.edits)} edits"):
        assert part in shown
    assert " more; --full shows all" in shown
    console.print(show_trace(traced, width=120, shows_all=True))
    assert " more; --full shows all" not in console.export_text()
    assert max(map(cell_len, shown.splitlines())) <= 120


def test_a_long_chunk_is_shown_by_screens_that_join_to_it(seeds_build: Build) -> None:
    traced = trace(seeds_build.path, FIRST)
    pages = [show_page(traced, number) for number in (1, 2)]
    assert ["screen 1 of 2; --screen 2 is the next" in pages[0], "screen 2 of 2" in pages[1]] == [True, True]
    with pytest.raises(UsageError, match="the chunk has 2 screens"):
        show_trace(traced, 3)
    joined = "".join(read_column(page, 1) for page in pages)
    assert joined == "".join(traced.chunk["text"].split())


def show_page(traced: Trace, page: int) -> str:
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(show_trace(traced, page))
    return console.export_text()


def read_column(page: str, column: int) -> str:
    """The text of a column of the first table of a page, without spaces."""
    rows = page.partition("┡")[2].partition("└")[0].splitlines()[1:]
    cells = [row.split("│")[column + 1] for row in rows if "│" in row]
    return "".join("".join(cells).split())


def make_edit(step: str, raw: str, text: str, byte_start: int) -> TracedEdit:
    row = EditRow(step, "removed", start=0, end=0, byte_start=byte_start, byte_end=byte_start + len(raw))
    return TracedEdit(row, raw, text)


def test_equal_edits_are_one_row_with_their_number() -> None:
    edits = [
        make_edit("pinyin", "(a)", "", 3),
        make_edit("html", "<p>", "", 9),
        make_edit("pinyin", "(a)", "", 20),
    ]
    groups = group_edits(edits)
    assert [(group.first.raw, group.first.edit.byte_start, group.number) for group in groups] == [
        ("(a)", 3, 2),
        ("<p>", 9, 1),
    ]


def test_a_carriage_return_is_one_edit_with_its_line_end() -> None:
    parts = [
        ChunkPart("", "", "甲", "甲"),
        ChunkPart("spaces", "removed", "␍", ""),
        ChunkPart("", "", "\n乙", "\n乙"),
        ChunkPart("spaces", "removed", "␍", ""),
        ChunkPart("", "", "丙", "丙"),
    ]
    assert [(part.step, part.raw, part.text) for part in join_line_ends(parts)] == [
        ("", "甲", "甲"),
        ("spaces", "␍\n", "\n"),
        ("", "乙", "乙"),
        ("spaces", "␍", ""),
        ("", "丙", "丙"),
    ]


def test_a_rule_separates_lines_that_were_joined_from_their_neighbours(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    text = f"开头。\n结束。\n{'字' * 30}\n{'句' * 30}\n{'段' * 30}\n完。"
    out = build(make_recipe({"a.txt": text.encode()}, steps={"layout": True}), tmp_path / "out").path
    (chunk,) = read_rows(out, "chunks")
    lines = show_page(trace(out, chunk["id"]), 1).splitlines()
    rules = [number for number, line in enumerate(lines) if line.startswith("├")]
    places = {mark: min(number for number, line in enumerate(lines) if mark in line) for mark in "开结字段"}
    assert places["结"] == places["开"] + 1
    assert rules
    assert places["结"] < rules[0] < places["字"] < places["段"]


def test_long_markup_is_shortened(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    body = "".join(f"<p>第{number}条，公民应当遵守法律，共同维护社会秩序。</p>" for number in range(3))
    page = f"<html><body>{body}<script>{'x=1;' * 500}</script><p>第四条，国家保障人权。</p></body></html>"
    out = build(make_recipe({"a.html": page.encode()}), tmp_path / "out").path
    (row,) = read_rows(out, "chunks")
    shown = show_page(trace(out, row["id"]), 1)
    assert "characters more" in shown
    assert "shortened in the middle: --full shows all of it" in shown
    assert shown.count("x=1;") < 100
    console = Console(width=80, file=io.StringIO(), record=True)
    for screen in (1, 2):
        console.print(show_trace(trace(out, row["id"]), screen, shows_all=True))
    full = console.export_text()
    assert (full.count("x") >= 500, "characters more" in full, "shortened" in full) == (True, False, False)


def test_a_text_that_was_kept_is_shown_whole_unless_it_is_longer_than_half_a_screen(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    code = "".join(f"print({number}, '第{number}行')\n" for number in range(8))
    texts = {"short.md": f"# 说明\n\n```python\n{code}```\n", "long.md": "我们坚持稳中求进。" * 60}
    out = build(make_recipe({name: text.encode() for name, text in texts.items()}), tmp_path / "out").path
    shown = {row["source"]: show_page(trace(out, row["id"]), 1) for row in read_rows(out, "chunks")}
    assert len(code) > 120
    assert "characters more" not in shown["short.md"]
    assert "print(7, '第7行')" in shown["short.md"]
    assert "characters more" in shown["long.md"]


def test_below_its_edits_a_trace_says_what_each_step_does(seeds_build: Build) -> None:
    shown = show_page(trace(seeds_build.path, FIRST), 1)
    (start,) = [line for line in shown.splitlines() if line.startswith("script: ")]
    assert start == "script: converts the script"
    assert shown.count("\npinyin: ") == 1
    assert "\nhtml: " not in shown


def test_an_unknown_chunk_is_a_usage_error(seeds_build: Build) -> None:
    with pytest.raises(UsageError, match="there is no row 'nowhere' in chunks"):
        trace(seeds_build.path, "nowhere")


def test_the_id_of_a_document_is_named_as_such_and_leads_to_a_chunk(seeds_build: Build) -> None:
    # A document of one chunk has the id of that chunk.
    second = next(row for row in read_rows(seeds_build.path, "chunks") if row["chunk_index"] == 1)
    document = second["document_id"]
    with pytest.raises(UsageError, match="is the id of a document, not of a chunk") as error:
        trace(seeds_build.path, document)
    first = re.fullmatch(rf".*--document {document} shows it; its first chunk is (\w+)", error.value.todo)
    assert first
    assert trace(seeds_build.path, first[1]).chunk["document_id"] == document
    with pytest.raises(UsageError, match="is the id of a chunk, not of a document") as error:
        inspect_row(seeds_build.path, "documents", second["id"])
    assert error.value.todo == f"its document is {document}"


def test_a_source_that_was_moved_or_changed_is_named(seeds_build: Build, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    assert trace(seeds_build.path, FIRST, tmp_path) == trace(seeds_build.path, FIRST)
    source = tmp_path / "seeds" / "000_6e557153c922afc4.txt"
    source.write_bytes(source.read_bytes() + b" ")
    with pytest.raises(VerifyError, match="the source was changed after the build"):
        trace(seeds_build.path, FIRST, tmp_path)
    source.unlink()
    with pytest.raises(VerifyError, match="--sources"):
        trace(seeds_build.path, FIRST, tmp_path)
