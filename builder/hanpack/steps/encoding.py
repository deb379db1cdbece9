"""Name the encoding of a file from its bytes, or refuse and say what it could be.

A byte order mark or one strict UTF-8 decode settles most files. For the rest every encoding is a hypothesis: it
turns the same bytes into a text, and the likelihood of that text in the languages the encoding was made for
is the likelihood of the hypothesis (Bayes with unigrams of characters). A name is given only where the best
reading beats every other reading, and plain noise, by a wide margin.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hanpack.steps.decode import BYTE_ORDER_MARKS
from hanpack.steps.encoding_models import ALPHABETS, ASCII, FLOOR, likelihoods

EVIDENCE_BYTES = 1 << 16
MARGIN = 14.0
NOISE_PER_BYTE = -5.0
DECLARED_BONUS = 10.0
UNUSUAL = -8.0
ERROR_SHARE = 0.05
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
    """Encodings that read the same text alike, narrowest first, and the languages they are used for."""

    names: tuple[str, ...]
    languages: tuple[str, ...]
    unusual: tuple[str, ...] = ()


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
    Family(("mac-cyrillic",), CYRILLIC),
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
    Family(("cp850",), WESTERN),
    Family(("mac-roman",), WESTERN),
)
UTF_8 = Family(("utf-8",), (*ASIAN, *ALPHABETS))
UTF_16 = (
    Family(("utf-16-le",), (*ASIAN, *ALPHABETS)),
    Family(("utf-16-be",), (*ASIAN, *ALPHABETS)),
)

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{3,20})""", re.IGNORECASE)
_BEYOND_ASCII = re.compile(rb"[^\n]*[\x80-\xff][^\n]*\n?")
_PRINTABLE = bytes((0x09, 0x0A, 0x0D, *range(0x20, 0x7F)))
_SEVEN_BIT = (
    (b"\x1b$", ("iso2022_jp_ext", "iso2022_kr")),
    (b"~{", ("hz",)),
)


def detect(sample: bytes) -> Detection:
    """Name the encoding of the file that begins with ``sample``, or refuse with the candidates.

    The sample may end inside a character. GB2312 and GBK are named by their superset, ``gb18030``.
    """
    mark = _by_mark(sample)
    if mark is not None:
        return mark
    if _is_utf8(sample):
        return _among_utf8(sample)
    return _judge(sample, (*FAMILIES, UTF_8))


def _by_mark(sample: bytes) -> Detection | None:
    for name in ("utf-8", "utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be", "gb18030"):
        mark = BYTE_ORDER_MARKS[name]
        if sample.startswith(mark):
            return Detection(name, (name,), "byte order mark", len(mark))
    return None


def _is_utf8(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _among_utf8(sample: bytes) -> Detection:
    """What decodes as UTF-8 and still may be something else: UTF-16 by its NULs, 7-bit codes by escapes."""
    if b"\0" in sample:
        return _judge(sample, (UTF_8,))
    if not sample.isascii():
        return Detection("utf-8", ("utf-8",), "valid UTF-8")
    return Detection("utf-8", ("utf-8",), "ASCII")


def _judge(sample: bytes, families: tuple[Family, ...]) -> Detection:
    evidence, wide = _evidence(sample)
    if wide:
        families = (*families, *UTF_16)
    declared = _declared(sample)
    readings = sorted(_readings(evidence, families, declared), key=lambda reading: -reading.likelihood)
    best = readings[0]
    rivals = [
        reading
        for reading in readings[1:]
        if best.likelihood - reading.likelihood < MARGIN and reading.text != best.text
    ]
    candidates = (best.name, *(reading.name for reading in rivals))
    if best.likelihood - _noise(evidence) < MARGIN:
        return Detection(None, candidates, "no reading is likelier than noise")
    if best.errors > ERROR_SHARE * len(best.text):
        return Detection(None, candidates, f"{best.errors} bytes are not {best.name}")
    if rivals:
        return Detection(None, candidates, f"{best.name} and {rivals[0].name} are about as likely")
    name = _narrowest(sample, best)
    return Detection(name, (name,), f"reads as {best.language}")


def _evidence(sample: bytes) -> tuple[bytes, bool]:
    """The bytes to judge by, and whether they could be UTF-16: what is mostly ASCII keeps only other lines."""
    head = sample[:EVIDENCE_BYTES]
    codes = np.frombuffer(head, np.uint8)
    if b"\0" in head or np.count_nonzero(codes & 0x80) * 10 >= len(head):
        return head, True
    pieces: list[bytes] = []
    size = 0
    for found in _BEYOND_ASCII.finditer(sample):
        pieces.append(found.group())
        size += len(pieces[-1])
        if size >= EVIDENCE_BYTES:
            break
    return b"".join(pieces)[:EVIDENCE_BYTES], False


def _noise(evidence: bytes) -> float:
    """The log likelihood of bytes that mean nothing: ASCII as in every language, the rest evenly spread."""
    plain = len(evidence) - len(evidence.translate(None, _PRINTABLE))
    return plain * ASCII + (len(evidence) - plain) * NOISE_PER_BYTE


def _declared(sample: bytes) -> str | None:
    found = _DECLARED.search(sample[:4096])
    if found is None:
        return None
    try:
        return codecs.lookup(found.group(1).decode("ascii")).name
    except LookupError:
        return None


def _readings(evidence: bytes, families: tuple[Family, ...], declared: str | None) -> Iterator[Reading]:
    for family in families:
        found = [_read(evidence, name, family) for name in family.names]
        best = max(found, key=lambda reading: reading.likelihood)
        yield best


def _read(evidence: bytes, name: str, family: Family) -> Reading:
    text = codecs.getincrementaldecoder(name)("replace").decode(evidence)
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    found, counts = np.unique(points, return_counts=True)
    inside = found < 0x10000
    beyond = float(counts[~inside].sum()) * FLOOR
    likelihood, language = max(
        (float(likelihoods(language)[found[inside]] @ counts[inside]) + beyond + prior, language)
        for languages, prior in ((family.languages, 0.0), (family.unusual, UNUSUAL))
        for language in languages
    )
    return Reading(name, family, text, language, likelihood, text.count("\ufffd"))


def _narrowest(sample: bytes, reading: Reading) -> str:
    """The first name of the family that decodes the whole sample, else the one that was read."""
    for name in reading.family.names:
        try:
            codecs.getincrementaldecoder(name)().decode(sample)
        except UnicodeDecodeError:
            continue
        return name
    return reading.name
