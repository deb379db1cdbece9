"""A tiny build written by hand, for what reads builds without making them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

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
    """A build by hand, with what must never be uploaded beside it."""
    files = []
    for config in CONFIGS:
        (folder / "data" / config).mkdir(parents=True)
        for shard in range(shards):
            name = f"data/{config}/train-{shard:05}-of-{shards:05}.parquet"
            part = rows(config, count)[shard::shards]
            pq.write_table(pa.Table.from_pylist(part), folder / name)
            content = (folder / name).read_bytes()
            sha256 = hashlib.sha256(content).hexdigest()
            files.append({"path": name, "sha256": sha256, "rows": len(part), "bytes": len(content)})
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    if croissant:
        (folder / "croissant.json").write_text('{"name": "reports"}', encoding="utf-8")
    (folder / "hanpack.json").write_text(json.dumps({"files": files}), encoding="utf-8")
    (folder / ".lock").write_text("1", encoding="utf-8")
    (folder / ".hanpack").mkdir()
    (folder / ".hanpack" / "state.json").write_text("{}", encoding="utf-8")
    (folder / "data" / "chunks" / ".train-00000.parquet.tmp").write_bytes(b"half a shard")
    return folder


def expected_files(build: Path) -> dict[str, bytes]:
    manifest = json.loads((build / "hanpack.json").read_text(encoding="utf-8"))
    names = ["README.md", "hanpack.json", *(entry["path"] for entry in manifest["files"])]
    names += [name for name in ["croissant.json"] if (build / name).exists()]
    return {name: (build / name).read_bytes() for name in names}
