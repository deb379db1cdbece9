"""What duplicate removal must show, against the usual tools on the same planted paragraphs in one run.

800 paragraphs of provincial reports and 200 copies of some of them (verbatim, in Traditional characters, one
character in a hundred changed, re-punctuated and indented) go through every tool; a copy is found where it or
what it was made from is dropped. Then our sketches against the MinHash libraries, on the same trigrams. Every
tool runs in a process of its own; its imports are not counted. Peers are no dependencies of ours: their rows
say "not installed" without them.

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
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

KINDS = ("verbatim", "traditional", "changed", "repunctuated")
OWN, COPIES = 800, 200
NARROW = dict(zip("，。；：！？（）“”", ',.;:!?()""', strict=True))
SWAPPED = "，。；、"


@dataclass(frozen=True, slots=True)
class Planted:
    """A text, the number of the one it was made from (None: a paragraph of its own) and how."""

    text: str
    origin: int | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """The numbers of the texts a tool dropped, and the seconds of processor time it took."""

    dropped: frozenset[int]
    seconds: float


@dataclass(frozen=True, slots=True)
class Contender:
    """A tool: how the table names it, what it imports, what pip installs, how it drops texts."""

    name: str
    modules: tuple[str, ...]
    package: str
    drop: Callable[[Sequence[str]], Run]

    @property
    def installed(self) -> bool:
        """Whether it can be measured here."""
        return all(find_spec(module) is not None for module in self.modules)


def spent() -> float:
    """The processor time so far, in seconds, with that of the processes a tool started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def read_paragraphs(path: Path, shortest: int, longest: int) -> list[str]:
    """The paragraphs of so many characters."""
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    paragraphs = [paragraph.strip() for text in texts for paragraph in text.split("\n")]
    return [paragraph for paragraph in paragraphs if shortest <= len(paragraph) <= longest]


