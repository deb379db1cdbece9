"""Chinese in GBK or Big5 whose bytes were decoded with Windows-1252: ÖÐÎÄ for 中文.

Most pairs of bytes are a character in these encodings, so that language has to tell. A lost byte makes all
pairs after it wrong, up to the next ASCII character: the most likely place of it is searched.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.repair.charsets import WINDOWS, make_class, read_charset
from hanpack.steps.repair.forms import to_model_text
from hanpack.steps.repair.ngram_model import NgramModel
from hanpack.steps.repair.ngram_table import ORDER
from hanpack.steps.repair.scored_text import ScoredText
from hanpack.steps.repair.utf8_bytes import CHINESE, NOT_TEXT
from hanpack.steps.replacements import Replacement

ENCODINGS = ("gbk", "big5")
# The cost (natural logarithm) at which a character is as likely there by chance, and the margin.
_CHANCE = 10.5
_MARGIN = 12.0
# The least share of the runs' characters that must be Chinese: a damaged record may contain a European name.
_CHINESE_SHARE = 0.9
# The least share of the restored characters that must be Chinese; the others are Greek, Cyrillic or kana.
_LEAST_CHINESE = 0.75
# In how many bytes of a record the likeliest reading around lost bytes is searched, and in one more for so
# many characters; what is left after that is flagged.
_SEARCHED_BYTES, _CHARACTERS_FOR_BYTE = 10_000, 100
# Marks of Windows-1252 that undamaged Chinese text has too: a run of nothing else is not damage.
_ORDINARY_MARKS = compile_lazily("[·—…“”‘’•–°±×÷§©®™€£¥«»]+")
# Common characters, by the first byte of their pairs; fewer than this share is a sign of a lost byte.
_LAST_COMMON = {"gbk": 0xD7, "big5": 0xC6}
_COMMON_SHARE = 0.85
# The cost of taking a byte for one whose other byte was lost.
_LOST_BYTE_COST = 18.0
# A character that is less likely than this beside a lost byte is none.
_HIGHEST_COST = 14.0


class _Path(NamedTuple):
    """The best reading of the bytes up to some place: its cost, the last characters, and the piece before."""

    cost: float
    context: str
    before: int
    character: str


class _Reading(NamedTuple):
    """The pieces of a run, at places in it, and how many of its bytes were searched and how many are left."""

    pieces: Sequence[Replacement]
    searched: int
    left: int


def find_double_bytes(text: str, ngram_model: NgramModel) -> list[Replacement]:
    """Find the runs of letters beyond ASCII that are Chinese in GBK or in Big5, if nearly all of them are."""
    best: list[Replacement] = []
    best_score = _MARGIN
    runs = [run for run in _runs().finditer(text) if not _ORDINARY_MARKS.fullmatch(run[0])]
    searchable = _SEARCHED_BYTES + len(text) // _CHARACTERS_FOR_BYTE
    for encoding in ENCODINGS:
        restored, length, score = _restore_all(runs, encoding, ngram_model, searchable, best_score)
        covered = sum(len(piece.text) for piece in restored if not piece.flagged)
        if 2 * covered > _CHINESE_SHARE * length and score > best_score:
            best, best_score = restored, score
    return best


def _restore_all(
    runs: Sequence[re.Match[str]],
    encoding: str,
    ngram_model: NgramModel,
    searchable: int,
    least_score: float,
) -> tuple[list[Replacement], int, float]:
    """The restored pieces of some runs, of how many characters, and their score.

    It stops when the text that is scored is complete and not likelier than ``least_score``. At most
    ``searchable`` bytes are searched.
    """
    restored: list[Replacement] = []
    length, score = 0, -math.inf
    # The same run restores the same.
    reading_by_run: dict[str, _Reading] = {}
    scored = ScoredText()
    for run in runs:
        reading = reading_by_run.get(run[0])
        if reading is None or reading.searched > searchable:
            reading = _read_run(run[0], encoding, ngram_model, searchable)
        if not reading.left:
            reading_by_run[run[0]] = reading
        start = run.start()
        restored += [
            Replacement(start + low, start + high, piece, flagged)
            for low, high, piece, flagged in reading.pieces
        ]
        searchable -= reading.searched
        # What is left is no evidence.
        length += len(run[0]) - reading.left
        if scored.add(piece.text for piece in reading.pieces) and scored.is_complete:
            score = _score(scored.text, ngram_model)
            if score <= least_score:
                return restored, length, score
    if not scored.is_complete:
        score = _score(scored.text, ngram_model)
    return restored, length, score


def _read_run(run: str, encoding: str, ngram_model: NgramModel, searchable: int) -> _Reading:
    """Restore a run; at most ``searchable`` of its bytes are searched."""
    raw = read_charset(WINDOWS).encode(run)
    # The second byte of a pair may be ASCII, so that a run may end with one character of ASCII too many.
    if raw[-1] < 0x80 and len(raw) % 2:
        raw = raw[:-1]
    decoded = _decode(raw, encoding)
    if decoded is not None and _is_common(raw, encoding):
        return _Reading([Replacement(0, len(raw), decoded)], searched=0, left=0)
    searched = min(len(raw), searchable)
    pieces = list(_restore_around_losses(raw[:searched], encoding, ngram_model))
    if searched < len(raw):
        pieces.append(Replacement(searched, len(raw), flagged=True))
    return _Reading(pieces, searched=searched, left=len(raw) - searched)


def _decode(raw: bytes, encoding: str) -> str | None:
    """The text of bytes that are pairs throughout, None for others."""
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if NOT_TEXT.search(text) else text


def _is_common(raw: bytes, encoding: str) -> bool:
    firsts = [byte for byte in raw[::2] if byte >= 0x80]
    return sum(byte <= _LAST_COMMON[encoding] for byte in firsts) >= _COMMON_SHARE * len(firsts)


def _restore_around_losses(raw: bytes, encoding: str, ngram_model: NgramModel) -> Iterator[Replacement]:
    """The most likely reading of a run in pairs and single bytes; single bytes are flagged.

    Invariant: ``paths[n]`` is the best reading of the first n bytes.
    """
    paths = [_Path(0.0, "", 0, "")]
    for end in range(1, len(raw) + 1):
        single = paths[end - 1]
        best = _Path(single.cost + _LOST_BYTE_COST, "", end - 1, "")
        character = _decode(raw[end - 2 : end], encoding) if end > 1 else None
        if character is not None and len(character) == 1 and raw[end - 2] >= 0x80:
            before = paths[end - 2]
            form = to_model_text(character)
            cost = -math.log(ngram_model.probability(before.context, form))
            if cost < _HIGHEST_COST and before.cost + cost < best.cost:
                context = (before.context + form)[1 - ORDER :]
                best = _Path(before.cost + cost, context, end - 2, character)
        paths.append(best)
    pieces: list[Replacement] = []
    end = len(raw)
    while end:
        path = paths[end]
        if raw[path.before] >= 0x80:
            flagged = not path.character
            pieces.append(Replacement(path.before, end, path.character, flagged))
        end = path.before
    yield from _join(pieces[::-1])


def _join(pieces: Sequence[Replacement]) -> Iterator[Replacement]:
    """Pieces of one kind in a row as one."""
    joined: Replacement | None = None
    for piece in pieces:
        if joined and joined.end == piece.start and joined.flagged == piece.flagged:
            joined = Replacement(joined.start, piece.end, joined.text + piece.text, piece.flagged)
            continue
        if joined:
            yield joined
        joined = piece
    if joined:
        yield joined


def _score(restored: str, ngram_model: NgramModel) -> float:
    """How much more likely a restored text is than characters by chance."""
    foreign = sum(not character.isascii() for character in restored)
    if len(CHINESE.findall(restored)) < _LEAST_CHINESE * foreign:
        return -math.inf
    text = to_model_text(restored)
    return ngram_model.log_likelihood(text) + _CHANCE * len(text)


@lru_cache(maxsize=1)
def _runs() -> re.Pattern[str]:
    high = make_class("".join(map(chr, read_charset(WINDOWS).byte_of)))
    # The second byte of a pair may be ASCII.
    return compile_lazily(f"(?:{high}[{high[1:-1]}@-~])+{high}?|{high}")
