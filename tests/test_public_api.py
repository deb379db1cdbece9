"""The public names of the package: what they are, what they accept, and what errors say."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import hanpack
from hanpack.building.run import Build
from hanpack.errors import RecipeError, UsageError
from hanpack.recipe import Recipe
from tests.builds import hash_files

TEXT = "第一条　公民应当遵守法律，共同维护社会秩序。\n"
RECORDS = [{"text": TEXT}]
# Arguments of wrong types are given to it.
UNTYPED: Any = hanpack


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("laws")
    path.mkdir()
    (path / "a.txt").write_text(TEXT, encoding="utf-8")
    return path


def test_dir_shows_every_public_name_and_each_can_be_used() -> None:
    names = dir(hanpack)
    assert {"build", "scan", "trace", "find_chunks", "normalize", "split", "verify", "push"} < set(names)
    assert [name for name in names if not hasattr(hanpack, name)] == []
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", hanpack.__version__)


def test_the_names_are_shown_without_importing_what_they_are() -> None:
    script = "import sys, hanpack; dir(hanpack); print('pyarrow' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


def test_a_name_that_does_not_exist_is_answered_with_the_one_that_was_meant() -> None:
    with pytest.raises(AttributeError, match=r"did you mean normalize\? Possible are Build, "):
        _ = hanpack.normalise


def test_a_folder_a_recipe_file_a_recipe_and_a_dict_give_the_same_build(folder: Path) -> None:
    of_folder = hanpack.build(str(folder), out="of_folder", max_tokens=64)
    assert of_folder.folder_recipe is not None
    of_file = hanpack.build(of_folder.folder_recipe.path, out="of_file")
    content = of_folder.folder_recipe.parse().model_dump()
    builds = [of_folder, of_file, hanpack.build(content, out="of_dict")]
    builds.append(hanpack.build(Recipe.model_validate(content), out="of_recipe"))
    shards = [hash_files(Path(build) / "data") for build in builds]
    assert shards[0]
    assert all(hashes == shards[0] for hashes in shards)


def test_a_build_is_one_line_and_in_a_notebook_a_table(folder: Path) -> None:
    (folder / "<b>.txt").write_text("第二条　国家尊重和保障人权，任何公民享有权利。\n", encoding="utf-8")
    build = hanpack.build(folder, out="<out>")
    tokens = build.counts["tokens"]
    assert repr(build) == f"<Build '<out>': 2 records, 2 documents, 2 chunks, {tokens} tokens>"
    html = build._repr_html_()
    assert html.startswith("<table>")
    assert "&lt;out&gt;" in html
    assert "<out>" not in html
    assert "tokens a chunk" in html
    assert html.count("display:inline-block") == 12


def test_chunks_are_found_and_traced_in_a_build_that_is_a_value(folder: Path) -> None:
    build = hanpack.build(folder)
    (identity,) = hanpack.find_chunks(build, "公民应当")
    traced = hanpack.trace(build, identity)
    assert traced.chunk["source"] == "a.txt"
    assert hanpack.verify(build).passed


def test_scan_takes_one_path_or_several(folder: Path) -> None:
    (one,) = hanpack.scan(folder)
    assert one == hanpack.scan([folder / "a.txt"])[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"sorces": []}, r"sorces: unknown key; did you mean sources\?"),
        ({"chunks": {"max_token": 5}}, r"chunks.max_token: unknown key; did you mean max_tokens\?"),
        ({"steps": {"widht": True}}, r"steps.widht: unknown key; did you mean width\?"),
        (
            {"steps": {"script": "hansx"}},
            r"unknown value; did you mean hans\? Possible are keep, hans",
        ),
        ({"splits": {"test": {"sorce": "a"}}}, r"sorce: unknown key; did you mean source\?"),
        ({"sources": [{"pth": "a"}]}, r"sources.0.pth: unknown key; did you mean path\?"),
    ],
)
def test_a_wrong_key_or_value_of_a_recipe_is_answered_with_the_one_that_was_meant(
    content: dict[str, object], message: str
) -> None:
    with pytest.raises(RecipeError, match=message):
        hanpack.build({"name": "x", "sources": [{"path": "a"}], **content})


def test_a_wrong_step_of_normalize_is_answered_with_the_valid_ones() -> None:
    with pytest.raises(UsageError, match=r"no step 'widht' — did you mean width\? Possible are page, "):
        hanpack.normalize("文", widht=True)
    with pytest.raises(UsageError, match=r"script cannot be 'hanz' — .*'keep', 'hans', 'hant', 'tw' or 'hk'"):
        hanpack.normalize("文", script="hanz")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"policy": "x"}, r"there is no policy 'x' — possible are fill, structure"),
        ({"policy": "structur"}, r"did you mean structure\?"),
        ({"max_tokens": 64, "overlap": 33}, r"33 tokens is too much for 64 — use at most 32"),
        ({"tokenizer": "o200"}, r"did you mean o200k_base\?"),
        ({"tokenizer": "o200k"}, r"did you mean o200k_base\?"),
    ],
)
def test_a_wrong_argument_of_split_is_answered_with_the_valid_ones(
    arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        hanpack.split("好。", **arguments)


def test_bytes_are_to_be_decoded_first() -> None:
    for function in (hanpack.normalize, hanpack.split):
        with pytest.raises(UsageError, match="of the type bytes, not str — decode bytes first"):
            function("好。".encode())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: UNTYPED.build(RECORDS, script="zz"), "script: unknown value 'zz' — possible are keep"),
        (lambda: UNTYPED.build(RECORDS, records="page"), "records: unknown value 'page' — possible are"),
        (lambda: UNTYPED.build(RECORDS, max_tokens=3), "max_tokens: it must be at least 16"),
        (lambda: UNTYPED.find_texts("out", TEXT), "texts: it is one text, not a list of texts — write"),
        (
            lambda: UNTYPED.build(RECORDS, max_tokens="x"),
            "max_tokens: it is of the type str, not int",
        ),
        (lambda: UNTYPED.build(RECORDS, tokenizer=5), "tokenizer: it is of the type int, not str"),
        (lambda: UNTYPED.build(5), "a int cannot be built — give the path of a folder"),
        (lambda: UNTYPED.split(TEXT, max_tokens="512"), "max_tokens: it is of the type str, not int"),
        (lambda: UNTYPED.decode_tokens([99_999_999]), "no token ids of o200k_base: .*99999999"),
        (lambda: UNTYPED.decode_tokens(["a"]), "no token ids of o200k_base"),
        (lambda: UNTYPED.scan(5), "paths: it is of the type int, not Sequence"),
        (lambda: UNTYPED.build(RECORDS, engine="spark"), "unknown engine: spark — name local or ray"),
        (lambda: UNTYPED.build(RECORDS, num_proc="2"), "num_proc: it is of the type str, not int"),
        (lambda: UNTYPED.build(RECORDS, num_proc=0), "num_proc: a build needs at least 1 process"),
        (lambda: UNTYPED.verify(None), "build: it is of the type NoneType, not str or PathLike"),
        (lambda: UNTYPED.trace("out", ["x"]), "chunk_id: it is of the type list, not str"),
        (lambda: UNTYPED.find_chunks(5, TEXT), "build: it is of the type int, not str or PathLike"),
        (lambda: UNTYPED.find_chunks("out", [TEXT]), "text: it is of the type list, not str"),
        (lambda: UNTYPED.find_chunks("out", TEXT, "3"), "limit: it is of the type str, not int"),
    ],
)
def test_an_argument_of_a_wrong_type_is_an_error_of_hanpack(
    folder: Path, call: Callable[[], object], message: str
) -> None:
    with pytest.raises(hanpack.HanpackError, match=message):
        call()


def test_records_that_replace_others_or_copy_others_are_noted_and_refused_ones_leave_nothing(
    folder: Path,
) -> None:
    records = [{"text": TEXT * 3}, {"text": TEXT * 3}]
    (note,) = UNTYPED.build(records, num_proc=1).notes
    assert note.startswith("1 of 2 records was left out as a copy: ")
    assert UNTYPED.build(records, num_proc=1).notes == (note,)
    notes = UNTYPED.build(records[:1], num_proc=1).notes
    assert [note.partition(";")[0] for note in notes] == [
        "these records replace others, of which dist/records was built"
    ]
    for wrong in ([], ["a"]):
        with pytest.raises(UsageError):
            UNTYPED.build(wrong, out="dist/wrong")
    assert sorted(path.name for path in Path("dist").glob("wrong*")) == []


def test_a_recipe_of_wrong_keys_is_an_error_of_hanpack() -> None:
    with pytest.raises(RecipeError, match=r"sorces: unknown key; did you mean sources\?"):
        Recipe(name="a", sorces=[])


def test_the_notes_of_a_build_say_how_many_records_were_rejected(tmp_path: Path) -> None:
    texts: list[object] = ["甲。", None, "乙。", 5, "丙。"]
    for _ in range(2):
        built = hanpack.build([{"text": text} for text in texts], out=tmp_path / "out", name="a")
        assert built.notes[-1].startswith("2 of 5 records were rejected")


def test_a_build_has_the_path_of_its_folder(seeds_build: Build) -> None:
    assert Path(seeds_build) == seeds_build.path
