"""A push of more than 100 files reaches main as one merge, whatever fails or happens on the way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Literal

import pytest

from hanpack.building.run import build as build_recipe
from hanpack.errors import BuildError
from hanpack.hub import WAITS
from hanpack.hub.pull_requests import OPERATIONS_PER_COMMIT, make_title
from hanpack.store.manifest import MANIFEST, read_manifest
from hanpack.store.shards import describe_file
from tests.conftest import MakeRecipe
from tests.hub.build import CARD, expected_files, rewrite, write_build
from tests.hub.client import COMMIT, REPO, pushed_files, send
from tests.hub.http import RESET
from tests.hub.repository import PullRequest
from tests.hub.server import LoopbackHub

DISCUSSIONS = "/discussions$"
STATUS, MERGE, DETAILS = r"/discussions/\d+/status$", r"/discussions/\d+/merge$", r"/discussions/\d+$"
COMMIT_TO_PULL_REQUEST = "/commit/refs%2Fpr%2F"
FOREIGN = {"LICENSE": b"mine"}


@pytest.fixture
def old(hub: LoopbackHub, tmp_path: Path) -> Path:
    """A small build that main holds before the push, beside a file of the user."""
    build = write_build(tmp_path / "old", shards=2)
    send(hub, build)
    hub.commit(REPO, {**FOREIGN})
    return build


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A build of 123 files, no two the same."""
    return write_build(tmp_path / "large", shards=40, count=40)


def title_of(build: Path, head: str) -> str:
    return make_title("Push", describe_file(build / MANIFEST, build).sha256, head)


def statuses(hub: LoopbackHub) -> list[str]:
    return [pull_request.status for pull_request in hub.repositories[REPO].pull_requests]


def assert_readers_saw(hub: LoopbackHub, *versions: Mapping[str, bytes]) -> None:
    """At every request main was one of these versions, whole; it was each of them in turn."""
    states: list[dict[str, bytes]] = []
    for commit in hub.mains(REPO):
        state = {path: blob.content for path, blob in commit.tree.items() if path != ".gitattributes"}
        if not states or states[-1] != state:
            states.append(state)
    assert [sorted(state) for state in states] == [sorted(version) for version in versions]
    assert states == list(versions)


def versions_before(old: Path) -> tuple[dict[str, bytes], ...]:
    return {}, expected_files(old), {**expected_files(old), **FOREIGN}


