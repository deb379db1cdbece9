"""What the documents of a build say of one another: which are copies, and which passages stand elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from hanpack.files.likeness import LIKENESS, read_exact
from hanpack.files.parts import Parts
from hanpack.recipe import Recipe
from hanpack.steps.clusters import choose, find_candidates
from hanpack.steps.folding import Folder
from hanpack.steps.passages import Sentences, find_passages, join_sentences, trim_passage
from hanpack.steps.sketches import shingles, similarity
from hanpack.values import Decision

Decisions = Mapping[int, Mapping[int, Decision]]
Numbers = npt.NDArray[np.int64]
Spans = tuple[tuple[int, int], ...]
TABLES = 64
CACHED = 256
DIGITS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Documents:
    """All documents of all parts, in the order of their records; every array has the shape (documents,).

    ``part`` and ``place`` say where a document stands, ``row`` where its record stands in the part's ledger,
    ``split`` is the number of its split among the recipe's. ``bands`` has the shape (documents, bands).
    """

    part: Numbers
    place: Numbers
    row: Numbers
    split: Numbers
    exact: npt.NDArray[np.void]
    length: Numbers
    damage: Numbers
    bands: npt.NDArray[np.uint32]

    @property
    def order(self) -> Numbers:
        """The documents in the order in which they stay.

        Those held out for evaluation first, then the least damaged, then the longest, then the first.
        """
        return np.lexsort((-self.length, self.damage, -self.split))


def decide(parts: Parts, count: int, recipe: Recipe, progress: Callable[[int, int], None]) -> Decisions:
    """Decide on every document of ``count`` parts that is a copy or holds passages of another.

    What is kept as it is has no decision. The result depends on the documents and their order only.
    """
    if not any(parts.read_first("documents", index).num_rows for index in range(count)):
        return {}
    documents = _read_documents(parts, count, recipe)
    texts = _Texts(parts, documents)
    kept_by, alike = _find_copies(documents, texts, recipe, progress)
    copies = kept_by != np.arange(len(kept_by))
    decisions: dict[int, dict[int, Decision]] = {}

    def note(document: int, decision: Decision) -> None:
        decisions.setdefault(int(documents.part[document]), {})[int(documents.row[document])] = decision

    for copy in np.flatnonzero(copies).tolist():
        identity, name = texts.name(int(kept_by[copy]))
        note(copy, Decision(identity, round(float(alike[copy]), DIGITS), f"a copy of {name}"))
    if recipe.duplicates.passages != "keep":
        for document, spans in _find_passages(documents, ~copies, parts, texts, recipe):
            note(document, _decide_passages(texts, document, spans, recipe.duplicates.passages == "remove"))
    return decisions


def _decide_passages(texts: _Texts, document: int, spans: Spans, remove: bool) -> Decision:
    """A document is never emptied: one that is nothing but passages of others stays, marked."""
    text = texts.text(document)
    rest = "".join(text[end:start] for (_, end), (start, _) in pairwise([(0, 0), *spans, (len(text), 0)]))
    if not remove or not any(map(str.isalnum, rest)):
        return Decision(passages=spans)
    return Decision(passages=tuple(trim_passage(text, *span) for span in spans), remove=True)


def _find_copies(
    documents: Documents, texts: _Texts, recipe: Recipe, progress: Callable[[int, int], None]
) -> tuple[Numbers, npt.NDArray[np.float64]]:
    """For each document the one that stays for it (itself where it is kept) and how similar the two are."""
    drop = recipe.duplicates.drop
    every = np.arange(len(documents.exact))
    if drop == "none" and not recipe.splits.rules:
        return every, np.ones(len(every))
    order = documents.order
    leaders = _find_leaders(documents, order)
    pairs = np.zeros((0, 2), dtype=np.int64)
    if drop == "near" or recipe.splits.rules:
        # A document without letters, and one that is not the best of its equals, has no bands here.
        bands = np.where((leaders == every)[:, None], documents.bands, np.uint32(0))
        pairs = find_candidates(bands, order)
    if drop != "near":
        pairs = pairs[documents.split[pairs[:, 0]] != documents.split[pairs[:, 1]]]
    shares = np.array([texts.compare(*pair) for pair in _told(pairs, progress)], dtype=np.float64)
    choice = choose(order, pairs, shares, recipe.duplicates.threshold)
    # What is equal when folded goes with the best of its kind, wherever that goes.
    kept_by, alike = choice.kept_by[leaders], choice.similarity[leaders]
    alike[(kept_by == leaders) & (leaders != every)] = 1.0
    if drop == "none":
        stays = (documents.split == documents.split[leaders]) & (kept_by == leaders)
        kept_by[stays] = every[stays]
    return kept_by, alike


def _told(pairs: Numbers, progress: Callable[[int, int], None]) -> Iterator[list[int]]:
    for done, pair in enumerate(pairs.tolist(), 1):
        yield pair
        if done % 256 == 0 or done == len(pairs):
            progress(done, len(pairs))


def _find_leaders(documents: Documents, order: Numbers) -> Numbers:
    """For each document the best one with the same folded text; where there are no letters, itself."""
    _, firsts, groups = np.unique(documents.exact[order], return_index=True, return_inverse=True)
    leaders = np.empty_like(order)
    leaders[order] = order[firsts[groups]]
    return np.where(documents.length > 0, leaders, np.arange(len(order)))


def _find_passages(
    documents: Documents, kept: npt.NDArray[np.bool_], parts: Parts, texts: _Texts, recipe: Recipe
) -> Iterator[tuple[int, Spans]]:
    """The documents that hold passages of better ones, each with the spans of these."""
    numbers = np.flatnonzero(kept)
    table = join_sentences(_read_sentences(parts, documents, numbers))
    ranks = np.empty(len(kept), dtype=np.int64)
    ranks[documents.order] = np.arange(len(kept))
    found = find_passages(table, ranks[numbers], recipe.duplicates.minimum_passage)
    here = zip(numbers[found.document].tolist(), found.start.tolist(), found.end.tolist(), strict=True)
    there = zip(
        numbers[found.of_document].tolist(), found.of_start.tolist(), found.of_end.tolist(), strict=True
    )
    # The search goes by hashes; nothing is removed on the word of one.
    true = (own for own, other in zip(here, there, strict=True) if texts.fold(*own) == texts.fold(*other))
    for document, group in groupby(true, key=itemgetter(0)):
        yield document, tuple((start, end) for _, start, end in group)


def _read_sentences(parts: Parts, documents: Documents, numbers: Numbers) -> Iterator[Sentences]:
    names = ("hashes", "lengths", "starts", "ends")
    for index, group in groupby(numbers.tolist(), key=lambda number: int(documents.part[number])):
        table = parts.read_first(LIKENESS, index)
        lists = [table.column(name).combine_chunks() for name in names]
        for number in group:
            place = int(documents.place[number])
            yield Sentences(*(column[place].values.to_numpy() for column in lists))


class _Texts:
    """The texts of the documents, read from the parts when they are asked for."""

    def __init__(self, parts: Parts, documents: Documents) -> None:
        self._documents = documents
        self._folder = Folder()
        self._table = lru_cache(TABLES)(parts.read_first)
        self._shingles = lru_cache(CACHED)(self._find_shingles)

    def text(self, document: int) -> str:
        """A document's text."""
        text: str = self._value("documents", "text", document, self._documents.place)
        return text

    def name(self, document: int) -> tuple[str, str]:
        """A document's id, and the source and record it comes from."""
        source, record, identity = (
            self._value("ledger", name, document, self._documents.row)
            for name in ("source", "record", "document_id")
        )
        return identity, f"{source} record {record}"

    def fold(self, document: int, start: int, end: int) -> str:
        """What a span of a document's text says, folded."""
        return self._folder.fold(self.text(document)[start:end]).text

    def compare(self, first: int, second: int) -> float:
        """How similar two documents are: the share of n-grams they have in common."""
        return similarity(self._shingles(first), self._shingles(second))

    def _value(self, table: str, column: str, document: int, rows: Numbers) -> Any:
        part = int(self._documents.part[document])
        return self._table(table, part).column(column)[int(rows[document])].as_py()

    def _find_shingles(self, document: int) -> npt.NDArray[np.uint64]:
        return shingles(self._folder.fold(self.text(document)).text)


def _read_documents(parts: Parts, count: int, recipe: Recipe) -> Documents:
    columns: dict[str, list[npt.NDArray[np.generic]]] = {}
    names = list(recipe.splits.names)
    for index in range(count):
        table, ledger = parts.read_first(LIKENESS, index), parts.read_first("ledger", index)
        rows = np.flatnonzero(np.asarray(ledger.column("document_id").is_valid()))
        if not len(rows):
            continue
        splits = ledger.column("split").drop_null().to_pylist()
        bands = table.column("bands").combine_chunks().flatten().to_numpy().reshape(len(rows), -1)
        found = {
            "part": np.full(len(rows), index),
            "place": np.arange(len(rows)),
            "row": rows,
            "split": np.array([names.index(split) for split in splits], dtype=np.int64),
            **{name: table.column(name).to_numpy() for name in ("length", "damage")},
            "exact": read_exact(table),
            "bands": bands,
        }
        for name, values in found.items():
            columns.setdefault(name, []).append(values)
    return Documents(**{name: np.concatenate(arrays) for name, arrays in columns.items()})
