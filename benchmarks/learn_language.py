"""Learns the n-gram model of the repair step from official texts and a word list; prints its size.

    python benchmarks/learn_language.py GOV LAWS REPORTS.jsonl.gz DICT.txt OUT

GOV: a folder with the Markdown files of github.com/lawtext/gov (fc1a2f67a589763dc905aaa90f2b1ba356bbccde):
    work reports of governments, plans, statistical communiques. The 3,000 reports of provinces and cities
    before 2026 are counted; those of 2026 are left out unread, because damaged paragraphs of reports of that
    year are what the repair is measured on.
LAWS: a folder with those of github.com/LawRefBook/Laws (2f4c5c23716267af9dbebbbbd6cbbf732b101981).
REPORTS: a ``text`` a line: the development reports of 2026. A figure on damaged paragraphs of these is honest
    only with a model that has not seen the paragraph's own report.
DICT: jieba's ``dict.txt`` (jieba 0.42.1), words with frequencies.

Both repositories can be had as a checkout, or by ``git archive HEAD | tar x``. The same inputs give the same
bytes.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hanpack.steps.repair.forms import to_model_text
from hanpack.steps.repair.ngram_model import LINE_END, SIZES
from hanpack.steps.repair.ngram_table import ORDER, PRUNED, pack_model
from hanpack.steps.repair.shift import TRIGGER

Numbers = npt.NDArray[np.int64]
Counts = npt.NDArray[np.float64]

REPORTS_SHARE, OTHERS_SHARE = 0.98, 0.02
# How much an n-gram of a report counts, by the first year of its period: wording changes with time.
PERIODS = {2010: 0.5, 2017: 1.0, 2021: 2.0}
# From this year on the reports of provinces and cities are left out, and only those of REPORTS are counted.
HELD_OUT = 2026
LOCAL = ("政府工作报告-省自治区", "政府工作报告-主要城市", "政府工作报告-其他地市")
# Weighted counts below these are left out, by the length of the n-gram. They set the size of the model.
REPORTS_LEAST = {1: 1.0, 2: 2.0, 3: 2.0, 4: 4.0}
LAWS_LEAST = {1: 1.0, 2: 8.0, 3: 30.0, 4: 60.0}
# An n-gram of three or four characters from a single document is its own wording: it is left out, so that no
# text can be read out of the model.
DOCUMENTS_LEAST = {1: 1, 2: 1, 3: 2, 4: 2}
# Frequencies of a word list are scaled down to counts that a corpus of ten million characters would give.
WORD_SCALE = 0.1

_BITS = 14
_MARKUP = re.compile(r"!\[[^\]]*\]\([^)]*\)|<[^>]*>|\]\([^)]*\)|https?://\S+")
_MARKS = re.compile(r"[#*>|`\[\]\\]")
_LOST = re.compile("�|锟斤拷")
_YEAR = re.compile(r"(?:19|20)\d\d")

Lines = Sequence[str]


class Document(NamedTuple):
    """The prepared lines of a document and how much each of its n-grams counts."""

    lines: Lines
    weight: float


class Grams(NamedTuple):
    """N-grams of one length: keys of 14 bits a character in order, how often, in how many documents."""

    keys: Numbers
    counts: Counts
    documents: Numbers


def prepare(text: str) -> Lines:
    """The lines of a text as the model counts them; none of a text that is itself damaged."""
    if TRIGGER.search(text) or _LOST.search(text):
        return ()
    bare = (_MARKS.sub("", line) for line in to_model_text(_MARKUP.sub("", text)).split("\n"))
    return tuple(line for line in (re.sub(r"\s+", "", line) for line in bare) if line)


def read_reports(folder: Path) -> Iterator[Document]:
    """The national documents, and the local reports before those that are held out."""
    for path in sorted(folder.glob("*/**/*.md")):
        year = max((int(year) for year in _YEAR.findall(path.name)), default=0)
        local = path.relative_to(folder).parts[0] in LOCAL
        if local and year >= HELD_OUT:
            continue
        weights = [weight for first, weight in PERIODS.items() if year >= first]
        if not local:
            yield Document(prepare(path.read_text("utf-8", errors="replace")), 1.0)
        elif weights:
            yield Document(prepare(path.read_text("utf-8", errors="replace")), weights[-1])


def read_recent(path: Path) -> Iterator[Document]:
    """The development reports, which count as the latest period does."""
    with gzip.open(path, "rt", encoding="utf-8") as rows:
        for row in rows:
            yield Document(prepare(json.loads(row)["text"]), max(PERIODS.values()))


def read_laws(folder: Path) -> Iterator[Document]:
    """Every law of the collection."""
    for path in sorted(folder.rglob("*.md")):
        yield Document(prepare(path.read_text("utf-8", errors="replace")), 1.0)


def count_words(rows: Iterable[str]) -> Mapping[str, float]:
    """Count the n-grams inside the words of a list, each as often as its word."""
    counts: dict[str, float] = {}
    for row in rows:
        word, frequency = row.split()[:2]
        form = to_model_text(word)
        for size in range(1, ORDER + 1):
            for start in range(len(form) - size + 1):
                gram = form[start : start + size]
                counts[gram] = counts.get(gram, 0.0) + int(frequency) * WORD_SCALE
    return counts


def count_documents(documents: Iterable[Document], least: Mapping[int, float]) -> Mapping[str, float]:
    """Count the n-grams of documents as ``ngram_model.count_ngrams`` does, without the rare ones.

    What is left out of those that follow a context is counted as one ``PRUNED``.
    """
    gathered = [document for document in documents if document.lines]
    alphabet = "".join(sorted({LINE_END}.union(*(set("".join(lines)) for lines, _ in gathered))))
    if len(alphabet) >= 1 << _BITS:
        raise ValueError(f"{len(alphabet)} different characters are more than a model can hold")
    encode = _encoder(alphabet)
    coded = [(encode(document.lines), document.weight) for document in gathered]
    model_counts: dict[str, float] = {}
    longer: Numbers | None = None
    for size in reversed(SIZES):
        grams = _count(coded, size)
        kept = (grams.counts >= least[size]) & (grams.documents >= DOCUMENTS_LEAST[size])
        counts = grams.counts if longer is None else _count_before(grams.keys, longer, size)
        model_counts.update(_spell(grams.keys[kept], counts[kept], size, alphabet))
        if size > 1:
            contexts, pruned_counts = _sum_pruned(grams.keys, counts, kept)
            model_counts.update(
                (context + PRUNED, number)
                for context, number in _spell(contexts, pruned_counts, size - 1, alphabet)
            )
        longer = grams.keys
    return model_counts


def learn(reports: Mapping[str, float], laws: Mapping[str, float], words: Mapping[str, float]) -> bytes:
    """The model's bytes: the reports, and beside them laws and words."""
    others = dict(words)
    for gram, number in laws.items():
        others[gram] = others.get(gram, 0.0) + number
    return pack_model([(REPORTS_SHARE, reports), (OTHERS_SHARE, others)])