def test_a_real_build_of_more_than_100_files_reaches_main_in_one_commit(
    hub: LoopbackHub, old: Path, make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    names = ("春天", "夏天", "秋天")
    files = {f"{name}.txt": f"这一份报告讲的是{name}的事情。".encode() for name in names}
    recipe = make_recipe(
        files,
        splits={"validation": {"source": "夏*"}, "test": {"source": "秋*"}},
        more={f"chunks_of_{tokens}": {"max_tokens": tokens} for tokens in range(16, 50)},
    )
    built = build_recipe(recipe, tmp_path / "out").path
    before = hub.history(REPO)
    done = send(hub, built, message="All tables")
    whole = {**expected_files(built), **FOREIGN}
    assert len(whole) > OPERATIONS_PER_COMMIT
    assert_readers_saw(hub, *versions_before(old), whole)
    merged, *rest = hub.history(REPO)
    assert rest == before
    assert (done.commit, done.unchanged) == (merged.oid, False)
    assert set(done.added) == set(expected_files(built))
    assert set(done.deleted) == set(expected_files(old)) - set(expected_files(built))
    assert done.deleted
    assert merged.summary.startswith("All tables [hanpack ")
    assert statuses(hub) == ["merged"]


def test_no_commit_is_larger_than_the_hub_advises_and_deletions_come_last(
    hub: LoopbackHub, large: Path, tmp_path: Path
) -> None:
    send(hub, large)
    hub.requests.clear()
    send(hub, write_build(tmp_path / "small"))
    commits = [
        [json.loads(line)["key"] for line in request.body.splitlines()[1:]]
        for request in hub.requests
        if COMMIT_TO_PULL_REQUEST in request.path
    ]
    assert [len(operations) for operations in commits] == [100, 24]
    operations = [operation for commit in commits for operation in commit]
    assert operations == sorted(operations, key=lambda operation: operation == "deletedFile")
    assert operations.count("deletedFile") == 120


@pytest.mark.parametrize(("stale", "pull_requests"), [(1, []), (2, ["merged"])])
def test_up_to_100_files_go_in_one_commit(
    hub: LoopbackHub, tmp_path: Path, stale: int, pull_requests: list[str]
) -> None:
    build = write_build(tmp_path / "build", shards=32)
    assert len(expected_files(build)) == OPERATIONS_PER_COMMIT - 1
    hub.create(REPO)
    hub.commit(REPO, {f"data/old-{number}.parquet": b"stale" for number in range(stale)})
    done = send(hub, build)
    assert pushed_files(hub) == expected_files(build)
    assert len(done.deleted) == stale
    assert statuses(hub) == pull_requests


def test_a_large_push_of_an_unchanged_build_does_nothing(hub: LoopbackHub, large: Path) -> None:
    send(hub, large)
    head = hub.head(REPO)
    assert send(hub, large).unchanged
    assert hub.head(REPO) == head
    assert statuses(hub) == ["merged"]


def test_the_first_push_may_be_a_large_one(hub: LoopbackHub, large: Path) -> None:
    done = send(hub, large)
    assert_readers_saw(hub, {}, expected_files(large))
    assert hub.head(REPO).oid == done.commit


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/whoami-v2$"),
        ("GET", DISCUSSIONS),
        ("POST", DISCUSSIONS),
        ("GET", DETAILS),
        ("POST", COMMIT_TO_PULL_REQUEST),
        ("POST", STATUS),
        ("POST", MERGE),
    ],
)
@pytest.mark.parametrize(("how", "applied"), [(500, False), (504, True), (RESET, False), (RESET, True)])
def test_trouble_at_any_request_leads_to_the_same_single_merge(
    hub: LoopbackHub,
    old: Path,
    large: Path,
    method: str,
    path: str,
    how: int | Literal["reset"],
    applied: bool,
) -> None:
    before = hub.history(REPO)
    hub.fail(method, path, how, applied=applied)
    waited: list[float] = []
    done = send(hub, large, waited)
    assert waited == [WAITS[0]]
    assert_readers_saw(hub, *versions_before(old), {**expected_files(large), **FOREIGN})
    assert hub.history(REPO)[1:] == before
    assert (done.commit, done.unchanged) == (hub.head(REPO).oid, False)
    assert set(done.added) == set(expected_files(large)) - {"README.md", "croissant.json"}
    assert statuses(hub) == ["merged"]


def test_every_commit_that_arrives_brings_new_attempts(hub: LoopbackHub, old: Path, large: Path) -> None:
    for method, path, skip in [
        ("POST", COMMIT_TO_PULL_REQUEST, 0),
        ("POST", COMMIT_TO_PULL_REQUEST, 1),
        ("POST", STATUS, 0),
        ("POST", MERGE, 0),
        ("GET", DETAILS, 1),
    ]:
        hub.fail(method, path, 500, skip=skip)
    waited: list[float] = []
    send(hub, large, waited)
    assert waited == [1.0, 1.0, 1.0, 2.0, 4.0]
    assert pushed_files(hub) == {**expected_files(large), **FOREIGN}
    assert statuses(hub) == ["merged"]


def interrupt(
    hub: LoopbackHub, build: Path, path: str = COMMIT_TO_PULL_REQUEST, skip: int = 1
) -> PullRequest:
    """Start a push whose requests to ``path`` all fail after the first ``skip``; main stays as it is."""
    head = hub.head(REPO)
    hub.fail("POST", path, 504, times=100, skip=skip)
    with pytest.raises(BuildError, match="5 attempts"):
        send(hub, build)
    hub.faults.clear()
    assert hub.head(REPO) == head
    return hub.repositories[REPO].pull_requests[-1]


