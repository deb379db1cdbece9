"""Compares the removal of copies with the usual tools, on the same planted paragraphs in one run.

800 paragraphs of provincial reports and 200 copies of some of them (verbatim, in Traditional characters, one
character in a hundred changed, with other punctuation and indents) go through every tool; a copy is found if
it or its original is dropped. Then our MinHash is compared with the MinHash libraries on the same trigrams.
Every tool runs in a process of its own; its imports are not counted. The other tools are no dependencies of
hanpack: without them their rows say "not installed".

    python benchmarks/duplicates.py [REPORTS] [--seeds N] [--shortest N] [--longest N]
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

KINDS = ("verbatim", "traditional", "changed", "repunctuated")
ORIGINALS, COPIES = 800, 200
HALF_WIDTH = dict(zip("，。；：！？（）“”", ',.;:!?()""', strict=True))
REPLACEMENTS = "，。；、"


@dataclass(frozen=True, slots=True)
class PlantedText:
    """A text, the number of the original that it is a copy of (None for an original) and the kind of copy."""

    text: str
    original: int | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """The numbers of the texts a tool dropped, and the seconds of processor time it took."""

    dropped: frozenset[int]
    seconds: float


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: its name in the table, the modules it needs, the package to install, and how it drops texts."""

    name: str
    modules: tuple[str, ...]
    package: str
    drop: Callable[[Sequence[str]], Run]

    @property
    def installed(self) -> bool:
        """Whether it can be measured here."""
        return all(find_spec(module) is not None for module in self.modules)


