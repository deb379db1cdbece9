"""A build at a URL is read by ranges: looks give what they give of its folder, and transfer little."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import fsspec
import pytest
from huggingface_hub import constants

from hanpack.audit.verification import verify
from hanpack.building.run import build
from hanpack.cli import main
from hanpack.errors import UsageError, VerifyError
from hanpack.store.manifest import MANIFEST, SEARCH_INDEX, dump_manifest, read_manifest
from hanpack.store.partial_reads import open_dataset
from hanpack.store.reader import BuildReader
from hanpack.store.shards import describe_file
from hanpack.views.find import find_chunks
from hanpack.views.finding.search import find_texts
from hanpack.views.inspect import describe_build
from hanpack.views.token_trace import trace_token
from hanpack.views.trace import trace
from tests.builds import read_rows
from tests.conftest import write_recipe
from tests.crafted_build import craft_manifest, set_value
from tests.hub.client import REPO, send
from tests.hub.conftest import hub as hub
from tests.hub.server import LoopbackHub
from tests.planted_texts import TextMaker

PLACES = ("hf", "http", "memory")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of some shards for each table, with copies and packed sequences."""
    folder = tmp_path_factory.mktemp("remote")
    maker = TextMaker(51)
    texts = [maker.text(600) for _ in range(40)]
    texts.append(maker.to_traditional(texts[3]))
    files = {f"{number:03d}.txt": text.encode() for number, text in enumerate(texts)}
    recipe = write_recipe(folder / "corpus", files, packed={"tokens": 512}, shard_size=400_000)
    return build(recipe, folder / "out", num_proc=1).path


def use_hub(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the client of this process read hf:// from the loopback Hub."""
    template = "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", f"{hub.url}{template}")


