"""A file whose lines are in two encodings is named as such, with the number of lines in each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.building.run import build
from hanpack.errors import UsageError
from hanpack.scanning.files import scan
from hanpack.scanning.recipes import write_recipe
from hanpack.steps.decode.line_encodings import count_line_encodings
from tests.builds import read_rows, verify_build
from tests.conftest import write_recipe as write_recipe_of

LINE = "第{}条　市人民政府应当加强对防汛抗旱工作的领导，落实责任，保障人民生命财产安全。"
LONG_LINE = LINE + LINE + LINE


def write_lines(encodings: list[str], line: str = LINE) -> bytes:
    return b"".join(
        (line.replace("{}", str(number)) + "\n").encode(encoding) for number, encoding in enumerate(encodings)
    )


@given(st.lists(st.sampled_from(["utf-8", "gb18030"]), min_size=1, max_size=12))
def test_the_lines_of_each_encoding_are_counted(encodings: list[str]) -> None:
    counts = count_line_encodings(write_lines(encodings))
    utf8, others = encodings.count("utf-8"), encodings.count("gb18030")
    assert counts == ((utf8, others, "gb18030") if utf8 and others else None)


@pytest.mark.parametrize("data", [b"", b"abc\n", b"\x00\xff\n" * 9, b"\xff\xfe\n" * 9 + "文字\n".encode()])
def test_other_bytes_are_not_lines_of_two_encodings(data: bytes) -> None:
    assert count_line_encodings(data) is None


def test_a_text_of_two_encodings_is_rejected_with_their_numbers(tmp_path: Path) -> None:
    data = write_lines(["utf-8", "gb18030"] * 10)
    build(write_recipe_of(tmp_path, {"a.txt": data, "b.txt": LINE.encode()}), tmp_path / "out")
    verify_build(tmp_path / "out")
    rejected, kept = read_rows(tmp_path / "out", "ledger")
    assert (rejected["cause"], kept["state"]) == ("mixed_encodings", "kept")
    assert rejected["reason"].startswith("its lines are in two encodings: 10 are utf-8, 10 gb18030; ")
    with pytest.raises(UsageError, match="write the file again in UTF-8: decode each line as UTF-8"):
        write_recipe(tmp_path / "a.txt", tmp_path / "a.yaml")


@pytest.mark.parametrize("name", ["a.jsonl", "a.txt"])
def test_records_in_the_encoding_of_most_are_kept(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    encodings = ["utf-8"] * 60 + ["gb18030"]
    line = json.dumps({"text": LINE}, ensure_ascii=False) if name == "a.jsonl" else LONG_LINE
    (folder / name).write_bytes(write_lines(encodings, line))
    (scanned,) = scan(folder)
    assert (scanned.fault, scanned.records, scanned.bad_records) == ("", 61, 1)
    recipe = write_recipe(folder, tmp_path / "a.yaml")
    build(recipe.path, tmp_path / "out")
    states = [row["state"] for row in read_rows(tmp_path / "out", "ledger")]
    assert (len(states), states[-1], states.count("rejected")) == (61, "rejected", 1)


def test_a_scan_says_that_lines_of_json_are_in_two_encodings(tmp_path: Path) -> None:
    line = json.dumps({"text": LINE}, ensure_ascii=False)
    (tmp_path / "a.jsonl").write_bytes(write_lines(["utf-8", "gb18030"] * 9, line))
    (scanned,) = scan(tmp_path)
    assert scanned.hint.startswith("of its lines 9 are utf-8, 9 gb18030: ")
    assert (scanned.records, scanned.bad_records) == (18, 9)
