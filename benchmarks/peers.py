"""The same job by hanpack and by the tools that others use: processor time, memory, growth, processes.

    python benchmarks/peers.py [--data DATA] [--environments FOLDER] [--sizes 0.2 2 20] [--rounds 3]
        [--only NAME ...] [--processes] [--figures FILE] [--add] [--draw]

The job: make Traditional text Simplified, split into chunks of 512 tokens of o200k_base, count them, remove
near copies, write Parquet. Each peer is installed by uv into an environment of its own
(benchmarks/peer_list.py). The text is made of the sentences of DATA (by default ../shared/data/corpora, else
seeds/), mixed anew for each round, half of the documents Traditional; one in twenty has a copy with one
character in a hundred changed. Processor time is that of all processes of a job; the cost of a MB is the
difference between the largest and the smallest size, divided by their difference in MB, so that what a tool
loads at its start is not in it. Memory is the peak of all processes together, shared pages counted once.

hanpack runs with the recipe that ``hanpack init`` writes, which also repairs, removes page chrome and keeps
every character's source; "hanpack, this job only" leaves out what the peers do not do. The figures are
written to benchmarks/peers.json; ``--add`` keeps the runs in that file and adds others, ``--draw`` draws the
pictures from it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "builder"))

from benchmarks.flow import LENGTHS, make_recipe, make_texts, read_corpus, watch_memory
from benchmarks.peer_list import JOBS, PEERS, TIKTOKEN, Environments, Peer
from benchmarks.peer_pictures import draw_pictures

ROOT = Path(__file__).parents[1]
FIGURES = Path(__file__).with_name("peers.json")
FILES = 4
COPY_EVERY = 20
# Reading the memory of many processes takes time too.
MEMORY_TICK = 0.25
CHANGED = 0.01
OURS = ("hanpack", "hanpack, this job only")
# What only hanpack does, and "this job only" leaves out.
EXTRA_STEPS = ("page", "repair", "spaces")


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a tool: processor and wall-clock seconds, peak memory in MB, and what it wrote."""

    tool: str
    megabytes: float
    processes: int
    processor: float
    seconds: float
    memory: int
    rows: int
    tokens: int
    copies_dropped: float


@dataclass(frozen=True, slots=True)
class Corpus:
    """A folder of JSON Lines files: the MB of its texts, and its number of planted copies."""

    folder: Path
    megabytes: float
    copies: int


def write_corpus(corpus: tuple[list[str], list[str]], folder: Path, megabytes: float, seed: int) -> Corpus:
    """Mix sentences into documents that no cache has seen, plant copies, and write the files."""
    chance = random.Random(seed)
    shuffled = tuple(chance.sample(texts, len(texts)) for texts in corpus)
    texts = make_texts((shuffled[0], shuffled[1]), LENGTHS, megabytes, half_traditional=True)
    characters = [character for text in texts[:50] for character in text if "一" <= character <= "\u9fff"]
    rows = [{"id": f"d{number}", "text": text} for number, text in enumerate(texts)]
    for number in range(0, len(texts), COPY_EVERY):
        changed = (
            chance.choice(characters) if chance.random() < CHANGED else character
            for character in texts[number]
        )
        rows.append({"id": f"c{number}", "text": "".join(changed)})
    chance.shuffle(rows)
    folder.mkdir(parents=True)
    for number in range(FILES):
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows[number::FILES])
        (folder / f"{number}.jsonl").write_text("".join(lines), encoding="utf-8", newline="\n")
    copies = sum(row["id"].startswith("c") for row in rows)
    return Corpus(folder, sum(len(row["text"].encode()) for row in rows) / 1e6, copies)


