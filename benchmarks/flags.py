"""How much of shifted text is restored, flagged, or wrong without a flag: on pairs, and on made damage.

The damage is made as pages got it, on paragraphs of laws and of Traditional court documents, which are less
like what the n-gram model has counted than the pairs are.

    python benchmarks/flags.py [DATA] [--sure-margin NATS]
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.steps.repair.damage import annotate, insert_before_marks
from tests.steps.repair.samples import find_flagged, is_right_outside
from tests.steps.traced_texts import trace

from hanpack.resources.ngram_model import load_ngram_model
from hanpack.steps.repair.pinyin import find_pinyin
from hanpack.steps.repair.pronunciation import COMMONLY_ANNOTATED
from hanpack.steps.repair.shift import TRIGGER, find_shifts
from hanpack.steps.repair.shift_costs import SHIFT_COSTS, ShiftCosts

CORPORA = ("laws_dev", "traditional_official_dev")
# Damaged paragraphs of each corpus, their length in characters, and annotated characters of a page.
PARAGRAPHS, LENGTH, ANNOTATED = 250, range(60, 400), 60


def read_pairs(path: Path) -> Iterator[tuple[str, str]]:
    """The damaged and the clean paragraphs of a file of pairs."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        yield row["damaged"], row["clean"]


def make_pairs(path: Path) -> Iterator[tuple[str, str]]:
    """Paragraphs of a corpus, damaged by marks and by annotations in turn, and as they were."""
    choose = random.Random(5)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        paragraphs = [part for line in lines for part in json.loads(line)["text"].split("\n")]
    choose.shuffle(paragraphs)
    made = 0
    for clean in paragraphs:
        if len(clean) not in LENGTH or set("?(") & set(clean) or not is_in_gbk(clean):
            continue
        annotated = choose.sample(sorted(COMMONLY_ANNOTATED), ANNOTATED)
        damaged = insert_before_marks(clean) if made % 2 else annotate(clean, annotated)
        if TRIGGER.search(damaged):
            made += 1
            yield damaged, clean
        if made == PARAGRAPHS:
            break


def is_in_gbk(text: str) -> bool:
    """Whether a text can have been a page in GBK."""
    try:
        text.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def measure(name: str, pairs: Iterable[tuple[str, str]], costs: ShiftCosts) -> None:
    """Print how many paragraphs are exact, right outside flags and wrong, and the flagged characters."""
    ngram_model = load_ngram_model()
    counts: Counter[str] = Counter()
    start = time.process_time()
    for damaged, clean in pairs:
        pinyin = find_pinyin(damaged)
        annotated = frozenset(damaged[annotation.start - 1] for annotation in pinyin)
        traced = trace(damaged).apply("pinyin", pinyin)
        repaired = traced.apply("shift", find_shifts(traced.text, ngram_model, annotated, costs))
        spans = find_flagged(repaired)
        counts["characters"] += sum(high - low for low, high in spans)
        counts["all"] += 1
        counts["exact"] += repaired.text == clean
        counts["wrong"] += not is_right_outside(repaired.text, spans, clean)
    seconds = time.process_time() - start
    print(
        f"{name:26} {counts['all']} paragraphs, {counts['exact']} exact, "
        f"{counts['wrong']} wrong without a flag, "
        f"{counts['characters']} characters flagged, {seconds:.1f} s"
    )


def main() -> None:
    """Measure the pairs and the made damage."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", nargs="?", type=Path, default=Path(__file__).parents[2] / "shared/data")
    parser.add_argument("--sure-margin", type=float, default=SHIFT_COSTS.sure_margin)
    arguments = parser.parse_args()
    costs = replace(SHIFT_COSTS, sure_margin=arguments.sure_margin)
    measure("pairs", read_pairs(arguments.data / "repair/damaged_dev.jsonl"), costs)
    for name in CORPORA:
        measure(name, make_pairs(arguments.data / f"corpora/{name}.jsonl.gz"), costs)


if __name__ == "__main__":
    main()