@pytest.fixture
def locate(local: Path, hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """A function that puts the build at a place, and returns the URL."""
    use_hub(hub, monkeypatch)
    memory = fsspec.filesystem("memory")

    def put(place: str) -> str:
        if place == "memory":
            memory.put(str(local), "/published/out", recursive=True)
            return "memory://published/out"
        send(hub, local)
        hub.requests.clear()
        return f"hf://datasets/{REPO}" if place == "hf" else f"{hub.url}/datasets/{REPO}/resolve/main"

    yield put
    memory.rm("/", recursive=True)


def count_bytes(hub: LoopbackHub) -> int:
    """The bytes of shards that were asked for; a request that names no range counts as infinitely many."""
    spans = [seen.headers.get("Range", "") for seen in hub.requests if ".parquet" in seen.path]
    assert spans
    ends = [span.removeprefix("bytes=").split("-") for span in spans]
    return sum(int(end) + 1 - int(start) for start, end in ends)


@pytest.mark.parametrize("place", PLACES)
def test_looks_give_what_they_give_of_the_folder(
    local: Path, locate: Callable[[str], str], place: str
) -> None:
    url = locate(place)
    sources = local.parent / "corpus"
    chunk = read_rows(local, "chunks")[50]
    assert trace(url, chunk["id"], sources) == trace(local, chunk["id"])
    assert trace_token(url, "1:7", sources) == trace_token(local, "1:7")
    assert describe_build(url) == {**describe_build(local), "path": url}
    text = chunk["text"][10:40]
    assert find_chunks(url, text) == find_chunks(local, text)
    assert find_texts(url, [text], sources).answers == find_texts(local, [text]).answers
    assert [place.fate for place in find_texts(url, [text]).answers[0].places][:1] == ["kept"]
    table = open_dataset(BuildReader.open(url), "chunks").to_table(columns=["id"])
    assert table.column("id").to_pylist() == [row["id"] for row in read_rows(local, "chunks")]


@pytest.mark.parametrize("place", PLACES)
def test_a_trace_without_sources_has_the_edits_and_no_raw_text(
    local: Path,
    locate: Callable[[str], str],
    place: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = locate(place)
    chunk = read_rows(local, "chunks")[0]
    traced, expected = trace(url, chunk["id"]), trace(local, chunk["id"])
    assert [edited.edit for edited in traced.edits] == [edited.edit for edited in expected.edits]
    assert (traced.raw, traced.as_json()["raw"]) == ("", None)
    token = trace_token(url, "0:3")
    assert (token.raw, token.byte_start) == ("", trace_token(local, "0:3").byte_start)
    monkeypatch.setattr(sys, "argv", ["hanpack", "trace", url, chunk["id"]])
    with pytest.raises(SystemExit) as stop:
        main()
    shown = capsys.readouterr().out
    assert stop.value.code in (None, 0)
    assert "the sources are not at hand" in shown
    assert chunk["text"][:8] in shown


@pytest.mark.parametrize("place", ["hf", "http"])
def test_a_look_transfers_a_part_of_the_build(
    hub: LoopbackHub, local: Path, locate: Callable[[str], str], place: str
) -> None:
    url = locate(place)
    shards = sum(path.stat().st_size for path in local.glob("data/*/*.parquet"))
    chunk = read_rows(local, "chunks")[50]
    looks: dict[str, Callable[[], object]] = {
        "trace": lambda: trace(url, chunk["id"]),
        "token": lambda: trace_token(url, "1:7"),
        "inspect": lambda: describe_build(url, 1),
        "find": lambda: find_texts(url, [chunk["text"][10:40]]),
    }
    transferred = {}
    for name, look in looks.items():
        hub.requests.clear()
        look()
        transferred[name] = count_bytes(hub)
    # Each reads the small columns and the pages that it needs: find all texts of documents, and no edits.
    assert max(transferred[name] for name in ("inspect", "token", "trace")) < 0.3 * shards
    assert transferred["find"] < 0.75 * shards


def test_the_hub_is_read_at_one_commit(
    hub: LoopbackHub, local: Path, locate: Callable[[str], str], tmp_path: Path
) -> None:
    reader = BuildReader.open(locate("hf"))
    maker = TextMaker(52)
    other = write_recipe(tmp_path / "corpus", {"a.txt": maker.text(9).encode()}, name="corpus")
    send(hub, build(other, tmp_path / "out", num_proc=1).path)
    ids = reader.read("chunks", ["id"]).column("id").to_pylist()
    assert ids == [row["id"] for row in read_rows(local, "chunks")]


@pytest.mark.parametrize("place", PLACES)
def test_verify_proves_what_needs_no_sources(local: Path, locate: Callable[[str], str], place: str) -> None:
    url = locate(place)
    audit = verify(url)
    assert (audit.passed, audit.checked["chunks"]) == (True, len(read_rows(local, "chunks")))
    assert any("sources not at hand" in note for note in audit.notes)
    assert any("lists no files" in note for note in audit.notes) == (place == "http")


def test_verify_with_the_sources_builds_again(local: Path, locate: Callable[[str], str]) -> None:
    audit = verify(locate("memory"), local.parent / "corpus")
    assert (audit.passed, audit.checked["replays"]) == (True, 41)


def test_verify_names_a_changed_and_a_further_file(hub: LoopbackHub, locate: Callable[[str], str]) -> None:
    url = locate("hf")
    hub.commit(REPO, {"README.md": hub.files(REPO)["README.md"][:-1] + b"!", "data/x/more.bin": b"x"})
    faults = {fault.where: fault.what for fault in verify(url).faults}
    assert faults.keys() == {"README.md", "data/x/more.bin"}
    path = next(path for path in hub.files(REPO) if path.startswith("data/chunks/"))
    hub.commit(REPO, {path: hub.files(REPO)[path] + b"x"})
    with pytest.raises(VerifyError, match=r"bytes, not the"):
        trace(url, "x")


def test_a_remote_manifest_is_checked_like_a_local_one(
    hub: LoopbackHub, locate: Callable[[str], str], local: Path, tmp_path: Path
) -> None:
    url = locate("hf")
    crafted = tmp_path / "hanpack.json"
    crafted.write_bytes(hub.files(REPO)["hanpack.json"])
    craft_manifest(tmp_path, set_value("../../outside.parquet", "files", 3, "path"))
    hub.commit(REPO, {"hanpack.json": crafted.read_bytes()})
    for look in (describe_build, verify, lambda place: trace(place, "x")):
        with pytest.raises(VerifyError, match=r"files"):
            look(url)
    hub.commit(REPO, {"hanpack.json": b"{"})
    with pytest.raises(VerifyError, match=r"broken"):
        describe_build(url)


def test_what_cannot_be_read_says_so(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    use_hub(hub, monkeypatch)
    for url in ("hf://datasets/no/build", f"{hub.url}/datasets/no/build/resolve/main", "memory://nothing"):
        with pytest.raises(VerifyError) as caught:
            describe_build(url)
        assert url in str(caught.value)
    with pytest.raises((UsageError, VerifyError), match=r"nonsense"):
        describe_build("nonsense://a/b")


def test_a_server_that_sends_only_whole_files_is_named_as_the_cause(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text("{}", encoding="utf-8")
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    ) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(
            VerifyError, match=r"only whole files — use a server that answers requests for ranges"
        ):
            describe_build(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


@pytest.fixture(scope="module")
def searchable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build with a search index: two splits, several shards and tables of chunks, metadata."""
    folder = tmp_path_factory.mktemp("searchable")
    maker = TextMaker(52)
    records = [{"text": maker.text(400), "title": maker.text(1)} for _ in range(60)]
    records[7]["text"] += maker.text(4000)
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    options = {"splits": {"test": 0.3}, "more": {"chunks_small": {"max_tokens": 64, "headings": True}}}
    recipe = write_recipe(
        folder / "corpus", {"a.jsonl": lines.encode()}, search_index=True, shard_size=300_000, **options
    )
    return build(recipe, folder / "out", num_proc=1).path


def test_a_search_index_gives_the_same_answers_and_reads_little(
    searchable: Path, hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_hub(hub, monkeypatch)
    send(hub, searchable)
    documents = read_rows(searchable, "documents")
    texts = [document["text"][start : start + 12] for document in documents for start in (0, 300)]
    texts += [document["text"][-12:] for document in documents]
    texts += [document["metadata"]["title"] for document in documents]
    url = f"hf://datasets/{REPO}"
    found = find_texts(url, texts, limit=200).answers
    expected = find_texts(searchable, texts, limit=200, searches_sources=False).answers
    assert [answer.as_json() for answer in found] == [answer.as_json() for answer in expected]
    assert all(answer.is_found for answer in found)
    hub.requests.clear()
    find_texts(url, [texts[9]])
    with_index = count_bytes(hub)
    monkeypatch.setattr("hanpack.views.finding.search.SearchIndex.open", lambda *_: None)
    hub.requests.clear()
    find_texts(url, [texts[9]])
    assert with_index < count_bytes(hub) / 2


def test_verify_proves_the_search_index_and_names_another(searchable: Path, tmp_path: Path) -> None:
    audit = verify(searchable)
    assert (audit.faults, audit.checked["search indexes"]) == ([], 1)
    copy = Path(shutil.copytree(searchable.parent, tmp_path / "copy")) / "out"
    index = copy / SEARCH_INDEX
    data = bytearray(index.read_bytes())
    data[-1000] ^= 1
    index.write_bytes(data)
    manifest = read_manifest(copy)
    files = [describe_file(index, copy, 0) if file.path == SEARCH_INDEX else file for file in manifest.files]
    (copy / MANIFEST).write_text(dump_manifest(replace(manifest, files=files)), encoding="utf-8")
    faults = [str(fault) for fault in verify(copy, copy.parent / "corpus").faults]
    assert any("it is not the index of the documents" in fault for fault in faults), faults


def test_the_index_of_other_shards_is_not_used_and_a_broken_one_is_an_error(searchable: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.put(str(searchable), "/searchable/out", recursive=True)
    path = f"/searchable/out/{SEARCH_INDEX}"
    data = memory.cat_file(path)
    text = read_rows(searchable, "documents")[3]["text"][:20]
    try:
        for place in (20, 48, 64):
            memory.pipe_file(path, data[:place] + bytes(8) + data[place + 8 :])
            if place == 20:
                assert find_texts("memory://searchable/out", [text]).answers[0].is_found
            else:
                with pytest.raises(VerifyError, match="not an index that hanpack writes"):
                    find_texts("memory://searchable/out", [text])
    finally:
        memory.rm("/searchable", recursive=True)
