"""What a rebuild costs when one file of many changed, and whether its bytes are those of a fresh build.

    python benchmarks/rebuild.py [--files 1500] [--data DATA] [--rounds 3]

The files are the laws of DATA (by default ../shared/data), or copies of the seeds if DATA does not exist.
Processor time is that of `hanpack build` with its workers, from start to end, as an installed package runs:
its modules are compiled once, before. Each change is made in several rounds; medians are printed. In the last
round each build is compared with one from nothing.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from itertools import cycle, islice
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.startup import run_hanpack

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared/data"
LAWS = "corpora/laws_dev.jsonl.gz"


def read_texts(data: Path) -> Iterator[str]:
    """Different texts without end: first the laws of DATA, if that exists, then copies of the seeds."""
    if data.exists():
        with gzip.open(data / LAWS, "rt", encoding="utf-8") as lines:
            yield from (json.loads(line)["text"] for line in lines)
    seeds = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))]
    yield from (f"第{number}份。\n{text}" for number, text in enumerate(cycle(seeds)))


def build(recipe: Path, out: Path) -> float:
    """Build by the command line; the processor seconds it took."""
    return run_hanpack("build", str(recipe), "-o", str(out), "--num-proc", "1")


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
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus = folder / "corpus"
        corpus.mkdir()
        for index, text in enumerate(islice(read_texts(options.data), options.files)):
            (corpus / f"{index:05d}.txt").write_text(text, encoding="utf-8")
        recipe = folder / "recipe.yaml"
        content = {"name": "rebuild", "sources": [{"path": "corpus"}]}
        recipe.write_text(yaml.safe_dump(content), encoding="utf-8")
        build(recipe, folder / "out")
        seconds: dict[str, list[float]] = {}
        others: list[str] = []
        for number in range(options.rounds):
            for kind, change in make_changes(corpus, options.files // 2 + number).items():
                change()
                seconds.setdefault(kind, []).append(build(recipe, folder / "out"))
                if number == options.rounds - 1:
                    seconds.setdefault("whole", []).append(build_afresh(recipe, folder / "fresh"))
                    if hash_files(folder / "out") != hash_files(folder / "fresh"):
                        others.append(kind)
        whole = statistics.median(seconds.pop("whole"))
        print(f"whole build of {options.files:,} files: {whole:.2f} s of processor time")
        for kind, times in seconds.items():
            cost = statistics.median(times)
            bytes_are = "OTHER BYTES" if kind in others else "same bytes"
            print(f"{kind:>12}: {cost:.2f} s, {cost / whole:.1%}, {bytes_are}")


def make_changes(corpus: Path, number: int) -> Mapping[str, Callable[[], object]]:
    """What is done to the corpus before each build; ``number`` is that of the file that is changed."""
    middle, added = corpus / f"{number:05d}.txt", corpus / "new.txt"
    return {
        "nothing": lambda: None,
        "one changed": lambda: middle.write_text("全文已经修订。\n" + middle.read_text("utf-8"), "utf-8"),
        "one added": lambda: added.write_text(f"这是第{number}份新增加的文件。\n" * 50, "utf-8"),
        "one renamed": lambda: middle.rename(corpus / f"renamed{number}.txt"),
        "one removed": added.unlink,
    }


def build_afresh(recipe: Path, out: Path) -> float:
    """Build into a folder that holds nothing of an earlier build; the processor seconds it took."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.rmtree(out.with_name(f".{out.name}.hanpack"), ignore_errors=True)
    return build(recipe, out)


if __name__ == "__main__":
    main()
