"""What training code loads from the Hub after a push: the rows of the build, whole and streamed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

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


def test_load_dataset_gives_the_pushed_rows_whole_and_streamed(tmp_path: Path) -> None:
    build = write_build(tmp_path / "build", shards=2, count=7)
    with LoopbackHub() as hub:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.upper().startswith(("HF_", "NO_PROXY"))
        }
        environment = {
            **kept,
            "HF_ENDPOINT": hub.url,
            "HF_TOKEN": WRITER,
            "HF_HOME": str(tmp_path / "home"),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            # What datasets asks of other hosts (its viewer) comes here too, and is answered with 404.
            "HTTP_PROXY": hub.url,
            "http_proxy": hub.url,
            "HTTPS_PROXY": hub.url,
            "https_proxy": hub.url,
        }
        ran = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(LOAD), str(build), REPO],
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
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
