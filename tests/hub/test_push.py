"""A push of up to 100 files is one commit that holds the whole build, whatever the Hub answers meanwhile."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

import pytest
from huggingface_hub import constants

from hanpack.building.run import build as make_build
from hanpack.errors import BuildError, UsageError, VerifyError
from hanpack.hub import WAITS, Pushed, push
from hanpack.store.manifest import MANIFEST
from tests.hub.build import CARD, CONFIGS, expected_files, rewrite, write_build
from tests.hub.client import COMMIT, REPO, pushed_files, send
from tests.hub.http import RESET
from tests.hub.server import READER, WRITER, LoopbackHub

SHARD = "data/chunks/train-00000-of-00001.parquet"


def test_the_first_push_creates_the_repository_and_makes_one_commit(hub: LoopbackHub, tmp_path: Path) -> None:
    build = write_build(tmp_path / "build")
    done = send(hub, build, message="First")
    assert pushed_files(hub) == expected_files(build)
    first, initial = hub.history(REPO)
    assert (first.summary, first.parent, first.oid) == ("First", initial.oid, done.commit)
    assert hub.count("POST", COMMIT) == 1
    assert done == Pushed(
        REPO,
        first.oid,
        f"{hub.url}/datasets/{REPO}",
        tuple(sorted(expected_files(build))),
        (),
        unchanged=False,
    )


def test_a_push_of_an_unchanged_build_makes_no_commit(hub: LoopbackHub, tmp_path: Path) -> None:
    build = write_build(tmp_path / "build")
    send(hub, build)
    head = hub.head(REPO)
    again = send(hub, build)
    assert again == Pushed(REPO, None, f"{hub.url}/datasets/{REPO}", (), (), unchanged=True)
    assert hub.head(REPO) == head
    assert (hub.count("POST", COMMIT), hub.count("POST", "/preupload/")) == (1, 1)


def test_stale_shards_go_in_the_commit_that_brings_the_new_ones(hub: LoopbackHub, tmp_path: Path) -> None:
    send(hub, write_build(tmp_path / "three", shards=3))
    smaller = write_build(tmp_path / "one", shards=1, croissant=False)
    done = send(hub, smaller)
    assert pushed_files(hub) == expected_files(smaller)
    stale = [f"data/{config}/train-{n:05}-of-00003.parquet" for config in CONFIGS for n in range(3)]
    assert done.deleted == tuple(sorted(["croissant.json", *stale]))
    # The card is the same in both builds.
    assert set(done.added) == set(expected_files(smaller)) - {"README.md"}
    assert len(hub.history(REPO)) == 3


def test_a_commit_says_what_differs_from_the_version_before(hub: LoopbackHub, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("第一篇文章说的是城市的历史。", encoding="utf-8")
    recipe = {"name": "texts", "root": str(tmp_path / "texts"), "sources": [{"path": "*.txt"}]}
    done = make_build(recipe, tmp_path / "out", num_proc=1)
    send(hub, done.path)
    assert hub.head(REPO).description == ""
    (tmp_path / "texts" / "b`[x].txt").write_text("另一篇文章说的是乡村的未来。", encoding="utf-8")
    make_build({**recipe, "chunks": {"max_tokens": 64}}, tmp_path / "out", num_proc=1)
    send(hub, done.path)
    lines = hub.head(REPO).description.splitlines()
    assert lines[:5] == [
        "Compared with the version before:",
        "",
        "- records: 1 → 2 (+1)",
        "- documents: 1 → 2 (+1)",
        "- chunks: 1 → 2 (+1)",
    ]
    assert "  - added `b [x].txt`" in lines
    assert "  - `chunks.max_tokens`: `512` → `64`" in lines


def test_a_version_before_that_cannot_be_read_is_not_compared(hub: LoopbackHub, tmp_path: Path) -> None:
    send(hub, write_build(tmp_path / "one"))
    send(hub, write_build(tmp_path / "two", shards=2))
    assert hub.head(REPO).description.startswith("The version before is not compared: its manifest")


def test_only_what_differs_is_sent(hub: LoopbackHub, tmp_path: Path) -> None:
    build = write_build(tmp_path / "build")
    send(hub, build)
    rewrite(build, {"README.md": f"{CARD}\nNew words.\n".encode()})
    uploads = hub.count("PUT", "/large/")
    assert send(hub, build).added == ("README.md", MANIFEST)
    assert hub.count("PUT", "/large/") == uploads


def test_a_shard_of_the_same_size_and_other_content_is_sent(hub: LoopbackHub, tmp_path: Path) -> None:
    build = write_build(tmp_path / "build")
    send(hub, build)
    content = (build / SHARD).read_bytes()[::-1]
    rewrite(build, {SHARD: content})
    assert send(hub, build).added == (SHARD, MANIFEST)
    assert hub.files(REPO)[SHARD] == content


def test_files_of_the_user_stay(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.create(REPO)
    foreign = {"LICENSE": b"mine", "notes/data/chunks.md": b"mine too", "database.txt": b"and this"}
    hub.commit(REPO, {**foreign, "data/train-00000.parquet": b"stale"})
    build = write_build(tmp_path / "build")
    done = send(hub, build)
    assert pushed_files(hub) == {**expected_files(build), **foreign}
    assert done.deleted == ("data/train-00000.parquet",)
    assert ".gitattributes" in hub.files(REPO)


def test_a_tree_of_many_pages_is_read_whole(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.page_size = 2
    build = write_build(tmp_path / "build", shards=2)
    send(hub, build)
    assert send(hub, build).unchanged


REFUSED: list[tuple[int | Literal["reset"], bool]] = [
    (how, False) for how in (500, 502, 503, 504, 409, 412, 429, RESET)
]
ANSWER_LOST: list[tuple[int | Literal["reset"], bool]] = [(how, True) for how in (500, 504, RESET)]


@pytest.mark.parametrize(("how", "applied"), [*REFUSED, *ANSWER_LOST])
def test_a_failing_commit_is_tried_again_and_never_made_twice(
    hub: LoopbackHub, tmp_path: Path, how: int | Literal["reset"], applied: bool
) -> None:
    build = write_build(tmp_path / "build")
    hub.fail("POST", COMMIT, how, applied=applied)
    waited: list[float] = []
    done = send(hub, build, waited)
    assert pushed_files(hub) == expected_files(build)
    assert len(hub.history(REPO)) == 2
    assert (done.commit, done.unchanged) == (hub.head(REPO).oid, False)
    assert set(done.added) == set(expected_files(build))
    assert hub.count("POST", COMMIT) == (1 if applied else 2)
    assert waited == [WAITS[0]]
    assert send(hub, build).unchanged


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", r"^/api/datasets/[^/]+/[^/]+$"),
        ("POST", "/api/repos/create"),
        ("GET", "/tree/"),
        ("POST", "/api/validate-yaml"),
        ("POST", "/preupload/"),
        ("POST", "/info/lfs/objects/batch"),
        ("PUT", "/large/"),
        ("POST", "/verify"),
    ],
)
@pytest.mark.parametrize("how", [500, RESET])
def test_trouble_at_any_request_leads_to_the_same_single_commit(
    hub: LoopbackHub, tmp_path: Path, method: str, path: str, how: int | Literal["reset"]
) -> None:
    build = write_build(tmp_path / "build")
    hub.fail(method, path, how)
    done = send(hub, build)
    assert hub.count(method, path) >= 2
    assert pushed_files(hub) == expected_files(build)
    assert [commit.oid for commit in hub.history(REPO)[:-1]] == [done.commit]


def test_a_commit_whose_files_cannot_be_listed_at_first_is_still_reported(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    # Six times, since the client itself asks for a tree that often.
    hub.before("POST", COMMIT, partial(hub.fail, "GET", "/tree/", 500, times=6))
    waited: list[float] = []
    done = send(hub, write_build(tmp_path / "build"), waited)
    assert waited == [WAITS[0]]
    assert (done.commit, done.unchanged) == (hub.head(REPO).oid, False)
    assert hub.count("POST", COMMIT) == 1


def test_a_repository_created_without_an_answer_is_used(hub: LoopbackHub, tmp_path: Path) -> None:
    build = write_build(tmp_path / "build")
    hub.fail("POST", "/api/repos/create", RESET, applied=True)
    send(hub, build)
    assert pushed_files(hub) == expected_files(build)


def test_a_commit_of_another_user_in_between_survives(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.create(REPO)
    build = write_build(tmp_path / "build")
    hub.before("POST", COMMIT, partial(hub.commit, REPO, {"LICENSE": b"mine", "data/old.parquet": b"stale"}))
    done = send(hub, build)
    assert pushed_files(hub) == {**expected_files(build), "LICENSE": b"mine"}
    assert done.deleted == ("data/old.parquet",)
    assert [commit.summary for commit in hub.history(REPO)] == [
        "Push a hanpack build",
        "another user's commit",
        "initial commit",
    ]


def test_the_same_build_pushed_by_another_in_between_is_not_pushed_again(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    hub.create(REPO)
    build = write_build(tmp_path / "build")
    hub.before("POST", COMMIT, partial(hub.commit, REPO, {**expected_files(build)}))
    assert send(hub, build).unchanged
    assert len(hub.history(REPO)) == 2


@pytest.mark.parametrize("how", [500, 409, 412, RESET])
def test_lasting_trouble_ends_the_push_after_five_attempts(
    hub: LoopbackHub, tmp_path: Path, how: int | Literal["reset"]
) -> None:
    hub.fail("POST", COMMIT, how, times=100)
    waited: list[float] = []
    with pytest.raises(BuildError, match="5 attempts"):
        send(hub, write_build(tmp_path / "build"), waited)
    assert waited == list(WAITS)
    assert hub.count("POST", COMMIT) == 5
    assert pushed_files(hub) == {}


def test_a_commit_that_leaves_files_out_is_an_error(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.ignored.add("data/ledger/train-00000-of-00001.parquet")
    with pytest.raises(BuildError, match=r"not the whole build: data/ledger/.*gitignore"):
        send(hub, write_build(tmp_path / "build"))


def test_a_card_the_hub_refuses_stops_the_push_before_anything_is_uploaded(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    build = write_build(tmp_path / "build")
    rewrite(build, {"README.md": b"---\nlicense: [\n---\n"})
    with pytest.raises(BuildError, match=r"(?s)Invalid metadata in README\.md.*while parsing"):
        send(hub, build)
    assert (hub.count("POST", COMMIT), hub.count("PUT", "/large/")) == (0, 0)


def test_a_branch_is_created_and_main_left_alone(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.create(REPO)
    build = write_build(tmp_path / "build")
    done = send(hub, build, revision="v2/draft")
    assert hub.head(REPO, "v2/draft").oid == done.commit
    assert pushed_files(hub) == {}
    assert send(hub, build, revision="v2/draft").unchanged


def test_a_new_repository_is_private_with_private(hub: LoopbackHub, tmp_path: Path) -> None:
    build = write_build(tmp_path / "build")
    send(hub, build, private=True)
    assert hub.repositories[REPO].private
    assert send(hub, build, private=True).unchanged


def test_a_private_push_to_a_public_repository_is_refused(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.create(REPO)
    with pytest.raises(BuildError, match="exists and is public"):
        send(hub, write_build(tmp_path / "build"), private=True)
    assert pushed_files(hub) == {}


def test_without_a_token_the_error_says_how_to_log_in(hub: LoopbackHub, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no token.*hf auth login.*HF_TOKEN"):
        send(hub, write_build(tmp_path / "build"), token=None)
    assert hub.requests == []


def test_the_login_of_the_client_serves_as_token(
    hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", WRITER)
    assert not send(hub, write_build(tmp_path / "build"), token=None).unchanged


@pytest.mark.parametrize(
    ("token", "message"),
    [("hf_unknown", "does not accept the token.*hf auth login"), (READER, "may not write.*write access")],
)
@pytest.mark.parametrize("exists", [False, True])
def test_a_token_that_the_hub_refuses_is_reported_and_not_shown(
    hub: LoopbackHub, tmp_path: Path, token: str, message: str, exists: bool
) -> None:
    if exists:
        hub.create(REPO)
    with pytest.raises(BuildError, match=message) as caught:
        send(hub, write_build(tmp_path / "build"), token=token)
    assert token not in str(caught.value)
    assert hub.count("POST", COMMIT) == 0


def test_a_token_that_the_hub_echoes_is_not_shown(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.fail("POST", COMMIT, 400, message=f"what is {WRITER}?")
    with pytest.raises(BuildError, match=r"HTTP 400: what is \[token\]\?") as caught:
        send(hub, write_build(tmp_path / "build"))
    assert WRITER not in str(caught.value)


@pytest.mark.parametrize("token", ["", "  ", "hf_\nbroken", "hf_汉"])
def test_a_token_that_cannot_be_one_never_leaves(hub: LoopbackHub, tmp_path: Path, token: str) -> None:
    with pytest.raises(UsageError) as caught:
        send(hub, write_build(tmp_path / "build"), token=token)
    assert hub.requests == []
    assert "broken" not in str(caught.value)


@pytest.mark.parametrize("name", ["reports", "a/b/c", "some body/reports", "somebody/re--ports", "", "a/"])
def test_a_bad_repository_name_is_refused_before_any_request(
    hub: LoopbackHub, tmp_path: Path, name: str
) -> None:
    with pytest.raises(UsageError, match="NAMESPACE/NAME"):
        push(write_build(tmp_path / "build"), name, token=WRITER, endpoint=hub.url)
    assert hub.requests == []


@pytest.mark.parametrize("revision", ["", " ", "0123456789" * 4])
def test_a_revision_that_is_no_branch_is_refused(hub: LoopbackHub, tmp_path: Path, revision: str) -> None:
    with pytest.raises(UsageError, match="goes to a branch"):
        send(hub, write_build(tmp_path / "build"), revision=revision)


def test_offline_mode_is_named(hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    waited: list[float] = []
    with pytest.raises(BuildError, match="unset HF_HUB_OFFLINE"):
        send(hub, write_build(tmp_path / "build"), waited)
    assert waited == []


def test_nothing_is_sent_where_verify_fails(hub: LoopbackHub, tmp_path: Path) -> None:
    build = write_build(tmp_path / "build")
    seen = []

    def verify(folder: Path) -> None:
        seen.append(folder)
        raise VerifyError("a span is wrong", str(folder))

    with pytest.raises(VerifyError, match="a span is wrong"):
        send(hub, build, verify=verify)
    assert seen == [build]
    assert hub.requests == []
