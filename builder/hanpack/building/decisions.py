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

from hanpack.model import Decision
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Recipe
from hanpack.steps.dedup.clusters import Choice, choose, find_candidates
from hanpack.steps.dedup.folding import Folded, Folder
from hanpack.steps.dedup.minhash import Shingles, compute_signature, shingles, similarity
from hanpack.steps.dedup.passages import Sentences, find_passages, join_sentences, trim_passage
from hanpack.store.arrays import repeat_ranges
from hanpack.store.dedup_features import read_exact_hashes
from hanpack.store.parts import Parts
from hanpack.store.table_kinds import TableKind

Decisions = Mapping[int, Mapping[int, Decision]]
Numbers = npt.NDArray[np.int64]
Spans = tuple[tuple[int, int], ...]
TABLES = 64
CACHED = 256
DIGITS = 4
TOLD = 256
ROUNDS = 32
NEAREST = 256
BLOCK = 1 << 10
HALF, LOW = np.uint64(32), np.uint64(0xFFFFFFFF)


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
    if not any(parts.read_unrevised("documents", index).num_rows for index in range(count)):
        return {}
    documents = _read_documents(parts, count, recipe)
    texts = _Texts(parts, documents)
    kept_by, alike = _find_copies(documents, texts, recipe, progress)
    copies = kept_by != np.arange(len(kept_by))
    decisions: dict[int, dict[int, Decision]] = {}

    def note(document: int, decision: Decision) -> None:
        decisions.setdefault(int(documents.part[document]), {})[int(documents.row[document])] = decision

    bearers = _find_bearers(documents, ~copies, kept_by[copies], texts)
    for copy in np.flatnonzero(copies).tolist():
        identity, origin = texts.name(bearers[int(kept_by[copy])])
        reason = Reason(Cause.COPY, origin)
        note(copy, Decision(identity, round(float(alike[copy]), DIGITS), reason))
    if recipe.duplicates.passages != "keep":
        passages = dict(_find_passages(documents, ~copies, parts, texts, recipe))
        for document, decision in _decide_passages(documents, ~copies, passages, texts, recipe).items():
            note(document, decision)
    return decisions


def _find_bearers(
    documents: Documents, kept: npt.NDArray[np.bool_], named: Numbers, texts: _Texts
) -> dict[int, int]:
    """For each of the documents ``named`` the first one kept that has its very text and so bears its id."""
    leaders = _find_leaders(documents, documents.order)
    firsts: dict[str, int] = {}
    for document in np.flatnonzero(kept & np.isin(leaders, leaders[named])).tolist():
        firsts.setdefault(texts.name(document)[0], document)
    return {document: firsts[texts.name(document)[0]] for document in np.unique(named).tolist()}


def _decide_passages(
    documents: Documents,
    kept: npt.NDArray[np.bool_],
    passages: Mapping[int, Spans],
    texts: _Texts,
    recipe: Recipe,
) -> dict[int, Decision]:
    """Mark the passages or remove them.

    A document that is nothing but passages of others is not emptied, and one of which is left what stands
    in another split stays whole: both are marked.
    """
    decisions = {document: Decision(passages=spans) for document, spans in passages.items()}
    if recipe.duplicates.passages != "remove":
        return decisions
    removals: dict[int, Spans] = {}
    rests: dict[int, Folded] = {}
    for document, spans in passages.items():
        text = texts.text(document)
        trimmed = tuple(trim_passage(text, *span) for span in spans)
        ends = pairwise([(0, 0), *trimmed, (len(text), 0)])
        rest = "".join(text[end:start] for (_, end), (start, _) in ends)
        if any(map(str.isalnum, rest)):
            removals[document], rests[document] = trimmed, texts.folder.fold(rest)
    leaking = _find_leaks(documents, kept, rests, texts, recipe)
    whole = {document: spans for document, spans in removals.items() if document not in leaking}
    return decisions | {document: Decision(passages=spans, remove=True) for document, spans in whole.items()}


