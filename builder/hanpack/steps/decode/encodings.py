"""Name the encoding of a file from its bytes, or refuse and say what it could be.

A byte order mark or one strict UTF-8 decode settles most files. For the rest every encoding is a hypothesis:
it turns the same bytes into a text, and the likelihood of that text in the languages the encoding was made
for is the likelihood of the hypothesis (Bayes with unigrams of characters). A name is given only where the
best reading beats every other reading, and plain noise, by a wide margin.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from hanpack.steps.decode.decoding import BYTE_ORDER_MARKS
from hanpack.steps.decode.encoding_models import ALPHABETS, ASCII, FLOOR, likelihoods
from hanpack.steps.traced import code_points

# Most files are decided by their first evidence; the rest are judged again by more.
EVIDENCE_BYTES = (1 << 12, 1 << 16)
# Natural logarithms: a name needs odds of a million to one against every other reading.
MARGIN = 14.0
NOISE_PER_BYTE = -5.0
DECLARED_BONUS = 10.0
VALID_UTF8_BONUS = 8.0
UNUSUAL = -8.0
RARE_ALPHABET = -8.0
ACCENTS_IN_A_ROW = -3.0
SCRIPTS_IN_ONE_WORD = -4.0
ERROR_SHARE = 0.05
# Eight sequences are valid UTF-8 by chance in fewer than one in a million GBK texts.
FEW_SEQUENCES = 8
SHORT = 16
LETTERS_OF_A_TEXT = 32
LONG_ENOUGH = 64
ASIAN = ("Simplified", "Traditional", "Japanese", "Korean")
WESTERN = (
    "French",
    "German",
    "Spanish",
    "Portuguese",
    "Italian",
    "Dutch",
    "Swedish",
    "Danish",
    "Finnish",
    "Icelandic",
)
CENTRAL = ("Polish", "Czech", "Slovak", "Hungarian", "Romanian", "Croatian", "German")
CYRILLIC = ("Russian", "Ukrainian", "Bulgarian", "Serbian")
BALTIC = ("Lithuanian", "Latvian", "Estonian", "Polish")


@dataclass(frozen=True, slots=True)
class Detection:
    """What is known of a file's encoding.

    ``encoding`` is a name Python knows, or None where the bytes do not decide it; ``candidates`` are the
    names that remain, likeliest first; ``reason`` says how it was found; ``bom`` is the length in bytes of
    the byte order mark.
    """

    encoding: str | None
    candidates: tuple[str, ...]
    reason: str
    bom: int = 0


@dataclass(frozen=True, slots=True)
class Family:
    """Encodings that read the same text alike, narrowest first, and the languages they are used for.

    ``unusual`` languages are possible and rarely met in it; ``prior`` is the log odds of the family itself.
    """

    names: tuple[str, ...]
    languages: tuple[str, ...]
    unusual: tuple[str, ...] = ()
    prior: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """The evidence read in one encoding: the text, its log likelihood in its best language, its bad bytes."""

    name: str
    family: Family
    text: str
    language: str
    likelihood: float
    errors: int


FAMILIES = (
    Family(("gb18030",), ("Simplified", "Traditional"), ("Japanese",)),
    Family(("big5", "cp950", "big5hkscs"), ("Traditional",)),
    Family(("euc-kr", "cp949"), ("Korean",)),
    Family(("johab",), (), ("Korean",)),
    Family(("euc-jp", "euc_jis_2004"), ("Japanese",)),
    Family(("shift_jis", "cp932", "shift_jis_2004"), ("Japanese",)),
    Family(("windows-1252",), WESTERN),
    Family(("iso-8859-15",), WESTERN),
    Family(("windows-1250",), CENTRAL),
    Family(("iso-8859-2",), CENTRAL),
    Family(("windows-1251",), CYRILLIC),
    Family(("koi8-r",), ("Russian",)),
    Family(("koi8-u",), ("Ukrainian",)),
    Family(("iso-8859-5",), CYRILLIC),
    Family(("cp866",), ("Russian",)),
    Family(("mac-cyrillic",), CYRILLIC, prior=RARE_ALPHABET),
    Family(("windows-1253",), ("Greek",)),
    Family(("iso-8859-7",), ("Greek",)),
    Family(("windows-1254",), ("Turkish",)),
    Family(("windows-1255",), ("Hebrew",)),
    Family(("iso-8859-8",), ("Hebrew",)),
    Family(("windows-1256",), ("Arabic", "Persian")),
    Family(("iso-8859-6",), ("Arabic",)),
    Family(("windows-1257",), BALTIC),
    Family(("iso-8859-13",), BALTIC),
    Family(("cp874",), ("Thai",)),
    Family(("cp850",), WESTERN, prior=RARE_ALPHABET),
    Family(("mac-roman",), WESTERN, prior=RARE_ALPHABET),
)
UTF_8 = Family(("utf-8",), (*ASIAN, *ALPHABETS))
VALID_UTF_8 = replace(UTF_8, prior=VALID_UTF8_BONUS)
UTF_8_AMONG_WORDS = replace(UTF_8, prior=2 * VALID_UTF8_BONUS)
UTF_16 = (
    Family(("utf-16-le",), (*ASIAN, *ALPHABETS)),
    Family(("utf-16-be",), (*ASIAN, *ALPHABETS)),
)
SEVEN_BIT = (
    (b"\x1b$", Family(("iso2022_jp", "iso2022_jp_ext"), ("Japanese",))),
    (b"\x1b$)C", Family(("iso2022_kr",), ("Korean",))),
    (b"~{", Family(("hz",), ("Simplified",))),
)
LATIN = frozenset((*WESTERN, *CENTRAL, *BALTIC, "Turkish"))

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{3,20})""", re.IGNORECASE)
_BEYOND_ASCII = re.compile(rb"[\x80-\xff][^\n]*\n?")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_REPEATED = re.compile(rb"([\x80-\xff][\x40-\xff])\1{3,}")
_ACCENTED_FOUR = re.compile(rb"(?:[\xc2\xc3][\x80-\xbf]){4}")
_PRINTABLE = bytes((0x09, 0x0A, 0x0D, *range(0x20, 0x7F)))
_ASCII_BYTES = bytes(range(0x80))
_ASCII_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_WIDE_HEADS = bytes(range(0xE0, 0xF5))
_NO_HEADS = bytes((*range(0xC0), *range(0xF5, 0x100)))

