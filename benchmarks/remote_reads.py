"""What looks at a build at a URL read of it: bytes, requests, and their share of the files.

    python benchmarks/remote_reads.py [--megabytes 100] [--data ../shared/data/corpora] [--folder FOLDER]

A build with a search index and packed sequences is read through a file system of fsspec that counts what is
read. Looks for texts are for one that is kept and one that is not, each with the search index and without.
With ``--folder`` the build is kept there for the next run.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import fsspec
import yaml
from fsspec.implementations.local import LocalFileSystem

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "builder"))

from benchmarks.corpora import write_corpus

from hanpack.audit.verification import verify
from hanpack.building.run import build
from hanpack.store.reader import BuildReader
from hanpack.views.find import find_chunks
from hanpack.views.finding.search import find_texts
from hanpack.views.inspect import describe_build
from hanpack.views.token_trace import trace_token
from hanpack.views.trace import trace

ROOT = Path(__file__).parents[1]


class CountedFile(io.FileIO):
    """A file that notes how much is read."""

    def read(self, size: int | None = -1) -> bytes:
        """Read bytes, and note how many."""
        data = super().read(-1 if size is None else size) or b""
        CountingFiles.reads.append(len(data))
        return data


class CountingFiles(LocalFileSystem):  # type: ignore[misc]  # fsspec has no types
    """The files of this machine at URLs ``counted://``, with the sizes of all reads."""

    protocol = "counted"
    reads: list[int] = []  # noqa: RUF012  # fsspec makes the instances

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(path).removeprefix("counted://")

    def _open(self, path: str, mode: str = "rb", **_: Any) -> Any:
        return CountedFile(path, mode)


def make_build(folder: Path, data: Path, megabytes: float) -> Path:
    """A build with a search index and packed sequences; one that is there already is taken."""
    out = folder / "out"
    if not (out / "hanpack.json").is_file():
        made = write_corpus(folder / "corpus", megabytes, data=data)
        keys = yaml.safe_load(made.recipe.read_text(encoding="utf-8"))
        recipe = {**keys, "search_index": True, "packed": {"tokens": 2048}}
        made.recipe.write_text(yaml.safe_dump(recipe), encoding="utf-8")
        build(made.recipe, out, num_proc=1)
    return out


def main() -> None:
    """Print a line for each look."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "corpora")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    fsspec.register_implementation("counted", CountingFiles)
    with tempfile.TemporaryDirectory() as name:
        out = make_build(options.folder or Path(name), options.data, options.megabytes)
        measure_all(out)


def measure_all(out: Path) -> None:
    """Print what each look at a build reads."""
    url = f"counted://{out.resolve()}"
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    (row,) = BuildReader.open(out).sample_rows("chunks", 1, ["id", "text"])
    (document,) = BuildReader.open(out).sample_rows("documents", 1, ["id", "text"])
    kept, absent = row.values["text"][5:25], "完全没有出现过的一段奇怪文字"
    looks: dict[str, Callable[[], object]] = {
        "inspect": lambda: describe_build(url),
        "inspect --grep": lambda: find_chunks(url, kept),
        "trace": lambda: trace(url, row.values["id"]),
        "trace --packed": lambda: trace_token(url, "5:7"),
        "find, kept": lambda: find_texts(url, [kept]),
        "find, a document": lambda: find_texts(url, [document.values["text"][:200]]),
        "find, not there": lambda: find_texts(url, [absent]),
        "verify": lambda: verify(url),
    }
    print(f"a build of {size / 1e6:.1f} MB")
    for name, look in looks.items():
        print_look(name, look, size)
    with patch("hanpack.store.search_index.find_file", return_value=None):
        for name in ("find, kept", "find, not there"):
            print_look(f"{name}, no index", looks[name], size)


def print_look(name: str, look: Callable[[], object], size: int) -> None:
    """Print what a look reads."""
    CountingFiles.reads.clear()
    look()
    total = sum(CountingFiles.reads)
    print(
        f"{name:28} {total / 1e6:9.2f} MB {total / size:7.1%} {len(CountingFiles.reads):6} reads", flush=True
    )


if __name__ == "__main__":
    main()