def _find_leaks(
    documents: Documents,
    kept: npt.NDArray[np.bool_],
    rests: Mapping[int, Folded],
    texts: _Texts,
    recipe: Recipe,
) -> set[int]:
    """The documents that would be a near copy of one in another split if only the rest of them was left.

    A rest is held against the other kept documents as they are, and against their rests.
    """
    if not rests or not recipe.splits.rules:
        return set()
    count = len(kept)
    owners = np.concatenate((np.arange(count), list(rests)))
    bands = np.where(kept[:, None], documents.bands, np.uint32(0))
    bands = np.concatenate((bands, [compute_signature(rest).bands for rest in rests.values()]))
    pairs = find_candidates(bands, np.concatenate((documents.order, np.arange(count, len(owners)))))
    splits = documents.split[owners]
    pairs = pairs[(pairs[:, 1] >= count) & (splits[pairs[:, 0]] != splits[pairs[:, 1]])]
    folded = list(rests.values())

    def find_shingles(number: int) -> Shingles:
        return shingles(folded[number - count].text) if number >= count else texts.shingles(number)

    alike = [
        pair
        for pair in pairs.tolist()
        if similarity(*map(find_shingles, pair)) >= recipe.duplicates.threshold
    ]
    return {int(owners[number]) for pair in alike for number in pair if number >= count}


def _find_copies(
    documents: Documents, texts: _Texts, recipe: Recipe, progress: Callable[[int, int], None]
) -> tuple[Numbers, npt.NDArray[np.float64]]:
    """For each document the one that stays for it (itself where it is kept) and how similar the two are."""
    drop = recipe.duplicates.drop
    every = np.arange(len(documents.exact))
    if drop == "none" and not recipe.splits.rules:
        return every, np.ones(len(every))
    leaders = _find_leaders(documents, documents.order)
    choice = _choose_near(documents, leaders == every, texts, recipe, progress)
    # What is equal when folded goes with the best of its kind, wherever that goes.
    kept_by, alike = choice.kept_by[leaders], choice.similarity[leaders]
    alike[(kept_by == leaders) & (leaders != every)] = 1.0
    if drop == "none":
        stays = (documents.split == documents.split[leaders]) & (kept_by == leaders)
        kept_by[stays] = every[stays]
    return kept_by, alike