_EAST_ASIAN_NAMES = frozenset(
    name for family in FAMILIES for name in family.names if {*ASIAN} & {*family.languages}
)


def detect(sample: bytes) -> Detection:
    """Name the encoding of the file that begins with ``sample``, or refuse with the candidates.

    The sample may end inside a character; the longer it is, the surer the name. GB2312 and GBK are named by
    their superset, ``gb18030``; else the narrowest name that decodes the sample is given (see ``WIDER``).
    """
    marked = _by_mark(sample)
    if marked is not None:
        return marked
    if _decodes(sample, "utf-8"):
        return _among_utf8(sample)
    return _judge(sample, (*FAMILIES, UTF_8))


def _by_mark(sample: bytes) -> Detection | None:
    for name in ("utf-8", "utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be", "gb18030"):
        mark = BYTE_ORDER_MARKS[name]
        if sample.startswith(mark):
            other = _other_order(name, sample[len(mark) :][: EVIDENCE_BYTES[0]])
            if other is not None:
                reason = f"the byte order mark of {name} before text in {other}"
                return Detection(None, (name, other), reason, len(mark))
            return Detection(name, (name,), "byte order mark", len(mark))
    return None


def _other_order(name: str, evidence: bytes) -> str | None:
    """The other byte order of UTF-16, where the text after a mark is far likelier in it."""
    readings = [_read(evidence, family.names[0], family) for family in UTF_16]
    if name not in {reading.name for reading in readings}:
        return None
    best, worst = sorted(readings, key=lambda reading: -reading.likelihood)
    return best.name if best.name != name and best.likelihood - worst.likelihood > MARGIN else None


