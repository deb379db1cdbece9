"""Detects the encoding of a file from its bytes, or refuses and names the candidates.

A byte order mark or strict decoding as UTF-8 decides most files. For the others every encoding is a
hypothesis: it decodes the bytes to a text, and its likelihood is that of the text in the languages that use
the encoding (naive Bayes over single characters). An encoding is named only if it is far likelier than every
other one that gives another text, and than noise.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.decode.decoding import BYTE_ORDER_MARKS
from hanpack.steps.decode.encoding_families import (
    EAST_ASIAN_NAMES,
    FAMILIES,
    SEVEN_BIT,
    UTF_8,
    UTF_8_AMONG_WORDS,
    UTF_16,
    VALID_UTF_8,
    EncodingFamily,
)
from hanpack.steps.decode.encoding_hypotheses import EncodingHypothesis, evaluate
from hanpack.steps.decode.encoding_models import ASCII

# Bytes: most files are decided by the smaller evidence, the others are examined again with the larger one.
EVIDENCE_BYTES = (1 << 12, 1 << 16)
DECLARATION_BYTES = 1 << 12
# Natural logarithms. A name needs odds of a million to one against every other hypothesis. What these give
# is the table that `python benchmarks/encodings.py` prints: right, wrong and refused files.
MARGIN = 14.0
NOISE_PER_BYTE = -5.0
DECLARED_BONUS = 10.0
# The largest share of characters that may be undecodable bytes.
ERROR_SHARE = 0.05
# Fewer than one GBK text in a million holds eight sequences that are valid UTF-8 by accident.
FEW_SEQUENCES = 8
# Lengths in bytes.
SHORT = 16
LONG_ENOUGH = 64
LETTERS_OF_A_TEXT = 32


@dataclass(frozen=True, slots=True)
class Detection:
    """What was detected of a file's encoding.

    ``encoding`` is a name that Python knows, or None if the bytes do not decide it; ``candidates`` are the
    possible encodings, the likeliest first; ``reason`` explains the result; ``bom`` is the length in bytes of
    the byte order mark.
    """

    encoding: str | None
    candidates: tuple[str, ...]
    reason: str
    bom: int = 0


_DECLARATION = compile_lazily(
    rb"""(?:charset|encoding)\s*+=\s*+["']?+\s*+([A-Za-z0-9_.:-]{3,20})""", re.IGNORECASE
)
_FROM_BEYOND_ASCII = compile_lazily(rb"[\x80-\xff][^\n]*\n?")
_REPLACEMENT = "\ufffd"
_CONTROLS = compile_lazily(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_REPEATED = compile_lazily(rb"([\x80-\xff][\x40-\xff])\1{3,}")
_PRINTABLE = bytes((0x09, 0x0A, 0x0D, *range(0x20, 0x7F)))
_ASCII_BYTES = bytes(range(0x80))
_ASCII_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LONG_LEADS = bytes(range(0xE0, 0xF5))
_NOT_LEADS = bytes((*range(0xC0), *range(0xF5, 0x100)))


def find_other_encoding(sample: bytes, named: str) -> str | None:
    """The encoding that is detected, if it gives another text than the one that somebody has named.

    Bytes that a wrong encoding accepts give other characters without an error. Both texts are the same if
    they share half of their characters beyond ASCII, as with a superset of an encoding. None if they are the
    same, or if no encoding is detected.

    >>> sample = "政府工作报告指出，经济运行总体平稳。".encode("gbk")
    >>> find_other_encoding(sample, "cp1252"), find_other_encoding(sample, "gbk")
    ('gb18030', None)
    """
    detected = detect(sample).encoding
    if detected is None:
        return None
    texts = (sample.decode(name, "replace") for name in (named, detected))
    characters = [Counter(character for character in text if character > "\x7f") for text in texts]
    shared = (characters[0] & characters[1]).total()
    return detected if 2 * shared < max(counts.total() for counts in characters) else None


def detect(sample: bytes) -> Detection:
    """Detect the encoding of the file that begins with ``sample``, or refuse and name the candidates.

    The sample may end inside a character; more bytes give a surer result. GB2312 and GBK are named by their
    superset ``gb18030``; for other families the smallest encoding that decodes the sample is named (``WIDER``
    in :mod:`.decoding` lists their supersets).

    >>> detect("政府工作报告指出，经济运行总体平稳。".encode("gbk")).encoding
    'gb18030'
    >>> detect("中国".encode("gbk")).encoding is None
    True
    """
    marked = _detect_by_mark(sample)
    if marked is not None:
        return marked
    if _is_decodable(sample, "utf-8"):
        return _examine_utf8(sample)
    return _compare(sample, (*FAMILIES, UTF_8))


def _detect_by_mark(sample: bytes) -> Detection | None:
    for name in ("utf-8", "utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be", "gb18030"):
        mark = BYTE_ORDER_MARKS[name]
        if sample.startswith(mark):
            other = _find_likelier_order(name, sample[len(mark) :][: EVIDENCE_BYTES[0]])
            if other is not None:
                reason = f"the byte order mark of {name} before text in {other}"
                return Detection(None, (name, other), reason, len(mark))
            return Detection(name, (name,), "byte order mark", len(mark))
    return None


def _find_likelier_order(name: str, evidence: bytes) -> str | None:
    """The other byte order of UTF-16, if the text after a mark is far likelier in it."""
    if name not in {family.names[0] for family in UTF_16}:
        return None
    best, *near = evaluate(evidence, UTF_16, MARGIN)
    is_sure = all(best.likelihood - other.likelihood > MARGIN for other in near)
    return best.name if best.name != name and is_sure else None


def _is_decodable(sample: bytes, name: str) -> bool:
    """Whether the sample is valid in an encoding, except for an end inside a character."""
    try:
        codecs.getincrementaldecoder(name)().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _examine_utf8(sample: bytes) -> Detection:
    """Detect what decodes as UTF-8 and may still be another encoding."""
    if sample.isascii() and not _CONTROLS.search(sample):
        return _detect_by_escapes(sample) or Detection("utf-8", ("utf-8",), "ASCII")
    if _may_be_accidental(sample):
        return _compare(sample, (_weigh_utf8(sample), *FAMILIES))
    if _has_four_accented(sample):
        inner = _compare(sample.decode("utf-8", "ignore").encode("cp1252", "ignore"), FAMILIES)
        if inner.encoding in EAST_ASIAN_NAMES:
            reason = f"valid UTF-8 whose text is {inner.encoding} that was read as windows-1252"
            return Detection(None, ("utf-8", inner.encoding), f"{reason}; named utf-8, it is repaired")
    return Detection("utf-8", ("utf-8",), "valid UTF-8")


def _has_four_accented(sample: bytes) -> bool:
    """Whether UTF-8 has four characters of U+0080 to U+00FF in a row, each of which has two bytes."""
    # A search by a pattern takes ten times as long, and this is done to all of a short file.
    is_lead = (np.frombuffer(sample, np.uint8)[:-1] & 0xFE) == 0xC2
    return bool((is_lead[:-6] & is_lead[2:-4] & is_lead[4:-2] & is_lead[6:]).any())


def _may_be_accidental(sample: bytes) -> bool:
    """Whether the evidence for UTF-8 is so small that another encoding could produce it by accident."""
    if _CONTROLS.search(sample) or len(sample) < SHORT:
        return True
    long_sequences = len(sample) - len(sample.translate(None, _LONG_LEADS))
    return not long_sequences and len(sample.translate(None, _NOT_LEADS)) < FEW_SEQUENCES


def _weigh_utf8(sample: bytes) -> EncodingFamily:
    """UTF-8 with a prior for being valid: highest among Latin words, none for a pair or two among figures."""
    letters = len(sample) - len(sample.translate(None, _ASCII_LETTERS))
    if letters >= LETTERS_OF_A_TEXT:
        return UTF_8_AMONG_WORDS
    sequences = len(sample.translate(None, _NOT_LEADS))
    long_sequences = len(sample) - len(sample.translate(None, _LONG_LEADS))
    return VALID_UTF_8 if letters or long_sequences or sequences > 2 else UTF_8


def _detect_by_escapes(sample: bytes) -> Detection | None:
    """ISO-2022 and HZ, which are ASCII with escapes; a text holds ~{ by accident, but never ESC $."""
    for escape, family in SEVEN_BIT:
        if escape in sample and any(_is_decodable(sample, name) for name in family.names):
            detection = _compare(sample, (family,))
            if detection.encoding:
                return detection
            if escape.startswith(b"\x1b"):
                return replace(detection, candidates=(*detection.candidates, "utf-8"))
    return None


def _compare(sample: bytes, families: tuple[EncodingFamily, ...]) -> Detection:
    """The result with the first size of evidence that decides, else with the largest."""
    smallest, *larger = EVIDENCE_BYTES
    detection = _decide(*_select_evidence(sample, smallest), sample, families)
    for size in larger:
        if detection.encoding or len(sample) <= smallest:
            break
        detection = _decide(*_select_evidence(sample, size), sample, families)
    return detection


def _decide(
    evidence: bytes, may_be_utf16: bool, sample: bytes, families: tuple[EncodingFamily, ...]
) -> Detection:
    if may_be_utf16:
        families = (*families, *UTF_16)
    hypotheses = evaluate(evidence, families, MARGIN + DECLARED_BONUS)
    if (declared := _find_declared(sample)) is not None:
        raised = [_raise_if_declared(hypothesis, declared, evidence) for hypothesis in hypotheses]
        hypotheses = sorted(raised, key=lambda hypothesis: -hypothesis.likelihood)
    best = hypotheses[0]
    text = best.decode(evidence)
    rivals = [
        hypothesis.name
        for hypothesis in hypotheses[1:]
        if best.likelihood - hypothesis.likelihood < MARGIN and hypothesis.decode(evidence) != text
    ]
    candidates = (best.name, *rivals)
    if best.likelihood - _evaluate_noise(evidence) < MARGIN and best.family.prior <= 0:
        return Detection(None, candidates, "in no encoding is it likely to be text")
    errors = text.count(_REPLACEMENT)
    if errors > ERROR_SHARE * len(text):
        return Detection(None, candidates, f"{errors:,} places are not {best.name}")
    if len(sample) < LONG_ENOUGH and text.isascii() and not sample.isascii():
        return Detection(None, candidates, "the sample ends inside its first character")
    if rivals:
        return Detection(None, candidates, f"{' and '.join(candidates[:2])} are about as likely")
    name = next((name for name in best.family.names if _is_decodable(sample, name)), best.name)
    return Detection(name, (name,), f"reads as {best.language}")


def _select_evidence(sample: bytes, limit: int) -> tuple[bytes, bool]:
    """At most ``limit`` bytes of evidence, and whether they may be UTF-16.

    In a sample that is mostly ASCII the evidence is the end of each line from its first other byte on. A
    repeated two-byte character counts three times at most.
    """
    head = sample[:limit]
    beyond_ascii = len(head.translate(None, _ASCII_BYTES))
    if len(head) < LONG_ENOUGH or beyond_ascii * 10 >= len(head) or _CONTROLS.search(head):
        return _REPEATED.sub(rb"\1\1\1", head), True
    pieces: list[bytes] = []
    size = 0
    for match in _FROM_BEYOND_ASCII.finditer(sample):
        pieces.append(match.group()[:limit])
        size += len(pieces[-1])
        if size >= limit:
            break
    return _REPEATED.sub(rb"\1\1\1", b"".join(pieces)[:limit] or head), False


def _raise_if_declared(hypothesis: EncodingHypothesis, declared: str, evidence: bytes) -> EncodingHypothesis:
    """The hypothesis, which is likelier if its encoding is declared and decodes all bytes."""
    names = {codecs.lookup(name).name for name in hypothesis.family.names}
    if declared not in names or _REPLACEMENT in hypothesis.decode(evidence):
        return hypothesis
    return replace(hypothesis, likelihood=hypothesis.likelihood + DECLARED_BONUS)


def _evaluate_noise(evidence: bytes) -> float:
    """The log likelihood of random bytes: ASCII as in every language, all others equally likely."""
    ascii_count = len(evidence) - len(evidence.translate(None, _PRINTABLE))
    return ascii_count * ASCII + (len(evidence) - ascii_count) * NOISE_PER_BYTE


def _find_declared(sample: bytes) -> str | None:
    """The codec that an HTML page or an XML file declares; it is only a hint."""
    declaration = _DECLARATION.search(sample[:DECLARATION_BYTES])
    if declaration is None:
        return None
    try:
        name = codecs.lookup(declaration.group(1).decode("ascii")).name
    except LookupError:
        return None
    return "gb18030" if name in {"gb2312", "gbk"} else name
