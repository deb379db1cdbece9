"""Finds passages that several documents share: runs of sentences that a better document has word for word.

Each worker turns the sentences of its documents into keys (:mod:`hanpack.steps.dedup.sentences`); the keys of
all documents are then compared at once (:func:`find_passages`). If two documents share a run of at least a
minimum length, they share its shortest part of that length from its beginning on, and the one up to its end.
Sorting these *windows* therefore finds all shared runs, at a cost that is nearly linear in the number of
sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.alignment import Positions
from hanpack.steps.chunk.boundaries import LINE_BREAKS
from hanpack.steps.dedup.sentences import Hashes, Sentences, SentenceTable, join_sentences
from hanpack.steps.hash_mixing import SECOND_MULTIPLIER

# The fewest folded characters of a passage.
SHORTEST_PASSAGE = 80
# How many sentences become windows at once, and how many windows are sorted at once.
BLOCK = 1 << 20
PART = 1 << 23
_LINE_END = compile_lazily("[" + "".join(sorted(LINE_BREAKS)) + "]")
_POWER = SECOND_MULTIPLIER
_INVERSE_POWER = np.uint64(pow(int(_POWER), -1, 1 << 64))


@dataclass(frozen=True, slots=True, eq=False)
class Passages:
    """Repeated passages and where each occurs first; each array has the shape (passages,).

    ``[start, end)`` are characters of the document with the index ``document``, ``[original_start,
    original_end)`` of the better one with the index ``original``. They are sorted by document and start, and
    do not overlap.
    """

    document: Positions
    start: Positions
    end: Positions
    original: Positions
    original_start: Positions
    original_end: Positions

    def __len__(self) -> int:
        return len(self.document)


class _Windows(NamedTuple):
    """Runs of sentences of one document: the first sentence, the end and a key; arrays of one shape."""

    starts: Positions
    ends: Positions
    keys: Hashes


class _SharedRuns(NamedTuple):
    """Runs of sentences that a better document has too: the first sentence and end, the first one there."""

    starts: Positions
    ends: Positions
    originals: Positions


def find_passages(
    table: SentenceTable,
    ranks: Positions,
    minimum: int = SHORTEST_PASSAGE,
    *,
    block: int = BLOCK,
    part: int = PART,
) -> Passages:
    """Find what each document repeats of better documents, which are those of lower ranks.

    A sentence is in a passage if it is in a run of consecutive sentences, of at least ``minimum`` folded
    characters together, that a better document has in the same order. A passage names the best document that
    has its words; where that changes inside a run, a new passage begins. The first occurrence of a sentence
    is in no passage, so no sentence is lost if all passages are removed. What a document repeats of itself is
    not a passage.

    Args:
        table: the sentences of all documents.
        ranks: the rank of each document, each rank once; shape (documents,).
        minimum: the fewest folded characters of a passage.
        block: how many sentences become windows at once; it does not change the result.
        part: about how many windows are sorted at once; it does not change the result.

    >>> from hanpack.steps.dedup.folding import TextFolder
    >>> from hanpack.steps.dedup.sentences import find_sentences
    >>> folder, texts = TextFolder(), ["甲。春天来了，花都开了。", "乙。春天来了，花都开了。丙。"]
    >>> table = join_sentences(find_sentences(text, folder.fold(text)) for text in texts)
    >>> passages = find_passages(table, np.array([0, 1]), minimum=8)
    >>> passages.document.tolist(), texts[1][passages.start[0] : passages.end[0]]
    ([1], '春天来了，花都开了。')

    Raises:
        ValueError: ``minimum`` is less than 1, or the ranks are not different numbers, one for each document.
    """
    documents = len(table.firsts) - 1
    if minimum < 1:
        raise ValueError(f"a passage has at least one character, not {minimum}")
    if len(ranks) != documents or len(np.unique(ranks)) != documents:
        raise ValueError(f"{documents} documents need as many different ranks")
    # Equal keys are in the same part. One part at a time takes less memory.
    parts = np.uint64(1 + len(table.hashes) // part)
    runs = [
        _find_shared_runs(
            table, ranks, _select_part(_make_windows(table, minimum, is_backward, block), number, parts)
        )
        for is_backward in (False, True)
        for number in np.arange(parts, dtype=np.uint64)
    ]
    starts, ends, originals = (np.concatenate(arrays) for arrays in zip(*runs, strict=True))
    order = np.lexsort((ends, starts))
    return _join_runs(table, _remove_overlaps(_SharedRuns(starts[order], ends[order], originals[order])))


def find_windows(
    sentences: Sentences, minimum: int = SHORTEST_PASSAGE
) -> tuple[Positions, Positions, Hashes]:
    """The shortest runs of ``minimum`` folded characters from each sentence on, and backward from each.

    Returns the first sentence, the end, and the key of each; all arrays have the shape (windows,). Every run
    of sentences of at least that length that two documents share consists of windows with the same keys.

    >>> from hanpack.steps.dedup.folding import TextFolder
    >>> from hanpack.steps.dedup.sentences import find_sentences
    >>> text = "甲。春天来了，花都开了。"
    >>> starts, ends, _ = find_windows(find_sentences(text, TextFolder().fold(text)), minimum=8)
    >>> list(zip(starts.tolist(), ends.tolist()))
    [(0, 2), (1, 2), (1, 2)]
    """
    return tabulate_windows(join_sentences([sentences]), minimum)


def tabulate_windows(
    table: SentenceTable, minimum: int = SHORTEST_PASSAGE
) -> tuple[Positions, Positions, Hashes]:
    """The same for the sentences of many texts, which are numbered as in the table."""
    windows = [
        window
        for is_backward in (False, True)
        for window in _make_windows(table, minimum, is_backward, BLOCK)
    ]
    if not windows:
        empty = np.zeros(0, np.int64)
        return empty, empty, np.zeros(0, np.uint64)
    starts, ends, keys = (np.concatenate(arrays) for arrays in zip(*windows, strict=True))
    return starts, ends, keys


def hash_sentence_runs(sentences: Sentences, size: int) -> Hashes:
    """The key of every run of ``size`` consecutive sentences; shape (sentences - size + 1,), or (0,).

    >>> from hanpack.steps.dedup.folding import TextFolder
    >>> from hanpack.steps.dedup.sentences import find_sentences
    >>> folder, texts = TextFolder(), ["春天來了。花開了。", "夏天。春天来了！花开了！"]
    >>> first, second = (hash_sentence_runs(find_sentences(text, folder.fold(text)), 2) for text in texts)
    >>> bool(first[0] == second[1])
    True
    """
    starts = np.arange(max(len(sentences.hashes) - size + 1, 0))
    return hash_runs(sentences.hashes, starts, starts + size)


def trim_passage(text: str, start: int, end: int) -> tuple[int, int]:
    r"""The part of a passage to remove, so that the lines before and after it stay lines of their own.

    A passage that begins inside a line leaves the line end after it.

    >>> trim_passage("同一行，后半行。\n后一行。", 4, 9)
    (4, 8)
    """
    if start == 0 or text[start - 1] in LINE_BREAKS:
        return start, end
    words = len(text[start:end].rstrip())
    line_end = _LINE_END.search(text, start + words, end)
    return start, line_end.start() if line_end else end


def _make_windows(table: SentenceTable, minimum: int, is_backward: bool, block: int) -> Iterator[_Windows]:
    """The shortest run of ``minimum`` characters from each sentence on, or backward from each; by block.

    Each sentence of a longer run that two documents share is in a window of one kind within that run.
    """
    low, documents = 0, len(table.firsts) - 1
    while low < documents:
        full = int(np.searchsorted(table.firsts, table.firsts[low] + block, side="right")) - 1
        high = min(max(full, low + 1), documents)
        first, last = int(table.firsts[low]), int(table.firsts[high])
        lengths = table.lengths[first:last]
        characters = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)))
        counts = np.diff(table.firsts[low : high + 1])
        if is_backward:
            ends = np.arange(1, len(lengths) + 1)
            starts = np.searchsorted(characters, characters[1:] - minimum, side="right") - 1
            is_inside = starts >= np.repeat(table.firsts[low:high] - first, counts)
        else:
            starts = np.arange(len(lengths))
            ends = np.searchsorted(characters, characters[:-1] + minimum)
            is_inside = ends <= np.repeat(table.firsts[low + 1 : high + 1] - first, counts)
        starts, ends = starts[is_inside], ends[is_inside]
        yield _Windows(starts + first, ends + first, hash_runs(table.hashes[first:last], starts, ends))
        low = high


def hash_runs(hashes: Hashes, starts: Positions, ends: Positions) -> Hashes:
    """A key for each run of sentences that does not depend on its position: a polynomial modulo 2^64."""
    powers = np.full(len(hashes) + 1, _POWER, np.uint64)
    powers[0] = 1
    sums = np.concatenate(
        (np.zeros(1, np.uint64), np.cumsum(hashes * np.cumprod(powers)[:-1], dtype=np.uint64))
    )
    powers[1:] = _INVERSE_POWER
    return np.asarray((sums[ends] - sums[starts]) * np.cumprod(powers)[starts], np.uint64)


def _select_part(blocks: Iterable[_Windows], number: np.uint64, parts: np.uint64) -> Iterator[_Windows]:
    """The windows of one part, by their keys."""
    for starts, ends, keys in blocks:
        is_in_part = keys % parts == number
        yield _Windows(starts[is_in_part], ends[is_in_part], keys[is_in_part])


def _find_shared_runs(table: SentenceTable, ranks: Positions, blocks: Iterable[_Windows]) -> _SharedRuns:
    """The windows that a better document has too."""
    arrays = [np.concatenate(values) for values in zip(*blocks, strict=True)]
    if not arrays:
        return _SharedRuns(*(np.zeros(0, np.int64),) * 3)
    starts, ends, keys = arrays
    order = np.argsort(keys)
    equals_next = keys[order[1:]] == keys[order[:-1]]
    is_repeated = np.zeros(len(keys), np.bool_)
    is_repeated[1:] |= equals_next
    is_repeated[:-1] |= equals_next
    order = order[is_repeated]
    starts, ends, keys = starts[order], ends[order], keys[order]
    document = _find_documents(table, starts)
    order = np.lexsort((starts, ranks[document], keys))
    starts, ends, keys, document = starts[order], ends[order], keys[order], document[order]
    begins_key, begins_document = np.ones((2, len(keys)), np.bool_)
    begins_key[1:] = keys[1:] != keys[:-1]
    begins_document[1:] = begins_key[1:] | (document[1:] != document[:-1])
    of_key, of_document = np.flatnonzero(begins_key), np.flatnonzero(begins_document)
    # The first window with this key in the best document, and how many windows that document has with it.
    best = of_key[np.cumsum(begins_key) - 1]
    times = np.diff(np.append(of_document, len(keys)))[(np.cumsum(begins_document) - 1)[best]]
    # Windows that occur several times in both documents are paired in order, so that runs stay together.
    turn = np.arange(len(keys)) - of_document[np.cumsum(begins_document) - 1]
    is_elsewhere = document != document[best]
    return _SharedRuns(starts[is_elsewhere], ends[is_elsewhere], starts[best + turn % times][is_elsewhere])


def _remove_overlaps(runs: _SharedRuns) -> _SharedRuns:
    """The sentences of each run that no earlier one covers; the runs are sorted."""
    starts, ends, originals = runs
    covered = np.concatenate((np.zeros(1, np.int64), np.maximum.accumulate(ends)))[: len(starts)]
    begins = np.maximum(starts, covered)
    is_new = begins < ends
    return _SharedRuns(begins[is_new], ends[is_new], (originals + begins - starts)[is_new])


def _join_runs(table: SentenceTable, runs: _SharedRuns) -> Passages:
    """Join runs that are adjacent both here and in the original, and turn sentences into characters."""
    starts, ends, originals = runs
    document, original = _find_documents(table, starts), _find_documents(table, originals)
    is_continued = np.zeros(len(starts), np.bool_)
    is_continued[1:] = (
        (starts[1:] == ends[:-1])
        & (starts[1:] - originals[1:] == starts[:-1] - originals[:-1])
        & (document[1:] == document[:-1])
        & (original[1:] == original[:-1])
    )
    first = np.flatnonzero(~is_continued)
    last = np.flatnonzero(~np.concatenate((is_continued[1:], np.zeros(min(len(is_continued), 1), np.bool_))))
    original_ends = originals[last] + ends[last] - starts[last]
    return Passages(
        document=document[first],
        start=table.starts[starts[first]].astype(np.int64),
        end=table.ends[ends[last] - 1].astype(np.int64),
        original=original[first],
        original_start=table.starts[originals[first]].astype(np.int64),
        original_end=table.ends[original_ends - 1].astype(np.int64),
    )


def _find_documents(table: SentenceTable, sentences: Positions) -> Positions:
    """The document of each sentence."""
    return np.searchsorted(table.firsts, sentences, side="right") - 1
