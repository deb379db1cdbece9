"""The scripts of all texts of a batch, from one count of the classes of their characters."""

from __future__ import annotations

from functools import cache

import numpy as np

from hanpack.steps.script.recognition import (
    MIXED_SHARE,
    SIMPLIFIED_CLASSES,
    TRADITIONAL_CLASSES,
    CharacterClass,
    ScriptName,
    class_table,
    find_script,
)
from hanpack.steps.texts import ClassTable, JoinedTexts, make_class_table

# Texts with one of these need more than a count: a quotation may be Japanese, a text Japanese or Korean.
_FOREIGN_CLASSES = (CharacterClass.KANA, CharacterClass.HANGUL, CharacterClass.JAPANESE)


class ScriptCounts:
    """How many characters of each class the texts of a batch have.

    ``simplified``, ``traditional`` and ``foreign`` have the shape (texts,).
    """

    def __init__(self, texts: JoinedTexts) -> None:
        self.simplified, self.traditional, self.foreign = texts.count_classes(_make_classes())


@cache
def _make_classes() -> ClassTable:
    classes = class_table()
    # Code points beyond the last that has a class have none, as the next after it.
    classes = classes[: np.flatnonzero(classes)[-1] + 2]
    kinds = (SIMPLIFIED_CLASSES, TRADITIONAL_CLASSES, _FOREIGN_CLASSES)
    return make_class_table([np.isin(classes, kind) for kind in kinds])


def name_scripts(texts: JoinedTexts) -> list[ScriptName]:
    """The script of each text, as :func:`find_script` names it.

    >>> name_scripts(JoinedTexts(["政府工作報告", "政府工作报告", "一二三"]))
    ['Hant', 'Hans', 'other']
    """
    counts = ScriptCounts(texts)
    evidence = counts.simplified + counts.traditional
    names: list[ScriptName] = np.select(
        [
            evidence == 0,
            counts.traditional <= MIXED_SHARE * evidence,
            counts.simplified <= MIXED_SHARE * evidence,
        ],
        ["other", "Hans", "Hant"],
        "mixed",
    ).tolist()
    for index in np.flatnonzero(counts.foreign).tolist():
        names[index] = find_script(texts.texts[index]).name
    return names


def find_simplified(texts: JoinedTexts) -> set[int]:
    """The indexes of texts in which only Simplified Chinese occurs, so that nothing can be simplified."""
    counts = ScriptCounts(texts)
    flags = (counts.traditional == 0) & (counts.simplified > 0) & (counts.foreign == 0)
    return set(np.flatnonzero(flags).tolist())
