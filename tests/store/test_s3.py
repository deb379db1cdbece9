"""Against a server of S3: large files are uploaded in parts, and a build there is read by ranges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fsspec
import pytest

from hanpack.building.run import build
from hanpack.store.object_folder import ObjectFolder
from hanpack.store.reader import BuildReader
from hanpack.views.finding.search import find_texts
from tests.builds import to_jsonl
from tests.conftest import MakeRecipe
from tests.object_storage import bucket, endpoint
from tests.planted_texts import TextMaker

__all__ = ["bucket", "endpoint"]


@pytest.fixture
def calls(bucket: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """The requests that the client of S3 makes: the operation and its arguments."""
    client = fsspec.get_filesystem_class("s3")
    made: list[tuple[str, dict[str, Any]]] = []
    call = client._call_s3

    async def note(self: Any, method: str, *arguments: Any, **options: Any) -> Any:
        named = {name: value for argument in arguments for name, value in argument.items()}
        made.append((method, {**named, **options}))
        return await call(self, method, *arguments, **options)

    monkeypatch.setattr(client, "_call_s3", note)
    return made


def test_a_large_file_is_uploaded_in_parts_and_comes_back_as_it_was(
    bucket: str, calls: list[tuple[str, dict[str, Any]]], tmp_path: Path
) -> None:
    large, back = tmp_path / "large", tmp_path / "back"
    with large.open("wb") as sink:
        sink.write(b"begin")
        sink.truncate(101 * 2**20)
        sink.seek(0, 2)
        sink.write(b"end")
    folder = ObjectFolder(f"{bucket}/out")
    folder.upload("large", large)
    methods = [method for method, _ in calls]
    assert methods.count("upload_part") > 1
    assert methods.count("create_multipart_upload") == methods.count("complete_multipart_upload") == 1
    assert folder.list_sizes() == {"large": large.stat().st_size}
    assert folder.download("large", back)
    assert back.read_bytes() == large.read_bytes()


def test_an_upload_in_parts_that_fails_leaves_no_object(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = fsspec.get_filesystem_class("s3")
    call = client._call_s3

    async def fail_at_the_second_part(self: Any, method: str, *arguments: Any, **options: Any) -> Any:
        if method == "upload_part" and options.get("PartNumber") == 2:
            raise OSError("the network is down")
        return await call(self, method, *arguments, **options)

    monkeypatch.setattr(client, "_call_s3", fail_at_the_second_part)
    large = tmp_path / "large"
    with large.open("wb") as sink:
        sink.truncate(101 * 2**20)
    folder = ObjectFolder(f"{bucket}/out")
    with pytest.raises(Exception, match="the network is down"):
        folder.upload("large", large)
    assert folder.list_sizes() == {}


def test_a_search_in_a_build_on_s3_reads_ranges_of_its_shards(
    make_recipe: MakeRecipe, bucket: str, calls: list[tuple[str, dict[str, Any]]]
) -> None:
    maker = TextMaker(7)
    texts = [maker.text(600) for _ in range(40)]
    recipe = make_recipe({"a.jsonl": to_jsonl(*texts)}, sources=[{"path": "a.jsonl"}], name="ranges")
    made = build(recipe, f"{bucket}/out", num_proc=1)
    calls.clear()
    searched = texts[20][100:130]
    (answer,) = find_texts(f"{bucket}/out", [searched], searches_sources=False).answers
    assert [place.fate for place in answer.places][:1] == ["kept"]
    reads = [named for method, named in calls if method == "get_object" and ".parquet" in named["Key"]]
    assert reads
    assert all(named.get("Range", "").startswith("bytes=") for named in reads)
    reader = BuildReader.open(f"{bucket}/out")
    assert sum(shard.rows for shard in reader.shards("documents")) == made.counts["documents"] == 40
