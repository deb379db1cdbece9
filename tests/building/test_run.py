"""A build has the same bytes whoever makes it, is resumed where it was stopped, and is not done twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pytest

from hanpack.building.run import Build, build
from hanpack.errors import BuildError
from tests.builds import hash_files, read_rows, read_states, to_jsonl, verify_build
from tests.conftest import ROOT, MakeRecipe

TEXT = "我们坚持稳中求进,推动高质量发展。这是第{}份报告,内容各不相同。\n"
LINES = {"sources": [{"path": "*.txt", "records": "line"}], "duplicates": {"drop": "none"}}


def write_lines(numbers: Iterable[int]) -> bytes:
    return "".join(TEXT.format(number) for number in numbers).encode()


def write_files(count: int) -> dict[str, bytes]:
    """Files of seven lines; the records of each file are a batch."""
    return {f"{n:02d}.txt": write_lines(range(7 * n, 7 * n + 7)) for n in range(count)}


def read_part_times(folder: Path) -> dict[Path, int]:
    """The time of writing of every file of a finished part of a build below a folder."""
    return {
        path: path.stat().st_mtime_ns
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".tmp" and any(name.startswith("parts") for name in path.parts)
    }


def test_two_builds_have_the_same_bytes(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.txt": write_lines(range(20))})
    first, second = build(recipe, tmp_path / "first"), build(recipe, tmp_path / "second")
    hashes = hash_files(first.path)
    assert {"README.md", "croissant.json", "hanpack.json"} < hashes.keys()
    assert hash_files(second.path) == hashes


def test_a_build_in_another_process_has_the_same_bytes(seeds_build: Build, tmp_path: Path) -> None:
    out = tmp_path / "out"
    recipe = ROOT / "configs" / "gov_reports.yaml"
    command = [sys.executable, "-m", "hanpack", "build", str(recipe), "-o", str(out)]
    environment = {**os.environ, "PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai", "LC_ALL": "C"}
    subprocess.run([*command, "--num-proc", "2"], env=environment, cwd=tmp_path, check=True)
    assert hash_files(out) == hash_files(seeds_build.path)


def test_several_processes_write_the_bytes_of_one(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe(write_files(6), **LINES)
    first = build(recipe, tmp_path / "first", num_proc=1)
    second = build(recipe, tmp_path / "second", num_proc=2)
    assert first.counts["records"] == 42
    assert hash_files(first.path) == hash_files(second.path)


def test_a_second_build_does_nothing(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.txt": write_lines(range(3))})
    first = build(recipe, tmp_path / "out")
    times = {path: path.stat().st_mtime_ns for path in first.files}
    second = build(recipe, tmp_path / "out")
    assert (first.unchanged, second.unchanged) == (False, True)
    assert len(times) >= 5
    assert {path: path.stat().st_mtime_ns for path in second.files} == times
    assert second.counts == first.counts


def test_a_changed_source_gives_the_bytes_of_a_new_build(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    out = build(make_recipe({"a.txt": write_lines(range(3))}), tmp_path / "out").path
    recipe = make_recipe({"a.txt": write_lines(range(4))})
    assert not build(recipe, out).unchanged
    assert "第3份" in read_rows(out, "documents")[0]["text"]
    assert hash_files(out) == hash_files(build(recipe, tmp_path / "new").path)


def test_a_broken_shard_is_built_again(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.txt": write_lines(range(3))})
    first = build(recipe, tmp_path / "out")
    before = hash_files(first.path)
    first.files[-1].write_bytes(b"")
    assert not build(recipe, first.path).unchanged
    assert hash_files(first.path) == before


@pytest.mark.usefixtures("ungrouped")
def test_a_stopped_build_is_resumed_and_keeps_its_finished_parts(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    recipe = make_recipe(write_files(6), **LINES)
    complete = hash_files(build(recipe, tmp_path / "complete").path)
    folder = tmp_path / "stopped"
    resumed_parts: dict[Path, int] = {}

    def stop_in_the_middle(stage: str, done: int, total: int) -> None:
        if stage != "survey" and done > total / 2:
            raise KeyboardInterrupt

    def note_parts(stage: str, done: int, total: int) -> None:
        resumed_parts.update(read_part_times(folder))

    with pytest.raises(KeyboardInterrupt):
        build(recipe, folder / "out", num_proc=1, progress=stop_in_the_middle)
    parts = read_part_times(folder)
    done = build(recipe, folder / "out", num_proc=1, progress=note_parts)
    assert parts
    assert len(resumed_parts) > len(parts)
    assert {path: resumed_parts[path] for path in parts} == parts
    assert hash_files(done.path) == complete


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_the_progress_of_each_stage_ends_at_its_total_which_is_known_before(
    make_recipe: MakeRecipe, tmp_path: Path, suffix: str
) -> None:
    data = to_jsonl(*("".join(TEXT.format(number * step) for step in range(20)) for number in range(1_500)))
    contents = {f"{name}.jsonl{suffix}": compress(data, suffix) for name in "ab"}
    stages: dict[str, list[tuple[int, int]]] = {}

    def note(stage: str, done: int, total: int) -> None:
        stages.setdefault(stage, []).append((done, total))

    recipe = make_recipe(contents, duplicates={"drop": "none"})
    build(recipe, tmp_path / "out", num_proc=1, progress=note)
    for stage in ("survey", "process", "write"):
        done, totals = zip(*stages[stage], strict=True)
        assert len(done) > 1
        assert list(done) == sorted(done)
        assert done[-1] == totals[-1]
        assert all(abs(total - totals[-1]) < 0.1 * totals[-1] for total in totals), (stage, totals)
    assert stages["process"][-1] == (2 * len(data), 2 * len(data))


def compress(data: bytes, suffix: str) -> bytes:
    codecs = {".gz": "gzip", ".zst": "zstd"}
    return bytes(pa.compress(data, codecs[suffix], asbytes=True)) if suffix else data


def test_a_bad_record_goes_to_the_ledger_with_its_reason(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    good = json.dumps({"text": "好的文本。", "year": 2024})
    bad = ['{"text": null}', '{"text": "cut', "[]", '{"year": 1}', '{"text": "\\ud800"}', '{"text": " "}', ""]
    content = "\n".join([good, *bad, good]).encode()
    recipe = make_recipe({"a.jsonl": content, "b.odt": b"x", "c.txt": "好".encode() + b"\xff\xfe\x80"})
    ledger = read_rows(build(recipe, tmp_path / "out").path, "ledger")
    assert [(row["source"], row["state"], row["cause"]) for row in ledger] == [
        ("a.jsonl", "kept", None),
        ("a.jsonl", "rejected", "null_column"),
        ("a.jsonl", "rejected", "truncated_json"),
        ("a.jsonl", "rejected", "not_an_object"),
        ("a.jsonl", "rejected", "missing_column"),
        ("a.jsonl", "rejected", "lone_surrogate"),
        ("a.jsonl", "empty", "no_text"),
        ("a.jsonl", "empty", "no_text"),
        ("a.jsonl", "duplicate", "copy"),
        ("b.odt", "rejected", "unknown_format"),
        ("c.txt", "rejected", "undecided_encoding"),
    ]
    assert [row["source"] for row in ledger if not row["reason"]] == ["a.jsonl"]


def test_a_wrong_encoding_in_the_recipe_is_warned_of(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    text = "政府工作报告指出，经济运行总体平稳，高质量发展扎实推进。\n".encode("gbk")
    files = {"a.txt": text, "b.txt": text * 2, "c.txt": text * 3, "d.docx": b"x"}
    encodings = {"a.txt": "latin-1", "b.txt": "latin-1", "c.txt": "gbk", "d.docx": "latin-1"}
    sources = [{"path": path, "encoding": encoding} for path, encoding in encodings.items()]
    done = build(make_recipe(files, sources=sources), tmp_path / "out")
    note, rejected, copies = done.notes
    assert rejected.startswith("1 of 4 records was rejected: ")
    assert copies.startswith("2 of 4 records were left out as copies: ")
    assert note.startswith(
        "a.txt and 1 other file: the recipe names the encoding latin-1, but the bytes are text in gb18030"
    )


def test_strict_fails_and_names_the_first_bad_record(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.jsonl": to_jsonl("好的文本。") + b"[]\n{}\n"})
    with pytest.raises(BuildError, match=r"2 records were rejected.*a\.jsonl record 1 at byte 28"):
        build(recipe, tmp_path / "out", strict=True)
    assert not (tmp_path / "out" / "hanpack.json").exists()


def test_strict_fails_on_a_finished_build_too(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.jsonl": to_jsonl("好的文本。") + b"[]\n"})
    build(recipe, tmp_path / "out")
    with pytest.raises(BuildError, match="1 record was rejected"):
        build(recipe, tmp_path / "out", strict=True)


def test_a_moved_corpus_is_noted_by_a_build_that_has_nothing_to_do(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    recipe = make_recipe({"a.txt": "一段。".encode()})
    out = build(recipe, tmp_path / "out").path
    recipe.parent.rename(tmp_path / "moved")
    assert build(tmp_path / "moved" / "recipe.yaml", out, overwrite=True).unchanged
    verify_build(out)


def test_an_empty_corpus_still_gives_tables(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    done = build(make_recipe({"a.txt": b""}), tmp_path / "out")
    assert done.counts["states"] == {"empty": 1}
    assert read_states(done.path) == ["empty"]
    assert (read_rows(done.path, "chunks"), read_rows(done.path, "documents")) == ([], [])
    verify_build(done.path)