def measure_processor_time() -> float:
    """The processor time so far, in seconds, with that of the processes that a tool started."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def read_paragraphs(path: Path, shortest: int, longest: int) -> list[str]:
    """The paragraphs with at least ``shortest`` and at most ``longest`` characters."""
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    paragraphs = [paragraph.strip() for text in texts for paragraph in text.split("\n")]
    return [paragraph for paragraph in paragraphs if shortest <= len(paragraph) <= longest]


def plant_copies(paragraphs: Sequence[str], seed: int) -> list[PlantedText]:
    """800 paragraphs, then 200 copies of as many of them, 50 of each kind."""
    from opencc import OpenCC

    generator = random.Random(seed)
    originals = generator.sample(paragraphs, ORIGINALS)
    characters = [character for text in originals for character in text if "一" <= character <= "\u9fff"]
    converters = [OpenCC(name) for name in ("s2t", "s2tw", "s2hk")]
    planted = [PlantedText(text) for text in originals]
    for place, original in enumerate(generator.sample(range(ORIGINALS), COPIES)):
        text, kind = originals[original], KINDS[place * len(KINDS) // COPIES]
        if kind == "traditional":
            text = converters[place % 3].convert(text)
        elif kind == "changed":
            # In turn each character with a probability of 1 %, and exactly 1 % of the characters.
            change = change_exactly if place % 2 == 0 else change_randomly
            text = change(text, characters, generator)
        elif kind == "repunctuated":
            text = change_punctuation(text, generator)
        planted.append(PlantedText(text, original, kind))
    return planted


def change_randomly(text: str, characters: Sequence[str], generator: random.Random) -> str:
    """Each character changed with a probability of 1 %."""
    return "".join(
        generator.choice(characters) if generator.random() < 0.01 else character for character in text
    )


def change_exactly(text: str, characters: Sequence[str], generator: random.Random) -> str:
    """Exactly one character in a hundred changed, at least one."""
    places = set(generator.sample(range(len(text)), max(1, round(len(text) / 100))))
    return "".join(
        generator.choice(characters) if place in places else character for place, character in enumerate(text)
    )


def change_punctuation(text: str, generator: random.Random) -> str:
    """Punctuation made half-width, dropped or replaced; indented, and broken at three places."""
    changed = [
        generator.choice([mark, HALF_WIDTH[mark], HALF_WIDTH[mark], "", generator.choice(REPLACEMENTS)])
        if mark in HALF_WIDTH
        else mark
        for mark in text
    ]
    for place in generator.sample(range(1, len(changed)), 3):
        changed[place] = generator.choice(["\n　　", "\n", " ", "　"]) + changed[place]
    return f"　　{''.join(changed)}"


def drop_by_hanpack(texts: Sequence[str]) -> Run:
    """Ours by its pure functions; of two copies the longer one is kept, then the first."""
    from hanpack.steps.dedup.candidates import find_candidates
    from hanpack.steps.dedup.clusters import assign_clusters
    from hanpack.steps.dedup.folding import TextFolder
    from hanpack.steps.dedup.minhash import compute_shingles, compute_signature, compute_similarity

    folder = TextFolder()
    start = measure_processor_time()
    folded = [folder.fold(text) for text in texts]
    signatures = [compute_signature(text) for text in folded]
    order = np.argsort([-signature.length for signature in signatures], kind="stable")
    bands = np.array([signature.bands for signature in signatures])
    pairs = find_candidates(list(bands.T), order)
    shingles = {number: compute_shingles(folded[number].text) for number in np.unique(pairs).tolist()}
    similarities = [compute_similarity(shingles[first], shingles[second]) for first, second in pairs.tolist()]
    clusters = assign_clusters(order, pairs, np.array(similarities))
    dropped = np.flatnonzero(~clusters.is_kept).tolist()
    return Run(frozenset(dropped), measure_processor_time() - start)


def drop_by_build(texts: Sequence[str]) -> Run:
    """Ours as users run it: a whole build, with repair, chunks, tokens and shards, in one process."""
    import pyarrow.parquet as pq

    from hanpack.building.run import build

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
        (folder / "texts.jsonl").write_text(lines, encoding="utf-8")
        (folder / "recipe.yaml").write_text("{name: planted, sources: [{path: texts.jsonl}]}")
        start = measure_processor_time()
        out = build(folder / "recipe.yaml", folder / "out", num_proc=1).path
        seconds = measure_processor_time() - start
        ledger = pq.read_table(out / "data" / "ledger", columns=["record", "state"]).to_pylist()
    return Run(frozenset(row["record"] for row in ledger if row["state"] == "duplicate"), seconds)


def drop_by_datatrove(texts: Sequence[str], language: str) -> Run:
    """The four MinHash steps of datatrove with their defaults, in this process."""
    from datatrove.data import Document
    from datatrove.pipeline.dedup import minhash
    from loguru import logger

    logger.remove()
    documents = [Document(text=text, id=str(number)) for number, text in enumerate(texts)]
    with tempfile.TemporaryDirectory() as scratch:
        signatures, buckets, clusters = (
            f"{scratch}/{name}" for name in ("signatures", "buckets", "clusters")
        )
        signer = minhash.MinhashDedupSignature(signatures, language=language)
        signer.word_tokenizer.word_tokenize("预热")
        start = measure_processor_time()
        signer.run(iter(documents))
        matcher = minhash.MinhashDedupBuckets(signatures, buckets)
        for rank in range(signer.config.num_buckets):
            matcher.run(rank=rank, world_size=signer.config.num_buckets)
        minhash.MinhashDedupCluster(buckets, clusters).run()
        kept = {int(document.id) for document in minhash.MinhashDedupFilter(clusters).run(iter(documents))}
        return Run(frozenset(range(len(texts))) - kept, measure_processor_time() - start)


def drop_by_text_dedup(texts: Sequence[str], spaced: bool) -> Run:
    """The MinHash of text-dedup, in this process; ``spaced`` gives it a space after every character.

    It has no setting for Chinese: by default, the text between two punctuation marks is one word. With spaces
    a word is a character, and ours compares trigrams of these, too.
    """
    from datasets import disable_progress_bars, load_from_disk
    from text_dedup import minhash, utils

    disable_progress_bars()
    minhash.logger.disabled = True
    with tempfile.TemporaryDirectory() as scratch:
        source, output = Path(scratch) / "texts.jsonl", Path(scratch) / "output"
        rows = (
            {"number": number, "text": " ".join(text) if spaced else text}
            for number, text in enumerate(texts)
        )
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        source.write_text("".join(lines), encoding="utf-8", newline="\n")
        reading = utils.IOArgs(
            path="json",
            data_files=str(source),
            split="train",
            output=str(output),
            cache_dir=f"{scratch}/cache",
            num_proc=1,
        )
        hashing = utils.MinHashArgs(ngram=3) if spaced else utils.MinHashArgs(ngram=5, min_length=1)
        start = measure_processor_time()
        minhash.main.callback(io_args=reading, meta_args=utils.MetaArgs(column="text"), minhash_args=hashing)
        seconds = measure_processor_time() - start
        kept = set(load_from_disk(str(output))["number"])
        return Run(frozenset(range(len(texts))) - kept, seconds)


def after_simplification(drop: Callable[[Sequence[str]], Run]) -> Callable[[Sequence[str]], Run]:
    """A tool whose input OpenCC has made Simplified, as a careful user would; the time for that counts."""

    def drop_simplified(texts: Sequence[str]) -> Run:
        from opencc import OpenCC

        convert = OpenCC("t2s").convert
        start = measure_processor_time()
        simplified = [convert(text) for text in texts]
        seconds = measure_processor_time() - start
        done = drop(simplified)
        return Run(done.dropped, done.seconds + seconds)

    return drop_simplified


DATATROVE = ("datatrove", "xxhash")
TOOLS = (
    Tool("hanpack", ("hanpack",), "hanpack", drop_by_hanpack),
    Tool("hanpack build as a whole", ("hanpack",), "hanpack", drop_by_build),
    Tool(
        "datatrove, Chinese words (spaCy, jieba)",
        (*DATATROVE, "spacy", "jieba"),
        "'datatrove[processing]' spacy jieba",
        lambda texts: drop_by_datatrove(texts, "cmn"),
    ),
    Tool(
        "datatrove, defaults (English words)",
        (*DATATROVE, "spacy"),
        "'datatrove[processing]' spacy",
        lambda texts: drop_by_datatrove(texts, "eng"),
    ),
    Tool(
        "datatrove, Chinese words, on text converted to Simplified",
        (*DATATROVE, "spacy", "jieba"),
        "'datatrove[processing]' spacy jieba",
        after_simplification(lambda texts: drop_by_datatrove(texts, "cmn")),
    ),
    Tool(
        "text-dedup, on text with spaces between characters",
        ("text_dedup",),
        "text-dedup",
        lambda texts: drop_by_text_dedup(texts, spaced=True),
    ),
    Tool(
        "text-dedup, on Simplified text with spaces between characters",
        ("text_dedup",),
        "text-dedup",
        after_simplification(lambda texts: drop_by_text_dedup(texts, spaced=True)),
    ),
    Tool(
        "text-dedup, defaults",
        ("text_dedup",),
        "text-dedup",
        lambda texts: drop_by_text_dedup(texts, spaced=False),
    ),
)


def run(name: str, texts: Sequence[str]) -> Run:
    """Run one tool on all texts; for a process that has not run it before."""
    os.environ["TQDM_DISABLE"] = "1"
    return next(tool for tool in TOOLS if tool.name == name).drop(texts)


def in_fresh_process(function: Callable[..., Any], *arguments: object) -> Any:
    """Call a function in a process of its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def print_recall(paragraphs: Sequence[str], seeds: int) -> None:
    """Print recall by kind, other dropped texts and processor time, as means over the seeds."""
    plantings = [plant_copies(paragraphs, seed) for seed in range(seeds)]
    headings = ("", *KINDS, "all", "worst", "other drops", "most", "seconds")
    print(f"| {' | '.join(headings)} |\n| --- |{' ---: |' * (len(headings) - 1)}")
    for tool in TOOLS:
        if not tool.installed:
            print(f"| {tool.name} | not installed: pip install {tool.package} |")
            continue
        shares: dict[str, list[float]] = defaultdict(list)
        for planted in plantings:
            done = in_fresh_process(run, tool.name, [planted_text.text for planted_text in planted])
            for name, share in judge(planted, done.dropped).items():
                shares[name].append(share)
            shares["seconds"].append(done.seconds)
        cells = [
            *(f"{mean(shares[name]):.3f}" for name in (*KINDS, "all")),
            f"{min(shares['all']):.3f}",
            f"{mean(shares['other']):.1f}",
            f"{max(shares['other']):.0f}",
            f"{mean(shares['seconds']):.2f}",
        ]
        print(f"| {tool.name} | {' | '.join(cells)} |", flush=True)


