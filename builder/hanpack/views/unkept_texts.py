"""Reads texts that a build does not keep, such as those of copies, from the parts in its work folder."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.store.metadata import read_metadata
from hanpack.store.part_index import LEDGER, load_index
from hanpack.store.parts import PartCache
from hanpack.store.table_kinds import TableKind
from hanpack.store.work_folder import WorkFolder
from hanpack.views.text_changes import count_common
from hanpack.views.visible_text import clip_text, put_on_one_line

# The longest title, and the longest piece of a line that is shown.
_LONGEST_TITLE = 40
_LONGEST_PIECE = 30
# The path of a source and the index of a record there.
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class UnkeptText:
    """The text of a record as it was compared with others, and its title: else its first line."""

    text: str
    title: str


def read_unkept_texts(work: WorkFolder, places: Collection[Place]) -> dict[Place, UnkeptText]:
    """The texts of records by their places, of those whose parts are in the work folder.

    The parts of the last build have every text as it was before copies were left out.
    """
    cache = PartCache(work.parts)
    index = load_index(cache.index)
    sources = pa.array({source for source, _ in places}, pa.string())
    records = pa.array({record for _, record in places}, pa.int64())
    texts: dict[Place, UnkeptText] = {}
    for parts, ledger in index.read_blocks(LEDGER):
        starts = index.starts[LEDGER][parts.start : parts.stop + 1] - index.starts[LEDGER][parts.start]
        has_text = np.asarray(ledger.column("document_id").is_valid(), np.int64)
        documents = np.concatenate(([0], np.cumsum(has_text)))
        is_named = pc.and_(
            pc.is_in(ledger.column("source"), sources), pc.is_in(ledger.column("record"), records)
        )
        for row in np.flatnonzero(np.asarray(is_named, np.bool_) & (has_text > 0)).tolist():
            place = (ledger.column("source")[row].as_py(), ledger.column("record")[row].as_py())
            if place not in places or place in texts:
                continue
            part = int(np.searchsorted(starts, row, side="right")) - 1
            try:
                key = index.keys[parts.start + part]
                table = cache.read(key, TableKind.DOCUMENTS.value, has_long_columns=False)
            except OSError:
                continue
            rows = table.slice(int(documents[row] - documents[starts[part]]), 1)
            (document,) = rows.select(["text", "metadata"]).to_pylist()
            title = str(read_metadata(document["metadata"]).get("title") or "")
            texts[place] = UnkeptText(document["text"], title or document["text"].strip().partition("\n")[0])
    return texts


def describe_difference(first: UnkeptText, second: UnkeptText) -> str:
    r"""The titles of two texts and where they first differ, in words; empty if they do not.

    >>> first, second = UnkeptText("条例\n2020年修订。", "甲条例"), UnkeptText("条例\n2024年修订。", "乙条例")
    >>> describe_difference(first, second)
    'titles: 甲条例 | 乙条例; first difference: 2020年修订。 | 2024年修订。'
    """
    lines = [[line.strip() for line in text.text.splitlines() if line.strip()] for text in (first, second)]
    pair = next((pair for pair in zip_longest(*lines, fillvalue="") if pair[0] != pair[1]), None)
    if pair is None:
        return ""
    titles = " | ".join(_clip(text.title, _LONGEST_TITLE) for text in (first, second))
    return f"titles: {titles}; first difference: {' | '.join(_show_around(*pair))}"


def _show_around(first: str, second: str) -> list[str]:
    """The pieces of two lines around the first character that differs."""
    start = max(count_common(first, second) - _LONGEST_PIECE // 3, 0)
    return [("…" if start else "") + _clip(line[start:], _LONGEST_PIECE) for line in (first, second)]


def _clip(text: str, longest: int) -> str:
    shown = put_on_one_line(clip_text(text[:longest]))
    return f"{shown}…" if len(text) > longest else shown
