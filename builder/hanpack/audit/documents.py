"""Checks a document: its id, alignment, edits, and every untouched block against the raw bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hanpack.audit.findings import Audit
from hanpack.documents import identify
from hanpack.edits import Edits
from hanpack.sources.raw import RawSource
from hanpack.steps.alignment import Alignment, Flags
from hanpack.store.alignments import find_rewritten, is_valid_alignment, make_alignment
from hanpack.store.reader import Row

# How many runs of untouched blocks are compared at a time.
_RUNS = 1 << 16


def check_id(audit: Audit, where: str, row: Row) -> None:
    """Check that the id of a row is the hash of its text, with a number for a repeated text."""
    name, number = row["id"].partition("-")[::2]
    derived = name == identify(row["text"]) and (not number or number.isdecimal())
    audit.expect(derived, where, "its id is not that of its text")


def check_document(audit: Audit, where: str, document: Row, raw: RawSource | None) -> Alignment | None:
    """Check a document's alignment and edits, and its blocks against the raw bytes of its record, if any.

    Returns its alignment, or None if that is not valid.
    """
    _check_edits(audit, where, document)
    audit.count("edits", len(document["edits"]))
    is_valid = is_valid_alignment(document)
    if not audit.expect(is_valid, where, "its alignment does not cover its text and its bytes in order"):
        return None
    rewritten = find_rewritten(document["byte_breaks"], document["edits"])
    if raw is not None:
        _check_blocks(audit, where, document, rewritten, raw)
    return make_alignment(document, rewritten)


def _check_edits(audit: Audit, where: str, document: Row) -> None:
    edits: Edits = document["edits"]
    inside = (edits.start >= 0) & (edits.start <= edits.end) & (edits.end <= len(document["text"]))
    inside &= document["byte_start"] <= edits.byte_start
    inside &= (edits.byte_start <= edits.byte_end) & (edits.byte_end <= document["byte_end"])
    for index in np.flatnonzero(~inside).tolist():
        audit.expect(False, where, f"an edit of {edits.step[index]} is outside the text or the record")


def _check_blocks(audit: Audit, where: str, document: Row, rewritten: Flags, raw: RawSource) -> None:
    """Check every block with text that no edit rewrote against the raw bytes."""
    text, source = document["text_breaks"], document["byte_breaks"]
    untouched = ~rewritten & (text[1:] > text[:-1])
    audit.count("blocks", int(untouched.sum()))
    all_first, all_last = find_untouched_runs(untouched)
    # A long record may have millions of runs, which as Python objects take several times its memory.
    for start in range(0, len(all_first), _RUNS):
        first, last = all_first[start : start + _RUNS], all_last[start : start + _RUNS]
        spans = list(zip(source[first].tolist(), source[last].tolist(), strict=True))
        text_spans = zip(text[first].tolist(), text[last].tolist(), strict=True)
        texts = [document["text"][low:high] for low, high in text_spans]
        if raw.holds(spans, texts):
            continue
        for (low, high), expected in zip(spans, texts, strict=True):
            audit.expect(
                raw.is_text(low, high, expected),
                f"{document['source']} byte {low}",
                f"the bytes up to {high} are not the text of {where}",
            )


def find_untouched_runs(untouched: Flags) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """The runs of neighbouring untouched blocks, as the indexes of the breaks where each begins and ends."""
    outside = np.zeros(1, np.bool_)
    edges = np.flatnonzero(np.diff(np.concatenate((outside, untouched, outside))))
    return edges[0::2], edges[1::2]
