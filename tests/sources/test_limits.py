"""What exceeds a limit of the recipe is rejected with a reason that names the limit, and the rest is read."""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hanpack.building.run import build
from hanpack.model import Record
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Limits
from hanpack.sources import compression
from tests.builds import read_rows, to_jsonl, verify_build
from tests.conftest import ROOT, MakeRecipe
from tests.sources.reading import read_source

TEXT = "一段文字。"


def list_faults(records: list[Record]) -> list[Reason | None]:
    return [record.fault for record in records]


@pytest.mark.parametrize(
    "column",
    [
        ["x" * 3000, "x", None],
        [["x" * 3000], ["x"], None],
        [{"inner": "x" * 3000}, {"inner": "x"}, None],
        pa.array(["x" * 3000, "x", None]).dictionary_encode(),
    ],
)
def test_a_row_that_is_larger_than_a_record_may_be_is_rejected_and_the_others_are_kept(
    tmp_path: Path, column: pa.Array | list[object]
) -> None:
    texts = [TEXT, TEXT * 2, None]
    pq.write_table(pa.table({"text": texts, "other": column}), tmp_path / "a.parquet")
    records = read_source(tmp_path / "a.parquet", limits={"max_record_bytes": 1024})
    too_long = Reason(Cause.RECORD_TOO_LONG, {"limit": 1024})
    assert list_faults(records) == [too_long, None, Reason(Cause.NULL_VALUE)]
    assert [record.data for record in records] == [b"", (TEXT * 2).encode(), b""]
    size = len(TEXT.encode())
    assert [(record.byte_start, record.byte_end) for record in records] == [
        (0, size),
        (size, 3 * size),
        (3 * size, 3 * size),
    ]


def test_a_text_of_parquet_that_is_too_long_keeps_its_bytes_in_the_ledger(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    pq.write_table(pa.table({"text": [TEXT, TEXT * 500, TEXT * 2]}), tmp_path / "a.parquet")
    data = (tmp_path / "a.parquet").read_bytes()
    limits = {"max_record_bytes": 1024}
    out = build(
        make_recipe({"a.parquet": data}, limits=limits, duplicates={"drop": "none"}), tmp_path / "out"
    )
    ledger = read_rows(out.path, "ledger")
    assert [row["cause"] for row in ledger] == [None, "record_too_long", None]
    assert ledger[1]["byte_end"] - ledger[1]["byte_start"] == len((TEXT * 500).encode())
    verify_build(out.path)


def test_json_is_read_as_deep_as_the_recipe_says(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    lines = [json.dumps({"text": f"{TEXT}{depth}", "a": nest(depth)}) for depth in (1, 3, 4, 70)]
    data = "".join(f"{line}\n" for line in lines).encode()
    for limit, kept in ((4, 2), (5, 3), (80, 4)):
        recipe = make_recipe(
            {"a.jsonl": data}, name=f"n{limit}", limits={"max_nesting": limit}, duplicates={"drop": "none"}
        )
        ledger = read_rows(build(recipe, tmp_path / f"out{limit}").path, "ledger")
        assert [row["state"] for row in ledger] == ["kept"] * kept + ["rejected"] * (4 - kept)
        reasons = [row["reason"] for row in ledger if row["reason"]]
        assert all(reason.endswith(f"nested deeper than {limit} levels") for reason in reasons)


def nest(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("name", "depth", "fault"),
    [
        ("a.jsonl.gz", 1, None),
        ("a.jsonl", 0, None),
        ("a.jsonl.gz", 0, Reason(Cause.COMPRESSED_AGAIN, {"layers": 1, "limit": 0})),
        ("a.jsonl.gz.gz", 1, Reason(Cause.COMPRESSED_AGAIN, {"layers": 2, "limit": 1})),
        ("a.gz.zst.gz", 1, Reason(Cause.COMPRESSED_AGAIN, {"layers": 3, "limit": 1})),
    ],
)
def test_a_file_is_compressed_as_often_as_the_recipe_says(
    tmp_path: Path, name: str, depth: int, fault: Reason | None
) -> None:
    content = to_jsonl(TEXT)
    for _ in range(name.count(".gz") + name.count(".zst")):
        content = gzip.compress(content)
    (tmp_path / name).write_bytes(content)
    assert list_faults(read_source(tmp_path / name, limits={"max_archive_depth": depth})) == [fault]


def test_a_path_that_is_longer_than_the_recipe_says_is_rejected(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    names = ["甲.txt", "乙乙乙乙乙乙.txt"]
    limits = {"max_name_bytes": 16}
    out = build(make_recipe({name: TEXT.encode() for name in names}, limits=limits), tmp_path / "out").path
    assert [(row["source"], row["reason"]) for row in read_rows(out, "ledger")] == [
        (names[0], None),
        (names[1], "the path is longer than 16 bytes"),
    ]
    verify_build(out)


@pytest.mark.skipif(sys.platform != "linux", reason="the longest path is that of Linux")
@pytest.mark.parametrize("pattern", [".", "**/*.txt", "**"])
def test_a_path_that_is_longer_than_the_system_allows_has_a_row_in_the_ledger(
    make_recipe: MakeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    recipe = make_recipe({"a.txt": TEXT.encode()}, sources=[{"path": pattern}])
    monkeypatch.chdir(tmp_path / "corpus")
    depth = 22
    for _ in range(depth):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
        Path("b.txt").write_text(TEXT, encoding="utf-8")
    os.chdir(tmp_path)
    out = build(recipe, tmp_path / "out").path
    ledger = read_rows(out, "ledger")
    assert {row["cause"] for row in ledger} == {None, "copy", "name_too_long"}
    assert [row["source"] for row in ledger if row["state"] == "kept"] == ["a.txt"]
    deepest = max(row["source"].count("/") for row in ledger)
    # The folder that cannot be listed is named itself; nothing below it can be seen.
    assert deepest >= 18
    verify_build(out)


def test_the_limits_and_their_defaults_are_those_that_the_documentation_states() -> None:
    rows = re.findall(r"^\| `(max_\w+)` \| (\d+) \|", (ROOT / "SECURITY.md").read_text("utf-8"), re.MULTILINE)
    assert {name: int(default) for name, default in rows} == Limits().model_dump()


def test_a_small_parquet_file_of_one_long_value_takes_little_memory(tmp_path: Path) -> None:
    # As plain strings its rows would take 2 GB.
    value = "甲" * 300_000
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 2_000, pa.int32()), pa.array([value]))
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": column}), path, compression="zstd", store_schema=False)
    assert path.stat().st_size < 10_000
    before = pa.default_memory_pool().max_memory()
    records = read_source(path, limits={"max_record_bytes": 1024})
    assert list_faults(records) == [Reason(Cause.RECORD_TOO_LONG, {"limit": 1024})] * 2_000
    assert pa.default_memory_pool().max_memory() <= max(before, 500_000_000)


def test_a_parquet_file_that_expands_too_far_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compression, "FREE_EXPANSION", 1_000)
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["甲" * 100_000]}), path, compression="zstd", use_dictionary=False)
    [record] = read_source(path, limits={"max_expansion": 2})
    assert record.fault is not None
    assert "max_expansion" in str(record.fault)
