"""The alignment of a document as its row in a build describes it: breaks, and edits that made units."""

from __future__ import annotations

import numpy as np

from hanpack.edits import Edits
from hanpack.steps.alignment import Alignment, Flags, Positions
from hanpack.store.reader import Row

# Blocks or edits that are looked at together: a long document has millions.
_BLOCK = 1 << 16


def read_alignment(document: Row) -> Alignment | None:
    """The alignment of a document from its text, breaks, edits and span; None if that is not valid."""
    if not is_valid_alignment(document):
        return None
    return make_alignment(document, find_rewritten(document["byte_breaks"], document["edits"]))


def is_valid_alignment(document: Row) -> bool:
    """Whether the breaks of a document cover its text and its record's bytes in order."""
    text, source = document["text_breaks"], document["byte_breaks"]
    return (
        len(text) == len(source)
        and len(text) >= 2
        and bool((text[1:] >= text[:-1]).all() and (source[1:] >= source[:-1]).all())
        and (text[0], text[-1]) == (0, len(document["text"]))
        and (source[0], source[-1]) == (document["byte_start"], document["byte_end"])
    )


def make_alignment(document: Row, rewritten: Flags) -> Alignment:
    """The alignment that a document's row describes: a block that an edit rewrote is a unit."""
    text, source = document["text_breaks"], document["byte_breaks"]
    even = np.empty(len(rewritten), np.bool_)
    for start in range(0, len(even), _BLOCK):
        breaks = slice(start, start + _BLOCK + 1)
        sizes, widths = np.diff(text[breaks]), np.diff(source[breaks])
        blocks = slice(start, start + _BLOCK)
        even[blocks] = ~rewritten[blocks] & (widths % np.maximum(sizes, 1) == 0)
        # A block with text or bytes alone is even, whatever rewrote it.
        even[blocks] |= (sizes == 0) | (widths == 0)
    return Alignment(text, source, even)


def find_rewritten(source: Positions, edits: Edits) -> Flags:
    """Whether an edit rewrote bytes of each block; a block of inserted text counts too, for it has no bytes.

    An edit adds one at the block of its first byte and takes one away after its last: the running sum is
    the number of edits that touch a block.
    """
    changes = np.zeros(len(source) + 1, np.int32)
    for start in range(0, len(edits), _BLOCK):
        replaced = edits.slice(start, start + _BLOCK).of_kind("replaced")
        np.add.at(changes, np.searchsorted(source, replaced.byte_start, side="right") - 1, 1)
        np.subtract.at(changes, np.searchsorted(source, replaced.byte_end, side="left"), 1)
    np.cumsum(changes, out=changes)
    rewritten: Flags = changes[: len(source) - 1] > 0
    rewritten |= source[1:] == source[:-1]
    return rewritten
