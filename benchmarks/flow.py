"""What a further megabyte costs, stage by stage and as a whole build, against one plain tiktoken pass.

    python benchmarks/flow.py [--data DATA] [--stages] [--builds] [--large] [--megabytes 4]

The texts are made of DATA (by default ../shared/data/corpora), or of seeds/ if there is none: of the lines
of its documents, or of the sentences once more where those do not suffice, so that no cache has seen them.
Each is a line of JSON. All figures are processor time in one run; the pass is ``encode_ordinary`` over the
same texts. ``--stages`` prints the stages of the flow for documents of 300, 3,000 and 30,000 characters;
``--builds`` the further cost of whole builds of 12 and 36 MB, with and without the faster encoder, of
verify, their memory, and one and two processes; ``--large`` adds 120 MB.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "builder"))

from opencc import OpenCC

from hanpack import flow
from hanpack.documents import FinishedText, describe_documents
from hanpack.model import Record, Source
from hanpack.recipe import Recipe
from hanpack.record_texts import read_texts
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.sources.records import BATCH_BYTES
from hanpack.step_table import ROWS_TO_RUN
from hanpack.steps.dedup.minhash import compute_signatures
from hanpack.steps.edit_list import JoinedEdits
from hanpack.steps.joined_alignment import JoinedAlignment
from hanpack.steps.quality import measure_quality
from hanpack.steps.texts import Texts
from hanpack.steps.tokens import open_counter
from hanpack.steps.traced import Traced
from hanpack.store.table_kinds import find_schemas
from hanpack.store.tables import make_tables
from hanpack.store.without_pandas import keep_pandas_out
from hanpack.tools import Tools, prepare_tools

ROOT = Path(__file__).parents[1]
Result = TypeVar("Result")
LENGTHS = (300, 3_000, 30_000)
MEMORY_TICK = 0.05


def read_corpus(folder: Path) -> tuple[list[str], list[str]]:
    """The documents of the corpora in Simplified and in Traditional characters."""
    simplified: list[str] = []
    traditional: list[str] = []
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            texts = [json.loads(line)["text"] for line in lines]
        (traditional if "traditional" in path.name else simplified).extend(texts)
    if not simplified:
        simplified = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))]
    return simplified, traditional


def cut_documents(texts: Sequence[str], length: int, chance: random.Random) -> Iterator[str]:
    """Documents of about ``length`` characters, without end: of whole lines, then of shuffled sentences."""
    lines = [line for text in texts for line in text.splitlines(keepends=True)]
    while True:
        document: list[str] = []
        size = 0
        for line in lines:
            for start in range(0, len(line), length):
                document.append(line[start : start + length])
                size += len(document[-1])
                if size >= length:
                    yield "".join(document).strip("\n")
                    document, size = [], 0
        sentences = [part for line in lines for part in line.replace("。", "。\0").split("\0") if part]
        chance.shuffle(sentences)
        lines = [
            "".join(sentences[at : at + 4]).replace("\n", "") + "\n" for at in range(0, len(sentences), 4)
        ]


def make_texts(
    corpus: tuple[list[str], list[str]],
    lengths: Sequence[int],
    megabytes: float,
    half_traditional: bool = False,
) -> list[str]:
    """Documents of these lengths, of each the same number of bytes, in random order."""
    chance = random.Random(f"{lengths}{megabytes}{half_traditional}")
    simplified, traditional = (chance.sample(texts, len(texts)) for texts in corpus)
    to_traditional = OpenCC("s2t").convert
    chosen: list[str] = []
    for length in lengths:
        mixed = chance.sample([*simplified, *traditional], len(simplified) + len(traditional))
        documents = cut_documents(simplified if half_traditional else mixed, length, chance)
        size, number = 0.0, 0
        while size < megabytes * 1e6 / len(lengths):
            text = next(documents)
            number += 1
            chosen.append(to_traditional(text) if half_traditional and number % 2 else text)
            size += len(text.encode())
    chance.shuffle(chosen)
    return chosen


def make_recipe(script: str, root: str = ".") -> dict[str, object]:
    """The recipe that ``hanpack init`` writes, for one file."""
    return {
        "name": "flow",
        "root": root,
        "sources": [{"path": "texts.jsonl"}],
        "steps": {"page": True, "repair": True, "spaces": True, "script": script},
        "chunks": {"max_tokens": 512},
        "duplicates": {"drop": "near"},
    }


def make_batches(texts: Sequence[str]) -> Iterator[list[Record]]:
    """The texts as records, in batches as a build makes them."""
    source = Source("texts.jsonl", "0" * 64, 1, "utf-8")
    batch: list[Record] = []
    position = size = 0
    for index, text in enumerate(texts):
        data = json.dumps({"text": text}, ensure_ascii=False).encode() + b"\n"
        if batch and size + len(data) > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        end = position + len(data)
        batch.append(Record(source, index, data, position, end, terminator=1, wrapping="json"))
        position, size = end, size + len(data)
    yield batch


class Stopwatch:
    """Processor seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def measure(self, stage: str, run: Callable[[], Result]) -> Result:
        """The result of a function, whose time counts for a stage."""
        start = time.process_time()
        result = run()
        self.seconds[stage] = self.seconds.get(stage, 0) + time.process_time() - start
        return result


