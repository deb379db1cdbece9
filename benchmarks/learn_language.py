"""Learns the language model of the repair step from official texts and a word list; prints its size.

    python benchmarks/learn_language.py REPORTS.jsonl.gz LAWS.jsonl.gz DICT.txt OUT

REPORTS and LAWS hold a ``text`` a line; DICT is a word list with frequencies, as jieba's ``dict.txt``.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from hanpack.steps.language import ORDER, count, pack
from hanpack.steps.record import plain

REPORTS_SHARE, WORDS_SHARE, LAWS_SHARE = 0.65, 0.2, 0.15
# Frequencies of a word list are scaled down to counts that a corpus of ten million characters would give.
WORD_SCALE = 0.1
# What a corpus says once in four characters is its own wording and not the language's: it is left out, so
# that no text can be read out of the model. Of the laws more is left out.
REPORTS_LEAST = {1: 1, 2: 1, 3: 1, 4: 2}
LAWS_LEAST = {1: 1, 2: 3, 3: 6, 4: 12}


def prepare(text: str) -> list[str]:
    """The lines of a text as the model counts them."""
    lines = (re.sub(r"\s+", "", line) for line in plain(text).split("\n"))
    return [line for line in lines if line]


def count_corpus(path: Path) -> Counter[str]:
    """Count the n-grams of a corpus."""
    found: Counter[str] = Counter()
    with gzip.open(path, "rt", encoding="utf-8") as rows:
        for row in rows:
            found.update(count(prepare(json.loads(row)["text"])))
    return found


def count_words(rows: Iterable[str]) -> Counter[str]:
    """Count the n-grams inside the words of a list, each as often as its word."""
    found: Counter[str] = Counter()
    for row in rows:
        word, frequency = row.split()[:2]
        for gram in _grams(plain(word)):
            found[gram] += int(frequency)
    return found


def learn(reports: Mapping[str, float], laws: Mapping[str, float], words: Mapping[str, float]) -> bytes:
    """The model's bytes."""
    scaled = {gram: number * WORD_SCALE for gram, number in words.items()}
    told, ruled = _frequent(reports, REPORTS_LEAST), _frequent(laws, LAWS_LEAST)
    return pack([(REPORTS_SHARE, told), (WORDS_SHARE, scaled), (LAWS_SHARE, ruled)])


def _frequent(counts: Mapping[str, float], least: Mapping[int, int]) -> dict[str, float]:
    return {gram: number for gram, number in counts.items() if number >= least[len(gram)]}


def _grams(word: str) -> Iterator[str]:
    for size in range(1, ORDER + 1):
        for start in range(len(word) - size + 1):
            yield word[start : start + size]


if __name__ == "__main__":
    reports_path, laws_path, words_path, out = map(Path, sys.argv[1:])
    words_rows = words_path.read_text("utf-8").splitlines()
    model = learn(count_corpus(reports_path), count_corpus(laws_path), count_words(words_rows))
    out.write_bytes(model)
    print(f"{out}: {len(model):,} bytes")
