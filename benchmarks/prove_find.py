"""Plants texts in a corpus, in all ways in which a text can be kept or lost, and has ``find`` find them.

    python benchmarks/prove_find.py [--texts 240] [--megabytes 12] [--data ../shared/data] [--shapes]

A sixth of the texts is kept, copied in Traditional characters, cut as a passage of another document, in the
sidebar of a page, in a record that is rejected, and nowhere. They are asked for in another script, width,
punctuation or spacing. With ``--shapes`` the texts are planted in the shapes of ``tests/planted_shapes.py``
instead: five characters, across paragraphs and cells, in titles and escapes, rejected, withdrawn. A fate is
wrong if it is one of a place where the text is not.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "builder"))

from tests.planted_shapes import build_shapes, plant_shapes
from tests.planted_texts import expect_page_texts, list_fates, plant_texts, read_filler

from hanpack.building.run import build
from hanpack.resources.folding_table import open_folder
from hanpack.views.finding.search import find_texts

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Print the fates by kind; exit with 1 if fewer than 99 % are found or one is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=240)
    parser.add_argument("--megabytes", type=float, default=12)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shapes", action="store_true")
    options = parser.parse_args()
    filler = read_filler(options.data / "corpora", int(options.megabytes * 1e6))
    with tempfile.TemporaryDirectory() as name:
        corpus, out = Path(name, "corpus"), Path(name, "out")
        if options.shapes:
            planted = plant_shapes(corpus, options.texts, filler, options.seed)
            build_shapes(corpus, out)
        else:
            planted = plant_texts(corpus, options.texts, filler, options.seed)
            build(corpus / "recipe.yaml", out)
            planted = expect_page_texts(planted, out, lambda text: open_folder().fold(text).text)
        start = time.process_time()
        answers = find_texts(out, [text.query for text in planted]).answers
        seconds = time.process_time() - start
    right, missing, wrong = Counter[str](), 0, 0
    for text, answer in zip(planted, answers, strict=True):
        fates = list_fates(answer)
        right[text.kind] += fates == text.expected
        missing += len(text.expected - fates)
        wrong += len(fates - text.expected)
        if fates != text.expected:
            print(f"{text.kind}: {text.query!r}: {sorted(fates)}, not {sorted(text.expected)}")
    total = Counter(text.kind for text in planted)
    for kind, number in total.items():
        print(f"{kind:10} {right[kind]:4} of {number:4} with the right fates")
    print(
        f"{missing} missing, {wrong} wrong fates; {seconds:.1f} s of processor time for {len(planted)} texts"
    )
    sys.exit(1 if wrong or right.total() < 0.99 * total.total() else 0)


if __name__ == "__main__":
    main()