def _decodes(sample: bytes, name: str) -> bool:
    """Whether the sample is text in an encoding, but for an end cut inside a character."""
    try:
        codecs.getincrementaldecoder(name)().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _among_utf8(sample: bytes) -> Detection:
    """What decodes as UTF-8 and still may be something else."""
    if sample.isascii() and not _CONTROLS.search(sample):
        return _by_escapes(sample) or Detection("utf-8", ("utf-8",), "ASCII")
    if _may_be_chance(sample):
        return _judge(sample, (_utf8_by_chance(sample), *FAMILIES))
    if _ACCENTED_FOUR.search(sample):
        inner = _judge(sample.decode("utf-8", "ignore").encode("cp1252", "ignore"), FAMILIES)
        if inner.encoding in _EAST_ASIAN_NAMES:
            reason = f"valid UTF-8 whose text is {inner.encoding} that was read as windows-1252"
            return Detection(None, ("utf-8", inner.encoding), f"{reason}; named utf-8, it is repaired")
    return Detection("utf-8", ("utf-8",), "valid UTF-8")


def _may_be_chance(sample: bytes) -> bool:
    """Whether so little speaks for UTF-8 that another encoding could give it by accident."""
    if _CONTROLS.search(sample) or len(sample) < SHORT:
        return True
    wide = len(sample) - len(sample.translate(None, _WIDE_HEADS))
    return not wide and len(sample.translate(None, _NO_HEADS)) < FEW_SEQUENCES


def _utf8_by_chance(sample: bytes) -> Family:
    """What being valid UTF-8 is worth: most among Latin words, nothing for a pair or two among figures."""
    letters = len(sample) - len(sample.translate(None, _ASCII_LETTERS))
    if letters >= LETTERS_OF_A_TEXT:
        return UTF_8_AMONG_WORDS
    sequences = len(sample.translate(None, _NO_HEADS))
    wide = len(sample) - len(sample.translate(None, _WIDE_HEADS))
    return VALID_UTF_8 if letters or wide or sequences > 2 else UTF_8


def _by_escapes(sample: bytes) -> Detection | None:
    """ISO-2022 and HZ, which are ASCII with escapes; a text holds ~{ by chance, never ESC $."""
    for escape, family in SEVEN_BIT:
        if escape in sample and any(_decodes(sample, name) for name in family.names):
            found = _judge(sample, (family,))
            if found.encoding:
                return found
            if escape.startswith(b"\x1b"):
                return replace(found, candidates=(*found.candidates, "utf-8"))
    return None


def _judge(sample: bytes, families: tuple[Family, ...]) -> Detection:
    """The verdict on the first size of evidence that decides, else that on the largest."""
    first, *more = EVIDENCE_BYTES
    found = _judge_by(*_evidence(sample, first), sample, families)
    for size in more:
        if found.encoding or len(sample) <= first:
            break
        found = _judge_by(*_evidence(sample, size), sample, families)
    return found


def _judge_by(evidence: bytes, wide: bool, sample: bytes, families: tuple[Family, ...]) -> Detection:
    if wide:
        families = (*families, *UTF_16)
    declared = _declared(sample)
    readings = sorted(
        (_best_of(evidence, family, declared) for family in families), key=lambda reading: -reading.likelihood
    )
    best = readings[0]
    rivals = [
        reading.name
        for reading in readings[1:]
        if best.likelihood - reading.likelihood < MARGIN and reading.text != best.text
    ]
    candidates = (best.name, *rivals)
    if best.likelihood - _noise(evidence) < MARGIN and best.family.prior <= 0:
        return Detection(None, candidates, "no reading is likelier than noise")
    if best.errors > ERROR_SHARE * len(best.text):
        return Detection(None, candidates, f"{best.errors} places are not {best.name}")
    if len(sample) < LONG_ENOUGH and best.text.isascii() and not sample.isascii():
        return Detection(None, candidates, "the sample ends inside its first character")
    if rivals:
        return Detection(None, candidates, f"{' and '.join(candidates[:2])} are about as likely")
    name = next((name for name in best.family.names if _decodes(sample, name)), best.name)
    return Detection(name, (name,), f"reads as {best.language}")