def judge(planted: Sequence[PlantedText], dropped: frozenset[int]) -> Mapping[str, float]:
    """The recall by kind and of all copies; ``other`` is the number of dropped texts of no planted pair."""
    recalled: Counter[str] = Counter()
    in_pairs: set[int] = set()
    for number, planted_text in enumerate(planted):
        if planted_text.original is not None:
            in_pairs |= {number, planted_text.original}
            recalled[planted_text.kind] += number in dropped or planted_text.original in dropped
    of_each_kind = COPIES // len(KINDS)
    shares = {kind: recalled[kind] / of_each_kind for kind in KINDS}
    return {**shares, "all": recalled.total() / COPIES, "other": len(dropped - in_pairs)}


def print_estimators(paragraphs: Sequence[str]) -> None:
    """Print the error of each MinHash on pairs of known similarity, and its speed on whole reports."""
    print(
        "\n| 160 values | root mean square error | of theory | MB/s on 50,000 characters |\n| --- |"
        + " ---: |" * 3
    )
    for name, module in (("hanpack", "hanpack"), ("rensa", "rensa"), ("datasketch", "datasketch")):
        if find_spec(module) is None:
            print(f"| {name} | not installed: pip install {module} |")
            continue
        error, theory, speed = in_fresh_process(measure_estimator, name, list(paragraphs))
        print(f"| {name} | {error:.4f} | {error / theory:.2f} | {speed:.0f} |", flush=True)


