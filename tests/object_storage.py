"""A server of S3 on this machine, for tests; without moto and s3fs they are skipped."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanpack.store.object_folder import ObjectFolder
from tests.builds import hash_files


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A server of S3 on this machine."""
    server = pytest.importorskip("moto.server", reason="moto is not installed: pip install 'moto[s3]' flask")
    pytest.importorskip("s3fs", reason="s3fs is not installed: pip install s3fs")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """An empty bucket; the current folder is one of the test."""
    import fsspec

    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.chdir(tmp_path)
    name = f"bucket-{abs(hash(tmp_path)):x}"
    fsspec.filesystem("s3", skip_instance_cache=True).mkdir(name)
    return f"s3://{name}"


def hash_objects(url: str, folder: Path) -> dict[str, str]:
    """The hashes of all objects of a build, which are copied to a folder."""
    objects = ObjectFolder(url)
    for name in objects.list_sizes():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        assert objects.download(name, target)
    return hash_files(folder)