def plant(paragraphs: Sequence[str], seed: int) -> list[Planted]:
    """800 paragraphs, then 200 copies of as many of them, 50 of each kind."""
    opencc = import_module("opencc")
    generator = random.Random(seed)
    own = generator.sample(paragraphs, OWN)
    pool = [character for text in own for character in text if "一" <= character <= "\u9fff"]
    converters = [opencc.OpenCC(name) for name in ("s2t", "s2tw", "s2hk")]
    planted = [Planted(text) for text in own]
    for place, origin in enumerate(generator.sample(range(OWN), COPIES)):
        text, kind = own[origin], KINDS[place * len(KINDS) // COPIES]
        if kind == "traditional":
            text = converters[place % 3].convert(text)
        elif kind == "changed":
            # By turns each character with this chance, and exactly so many.
            text = change_each(text, pool, generator) if place % 2 else change_some(text, pool, generator)
        elif kind == "repunctuated":
            text = repunctuate(text, generator)
        planted.append(Planted(text, origin, kind))
    return planted


def change_each(text: str, pool: Sequence[str], generator: random.Random) -> str:
    """Each character changed with a chance of one in a hundred."""
    return "".join(generator.choice(pool) if generator.random() < 0.01 else one for one in text)


def change_some(text: str, pool: Sequence[str], generator: random.Random) -> str:
    """Exactly one character in a hundred changed, one at least."""
    places = set(generator.sample(range(len(text)), max(1, round(len(text) / 100))))
    return "".join(generator.choice(pool) if at in places else one for at, one in enumerate(text))


def repunctuate(text: str, generator: random.Random) -> str:
    """Marks narrowed, dropped or put for one another; indented, and broken at three places."""
    marked = [
        generator.choice([one, NARROW[one], NARROW[one], "", generator.choice(SWAPPED)])
        if one in NARROW
        else one
        for one in text
    ]
    for place in generator.sample(range(1, len(marked)), 3):
        marked[place] = generator.choice(["\n　　", "\n", " ", "　"]) + marked[place]
    return f"　　{''.join(marked)}"


def drop_by_hanpack(texts: Sequence[str]) -> Run:
    """Ours through its pure functions; of two copies the longer one stays, then the first."""
    from hanpack.steps.dedup.clusters import choose, find_candidates
    from hanpack.steps.dedup.folding import Folder
    from hanpack.steps.dedup.minhash import compute_signature, shingles, similarity

    folder = Folder()
    start = spent()
    folded = [folder.fold(text) for text in texts]
    sketches = [compute_signature(one) for one in folded]
    order = np.argsort([-one.length for one in sketches], kind="stable")
    pairs = find_candidates(np.array([one.bands for one in sketches]), order)
    sets = {number: shingles(folded[number].text) for number in np.unique(pairs).tolist()}
    found = np.array([similarity(sets[first], sets[second]) for first, second in pairs.tolist()])
    kept_by = choose(order, pairs, found).kept_by
    dropped = np.flatnonzero(kept_by != np.arange(len(texts))).tolist()
    return Run(frozenset(dropped), spent() - start)


def drop_by_build(texts: Sequence[str]) -> Run:
    """Ours as users run it: a whole build, with repair, chunks, tokens and shards, on one process."""
    import pyarrow.parquet as pq

    from hanpack.building.run import build

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
        (folder / "texts.jsonl").write_text(lines, encoding="utf-8")
        (folder / "recipe.yaml").write_text("{name: planted, sources: [{path: texts.jsonl}]}")
        start = spent()
        out = build(folder / "recipe.yaml", folder / "out", num_proc=1).path
        used = spent() - start
        ledger = pq.read_table(out / "data" / "ledger", columns=["record", "state"]).to_pylist()
    return Run(frozenset(row["record"] for row in ledger if row["state"] == "duplicate"), used)


def drop_by_datatrove(texts: Sequence[str], language: str) -> Run:
    """The four MinHash steps of datatrove with their defaults, in this process."""
    data = import_module("datatrove.data")
    minhash = import_module("datatrove.pipeline.dedup.minhash")
    logger = import_module("loguru").logger
    logger.remove()
    documents = [data.Document(text=text, id=str(number)) for number, text in enumerate(texts)]
    with tempfile.TemporaryDirectory() as scratch:
        signatures, buckets, clusters = (
            f"{scratch}/{name}" for name in ("signatures", "buckets", "clusters")
        )
        signer = minhash.MinhashDedupSignature(signatures, language=language)
        signer.word_tokenizer.word_tokenize("预热")
        start = spent()
        signer.run(iter(documents))
        matcher = minhash.MinhashDedupBuckets(signatures, buckets)
        for rank in range(signer.config.num_buckets):
            matcher.run(rank=rank, world_size=signer.config.num_buckets)
        minhash.MinhashDedupCluster(buckets, clusters).run()
        kept = {int(document.id) for document in minhash.MinhashDedupFilter(clusters).run(iter(documents))}
        return Run(frozenset(range(len(texts))) - kept, spent() - start)


def drop_by_text_dedup(texts: Sequence[str], spaced: bool) -> Run:
    """The MinHash of text-dedup, in this process; ``spaced`` gives it a space after every character.

    It has no setting for Chinese: as it comes, what stands between two marks is one word. With spaces a
    word is a character, and trigrams of these are what ours compares.
    """
    import_module("datasets").disable_progress_bars()
    utils, minhash = import_module("text_dedup.utils"), import_module("text_dedup.minhash")
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
        start = spent()
        minhash.main.callback(io_args=reading, meta_args=utils.MetaArgs(column="text"), minhash_args=hashing)
        seconds = spent() - start
        kept = set(import_module("datasets").load_from_disk(str(output))["number"])
        return Run(frozenset(range(len(texts))) - kept, seconds)


def simplified(drop: Callable[[Sequence[str]], Run]) -> Callable[[Sequence[str]], Run]:
    """A tool that is given what OpenCC makes Simplified of its texts, as a careful user would; it counts."""

    def drop_simplified(texts: Sequence[str]) -> Run:
        convert = import_module("opencc").OpenCC("t2s").convert
        start = spent()
        prepared = [convert(text) for text in texts]
        seconds = spent() - start
        done = drop(prepared)
        return Run(done.dropped, done.seconds + seconds)

    return drop_simplified


DATATROVE = ("datatrove", "xxhash")
CONTENDERS = (
    Contender("hanpack", ("hanpack",), "hanpack", drop_by_hanpack),
    Contender("hanpack build, all of it", ("hanpack",), "hanpack", drop_by_build),
    Contender(
        "datatrove, Chinese words (spaCy, jieba)",
        (*DATATROVE, "spacy", "jieba"),
        "'datatrove[processing]' spacy jieba",
        lambda texts: drop_by_datatrove(texts, "cmn"),
    ),
    Contender(
        "datatrove, as it comes (English words)",
        (*DATATROVE, "spacy"),
        "'datatrove[processing]' spacy",
        lambda texts: drop_by_datatrove(texts, "eng"),
    ),
    Contender(
        "datatrove, Chinese words, made Simplified for it",
        (*DATATROVE, "spacy", "jieba"),
        "'datatrove[processing]' spacy jieba",
        simplified(lambda texts: drop_by_datatrove(texts, "cmn")),
    ),
    Contender(
        "text-dedup, characters spaced for it",
        ("text_dedup",),
        "text-dedup",
        lambda texts: drop_by_text_dedup(texts, spaced=True),
    ),
    Contender(
        "text-dedup, spaced and made Simplified for it",
        ("text_dedup",),
        "text-dedup",
        simplified(lambda texts: drop_by_text_dedup(texts, spaced=True)),
    ),
    Contender(
        "text-dedup, as it comes",
        ("text_dedup",),
        "text-dedup",
        lambda texts: drop_by_text_dedup(texts, spaced=False),
    ),
)


def run(name: str, texts: Sequence[str]) -> Run:
    """One tool on all texts; meant for a process that has not run it before."""
    os.environ["TQDM_DISABLE"] = "1"
    return next(contender for contender in CONTENDERS if contender.name == name).drop(texts)


def in_fresh_process(function: Callable[..., Any], *arguments: object) -> Any:
    """Call a function in a process of its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def print_recall(paragraphs: Sequence[str], seeds: int) -> None:
    """Print recall by kind, what else was dropped, and processor time: means over the seeds."""
    sets = [plant(paragraphs, seed) for seed in range(seeds)]
    heads = ("", *KINDS, "all", "worst seed", "other drops", "most", "seconds")
    print(f"| {' | '.join(heads)} |\n| --- |{' ---: |' * (len(heads) - 1)}")
    for contender in CONTENDERS:
        if not contender.installed:
            print(f"| {contender.name} | not installed: pip install {contender.package} |")
            continue
        shares: dict[str, list[float]] = defaultdict(list)
        for planted in sets:
            done = in_fresh_process(run, contender.name, [one.text for one in planted])
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
        print(f"| {contender.name} | {' | '.join(cells)} |", flush=True)


def judge(planted: Sequence[Planted], dropped: frozenset[int]) -> Mapping[str, float]:
    """The share of copies found, by kind and of all; ``other`` counts the drops of no planted pair."""
    found: Counter[str] = Counter()
    of_pairs: set[int] = set()
    for number, one in enumerate(planted):
        if one.origin is not None:
            of_pairs |= {number, one.origin}
            found[one.kind] += number in dropped or one.origin in dropped
    each = COPIES // len(KINDS)
    shares = {kind: found[kind] / each for kind in KINDS}
    return {**shares, "all": found.total() / COPIES, "other": len(dropped - of_pairs)}


def print_estimators(paragraphs: Sequence[str]) -> None:
    """Print what each MinHash makes of pairs of known similarity, and its speed on whole reports."""
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
    """The error of the estimated similarity, what independent hash functions would have, and MB a second."""
    from hanpack.steps.dedup.folding import Folder
    from hanpack.steps.dedup.minhash import shingles, similarity

    folder, generator = Folder(), random.Random(1)
    estimate = open_estimator(name)
    pool = [one for text in paragraphs for one in text if "一" <= one <= "\u9fff"]
    true, guessed = [], []
    for text in paragraphs[:400]:
        copy = text
        for _ in range(generator.randrange(1, 12)):
            copy = change_some(copy, pool, generator)
        first, second = (folder.fold(one).text for one in (text, copy))
        true.append(similarity(shingles(first), shingles(second)))
        guessed.append(float(np.mean(estimate(first) == estimate(second))))
    exact = np.array(true)
    error = float(np.sqrt(np.mean((exact - np.array(guessed)) ** 2)))
    whole = folder.fold("".join(paragraphs)).text
    texts = [whole[start : start + 50_000] for start in range(0, len(whole), 50_000)]
    start = spent()
    for text in texts:
        estimate(text)
    speed = sum(len(text.encode()) for text in texts) / 1e6 / (spent() - start)
    return error, float(np.sqrt(np.mean(exact * (1 - exact)) / 160)), speed


def open_estimator(name: str) -> Callable[[str], Any]:
    """What makes 160 values of a folded text; the peers get the same trigrams as 64-bit hashes, each once."""
    from hanpack.steps import sketches
    from hanpack.steps.traced import code_points

    if name == "hanpack":
        return lambda text: sketches.compute_minima(code_points(text))
    prepare = sketches.shingles
    spread = np.uint64(0x9E3779B97F4A7C15)
    if name == "rensa":
        digest = import_module("rensa").RMinHash.digest_matrix_from_flat_token_hashes

        def rensa(text: str) -> Any:
            hashes = prepare(text) * spread
            return np.array(digest(hashes, np.array([0, len(hashes)], np.uint64), 160, 1).to_rows()[0])

        return rensa
    datasketch = import_module("datasketch")

    def values(text: str) -> Any:
        made = datasketch.MinHash(160, hashfunc=lambda value: value)
        made.update_batch(((prepare(text) * spread) >> np.uint64(32)).tolist())
        return made.hashvalues

    return values


def main() -> None:
    """Measure everything on the development reports."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reports = Path(__file__).parents[2] / "shared/data/corpora/provincial_reports_dev.jsonl.gz"
    parser.add_argument("reports", nargs="?", type=Path, default=reports)
    parser.add_argument("--seeds", type=int, default=5, help="plantings; the means are told")
    parser.add_argument("--shortest", type=int, default=60, help="characters of a paragraph")
    parser.add_argument("--longest", type=int, default=400)
    arguments = parser.parse_args()
    paragraphs = read_paragraphs(arguments.reports, arguments.shortest, arguments.longest)
    print(
        f"{OWN} of {len(paragraphs):,} paragraphs, {COPIES} copies, {arguments.seeds} plantings\n", flush=True
    )
    print_recall(paragraphs, arguments.seeds)
    print_estimators(paragraphs)


if __name__ == "__main__":
    main()
