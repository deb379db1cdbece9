"""Passages that stand in several documents: runs of sentences that an earlier document has word for word.

A document's sentences become keys in a worker (:func:`find_sentences`); the keys of all documents are
then compared at once (:func:`find_passages`). Two documents share a run of at least so many characters
exactly when they share the shortest run of that size that begins where it begins (or ends where it ends),
so a sort of these *windows* finds them all: the cost grows with the number of sentences, not its square.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Positions
from hanpack.steps.chunk.boundaries import find_sentence_ends
from hanpack.steps.dedup.folding import Folded
from hanpack.steps.traced import code_points

Hashes = npt.NDArray[np.uint64]
Lengths = npt.NDArray[np.int32]
Windows = tuple[Positions, Positions, Hashes]

MINIMUM = 80
_BLOCK = 1 << 20
_PART = 1 << 23
_BREAKS = "\r\n\u2028\u2029"
_LINE_END = re.compile(f"[{_BREAKS}]")
_CHARACTER, _PLACE, _MIX, _STEP = (
    np.uint64(value)
    for value in (0x9E3779B97F4A7C15, 0xD1B54A32D192ED03, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)
_BACK = np.uint64(pow(int(_STEP), -1, 1 << 64))
_HALF, _LESS = np.uint64(32), np.uint64(29)


@dataclass(frozen=True, slots=True, eq=False)
class Sentences:
    """The sentences of a document, as keys; each array has the shape (sentences,).

    ``hashes`` are of the folded sentences and ``lengths`` count their folded characters, of which there is
    always one. The spans ``[starts, ends)`` cover the document; a text without letters has none.
    """

    hashes: Hashes
    lengths: Lengths
    starts: Positions
    ends: Positions


@dataclass(frozen=True, slots=True, eq=False)
class SentenceTable:
    """The sentences of many documents one after another; document d has ``[firsts[d], firsts[d + 1])``."""

    hashes: Hashes
    lengths: Lengths
    starts: Lengths
    ends: Lengths
    firsts: Positions


@dataclass(frozen=True, slots=True, eq=False)
class Passages:
    """Repeated passages and where each stood first; each array has the shape (passages,).

    ``[start, end)`` are characters of the document with the index ``document``, ``[of_start, of_end)`` of
    the one with the index ``of_document``. Sorted by document and start; they do not overlap.
    """

    document: Positions
    start: Positions
    end: Positions
    of_document: Positions
    of_start: Positions
    of_end: Positions

    def __len__(self) -> int:
        return len(self.document)


def find_sentences(text: str, folded: Folded) -> Sentences:
    """Cut a document into sentences and lines, each with the marks and blanks after it, and hash them.

    A sentence without a letter belongs to the one before it. ``folded`` is the text, folded.
    """
    ends = np.array(find_sentence_ends(text), dtype=np.int64)
    inside = np.searchsorted(folded.places, ends)
    before = np.concatenate((np.zeros(1, np.int64), inside))[: len(inside)]
    lettered = inside > before
    first, last = before[lettered], inside[lettered]
    if not len(first):
        nowhere = np.zeros(0, np.int64)
        return Sentences(np.zeros(0, np.uint64), np.zeros(0, np.int32), nowhere, nowhere)
    starts = np.concatenate((np.zeros(1, np.int64), ends))[:-1][lettered]
    starts[0] = 0
    limits = np.concatenate((starts[1:], [len(text)]))
    lengths = last - first
    return Sentences(
        _hash_spans(code_points(folded.text), first, lengths), lengths.astype(np.int32), starts, limits
    )


def join_sentences(documents: Iterable[Sentences]) -> SentenceTable:
    """Put the sentences of documents one after another, 20 bytes a sentence."""
    found = list(documents)
    counts = np.array([len(one.hashes) for one in found], dtype=np.int64)
    nothing = np.zeros(0, np.int32)
    return SentenceTable(
        hashes=np.concatenate([np.zeros(0, np.uint64), *(one.hashes for one in found)]),
        lengths=np.concatenate([nothing, *(one.lengths for one in found)]),
        starts=np.concatenate([nothing, *(one.starts.astype(np.int32) for one in found)]),
        ends=np.concatenate([nothing, *(one.ends.astype(np.int32) for one in found)]),
        firsts=np.concatenate((np.zeros(1, np.int64), np.cumsum(counts))),
    )


def find_passages(table: SentenceTable, ranks: Positions, minimum: int = MINIMUM) -> Passages:
    """Find what each document repeats of documents of a better, that is lower, rank.

    A sentence belongs to a passage when it lies in a run of consecutive sentences of at least ``minimum``
    folded characters that stands in the same order in a better document. A passage names the best document
    its words stand in; where that changes inside a run, a new passage begins. ``ranks`` has the shape
    (documents,) and no value twice. The first place of a sentence is in no passage, so removing them all
    loses none; what a document says twice by itself is no passage.

    Raises:
        ValueError: ``minimum`` is less than 1, or the ranks are not one a document.
    """
    documents = len(table.firsts) - 1
    if minimum < 1:
        raise ValueError(f"a passage has at least one character, not {minimum}")
    if len(ranks) != documents or len(np.unique(ranks)) != documents:
        raise ValueError(f"{documents} documents need as many different ranks")
    # Equal keys fall into the same part, and a part at a time takes less memory.
    parts = np.uint64(1 + len(table.hashes) // _PART)
    found = [
        _match(table, ranks, _only(_windows(table, minimum, backward), part, parts))
        for backward in (False, True)
        for part in np.arange(parts, dtype=np.uint64)
    ]
    starts, ends, places = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort((ends, starts))
    return _merge(table, *_cover(starts[order], ends[order], places[order]))


def trim_passage(text: str, start: int, end: int) -> tuple[int, int]:
    """The part of a passage to remove, so that the lines around it stay lines of their own.

    A passage that begins inside a line leaves the line end after it.
    """
    if start == 0 or text[start - 1] in _BREAKS:
        return start, end
    words = len(text[start:end].rstrip())
    broken = _LINE_END.search(text, start + words, end)
    return start, broken.start() if broken else end


def _hash_spans(codes: npt.NDArray[np.uint32], first: Positions, lengths: Positions) -> Hashes:
    """A 64-bit hash a span: the sum of its characters, each mixed with its place (as in SplitMix64).

    The spans follow one another and cover all of ``codes``.
    """
    place = np.arange(len(codes), dtype=np.int64) - np.repeat(first, lengths)
    mixed = codes * _CHARACTER + place.astype(np.uint64) * _PLACE
    mixed ^= mixed >> _HALF
    mixed *= _MIX
    mixed ^= mixed >> _LESS
    mixed *= _STEP
    mixed ^= mixed >> _HALF
    return np.asarray(np.add.reduceat(mixed, first), np.uint64)


def _match(table: SentenceTable, ranks: Positions, blocks: Iterable[Windows]) -> tuple[Positions, ...]:
    """The windows that a better document has: first sentence, end, and the first sentence there."""
    found = [np.concatenate(parts) for parts in zip(*blocks, strict=True)]
    if not found:
        return (np.zeros(0, np.int64),) * 3
    starts, ends, keys = found
    order = np.argsort(keys)
    same = keys[order[1:]] == keys[order[:-1]]
    alike = np.zeros(len(keys), np.bool_)
    alike[1:] |= same
    alike[:-1] |= same
    order = order[alike]
    starts, ends, keys = starts[order], ends[order], keys[order]
    document = _documents(table, starts)
    order = np.lexsort((starts, ranks[document], keys))
    starts, ends, keys, document = starts[order], ends[order], keys[order], document[order]
    fresh_key, fresh = np.ones((2, len(keys)), np.bool_)
    fresh_key[1:] = keys[1:] != keys[:-1]
    fresh[1:] = fresh_key[1:] | (document[1:] != document[:-1])
    groups, firsts = np.flatnonzero(fresh_key), np.flatnonzero(fresh)
    best = groups[np.cumsum(fresh_key) - 1]
    times = np.diff(np.append(firsts, len(keys)))[(np.cumsum(fresh) - 1)[best]]
    # What stands several times in both is paired in turn, so that a run keeps to one place.
    turn = np.arange(len(keys)) - firsts[np.cumsum(fresh) - 1]
    elsewhere = document != document[best]
    return starts[elsewhere], ends[elsewhere], starts[best + turn % times][elsewhere]


def _only(blocks: Iterable[Windows], part: np.uint64, parts: np.uint64) -> Iterator[Windows]:
    """One part of the windows, by their keys."""
    for starts, ends, keys in blocks:
        kept = keys % parts == part
        yield starts[kept], ends[kept], keys[kept]


def _windows(table: SentenceTable, minimum: int, backward: bool) -> Iterator[Windows]:
    """The shortest run with ``minimum`` characters from each sentence on, or up to each, as keys; by block.

    Each sentence of a longer run that two documents share lies in a window of one kind within that run.
    """
    low, documents = 0, len(table.firsts) - 1
    while low < documents:
        wanted = int(np.searchsorted(table.firsts, table.firsts[low] + _BLOCK, side="right")) - 1
        high = min(max(wanted, low + 1), documents)
        first, last = int(table.firsts[low]), int(table.firsts[high])
        lengths = table.lengths[first:last]
        characters = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)))
        counts = np.diff(table.firsts[low : high + 1])
        if backward:
            ends = np.arange(1, len(lengths) + 1)
            starts = np.searchsorted(characters, characters[1:] - minimum, side="right") - 1
            whole = starts >= np.repeat(table.firsts[low:high] - first, counts)
        else:
            starts = np.arange(len(lengths))
            ends = np.searchsorted(characters, characters[:-1] + minimum)
            whole = ends <= np.repeat(table.firsts[low + 1 : high + 1] - first, counts)
        starts, ends = starts[whole], ends[whole]
        yield starts + first, ends + first, _hash_runs(table.hashes[first:last], starts, ends)
        low = high


def _hash_runs(hashes: Hashes, starts: Positions, ends: Positions) -> Hashes:
    """A key for each run of sentences that does not depend on where it stands: a polynomial mod 2^64."""
    powers = np.full(len(hashes) + 1, _STEP, np.uint64)
    powers[0] = 1
    sums = np.concatenate(
        (np.zeros(1, np.uint64), np.cumsum(hashes * np.cumprod(powers)[:-1], dtype=np.uint64))
    )
    powers[1:] = _BACK
    return np.asarray((sums[ends] - sums[starts]) * np.cumprod(powers)[starts], np.uint64)


def _cover(starts: Positions, ends: Positions, places: Positions) -> tuple[Positions, Positions, Positions]:
    """What each window covers that none before it does: sentences ``[starts, ends)`` and where they stood."""
    covered = np.concatenate((np.zeros(1, np.int64), np.maximum.accumulate(ends)))[: len(starts)]
    begins = np.maximum(starts, covered)
    fresh = begins < ends
    return begins[fresh], ends[fresh], (places + begins - starts)[fresh]


def _merge(table: SentenceTable, starts: Positions, ends: Positions, places: Positions) -> Passages:
    """Join what follows one another here and where it stood, and turn sentences into characters."""
    document, of_document = _documents(table, starts), _documents(table, places)
    joined = np.zeros(len(starts), np.bool_)
    joined[1:] = (
        (starts[1:] == ends[:-1])
        & (starts[1:] - places[1:] == starts[:-1] - places[:-1])
        & (document[1:] == document[:-1])
        & (of_document[1:] == of_document[:-1])
    )
    first = np.flatnonzero(~joined)
    last = np.flatnonzero(~np.concatenate((joined[1:], np.zeros(min(len(joined), 1), np.bool_))))
    stood = places[last] + ends[last] - starts[last]
    return Passages(
        document=document[first],
        start=table.starts[starts[first]].astype(np.int64),
        end=table.ends[ends[last] - 1].astype(np.int64),
        of_document=of_document[first],
        of_start=table.starts[places[first]].astype(np.int64),
        of_end=table.ends[stood - 1].astype(np.int64),
    )


def _documents(table: SentenceTable, sentences: Positions) -> Positions:
    """The document of each sentence."""
    return np.searchsorted(table.firsts, sentences, side="right") - 1
