"""Kills an update of a build at every change of the disk and at random times, and checks what is left.

    python benchmarks/prove_publication.py [--every N] [--random N] [--processes 1 2]

It needs strace (see ``killed_builds.py``), which kills the build before each of its writes, renames, syncs
and deletions, inside files too; then the build is killed at random times. The update changes the budget of
chunks, so that the old and the new build have the same sources and both can be verified. It is tried with
and without the exchange of folders, with one and with two worker processes. After each kill `verify` must
pass and `load_dataset` must load the whole old or the whole new build, and the next build must end with the
bytes of a build from nothing.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import datasets
import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.killed_builds import find_places, run_for, run_traced
from tests.building.kills import restore
from tests.builds import hash_files

from hanpack.audit.verification import verify
from hanpack.building.run import build
from hanpack.errors import HanpackError
from hanpack.store import work_folder

TABLES = ("chunks", "documents", "ledger", "packed")
SUBJECTS = ("全市经济", "县级财政", "乡村道路", "水利工程", "基础教育", "医疗卫生", "生态环境", "粮食生产")
ACTIONS = ("保持平稳增长", "完成年度目标", "加强日常监管", "扩大覆盖范围", "推进项目建设", "落实各项措施")
# The names of the files a build writes, by what they are.
KINDS = {
    r"/data/": "shards",
    r"hanpack\.json": "manifest",
    r"README\.md|croissant\.json": "card",
    r"/parts/": "parts",
    r"/workers/": "heartbeats",
    r"/lock|/root|/journal": "small files",
}


def write_recipe(folder: Path, max_tokens: int) -> Path:
    """Write files of lines, some of them copies, and their recipe."""
    folder.mkdir(exist_ok=True)
    lines = ["".join(_make_sentence(6 * line + number) for number in range(6)) for line in range(12)]
    for name, part in (("甲", lines[:7]), ("乙", [lines[0], *lines[7:]])):
        (folder / f"{name}.txt").write_text("\n".join(part) + "\n", encoding="utf-8")
    recipe = folder / "recipe.yaml"
    content = {
        "name": "proof",
        "sources": [{"path": "*.txt", "records": "line"}],
        "chunks": {"max_tokens": max_tokens},
        "packed": {"tokens": 2 * max_tokens},
    }
    recipe.write_text(yaml.safe_dump(content), encoding="utf-8")
    return recipe


def _make_sentence(number: int) -> str:
    choice = random.Random(number)
    return f"{choice.choice(SUBJECTS)}{choice.choice(ACTIONS)}，第{choice.randrange(10**6)}号。"


class Round:
    """The update of one build, tried many times: what was killed, and what was wrong after it."""

    def __init__(self, folder: Path, processes: int) -> None:
        self.folder, self.out, self.processes = folder, folder / "out", processes
        self.kills: Counter[str] = Counter()
        self.after_kill: Counter[str] = Counter()
        self.faults: list[str] = []
        self.template = build(write_recipe(folder / "corpus", 32), folder / "old", num_proc=1).path
        self.recipe = write_recipe(folder / "corpus", 16)
        new = build(self.recipe, folder / "new", num_proc=1).path
        self.states = {"old": _describe(self.template), "new": _describe(new)}
        assert self.states["old"] != self.states["new"]

    def update(self) -> None:
        """Build over the old build."""
        build(self.recipe, self.out, num_proc=self.processes)

    def kill_at_every_change(self, every: int) -> None:
        """Kill the update before every so many of its changes of the disk."""
        log = self.folder / "strace.log"
        restore(self.template, self.out)
        for place in find_places(run_traced(self.update, log), self.folder)[::every]:
            restore(self.template, self.out)
            run = run_traced(self.update, log, kill_before=place)
            for call in run.fatal_calls:
                self.kills[f"{place.name} {_classify(call.arguments)}"] += 1
            if run.outcome == "failed" and not run.fatal_calls:
                self.faults.append(f"{place.name} {place.number}: the build failed without a kill")
            self.check(f"{place.name} {place.number}, {run.fatal_calls}")

    def kill_at_random_times(self, number: int) -> None:
        """Kill the update at so many random times, evenly distributed over its duration."""
        restore(self.template, self.out)
        _, seconds = run_for(self.update, None)
        choice = random.Random(number)
        while self.kills["killed"] < number:
            restore(self.template, self.out)
            after = choice.uniform(0, seconds)
            outcome, duration = run_for(self.update, after)
            self.kills[outcome] += 1
            if outcome == "finished":
                seconds = min(seconds, duration)
            self.check(f"{after:.3f} seconds")

    def check(self, where: str) -> None:
        """Compare what is left with the old and the new build, and build again."""
        try:
            passed = verify(self.out).passed
            state = _describe(self.out)
        except (HanpackError, OSError, ValueError) as error:
            self.faults.append(f"{where}: {type(error).__name__}: {error}")
            return
        names = [name for name, expected in self.states.items() if state == expected]
        self.after_kill[names[0] if names else "mixed"] += 1
        if not names:
            self.faults.append(f"{where}: a mixed build")
        if not passed:
            self.faults.append(f"{where}: not verified")
        build(self.recipe, self.out, num_proc=1)
        if hash_files(self.out) != self.states["new"][0]:
            self.faults.append(f"{where}: the next build has other bytes")


def _describe(out: Path) -> tuple[dict[str, str], list[object]]:
    """The hashes of all files of a build, and all rows as ``load_dataset`` loads them."""
    with tempfile.TemporaryDirectory() as cache:
        tables = [datasets.load_dataset(str(out), table, cache_dir=cache) for table in TABLES]
        rows: list[object] = [{name: split.to_list() for name, split in table.items()} for table in tables]
    return hash_files(out), rows


def _classify(arguments: str) -> str:
    return next((kind for pattern, kind in KINDS.items() if re.search(pattern, arguments)), "folders")


def prove(name: str, processes: int, kill: Callable[[Round], None]) -> int:
    """Carry out one round in a temporary folder and print its result; returns the number of faults."""
    folder = Path(tempfile.mkdtemp())
    try:
        tried = Round(folder, processes)
        kill(tried)
    finally:
        shutil.rmtree(folder)
    left = ", ".join(f"{what} {count}" for what, count in sorted(tried.after_kill.items()))
    kills = ", ".join(f"{what} {count}" for what, count in sorted(tried.kills.items()))
    print(
        f"{name}: {tried.kills.total()} kills, left: {left}; {len(tried.faults)} faults ({kills})", flush=True
    )
    for fault in tried.faults:
        print(f"    FAULT {fault}", flush=True)
    return len(tried.faults)


def main() -> None:
    """Print what was killed and what was left in each round; exit with 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="kill only at every so many changes")
    parser.add_argument("--random", type=int, default=40, help="the number of kills at random times")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    datasets.disable_progress_bars()
    faults = 0
    for way in ("exchange", "journal"):
        if way == "journal":
            work_folder.exchange = lambda *_: False
        for processes in options.processes:
            name = f"{way}, {processes} processes"
            faults += prove(
                f"{name}, every change", processes, partial(Round.kill_at_every_change, every=options.every)
            )
            faults += prove(
                f"{name}, random times", processes, partial(Round.kill_at_random_times, number=options.random)
            )
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
