"""Crafted builds against every command: no file outside the build and the named paths is touched."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from hanpack.building.run import build
from hanpack.store.manifest import ATTESTATION
from tests.conftest import ROOT, write_recipe
from tests.crafted_build import Content, craft_manifest, craft_table, refit_file, set_column, set_value

Craft = Callable[[Path], object]
Done = Mapping[str, Any]
SHARD = "data/chunks/train-00000-of-00001.parquet"
SECRET = "机密：天地玄黄，宇宙洪荒。"
# What a terminal or a page would obey: a window title, a colour, a C1 code, an override, markup, a new line.
HOSTILE = "\x1b]0;owned\x07\x1b[31m\x9b2J\u202e[bold red]x[/]<script>alert(1)</script>\r\nerror: well\x08"
MARKS = ("\x1b", "\x07", "\x9b", "\u202e", "\x08", "\r")
# Whether the libraries of the extra "sign" are there.
SIGNS = find_spec("securesystemslib") is not None
WATCHED_BY_INOTIFY = sys.platform == "linux"


def name_source(path: str) -> Craft:
    """A build whose only source has another path, and the hash and size of the file that it leads to."""

    def craft(out: Path) -> None:
        data = (out.parent / "outside" / "secret.txt").read_bytes()
        values = {"path": path, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        craft_manifest(out, lambda content: content["sources"][0].update(values))
        for table in ("chunks", "documents", "ledger"):
            craft_table(out, table, set_column("source", path))

    return craft


def link(name: str) -> Craft:
    """A build of which a file or folder is a link to one outside it."""

    def craft(out: Path) -> None:
        target = out.parent / "outside" / Path(name).name
        shutil.move(out / name, target)
        (out / name).symlink_to(target)

    return craft


def change_value(value: object, *keys: str | int) -> Craft:
    """A build whose manifest has another value at a path of keys."""
    return lambda out: craft_manifest(out, set_value(value, *keys))


def list_shard(path: str) -> Craft:
    """A build that lists a shard with another path, which exists."""

    def craft(out: Path) -> None:
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(out / SHARD, out / path)
        craft_manifest(out, lambda content: content["files"].append({**content["files"][3], "path": path}))

    return craft


def put_pipe(out: Path) -> None:
    (out / SHARD).unlink()
    os.mkfifo(out / SHARD)


def write_hostile_texts(out: Path) -> None:
    """Every string of every table, and those of the manifest that are free, is what a terminal would obey."""
    craft_table(out, "chunks", set_column("text", HOSTILE))
    craft_table(out, "chunks", set_column("section", [HOSTILE]))
    fields = dict.fromkeys(("title", "author", "date", "region", "url", "license", "extra"), HOSTILE)
    craft_table(out, "chunks", set_column("metadata", fields))
    craft_table(out, "documents", set_column("script", HOSTILE))
    craft_table(out, "documents", set_column("edits", [make_edit(), make_edit()]))
    craft_table(out, "ledger", set_column("state", HOSTILE))
    craft_table(out, "ledger", set_column("reason", HOSTILE))

    def set_values(content: Content) -> None:
        content["totals"]["states"] = {HOSTILE: 1}
        content["totals"]["edits"] = {HOSTILE: 1}
        content["versions"]["hanpack"] = HOSTILE
        content["recipe"]["card"] |= {"title": HOSTILE, "summary": HOSTILE, "license": HOSTILE}

    craft_manifest(out, set_values)


def make_edit() -> dict[str, Any]:
    spans = {"start": 0, "end": 3, "byte_start": 0, "byte_end": 9}
    return {"step": HOSTILE, "kind": HOSTILE, **spans}


def link_attestation(out: Path) -> None:
    """The signature of a build is a link to a file outside it, which signing could overwrite."""
    (out / ATTESTATION).symlink_to(out.parent / "outside" / "secret.txt")


def write_attestation(out: Path) -> None:
    """The signature of a build is nothing that hanpack writes."""
    (out / ATTESTATION).write_text(json.dumps({"payload": HOSTILE}) + "\n" + "[" * 99_999, encoding="utf-8")


def write_packed(out: Path) -> None:
    """Packed sequences whose ids, lengths and places are none."""
    craft_table(out, "packed", set_column("input_ids", [2**31 - 1, -1]))
    craft_table(out, "packed", set_column("starts", [-5, 2**31 - 1]))
    craft_table(out, "packed", set_column("document_ids", [HOSTILE]))


def write_null(out: Path) -> None:
    craft_table(out, "documents", set_column("text", None))


def drop_column(out: Path) -> None:
    craft_table(out, "ledger", lambda table: table.drop_columns("state"))


def name_missing_document(out: Path) -> None:
    craft_table(out, "chunks", set_column("document_id", "none"))


def duplicate_nothing(out: Path) -> None:
    craft_table(out, "ledger", set_column("duplicate_of", "none"))
    craft_table(out, "ledger", set_column("similarity", 0.9))


def spoil_shard(out: Path) -> None:
    (out / SHARD).write_bytes(b"PAR1 nothing PAR1")
    refit_file(out, SHARD)


INJECTION = "chunks_a AS SELECT 1; COPY (SELECT 42) TO 'owned.csv'; --"
# Those that no reader accepts, and those whose manifest is sound.
REFUSED: Mapping[str, Craft] = {
    "source above": name_source("../outside/secret.txt"),
    "shard link": link(SHARD),
    "folder link": link("data/chunks"),
    "card link": link("README.md"),
    "manifest link": link("hanpack.json"),
    "pipe": put_pipe,
    "table name": list_shard(f"data/{INJECTION}/train-00000-of-00001.parquet"),
    "shard above": list_shard("data/../../outside/a.parquet"),
    "tokenizer": change_value("../outside/secret.json", "tokenizer", "name"),
    "totals": change_value("many", "totals", "chunks"),
}
ACCEPTED: Mapping[str, Craft] = {
    "texts": write_hostile_texts,
    "pattern above": change_value("../outside/*", "recipe", "sources", 0, "path"),
    "pattern absolute": change_value("/etc/*.txt", "recipe", "sources", 0, "path"),
    "evaluation": change_value(
        {"texts": [{"path": "../outside/secret.txt"}], "action": "flag", "share": 0.5},
        "recipe",
        "decontamination",
    ),
    "attestation": write_attestation,
    "packed": write_packed,
    "null": write_null,
    "column": drop_column,
    "document": name_missing_document,
    "duplicate": duplicate_nothing,
    "shard": spoil_shard,
}


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with sources, a recipe, its build in ``out``, and a folder ``outside`` that nothing names."""
    folder = tmp_path_factory.mktemp("received")
    files = {
        "corpus/a.txt": "今天的天气很好，我们去 a 公园散步。".encode(),
        "outside/secret.txt": SECRET.encode(),
        "outside/secret.json": SECRET.encode(),
        "texts.txt": "今天的天气很好\n不在这里的文字\n".encode(),
    }
    recipe = write_recipe(folder, files, root="corpus", sources=[{"path": "a.txt"}], packed={"tokens": 16})
    build(recipe, folder / "out", num_proc=1)
    if SIGNS:
        write_keys(folder)
    return folder


