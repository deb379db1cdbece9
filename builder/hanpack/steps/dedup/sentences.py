"""The sentences of documents as hashes: of one text, or of many that are hashed at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Positions
from hanpack.steps.chunk.boundaries import LINE_BREAKS, find_sentence_ends
from hanpack.steps.dedup.columns import Column
from hanpack.steps.dedup.folding import FoldedText
from hanpack.steps.hash_mixing import FIRST_MULTIPLIER, GOLDEN_RATIO, HALF, SECOND_MULTIPLIER
from hanpack.steps.traced import code_points

Hashes = npt.NDArray[np.uint64]
Lengths = npt.NDArray[np.int32]

_PLACE = np.uint64(0xD1B54A32D192ED03)
_LESS = np.uint64(29)


@dataclass(frozen=True, slots=True, eq=False)
class Sentences:
    """The sentences of a document, as keys; each array has the shape (sentences,).

    ``hashes`` are of the folded sentences and ``lengths`` are in folded characters, at least 1. The spans
    ``[starts, ends)`` cover the document. A text without letters has no sentences.
    """

    hashes: Hashes
    lengths: Lengths
    starts: Positions
    ends: Positions


@dataclass(frozen=True, slots=True, eq=False)
class SentenceTable:
    """The sentences of many documents one after another; document d has ``[firsts[d], firsts[d + 1])``.

    All but ``firsts`` may also be what can be read like an array.
    """

    hashes: Column
    lengths: Column
    starts: Column
    ends: Column
    firsts: Positions


def find_sentences(text: str, folded: FoldedText) -> Sentences:
    r"""Cut a document into sentences and lines, each with the punctuation and blanks after it, and hash them.

    A sentence without letters is joined to the one before it. ``folded`` is the folded text.

    >>> from hanpack.steps.dedup.folding import TextFolder
    >>> text = "春天來了。——\n春天来了！"
    >>> sentences = find_sentences(text, TextFolder().fold(text))
    >>> sentences.starts.tolist(), bool(sentences.hashes[0] == sentences.hashes[1])
    ([0, 8], True)
    """
    return _take_only(tabulate_sentences([text], [folded]))


def find_sentences_across_lines(text: str, folded: FoldedText) -> Sentences:
    r"""Cut a document into sentences as if it were one line, and hash them.

    >>> from hanpack.steps.dedup.folding import TextFolder
    >>> text = "春天\n来了。花开了。"
    >>> find_sentences_across_lines(text, TextFolder().fold(text)).starts.tolist()
    [0, 6]
    """
    return _take_only(tabulate_sentences([text], [folded], across_lines=True))


def join_lines(text: str) -> str:
    """A text as one line of the same length."""
    for line_break in LINE_BREAKS:
        text = text.replace(line_break, " ")
    return text


def join_sentences(documents: Iterable[Sentences]) -> SentenceTable:
    """Put the sentences of all documents into one table of 20 bytes for each sentence."""
    all_sentences = list(documents)
    counts = np.array([len(sentences.hashes) for sentences in all_sentences], dtype=np.int64)
    empty = np.zeros(0, np.int32)
    return SentenceTable(
        hashes=np.concatenate([np.zeros(0, np.uint64), *(part.hashes for part in all_sentences)]),
        lengths=np.concatenate([empty, *(part.lengths for part in all_sentences)]),
        starts=np.concatenate([empty, *(part.starts.astype(np.int32) for part in all_sentences)]),
        ends=np.concatenate([empty, *(part.ends.astype(np.int32) for part in all_sentences)]),
        firsts=np.concatenate((np.zeros(1, np.int64), np.cumsum(counts))),
    )


def tabulate_sentences(
    texts: Sequence[str], folded: Sequence[FoldedText], *, across_lines: bool = False
) -> SentenceTable:
    """The table of the sentences of some texts, as :func:`join_sentences` gives.

    ``folded`` are the same texts folded. With ``across_lines`` each text is cut as if it were one line.

    >>> from hanpack.steps.dedup.folding import TextFolder
    >>> texts = ["春天来了。花开了。", "", "夏天。"]
    >>> table = tabulate_sentences(texts, [TextFolder().fold(text) for text in texts])
    >>> table.firsts.tolist(), table.starts.tolist(), table.lengths.tolist()
    ([0, 2, 2, 3], [0, 5, 0], [4, 3, 2])
    """
    of_texts = [find_sentence_ends(join_lines(text) if across_lines else text) for text in texts]
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    counts = np.fromiter(map(len, of_texts), np.int64, len(texts))
    owners = np.repeat(np.arange(len(texts)), counts)
    # All positions are those of the texts joined without anything between them.
    first_characters = np.cumsum(sizes) - sizes
    ends = np.fromiter(chain.from_iterable(of_texts), np.int64, len(owners)) + first_characters[owners]
    is_kept = np.concatenate([np.zeros(0, np.bool_), *(text.is_kept for text in folded)])
    # The number of folded characters before the end of each sentence, and before its start.
    folded_ends = np.searchsorted(np.flatnonzero(is_kept), ends)
    folded_starts = np.concatenate((np.zeros(1, np.int64), folded_ends))[: len(folded_ends)]
    has_letters = folded_ends > folded_starts
    first, owners = folded_starts[has_letters], owners[has_letters]
    lengths = folded_ends[has_letters] - first
    firsts = np.searchsorted(owners, np.arange(len(texts) + 1))
    starts = np.concatenate((np.zeros(1, np.int64), ends))[: len(ends)][has_letters]
    starts -= first_characters[owners]
    # Sentences without letters belong to those before them, at the beginning of a text to the one after them.
    is_first = np.concatenate(([True], owners[1:] != owners[:-1]))[: len(owners)]
    starts[is_first] = 0
    is_last = np.concatenate((is_first[1:], [True]))[: len(owners)]
    codes = code_points("".join(text.text for text in folded))
    return SentenceTable(
        hashes=_hash_sentences(codes, first, lengths),
        lengths=lengths.astype(np.int32),
        starts=starts.astype(np.int32),
        ends=np.where(is_last, sizes[owners], np.roll(starts, -1)).astype(np.int32),
        firsts=firsts,
    )


def _take_only(table: SentenceTable) -> Sentences:
    """The sentences of a table with one document."""
    starts, ends = table.starts[:].astype(np.int64), table.ends[:].astype(np.int64)
    return Sentences(hashes=table.hashes[:], lengths=table.lengths[:], starts=starts, ends=ends)


def _hash_sentences(codes: npt.NDArray[np.uint32], first: Positions, lengths: Positions) -> Hashes:
    """A 64-bit hash of each sentence: the sum of its characters, each mixed with its position (SplitMix64).

    The sentences follow one another and cover all of ``codes``; if there are none, it is empty.
    """
    if not len(first):
        return np.zeros(0, np.uint64)
    place = np.arange(len(codes), dtype=np.int64) - np.repeat(first, lengths)
    mixed = codes * GOLDEN_RATIO + place.astype(np.uint64) * _PLACE
    mixed ^= mixed >> HALF
    mixed *= FIRST_MULTIPLIER
    mixed ^= mixed >> _LESS
    mixed *= SECOND_MULTIPLIER
    mixed ^= mixed >> HALF
    return np.asarray(np.add.reduceat(mixed, first), np.uint64)
