"""Conversion of a text from one Chinese script to another, each character traced to its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import compress
from typing import Literal

import numpy as np
import numpy.typing as npt
from opencc import OpenCC

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.batch_changes import substitute_all
from hanpack.steps.script.differences import SENTENCE
from hanpack.steps.script.forms import FormChooser, FormClassifier, is_official
from hanpack.steps.script.japanese import is_chinese_with_kana
from hanpack.steps.script.joined_pieces import (
    Conversion,
    convert_chosen,
    convert_distinct,
    convert_pairs,
    convert_pieces,
)
from hanpack.steps.script.quotation_marks import simplify_quotes, traditionalise_quotes
from hanpack.steps.script.recognition import (
    FOREIGN_CLASSES,
    FOREIGN_SHARE,
    SIMPLIFIED_CLASSES,
    TRADITIONAL_CLASSES,
    CharacterClass,
    CharacterClasses,
    ClassCounts,
    Script,
    classify_texts,
    count_simplified,
    count_traditional,
    decide_script,
    is_of_classes,
)
from hanpack.steps.script.regional_words import RegionalWords
from hanpack.steps.script.rules import (
    distinguishes_zhu,
    find_particle_verbs,
    replace_forms,
    replace_words,
    restore_kept,
)
from hanpack.steps.script.script_names import find_simplified
from hanpack.steps.script.segmentation import WordLattice
from hanpack.steps.script.spelling_correction import SpellingCorrector, agree_spellings
from hanpack.steps.script.traditional_words import COMMON_RULES, TAIWAN_RULES, correct_words
from hanpack.steps.script.variant_forms import REGIONAL_FORMS, VARIANT_FORMS
from hanpack.steps.script.vocabulary import is_about_computing
from hanpack.steps.script.window_conversion import ChosenText, ConvertedText, convert_windows
from hanpack.steps.script.windows import (
    NOT_CONVERTED,
    WINDOW,
    ConversionSpan,
    cut_windows,
    exclude,
)
from hanpack.steps.script.word_spellings import CERTAIN_SPELLINGS, TAIWAN_SPELLINGS
from hanpack.steps.texts import JoinedTexts
from hanpack.steps.traced import Traced

Target = Literal["keep", "hans", "hant", "tw", "hk"]
TRADITIONAL_TARGETS: tuple[Target, ...] = ("hant", "tw", "hk")
Flags = npt.NDArray[np.bool_]

STEP = "script"
# Characters of both scripts that a conversion may still change, for texts with no stronger evidence.
_MAYBE_TRADITIONAL = compile_lazily(
    f"[著乾夥徵麼摺菸麴甦瞭藉覆沈「」{''.join((*REGIONAL_FORMS, *VARIANT_FORMS))}]"
)
_MAYBE_SIMPLIFIED = compile_lazily("[几胄猫猪线烟灯咏叠却响强床粮群]")
_CONFIGURATIONS: Mapping[str, str] = {"hant": "s2t", "tw": "s2tw", "hk": "s2hk"}
_PHRASE_CONFIGURATIONS: Mapping[str, str] = {"hant": "s2t", "tw": "s2twp", "hk": "s2hkp"}
# From the variants of one region to those of the other, by way of OpenCC's own standard.
_REGIONAL_CONFIGURATIONS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("hk", "tw"): ("hk2t", "t2tw"),
    ("tw", "hk"): ("tw2t", "t2hk"),
}


@dataclass(frozen=True, slots=True)
class _Simplification:
    """Simplify by a configuration of OpenCC; 著 stays with ``keep_zhu`` but after the verbs."""

    configuration: str
    keep_zhu: bool
    verbs: str


@dataclass(frozen=True, slots=True)
class _RegionChange:
    """From the variants of one region to those of another, by the names of two configurations of OpenCC."""

    to_standard: str
    to_region: str


@dataclass(frozen=True, slots=True)
class _Writing:
    """Write Simplified Chinese in the target: whether the text is official, and whether about computing."""

    official: bool
    is_computing: bool


class ScriptConverter:
    """Converts texts to one target script; it cannot be pickled, so each worker makes its own.

    With a ``classifier``, a character that has several Traditional forms is written by its context
    (:mod:`.forms`), else as OpenCC alone does.

    ``hans`` is OpenCC's t2s with corrections for regional forms and words (:mod:`.rules`), ``hant`` is s2t,
    ``tw`` s2tw and ``hk`` s2hk: characters and a region's variants, never its vocabulary. With ``phrases``
    vocabulary is exchanged as well: ``hans`` uses tw2sp or hk2sp, by the region of the text, ``tw`` s2twp and
    ``hk`` s2hkp. A Traditional text of the other region takes the variants of the target.
    """

    def __init__(
        self, target: Target, phrases: bool = False, classifier: FormClassifier | None = None
    ) -> None:
        self.target = target
        self._phrases = phrases
        self._conversions: dict[str, Conversion] = {}
        words = (frozenset[str](), WordLattice({}))
        if phrases and classifier is not None:
            words = (classifier.vocabulary, classifier.lattice)
        self._regional_words = RegionalWords(*words)
        self._chooser = self._make_chooser(classifier)
        is_taiwanese = target == "tw"
        self._word_rules = COMMON_RULES + TAIWAN_RULES if is_taiwanese else COMMON_RULES
        self._speller = SpellingCorrector((*CERTAIN_SPELLINGS, *(TAIWAN_SPELLINGS if is_taiwanese else ())))

    def find_convertible(self, texts: JoinedTexts) -> set[int]:
        """The indexes of the texts that :meth:`convert` may change."""
        if self.target == "keep":
            return set()
        indexes = set(range(len(texts.texts)))
        return indexes - find_simplified(texts) if self.target == "hans" else indexes

    def convert(self, traced: Traced) -> Traced:
        """Convert a text to the target; each change is an edit of the step ``script``.

        Japanese, Korean and classical texts come back unchanged, as does a text in the target script.

        >>> from hanpack.steps.alignment import Alignment
        >>> converted = ScriptConverter("hans").convert(Traced("看著國家", Alignment.identity(4)))
        >>> converted.text, [(edit.byte_start, edit.byte_end) for edit in converted.edits]
        ('看着国家', [(1, 3)])
        """
        (converted,) = self.convert_all([traced])
        return converted

    def convert_all(self, texts: Sequence[Traced]) -> list[Traced]:
        """Convert each of several texts, as :meth:`convert` does."""
        conversions = self._convert_texts([traced.text for traced in texts])
        written = [conversion.text for conversion in conversions]
        substituted = substitute_all(STEP, texts, written)
        return [
            traced.apply(STEP, conversion.other_lengths) if conversion.other_lengths else traced
            for traced, conversion in zip(substituted, conversions, strict=True)
        ]

    def _convert_texts(self, texts: Sequence[str]) -> list[ConvertedText]:
        """Convert several texts, all pieces that are converted in the same way together."""
        converted = list(map(ConvertedText, texts))
        if self.target == "keep":
            return converted
        chosen: dict[_Simplification | _RegionChange | _Writing, list[ChosenText]] = {}
        for index, (text, classified) in enumerate(zip(texts, classify_texts(texts), strict=True)):
            script = decide_script(text, classified.counts)
            if script.convertible and text:
                spans = self._choose_spans(text, classified.classes, classified.counts, script)
                windows = list(cut_windows(text, exclude(spans, classified.quotations)))
                if windows:
                    conversion = self._choose_conversion(text, script)
                    of_conversion = chosen.setdefault(conversion, [])
                    of_conversion.append(ChosenText(index, text, windows, classified.classes))
        for conversion, members in chosen.items():
            written = convert_windows(
                members,
                convert_all=partial(self._convert_pieces, conversion),
                fold=self._fold,
                strict_classes=TRADITIONAL_CLASSES if self.target == "hans" else SIMPLIFIED_CLASSES,
            )
            for member, result in zip(members, written, strict=True):
                converted[member.index] = result
        return converted

    def _choose_conversion(self, text: str, script: Script) -> _Simplification | _RegionChange | _Writing:
        """How the pieces of a text are converted."""
        if self.target == "hans":
            configuration = self._choose_simplification(text, script)
            return _Simplification(configuration, distinguishes_zhu(text), find_particle_verbs(text))
        if script.name == "Hant" and (script.region, self.target) in _REGIONAL_CONFIGURATIONS:
            return _RegionChange(*_REGIONAL_CONFIGURATIONS[script.region, self.target])
        official = is_official(text)
        return _Writing(official, self._phrases and is_about_computing(text, official))

    def _convert_pieces(
        self, conversion: _Simplification | _RegionChange | _Writing, pieces: Sequence[str]
    ) -> list[str]:
        """Convert pieces of texts with this conversion."""
        if isinstance(conversion, _Simplification):
            return self._simplify(conversion, pieces)
        if isinstance(conversion, _RegionChange):
            standard = convert_pieces(pieces, self._load(conversion.to_standard))
            return convert_pieces(standard, self._load(conversion.to_region))
        return convert_distinct(pieces, partial(self._write_traditional, conversion))

    def _simplify(self, conversion: _Simplification, pieces: Sequence[str]) -> list[str]:
        """Pieces in Simplified Chinese; their words are corrected one by one, as their edges tell."""
        simplify = self._load(conversion.configuration)
        corrected = [replace_words(piece, conversion.keep_zhu, conversion.verbs) for piece in pieces]
        simplified = convert_pieces(corrected, lambda joined: simplify(replace_forms(joined)))
        return [
            simplify_quotes(restore_kept(piece, text)) for piece, text in zip(pieces, simplified, strict=True)
        ]

    def _write_traditional(self, conversion: _Writing, pieces: Sequence[str]) -> list[str]:
        """Simplified pieces in the target: characters by OpenCC and the chooser, then the vocabulary."""
        official = conversion.official
        plain = convert_pieces(pieces, self._load(_CONFIGURATIONS[self.target]))
        chooser = self._chooser
        is_chosen = [
            chooser is not None and len(converted) == len(piece)
            for converted, piece in zip(plain, pieces, strict=True)
        ]
        written = plain
        if chooser is not None:
            choose = partial(chooser.choose, official=official)
            sources = list(compress(pieces, is_chosen))
            written = convert_chosen(plain, is_chosen, lambda chosen: convert_pairs(sources, chosen, choose))
            correct = partial(correct_words, rules=self._word_rules, official=official)
            written = [
                correct(piece, text) if chosen else text
                for piece, text, chosen in zip(pieces, written, is_chosen, strict=True)
            ]
        if self._phrases:
            exchanged = convert_pieces(pieces, self._load(_PHRASE_CONFIGURATIONS[self.target]))
            rows = zip(pieces, plain, exchanged, written, strict=True)
            written = [self._regional_words.exchange(*row, conversion.is_computing) for row in rows]
        return [
            traditionalise_quotes(self._correct_spelling(text, official) if chosen else text)
            for text, chosen in zip(written, is_chosen, strict=True)
        ]

    def _correct_spelling(self, written: str, official: bool) -> str:
        """A Traditional text with each word spelled in one way."""
        corrected = self._speller.correct(written, official=official)
        return agree_spellings(corrected) if self.target == "tw" else corrected

    def _make_chooser(self, classifier: FormClassifier | None) -> FormChooser | None:
        if classifier is None or self.target not in TRADITIONAL_TARGETS:
            return None
        if self.target == "tw":
            return FormChooser(classifier, regional=True)
        return FormChooser(classifier, self._load("t2hk") if self.target == "hk" else str)

    def _choose_simplification(self, text: str, script: Script) -> str:
        """The OpenCC configuration; with phrases that of the text's region, or of the better vocabulary."""
        if not self._phrases:
            return "t2s"
        if script.region:
            return f"{script.region}2sp"
        sample = NOT_CONVERTED.sub("", text[:WINDOW])
        plain = self._load("t2s")(sample)
        taiwan, hong_kong = (
            _measure_common_prefix(plain, self._load(name)(sample)) for name in ("tw2sp", "hk2sp")
        )
        # The configuration whose output differs from t2s first has words for this text.
        return "hk2sp" if hong_kong < taiwan else "tw2sp"

    def _load(self, configuration: str) -> Conversion:
        if configuration not in self._conversions:
            self._conversions[configuration] = OpenCC(configuration).convert
        return self._conversions[configuration]

    def _fold(self, piece: str) -> str:
        """The piece in one script, for comparing the two sides of a conversion character by character."""
        folded = self._load("t2s")(piece)
        return folded if len(folded) == len(piece) else piece

    def _choose_spans(
        self, text: str, classes: CharacterClasses, counts: ClassCounts, script: Script
    ) -> list[ConversionSpan]:
        simplified, traditional = count_simplified(counts), count_traditional(counts)
        is_chinese_only = not counts[CharacterClass.KANA] + counts[CharacterClass.HANGUL]
        whole = [ConversionSpan(0, len(text))]
        if self.target == "hans":
            if not traditional and (simplified or _MAYBE_TRADITIONAL.search(text) is None):
                return []
            if script.name in ("Hant", "other") and is_chinese_only:
                return whole
            return _choose_sentences(text, classes, script, TRADITIONAL_CLASSES, SIMPLIFIED_CLASSES)
        if not simplified and traditional:
            if self._phrases or (script.region, self.target) in _REGIONAL_CONFIGURATIONS:
                return whole
            return whole if 4 * len(_MAYBE_SIMPLIFIED.findall(text)) >= traditional else []
        if script.name in ("Hans", "other") and is_chinese_only:
            return whole
        return _choose_sentences(text, classes, script, SIMPLIFIED_CLASSES, TRADITIONAL_CLASSES)


