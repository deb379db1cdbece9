"""Kills an update of a build at every one of its file operations, and checks what a reader then sees.

    python benchmarks/prove_publication.py

The update changes the budget of chunks, so that the old and the new build have the same sources and both
can be verified. It is tried with and without the exchange of folders, with one and with two worker processes.
After each kill the output must be the whole old or the whole new build, `verify` must pass, and the next
build must end with the bytes of a build from nothing.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.building.kills import kill_at_every_operation
from tests.builds import hash_files

from hanpack.audit.verification import verify
from hanpack.building.run import build
from hanpack.store import work_folder
from hanpack.store.work_folder import WorkFolder

TEXT = "第{}份报告：我们坚持稳中求进，推动高质量发展，内容各不相同，第{}号。\n"


def write_recipe(folder: Path, max_tokens: int) -> Path:
    """Write two files of nine records and their recipe."""
    folder.mkdir(exist_ok=True)
    for name in "甲乙":
        lines = "".join(TEXT.format(name, number) for number in range(9))
        (folder / f"{name}.txt").write_text(lines, encoding="utf-8")
    recipe = folder / "recipe.yaml"
    content = {
        "name": "proof",
        "sources": [{"path": "*.txt", "records": "line"}],
        "chunks": {"max_tokens": max_tokens},
    }
    recipe.write_text(yaml.safe_dump(content), encoding="utf-8")
    return recipe


def prove(folder: Path, processes: int) -> Counter[str]:
    """Kill the update at every operation; the number of kills before each kind of operation."""
    old_build = build(write_recipe(folder / "corpus", 32), folder / "old", num_proc=1).path
    recipe = write_recipe(folder / "corpus", 16)
    old, new = hash_files(old_build), hash_files(build(recipe, folder / "new", num_proc=1).path)
    assert old != new
    out = folder / "out"
    kills: Counter[str] = Counter()
    for kill in kill_at_every_operation(recipe, old_build, out, every=1, processes=processes):
        WorkFolder(out).recover()
        after = hash_files(out)
        assert after in (old, new), f"mixed after operation {kill.number}, {kill.operation}"
        assert verify(out).passed, f"not verified after operation {kill.number}, {kill.operation}"
        build(recipe, out, num_proc=1)
        assert hash_files(out) == new, f"other bytes after operation {kill.number}, {kill.operation}"
        if not kill.finished:
            kills[kill.operation] += 1
    return kills


def main() -> None:
    """Print the number of kills of each round."""
    for can_exchange in (True, False):
        if not can_exchange:
            work_folder.exchange = lambda *_: False
        for processes in (1, 2):
            with tempfile.TemporaryDirectory() as folder:
                kills = prove(Path(folder), processes)
            way = "exchange" if can_exchange else "journal"
            by_kind = ", ".join(f"{operation} {count}" for operation, count in sorted(kills.items()))
            print(f"{way}, {processes} processes: {kills.total()} kills, all whole ({by_kind})", flush=True)


if __name__ == "__main__":
    main()
