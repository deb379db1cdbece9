"""Files of text are cut into lines and paragraphs, in any encoding, and a bad line costs only itself."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given

from hanpack.building.run import build
from hanpack.reasons import Cause, Reason
from tests.builds import read_states
from tests.conftest import MakeRecipe
from tests.sources.reading import read_source
from tests.sources.test_records import LINES


@given(lines=LINES)
def test_a_terminator_is_only_line_breaks(lines: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.txt"
        path.write_bytes(b"\n".join(lines) + b"\n")
        records = read_source(path, records="line")
    assert len(records) == max(1, len(lines))
    for record in records:
        text, ending = record.data[: -record.terminator], record.data[-record.terminator :]
        assert ending.endswith(b"\n")
        assert not ending.strip(b"\r\n")
        assert not text.endswith((b"\r", b"\n"))


def test_a_paragraph_includes_the_blank_lines_after_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\n\none\ntwo\n\n \n\nthree")
    records = read_source(path, records="paragraph")
    assert [record.data for record in records] == [b"\n\none\ntwo\n\n \n\n", b"three"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_wide_encodings_are_cut_at_line_feeds_only(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("上海\n਀ਊ\n末".encode(encoding))
    records = read_source(path, encoding, records="line")
    assert [record.data.decode(encoding) for record in records] == ["上海\n", "਀ਊ\n", "末"]
    assert [record.terminator for record in records] == [len("\n".encode(encoding))] * 2 + [0]


def test_a_line_over_the_limit_is_rejected_and_the_next_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 5000 + b"\nshort\n")
    long, short = read_source(path, records="line", limits={"max_record_bytes": 1024})
    assert (long.byte_end, long.data) == (5001, b"")
    assert long.fault == Reason(Cause.RECORD_TOO_LONG, {"limit": 1024})
    assert (short.fault, short.data) == (None, b"short\n")


def test_a_file_of_utf16_that_is_longer_than_a_record_may_be_is_read_by_line(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    text = "\ufeff" + "短行上海。\n" * 300
    recipe = make_recipe(
        {"a.txt": text.encode("utf-16-le")},
        sources=[{"path": "a.txt", "records": "line"}],
        limits={"max_record_bytes": 1024},
    )
    out = build(recipe, tmp_path / "out").path
    assert read_states(out) == ["kept", *["duplicate"] * 299]


def test_a_bad_line_of_json_is_a_rejected_record_between_good_ones(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    lines = [b'{"text": "plain"}', b'{"text": "\xed\xa0\x80"}', b'{"text": "ascii"}']
    out = build(make_recipe({"a.jsonl": b"\n".join(lines)}), tmp_path / "out").path
    assert read_states(out) == ["kept", "rejected", "kept"]
