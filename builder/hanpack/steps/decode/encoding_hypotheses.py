"""How likely some bytes are in each of the encodings that they may have: the hypotheses of the detection.

An encoding of single bytes is evaluated by the histogram of the bytes, all of them in one product; any other
by its characters. A family of many languages is evaluated only if it can be among the likeliest.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hanpack.steps.decode.encoding_families import ASIAN, LATIN, EncodingFamily
from hanpack.steps.decode.encoding_models import (
    ALPHABETS,
    FLOOR,
    TABLE_SIZE,
    LogLikelihoods,
    log_likelihoods,
)
from hanpack.steps.traced import CodePoints, code_points

# Natural logarithms.
UNUSUAL_LANGUAGE = -8.0
ACCENTS_IN_A_ROW = -3.0
SCRIPTS_IN_ONE_WORD = -4.0
# A family with more languages is evaluated only if its likeliest characters are likely enough.
_FEW_LANGUAGES = 12
# Likelihoods are rounded: equal ones are in the order of the families, however a machine adds them up.
_DIGITS = 6
Likelihoods = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EncodingHypothesis:
    """Some bytes in one encoding; ``likelihood`` is the logarithm of it in the likeliest ``language``."""

    name: str
    family: EncodingFamily
    language: str
    likelihood: float

    def decode(self, evidence: bytes) -> str:
        """The text; what cannot be decoded is U+FFFD."""
        return _decode(evidence, self.name)


class _ByteWeights(NamedTuple):
    """What each byte adds to the likelihood of each language of some encodings of single bytes.

    ``rows`` has the shape (languages of all, 256), ``priors`` and the two flags (languages of all,); the
    languages of one encoding follow one another, those of number n from ``limits[n]`` to ``limits[n + 1]``.
    """

    languages: tuple[str, ...]
    rows: Likelihoods
    priors: Likelihoods
    is_latin: npt.NDArray[np.bool_]
    limits: tuple[int, ...]


def evaluate(evidence: bytes, families: Sequence[EncodingFamily], margin: float) -> list[EncodingHypothesis]:
    """The best hypothesis of each family, the likeliest first.

    Those of families with many languages are left out if they are less likely than the best by ``margin``.
    """
    hypotheses: dict[EncodingFamily, EncodingHypothesis] = {}
    single_byte = tuple([family for family in families if _is_single_byte(family)])
    if single_byte:
        hypotheses |= zip(single_byte, _evaluate_bytes(evidence, single_byte), strict=True)
    multi_byte = [family for family in families if family not in hypotheses]
    for family in sorted(multi_byte, key=_count_languages):
        likelihoods = (hypothesis.likelihood for hypothesis in hypotheses.values())
        least = max(likelihoods, default=-np.inf) - margin
        if best := _evaluate_family(evidence, family, least):
            hypotheses[family] = best
    in_order = [hypotheses[family] for family in families if family in hypotheses]
    return sorted(in_order, key=lambda hypothesis: -hypothesis.likelihood)


def _evaluate_family(evidence: bytes, family: EncodingFamily, least: float) -> EncodingHypothesis | None:
    """The best hypothesis of a family; None if it has many languages and is less likely than ``least``."""
    hypotheses = []
    for name in family.names:
        points = code_points(_decode(evidence, name))
        if _count_languages(family) > _FEW_LANGUAGES and _sum(_likeliest(), points) + family.prior < least:
            continue
        hypotheses.append(_evaluate(points, name, family))
    return max(hypotheses, key=lambda hypothesis: hypothesis.likelihood, default=None)


def _evaluate(points: CodePoints, name: str, family: EncodingFamily) -> EncodingHypothesis:
    languages = list(_list_languages(family))
    is_asian = all(language in ASIAN for language, _ in languages)
    latin, not_latin = (0.0, 0.0) if is_asian else _penalise_neighbours(points)
    likelihood, language = max(
        (
            _sum(_extend(language), points)
            + family.prior
            + prior
            + (latin if language in LATIN else 0.0 if language in ASIAN else not_latin),
            language,
        )
        for language, prior in languages
    )
    return EncodingHypothesis(name, family, language, round(likelihood, _DIGITS))


def _evaluate_bytes(evidence: bytes, families: tuple[EncodingFamily, ...]) -> list[EncodingHypothesis]:
    """The hypothesis of each encoding of single bytes; each is a family of its own."""
    weights = _weigh_bytes(families)
    data = np.frombuffer(evidence, np.uint8)
    latin, not_latin = _penalise_neighbours(data)
    sums = weights.rows @ np.bincount(data, minlength=256) + weights.priors
    likelihoods = (sums + np.where(weights.is_latin, latin, not_latin)).tolist()
    hypotheses = []
    for family, (first, last) in zip(families, pairwise(weights.limits), strict=True):
        likelihood, language = max(zip(likelihoods[first:last], weights.languages[first:last], strict=True))
        hypotheses.append(EncodingHypothesis(family.names[0], family, language, round(likelihood, _DIGITS)))
    return hypotheses


@cache
def _weigh_bytes(families: tuple[EncodingFamily, ...]) -> _ByteWeights:
    listed = [list(_list_languages(family)) for family in families]
    rows = [
        log_likelihoods(language)[code_points(_decode(bytes(range(256)), family.names[0]))]
        for family, languages in zip(families, listed, strict=True)
        for language, _ in languages
    ]
    languages = tuple(language for of_family in listed for language, _ in of_family)
    priors = [
        family.prior + prior
        for family, of_family in zip(families, listed, strict=True)
        for _, prior in of_family
    ]
    return _ByteWeights(
        languages=languages,
        rows=np.array(rows, np.float64),
        priors=np.array(priors, np.float64),
        is_latin=np.array([language in LATIN for language in languages], np.bool_),
        limits=tuple(accumulate(map(len, listed), initial=0)),
    )


@cache
def _is_single_byte(family: EncodingFamily) -> bool:
    """Whether a family is one encoding in which each byte is a character: Python has a table of them."""
    decoder = codecs.lookup(family.names[0]).incrementaldecoder
    assert decoder is not None
    return len(family.names) == 1 and hasattr(sys.modules[decoder.__module__], "decoding_table")


def _list_languages(family: EncodingFamily) -> Iterable[tuple[str, float]]:
    """The languages of a family, each with its prior."""
    yield from ((language, 0.0) for language in family.languages)
    yield from ((language, UNUSUAL_LANGUAGE) for language in family.unusual)


def _count_languages(family: EncodingFamily) -> int:
    return len(family.languages) + len(family.unusual)


def _decode(evidence: bytes, name: str) -> str:
    # The last bytes may be the beginning of a character.
    return codecs.getincrementaldecoder(name)("replace").decode(evidence)


def _sum(table: LogLikelihoods, points: CodePoints) -> float:
    """The sum of the values of some characters; the table has one more for all beyond it."""
    return float(table[np.minimum(points, TABLE_SIZE)].sum(dtype=np.float64))


@cache
def _extend(language: str) -> LogLikelihoods:
    """The table of a language, with one more value for the characters that are not in it."""
    return np.append(log_likelihoods(language), np.float32(FLOOR))


@cache
def _likeliest() -> LogLikelihoods:
    """The likelihood of each character in the language in which it is likeliest."""
    tables = map(_extend, (*ASIAN, *ALPHABETS))
    likeliest = next(tables).copy()
    for table in tables:
        np.maximum(likeliest, table, out=likeliest)
    return likeliest


def _penalise_neighbours(points: npt.NDArray[np.unsignedinteger]) -> tuple[float, float]:
    """Penalties for a Latin alphabet (accents in a row) and for others (Latin letters inside words).

    ``points`` are characters, or bytes of an encoding of single bytes, in which ASCII is the same.
    """
    beyond_ascii = points > 0x7F
    lower = points | 0x20
    is_letter = (lower >= ord("a")) & (lower <= ord("z"))
    in_a_row = np.count_nonzero(beyond_ascii[1:] & beyond_ascii[:-1])
    mixed = np.count_nonzero((beyond_ascii[1:] & is_letter[:-1]) | (is_letter[1:] & beyond_ascii[:-1]))
    return in_a_row * ACCENTS_IN_A_ROW, mixed * SCRIPTS_IN_ONE_WORD