@pytest.mark.parametrize(
    ("path", "skip", "remaining"),
    [(COMMIT_TO_PULL_REQUEST, 0, 2), (COMMIT_TO_PULL_REQUEST, 1, 1), (STATUS, 0, 0), (MERGE, 0, 0)],
)
def test_an_interrupted_push_leaves_main_alone_and_the_next_push_finishes_it(
    hub: LoopbackHub, old: Path, large: Path, path: str, skip: int, remaining: int
) -> None:
    unfinished = interrupt(hub, large, path, skip)
    assert pushed_files(hub) == {**expected_files(old), **FOREIGN}
    commits = hub.count("POST", COMMIT)
    done = send(hub, large, message="Another message")
    assert hub.count("POST", COMMIT) == commits + remaining
    assert hub.repositories[REPO].pull_requests == [unfinished]
    assert (unfinished.status, unfinished.merge_commit) == ("merged", done.commit)
    assert_readers_saw(hub, *versions_before(old), {**expected_files(large), **FOREIGN})
    uploads = [request.path for request in hub.requests if request.method == "PUT"]
    assert len(uploads) == len(set(uploads)) == 120 + 6


def test_a_stopped_process_leaves_main_alone(hub: LoopbackHub, old: Path, large: Path) -> None:
    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    hub.fail("POST", COMMIT_TO_PULL_REQUEST, RESET, skip=1, applied=True)
    with pytest.raises(KeyboardInterrupt):
        send(hub, large, pause=stop)
    assert pushed_files(hub) == {**expected_files(old), **FOREIGN}
    send(hub, large)
    assert_readers_saw(hub, *versions_before(old), {**expected_files(large), **FOREIGN})
    assert statuses(hub) == ["merged"]


def test_another_build_closes_the_pull_request_of_the_interrupted_push(
    hub: LoopbackHub, old: Path, large: Path, tmp_path: Path
) -> None:
    newer = write_build(tmp_path / "newer", shards=45)
    interrupt(hub, large)
    send(hub, newer)
    assert_readers_saw(hub, *versions_before(old), {**expected_files(newer), **FOREIGN})
    assert statuses(hub) == ["closed", "merged"]


def test_a_push_that_only_has_to_merge_closes_older_pull_requests_too(
    hub: LoopbackHub, old: Path, large: Path, tmp_path: Path
) -> None:
    newer = write_build(tmp_path / "newer", shards=45)
    interrupt(hub, large)
    interrupt(hub, newer, MERGE, 0)
    send(hub, newer)
    assert_readers_saw(hub, *versions_before(old), {**expected_files(newer), **FOREIGN})
    assert statuses(hub) == ["closed", "merged"]


def test_pull_requests_of_others_and_of_other_programs_are_left_alone(
    hub: LoopbackHub, old: Path, large: Path
) -> None:
    repository = hub.repositories[REPO]
    title = title_of(large, hub.head(REPO).oid)
    forged = repository.open_pull_request(title, "mallory")
    hub.commit(REPO, {"evil.py": b"import os"}, branch=forged.reference)
    repository.open_pull_request("Correct the card", "somebody")
    repository.open_pull_request("Answer me: what is [hanpack]", "a-reader")
    send(hub, large)
    assert_readers_saw(hub, *versions_before(old), {**expected_files(large), **FOREIGN})
    assert statuses(hub) == ["draft", "draft", "draft", "merged"]


def test_a_pull_request_into_which_another_file_was_committed_is_not_merged(
    hub: LoopbackHub, old: Path, large: Path
) -> None:
    unfinished = interrupt(hub, large)
    hub.commit(REPO, {"evil.py": b"import os"}, branch=unfinished.reference)
    send(hub, large)
    assert_readers_saw(hub, *versions_before(old), {**expected_files(large), **FOREIGN})
    assert statuses(hub) == ["closed", "merged"]


def test_a_shard_that_another_user_committed_to_the_pull_request_is_replaced(
    hub: LoopbackHub, old: Path, large: Path
) -> None:
    unfinished = interrupt(hub, large)
    shard = read_manifest(large).tables["chunks"][0].path
    hub.commit(REPO, {shard: b"other", "data/more.parquet": b"more"}, branch=unfinished.reference)
    send(hub, large)
    assert_readers_saw(hub, *versions_before(old), {**expected_files(large), **FOREIGN})
    assert statuses(hub) == ["merged"]


THEIRS = {"notes.md": b"theirs", "data/theirs.parquet": b"stale"}


