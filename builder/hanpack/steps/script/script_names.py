"""The scripts of all texts of a batch, from one count of the classes of their characters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hanpack.steps.alignment import Positions
from hanpack.steps.script.recognition import (
    MIXED_SHARE,
    SIMPLIFIED_CLASSES,
    TRADITIONAL_CLASSES,
    CharacterClass,
    ScriptName,
    class_table,
    find_script,
)
from hanpack.steps.texts import WINDOW, JoinedTexts

# Texts with one of these need more than a count: a quotation may be Japanese, a text Japanese or Korean.
_FOREIGN_CLASSES = (CharacterClass.KANA, CharacterClass.HANGUL, CharacterClass.JAPANESE)


class ScriptCounts:
    """How many characters of each class the texts of a batch have.

    ``simplified``, ``traditional`` and ``foreign`` have the shape (texts,).
    """

    def __init__(self, texts: JoinedTexts) -> None:
        first_keys = np.arange(len(texts.lengths)) * len(CharacterClass)
        counts = np.zeros(len(first_keys) * len(CharacterClass), np.int64)
        # The line feed after each text, of which the last has none, has no class.
        codes = texts.codes
        limits = np.append(texts.firsts, len(codes))
        for start in range(0, len(codes), WINDOW):
            classes = class_table().take(codes[start : start + WINDOW])
            owners = np.repeat(first_keys, np.diff(np.clip(limits, start, start + len(classes))))
            counts += np.bincount(owners + classes, minlength=len(counts))
        self._counts = counts.reshape(-1, len(CharacterClass))
        self.simplified = self._count(SIMPLIFIED_CLASSES)
        self.traditional = self._count(TRADITIONAL_CLASSES)
        self.foreign = self._count(_FOREIGN_CLASSES)

    def _count(self, classes: Sequence[CharacterClass]) -> Positions:
        counts: Positions = self._counts[:, list(classes)].sum(axis=1)
        return counts


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
