"""Inspect shows what a build holds, and answers SQL over its tables."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from hanpack.building.run import Build, build
from hanpack.errors import UsageError
from hanpack.store.reader import BuildReader
from hanpack.views.inspect import inspect_build, inspect_row, inspect_table, query_build
from hanpack.views.report.page import write_report
from tests.conftest import MakeRecipe
from tests.sources.pdfs import make_pdf


def show(out: Path, samples: int = 3, width: int = 200) -> str:
    return render(inspect_build(out, samples), width)


def render(shown: RenderableType, width: int = 200) -> str:
    console = Console(width=width, file=io.StringIO(), record=True)
    console.print(shown)
    return console.export_text()


def query(out: Path, sql: str) -> str:
    sink = io.StringIO()
    query_build(out, sql, Console(file=sink))
    return sink.getvalue()


def test_the_figures_and_samples_of_a_build_are_shown(seeds_build: Build) -> None:
    shown = show(seeds_build.path, samples=2)
    for figure in ("141,895", "129,247", "511 of 512 tokens", "3 copies of 3 documents"):
        assert figure in shown
    ids = BuildReader.open(seeds_build.path).read("chunks", ["id"]).column("id").to_pylist()
    samples = shown.partition("rows of chunks: 2 of 102")[2]
    assert [identity for identity in ids if identity in samples] == [ids[0], ids[-1]]


def test_a_build_without_chunks_says_so(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    shown = show(build(make_recipe({"a.txt": b""}), tmp_path / "out").path)
    assert "this build has no chunk: of 1 record none gave a text" in shown
    assert "tokens a chunk" not in shown


@pytest.mark.parametrize("width", [80, 120])
def test_samples_are_text_in_full_width_under_a_line_of_facts(seeds_build: Build, width: int) -> None:
    lines = show(seeds_build.path, samples=1, width=width).splitlines()
    start = lines.index("rows of chunks: 1 of 102") + 1
    assert lines[start].startswith("4aa4a5c313e292c5e2a4 · seeds/000_6e557153c922afc4.txt")
    text = next(
        line for line in lines[start:] if "以创建国家文旅融合示范区为抓手" in line and line[:2] == "  "
    )
    assert cell_len(text.rstrip()) > width - 10
    assert max(map(cell_len, lines[:start])) <= width


@pytest.mark.parametrize("table", ["chunks", "documents", "ledger"])
def test_rows_of_every_table_are_shown(seeds_build: Build, table: str) -> None:
    shown = render(inspect_table(seeds_build.path, table, 2))
    assert f"rows of {table}: 2 of " in shown
    assert "seeds/000_6e557153c922afc4.txt" in shown


def test_a_table_that_does_not_exist_is_answered_with_the_tables(seeds_build: Build) -> None:
    with pytest.raises(UsageError, match=r"did you mean chunks\? Possible are chunks, documents, ledger"):
        inspect_table(seeds_build.path, "chnks")


def test_one_row_is_shown_with_its_whole_text(seeds_build: Build) -> None:
    chunk = BuildReader.open(seeds_build.path).read("chunks").slice(3, 1).to_pylist()[0]
    shown = render(inspect_row(seeds_build.path, "chunks", chunk["id"]))
    assert "".join(chunk["text"].split()) in "".join(shown.split())
    with pytest.raises(UsageError, match="there is no row 'nowhere' in chunks"):
        inspect_row(seeds_build.path, "chunks", "nowhere")


def test_the_tokens_of_chunks_are_explained_if_they_are_others(seeds_build: Build) -> None:
    totals = seeds_build.counts
    in_chunks = totals["tables"]["chunks"]["tokens"]
    assert in_chunks != totals["tokens"]
    assert f"the tokens of chunks add up to {in_chunks:,}: each chunk is encoded by itself" in render(
        inspect_build(seeds_build.path, 0)
    )


def test_chunks_of_pdf_are_shown_with_their_pages(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(
        make_pdf([f"第{number}条　国家保障公民的权利。" for number in range(30)])
    )
    recipe = {"name": "pdf", "root": str(tmp_path), "sources": [{"path": "a.pdf"}]}
    done = build(recipe, tmp_path / "out", num_proc=1)
    (chunk,) = BuildReader.open(done.path).read("chunks").to_pylist()
    assert [place["page"] for place in chunk["pages"]] == [1, 2]
    for shown in (inspect_build(done.path), inspect_row(done.path, "chunks", chunk["id"])):
        assert re.search(r"page 1 \(\d+–\d+ % across, \d+–\d+ % down\), page 2 \(\d+–", render(shown))


def test_sql_sees_every_table_and_gives_csv(seeds_build: Build, tmp_path: Path) -> None:
    out = tmp_path / "it's [a=b] *"
    shutil.copytree(seeds_build.path, out)
    sql = "select count(*) as rows from chunks union all select count(*) from documents order by rows"
    assert query(out, sql).split() == ["rows", "78", "102"]
    for table, added in (("ledger", []), ("documents", ["split"])):
        columns = query(out, f"select * from {table} limit 0").strip().split(",")
        assert columns == [*BuildReader.open(out).schema(table).names, *added]


def test_sql_writes_metadata_as_json_without_what_is_unknown(seeds_build: Build) -> None:
    sql = "select metadata, pages from chunks where metadata.title is not null limit 1"
    answer = query(seeds_build.path, sql).splitlines()[1]
    metadata, pages = next(csv.reader([answer]))
    assert json.loads(metadata)["title"]
    assert None not in json.loads(metadata).values()
    assert json.loads(pages) == []


def test_sql_knows_the_split_of_every_row(tmp_path: Path) -> None:
    lines = "".join(f"第{number}篇文章说的是第{number * 7}件事情。\n" for number in range(40))
    (tmp_path / "a.txt").write_text(lines, encoding="utf-8")
    recipe = {
        "name": "splits",
        "root": str(tmp_path),
        "sources": [{"path": "a.txt", "records": "line"}],
        "duplicates": {"drop": "none"},
        "splits": {"test": 0.3},
    }
    done = build(recipe, tmp_path / "out", num_proc=1)
    splits = done.counts["splits"]
    assert len(splits) == 2
    assert min(splits.values()) > 0
    for table in ("chunks", "documents", "ledger"):
        rows = query(done.path, f"select split, count(*) from {table} group by split order by split").split()
        assert rows[1:] == [f"{name},{splits[name]}" for name in sorted(splits)]


def test_wrong_sql_is_answered_on_one_line_that_names_the_views(seeds_build: Build) -> None:
    with pytest.raises(UsageError, match="the views are chunks, documents, ledger") as caught:
        query(seeds_build.path, "select * from nothing")
    assert "\n" not in caught.value.what
    assert "LINE 1" not in caught.value.what


def test_a_field_of_metadata_that_is_taken_for_a_column_is_answered_with_its_name(seeds_build: Build) -> None:
    with pytest.raises(UsageError) as caught:
        query(seeds_build.path, "select id, title, date from documents")
    assert caught.value.todo == "title is a field of metadata: write metadata.title"
    assert query(seeds_build.path, "select metadata.title from documents").startswith("title\n")


def test_no_samples_is_not_no_rows(seeds_build: Build) -> None:
    shown = show(seeds_build.path, 0)
    assert "rows of chunks: 0 of " in shown
    assert "has no rows" not in shown


@pytest.mark.parametrize("is_packed", [False, True])
def test_screens_say_which_bytes_are_counted_where_they_are_not_those_of_the_files(
    make_recipe: MakeRecipe, tmp_path: Path, is_packed: bool
) -> None:
    content = "".join(f"第{number}项。" for number in range(4_000)).encode()
    packed = gzip.compress(content)
    recipe = make_recipe({"a.txt.gz": packed} if is_packed else {"a.txt": content})
    out = build(recipe, tmp_path / "out").path
    card = (out / "README.md").read_text("utf-8")
    shown, report = show(out), write_report(out, tmp_path / "r.html").read_text("utf-8")
    for screen in (card, shown, report):
        assert ("unpacked" in screen) == is_packed
        assert (f"{len(packed):,}" in screen) == is_packed
        assert f"{len(content):,}" in screen


def test_it_says_how_many_chunks_repeat_the_end_of_another(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("短句在此。" * 40 + "长句" * 60 + "。", encoding="utf-8")
    recipe = {"name": "a", "root": str(tmp_path), "sources": [{"path": "a.txt"}]}
    done = build({**recipe, "chunks": {"max_tokens": 32, "overlap": 8}}, tmp_path / "with", num_proc=1)
    chunks = BuildReader.open(done.path).read("chunks", ["start", "end"]).to_pylist()
    repeated = sum(after["start"] < before["end"] for before, after in pairwise(chunks))
    assert 0 < repeated < len(chunks) - 1
    shown = " ".join(render(inspect_build(done.path, 0)).split())
    assert f"overlap: {repeated} of {len(chunks) - 1} chunks that follow another repeat the end" in shown
    without = build({**recipe, "chunks": {"max_tokens": 32}}, tmp_path / "without", num_proc=1)
    assert "overlap: " not in render(inspect_build(without.path, 0))