@pytest.mark.parametrize(
    "request_of_push", [("POST", DISCUSSIONS), ("POST", COMMIT_TO_PULL_REQUEST), ("GET", "/revision/main$")]
)
def test_a_commit_of_another_user_during_the_upload_survives(
    hub: LoopbackHub, old: Path, large: Path, request_of_push: tuple[str, str]
) -> None:
    hub.before(*request_of_push, partial(hub.commit, REPO, {**THEIRS}))
    done = send(hub, large)
    between = {**expected_files(old), **FOREIGN, **THEIRS}
    after = {**expected_files(large), **FOREIGN, "notes.md": b"theirs"}
    assert_readers_saw(hub, *versions_before(old), between, after)
    assert "data/theirs.parquet" in done.deleted
    assert statuses(hub) == ["closed", "merged"]


def test_a_commit_of_another_user_at_the_moment_of_the_merge_survives(
    hub: LoopbackHub, old: Path, large: Path
) -> None:
    hub.before("POST", MERGE, partial(hub.commit, REPO, {**THEIRS}))
    done = send(hub, large)
    assert pushed_files(hub) == {**expected_files(large), **FOREIGN, "notes.md": b"theirs"}
    assert (done.commit, done.deleted) == (hub.head(REPO).oid, ("data/theirs.parquet",))
    assert statuses(hub) == ["merged"]


def test_a_conflict_at_the_moment_of_the_merge_starts_another_pull_request(
    hub: LoopbackHub, old: Path, large: Path
) -> None:
    rewrite(large, {"README.md": f"{CARD}\nMany shards.\n".encode()})
    hub.before("POST", MERGE, partial(hub.commit, REPO, {"README.md": b"theirs"}))
    send(hub, large)
    between = {**expected_files(old), **FOREIGN, "README.md": b"theirs"}
    assert_readers_saw(hub, *versions_before(old), between, {**expected_files(large), **FOREIGN})
    assert statuses(hub) == ["closed", "merged"]


@pytest.mark.parametrize("request_of_push", [("POST", DISCUSSIONS), ("GET", "/revision/main$")])
def test_a_branch_that_moves_at_every_attempt_ends_the_push(
    hub: LoopbackHub, old: Path, large: Path, request_of_push: tuple[str, str]
) -> None:
    def move() -> None:
        hub.commit(REPO, {"notes.md": hub.head(REPO).oid.encode()})
        hub.before(*request_of_push, move)

    move()
    with pytest.raises(BuildError, match="5 attempts: main has moved"):
        send(hub, large)
    assert {path: pushed_files(hub)[path] for path in expected_files(old)} == expected_files(old)


def test_a_merge_that_the_hub_refuses_for_good_is_reported(hub: LoopbackHub, old: Path, large: Path) -> None:
    hub.fail("POST", MERGE, 403, message="main is protected")
    with pytest.raises(BuildError, match="may not write to this repository: main is protected"):
        send(hub, large)
    assert pushed_files(hub) == {**expected_files(old), **FOREIGN}


def test_a_pull_request_that_lacks_files_is_not_merged(hub: LoopbackHub, old: Path, large: Path) -> None:
    ignored = read_manifest(large).tables["ledger"][-1].path
    hub.ignored.add(ignored)
    with pytest.raises(BuildError, match=f"not the whole build: {ignored}.*gitignore"):
        send(hub, large)
    assert pushed_files(hub) == {**expected_files(old), **FOREIGN}
    assert hub.count("POST", MERGE) == 0


def test_a_card_that_the_hub_refuses_stops_the_push_before_any_upload(
    hub: LoopbackHub, old: Path, large: Path
) -> None:
    rewrite(large, {"README.md": b"---\nlicense: [\n---\n"})
    uploads = hub.count("PUT", "/large/")
    with pytest.raises(BuildError, match=r"Invalid metadata in README\.md"):
        send(hub, large)
    assert hub.count("PUT", "/large/") == uploads
    assert hub.count("POST", COMMIT_TO_PULL_REQUEST) == 0


def test_a_large_push_to_another_branch_is_one_commit(hub: LoopbackHub, old: Path, large: Path) -> None:
    done = send(hub, large, revision="v2")
    assert hub.files(REPO, "v2") == {
        **expected_files(large),
        **FOREIGN,
        ".gitattributes": hub.files(REPO)[".gitattributes"],
    }
    assert len(done.added) > OPERATIONS_PER_COMMIT
    assert [commit.oid for commit in hub.history(REPO, "v2")[:2]] == [done.commit, hub.head(REPO).oid]
    assert statuses(hub) == []
