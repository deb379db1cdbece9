"""Only a whole build that is what its manifest says is sent: every fault is named before any request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hanpack.errors import BuildError, HanpackError, UsageError, VerifyError
from hanpack.store.manifest import MANIFEST
from tests.hub.build import expected_files, forge_entry, write_build, write_manifest
from tests.hub.client import REPO, pushed_files, send
from tests.hub.server import LoopbackHub

SHARD = "data/chunks/train-00000-of-00001.parquet"


def replace_by_link(build: Path) -> None:
    (build / SHARD).rename(build.parent / "elsewhere.parquet")
    (build / SHARD).symlink_to(build.parent / "elsewhere.parquet")


def replace_folder_by_link(build: Path) -> None:
    (build / "data/chunks").rename(build.parent / "elsewhere")
    (build / "data/chunks").symlink_to(build.parent / "elsewhere")


def replace_text(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def drop_card(build: Path) -> None:
    (build / "README.md").unlink()


@pytest.mark.parametrize(
    ("spoil", "kind", "message"),
    [
        (lambda build: (build / MANIFEST).unlink(), UsageError, "not a build: it has no hanpack.json"),
        (lambda build: (build / MANIFEST).write_text("{"), VerifyError, "manifest is broken"),
        (lambda build: (build / MANIFEST).write_bytes(b"\xff"), VerifyError, "manifest is broken"),
        (lambda build: (build / MANIFEST).write_text("[]"), VerifyError, "manifest is broken"),
        (lambda build: (build / MANIFEST).write_text('{"files": []}'), VerifyError, "manifest is broken"),
        (
            lambda build: replace_text(build / MANIFEST, "reports", "no"),
            VerifyError,
            "manifest was changed",
        ),
        (lambda build: write_manifest(build, []), UsageError, "lists no shards"),
        (lambda build: forge_entry(build, "README.md", path="croissant.json"), UsageError, "no README.md"),
        (lambda build: forge_entry(build, SHARD, sha256="0"), VerifyError, "its sha256 differs"),
        (lambda build: forge_entry(build, SHARD, sha256="0" * 64), VerifyError, "its sha256 differs"),
        (lambda build: (build / "README.md").write_text("new"), VerifyError, "README.md is not the file"),
        (drop_card, BuildError, "no README.md"),
        (lambda build: (build / SHARD).unlink(), BuildError, f"no {SHARD}"),
        (replace_by_link, VerifyError, "link out of the build"),
        (replace_folder_by_link, VerifyError, "link out of the build"),
    ],
)
def test_a_folder_that_is_not_a_whole_build_is_refused_before_any_request(
    hub: LoopbackHub,
    tmp_path: Path,
    spoil: Callable[[Path], object],
    kind: type[HanpackError],
    message: str,
) -> None:
    build = write_build(tmp_path / "build")
    spoil(build)
    with pytest.raises(kind, match=message) as caught:
        send(hub, build)
    assert str(build) in str(caught.value)
    assert hub.requests == []


@pytest.mark.parametrize(
    "path",
    [
        "../secret.parquet",
        "/etc/secret.parquet",
        "data/../secret.parquet",
        "data/chunks/../../secret.parquet",
        "data/chunks/deeper/train-00000-of-00001.parquet",
        "data/chunks\\train-00000-of-00001.parquet",
        "data/chunks/.train-00000.parquet",
        "data/chunks/train-00000.parquet\n",
        "data/chunks/notes.txt",
        "data/notes/train-00000-of-00001.parquet",
        "data/chunks_/train-00000-of-00001.parquet",
        "data/dedup_features/train-00000-of-00001.parquet",
        ".hanpack/state.json",
        "LICENSE",
        "",
    ],
)
def test_a_manifest_that_lists_a_file_that_no_build_has_is_refused(
    hub: LoopbackHub, tmp_path: Path, path: str
) -> None:
    build = write_build(tmp_path / "build")
    forge_entry(build, SHARD, path=path)
    with pytest.raises(UsageError, match="no build has"):
        send(hub, build)
    assert hub.requests == []


def test_a_file_that_the_manifest_does_not_list_stays_here(hub: LoopbackHub, tmp_path: Path) -> None:
    build = write_build(tmp_path / "build", croissant=False)
    (build / "croissant.json").write_text("{}", encoding="utf-8")
    (build / "data/chunks/train-00001-of-00002.parquet").write_bytes(b"of another build")
    send(hub, build)
    assert pushed_files(hub) == expected_files(build)
    assert "croissant.json" not in hub.files(REPO)
