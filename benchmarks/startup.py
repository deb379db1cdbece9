"""What a start costs: the help, the repair of a line, a small build; processor time of each whole command.

    python benchmarks/startup.py [--rounds 5]

The commands run as those of an installed package do: its modules are compiled once, before. The line and the
10 kB are damaged: a byte is lost in the line, and the file is the beginning of a seed, which also has pinyin.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

SEEDS = Path(__file__).parents[1] / "seeds"
FILE_BYTES = 10_000
DAMAGED_LINE = "旅遊高質(zhì)量發(fā)展，推進鄉(xiāng)村振興。\n"


def run_hanpack(*arguments: str, folder: Path | None = None) -> float:
    """Run a command of hanpack in a folder; returns the processor seconds that it and its workers took."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "hanpack", *arguments],
        check=True,
        capture_output=True,
        cwd=folder,
        env=environment,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure_once(folder: Path) -> dict[str, float]:
    """The processor seconds of each command, run in an empty folder."""
    (folder / "line.txt").write_text(DAMAGED_LINE, encoding="utf-8")
    texts = folder / "texts"
    texts.mkdir()
    seed = min(SEEDS.glob("*.txt")).read_bytes()[:FILE_BYTES]
    (texts / "seed.txt").write_text(seed.decode("utf-8", "ignore"), encoding="utf-8")
    commands = {
        "--help": ["--help"],
        "normalize a line": ["normalize", "line.txt", "-o", "normal.txt"],
        "init a folder": ["init", "texts", "-o", "recipe.yaml"],
        "build 10 kB": ["build", "recipe.yaml", "-o", "out"],
        "build it again": ["build", "recipe.yaml", "-o", "out"],
        "verify it": ["verify", "out"],
    }
    return {name: run_hanpack(*arguments, folder=folder) for name, arguments in commands.items()}


def main() -> None:
    """Print the median of each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = []
    # The first round, which compiles the modules, does not count.
    for _ in range(parser.parse_args().rounds + 1):
        with tempfile.TemporaryDirectory() as name:
            rounds.append(measure_once(Path(name)))
    for command in rounds[0]:
        seconds = statistics.median(times[command] for times in rounds[1:])
        print(f"{command:>16}: {seconds:.2f} s")


if __name__ == "__main__":
    main()
