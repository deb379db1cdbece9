"""After a withdrawal the history of a repository is erased when it is asked for, and said how if not."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from hanpack.building.run import build
from hanpack.errors import BuildError, UsageError
from hanpack.hub import erase_history
from hanpack.withdrawal.operation import withdraw
from tests.conftest import write_recipe
from tests.hub.client import REPO, pushed_files, send
from tests.hub.server import READER, WRITER, LoopbackHub
from tests.hub.test_loading import run_with
from tests.planted_texts import TextMaker


def make_build(folder: Path) -> tuple[Path, str]:
    """A build of two documents, and the text of the first."""
    maker = TextMaker(91)
    text = maker.text(12)
    files = {"a.txt": text.encode(), "b.txt": maker.text(12).encode()}
    return build(write_recipe(folder / "corpus", files), folder / "out", num_proc=1).path, text


def push(hub: LoopbackHub, home: Path, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run_with(hub, home, "-m", "hanpack", "push", str(out), REPO, *options)


def test_a_push_after_a_withdrawal_says_how_to_erase_and_does_it(tmp_path: Path) -> None:
    out, text = make_build(tmp_path)
    with LoopbackHub() as hub:
        assert push(hub, tmp_path / "home", out).returncode == 0
        before = hub.head(REPO).oid
        withdraw(out, request="R-1", date="2026-11-27", reason="asked for", texts=[text])
        second = push(hub, tmp_path / "home", out)
        assert (second.returncode, "--erase-history" in second.stderr) == (0, True), second.stderr
        old = len(hub.large_files)
        assert len(hub.history(REPO)) == 3
        third = push(hub, tmp_path / "home", out, "--erase-history")
        assert (third.returncode, "is erased" in third.stderr) == (0, True), third.stderr
        (commit,) = hub.history(REPO)
        assert commit.oid in third.stderr
        assert before not in hub.repositories[REPO].commits
        kept = {blob.sha256 for blob in commit.tree.values() if blob.lfs}
        assert hub.large_files.keys() == kept
        assert len(kept) < old
        manifest = json.loads(pushed_files(hub)["hanpack.json"])
        assert {file["path"] for file in manifest["files"]} < pushed_files(hub).keys()
    assert hub.errors == []


def test_files_of_another_branch_are_kept(hub: LoopbackHub, tmp_path: Path) -> None:
    out, text = make_build(tmp_path)
    send(hub, out, revision="archive")
    archived = {blob.sha256 for blob in hub.head(REPO, "archive").tree.values() if blob.lfs}
    withdraw(out, request="R-1", date="2026-11-27", reason="asked for", texts=[text])
    send(hub, out)
    erased = erase_history(REPO, token=WRITER, endpoint=hub.url)
    assert erased.commit == hub.head(REPO).oid
    assert archived <= hub.large_files.keys()
    assert erased.others == ("refs/heads/archive",)


def test_what_the_hub_refuses_is_said(hub: LoopbackHub, tmp_path: Path) -> None:
    out, _ = make_build(tmp_path)
    send(hub, out)
    with pytest.raises(BuildError, match="may not write"):
        erase_history(REPO, token=READER, endpoint=hub.url)
    with pytest.raises(UsageError, match="token"):
        erase_history(REPO, token="", endpoint=hub.url)
