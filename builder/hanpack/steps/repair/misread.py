"""Chinese whose bytes were decoded with a code page of one byte: ä¸­æ–‡ or ÖÐÎÄ for 中文.

UTF-8 is recognised by its structure, whichever code page it was decoded with and even if some bytes are lost:
what is whole is restored, what is not is flagged. It may have been decoded wrongly twice. GBK and Big5 have
less structure; ``double_bytes`` restores them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.repair.charsets import NAMES, WINDOWS, Charset, damage_signs, read_charset
from hanpack.steps.repair.double_bytes import find_double_bytes
from hanpack.steps.repair.forms import to_model_text
from hanpack.steps.repair.ngram_model import NgramModel
from hanpack.steps.repair.scored_text import SCORED_CHARACTERS, ScoredText
from hanpack.steps.repair.utf8_bytes import (
    CHINESE,
    IDEOGRAPH,
    LOST,
    NOT_TEXT,
    Stretch,
    count_other_bytes,
    find_character_ends,
    find_utf8,
)
from hanpack.steps.replacements import Replacement

# The cost (natural logarithm) at which a character is as likely there by chance. The entire text must be more
# likely by the margin.
_CHANCE = 15.0
_MARGIN = 12.0
# The least share of the restored characters beyond ASCII that must be Chinese.
_CHINESE_SHARE = 0.6
# The least share of the damaged runs that must be restored.
_RESTORED_SHARE = 0.4
# The least different ideographs in the restored text.
_LEAST_DISTINCT = 2
# How many runs are Python objects at a time, and of how many what they restore is remembered.
_BLOCK, _MOST_REMEMBERED = 1 << 12, 1 << 12
# The code pages, and whether the text was decoded with them twice.
_ATTEMPTS = (*((name, False) for name in NAMES), (WINDOWS, True))
# The ideographs of the text that is restored are U+3400 to U+9FFF. After a second wrong decoding, the first
# of their bytes is a character of two bytes.
_IDEOGRAPH_BYTES = compile_lazily(rb"[\xe3-\xe9][\x80-\xbf]{2}|\xc3[\xa3-\xa9]")
# One byte that belongs to no character, and what may follow it.
_LEFT_OVER = compile_lazily(rb"[\x80-\xbf](?![\x80-\xbf])[\xe0-\xef]?[\x80-\xbf]?")
# Marks that undamaged Chinese text has too: alone they are no damage.
_ORDINARY_MARKS = compile_lazily("[·—…“”‘’•–°±×÷§©®™€£¥«»\xa0 ]+")


def find_misread(text: str, ngram_model: NgramModel) -> list[Replacement]:
    """Find the runs of letters beyond ASCII whose bytes are Chinese text.

    >>> from hanpack.steps.repair.ngram_model import count_ngrams
    >>> from hanpack.steps.repair.ngram_table import pack_model
    >>> model = NgramModel(pack_model([(1.0, count_ngrams(["推进高质量发展"] * 9))]))
    >>> find_misread("ÍÆ½ø¸ßÖÊÁ¿·¢Õ¹", model)
    [Replacement(start=0, end=14, text='推进高质量发展', flagged=False)]
    >>> find_misread("Noël s'élève à Évian", model)
    []
    """
    if not damage_signs().search(text):
        return []
    runs_by_charset = {name: _Runs.find(text, read_charset(name)) for name in NAMES}
    most = max(runs.count_characters() for runs in runs_by_charset.values())
    for name, is_twice in _ATTEMPTS:
        runs = runs_by_charset[name]
        # In the bytes of another encoding there is UTF-8 by chance.
        if _count_restorable(runs, read_charset(name)) < _RESTORED_SHARE * most:
            continue
        replacements = _restore_all(runs, read_charset(name), is_twice, ngram_model)
        restored = [part for part in replacements if not part.flagged]
        if sum(part.end - part.start for part in restored) >= _RESTORED_SHARE * most and _is_chinese(
            [part.text for part in restored], ngram_model
        ):
            return replacements
    return find_double_bytes(text, ngram_model)


class _Runs(NamedTuple):
    """The runs of damaged letters in a text: a long record has so many that they are not objects.

    ``spans`` has the shape (runs, 2).
    """

    text: str
    spans: npt.NDArray[np.int32]

    @classmethod
    def find(cls, text: str, charset: Charset) -> _Runs:
        """The runs of letters that a charset gives."""
        runs = charset.runs.finditer(text)
        limits = chain.from_iterable(run.span() for run in runs if not _ORDINARY_MARKS.fullmatch(run[0]))
        return cls(text, np.fromiter(limits, np.int32).reshape(-1, 2))

    def count_characters(self) -> int:
        """How many characters the runs have."""
        return int((self.spans[:, 1] - self.spans[:, 0]).sum())

    def iterate(self) -> Iterator[tuple[int, str]]:
        """Where each run begins, and its text."""
        for first in range(0, len(self.spans), _BLOCK):
            for start, end in self.spans[first : first + _BLOCK].tolist():
                yield start, self.text[start:end]


def _count_restorable(runs: _Runs, charset: Charset) -> int:
    """How many characters of some runs can be restored at the most: those whose bytes are UTF-8.

    0 if no bytes can be an ideograph.
    """
    remaining = runs.iterate()
    count, has_ideographs = 0, False
    while texts := [text for _, text in islice(remaining, _BLOCK)]:
        # The blanks of a run are bytes only if it has no no-break spaces.
        for has_no_break_spaces in (False, True):
            raw = charset.encode(LOST.join(text for text in texts if ("\xa0" in text) == has_no_break_spaces))
            count += len(raw) - count_other_bytes(raw)
            has_ideographs = has_ideographs or _IDEOGRAPH_BYTES.search(raw) is not None
    return count if has_ideographs else 0


def _restore_all(runs: _Runs, charset: Charset, is_twice: bool, ngram_model: NgramModel) -> list[Replacement]:
    """What some runs restore; nothing if the text that is scored is not likely, which its beginning tells."""
    replacements: list[Replacement] = []
    scored = ScoredText()
    for part in _restore_each(runs, charset, is_twice):
        replacements.append(part)
        is_new = not part.flagged and scored.add([part.text])
        if is_new and scored.is_complete and not _is_likely(scored.text, ngram_model):
            return []
    return replacements


def _restore_each(runs: _Runs, charset: Charset, is_twice: bool) -> Iterator[Replacement]:
    """What some runs restore, one by one, because a run may be as long as the text."""
    # The same run restores the same.
    restored_by_run: dict[str, list[Replacement]] = {}
    for start, run in runs.iterate():
        remembered = restored_by_run.get(run)
        parts: list[Replacement] = []
        for part in _restore(run, charset, is_twice) if remembered is None else remembered:
            parts.append(part)
            yield Replacement(start + part.start, start + part.end, part.text, part.flagged)
        if remembered is None and len(restored_by_run) < _MOST_REMEMBERED:
            restored_by_run[run] = parts


def _restore(run: str, charset: Charset, is_twice: bool) -> Iterator[Replacement]:
    """The characters that are whole in the bytes of a run; the rest of it is flagged."""
    raw = charset.encode(run)
    position = 0
    for stretch in chain(_find_text(raw, is_twice), [Stretch(len(raw), len(raw), "")]):
        if stretch.start > position:
            yield Replacement(position, stretch.start, flagged=True)
        if stretch.text:
            yield Replacement(stretch.start, stretch.end, stretch.text)
        position = stretch.end


def _find_text(raw: bytes, is_twice: bool) -> Iterator[Stretch]:
    """The stretches of whole characters, without those that may be made of the bytes of two."""
    for stretch, following in pairwise(chain(find_utf8(raw), [Stretch(len(raw), len(raw), "")])):
        end = following.start
        text, last = stretch.text, stretch.end
        # One byte is left over after a character: it may be the last of that character.
        if _LEFT_OVER.fullmatch(raw[last:end]) and not text[-1].isascii():
            last -= len(text[-1].encode())
            text = text[:-1]
        parts = [Stretch(stretch.start, last, text)]
        if is_twice and read_charset(WINDOWS).runs.fullmatch(text):
            parts = _undo_again(parts[0])
        for part in parts:
            if part.text and not part.text.isascii() and not NOT_TEXT.search(part.text):
                yield part


def _undo_again(stretch: Stretch) -> list[Stretch]:
    """What is whole after a second wrong decoding with Windows-1252 is undone."""
    ends = list(find_character_ends(stretch))
    inner = find_utf8(read_charset(WINDOWS).encode(stretch.text))
    return [Stretch(ends[part.start], ends[part.end], part.text) for part in inner]


def _is_chinese(texts: Sequence[str], ngram_model: NgramModel) -> bool:
    # A text that is repeated is evidence once: symbols of a European text can be a character by chance.
    restored = "".join(dict.fromkeys(texts))
    distinct = len(set(IDEOGRAPH.findall(restored)))
    foreign = sum(not character.isascii() for character in restored)
    if distinct < _LEAST_DISTINCT or len(CHINESE.findall(restored)) < _CHINESE_SHARE * foreign:
        return False
    return _is_likely(restored, ngram_model)


def _is_likely(restored: str, ngram_model: NgramModel) -> bool:
    """Whether the beginning of a restored text is likelier than characters by chance."""
    text = to_model_text(restored[:SCORED_CHARACTERS])
    return ngram_model.log_likelihood(text) + _CHANCE * len(text) > _MARGIN
