"""Compares conversion to Simplified and back with OpenCC alone, in one run.

Prints the character error (edit distance over gold characters, parts per million) on the gold pairs, which of
OpenCC's own test cases pass, and the cost per MB of corpora. Needs the shared material.

    python benchmarks/script.py [--shared ../shared]
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from opencc import OpenCC

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.learn_forms import is_held_out
from tests.steps.script.distance import measure_distance
from tests.steps.traced_texts import trace

from hanpack.resources.form_classifier import load_form_classifier
from hanpack.steps.script.conversion import TRADITIONAL_TARGETS, ScriptConverter, Target

FOLDED = str.maketrans("臺“”‘’", "台「」『』")
TARGETS: dict[str, Target] = {"s2t": "hant", "s2tw": "tw", "s2hk": "hk"}


def measure_error(convert: Callable[[str], str], pairs: Iterable[tuple[str, str]]) -> float:
    """The character error in parts per million."""
    wrong, total = 0, 0
    for source, gold in pairs:
        result = convert(source)
        wrong += measure_distance(result, gold) if result != gold else 0
        total += len(gold)
    return wrong / total * 1e6


def print_traditional(gold: Iterable[dict[str, str]], court: Path) -> None:
    """Print the character error to Traditional, 臺 and 台 and the quotation marks as one.

    Of the court documents those are measured that the form classifier did not learn from; they are made
    Simplified by OpenCC first.
    """
    converter, opencc, simplify = (
        ScriptConverter("tw", classifier=load_form_classifier()),
        OpenCC("s2tw"),
        OpenCC("tw2s").convert,
    )
    with gzip.open(court, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    documents = [row["text"] for row in rows if is_held_out(row["id"])]
    lines_of_court = [line for document in documents for line in document.split("\n")]
    print("\ncharacter error simp to trad, parts per million")
    for name, pairs in (
        ("GSD", [(row["simp"], row["trad"].translate(FOLDED)) for row in gold]),
        ("held-out court", [(simplify(line), line.translate(FOLDED)) for line in lines_of_court]),
    ):
        ours = measure_error(lambda text: converter.convert(trace(text)).text.translate(FOLDED), pairs)
        theirs = measure_error(lambda text: opencc.convert(text).translate(FOLDED), pairs)
        print(f"{name:14} hanpack tw {ours:5.0f}   OpenCC s2tw {theirs:5.0f}")


def print_cases(rows: list[dict[str, str]]) -> None:
    """Print how many cases of each configuration OpenCC and hanpack pass."""
    for configuration in sorted({row["cfg"] for row in rows}):
        phrases = configuration.endswith("p")
        target = TARGETS.get(configuration.removesuffix("p"), "hans")
        converter = ScriptConverter(target, phrases, load_form_classifier())
        opencc = OpenCC(configuration)
        pairs = [
            (row["simp"], row["trad"]) if row["dir"] == "s2t" else (row["trad"], row["simp"])
            for row in rows
            if row["cfg"] == configuration
        ]
        ours = [converter.convert(trace(source)).text == gold for source, gold in pairs]
        theirs = [opencc.convert(source) == gold for source, gold in pairs]
        lost = sum(passed and not still for passed, still in zip(theirs, ours, strict=True))
        name = f"{converter.target}{' with phrases' if phrases else ''}"
        print(
            f"{configuration:6} OpenCC {sum(theirs):3} of {len(pairs):3}   "
            f"{name:17} {sum(ours):3}   lost {lost}"
        )


def print_cost(name: str, path: Path, target: Target, configuration: str) -> None:
    """Print the processor time per MB of converting a corpus with tracing, and by OpenCC alone."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line, _ in zip(lines, range(300), strict=False)]
    size = sum(len(text.encode()) for text in texts) / 1e6
    classifier = load_form_classifier() if target in TRADITIONAL_TARGETS else None
    converter, opencc = ScriptConverter(target, classifier=classifier), OpenCC(configuration)
    sources = [trace(text) for text in texts]
    converter.convert(trace("国國"))
    start = time.process_time()
    results = [converter.convert(source) for source in sources]
    ours = time.process_time() - start
    start = time.process_time()
    for text in texts:
        opencc.convert(text)
    theirs = time.process_time() - start
    changed = sum(result is not source for result, source in zip(results, sources, strict=True))
    print(
        f"{name:12} to {target:4} {ours / size * 1e3:6.1f} ms/MB, traced   OpenCC {configuration} "
        f"{theirs / size * 1e3:6.1f} ms/MB, untraced   {changed} of {len(texts)} texts changed"
    )


def main() -> None:
    """Run the three measurements."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shared", type=Path, default=Path(__file__).parents[2] / "shared")
    data = parser.parse_args().shared / "data"
    gold = [json.loads(line) for line in (data / "script/gsd_dev.jsonl").read_text("utf-8").splitlines()]
    pairs = [(row["trad"], row["simp"]) for row in gold]
    hans = ScriptConverter("hans")
    print("character error against GSD, trad to simp, parts per million")
    print(f"{'hanpack hans':14} {measure_error(lambda text: hans.convert(trace(text)).text, pairs):7.0f}")
    for configuration in ("t2s", "tw2s", "hk2s"):
        print(f"{'OpenCC ' + configuration:14} {measure_error(OpenCC(configuration).convert, pairs):7.0f}")
    halves = pairs[::2], pairs[1::2]
    print(
        "halves        ",
        *(f"{measure_error(lambda text: hans.convert(trace(text)).text, half):.0f}" for half in halves),
    )
    print_traditional(gold, data / "corpora/traditional_official_dev.jsonl.gz")
    print("\nOpenCC's own cases")
    lines = (data / "script/opencc_cases_dev.jsonl").read_text("utf-8").splitlines()
    print_cases([json.loads(line) for line in lines])
    print("\ncost")
    corpora = data / "corpora"
    print_cost("Traditional", corpora / "traditional_official_dev.jsonl.gz", "hans", "t2s")
    print_cost("Simplified", corpora / "laws_dev.jsonl.gz", "hans", "t2s")
    print_cost("Simplified", corpora / "laws_dev.jsonl.gz", "tw", "s2tw")


if __name__ == "__main__":
    main()
