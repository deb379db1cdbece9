"""A check that shares no code with hanpack traces every chunk to the raw bytes of the sources."""

from __future__ import annotations

import ast
import gzip
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from hanpack.building.run import Build, build
from tests import independent_check
from tests.conftest import ROOT, SHARED, MakeRecipe
from tests.independent_check import check_build
from tests.sources.test_archives import dump_tar, dump_zip
from tests.sources.test_arrow import dump_arrow

CORPORA = SHARED / "data" / "corpora"
DOCUMENTS = 2000
# Lines of the corpora up to so many bytes, and all of the few reports: the longest laws are slow to check.
LONGEST = 16_000


def test_it_imports_nothing_of_hanpack() -> None:
    tree = ast.parse(Path(independent_check.__file__).read_text(encoding="utf-8"))
    names = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    roots = {name.partition(".")[0] for name in names}
    assert not roots & {"hanpack", "tests", "numpy", "datasets"}
    assert "pyarrow" in roots


def test_the_seeds_are_traced_to_their_bytes(seeds_build: Build) -> None:
    result = check_build(seeds_build.path, ROOT)
    assert result.faults == []
    assert result.documents == seeds_build.counts["documents"]
    assert result.chunks == seeds_build.counts["chunks"]
    assert result.characters == seeds_build.counts["characters"]


def test_every_format_is_traced_to_its_bytes(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    row = '{{"data": [{{"text": "第{0}行，\\n“引号”\\u4e2d。"}}, {{"text": "又一行{0}。"}}]}}'
    line = gzip.compress('{"text": "包裹里的第二段。"}'.encode())
    members: dict[str, bytes | str] = {"a.txt": "包裹里的第一段。", "b/c.jsonl.gz": line}
    table = pa.table({"text": ["第一格的文字。", None, "第三格，另外的文字。"]})
    files = {
        "a.csv": '正文,n\n"他说""好"",\n第二行。",1\n没有引号的一行。,2\n'.encode("gbk"),
        "a.json": row.format(1).replace('{"data": ', "").removesuffix("}").encode(),
        "b.json": row.format(2).encode("utf-16"),
        "c.jsonl": f"{row.format(3)}\n{row.format(4)}\n".encode(),
        "a.zip": dump_zip(members),
        "a.tar.xz": dump_tar({"a.txt": members["a.txt"]}, "w:xz"),
        "a.arrow": dump_arrow(table, "file"),
        "b.arrow": dump_arrow(table.slice(0, 1), "stream", "zstd"),
    }
    columns = {"a.csv": "正文", "b.json": "data.text", "c.jsonl": "data.text"}
    entries = [{"path": name, "text_column": columns.get(name, "text")} for name in files]
    keys = {"sources": entries, "duplicates": {"drop": "none"}, "steps": {"script": "hant"}}
    recipe = make_recipe(files, **keys)
    made = build(recipe, tmp_path / "out")
    result = check_build(made.path, recipe.parent)
    assert result.faults == []
    assert result.documents == made.counts["documents"] == 14


@pytest.mark.skipif(not CORPORA.is_dir(), reason="needs the shared corpora beside the repository")
def test_thousands_of_documents_are_traced_to_their_bytes(tmp_path: Path) -> None:
    for path in sorted(CORPORA.glob("*.jsonl.gz")):
        with gzip.open(path) as lines, gzip.open(tmp_path / path.name, "wb", compresslevel=1) as sink:
            sink.writelines(line for line in lines if len(line) < LONGEST or "reports" in path.name)
    recipe = {
        "name": "sample",
        "sources": [{"path": "*.jsonl.gz"}],
        "steps": {"script": "hans", "width": True, "quotes": True, "redactions": "[…]"},
        "duplicates": {"drop": "none"},
    }
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(recipe, allow_unicode=True), encoding="utf-8")
    made = build(tmp_path / "recipe.yaml", tmp_path / "out", num_proc=1)
    # In a process of its own: what it reads takes gigabytes, which every later test would carry along.
    script = Path(independent_check.__file__)
    command = [sys.executable, str(script), str(made.path), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    figures = [int(number) for number in re.findall(r"\d+", done.stdout)]
    documents, chunks, blocks, _, faults = figures
    assert (done.returncode, faults) == (0, 0), done.stdout
    assert documents == made.counts["documents"] >= DOCUMENTS
    assert chunks == made.counts["chunks"]
    assert blocks > 100_000


def next_character(text: str, at: int) -> str:
    return f"{text[:at]}{chr(ord(text[at]) + 1)}{text[at + 1 :]}"


def change_text(rows: list[dict[str, Any]]) -> None:
    spans = [(edit["start"], edit["end"]) for edit in rows[0]["edits"]]
    places = (at for at, mark in enumerate(rows[0]["text"]) if mark == "。")
    at = next(at for at in places if not any(start <= at < end for start, end in spans))
    rows[0]["text"] = next_character(rows[0]["text"], at)


def add(name: str, number: int) -> Callable[[list[dict[str, Any]]], None]:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[0][name] += number

    return change


def drop_removals(rows: list[dict[str, Any]]) -> None:
    rows[0]["edits"] = [edit for edit in rows[0]["edits"] if edit["kind"] != "removed"]


FIRST, LAST = "4aa4a5c313e292c5e2a4", "c6914755ad91bf531b67"
SEED = "seeds/000_6e557153c922afc4.txt"


@pytest.mark.parametrize(
    ("name", "change", "fault"),
    [
        ("documents", change_text, f"document {FIRST}: bytes 149 to 158 are not characters 36 to 39"),
        ("documents", drop_removals, f"document {FIRST}: no edit says that bytes 11 to 15 were removed"),
        ("documents", lambda rows: rows.pop(), f"chunks {LAST}: there is no such document"),
        ("chunks", add("byte_start", 1), f"chunk {FIRST}: its bytes are 0 to 1402, not (1, 1402)"),
        ("chunks", add("end", -1), f"document {FIRST}: its chunks end at 366"),
        ("chunks", lambda rows: rows.pop(), f"document {LAST}: its chunks end at 14274"),
        ("ledger", add("bytes_kept", 1), f"ledger: {SEED} record 0: its bytes do not add up"),
        ("ledger", lambda rows: rows.pop(3), f"ledger: {SEED} record 4: bytes before it are in no record"),
    ],
)
def test_a_planted_fault_is_reported(
    seeds_build: Build,
    tmp_path: Path,
    name: str,
    change: Callable[[list[dict[str, Any]]], None],
    fault: str,
) -> None:
    out = tmp_path / "out"
    shutil.copytree(seeds_build.path, out)
    (path,) = (out / "data" / name).iterdir()
    rows = pq.read_table(path).to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, pq.read_schema(path)), path)
    assert fault in check_build(out, ROOT).faults
