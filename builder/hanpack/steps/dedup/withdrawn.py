"""Recognises withdrawn texts, their copies and their passages by signatures, without the texts.

A signature has the hash of the folded text, its MinHash bands, and a sketch: of each of 1,024 minima the
lowest byte (b-bit minwise hashing, Li and König 2010), from which the similarity to another text is estimated
with a standard error of 0.013. A passage is recognised by the hashes of its runs of sentences. No text can be
read from any of them; whether a given text was withdrawn can be seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b, sha256

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Flags, Positions
from hanpack.steps.dedup.clusters import SIMILARITY_THRESHOLD
from hanpack.steps.dedup.folding import FoldedText, TextFolder
from hanpack.steps.dedup.minhash import (
    BANDS,
    Bands,
    compute_minima,
    compute_signature,
    compute_signatures,
    sort_distinct,
)
from hanpack.steps.dedup.passages import (
    SHORTEST_PASSAGE,
    find_windows,
    hash_runs,
    hash_sentence_runs,
    tabulate_windows,
)
from hanpack.steps.dedup.sentences import (
    Hashes,
    Sentences,
    SentenceTable,
    find_sentences,
    find_sentences_across_lines,
    join_lines,
    tabulate_sentences,
)
from hanpack.steps.texts import JoinedTexts
from hanpack.steps.traced import code_points

Sketch = npt.NDArray[np.uint8]
SKETCH_BYTES = 1024
# The fewest folded characters of a text that is recognised within another.
SHORTEST_WHOLE = 20
# The share of bytes that are equal in the sketches of two texts that have nothing in common.
_BY_CHANCE = 1 / 256
_NONE = np.zeros(0, np.uint64)
# About so many characters are searched at once, so that what is made of them stays in the processor's cache.
_BATCH = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class WithdrawnText:
    """The signature of a withdrawn text, of ``length`` folded characters.

    ``exact`` is the BLAKE2b hash of the folded text, of 16 bytes. ``bands`` has the shape (32,), ``sketch``
    (1024,). ``passages`` are the keys of its windows of sentences, sorted: of sentences that end with their
    line, and of those that go over lines. A text that is shorter than a passage has no windows:
    ``sentences`` is then the number of its sentences, and the only key is that of all of them; it is 0 for
    other texts, and for those too short to be recognised within another.
    """

    exact: bytes
    length: int
    bands: Bands
    sketch: Sketch
    passages: Hashes
    sentences: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Withdrawal:
    """A request to withdraw texts: its id, date and reason, and what it bars from every build.

    ``sources`` are paths of sources, ``urls`` the SHA-256 of addresses in hexadecimal. ``documents`` are the
    ids of the documents that it names: they bar nothing, and tell that a later request names the same.
    """

    request: str
    date: str
    reason: str
    texts: tuple[WithdrawnText, ...] = ()
    sources: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()


def describe_withdrawn(text: str, folded: FoldedText) -> WithdrawnText:
    """The signature of a text; ``folded`` is the same text folded."""
    signature, sentences = compute_signature(folded), find_sentences(text, folded)
    is_short = signature.length < SHORTEST_PASSAGE
    count = len(sentences.hashes) if is_short and signature.length >= SHORTEST_WHOLE else 0
    if count:
        keys = hash_sentence_runs(sentences, count)
    else:
        # Where a copy breaks lines within sentences, only those that go over lines are the same.
        joined = find_sentences_across_lines(text, folded)
        keys = np.concatenate((find_windows(sentences)[2], find_windows(joined)[2]))
    return WithdrawnText(
        exact=signature.exact,
        length=signature.length,
        bands=signature.bands,
        sketch=compute_sketch(folded.text),
        passages=sort_distinct(keys),
        sentences=count,
    )


def without_passages(text: WithdrawnText) -> WithdrawnText:
    """The same signature, by which only copies of the text are recognised."""
    return replace(text, passages=_NONE, sentences=0)


def compute_sketch(folded_text: str) -> Sketch:
    """The sketch of a folded text; shape (1024,)."""
    codes = code_points(folded_text)
    (minima,) = compute_minima(codes, np.array([len(codes)], np.int64), SKETCH_BYTES)
    sketch: Sketch = (minima & np.uint64(0xFF)).astype(np.uint8)
    return sketch


def estimate_similarity(first: Sketch, second: Sketch) -> float:
    """Estimate the Jaccard index of the trigrams of two texts from their sketches.

    >>> sketch = compute_sketch("政府工作报告")
    >>> estimate_similarity(sketch, sketch)
    1.0
    """
    equal = float(np.count_nonzero(first == second)) / SKETCH_BYTES
    return max(0.0, (equal - _BY_CHANCE) / (1 - _BY_CHANCE))


def hash_url(url: str) -> str:
    """The hash by which an address is recognised."""
    return sha256(url.strip().encode("utf-8", "surrogatepass")).hexdigest()


class WithdrawnTexts:
    """All that was withdrawn, for comparison with the texts of a build."""

    def __init__(self, withdrawals: Sequence[Withdrawal]) -> None:
        texts = [(text, withdrawal) for withdrawal in withdrawals for text in withdrawal.texts]
        self._by_hash = {text.exact: withdrawal for text, withdrawal in reversed(texts) if text.length}
        self._texts = texts
        self._bands = np.array([text.bands for text, _ in texts], np.uint32).reshape(len(texts), BANDS)
        self._band_keys = sort_distinct(_number_bands(self._bands).reshape(-1))
        keys = np.concatenate([_NONE, *(text.passages for text, _ in texts)])
        owners = np.repeat(np.arange(len(texts)), [len(text.passages) for text, _ in texts])
        self._passages, firsts = np.unique(keys, return_index=True)
        self._owners = owners[firsts]
        self._sizes = sorted({text.sentences for text, _ in texts if len(text.passages)})
        self._sources: dict[str, Withdrawal] = {}
        self._urls: dict[str, Withdrawal] = {}
        for withdrawal in withdrawals:
            for path in withdrawal.sources:
                self._sources.setdefault(path, withdrawal)
            for url in withdrawal.urls:
                self._urls.setdefault(url, withdrawal)

    def find_source(self, path: str) -> Withdrawal | None:
        """The request that bars a source."""
        return self._sources.get(path)

    def find_url(self, url: str | None) -> Withdrawal | None:
        """The request that bars an address."""
        return self._urls.get(hash_url(url)) if self._urls and url else None

    def find_text(self, folded: FoldedText) -> Withdrawal | None:
        """The request that bars a text or one that is similar to it, of several the first."""
        if not self._texts or not folded.text:
            return None
        exact = blake2b(code_points(folded.text).tobytes(), digest_size=16).digest()
        if exact in self._by_hash:
            return self._by_hash[exact]
        bands = compute_signature(folded).bands
        candidates = np.flatnonzero((self._bands == bands).any(axis=1)) if bands.any() else ()
        sketch = compute_sketch(folded.text) if len(candidates) else None
        for candidate in candidates:
            text, withdrawal = self._texts[candidate]
            if sketch is not None and estimate_similarity(text.sketch, sketch) >= SIMILARITY_THRESHOLD:
                return withdrawal
        return None

    def find_passages(
        self, text: str, folded: FoldedText, *, only_long: bool = False
    ) -> list[tuple[int, int, Withdrawal]]:
        """The spans of a text that are passages of withdrawn texts, in order, each with the first request.

        With ``only_long`` withdrawn texts that are shorter than a passage are not looked for.
        """
        if not len(self._passages):
            return []
        sizes = [size for size in self._sizes if not (size and only_long)]
        runs = sorted(
            run
            for sentences in (find_sentences(text, folded), find_sentences_across_lines(text, folded))
            for size in sizes
            for run in self._find_runs(sentences, size)
        )
        spans: list[tuple[int, int, Withdrawal]] = []
        for start, end, owner in runs:
            if spans and start < spans[-1][1]:
                spans[-1] = spans[-1][0], max(end, spans[-1][1]), spans[-1][2]
            else:
                spans.append((start, end, self._texts[owner][1]))
        return spans

    def find_concerned(
        self, texts: Sequence[str], folder: TextFolder, *, are_parts: bool = False
    ) -> Iterator[int]:
        """The indexes of the texts, in order, that were withdrawn or have a passage of a withdrawn text.

        These are the texts for which :meth:`find_text` or :meth:`find_passages` finds something; if the texts
        ``are_parts`` of documents, those for which :meth:`find_passages` finds something long. Many texts are
        searched at once, in a third of the time.
        """
        first = size = 0
        for index, text in enumerate(texts):
            size += len(text) + 1
            if size >= _BATCH or index + 1 == len(texts):
                batch = texts[first : index + 1]
                for number in self._find_candidates(batch, folder, are_parts):
                    folded = folder.fold(batch[number])
                    withdrawal = None if are_parts else self.find_text(folded)
                    if withdrawal or self.find_passages(batch[number], folded, only_long=are_parts):
                        yield first + number
                first, size = index + 1, 0

    def _find_candidates(self, texts: Sequence[str], folder: TextFolder, are_parts: bool) -> list[int]:
        """All texts that are concerned, and few others: those with a hash, a band or a run of a withdrawn."""
        if not self._texts:
            return []
        folded = folder.fold_all(JoinedTexts(texts))
        is_candidate = np.zeros(len(texts), np.bool_)
        for across_lines in (False, True) if len(self._passages) else ():
            # A text of one line has the same sentences in both cases.
            chosen = [
                number for number, text in enumerate(texts) if not across_lines or join_lines(text) != text
            ]
            table = tabulate_sentences(
                [texts[number] for number in chosen],
                [folded[number] for number in chosen],
                across_lines=across_lines,
            )
            for size in self._sizes:
                if not (size and are_parts):
                    is_candidate[np.array(chosen, np.int64)[self._find_owners(table, size)]] = True
        if not are_parts:
            signatures = compute_signatures(folded)
            bands = np.array([signature.bands for signature in signatures], np.uint32)
            has_band = _contains(self._band_keys, _number_bands(bands.reshape(-1, BANDS))).any(axis=1)
            is_equal = np.array([signature.exact in self._by_hash for signature in signatures], np.bool_)
            has_letters = np.array([signature.length > 0 for signature in signatures], np.bool_)
            is_candidate |= (has_band | is_equal) & has_letters
        return np.flatnonzero(is_candidate).tolist()

    def _find_owners(self, table: SentenceTable, size: int) -> Positions:
        """The texts with a withdrawn run of sentences: a window if ``size`` is 0, else one of so many."""
        if size:
            starts = np.arange(max(len(table.hashes) - size + 1, 0))
            keys = hash_runs(table.hashes[:], starts, starts + size)
        else:
            starts, _, keys = tabulate_windows(table)
        return np.searchsorted(table.firsts, starts[_contains(self._passages, keys)], side="right") - 1

    def _find_runs(self, sentences: Sentences, size: int) -> list[tuple[int, int, int]]:
        """The spans of the runs of sentences that were withdrawn, each with the number of the text.

        They are windows if ``size`` is 0, else runs of ``size`` sentences.
        """
        if size:
            keys = hash_sentence_runs(sentences, size)
            starts = np.arange(len(keys))
            ends = starts + size
        else:
            starts, ends, keys = find_windows(sentences)
        places = np.searchsorted(self._passages, keys)
        is_withdrawn = _contains(self._passages, keys)
        columns = (
            sentences.starts[starts[is_withdrawn]],
            sentences.ends[ends[is_withdrawn] - 1],
            self._owners[places[is_withdrawn]],
        )
        return list(zip(*(column.tolist() for column in columns), strict=True))


def _number_bands(bands: Bands) -> Hashes:
    """The bands of texts as numbers that differ from one band to the next; shape (texts, 32)."""
    numbers: Hashes = bands.astype(np.uint64) | (np.arange(BANDS, dtype=np.uint64) << np.uint64(32))
    return numbers


def _contains(keys: Hashes, values: Hashes) -> Flags:
    """Whether each value is one of the keys, which are sorted; the shape is that of ``values``."""
    if not len(keys):
        return np.zeros(values.shape, np.bool_)
    flags: Flags = keys.take(np.searchsorted(keys, values), mode="clip") == values
    return flags
