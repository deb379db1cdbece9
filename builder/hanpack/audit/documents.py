"""Checks a document: its id, alignment, edits and token count, and every untouched block on the raw bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hanpack.audit.findings import Audit
from hanpack.audit.reading import Edits, Row
from hanpack.documents import identify
from hanpack.sources.raw import RawSource
from hanpack.steps.alignment import Alignment, Flags

Breaks = npt.NDArray[np.int64]


class Ids:
    """The ids of a table as they pass: each is its text's, and stands once."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def check(self, audit: Audit, where: str, row: Row) -> None:
        """An id is its text's, and nobody else's: a copy of the text bears a number."""
        name, number = row["id"].partition("-")[::2]
        derived = name == identify(row["text"]) and (not number or number.isdecimal())
        audit.expect(derived, where, "its id is not that of its text")
        audit.expect(row["id"] not in self.seen, where, f"the id {row['id']} stands twice")
        self.seen.add(row["id"])


def check_document(audit: Audit, where: str, document: Row, raw: RawSource | None) -> Alignment | None:
    """Check a document's alignment and edits, and its blocks on the raw bytes of its record where it has one.

    Returns its alignment, unless that is not sound.
    """
    _check_edits(audit, where, document)
    sound = _is_sound(document)
    if not audit.expect(sound, where, "its alignment does not cover its text and its bytes in order"):
        return None
    touched = _edited(document["byte_breaks"], document["edits"])
    if raw is not None:
        _check_blocks(audit, where, document, touched, raw)
    return _read_alignment(document, touched)


def _check_edits(audit: Audit, where: str, document: Row) -> None:
    edits: Edits = document["edits"]
    inside = (edits.start >= 0) & (edits.start <= edits.end) & (edits.end <= len(document["text"]))
    inside &= document["byte_start"] <= edits.byte_start
    inside &= (edits.byte_start <= edits.byte_end) & (edits.byte_end <= document["byte_end"])
    for index in np.flatnonzero(~inside).tolist():
        audit.expect(False, where, f"an edit of {edits.step[index]} lies outside the text or the record")


def _is_sound(document: Row) -> bool:
    """Whether the breaks cover the text and the record's bytes in order."""
    text, source = document["text_breaks"], document["byte_breaks"]
    return (
        len(text) == len(source)
        and len(text) >= 2
        and bool((text[1:] >= text[:-1]).all() and (source[1:] >= source[:-1]).all())
        and (text[0], text[-1]) == (0, len(document["text"]))
        and (source[0], source[-1]) == (document["byte_start"], document["byte_end"])
    )


def _read_alignment(document: Row, touched: Flags) -> Alignment:
    """The alignment of a document as its row has it: a block an edit rewrote is a unit."""
    text, source = document["text_breaks"], document["byte_breaks"]
    sizes, widths = np.diff(text), np.diff(source)
    one_sided = (sizes == 0) | (widths == 0)
    even = ~touched & (widths % np.maximum(sizes, 1) == 0)
    return Alignment(text, source, one_sided | even)


def _check_blocks(audit: Audit, where: str, document: Row, touched: Flags, raw: RawSource) -> None:
    """Check every block no edit touched against the raw bytes."""
    text, source = document["text_breaks"], document["byte_breaks"]
    kept = ~touched & (text[1:] > text[:-1])
    audit.count("blocks", int(kept.sum()))
    first, last = _runs(kept)
    content = document["text"]
    spans = list(zip(source[first].tolist(), source[last].tolist(), strict=True))
    places = zip(text[first].tolist(), text[last].tolist(), strict=True)
    texts = [content[start:end] for start, end in places]
    if raw.holds(spans, texts):
        return
    for (low, high), told in zip(spans, texts, strict=True):
        audit.expect(
            raw.is_text(low, high, told),
            f"{document['source']} byte {low}",
            f"the bytes up to {high} are not the text of {where}",
        )


def _edited(source: Breaks, edits: Edits) -> Flags:
    """Whether an edit that rewrote bytes touches a block; inserted text has none to look at."""
    at = edits.where("replaced")
    marks = np.zeros(len(source) + 1, dtype=np.int64)
    np.add.at(marks, np.searchsorted(source, edits.byte_start[at], side="right") - 1, 1)
    np.subtract.at(marks, np.searchsorted(source, edits.byte_end[at], side="left"), 1)
    touched: Flags = np.cumsum(marks)[: len(source) - 1] > 0
    touched |= source[1:] == source[:-1]
    return touched


def _runs(kept: Flags) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Runs of neighbouring untouched blocks, as break indexes where they begin and end."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], kept.view(np.int8), [0]))))
    return edges[0::2], edges[1::2]