def measure_stages(texts: Sequence[str], recipe: Recipe, tools: Tools) -> tuple[float, dict[str, float]]:
    """The processor seconds of one plain pass of tiktoken over the texts, and of each stage of the flow."""
    schemas = find_schemas(recipe)
    encode = tools.counter.encoding.encode_ordinary  # type: ignore[attr-defined]
    batches = list(make_batches(texts))
    # What is loaded at first use belongs to the start of a build.
    make_tables(flow.process(batches[0][:50], tools), schemas)
    stages, others = Stopwatch(), Stopwatch()
    others.measure("tiktoken", lambda: [encode(text) for text in texts])
    for batch in batches:
        _run_stages(batch, tools, stages)
    others.measure("whole", lambda: [make_tables(flow.process(batch, tools), schemas) for batch in batches])
    return others.seconds["tiktoken"], {**stages.seconds, "flow and tables": others.seconds["whole"]}


def _run_stages(batch: list[Record], tools: Tools, watch: Stopwatch) -> None:
    """The stages of ``flow.process`` one after the other; those of the chunks together."""
    read = watch.measure("decode", lambda: read_texts(batch))
    texts = Texts([text for text in read if isinstance(text, Traced)])
    for row in ROWS_TO_RUN:
        if row.is_enabled(tools.steps.options):
            texts = watch.measure(f"step {row.name}", partial(row.run_on, texts, tools.steps))
    strings, joined = [text.text for text in texts.traced], texts.joined
    folded = watch.measure("fold", lambda: tools.folder.fold_all(joined))
    nothing = [None] * len(strings), [0] * len(strings)
    quality = watch.measure("quality", lambda: measure_quality(joined, *nothing))
    watch.measure("tokens by themselves", lambda: tools.counter.prepare_all(strings))
    signatures = watch.measure("signatures", lambda: compute_signatures(folded))
    finished = [
        FinishedText(record, text, signature, sentences=None, damage=0, quality=figures)
        for record, text, signature, figures in zip(batch, texts.traced, signatures, quality, strict=True)
    ]
    alignment = JoinedAlignment.of([text.alignment for text in texts.traced])
    edits = JoinedEdits.of([text.edits for text in texts.traced])
    watch.measure("tokens, chunks, rows", lambda: describe_documents(finished, alignment, edits, tools))


def print_stages(texts: Sequence[str], label: str, script: str) -> None:
    """Print a table of the stages for some texts."""
    recipe = Recipe.model_validate(make_recipe(script))
    vocabulary = load_vocabulary(recipe.tokenizer)
    tools = prepare_tools(recipe, vocabulary, load_ngram_model(), size=1 << 30)
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    print(f"\n{label}: {len(texts):,} documents, {megabytes:.1f} MB")
    for name, counter in (("fast extra", tools.counter), ("without", open_counter(vocabulary, fast=False))):
        plain, stages = measure_stages(texts, recipe, replace(tools, counter=counter))
        print(f"  {name}: a plain pass takes {1e3 * plain / megabytes:.0f} ms/MB")
        for stage, seconds in stages.items():
            print(f"    {stage:32} {1e3 * seconds / megabytes:7.1f} ms/MB {seconds / plain:6.2f}")


def run_command(*arguments: str, fast: bool = True) -> tuple[float, float, int]:
    """Processor seconds, seconds, and the peak memory (MB) of a command and its workers."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(ROOT / "builder")
    hidden = "" if fast else "import sys; sys.modules['quicktok'] = None; "
    code = f"{hidden}from hanpack.cli import main; main()"
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    peak = watch_memory(process)
    if process.returncode:
        sys.exit(f"hanpack {arguments} failed: {process.stderr.read().decode() if process.stderr else ''}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, time.perf_counter() - start, peak


def watch_memory(process: subprocess.Popen[bytes], tick: float = MEMORY_TICK) -> int:
    """Wait for a process; returns the peak of its memory and its children's, shared pages counted once."""
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(_read_memory, find_family(process.pid))))
        time.sleep(tick)
    return peak // 1024


def find_family(parent: int) -> list[int]:
    """A process and its children, and theirs."""
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    except OSError:
        return [parent]
    return [parent, *(member for child in children for member in find_family(int(child)))]


