"""What training code loads from the Hub after a push: the rows of the build, whole and streamed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pyarrow.parquet as pq

from hanpack.building.run import Build, build
from tests.conftest import MakeRecipe
from tests.hub_build import CONFIGS, rows, write_build
from tests.hub_server import WRITER, LoopbackHub

REPO = "somebody/reports"
LOAD = """
    import json, sys
    from pathlib import Path
    from datasets import load_dataset
    from hanpack.hub import push

    build, repo = Path(sys.argv[1]), sys.argv[2]
    done = push(build, repo)
    found = {"commit": done.commit, "default": load_dataset(repo, split="train").to_list()}
    for config in ("chunks", "documents", "ledger"):
        found[config] = load_dataset(repo, config, split="train").to_list()
        found["streamed " + config] = list(load_dataset(repo, config, split="train", streaming=True))
    print(json.dumps(found))
"""


LOAD_AGAIN = """
    import json, sys
    from datasets import load_dataset

    repo = sys.argv[1]
    found = {}
    for config in ("chunks", "documents", "ledger"):
        found[config] = load_dataset(repo, config, split="train").to_list()
        found["streamed " + config] = list(load_dataset(repo, config, split="train", streaming=True))
    print(json.dumps(found))
"""


LOAD_SPLITS = """
    import json, sys
    from datasets import load_dataset

    found = load_dataset(sys.argv[1])
    streamed = load_dataset(sys.argv[1], streaming=True)
    told = {name: [rows.to_list(), list(streamed[name])] for name, rows in found.items()}
    print(json.dumps(told))
"""


def run_with(hub: LoopbackHub, home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a program of ours that knows no Hub but this one."""
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
        # What datasets asks of other hosts (its viewer) comes here too, and is answered with 404.
        "HTTP_PROXY": hub.url,
        "http_proxy": hub.url,
        "HTTPS_PROXY": hub.url,
        "https_proxy": hub.url,
    }
    return subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, timeout=100, check=False
    )


def test_load_dataset_gives_the_pushed_rows_whole_and_streamed(tmp_path: Path) -> None:
    folder = write_build(tmp_path / "build", shards=2, count=7)
    with LoopbackHub() as hub:
        ran = run_with(hub, tmp_path / "home", "-c", textwrap.dedent(LOAD), str(folder), REPO)
        assert ran.returncode == 0, ran.stderr
        found = json.loads(ran.stdout)
        assert found["commit"] == hub.head(REPO).oid
        assert hub.count("POST", "/commit/") == 1
    assert hub.errors == []
    for config in CONFIGS:
        written = [row for shard in range(2) for row in rows(config, 7)[shard::2]]
        assert found[config] == written
        assert found[f"streamed {config}"] == written
    assert found["default"] == found["chunks"]


def test_the_seeds_are_pushed_by_command_and_loaded_back(seeds_build: Build, tmp_path: Path) -> None:
    push = ("-m", "hanpack", "push", str(seeds_build.path), REPO)
    with LoopbackHub() as hub:
        first = run_with(hub, tmp_path / "home", *push)
        assert (first.returncode, "one commit" in first.stderr) == (0, True), first.stderr
        second = run_with(hub, tmp_path / "home", *push)
        assert (second.returncode, "no commit made" in second.stderr) == (0, True), second.stderr
        assert hub.count("POST", "/commit/") == 1
        loaded = run_with(hub, tmp_path / "home", "-c", textwrap.dedent(LOAD_AGAIN), REPO)
        assert loaded.returncode == 0, loaded.stderr
    found = json.loads(loaded.stdout)
    for config in CONFIGS:
        written = pq.read_table(seeds_build.path / "data" / config).to_pylist()
        assert found[config] == written
        assert found[f"streamed {config}"] == written


def test_a_build_that_does_not_verify_is_not_pushed(seeds_build: Build, tmp_path: Path) -> None:
    spoilt = tmp_path / "spoilt"
    shutil.copytree(seeds_build.path, spoilt)
    (spoilt / "README.md").write_text("changed", encoding="utf-8")
    with LoopbackHub() as hub:
        ran = run_with(hub, tmp_path / "home", "-m", "hanpack", "push", str(spoilt), REPO)
        assert (ran.returncode, "README.md" in ran.stderr) == (1, True)
        assert hub.count("POST", "/commit/") == 0


def test_splits_are_pushed_and_loaded_by_their_names(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    files = {"a.txt": "第一份文件，讲的是春天。".encode(), "b.txt": "另一份报告，说到了秋收。".encode()}
    built = build(make_recipe(files, splits={"test": {"source": "b*"}}), tmp_path / "out").path
    with LoopbackHub() as hub:
        pushed = run_with(hub, tmp_path / "home", "-m", "hanpack", "push", str(built), REPO)
        assert pushed.returncode == 0, pushed.stderr
        loaded = run_with(hub, tmp_path / "home", "-c", textwrap.dedent(LOAD_SPLITS), REPO)
        assert loaded.returncode == 0, loaded.stderr
    found = json.loads(loaded.stdout)
    assert found.keys() == {"train", "test"}
    for split, loads in found.items():
        written = pq.read_table(built / "data" / "chunks" / f"{split}-00000-of-00001.parquet").to_pylist()
        assert loads == [written, written]
