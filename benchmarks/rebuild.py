"""What a rebuild costs when one file of many changed, and whether its bytes are those of a fresh build.

    python benchmarks/rebuild.py [--files 1500]

The files are the laws of ../shared/data/corpora, or copies of the seeds. Processor time is that of
`hanpack build` with its workers, from start to end.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
LAWS = ROOT.parent / "shared/data/corpora/laws_dev.jsonl.gz"


def read_texts() -> Iterator[str]:
    """Different texts, as many as are wanted."""
    if LAWS.exists():
        with gzip.open(LAWS, "rt", encoding="utf-8") as lines:
            yield from (json.loads(line)["text"] for line in lines)
    seeds = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))]
    yield from (f"第{number}份。\n{text}" for number, text in enumerate(cycle(seeds)))


def build(recipe: Path, out: Path) -> float:
    """Build by the command line; the processor seconds it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "hanpack", "build", str(recipe), "-o", str(out), "--num-proc", "1"]
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def hash_files(folder: Path) -> dict[str, str]:
    """The hash of every file of a build."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def main() -> None:
    """Print a line for each kind of change."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1500)
    number = parser.parse_args().files
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus = folder / "corpus"
        corpus.mkdir()
        for index, text in enumerate(islice(read_texts(), number)):
            (corpus / f"{index:05d}.txt").write_text(text, encoding="utf-8")
        recipe = folder / "recipe.yaml"
        content = {"name": "rebuild", "sources": [{"path": "corpus"}]}
        recipe.write_text(yaml.safe_dump(content), encoding="utf-8")
        middle = corpus / f"{number // 2:05d}.txt"
        changes: dict[str, Callable[[], object]] = {
            "nothing": lambda: None,
            "one changed": lambda: middle.write_text("全文已经修订。\n" + middle.read_text("utf-8"), "utf-8"),
            "one added": lambda: (corpus / "new.txt").write_text("这是新增加的一份文件。\n" * 50, "utf-8"),
            "one renamed": lambda: middle.rename(corpus / "renamed.txt"),
            "one removed": lambda: (corpus / "new.txt").unlink(),
        }
        whole = build(recipe, folder / "out")
        print(f"whole build of {number:,} files: {whole:.2f} s of processor time")
        for kind, change in changes.items():
            change()
            seconds = build(recipe, folder / "out")
            shutil.rmtree(folder / "fresh", ignore_errors=True)
            shutil.rmtree(folder / ".fresh.hanpack", ignore_errors=True)
            build(recipe, folder / "fresh")
            same = hash_files(folder / "out") == hash_files(folder / "fresh")
            bytes_are = "same bytes" if same else "OTHER BYTES"
            print(f"{kind:>12}: {seconds:.2f} s, {seconds / whole:.1%}, {bytes_are}")


if __name__ == "__main__":
    main()