def write_keys(folder: Path) -> None:
    """A private key ``key`` and its public key ``key.pub``."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    pem = form.Encoding.PEM
    private = key.private_bytes(pem, form.PrivateFormat.PKCS8, form.NoEncryption())
    (folder / "key").write_bytes(private)
    public = key.public_key().public_bytes(pem, form.PublicFormat.SubjectPublicKeyInfo)
    (folder / "key.pub").write_bytes(public)


def find_id(out: Path) -> str:
    import pyarrow.parquet as pq

    return str(pq.read_table(out / SHARD, partitioning=None).column("id")[0].as_py())


def list_commands(folder: Path, chunk_id: str) -> list[list[str]]:
    """Every command that reads a build, over the build in ``folder / "out"``."""
    out, key, certificate = str(folder / "out"), str(folder / "key"), str(folder / "certificate.json")
    request = ["--source", "a.txt", "--reason", "r"]
    signing = [
        ["verify", out, "--signer", f"{key}.pub"],
        ["certify", out, chunk_id],
        ["sign", out, "--key", key],
        ["certify", out, chunk_id, "-o", certificate],
        ["certify", out, "--record", "a.txt:0"],
        ["check", certificate, "--signer", f"{key}.pub"],
        ["check", certificate],
    ]
    return [
        *(signing if SIGNS else ()),
        ["inspect", out],
        ["inspect", out, "--sql", "select * from chunks"],
        ["inspect", out, "--chunk", chunk_id],
        ["inspect", out, "--grep", "天气", "--json"],
        ["trace", out, chunk_id],
        ["trace", out, "--find", "a"],
        ["trace", out, "--packed", "0:1"],
        ["find", out, "今天的天气很好"],
        ["find", out, "不在这里的文字", "--json"],
        ["find", out, "--file", str(folder / "texts.txt"), "--removed"],
        ["withdraw", out, *request, "--dry-run"],
        ["report", out, "-o", str(folder / "report.html")],
        ["diff", out, str(folder / "other")],
        ["diff", str(folder / "other"), out, "--json"],
        ["verify", out, "--strict", "--recipe", str(folder / "recipe.yaml")],
        ["export", out, "--to", "megatron", "-o", str(folder / "exported")],
        ["push", out, "nobody/nothing"],
        ["push", out, "nobody/nothing", "--dry-run"],
        ["clean", out, "--dry-run"],
        ["withdraw", out, *request, "--yes", "--receipt", str(folder / "receipt")],
        ["build", str(folder / "recipe.yaml"), "-o", out, "--num-proc", "1"],
        ["clean", out, "--yes"],
    ]


def run_commands(folder: Path, commands: Sequence[Sequence[str]], *watched: Path) -> list[Done]:
    """Run commands in one process, in an empty folder, and watch what they touch."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "builder"), "COLUMNS": "200", "HF_TOKEN": "hf_x"}
    # A push that gets so far ends there.
    environment["HF_HUB_OFFLINE"] = "1"
    environment["HF_HOME"] = str(folder / "home")
    (folder / "here").mkdir()
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "watched_commands.py"), *map(str, watched)],
        input=json.dumps(commands),
        cwd=folder / "here",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results: list[Done] = json.loads(done.stdout)
    assert len(results) == len(commands)
    return results


