"""Builds over an older build on a small disk that gets full, at every stage in turn; needs root.

    python benchmarks/full_disk.py [--step BYTES]

The disk is a tmpfs that is mounted with a little more space in each round, from the size of the old build up
to one on which the update succeeds. In each round the build must fail with exit code 1 and one line that says
that no space is left. The old build must be whole and unchanged; if the new one was already in its place,
that must be whole.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.prove_publication import write_recipe
from tests.building.kills import restore
from tests.builds import hash_files

from hanpack.audit.verification import verify
from hanpack.building.run import build
from hanpack.store.work_folder import WorkFolder

PAGE = 4096


def measure(*folders: Path) -> int:
    """The bytes that folders take on a tmpfs: whole pages, and one for each folder."""
    paths = [path for folder in folders for path in (folder, *folder.rglob("*"))]
    return sum(-(-path.stat().st_size // PAGE) * PAGE if path.is_file() else PAGE for path in paths)


def try_size(size: int, recipe: Path, template: Path, disk: Path) -> tuple[str, str, bool]:
    """Update a copy of a build on a disk of a size: its stage, last message, if all is right."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)], check=True)
    try:
        out = disk / "out"
        try:
            restore(template, out)
        except (OSError, shutil.Error):
            return "too small", "no space for the old build", True
        old = hash_files(out)
        command = [sys.executable, "-m", "hanpack", "build", str(recipe), "-o", str(out), "--num-proc", "1"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        message = (done.stderr.strip().splitlines() or ["no message"])[-1]
        is_whole = verify(out, sources=recipe.parent).passed
        if done.returncode == 0:
            return "finished", message, is_whole
        is_clear = done.returncode == 1 and "No space left" in message and "Traceback" not in done.stderr
        stage = "published" if hash_files(out) != old else _find_stage(WorkFolder(out).next)
        return stage, message, is_whole and is_clear
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def _find_stage(next_build: Path) -> str:
    """How far a build came, by what it has written."""
    if not (next_build / "data").exists():
        return "parts"
    return "card and manifest" if (next_build / "README.md").exists() else "shards"


def main() -> None:
    """Print at how many sizes each stage met the full disk; exit with 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--step", type=int, default=PAGE, help="bytes between two sizes of the disk")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    stages: Counter[str] = Counter()
    faults = []
    try:
        template = build(write_recipe(folder / "corpus", 32), folder / "old", num_proc=1).path
        recipe = write_recipe(folder / "corpus", 16)
        (folder / "disk").mkdir()
        size = measure(template, WorkFolder(template).path) // 2
        stage = ""
        while stage != "finished":
            stage, message, is_right = try_size(size, recipe, template, folder / "disk")
            if stage == "too small":
                size += PAGE
                continue
            stages[stage] += 1
            print(f"{size:>9} bytes, {stage}: {message}", flush=True)
            if not is_right:
                faults.append(f"{size} bytes, {stage}: {message}")
            size += options.step
    finally:
        shutil.rmtree(folder)
    print(", ".join(f"{stage} {count}" for stage, count in sorted(stages.items())), f"; {len(faults)} faults")
    for fault in faults:
        print(f"    {fault}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
