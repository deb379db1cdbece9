"""Measures how memory and processor time of the commands grow with a corpus.

    python benchmarks/scale.py [--megabytes 100 1000] [--commands build verify report find] [--folder FOLDER]
        [--processes 1] [--lengths 300 3000 30000] [--data DATA] [--compress] [--keep]

The corpora are those of benchmarks/corpora.py; 10000 is 10 GB, takes hours and needs 35 GB of disk, 29 if
it is compressed. Each command runs in a process of its own. Memory is the peak of all its processes together,
shared pages counted once (proportional set size), with the part of it that is no file; and that of the
largest process. For each stage, as the progress of the command names it, the peak while it ran is printed,
so that one sees which stage sets the peak of the command.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.corpora import MadeCorpus, write_corpus
from benchmarks.flow import LENGTHS, ROOT, find_family

TICK = 0.5
COMMANDS = ("build", "verify", "report", "find")
# The commands with progress, as code that writes the current stage to the file argv[1].
_NOTE = """
import sys, time
from pathlib import Path
from hanpack.store.without_pandas import keep_pandas_out
keep_pandas_out()
stage, last = Path(sys.argv[1]), [""]
def note(name, done, total):
    name = name if done < total or not total else f"after {name}"
    if name != last[0]:
        last[0] = name
        stage.write_text(name)
"""
_CODE = {
    "build": "import hanpack\n"
    "hanpack.build(sys.argv[2], sys.argv[3], num_proc=int(sys.argv[4]), progress=note)",
    "verify": "from hanpack.audit.verification import verify\n"
    "assert verify(sys.argv[3], sys.argv[5], note).passed",
    "report": "from hanpack.views.report.page import write_report\n"
    "write_report(Path(sys.argv[3]), Path(sys.argv[3] + '.html'), Path(sys.argv[5]))",
    "find": "from hanpack.views.finding.search import find_texts\n"
    "find_texts(sys.argv[3], ['严格依照法律规定', '五衛署人字'], searches_sources=False, progress=note)",
}


@dataclass(slots=True)
class Memory:
    """Peaks in MB: of all processes together, what of that is no file, and of the largest process."""

    total: float = 0
    anonymous: float = 0
    largest: float = 0

    def add(self, total: float, anonymous: float, largest: float) -> None:
        """Raise the peaks to what was measured now."""
        self.total, self.anonymous = max(self.total, total), max(self.anonymous, anonymous)
        self.largest = max(self.largest, largest)


@dataclass(slots=True)
class Run:
    """One run of a command: its processor seconds and seconds, its peak, and the peak of each stage."""

    command: str
    processor: float
    seconds: float
    peak: Memory
    stages: dict[str, Memory] = field(default_factory=dict)


def run_command(command: str, corpus: MadeCorpus, scratch: Path, processes: int) -> Run:
    """Run a command on a corpus, or on the build of it in ``scratch``."""
    stage_file, out = scratch / "stage", scratch / "out"
    stage_file.write_text("start")
    arguments = [stage_file, corpus.recipe, out, processes, corpus.recipe.parent]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", _NOTE + _CODE[command], *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "builder")},
    )
    run = Run(command, 0, 0, Memory())
    while process.poll() is None:
        measured = [memory for number in find_family(process.pid) if (memory := read_memory(number))]
        if measured:
            total, anonymous = (sum(figures) for figures in zip(*measured, strict=True))
            largest = max(size for size, _ in measured)
            stage = run.stages.setdefault(stage_file.read_text(), Memory())
            for peak in (run.peak, stage):
                peak.add(total, anonymous, largest)
        time.sleep(TICK)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        sys.exit(f"{command} failed")
    run.processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    run.seconds = time.perf_counter() - start
    return run


def read_memory(number: int) -> tuple[float, float] | None:
    """The proportional set size of a process in MB, and what of it is no file; None if it has ended."""
    try:
        lines = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    sizes = {line.split(":")[0]: float(line.split()[1]) / 1024 for line in lines[1:]}
    return sizes["Pss"], sizes.get("Pss_Anon", 0) + sizes.get("Pss_Shmem", 0)


def print_run(run: Run, corpus: MadeCorpus) -> None:
    """Print a row for the command, and one for each of its stages."""
    print(
        f"| {corpus.megabytes:,.0f} MB | {corpus.documents:,} | {run.command} | {run.processor:,.0f} s "
        f"| {run.processor / corpus.megabytes:.3f} s | {run.seconds:,.0f} s | {_name_peak(run.peak)} |"
    )
    for stage, peak in run.stages.items():
        print(f"| | | {run.command}: {stage} | | | | {_name_peak(peak)} |", flush=True)


def _name_peak(peak: Memory) -> str:
    return f"{peak.total:,.0f} MB | {peak.anonymous:,.0f} MB | {peak.largest:,.0f} MB"


def main() -> None:
    """Make each corpus, run the commands, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=float, nargs="+", default=[100, 1000])
    parser.add_argument("--commands", nargs="+", choices=COMMANDS, default=["build", "verify"])
    parser.add_argument("--folder", type=Path, help="for corpora and builds; by default a temporary one")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS, help="of documents, in characters")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/corpora")
    parser.add_argument("--compress", action="store_true", help="compress the corpora")
    parser.add_argument("--keep", action="store_true", help="keep corpora and builds, and use those there")
    options = parser.parse_args()
    print(
        "| text | documents | command | processor time | for a MB | time | peak | no file | largest process |"
    )
    print("| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        for megabytes in options.megabytes:
            scratch = (options.folder or Path(temporary)) / f"{megabytes:g}"
            corpus = _make_corpus(scratch, megabytes, options)
            for command in options.commands:
                print_run(run_command(command, corpus, scratch, options.processes), corpus)
            if not options.keep:
                shutil.rmtree(scratch)


def _make_corpus(scratch: Path, megabytes: float, options: argparse.Namespace) -> MadeCorpus:
    """The corpus in the folder ``scratch``; it is made if it is not there."""
    note = scratch / "corpus.json"
    if not note.exists():
        shutil.rmtree(scratch, ignore_errors=True)
        corpus = write_corpus(
            scratch / "corpus",
            megabytes,
            data=options.data,
            lengths=options.lengths,
            compress=options.compress,
        )
        note.write_text(json.dumps([corpus.megabytes, corpus.documents, corpus.copies]))
    return MadeCorpus(scratch / "corpus" / "recipe.yaml", *json.loads(note.read_text()))


if __name__ == "__main__":
    main()