def _read_memory(number: int) -> int:
    try:
        lines = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def measure_builds(corpus: tuple[list[str], list[str]], sizes: Sequence[int], tries: int) -> None:
    """Print what a further MB costs in whole builds of the sizes, and what else the issue bounds."""
    cases = (
        ("mixed, keep", LENGTHS, "keep", False, True),
        ("mixed, keep, without the fast extra", LENGTHS, "keep", False, False),
        ("300 characters, keep", (300,), "keep", False, True),
        ("half Traditional, hans", (3_000,), "hans", True, True),
        ("files of 1,000 characters, keep", (1_000,), "keep", False, True),
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for label, lengths, script, half_traditional, fast in cases:
            pairs = []
            for size in sizes[:2]:
                texts = make_texts(corpus, lengths, size, half_traditional)
                write = _write_files if label.startswith("files") else _write
                recipe = write(folder / f"{size} {label}", texts, script)
                pairs.append((recipe, sum(len(text.encode()) for text in texts) / 1e6))
            further = pairs[1][1] - pairs[0][1]
            ratios, peaks = [], [0, 0]
            plain = _time_plain(make_texts(corpus, lengths, 4, half_traditional))
            for _ in range(tries):
                costs = []
                for number, (recipe, _) in enumerate(pairs):
                    used, _, peak = run_command(
                        "build",
                        str(recipe),
                        "-o",
                        str(folder / "out"),
                        "--num-proc",
                        "1",
                        "--fresh",
                        "--overwrite",
                        fast=fast,
                    )
                    costs.append(used)
                    peaks[number] = max(peaks[number], peak)
                ratios.append((costs[1] - costs[0]) / further / plain)
            cost = statistics.median(ratios)
            print(f"{label}: a further MB costs {cost:.2f} passes of {1e3 * plain:.0f} ms", flush=True)
            print(f"  peak memory {peaks} MB", flush=True)
            if label == "mixed, keep":
                verify, _, _ = run_command(
                    "verify", str(folder / "out"), "--sources", str(pairs[1][0].parent)
                )
                print(f"  verify costs {verify / costs[1]:.2f} of its build", flush=True)
        for size in sizes[1:]:
            recipe = _write(folder / f"{size}", make_texts(corpus, LENGTHS, size), "keep")
            times = []
            for processes in ("1", "2"):
                _, seconds, peak = run_command(
                    "build",
                    str(recipe),
                    "-o",
                    str(folder / "out"),
                    "--num-proc",
                    processes,
                    "--fresh",
                    "--overwrite",
                )
                times.append(seconds)
                print(f"{size} MB, {processes} processes: {seconds:.1f} s, peak memory {peak} MB", flush=True)
            print(f"{size} MB: two processes are {times[0] / times[1]:.2f} times as fast", flush=True)


def _time_plain(texts: Sequence[str]) -> float:
    """Processor seconds for a MB of one plain pass."""
    encode = open_counter(load_vocabulary("o200k_base"), fast=False).encoding.encode_ordinary  # type: ignore[attr-defined]
    encode(texts[0])
    start = time.process_time()
    for text in texts:
        encode(text)
    return (time.process_time() - start) / (sum(len(text.encode()) for text in texts) / 1e6)


def _write(folder: Path, texts: Sequence[str], script: str) -> Path:
    """Write texts and their recipe; returns the recipe."""
    folder.mkdir(exist_ok=True)
    rows = (json.dumps({"id": index, "text": text}, ensure_ascii=False) for index, text in enumerate(texts))
    (folder / "texts.jsonl").write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    recipe = folder / "recipe.yaml"
    recipe.write_text(yaml.safe_dump(make_recipe(script)), encoding="utf-8")
    return recipe


def _write_files(folder: Path, texts: Sequence[str], script: str) -> Path:
    """Write each text as a file, every third in GBK, and their recipe; returns the recipe."""
    recipe = _write(folder, texts, script)
    for index, text in enumerate(texts):
        path = folder / str(index % 100) / f"{index}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode("utf-8" if index % 3 else "gb18030"))
    content = {**make_recipe(script), "sources": [{"path": "*/*.txt"}]}
    recipe.write_text(yaml.safe_dump(content), encoding="utf-8")
    return recipe


def main() -> None:
    """Print the tables that are asked for; by default the stages."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/corpora")
    parser.add_argument("--stages", action="store_true")
    parser.add_argument("--builds", action="store_true")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--megabytes", type=float, default=4, help="of each table of stages")
    parser.add_argument("--tries", type=int, default=3)
    options = parser.parse_args()
    keep_pandas_out()
    corpus = read_corpus(options.data)
    if options.stages or not options.builds:
        for length in LENGTHS:
            texts = make_texts(corpus, (length,), options.megabytes)
            print_stages(texts, f"{length:,} characters, keep", "keep")
        print_stages(make_texts(corpus, (3_000,), options.megabytes, True), "half Traditional, hans", "hans")
    if options.builds:
        measure_builds(corpus, (12, 36, 120) if options.large else (12, 36), options.tries)


if __name__ == "__main__":
    main()
