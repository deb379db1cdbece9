"""Words of a region are exchanged by what stands around them, and what repeats is looked up once."""

from __future__ import annotations

from opencc import OpenCC

from hanpack.resources.form_classifier import load_form_classifier
from hanpack.steps.script.regional_words import RegionalWords
from hanpack.steps.script.segmentation import WordLattice


class CountingLattice(WordLattice):
    """A lattice that counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__({"支持": 90, "软件": 80})
        self.questions = 0

    def has_word(self, text: str, start: int, end: int) -> bool:
        self.questions += 1
        return super().has_word(text, start, end)


def exchange(words: RegionalWords, piece: str) -> str:
    plain, exchanged = (OpenCC(configuration).convert(piece) for configuration in ("s2tw", "s2twp"))
    return words.exchange(piece, plain, exchanged, plain, is_computing=True)


def test_a_line_that_repeats_is_looked_up_a_few_times() -> None:
    lattice = CountingLattice()
    words = RegionalWords(frozenset({"支持", "软件"}), lattice)
    assert exchange(words, "支持软件\n" * 1_000) == "支援軟體\n" * 1_000
    assert 0 < lattice.questions < 20


def test_a_word_that_changes_its_length_is_exchanged_as_a_whole() -> None:
    classifier = load_form_classifier()
    words = RegionalWords(classifier.vocabulary, classifier.lattice)
    assert exchange(words, "打印机坏了") == "印表機壞了"
    assert exchange(words, "出租车位") == "出租車位"