def run_tool(tool: str, corpus: Corpus, scratch: Path, environments: Environments, processes: int = 1) -> Run:
    """Run a tool on a corpus in processes of its own, and count what it wrote."""
    out = scratch / "out"
    environment = {
        # All tools run from compiled modules, as those that a package installer has installed do.
        **{key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"},
        "TIKTOKEN_CACHE_DIR": str(environments.tiktoken_cache),
        "PYTHONPATH": str(ROOT),
    }
    if tool in OURS:
        recipe = make_recipe("hans", str(corpus.folder))
        recipe["sources"] = [{"path": "*.jsonl"}]
        if tool != OURS[0]:
            recipe["steps"] = {**dict.fromkeys(EXTRA_STEPS, False), "script": "hans"}
        (scratch / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
        code = "from hanpack.cli import main; main()"
        options = ["-o", str(out), "--num-proc", str(processes)]
        command = [sys.executable, "-c", code, "build", str(scratch / "recipe.yaml"), *options]
        environment["PYTHONPATH"] = str(ROOT / "builder")
    else:
        peer = next(peer for peer in PEERS if peer.name == tool)
        tokenizer = TIKTOKEN if peer.is_cheapest else str(environments.tokenizer)
        python = str(environments.find_python(peer))
        command = [python, str(JOBS / peer.job), str(corpus.folder), str(out), str(processes), tokenizer]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with (scratch / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=scratch)
        memory = watch_memory(process, MEMORY_TICK)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        sys.exit(f"{tool} failed: {(scratch / 'log').read_text(errors='replace')[-4000:]}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    rows, tokens, copies = _read_output(tool, out, corpus)
    dropped = 1 - copies / corpus.copies if corpus.copies else 0.0
    run = Run(tool, corpus.megabytes, processes, used, seconds, memory, rows, tokens, dropped)
    for path in scratch.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return run


def _read_output(tool: str, out: Path, corpus: Corpus) -> tuple[int, int, int]:
    """The rows and tokens that a tool has written, and the planted pairs of which it kept both documents."""
    if tool in OURS:
        chunks = pq.read_table(out / "data/chunks", columns=["token_count"])
        ledger = pq.read_table(out / "data/ledger", columns=["source", "record", "state"]).to_pylist()
        names = {path.name: _read_ids(path) for path in corpus.folder.iterdir()}
        kept = [names[row["source"]][row["record"]] for row in ledger if row["state"] == "kept"]
        return chunks.num_rows, pc.sum(chunks["token_count"]).as_py() or 0, _count_pairs(kept)
    table = pq.read_table(sorted(map(str, out.glob("*.parquet"))))
    names_of_counts = [name for name in ("tokens", "token_count") if name in table.column_names]
    ids = [str(name).partition(":")[0] for name in table["id"].to_pylist()]
    if names_of_counts:
        return table.num_rows, pc.sum(table[names_of_counts[0]]).as_py() or 0, _count_pairs(ids)
    # Data-Juicer writes what it counted to a file beside the texts.
    tokens = 0
    for path in out.glob("*_stats.jsonl"):
        with path.open(encoding="utf-8") as lines:
            tokens += sum(json.loads(line)["__dj__stats__"].get("num_token", 0) for line in lines)
    return table.num_rows, tokens, _count_pairs(ids)


def _read_ids(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line)["id"] for line in lines]


def _count_pairs(ids: Sequence[str]) -> int:
    kept = set(ids)
    return sum(f"d{name[1:]}" in kept for name in kept if name.startswith("c"))


def measure(
    options: argparse.Namespace, tools: Sequence[str], scratch: Path, save: Callable[[Sequence[Run]], None]
) -> None:
    """All runs: the starts, the rounds, the growth, and two processes; saved after each corpus."""
    corpus = read_corpus(options.data)
    environments = Environments(options.environments.resolve())
    work = scratch / "work"
    work.mkdir()
    runs: list[Run] = []

    def run(texts: Corpus, names: Sequence[str], processes: int = 1) -> None:
        for tool in names:
            runs.append(run_tool(tool, texts, work, environments, processes))
            print(f"  {runs[-1]}", file=sys.stderr, flush=True)
        save(runs)

    for number in range(options.rounds):
        # The order is another one in each round: no tool always follows the same one.
        order = [*tools[number % len(tools) :], *tools[: number % len(tools)]]
        for size in options.sizes:
            texts = write_corpus(corpus, scratch / f"{number}-{size:g}", size, number + options.seed)
            run(texts, order)
            if options.processes and size == max(options.sizes):
                run(texts, order, 2)
            shutil.rmtree(texts.folder)


def summarize(runs: Sequence[Run], tools: Sequence[str]) -> dict[str, Any]:
    """The medians of each tool by size, and its cost of a MB in each round."""
    summary: dict[str, Any] = {}
    for tool in tools:
        own = [run for run in runs if run.tool == tool]
        by_size: dict[int, list[Run]] = defaultdict(list)
        for run in own:
            if run.processes == 1:
                by_size[round(10 * run.megabytes)].append(run)
        if len(by_size) < 2:
            continue
        smallest, largest = by_size[min(by_size)], by_size[max(by_size)]
        start = statistics.median(run.processor for run in smallest)
        costs = [(run.processor - start) / (run.megabytes - smallest[0].megabytes) for run in largest]
        pairs = [run.seconds for run in own if run.processes == 2]
        summary[tool] = {
            "cost": statistics.median(costs),
            "costs": costs,
            "start": start,
            "whole": statistics.median(run.processor for run in largest),
            "memory": max(run.memory for run in largest),
            "rows": largest[0].rows,
            "tokens": largest[0].tokens,
            "copies": statistics.mean(run.copies_dropped for run in largest),
            "growth": [
                [
                    group[0].megabytes,
                    statistics.median(run.processor for run in group),
                    max(run.memory for run in group),
                ]
                for _, group in sorted(by_size.items())
            ],
            "speedup": statistics.median(run.seconds for run in largest) / statistics.median(pairs)
            if pairs
            else 0,
        }
    return summary


def print_tables(figures: dict[str, Any]) -> None:
    """Print the medians and ratios."""
    summary = figures["tools"]
    ours = summary[OURS[0]]
    sizes = [f"{size:.1f} MB" for size, _, _ in ours["growth"]]
    print(f"{sizes[-1]}, medians; {figures['date']}, {figures['python']}")
    headings = (
        "version", "s/MB", "times hanpack", "rounds", f"s for {sizes[-1]}", "times hanpack", "peak MB",
        "times hanpack", "rows", "tokens", "copies removed",
    )  # fmt: skip
    print(f"| | {' | '.join(headings)} |\n| --- |{' ---: |' * len(headings)}")
    for tool, row in summary.items():
        cells = (
            figures["versions"].get(tool, ""),
            f"{row['cost']:.3f}",
            f"{row['cost'] / ours['cost']:.1f}",
            f"{len(row['costs'])}: {min(row['costs']):.3f} to {max(row['costs']):.3f}",
            f"{row['whole']:.1f}",
            f"{row['whole'] / ours['whole']:.1f}",
            f"{row['memory']:,}",
            f"{row['memory'] / ours['memory']:.1f}",
            f"{row['rows']:,}",
            f"{row['tokens']:,}" if row["tokens"] else "–",
            f"{row['copies']:.2f}",
        )
        print(f"| {tool} | {' | '.join(cells)} |")
    print(f"\n| processor seconds, peak MB | {' | '.join(sizes)} | two processes |")
    print(f"| --- |{' ---: |' * (len(sizes) + 1)}")
    for tool, row in summary.items():
        growth = (f"{used:.1f} s, {memory:,}" for _, used, memory in row["growth"])
        speedup = f"{row['speedup']:.2f} times as fast" if row["speedup"] else "–"
        print(f"| {tool} | {' | '.join(growth)} | {speedup} |")


def main() -> None:
    """Install the peers, measure, print, and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/corpora")
    parser.add_argument("--environments", type=Path, default=ROOT / "dist/peers")
    parser.add_argument("--sizes", type=float, nargs="+", default=[0.2, 2, 20], help="MB of text")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0, help="of the first round")
    parser.add_argument("--figures", type=Path, default=FIGURES)
    parser.add_argument("--add", action="store_true", help="keep the runs in the file of figures")
    parser.add_argument("--only", nargs="*", help="names of peers")
    parser.add_argument("--processes", action="store_true", help="also with two processes")
    parser.add_argument("--draw", action="store_true", help="only draw the pictures from the figures")
    options = parser.parse_args()
    if options.draw:
        figures = json.loads(options.figures.read_text(encoding="utf-8"))
        print_tables(figures)
        draw_pictures(figures, options.figures.parent)
        return
    peers: list[Peer] = [peer for peer in PEERS if not options.only or peer.name in options.only]
    environments = Environments(options.environments.resolve())
    versions = {peer.name: environments.install(peer) for peer in peers}
    versions |= dict.fromkeys(OURS, version("hanpack"))
    environments.write_tokenizers()
    tools = [*OURS, *(peer.name for peer in peers)]
    description = {
        "date": time.strftime("%Y-%m-%d"),
        "python": f"Python {sys.version.split()[0]}",
    }

    earlier = json.loads(options.figures.read_text(encoding="utf-8")) if options.add else {"runs": []}
    earlier_runs = [Run(**run) for run in earlier["runs"]]
    versions = {**earlier.get("versions", {}), **versions}

    def save(new_runs: Sequence[Run]) -> None:
        runs = [*earlier_runs, *new_runs]
        summary = summarize(runs, (*OURS, *(peer.name for peer in PEERS)))
        figures = {
            **description,
            "versions": versions,
            "tools": summary,
            "runs": [asdict(run) for run in runs],
        }
        options.figures.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    with tempfile.TemporaryDirectory() as scratch:
        measure(options, tools, Path(scratch), save)
    figures = json.loads(options.figures.read_text(encoding="utf-8"))
    print_tables(figures)
    draw_pictures(figures, options.figures.parent)


if __name__ == "__main__":
    main()
