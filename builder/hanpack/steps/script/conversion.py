"""Conversion of a text from one Chinese script to another, each character traced to its source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import compress
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from opencc import OpenCC

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.batch_changes import substitute_all
from hanpack.steps.replacements import Replacement
from hanpack.steps.script.differences import SENTENCE, convert_by_sentence
from hanpack.steps.script.forms import FormChooser, FormClassifier, is_official
from hanpack.steps.script.joined_pieces import (
    Conversion,
    PieceConversion,
    convert_chosen,
    convert_distinct,
    convert_pairs,
    convert_pieces,
)
from hanpack.steps.script.quotation_marks import simplify_quotes, traditionalise_quotes
from hanpack.steps.script.recognition import (
    FOREIGN_SHARE,
    SIMPLIFIED_CLASSES,
    TRADITIONAL_CLASSES,
    CharacterClass,
    CharacterClasses,
    ClassCounts,
    Script,
    classify_text,
    count_simplified,
    count_traditional,
    decide_script,
    is_chinese_with_kana,
)
from hanpack.steps.script.regional_words import RegionalWords
from hanpack.steps.script.rules import (
    REGIONAL_FORMS,
    VARIANT_FORMS,
    correct_traditional,
    distinguishes_zhu,
    find_particle_verbs,
    restore_kept,
)
from hanpack.steps.script.script_names import find_simplified
from hanpack.steps.script.segmentation import WordLattice
from hanpack.steps.script.spelling_correction import SpellingCorrector, agree_spellings
from hanpack.steps.script.traditional_words import COMMON_RULES, TAIWAN_RULES, correct_words
from hanpack.steps.script.vocabulary import is_about_computing
from hanpack.steps.script.windows import (
    NOT_CONVERTED,
    WINDOW,
    ConversionSpan,
    cut_windows,
    exclude,
    group_windows,
)
from hanpack.steps.script.word_spellings import CERTAIN_SPELLINGS, TAIWAN_SPELLINGS
from hanpack.steps.texts import JoinedTexts
from hanpack.steps.traced import Traced, code_points, to_text

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


class ConvertedText(NamedTuple):
    """A text after conversion, as long as it was, and the replacements in it that change its length."""

    text: str
    other_lengths: Sequence[Replacement] = ()


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
        conversions = [self._convert_text(traced.text) for traced in texts]
        written = [conversion.text for conversion in conversions]
        substituted = substitute_all(STEP, texts, written)
        return [
            traced.apply(STEP, conversion.other_lengths) if conversion.other_lengths else traced
            for traced, conversion in zip(substituted, conversions, strict=True)
        ]

    def _convert_text(self, text: str) -> ConvertedText:
        unchanged = ConvertedText(text)
        if self.target == "keep" or not text:
            return unchanged
        classes, counts, quotations = classify_text(text)
        script = decide_script(text, counts)
        if not script.convertible:
            return unchanged
        spans = exclude(self._choose_spans(text, classes, counts, script), quotations)
        if not spans:
            return unchanged
        conversion = self._choose_conversion(text, script)
        return _convert_windows(text, cut_windows(text, spans), classes, conversion, self._fold, self.target)

    def _choose_conversion(self, text: str, script: Script) -> PieceConversion:
        """The conversion of pieces of a text."""
        if self.target == "hans":
            simplify = self._load(self._choose_simplification(text, script))
            keep_zhu, verbs = distinguishes_zhu(text), find_particle_verbs(text)

            def convert_piece(piece: str) -> str:
                corrected = correct_traditional(piece, keep_zhu, verbs)
                return simplify_quotes(restore_kept(piece, simplify(corrected)))

            return lambda pieces: [convert_piece(piece) for piece in pieces]
        regional = (
            _REGIONAL_CONFIGURATIONS.get((script.region, self.target)) if script.name == "Hant" else None
        )
        if regional is not None:
            to_standard, to_region = (self._load(name) for name in regional)
            return lambda pieces: convert_pieces(convert_pieces(pieces, to_standard), to_region)
        official = is_official(text)
        is_computing = self._phrases and is_about_computing(text, official)
        write = partial(self._write_traditional, official=official, is_computing=is_computing)
        return lambda pieces: convert_distinct(pieces, write)

    def _write_traditional(self, pieces: Sequence[str], official: bool, is_computing: bool) -> list[str]:
        """Simplified pieces in the target: characters by OpenCC and the chooser, then the vocabulary.

        ``official`` and ``is_computing`` are of the whole text.
        """
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
            written = [self._regional_words.exchange(*row, is_computing) for row in rows]
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

    from_script, to_script = count(np.isin(classes, from_classes)), count(np.isin(classes, to_classes))
    foreign = count(np.isin(classes, (CharacterClass.KANA, CharacterClass.HANGUL, CharacterClass.JAPANESE)))
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


def _convert_windows(
    text: str,
    windows: Iterable[ConversionSpan],
    classes: CharacterClasses,
    convert_all: PieceConversion,
    fold: Conversion,
    target: Target,
) -> ConvertedText:
    """Convert window by window, short ones together."""
    pieces: list[str] = []
    other_lengths: list[Replacement] = []
    position = 0
    from_classes = TRADITIONAL_CLASSES if target == "hans" else SIMPLIFIED_CLASSES
    for group in group_windows(windows):
        sources = [text[window.start : window.end] for window in group]
        offsets = [window.start for window in group]
        results = convert_by_sentence(sources, offsets, convert_all(sources), convert_all, fold)
        for window, source, (converted, replacements) in zip(group, sources, results, strict=True):
            pieces.append(text[position : window.start])
            position = window.end
            if not window.strict:
                other_lengths.extend(replacements)
            elif converted != source:
                is_converted = np.isin(classes[window.start : window.end], from_classes)
                converted = _select(source, converted, is_converted)
            pieces.append(converted)
    pieces.append(text[position:])
    return ConvertedText("".join(pieces), other_lengths)


def _select(source: str, converted: str, is_converted: Flags) -> str:
    """The converted character at each flagged position, the source character elsewhere."""
    codes = np.where(is_converted, code_points(converted), code_points(source))
    return to_text(codes)


def _measure_common_prefix(first: str, second: str) -> int:
    pairs = enumerate(zip(first, second, strict=False))
    return next((length for length, pair in pairs if pair[0] != pair[1]), len(first))
