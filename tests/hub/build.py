"""Small builds made without the steps: shards, a card and a manifest that fit one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.store.manifest import MANIFEST, Manifest, dump_manifest, read_manifest
from hanpack.store.shards import ShardFile, describe_file

CONFIGS = ("chunks", "documents", "ledger")
CARD = """\
---
license: cc-by-4.0
configs:
- config_name: chunks
  default: true
  data_files:
  - split: train
    path: data/chunks/train-*.parquet
- config_name: documents
  data_files:
  - split: train
    path: data/documents/train-*.parquet
- config_name: ledger
  data_files:
  - split: train
    path: data/ledger/train-*.parquet
---
# Reports
"""


def rows(config: str, count: int = 5) -> list[dict[str, Any]]:
    return [{"id": f"{config}-{n}", "text": f"第{n}段。", "config": config} for n in range(count)]


def write_build(folder: Path, shards: int = 1, count: int = 5, croissant: bool = True) -> Path:
    """A build of three tables in ``shards`` shards each, with what must never be uploaded beside it."""
    files = []
    for config in CONFIGS:
        (folder / "data" / config).mkdir(parents=True)
        for shard in range(shards):
            path = folder / f"data/{config}/train-{shard:05}-of-{shards:05}.parquet"
            part = pa.Table.from_pylist(rows(config, count)[shard::shards], _SCHEMA)
            pq.write_table(part, path)
            files.append(describe_file(path, folder, part.num_rows))
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    files.append(describe_file(folder / "README.md", folder))
    if croissant:
        (folder / "croissant.json").write_text('{"name": "reports"}', encoding="utf-8")
        files.append(describe_file(folder / "croissant.json", folder))
    write_manifest(folder, files)
    (folder / ".lock").write_text("1", encoding="utf-8")
    (folder / ".hanpack").mkdir()
    (folder / ".hanpack" / "state.json").write_text("{}", encoding="utf-8")
    (folder / "data" / "chunks" / ".train-00000.parquet.tmp").write_bytes(b"half a shard")
    return folder


def write_manifest(folder: Path, files: Sequence[ShardFile]) -> None:
    """A manifest of these files, with the checksum that goes with them."""
    manifest = Manifest(
        name="reports",
        fingerprint="0" * 64,
        recipe={},
        versions={},
        tokenizer={},
        sources=[],
        files=files,
        totals={},
    )
    (folder / MANIFEST).write_text(dump_manifest(manifest), encoding="utf-8")


def rewrite(build: Path, contents: Mapping[str, bytes]) -> None:
    """Give files of a build another content, and the manifest their new hashes."""
    for path, content in contents.items():
        (build / path).write_bytes(content)
    files = read_manifest(build).files
    write_manifest(build, [describe_file(build / file.path, build, file.rows) for file in files])


def forge_entry(build: Path, listed: str, path: str | None = None, sha256: str | None = None) -> None:
    """Change the path or the hash that the manifest lists for one file; its checksum fits again."""
    files = {file.path: file for file in read_manifest(build).files}
    entry = files[listed]
    forged = replace(
        entry,
        path=entry.path if path is None else path,
        sha256=entry.sha256 if sha256 is None else sha256,
    )
    write_manifest(build, list({**files, listed: forged}.values()))


def expected_files(build: Path) -> dict[str, bytes]:
    """What a repository holds after the push of a build, by path."""
    paths = [MANIFEST, *(file.path for file in read_manifest(build).files)]
    return {path: (build / path).read_bytes() for path in paths}


_SCHEMA = pa.schema([("id", pa.string()), ("text", pa.string()), ("config", pa.string())])
