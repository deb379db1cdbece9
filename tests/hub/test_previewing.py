"""A dry run of a push says what the push would do, and changes nothing on the Hub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hanpack.building.run import build as build_recipe
from hanpack.errors import BuildError, VerifyError
from hanpack.hub import PushPreview, preview_push
from hanpack.store.manifest import MANIFEST
from tests.builds import hash_files
from tests.conftest import Run, write_recipe
from tests.hub.build import expected_files, write_build
from tests.hub.client import REPO, send
from tests.hub.server import WRITER, LoopbackHub


def make_small_build(folder: Path) -> Path:
    """A build of one file, which passes."""
    recipe = write_recipe(folder, {"a.txt": "我们坚持稳中求进。".encode()})
    return build_recipe(recipe, folder / "build", num_proc=1).path


def preview(hub: LoopbackHub, build: Path, **options: Any) -> PushPreview:
    """Preview a push to the loopback Hub, which must not be changed."""
    first = len(hub.requests)
    before = {repo: hub.head(repo).oid for repo in hub.repositories}
    previewed = preview_push(build, REPO, **{"token": WRITER, "endpoint": hub.url, **options})
    assert {repo: hub.head(repo).oid for repo in hub.repositories} == before
    assert {request.method for request in hub.requests[first:]} <= {"GET", "HEAD"}
    return previewed


def test_a_push_to_a_new_repository_would_write_every_file(hub: LoopbackHub, tmp_path: Path) -> None:
    build = write_build(tmp_path / "build")
    previewed = preview(hub, build, message="First")
    assert hub.repositories == {}
    assert (previewed.is_new, previewed.message, previewed.change.deletions) == (True, "First", ())
    written = {file.path: file.bytes for file in previewed.change.additions}
    expected = {path: len(content) for path, content in expected_files(build).items()}
    assert written == expected != {}
    assert previewed.size == sum(expected.values())


@pytest.mark.parametrize(
    "options", [{}, {"revision": "next"}, {"token": ""}], ids=["main", "branch", "no token"]
)
def test_a_preview_is_what_the_push_then_does(
    hub: LoopbackHub, tmp_path: Path, options: dict[str, Any]
) -> None:
    send(hub, write_build(tmp_path / "three", shards=3))
    smaller = write_build(tmp_path / "one", shards=1, croissant=False)
    previewed = preview(hub, smaller, **options)
    done = send(hub, smaller, **options | {"token": WRITER})
    assert not previewed.is_new
    assert tuple(file.path for file in previewed.change.additions) == done.added != ()
    assert previewed.change.deletions == done.deleted != ()
    commit = hub.head(REPO, options.get("revision", "main"))
    assert previewed.message.rstrip() == "\n\n".join(filter(None, (commit.summary, commit.description)))
    assert preview(hub, smaller, **options).change.operations == 0


def test_what_a_push_refuses_a_preview_refuses(hub: LoopbackHub, tmp_path: Path) -> None:
    build = write_build(tmp_path / "build")
    send(hub, build)
    with pytest.raises(BuildError, match="exists and is public"):
        preview(hub, build, private=True)
    (build / MANIFEST).write_bytes((build / MANIFEST).read_bytes() + b" ")
    with pytest.raises(VerifyError):
        preview(hub, build)


def test_the_command_lists_files_sizes_and_the_message(
    run: Run, hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", hub.url)
    build = make_small_build(tmp_path)
    code, out, err = run("push", build, REPO, "--dry-run", "-m", "First")
    lines = out.splitlines()
    assert (code, lines[-1], len(lines)) == (0, "First", len(hash_files(build)) + 2)
    assert [line.split()[0] for line in lines[:-2]] == ["write"] * (len(lines) - 2)
    assert "a push makes it" in err
    assert "fill in card.summary, card.license / card.license_name in" in err
    assert "nothing was pushed: this was a dry run; it would write" in err


def test_a_dry_run_refuses_a_build_that_a_push_refuses(run: Run, tmp_path: Path) -> None:
    build = make_small_build(tmp_path)
    (tmp_path / "a.txt").write_text("改了。", encoding="utf-8")
    code, out, err = run("push", build, REPO, "--dry-run")
    assert (code, out) == (1, "")
    assert "build it again with --fresh" in err


def test_a_dry_run_need_not_verify_and_a_push_must(
    run: Run, hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", hub.url)
    build = make_small_build(tmp_path)
    (tmp_path / "a.txt").write_text("改了。", encoding="utf-8")
    code, out, _ = run("push", build, REPO, "--dry-run", "--no-verify")
    assert (code, len(out.splitlines()) > len(hash_files(build))) == (0, True)
    code, _, err = run("push", build, REPO, "--no-verify")
    assert (code, "a push always verifies the build" in err) == (2, True)


@pytest.mark.parametrize("is_offline", [False, True], ids=["no answer", "offline mode"])
def test_without_the_hub_all_files_are_listed_and_nothing_is_compared(
    run: Run, hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_offline: bool
) -> None:
    # Nobody listens on port 9, the one of the discard protocol.
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", hub.url if is_offline else "http://127.0.0.1:9")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", is_offline)
    build = make_small_build(tmp_path)
    code, out, err = run("push", build, REPO, "--dry-run", "-m", "First")
    lines = out.splitlines()
    assert (code, lines[-1], len(lines)) == (0, "First", len(hash_files(build)) + 2)
    assert "the Hub could not be reached (" in err
    assert "not compared with what is there" in err
    assert f"this was a dry run; the build has {len(hash_files(build))} files" in err
    assert "a push makes it" not in err
