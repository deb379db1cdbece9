"""Reads a build again and again while another process replaces it, and counts the reads that mix two builds.

    python benchmarks/read_while_published.py [--reads 1000]

Two builds of the same sources take turns in the output, several times a second. A read is whole if all it saw
is of one build; it is refused if the reader says that the build was replaced meanwhile. Programs that open
several files by their paths, one after another, can mix builds; hanpack's own reader does not.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import datasets
import duckdb

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.prove_publication import write_recipe
from tests.building.kills import restore
from tests.builds import hash_files

from hanpack.building.run import build
from hanpack.errors import VerifyError
from hanpack.store.partial_reads import open_dataset
from hanpack.store.reader import BuildReader
from hanpack.store.work_folder import WorkFolder

SECONDS_BETWEEN = 0.1
TABLES = ("chunks", "documents", "ledger")


def read_by_hanpack(out: Path) -> object:
    """All tables, by the reader that every command uses."""
    reader = BuildReader.open(out)
    return [[row.values["source"] for row in reader.read_rows(table, ["source"])] for table in TABLES]


def query_by_hanpack(out: Path) -> object:
    """One query over several tables, as ``inspect --sql`` runs it."""
    reader = BuildReader.open(out)
    with duckdb.connect(":memory:") as connection:
        for table in TABLES:
            connection.register(table, open_dataset(reader, table))
        counts = " , ".join(f"(select count(*) from {table})" for table in TABLES)
        rows = connection.execute(f"select {counts}").fetchall()
    reader.require_unreplaced()
    return rows


def load_by_datasets(out: Path) -> object:
    """One table, by ``load_dataset`` into a new cache."""
    with tempfile.TemporaryDirectory() as cache:
        return datasets.load_dataset(str(out), split="train", cache_dir=cache)["id"][:]


def query_by_path(out: Path) -> object:
    """One table, by DuckDB and its path."""
    path = out / "data" / "chunks" / "*.parquet"
    with duckdb.connect(":memory:") as connection:
        return connection.execute(f"select id from read_parquet('{path}')").fetchall()


def read_file_by_file(out: Path) -> object:
    """All files by their paths, one after another, as a program does that does not know hanpack."""
    return hash_files(out)


def read_by_descriptor(out: Path) -> object:
    """All files below a folder that is opened once; Linux only."""
    folder = os.open(out, os.O_RDONLY)
    try:
        return hash_files(Path(f"/proc/self/fd/{folder}"))
    finally:
        os.close(folder)


KINDS: tuple[Callable[[Path], object], ...] = (
    read_by_hanpack,
    query_by_hanpack,
    load_by_datasets,
    query_by_path,
    read_by_descriptor,
    read_file_by_file,
)


def replace_forever(out: Path) -> None:
    """Let the two builds take turns, by the code that publishes a build."""
    while True:
        WorkFolder(out).replace_output()
        time.sleep(SECONDS_BETWEEN)


def count_reads(read: Callable[[Path], object], builds: list[Path], out: Path, number: int) -> Counter[str]:
    """Read many times while the builds take turns; how many reads were whole, refused, mixed."""
    whole = [read(path) for path in builds]
    assert whole[0] != whole[1]
    child = os.fork()
    if child == 0:
        try:
            replace_forever(out)
        finally:
            os._exit(1)
    results: Counter[str] = Counter()
    try:
        for _ in range(number):
            try:
                results["whole" if read(out) in whole else "mixed"] += 1
            except (VerifyError, datasets.exceptions.DatasetsError):
                results["refused"] += 1
            except (OSError, duckdb.Error, ValueError):
                results["failed"] += 1
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        WorkFolder(out).recover()
    return results


def main() -> None:
    """Print the results of every kind of read; exit with 1 if a read of hanpack's reader was mixed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--reads", type=int, default=1000, help="the number of reads of each kind")
    options = parser.parse_args()
    datasets.disable_progress_bars()
    folder = Path(tempfile.mkdtemp())
    mixed = 0
    try:
        builds = [
            build(write_recipe(folder / "corpus", size), folder / f"build{size}", num_proc=1).path
            for size in (32, 16)
        ]
        out = folder / "out"
        restore(builds[0], out)
        shutil.copytree(builds[1], WorkFolder(out).next)
        for read in KINDS:
            results = count_reads(read, builds, out, options.reads)
            print(f"{read.__name__}: {dict(sorted(results.items()))}", flush=True)
            mixed += results["mixed"] if read in KINDS[:2] else 0
    finally:
        shutil.rmtree(folder)
    sys.exit(1 if mixed else 0)


if __name__ == "__main__":
    main()
