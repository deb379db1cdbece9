"""What training code loads from the Hub after a push: every row of the build, whole and streamed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from hanpack.building.run import Build, build
from hanpack.store.manifest import read_manifest
from tests.conftest import MakeRecipe
from tests.hub.build import write_build
from tests.hub.client import REPO
from tests.hub.server import WRITER, LoopbackHub

LOAD = """\
import json, os, sys
from datasets import get_dataset_config_names, load_dataset

repo = sys.argv[1]
loaded = {"default": load_dataset(repo, split="train").to_list()}
for config in get_dataset_config_names(repo):
    streamed = load_dataset(repo, config, streaming=True)
    for split, rows in load_dataset(repo, config).items():
        loaded[f"{config} {split}"] = rows.to_list()
        loaded[f"{config} {split} streamed"] = list(streamed[split])
print(json.dumps(loaded))
sys.stdout.flush()
# The threads of streaming datasets may end the interpreter with an abort while it shuts down.
os._exit(0)
"""

PUSH = """\
import json, sys
from pathlib import Path
from hanpack.hub import push

print(json.dumps(push(Path(sys.argv[1]), sys.argv[2]).commit))
"""

POEMS = {
    "train/春.txt": "# 春天\n\n## 第一节\n\n春天来了，农民在田里种地。\n\n## 第二节\n\n河边的树都绿了。",
    "train/秋.txt": "# 秋天\n\n## 第一节\n\n秋天到了，谷子熟了，大家都很高兴。\n\n## 第二节\n\n天气凉了。",
    "validation/夏.txt": "# 夏天\n\n夏天太阳很大，孩子们在水里游泳。",
    "test/冬.txt": "# 冬天\n\n冬天下了一场大雪，房子和山都白了。",
}
SPLITS = {"validation": {"source": "validation/*"}, "test": {"source": "test/*"}}
FURTHER_TABLES = {
    "chunks_small": {"max_tokens": 16, "overlap": 4},
    "chunks_headed": {"max_tokens": 48, "headings": True},
}
RECIPES: dict[str, dict[str, Any]] = {
    "plain": {},
    "splits": {"splits": SPLITS},
    "further tables": {"more": FURTHER_TABLES},
    "packed": {"packed": {"tokens": 16}},
    "all": {
        "splits": SPLITS,
        "more": FURTHER_TABLES,
        "packed": {"tokens": 16},
        "chunks": {"max_tokens": 32, "headings": True},
    },
}


def run_with(hub: LoopbackHub, home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process that knows no Hub but this one."""
    kept = {
        name: value for name, value in os.environ.items() if not name.upper().startswith(("HF_", "NO_PROXY"))
    }
    environment = {
        **kept,
        "HF_ENDPOINT": hub.url,
        "HF_TOKEN": WRITER,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        # What datasets requests of other hosts (its viewer) comes here too, and is answered with 404.
        "HTTP_PROXY": hub.url,
        "http_proxy": hub.url,
        "HTTPS_PROXY": hub.url,
        "https_proxy": hub.url,
    }
    return subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, timeout=100, check=False
    )


def load_back(hub: LoopbackHub, home: Path) -> dict[str, list[dict[str, Any]]]:
    loading = run_with(hub, home, "-c", LOAD, REPO)
    assert loading.returncode == 0, loading.stderr
    rows: dict[str, list[dict[str, Any]]] = json.loads(loading.stdout)
    return rows


def read_local(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows that ``LOAD`` must print, from the shards on disk."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for table, files in read_manifest(folder).tables.items():
        for file in files:
            name = f"{table} {file.partition}"
            rows.setdefault(name, []).extend(pq.read_table(folder / file.path).to_pylist())
    streamed = {f"{name} streamed": values for name, values in rows.items()}
    return {"default": rows["chunks train"], **rows, **streamed}


@pytest.mark.parametrize("keys", RECIPES.values(), ids=RECIPES)
def test_every_table_and_split_of_a_pushed_build_loads_whole_and_streamed(
    make_recipe: MakeRecipe, tmp_path: Path, keys: dict[str, Any]
) -> None:
    files = {name: text.encode() for name, text in POEMS.items()}
    built = build(make_recipe(files, **keys), tmp_path / "out").path
    with LoopbackHub() as hub:
        pushing = run_with(hub, tmp_path / "home", "-c", PUSH, str(built), REPO)
        assert pushing.returncode == 0, pushing.stderr
        assert json.loads(pushing.stdout) == hub.head(REPO).oid
        loaded = load_back(hub, tmp_path / "home")
    assert hub.errors == []
    local = read_local(built)
    assert all(local.values())
    assert loaded == local
    tables = {"chunks", "documents", "ledger", *keys.get("more", {}), *({"packed"} & keys.keys())}
    splits = {"train", *keys.get("splits", {})}
    names = {f"{table} {split}" for table in tables - {"ledger"} for split in splits} | {"ledger train"}
    assert local.keys() == {"default"} | names | {f"{name} streamed" for name in names}


def test_a_build_of_many_shards_loads_in_their_order(tmp_path: Path) -> None:
    folder = write_build(tmp_path / "build", shards=40, count=100)
    with LoopbackHub() as hub:
        pushing = run_with(hub, tmp_path / "home", "-c", PUSH, str(folder), REPO)
        assert pushing.returncode == 0, pushing.stderr
        assert [pull_request.status for pull_request in hub.repositories[REPO].pull_requests] == ["merged"]
        loaded = load_back(hub, tmp_path / "home")
    assert len(loaded["default"]) == 100
    assert loaded == read_local(folder)


def test_the_seeds_are_pushed_by_the_command_and_loaded_back(seeds_build: Build, tmp_path: Path) -> None:
    push = ("-m", "hanpack", "push", str(seeds_build.path), REPO)
    with LoopbackHub() as hub:
        first = run_with(hub, tmp_path / "home", *push)
        assert (first.returncode, "one commit" in first.stderr) == (0, True), first.stderr
        second = run_with(hub, tmp_path / "home", *push)
        assert (second.returncode, "no commit made" in second.stderr) == (0, True), second.stderr
        assert hub.count("POST", "/commit/") == 1
        loaded = load_back(hub, tmp_path / "home")
    assert loaded == read_local(seeds_build.path)


def test_a_build_that_does_not_verify_is_not_pushed(seeds_build: Build, tmp_path: Path) -> None:
    spoilt = tmp_path / "spoilt"
    shutil.copytree(seeds_build.path, spoilt)
    (spoilt / "README.md").write_text("changed", encoding="utf-8")
    with LoopbackHub() as hub:
        pushing = run_with(hub, tmp_path / "home", "-m", "hanpack", "push", str(spoilt), REPO)
        assert (pushing.returncode, "README.md" in pushing.stderr) == (1, True)
        assert hub.count("POST", "/commit/") == 0
