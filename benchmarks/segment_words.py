"""Labels Simplified texts with Traditional forms: cuts them into words, each with one Traditional spelling.

benchmarks/learn_forms.py learns from such texts where words meet, as no Traditional texts show it: the laws
and reports of the mainland have words and neighbours of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from hanpack.steps.script.segmentation import WordLattice


def choose_spellings(
    pairs: Iterable[tuple[str, str]], texts: Iterable[str], ambiguous: frozenset[str]
) -> dict[str, str]:
    """The Traditional spelling of each Simplified word of ``pairs`` with an ambiguous character.

    Of several spellings that is taken which occurs most in the Traditional ``texts``, else the first.
    """
    spellings: dict[str, list[str]] = {}
    for traditional, simplified in pairs:
        if len(traditional) == len(simplified) > 1 and not ambiguous.isdisjoint(simplified):
            candidates = spellings.setdefault(simplified, [])
            if traditional not in candidates:
                candidates.append(traditional)
    contested = {word for candidates in spellings.values() if len(candidates) > 1 for word in candidates}
    counts: Counter[str] = Counter()
    for text in texts:
        for size in range(2, 5):
            counts.update(
                word for start in range(len(text)) if (word := text[start : start + size]) in contested
            )
    return {
        simplified: max(candidates, key=lambda word: counts[word])
        for simplified, candidates in spellings.items()
    }


def label_texts(
    lattice: WordLattice, spellings: Mapping[str, str], single: Mapping[str, str], texts: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Each text with its Traditional spelling, a blank for a character of which no word tells the form.

    ``single`` has the form of characters that are a word alone.
    """
    for text in texts:
        pieces = []
        for word in lattice.segment(text):
            unknown = " " * len(word)
            pieces.append(single.get(word, unknown) if len(word) == 1 else spellings.get(word, unknown))
        yield text, "".join(pieces)
