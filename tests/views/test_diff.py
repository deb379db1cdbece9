"""A comparison names what differs between two builds, and nothing else."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from hanpack.building.run import build
from hanpack.views.diff import ChunkCounts, Comparison, compare_builds, show_comparison
from hanpack.views.document_changes import KeptDocuments, Place, compare_documents
from tests.conftest import MakeRecipe

LINES = [
    f"第{number}段：今年全市生产总值增长百分之{number}，财政收入稳步提高。" for number in "一二三四五六七"
]
Compare = Callable[..., Comparison]


def lines(*texts: str) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()


@pytest.fixture
def compare(make_recipe: MakeRecipe, tmp_path: Path) -> Compare:
    """Build two sets of files, read line by line, and compare them."""

    def run(old: dict[str, bytes], new: dict[str, bytes], **keys: Any) -> Comparison:
        built = []
        for name, files, more in (("old", old, {}), ("new", new, keys)):
            sources = [{"path": file, "records": "line"} for file in files]
            built.append(build(make_recipe(files, sources=sources, **more), tmp_path / name, num_proc=1).path)
        return compare_builds(*built)

    return run


def counted(comparison: Comparison) -> dict[str, int]:
    return {kind: count for kind, count in comparison.documents.items() if count}


def test_a_build_is_the_same_as_itself(compare: Compare) -> None:
    comparison = compare({"a.txt": lines(*LINES)}, {"a.txt": lines(*LINES)})
    assert comparison.same
    assert counted(comparison) == {"same": 7}
    assert comparison.chunks == {"chunks": ChunkCounts(7, 0, 0)}


def test_a_changed_line_is_changed_and_its_neighbours_stay(compare: Compare) -> None:
    edited = LINES[3].replace("财政", "税收")
    comparison = compare({"a.txt": lines(*LINES)}, {"a.txt": lines(*LINES[:3], edited, *LINES[4:])})
    assert counted(comparison) == {"same": 6, "changed": 1}
    (change,) = comparison.changes
    assert change.old_place == change.new_place == Place("a.txt", 3, 3 * len(lines(LINES[0])))
    assert change.old_id != change.new_id
    assert comparison.chunks == {"chunks": ChunkCounts(6, 1, 1)}
    assert [source.name for source in comparison.sources] == ["a.txt"]
    assert not comparison.recipe
    assert not comparison.versions


def test_an_inserted_line_moves_those_after_it_and_a_change_among_them_is_a_change(compare: Compare) -> None:
    edited = LINES[3].replace("财政", "税收")
    new = lines("新的一段，写在最前面。", *LINES[:3], edited, *LINES[4:])
    comparison = compare({"a.txt": lines(*LINES)}, {"a.txt": new})
    assert counted(comparison) == {"added": 1, "changed": 1, "moved": 6}
    (change,) = [change for change in comparison.changes if change.kind == "changed"]
    assert change.old_place is not None
    assert change.new_place is not None
    assert (change.old_place.record, change.new_place.record) == (3, 4)


def test_a_document_in_another_source_has_moved_and_a_missing_one_is_gone(compare: Compare) -> None:
    comparison = compare(
        {"a.txt": lines(*LINES[:3]), "b.txt": lines(*LINES[3:5])},
        {"b.txt": lines(*LINES[3:5]), "c.txt": lines(*LINES[:2])},
    )
    assert counted(comparison) == {"same": 2, "moved": 2, "gone": 1}
    assert {(source.name, source.old is None, source.new is None) for source in comparison.sources} == {
        ("a.txt", False, True),
        ("c.txt", True, False),
    }
    (gone,) = [change for change in comparison.changes if change.kind == "gone"]
    assert (gone.old_place, gone.new_id, gone.new_place) == (
        Place("a.txt", 2, len(lines(*LINES[:2]))),
        None,
        None,
    )


def test_recipe_keys_and_figures_that_differ_are_named(compare: Compare) -> None:
    files = {"a.txt": lines("旅遊高質量發展", *LINES)}
    comparison = compare(files, files, steps={"script": "hans"}, chunks={"max_tokens": 64})
    assert counted(comparison) == {"same": 7, "changed": 1}
    assert {(key.name, key.old, key.new) for key in comparison.recipe} == {
        ("steps.script", "keep", "hans"),
        ("chunks.max_tokens", 512, 64),
    }
    figures = {figure.name: (figure.old, figure.new) for figure in comparison.figures}
    old, new = figures["edits.script"]
    assert old is None
    assert new > 0
    assert "bytes" not in figures


def test_a_table_that_only_one_build_has_is_new(compare: Compare) -> None:
    files = {"a.txt": lines(*LINES)}
    comparison = compare(files, files, more={"chunks_small": {"max_tokens": 16}})
    assert comparison.chunks["chunks"] == ChunkCounts(7, 0, 0)
    small = comparison.chunks["chunks_small"]
    assert (small.kept, small.gone) == (0, 0)
    assert small.new > 7


def test_the_figures_that_differ_have_chinese_names(
    compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    files = {"a.txt": lines("旅遊高質量發展", *LINES)}
    comparison = compare(files, {"a.txt": lines(*LINES)}, steps={"script": "hans"})
    console = Console(width=160, file=io.StringIO(), record=True)
    console.print(show_comparison(comparison))
    shown = console.export_text()
    figures = [line for line in shown.partition("数字")[2].partition("配方")[0].splitlines() if "│" in line]
    names = {line.split("│")[1].strip() for line in figures}
    assert {"词元", "字节", "各步删除的字节 记录分隔符（separator）"} <= names
    assert [name for name in names if name.isascii()] == []


def test_a_build_of_nothing_can_be_compared(compare: Compare) -> None:
    comparison = compare({"a.txt": b""}, {"a.txt": lines(LINES[0])})
    assert counted(comparison) == {"added": 1}
    assert comparison.chunks == {"chunks": ChunkCounts(0, 1, 0)}


def test_a_comparison_is_shown_on_a_terminal_and_written_as_json(compare: Compare) -> None:
    files = {"[b]x.txt": lines(*LINES)}
    comparison = compare(files, {"[b]x.txt": lines(*LINES[1:])}, steps={"script": "hant"})
    console = Console(width=160, file=io.StringIO(), record=True)
    console.print(show_comparison(comparison))
    shown = console.export_text()
    for part in ("documents gone", "chunks that kept their id", "[b]x.txt record 6", "steps.script", "hant"):
        assert part in shown
    # What repeats another figure is only in the JSON, and a hash is shortened.
    for part in ("documents    ", "chunks    ", "bytes_removed.separator"):
        assert part in shown
    for part in (
        "tables.chunks.chunks",
        "states.kept",
        "splits.train",
        "bytes_by_license",
        "tokens_by_domain",
    ):
        assert part not in shown
        assert any(figure.name.startswith(part) for figure in comparison.figures)
    (source,) = comparison.sources
    assert (f" {source.new[:16]}… " in shown, source.new in shown) == (True, False)
    assert json.loads(json.dumps(comparison.as_json()))["documents"] == dict(comparison.documents)
    nothing: dict[str, Any] = dict.fromkeys(("changes", "sources", "figures", "recipe", "versions"), ())
    same = replace(comparison, documents=dict.fromkeys(comparison.documents, 0), chunks={}, **nothing)
    assert same.same
    console.print(show_comparison(same))
    assert "the two builds are the same" in console.export_text()


def test_a_document_that_is_gone_has_the_reason_why(compare: Compare) -> None:
    other = "第八段：全市森林覆盖率稳步提高，空气质量持续改善。"
    old = {"a.txt": lines(LINES[0]), "b.txt": lines(other), "c.txt": lines(LINES[2])}
    new = {"a.txt": lines(LINES[0]), "b.txt": lines(LINES[0]), "c.txt": bytes(range(128, 256)) * 4}
    why = {
        change.old_place.source: change.why
        for change in compare(old, new).changes
        if change.kind == "gone" and change.old_place
    }
    assert why.keys() == {"b.txt", "c.txt"}
    assert why["b.txt"].startswith("is now a copy of a.txt record 0, similarity 1.000")
    assert why["c.txt"].startswith("is now rejected: the encoding cannot be decided")


def test_a_document_is_added_or_gone_with_its_file(compare: Compare) -> None:
    comparison = compare({"a.txt": lines(LINES[0])}, {"b.txt": lines("第九段：全市教育事业发展良好。")})
    assert [(change.kind, change.why) for change in comparison.changes] == [
        ("added", "its file is new"),
        ("gone", "its file is no source any more"),
    ]


def test_a_document_that_the_recipe_changed_says_so_and_shows_its_text(compare: Compare) -> None:
    files = {"a.txt": lines(LINES[0])}
    comparison = compare(files, files, steps={"script": "hant"})
    (change,) = comparison.changes
    assert (change.kind, change.why) == ("changed", "its file is the same: steps.script keep → hant")
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(show_comparison(comparison))
    shown = console.export_text()
    assert ["[产总]" in shown, "[產總]" in shown] == [True, True]


@pytest.mark.parametrize("width", [40, 80])
def test_a_changed_text_begins_on_the_line_of_its_sign(compare: Compare, width: int) -> None:
    text = "今年全市生产总值增长百分之七财政收入稳步提高森林覆盖率稳步提高"
    comparison = compare({"a.txt": lines(text * 3)}, {"a.txt": lines(text + "空气质量持续改善" * 9 + text)})
    console = Console(width=width, file=io.StringIO(), record=True)
    console.print(show_comparison(comparison))
    shown = [line for line in console.export_text().splitlines() if line.startswith(("  - ", "  + "))]
    assert len(shown) == 2
    assert [line for line in shown if len(line) < width // 4] == []


def test_documents_between_which_others_are_gone_are_matched_by_their_records() -> None:
    """Two were withdrawn, and the one after them lost a passage of theirs, so that it is changed."""
    old = table([("a", 1), ("a", 2), ("a", 3), ("a", 4)])
    new = replace(table([("a", 1), ("a", 40)]), records=np.array([0, 3]), byte_starts=np.array([0, 30]))
    matched = compare_documents(old, new, unchanged=["a"])
    assert [(change.kind, change.old_id, change.new_id) for change in matched.changes] == [
        ("gone", "id2", None),
        ("gone", "id3", None),
        ("changed", "id4", "id40"),
    ]


RECORDS = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 12)), max_size=12, unique_by=lambda pair: pair[1]
)


@given(RECORDS, RECORDS)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_every_document_is_counted_once(old: list[tuple[str, int]], new: list[tuple[str, int]]) -> None:
    counts = compare_documents(table(old), table(new)).counts
    assert counts["same"] + counts["moved"] + counts["changed"] + counts["gone"] == len(old)
    assert counts["same"] + counts["moved"] + counts["changed"] + counts["added"] == len(new)
    shared = {identity for _, identity in old} & {identity for _, identity in new}
    assert counts["same"] + counts["moved"] == len(shared)
    mirrored = compare_documents(table(new), table(old)).counts
    assert (mirrored["same"], mirrored["moved"]) == (counts["same"], counts["moved"])


def table(rows: list[tuple[str, int]]) -> KeptDocuments:
    """Documents as the ledger has them: those of a source are adjacent."""
    ordered = sorted(rows, key=lambda row: row[0])
    records = np.arange(len(ordered))
    ids = pa.array([f"id{identity}" for _, identity in ordered], pa.string())
    sources = pa.array([source for source, _ in ordered], pa.string())
    splits = pa.array(["train"] * len(ordered), pa.string())
    return KeptDocuments(ids, sources, records, records * 10, splits)


def test_a_document_in_another_split_has_moved(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    files = {"a.txt": lines(*LINES[:2]), "b.txt": lines(*LINES[2:4])}
    entries = [{"path": name, "records": "line"} for name in files]
    old = build(make_recipe(files, sources=entries), tmp_path / "old").path
    recipe = make_recipe(files, sources=entries, splits={"test": {"source": "b*"}})
    compared = compare_builds(old, build(recipe, tmp_path / "new").path)
    assert (compared.documents["same"], compared.documents["moved"]) == (2, 2)
    assert {str(change.new_place).rpartition(" ")[2] for change in compared.changes} == {"(test)"}


def test_a_change_of_the_split_alone_says_so(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    files = {"a.txt": lines(*LINES[:2]), "b.txt": lines(*LINES[2:4])}
    entries = [{"path": name, "records": "line"} for name in files]
    old = build(make_recipe(files, sources=entries), tmp_path / "old").path
    recipe = make_recipe(files, sources=entries, splits={"test": {"source": "b*"}}, steps={"script": "hant"})
    compared = compare_builds(old, build(recipe, tmp_path / "new").path)
    changed = [change for change in compared.changes if change.kind == "changed"]
    assert {change.why.rpartition("; ")[2] for change in changed} >= {"its split changed: train → test"}
    assert compared.other_splits == 2
    recipe = make_recipe(files, sources=entries, splits={"test": {"source": "b*"}})
    compared = compare_builds(old, build(recipe, tmp_path / "only_split").path)
    shown = show(compared)
    assert shown.count("b.txt record 1 at byte") == 1
    assert ["→ b.txt" in shown, "(test)" in shown] == [False, False]
    assert shown.count("its split changed: train → test") == 2
    assert "documents that are in another split than before: 2; do not train on one" in shown


def test_documents_that_the_recipe_changed_are_explained_together(compare: Compare) -> None:
    files = {"a.txt": lines(*LINES)}
    comparison = compare(files, files, steps={"script": "tw"})
    shown = show(comparison)
    cause = "7 documents: their files are the same; what differs is steps.script keep → tw"
    assert (shown.count(cause), shown.count("its file is the same")) == (1, 0)
    assert shown.count("a.txt record ") == 7
    assert comparison.other_splits == 0


def show(comparison: Comparison) -> str:
    console = Console(width=160, file=io.StringIO(), record=True)
    console.print(show_comparison(comparison))
    return console.export_text()


def test_a_long_change_is_shortened_and_shown_as_a_whole_if_it_is_asked_for(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    entries = {"sources": [{"path": "a.txt"}]}
    inserted = "新增一段：" + "推进乡村全面振兴，" * 9 + "取得新的成效。"
    old = build(make_recipe({"a.txt": lines(*LINES)}, **entries), tmp_path / "old").path
    texts = [LINES[0].replace("财政", "税收"), *LINES[1:4], inserted, *LINES[4:]]
    new = build(make_recipe({"a.txt": lines(*texts)}, **entries), tmp_path / "new").path
    short, full = (" ".join(show(compare_builds(old, new, is_full=full)).split()) for full in (False, True))
    assert ["税收" in short, "[税收]" in full] == [True, True]
    assert ["取得新的成效" in short, "取得新的成效" in full] == [False, True]
    assert ["--full shows all of them" in short, "--full" in full] == [True, False]