def _encoder(alphabet: str) -> Callable[[Lines], Numbers]:
    """Codes from 1 for the characters of lines, with a line end before, between and after them."""
    table = np.zeros(0x110000, dtype=np.int64)
    table[[ord(character) for character in alphabet]] = np.arange(1, len(alphabet) + 1)

    def encode(lines: Lines) -> Numbers:
        text = LINE_END + LINE_END.join(lines) + LINE_END
        codes: Numbers = table[np.frombuffer(text.encode("utf-32-le"), dtype="<u4")]
        return codes

    return encode


def _count(coded: Sequence[tuple[Numbers, float]], size: int) -> Grams:
    pieces = []
    for codes, weight in coded:
        if len(codes) >= size:
            keys, numbers = np.unique(_keys(codes, size), return_counts=True)
            pieces.append((keys, numbers * weight))
    keys = np.concatenate([piece for piece, _ in pieces])
    numbers = np.concatenate([piece for _, piece in pieces])
    order = np.argsort(keys, kind="stable")
    keys, numbers = keys[order], numbers[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    return Grams(keys[starts], np.add.reduceat(numbers, starts), np.diff(np.r_[starts, len(keys)]))


def _count_before(keys: Numbers, longer: Numbers, size: int) -> Counts:
    """How many characters were seen before each n-gram of a size, from those one character longer."""
    places = np.searchsorted(keys, longer & (1 << _BITS * size) - 1)
    return np.bincount(places, minlength=len(keys)).astype(np.float64)


def _sum_pruned(keys: Numbers, counts: Counts, kept: npt.NDArray[np.bool_]) -> tuple[Numbers, Counts]:
    """The contexts of kept n-grams that have pruned continuations, and the sums of the counts of these."""
    prefixes = keys >> _BITS
    starts = np.flatnonzero(np.diff(prefixes, prepend=-1))
    pruned_counts = np.add.reduceat(np.where(kept, 0.0, counts), starts)
    reported = np.logical_or.reduceat(kept, starts) & (pruned_counts >= 1)
    return prefixes[starts][reported], pruned_counts[reported]


def _keys(codes: Numbers, size: int) -> Numbers:
    length = len(codes) - size + 1
    keys = codes[:length].copy()
    for place in range(1, size):
        keys = keys << _BITS | codes[place : length + place]
    return keys


def _spell(keys: Numbers, counts: Counts, size: int, alphabet: str) -> Iterator[tuple[str, float]]:
    points = np.array([0, *map(ord, alphabet)], dtype="<u4")
    columns = [points[keys >> _BITS * (size - 1 - place) & (1 << _BITS) - 1] for place in range(size)]
    grams = np.ascontiguousarray(np.stack(columns, axis=1)).view(f"<U{size}").ravel()
    return zip(grams.tolist(), counts.tolist(), strict=True)


if __name__ == "__main__":
    gov, laws_folder, recent, words_path, out = map(Path, sys.argv[1:])
    model = learn(
        count_documents([*read_reports(gov), *read_recent(recent)], REPORTS_LEAST),
        count_documents(read_laws(laws_folder), LAWS_LEAST),
        count_words(words_path.read_text("utf-8").splitlines()),
    )
    out.write_bytes(model)
    print(f"{out}: {len(model):,} bytes")