def _choose_near(
    documents: Documents,
    led: npt.NDArray[np.bool_],
    texts: _Texts,
    recipe: Recipe,
    progress: Callable[[int, int], None],
) -> Choice:
    """Compare and choose among the documents ``led``, in rounds, until what is kept gives no new pairs.

    In a crowd of similar documents only some are compared at a time: what goes makes room for the others.
    """
    order, threshold = documents.order, recipe.duplicates.threshold
    pairs, shares = np.zeros((0, 2), dtype=np.int64), np.zeros(0)
    choice = choose(order, pairs, shares, threshold)
    if recipe.duplicates.drop != "near" and not recipe.splits.rules:
        return choice
    looked_at = led
    for _ in range(ROUNDS):
        # Without letters there are no bands; what goes, or is not the best of its equals, has none here.
        kept = looked_at & (choice.kept_by == np.arange(len(led)))
        found = find_candidates(np.where(kept[:, None], documents.bands, np.uint32(0)), order)
        keys = np.unique(
            np.concatenate([_keys(some, len(led)) for some in (found, *_find_across(documents, kept))])
        )
        if looked_at is led:
            looked_at = led & np.isin(np.arange(len(led)), (keys // len(led), keys % len(led)))
        fresh = np.column_stack(np.divmod(keys[~np.isin(keys, _keys(pairs, len(led)))], len(led)))
        if recipe.duplicates.drop != "near":
            fresh = fresh[documents.split[fresh[:, 0]] != documents.split[fresh[:, 1]]]
        if not len(fresh):
            break
        compared = np.fromiter(
            (texts.compare(*pair) for pair in _told(fresh, progress)), np.float64, len(fresh)
        )
        pairs, shares = np.concatenate((pairs, fresh)), np.concatenate((shares, compared))
        choice = choose(order, pairs, shares, threshold)
    return choice


def _find_across(documents: Documents, kept: npt.NDArray[np.bool_]) -> Iterator[Numbers]:
    """Pairs of documents ``kept`` in different splits with two bands in common; each i < j, shape (pairs, 2).

    A crowd leaves no document of its own split out that one held out is like: it is held against the
    nearest of those held out in each of its buckets, and compared with the likest.
    """
    kept = kept & documents.bands.any(axis=1)
    for split in range(1, int(documents.split.max()) + 1):
        held_out = np.flatnonzero(kept & (documents.split == split))
        others = np.flatnonzero(kept & (documents.split < split))
        for start in range(0, len(others) if len(held_out) else 0, BLOCK):
            block = others[start : start + BLOCK]
            yield np.sort(_share_bands(documents.bands, block, held_out), axis=1)


def _share_bands(bands: npt.NDArray[np.uint32], block: Numbers, held_out: Numbers) -> Numbers:
    found = [np.zeros(0, np.int64)]
    for band in range(bands.shape[1]):
        following = (band + 1) % bands.shape[1]
        keys, wanted = (
            (bands[rows, band].astype(np.uint64) << HALF) | bands[rows, following]
            for rows in (held_out, block)
        )
        order = np.argsort(keys, kind="stable")
        values = keys[order]
        first = np.searchsorted(values, wanted >> HALF << HALF)
        last = np.searchsorted(values, wanted | LOW, side="right")
        starts = np.clip(
            np.searchsorted(values, wanted) - NEAREST // 2, first, np.maximum(last - NEAREST, first)
        )
        sizes = np.minimum(last - starts, NEAREST)
        found.append(
            np.repeat(np.arange(len(block)), sizes) * len(order) + order[repeat_ranges(starts, sizes)]
        )
    keys, shared = np.unique(np.concatenate(found), return_counts=True)
    keys, shared = keys[shared > 1], shared[shared > 1]
    rows = keys // len(held_out)
    order = np.lexsort((keys, -shared, rows))
    place = np.arange(len(order)) - np.searchsorted(rows[order], rows[order])
    chosen = keys[order[place < NEAREST]]
    return np.column_stack((block[chosen // len(held_out)], held_out[chosen % len(held_out)]))


def _keys(pairs: Numbers, count: int) -> Numbers:
    return pairs[:, 0] * count + pairs[:, 1]


def _told(pairs: Numbers, progress: Callable[[int, int], None]) -> Iterator[list[int]]:
    for start in range(0, len(pairs), TOLD):
        yield from pairs[start : start + TOLD].tolist()
        progress(min(start + TOLD, len(pairs)), len(pairs))


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
        table = parts.read_unrevised(TableKind.FEATURES.value, index)
        lists = [table.column(name).combine_chunks() for name in names]
        for number in group:
            place = int(documents.place[number])
            yield Sentences(*(column[place].values.to_numpy() for column in lists))


class _Texts:
    """The texts of the documents, read from the parts when they are asked for."""

    def __init__(self, parts: Parts, documents: Documents) -> None:
        self._documents = documents
        self.folder = Folder()
        self._table = lru_cache(TABLES)(parts.read_unrevised)
        self.shingles = lru_cache(CACHED)(self._find_shingles)

    def text(self, document: int) -> str:
        """A document's text."""
        text: str = self._value("documents", "text", document, self._documents.place)
        return text

    def name(self, document: int) -> tuple[str, dict[str, str | int]]:
        """A document's id, and the source and record it comes from."""
        source, record, identity = (
            self._value("ledger", name, document, self._documents.row)
            for name in ("source", "record", "document_id")
        )
        return identity, {"source": source, "record": record}

    def fold(self, document: int, start: int, end: int) -> str:
        """What a span of a document's text says, folded."""
        return self.folder.fold(self.text(document)[start:end]).text

    def compare(self, first: int, second: int) -> float:
        """How similar two documents are: the share of n-grams they have in common."""
        return similarity(self.shingles(first), self.shingles(second))

    def _value(self, table: str, column: str, document: int, rows: Numbers) -> Any:
        part = int(self._documents.part[document])
        return self._table(table, part).column(column)[int(rows[document])].as_py()

    def _find_shingles(self, document: int) -> npt.NDArray[np.uint64]:
        return shingles(self.folder.fold(self.text(document)).text)


def _read_documents(parts: Parts, count: int, recipe: Recipe) -> Documents:
    columns: dict[str, list[npt.NDArray[np.generic]]] = {}
    names = list(recipe.splits.names)
    for index in range(count):
        table, ledger = (
            parts.read_unrevised(TableKind.FEATURES.value, index),
            parts.read_unrevised("ledger", index),
        )
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
            "exact": read_exact_hashes(table),
            "bands": bands,
        }
        for name, values in found.items():
            columns.setdefault(name, []).append(values)
    return Documents(**{name: np.concatenate(arrays) for name, arrays in columns.items()})