def list_outside(done: Done, folder: Path) -> list[tuple[str, str]]:
    """The events that are not of the build, its work folder, the named paths, or Python and its libraries."""
    named = [
        "out",
        ".out.hanpack",
        "other",
        ".other.hanpack",
        "corpus",
        "recipe.yaml",
        "report.html",
        "exported",
    ]
    # An export is whole before it gets its name.
    named += ["withdrawals.jsonl", "key", "key.pub", "certificate.json", ".exported.partial", "texts.txt"]
    named += ["receipt.json", "receipt.html", "withdrawals.jsonl.tmp"]
    system = ["/proc", "/sys", "/dev", "/usr/share/zoneinfo", sys.prefix, sys.base_prefix]
    allowed = [*(folder / name for name in named), ROOT / "builder", *map(Path, system)]
    # A build syncs the names in the folder of its output to disk.
    files = {str(folder), "/etc/localtime"}
    # verify builds again in a folder of its own.
    temporary = os.path.join(tempfile.gettempdir(), "hanpack-verify-")
    return [
        (event, path)
        for event, path in done["events"]
        if not any(Path(path).is_relative_to(place) for place in allowed)
        if path not in files and not path.startswith(temporary)
    ]


@pytest.fixture(scope="module")
def results(work: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[Path, list[Done]]]:
    """What every command did with every crafted build: the folder of the build, and the commands in order."""
    place = tmp_path_factory.mktemp("crafted")
    folders: dict[str, Path] = {}
    commands: list[list[str]] = []
    for name, craft in {**REFUSED, **ACCEPTED}.items():
        folder = folders[name] = place / name.replace(" ", "_")
        shutil.copytree(work, folder)
        shutil.copytree(folder / "out", folder / "other")
        chunk_id = find_id(folder / "out")
        craft(folder / "out")
        commands += list_commands(folder, chunk_id)
    watched = [folder / "outside" for folder in folders.values()] if WATCHED_BY_INOTIFY else []
    done = run_commands(place, commands, *watched, *([place / "here"] if watched else []))
    number = len(done) // len(folders)
    return {
        name: (folder, done[index * number : (index + 1) * number])
        for index, (name, folder) in enumerate(folders.items())
    }


@pytest.mark.parametrize("name", [*REFUSED, *ACCEPTED])
def test_no_command_touches_a_file_that_nobody_named(
    results: Mapping[str, tuple[Path, list[Done]]], name: str
) -> None:
    folder, commands = results[name]
    assert len(commands) == (29 if SIGNS else 22)
    assert [event for done in commands for event in list_outside(done, folder)] == []
    assert list((folder.parent / "here").iterdir()) == []


@pytest.mark.parametrize("name", [*REFUSED, *ACCEPTED])
def test_every_command_ends_with_an_error_or_a_result_and_nothing_a_terminal_obeys(
    results: Mapping[str, tuple[Path, list[Done]]], name: str
) -> None:
    _, commands = results[name]
    assert commands
    for done in commands:
        shown = done["out"] + done["err"]
        # Where a build has no such row, to name it is wrong usage.
        wrong_usage = (2,) if done["command"][0] in ("export", "certify", "check") else ()
        assert done["code"] in (0, 1, *wrong_usage), (done["command"], shown)
        assert SECRET not in shown
        is_csv = "--sql" in done["command"]
        assert is_csv or [mark for mark in MARKS if mark in shown] == [], done["command"]
        assert done["code"] == 0 or done["err"].count("\n") <= 25


@pytest.mark.parametrize("name", REFUSED)
def test_a_build_that_hanpack_does_not_write_is_one_error(
    results: Mapping[str, tuple[Path, list[Done]]], name: str
) -> None:
    folder, commands = results[name]
    reading = [done for done in commands if done["command"][0] not in ("build", "clean", "check")]
    assert len(reading) == (24 if SIGNS else 19)
    for done in reading:
        assert done["code"] == 1, done["command"]
        assert done["err"].startswith(f"error: {folder / 'out'}"), done["err"]
        assert done["err"].count("\n") == 1
    assert not (folder / "report.html").exists()


def test_the_report_of_hostile_texts_is_no_markup(results: Mapping[str, tuple[Path, list[Done]]]) -> None:
    folder, _ = results["texts"]
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "owned" in page
    assert "<script>alert" not in page
    assert [mark for mark in MARKS if mark in page] == []