def _choose_sentences(
    text: str,
    classes: CharacterClasses,
    script: Script,
    from_classes: tuple[CharacterClass, ...],
    to_classes: tuple[CharacterClass, ...],
) -> list[ConversionSpan]:
    """Decide sentence by sentence; ``from_classes`` are the characters of the script to convert from.

    In a text of the target script a sentence is converted only if most of its evidence is for the other
    script. In a mixed text every character of the other script is converted; the rest of its sentence is
    converted too if that script prevails there.
    """
    starts = np.array([match.start() for match in SENTENCE.finditer(text)], dtype=np.int64)
    ends = np.append(starts[1:], len(text))

    def count(is_counted: Flags) -> npt.NDArray[np.int64]:
        return np.asarray(np.add.reduceat(is_counted, starts, dtype=np.int64))

    from_script = count(is_of_classes(classes, from_classes))
    to_script = count(is_of_classes(classes, to_classes))
    foreign = count(is_of_classes(classes, FOREIGN_CLASSES))
    han = count((classes >= CharacterClass.HAN) & (classes <= CharacterClass.CANTONESE))
    is_chinese = foreign <= FOREIGN_SHARE * (han + foreign)
    for sentence in np.flatnonzero(~is_chinese).tolist():
        is_chinese[sentence] = is_chinese_with_kana(text[starts[sentence] : ends[sentence]])
    is_majority = int(from_script.sum()) >= int(to_script.sum())
    if script.name == "mixed" or is_majority:
        full = (from_script > 0) & (4 * from_script >= to_script)
        full |= (from_script + to_script == 0) & is_majority
        strict = (from_script > 0) & ~full
    else:
        full = (from_script > 1) & (from_script > 2 * to_script)
        strict = np.zeros_like(full)
    # 2 converts the whole sentence, 1 converts strictly, 0 leaves it; neighbours of one kind are joined.
    kinds = np.where(is_chinese, np.where(full, 2, np.where(strict, 1, 0)), 0)
    firsts = np.flatnonzero(np.diff(kinds, prepend=-1))
    lasts = np.append(firsts[1:], len(kinds)) - 1
    return [
        ConversionSpan(int(starts[first]), int(ends[last]), strict=bool(kinds[first] == 1))
        for first, last in zip(firsts, lasts, strict=True)
        if kinds[first]
    ]


def _measure_common_prefix(first: str, second: str) -> int:
    pairs = enumerate(zip(first, second, strict=False))
    return next((length for length, pair in pairs if pair[0] != pair[1]), len(first))
