"""Remote sources are copied below the root, once, and a build without the network uses the copies."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from hanpack.building.run import build
from hanpack.errors import RecipeError
from hanpack.views.trace import trace
from tests.builds import read_rows, verify_build
from tests.conftest import MakeRecipe

TEXT = "远处的一段文字。"


class Server(http.server.ThreadingHTTPServer):
    """A server on this machine; ``requests`` counts those that it answered with a file."""

    body = TEXT.encode()
    sent = 0


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers every path with the same file, or that it has not changed."""

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        tag = f'"{hash(server.body)}"'
        is_known = self.headers.get("If-None-Match") == tag
        self.send_response(404 if "missing" in self.path else 304 if is_known else 200)
        self.send_header("ETag", tag)
        self.end_headers()
        if not is_known:
            server.sent += 1
            self.wfile.write(server.body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that runs during a test."""
    running = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def test_a_file_over_http_is_fetched_once_and_again_if_it_changes_and_not_without_the_network(
    make_recipe: MakeRecipe, tmp_path: Path, server: Server
) -> None:
    url = f"http://127.0.0.1:{server.server_port}/data/a.txt?key=1"
    recipe = make_recipe({"unused.md": b""}, sources=[{"path": url}])
    out = build(recipe, tmp_path / "out").path
    (row,) = read_rows(out, "documents")
    assert row["text"] == TEXT
    assert row["source"].startswith(".hanpack-remote/http/127.0.0.1_")
    assert row["source"].endswith("/a.txt")
    assert build(recipe, out).unchanged
    assert server.sent == 1
    server.body = "改了的文字。".encode()
    assert not build(recipe, out).unchanged
    assert server.sent == 2
    server.shutdown()
    server.server_close()
    assert build(recipe, out).unchanged
    verify_build(out)
    assert trace(out, read_rows(out, "chunks")[0]["id"]).raw == "改了的文字。"


def test_a_file_that_is_not_there_is_an_error_of_its_key(
    make_recipe: MakeRecipe, tmp_path: Path, server: Server
) -> None:
    url = f"http://127.0.0.1:{server.server_port}/missing.txt"
    with pytest.raises(RecipeError, match=r"sources\.0\.path: .*missing\.txt cannot be fetched: .*404"):
        build(make_recipe({"unused.md": b""}, sources=[{"path": url}]), tmp_path / "out")


@pytest.mark.parametrize("path", ["memory://bucket/in/*.jsonl", "memory://bucket/in"])
def test_the_files_of_a_file_system_are_fetched_by_pattern_and_folder(
    make_recipe: MakeRecipe, tmp_path: Path, path: str
) -> None:
    system = fsspec.filesystem("memory")
    for name, text in (("a", "甲段文字。"), ("b", "乙段不同的文字。")):
        system.pipe(f"/bucket/in/{name}.jsonl", f'{{"text": "{text}"}}\n'.encode())
    out = build(make_recipe({"unused.md": b""}, sources=[{"path": path}]), tmp_path / "out").path
    assert [row["source"] for row in read_rows(out, "documents")] == [
        ".hanpack-remote/memory/bucket/in/a.jsonl",
        ".hanpack-remote/memory/bucket/in/b.jsonl",
    ]
    verify_build(out)
    system.rm("/bucket", recursive=True)
    assert build(tmp_path / "corpus" / "recipe.yaml", out).unchanged


def test_a_protocol_without_its_package_names_it(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    with pytest.raises(RecipeError, match=r"sources\.0\.path: gs:// needs gcsfs — pip install gcsfs"):
        build(make_recipe({"unused.md": b""}, sources=[{"path": "gs://bucket/a.txt"}]), tmp_path / "out")