def _evidence(sample: bytes, limit: int) -> tuple[bytes, bool]:
    """At most ``limit`` bytes to judge by, and whether they could be UTF-16.

    Of what is mostly ASCII only the ends of lines from their first other byte on say something; of a repeated
    character three are enough.
    """
    head = sample[:limit]
    beyond = len(head.translate(None, _ASCII_BYTES))
    if len(head) < LONG_ENOUGH or beyond * 10 >= len(head) or _CONTROLS.search(head):
        return _REPEATED.sub(rb"\1\1\1", head), True
    pieces: list[bytes] = []
    size = 0
    for found in _BEYOND_ASCII.finditer(sample):
        pieces.append(found.group()[:limit])
        size += len(pieces[-1])
        if size >= limit:
            break
    return _REPEATED.sub(rb"\1\1\1", b"".join(pieces)[:limit] or head), False


def _noise(evidence: bytes) -> float:
    """The log likelihood of bytes that mean nothing: ASCII as in every language, the rest evenly spread."""
    plain = len(evidence) - len(evidence.translate(None, _PRINTABLE))
    return plain * ASCII + (len(evidence) - plain) * NOISE_PER_BYTE


def _declared(sample: bytes) -> str | None:
    """The codec a page or an XML file says it is in: a hint and no more."""
    found = _DECLARED.search(sample[:4096])
    if found is None:
        return None
    try:
        name = codecs.lookup(found.group(1).decode("ascii")).name
    except LookupError:
        return None
    return "gb18030" if name in {"gb2312", "gbk"} else name


def _best_of(evidence: bytes, family: Family, declared: str | None) -> Reading:
    readings = [_read(evidence, name, family) for name in family.names]
    best = max(readings, key=lambda reading: reading.likelihood)
    if not best.errors and declared in {codecs.lookup(name).name for name in family.names}:
        return replace(best, likelihood=best.likelihood + DECLARED_BONUS)
    return best


def _read(evidence: bytes, name: str, family: Family) -> Reading:
    text = codecs.getincrementaldecoder(name)("replace").decode(evidence)
    points = code_points(text)
    found, counts = np.unique(points, return_counts=True)
    inside = found < 0x10000
    weights = counts[inside].astype(np.float32)
    common = float(counts[~inside].sum()) * FLOOR + family.prior
    found = found[inside]
    accents, mixed = _joints(points)
    likelihood, language = max(
        (
            float(likelihoods(language)[found] @ weights)
            + common
            + prior
            + (accents if language in LATIN else 0.0 if language in ASIAN else mixed),
            language,
        )
        for languages, prior in ((family.languages, 0.0), (family.unusual, UNUSUAL))
        for language in languages
    )
    return Reading(name, family, text, language, likelihood, text.count("\ufffd"))


def _joints(points: npt.NDArray[np.uint32]) -> tuple[float, float]:
    """What speaks against a Latin alphabet (accents in a row), and against another (mixed with Latin)."""
    beyond = points > 0x7F
    folded = points | 0x20
    letter = (folded >= ord("a")) & (folded <= ord("z"))
    in_a_row = np.count_nonzero(beyond[1:] & beyond[:-1])
    mixed = np.count_nonzero((beyond[1:] & letter[:-1]) | (letter[1:] & beyond[:-1]))
    return in_a_row * ACCENTS_IN_A_ROW, mixed * SCRIPTS_IN_ONE_WORD
