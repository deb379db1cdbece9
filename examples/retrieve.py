"""Answers a question with a chunk of a build, and with the raw lines of the source that it comes from.

    hanpack build configs/gov_reports_retrieval.yaml
    python examples/retrieve.py dist/gov_reports_retrieval 乡村振兴做了什么

The search is BM25 over pairs of characters, which needs no other package; take an embedding model in its
place for real use. What the example shows is the way back: from the answer to the bytes of the raw file.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from pathlib import Path
from typing import Any

from datasets import concatenate_datasets, load_dataset

import hanpack

# The usual parameters of BM25 (Robertson and Zaragoza, 2009).
_SATURATION, _LENGTH_WEIGHT = 1.2, 0.75


def count_pairs(text: str) -> Counter[str]:
    """How often each pair of neighbouring characters occurs, without white space."""
    letters = "".join(text.split())
    return Counter(letters[start : start + 2] for start in range(len(letters) - 1))


def rank(question: str, texts: list[str]) -> list[tuple[float, int]]:
    """The score of each text for a question, best first, with its index."""
    counts = [count_pairs(text) for text in texts]
    mean = sum(count.total() for count in counts) / max(len(counts), 1)
    frequency = Counter(pair for count in counts for pair in count)
    scores = []
    for index, count in enumerate(counts):
        score = 0.0
        for pair in count_pairs(question):
            found = count[pair]
            rarity = math.log(1 + (len(counts) - frequency[pair] + 0.5) / (frequency[pair] + 0.5))
            length = 1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * count.total() / mean
            score += rarity * found * (_SATURATION + 1) / (found + _SATURATION * length)
        scores.append((score, index))
    return sorted(scores, reverse=True)


def answer(build: str, question: str) -> tuple[dict[str, Any], str] | None:
    """The best chunk for a question, and the raw text that it comes from; None if no chunk has a word of it.

    All splits are searched: what is held out from training is not held out from readers.
    """
    chunks = concatenate_datasets(list(load_dataset(build).values()))
    score, best = rank(question, chunks["text"][:])[0]
    if not score:
        return None
    chunk: dict[str, Any] = chunks[best]
    return chunk, hanpack.trace(build, chunk["id"]).raw


def main() -> None:
    """Print the answer to a question, where it stands, and the raw lines."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("build")
    parser.add_argument("question")
    options = parser.parse_args()
    found = answer(options.build, options.question)
    if found is None:
        print("no chunk has any word of the question")
        return
    chunk, raw = found
    headings = " > ".join(chunk["section"])
    print(f"{Path(chunk['source']).name}, bytes {chunk['byte_start']} to {chunk['byte_end']}, {headings}\n")
    print(f"{chunk['text']}\n\n--- the raw source ---\n{raw}")


if __name__ == "__main__":
    main()