def measure_estimator(name: str, paragraphs: Sequence[str]) -> tuple[float, float, float]:
    """The error of the estimated similarity, its theoretical error with independent hashes, and MB/s."""
    from hanpack.steps.dedup.folding import TextFolder
    from hanpack.steps.dedup.minhash import compute_shingles, compute_similarity

    folder, generator = TextFolder(), random.Random(1)
    estimate = open_estimator(name)
    characters = [character for text in paragraphs for character in text if "一" <= character <= "\u9fff"]
    exact, estimated = [], []
    for text in paragraphs[:400]:
        copy = text
        for _ in range(generator.randrange(1, 12)):
            copy = change_exactly(copy, characters, generator)
        first, second = (folder.fold(version).text for version in (text, copy))
        exact.append(compute_similarity(compute_shingles(first), compute_shingles(second)))
        estimated.append(float(np.mean(estimate(first) == estimate(second))))
    similarities = np.array(exact)
    error = float(np.sqrt(np.mean((similarities - np.array(estimated)) ** 2)))
    whole = folder.fold("".join(paragraphs)).text
    texts = [whole[start : start + 50_000] for start in range(0, len(whole), 50_000)]
    start = measure_processor_time()
    for text in texts:
        estimate(text)
    speed = sum(len(text.encode()) for text in texts) / 1e6 / (measure_processor_time() - start)
    return error, float(np.sqrt(np.mean(similarities * (1 - similarities)) / 160)), speed


def open_estimator(name: str) -> Callable[[str], Any]:
    """The function that computes 160 values of a folded text.

    The other libraries get the same distinct trigrams as 64-bit hashes.
    """
    from hanpack.steps.dedup.minhash import compute_minima, compute_shingles
    from hanpack.steps.traced import code_points

    factor = np.uint64(0x9E3779B97F4A7C15)
    if name == "hanpack":
        return lambda text: compute_minima(code_points(text), np.array([len(text)]))
    if name == "rensa":
        from rensa import RMinHash

        def estimate_by_rensa(text: str) -> Any:
            hashes = compute_shingles(text) * factor
            digests = RMinHash.digest_matrix_from_flat_token_hashes(
                hashes, np.array([0, len(hashes)], np.uint64), 160, 1
            )
            return np.array(digests.to_rows()[0])

        return estimate_by_rensa
    from datasketch import MinHash

    def estimate_by_datasketch(text: str) -> Any:
        minhash = MinHash(160, hashfunc=lambda value: value)
        minhash.update_batch(((compute_shingles(text) * factor) >> np.uint64(32)).tolist())
        return minhash.hashvalues

    return estimate_by_datasketch


def main() -> None:
    """Measure everything on the development reports."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reports = Path(__file__).parents[2] / "shared/data/corpora/provincial_reports_dev.jsonl.gz"
    parser.add_argument("reports", nargs="?", type=Path, default=reports)
    parser.add_argument(
        "--seeds", type=int, default=5, help="number of plantings, of which the means are printed"
    )
    parser.add_argument("--shortest", type=int, default=60, help="characters of a paragraph")
    parser.add_argument("--longest", type=int, default=400)
    arguments = parser.parse_args()
    paragraphs = read_paragraphs(arguments.reports, arguments.shortest, arguments.longest)
    print(
        f"{ORIGINALS} of {len(paragraphs):,} paragraphs, {COPIES} copies, {arguments.seeds} plantings\n",
        flush=True,
    )
    print_recall(paragraphs, arguments.seeds)
    print_estimators(paragraphs)


if __name__ == "__main__":
    main()
