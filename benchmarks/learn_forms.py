"""Learns which Traditional form a character takes by the characters beside it; prints the model's size.

    python benchmarks/learn_forms.py SOURCES OUT

SOURCES is a folder with:
    court.jsonl.gz  ``id`` and ``text`` a line: rulings of the Constitutional Court and gazettes of Taiwan.
        A fifth of the documents, chosen by the checksum of the id, is left out: benchmarks/script.py measures
        on it.
    laws/  the JSON files of FalVMingLing in github.com/kong0107/mojLawSplitJSON
        (0d26e6c7c759821bbb6465162ffe149af5aed203): the laws of Taiwan; every third is counted.
    articles/  knowledge/ of github.com/frank890417/taiwan-md (5459d7f601ddf77201af40bcad0a8351457d94c7).
    DRCD_dev.json, DRCD_test.json  of github.com/DRCKnowledgeTeam/DRCD
        (b944790de5af02c5fbb7cd9cb1473d27d169eebf)
    zh-ud-train.conllu  of github.com/UniversalDependencies/UD_Chinese-GSD
        (9eab5182234b0429e5dd738cfe2a5626fef96e58): the training part
    GSD.txt  the sentences of the other two parts, a line each: they are left out.
    phrase.occ  of github.com/openvanilla/McBopomofo (73d0379eca621377fb46416ceb4a7dc9bb576d47)
    dict.txt  of github.com/ldkrsi/jieba-zh_TW (38694b9d6d306f1338351a97f2ef942ba6759e75)
    jieba.txt  dict.txt of jieba 0.42.1
    mainland/  laws_dev.jsonl.gz, of which every third is read, and provincial_reports_dev.jsonl.gz
    STPhrases.txt, STCharacters.txt, TWVariants.txt, TWPhrases.txt, HKPhrases.txt  the dictionaries of OpenCC
        1.4.2, made text by its ``opencc_dict``

Each Traditional text is made Simplified by hanpack and Traditional again by OpenCC. The form that stands in
the text is the class to learn; the Simplified characters beside it and the choice of OpenCC are the contexts.
The texts of the mainland are cut into words instead (benchmarks/segment_words.py): the form in the spelling
of the word is the class, also where OpenCC takes a phrase of parts of two words.
The same inputs give the same bytes.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from opencc import OpenCC

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.segment_words import choose_spellings, label_texts
from tests.steps.traced_texts import trace

from hanpack.steps.script.conversion import ScriptConverter
from hanpack.steps.script.forms import (
    CONTEXTS,
    OTHER,
    SCALE,
    UNKNOWN,
    AmbiguousCharacter,
    hash_contexts,
    is_official,
    pack_classifier,
    to_form_keys,
)
from hanpack.steps.script.segmentation import WordLattice
from hanpack.steps.traced import code_points

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

PHRASES = Path(__file__).with_name("traditional_phrases.txt")
# A document whose checksum divides by this is left out.
HELD_OUT = 5
# How much an example counts, by its source. The GSD treebank is small and written with care.
WEIGHTS = {"court": 1.0, "laws": 0.3, "articles": 0.5, "drcd": 1.5, "gsd": 6.0, "phrases": 4.0, "opencc": 1.5}
# Texts of the mainland count once as what they are and once as the other kind, official or not.
SEGMENTED_WEIGHT = 0.3
# The form of frequent words of one character.
SINGLE: Mapping[str, str] = dict(zip("发向签卷制于采准并系", "發向簽卷制於採准並係", strict=True))
WORD_WEIGHT, LARGEST_WORD_WEIGHT = 0.25, 3.0
# The share of the examples from texts that hide the choice of OpenCC, so that contexts are learnt as well.
HIDDEN_CHOICES = 0.5
EPOCHS, RATE, DECAY = 8, 0.3, 3e-6
# The weights are the mean of so many runs: a single one depends on the order of the examples.
RUNS = 4
LEAST_COUNT = 0.5
# Weights that differ less from those of the first form are left out. They set the size of the model.
LEAST_WEIGHT = 0.7
# A character whose other forms are rarer than this in texts is judged only where OpenCC chose one of them.
STABLE_SHARE = 0.004
# OpenCC's regional vocabulary, and the words that are kept to tell where a word of it stands: frequent ones,
# and those of two characters that can overlap it.
VOCABULARY = ("TWPhrases.txt", "HKPhrases.txt")
LEAST_WORD_COUNT, LONGEST_WORD, LEAST_OVERLAPPING_COUNT = 100, 4, 5
# What a word of one character costs more than its count says, where the texts of the mainland are counted.
COUNTED_SINGLE_COST = 3.4

# Forms of Taiwan beside those of OpenCC's dictionary, most in names, in set words or in official texts.
_MORE_FORMS = """
划畫 账帳 湿濕 炮砲 艳艷 绕遶 庄庄 拼拚 沉沈 糖醣 霉霉
踪踪 梁樑 核覈 秘祕 锈銹 升陞 妆粧 晒晒 恒恒 勋勛 污污 泄泄
杯盃
"""
MORE_FORMS: Mapping[str, str] = {pair[0]: pair[1] for pair in _MORE_FORMS.split()}
# Whose forms differ by the habit of Taiwan and not by meaning.
REGIONAL = "布占周污雇划账湿炮艳绕庄拼沉糖霉踪核秘锈升妆晒恒勋泄杯梁岩象"
# Rare literary forms that the texts do not show: OpenCC has them from dictionaries.
LEFT_TO_OPENCC = "溪扇雇铲"
# 台 and 臺 are one form: OpenCC's choice between them stays.
SAME_FORM = str.maketrans("台", "臺")

_MARKUP = re.compile(r"\[\^[^\]]*\]|!?\[([^\]]*)\]\([^)]*\)|https?://\S+|[*#>`\[\]]")
_WORD = re.compile("[㐀-鿿]{2,8}")
_HAN = re.compile("[㐀-鿿]+")


class Examples(NamedTuple):
    """Occurrences of ambiguous characters: which character, its form, its contexts and how much it counts."""

    characters: Integers
    forms: Integers
    contexts: npt.NDArray[np.uint64]
    weights: Floats

    def take(self, selection: slice | Integers) -> Examples:
        """The examples of a selection."""
        return Examples(
            self.characters[selection],
            self.forms[selection],
            self.contexts[selection],
            self.weights[selection],
        )


class Parallel(NamedTuple):
    """A text three times, of one length: as it is, Simplified, and Traditional again by OpenCC."""

    traditional: str
    simplified: str
    converted: str


def is_held_out(identity: str) -> bool:
    """Whether a court document is left out of what is learnt: benchmarks/script.py measures on it."""
    return zlib.crc32(identity.encode()) % HELD_OUT == 0


def read_court(path: Path) -> Iterator[str]:
    """The documents that are not held out."""
    with gzip.open(path, "rt", encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            if not is_held_out(row["id"]):
                yield row["text"]


def read_laws(folder: Path) -> Iterator[str]:
    """Every third law, its name and its articles."""
    for path in sorted(folder.glob("*.json"))[::3]:
        law = json.loads(path.read_text("utf-8"))
        articles = [row.get("條文內容") or row.get("編章節") or "" for row in law.get("法規內容") or []]
        yield "\n".join([law["法規名稱"], *(re.sub(r"\s*\r?\n\s*", "", article) for article in articles)])


def read_articles(folder: Path) -> Iterator[str]:
    """The articles in Traditional Chinese, without markup."""
    for path in sorted(folder.glob("*/*.md")):
        if path.parent.name not in {"zh-TW", "resources", "en", "es", "fr", "ja", "ko"}:
            yield _MARKUP.sub(r"\1", path.read_text("utf-8"))


def read_drcd(paths: Iterable[Path]) -> Iterator[str]:
    """The paragraphs of Wikipedia in the data set and the questions on them."""
    for path in paths:
        for article in json.loads(path.read_text("utf-8"))["data"]:
            for paragraph in article["paragraphs"]:
                yield "\n".join([paragraph["context"], *(item["question"] for item in paragraph["qas"])])


def read_treebank(path: Path, others: Path) -> Iterator[str]:
    """The sentences of a part of a treebank that do not occur in the file of other sentences."""
    left_out = {_keep_han(line) for line in others.read_text("utf-8").splitlines()}
    for block in path.read_text("utf-8").split("\n\n"):
        rows = [line.split("\t") for line in block.splitlines() if line and not line.startswith("#")]
        sentence = "".join(row[1] for row in rows)
        if sentence and _keep_han(sentence) not in left_out:
            yield sentence


def read_mainland(folder: Path) -> Iterator[str]:
    """Every third law and all reports."""
    for name, step in (("laws_dev", 3), ("provincial_reports_dev", 1)):
        with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as rows:
            for row in islice(rows, 0, None, step):
                yield json.loads(row)["text"]


def read_words(path: Path) -> Iterator[tuple[str, float]]:
    """The words of a list with their weights, which grow with the logarithm of the frequency."""
    for line in path.read_text("utf-8").splitlines():
        word, count = line.split()[:2]
        if _WORD.fullmatch(word) and float(count) > 0:
            yield word, min(LARGEST_WORD_WEIGHT, WORD_WEIGHT * math.log1p(float(count)))


def find_ambiguous(dictionaries: Path) -> dict[str, list[tuple[str, str]]]:
    """The forms of each ambiguous character: as Taiwan writes it and in OpenCC's standard (or a blank)."""
    variants = {old: new.split()[0] for old, new in _read_pairs(dictionaries / "TWVariants.txt")}
    ambiguous: dict[str, list[tuple[str, str]]] = {}
    for character, targets in _read_pairs(dictionaries / "STCharacters.txt"):
        standard: dict[str, str] = {}
        for form in targets.split():
            standard.setdefault(variants.get(form, form).translate(SAME_FORM), form)
        for form in MORE_FORMS.get(character, ""):
            standard.setdefault(form, " ")
        if len(standard) > 1 and len(character) == 1 and character not in LEFT_TO_OPENCC:
            ambiguous[character] = list(standard.items())
    to_taiwan = OpenCC("s2tw").convert
    for character in sorted(set(MORE_FORMS) - set(ambiguous)):
        usual = to_taiwan(character)
        ambiguous[character] = [(form, " ") for form in dict.fromkeys(usual + MORE_FORMS[character])]
    return ambiguous


class Learner:
    """Gathers examples and fits the weights."""

    def __init__(self, ambiguous: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        self.characters = sorted(ambiguous)
        self._ambiguous = ambiguous
        self._index = np.full(0x110000, -1, dtype=np.int64)
        self._index[[ord(character) for character in self.characters]] = np.arange(len(self.characters))
        self._forms = np.zeros((len(self.characters), max(map(len, ambiguous.values()))), dtype=np.int64)
        for index, character in enumerate(self.characters):
            for number, (form, _) in enumerate(ambiguous[character]):
                self._forms[index, number] = ord(form)
        self._text_examples: list[Examples] = []
        self._word_examples: list[Examples] = []

    def add_texts(self, documents: Iterable[str], weight: float) -> None:
        """Gather the examples of running texts."""
        for parallel in make_parallel(documents):
            official = is_official(parallel.simplified)
            self._text_examples.append(self._gather(parallel, official, OTHER, weight))

    def add_labelled(self, labelled: Iterable[tuple[str, str]], weight: float) -> None:
        """Gather the examples of Simplified texts with their forms; a blank is not learnt."""
        to_taiwan = OpenCC("s2tw").convert
        for simplified, forms in labelled:
            parallel = Parallel(forms, simplified, to_taiwan(simplified))
            if len(parallel.converted) == len(simplified):
                for official in (True, False):
                    self._text_examples.append(self._gather(parallel, official, OTHER, weight))

    def add_words(self, words: Iterable[tuple[str, float]]) -> None:
        """Gather the examples of Traditional words, beside which nothing is known."""
        listed = list(words)
        traditional = [word for word, _ in listed]
        simplified = ScriptConverter("hans").convert(trace("\n".join(traditional))).text.split("\n")
        self.add_pairs(zip(traditional, simplified, (weight for _, weight in listed), strict=True))

    def add_pairs(self, pairs: Iterable[tuple[str, str, float]]) -> None:
        """Gather the examples of pairs of a Traditional and a Simplified word, each with a weight."""
        rows = [row for row in pairs if len(row[0]) == len(row[1])]
        gap = "\0" * 2
        traditional = gap.join([*(row[0] for row in rows), ""])
        simplified = gap.join([*(row[1] for row in rows), ""])
        weights = np.repeat([row[2] for row in rows], [len(row[0]) + len(gap) for row in rows])
        parallel = Parallel(traditional, simplified, "\0" * len(traditional))
        self._word_examples.append(self._gather(parallel, False, UNKNOWN, weights))

    def _gather(self, parallel: Parallel, official: bool, edge: int, weights: float | Floats) -> Examples:
        wanted = code_points(parallel.traditional.translate(SAME_FORM)).astype(np.int64)
        chosen = code_points(parallel.converted.translate(SAME_FORM)).astype(np.int64)
        codes = code_points(parallel.simplified)
        positions = np.flatnonzero(self._index[codes] >= 0)
        characters = self._index[codes[positions]]
        is_form = self._forms[characters] == wanted[positions][:, None]
        usable = is_form.any(axis=1)
        positions, characters, is_form = positions[usable], characters[usable], is_form[usable]
        is_choice = (self._forms[characters] == chosen[positions][:, None]).any(axis=1)
        current = np.where(is_choice, chosen[positions], 0)
        contexts = hash_contexts(codes, positions, current, official, edge=edge)
        counted = np.broadcast_to(weights, codes.shape)[positions]
        return Examples(characters, is_form.argmax(axis=1), contexts, counted)

    def fit(self) -> tuple[list[AmbiguousCharacter], npt.NDArray[np.uint32], npt.NDArray[np.int8]]:
        """The characters, and the keys and the weights of the contexts that are kept."""
        texts = _concatenate(self._text_examples)
        shares = self._measure_shares(texts)
        hidden = np.random.default_rng(5).random(len(texts.forms)) < HIDDEN_CHOICES
        texts.contexts[hidden, len(CONTEXTS) : len(CONTEXTS) + 2] = 0
        examples = _concatenate([texts, *self._word_examples])
        order = np.argsort(examples.characters, kind="stable")
        examples = examples.take(order)
        bounds = np.searchsorted(examples.characters, np.arange(len(self.characters) + 1))
        rows: list[AmbiguousCharacter] = []
        keys: list[npt.NDArray[np.uint32]] = []
        weights: list[npt.NDArray[np.int8]] = []
        for index, character in enumerate(self.characters):
            forms = self._ambiguous[character]
            # The most frequent form first: the weights of the others are relative to it.
            ranks = sorted(range(len(forms)), key=lambda number: -shares[index, number])
            rows.append(
                AmbiguousCharacter(
                    character,
                    "".join(forms[number][0] for number in ranks),
                    "".join(forms[number][1] for number in ranks),
                    regional=character in REGIONAL,
                    stable=bool(shares[index, ranks[0]] >= 1 - STABLE_SHARE),
                )
            )
            part = examples.take(slice(int(bounds[index]), int(bounds[index + 1])))
            if len(part.forms):
                contexts, fitted = fit_weights(part, len(forms))
                for number in ranks[1:]:
                    relative = fitted[:, number] - fitted[:, ranks[0]]
                    kept = np.abs(relative) >= LEAST_WEIGHT
                    form = np.full(int(kept.sum()), ord(forms[number][0]))
                    keys.append(to_form_keys(contexts[kept][:, None], form)[:, 0])
                    scaled = np.clip(np.round(relative[kept] * SCALE), -127, 127)
                    weights.append(scaled.astype(np.int8))
        return rows, np.concatenate(keys), np.concatenate(weights)

    def _measure_shares(self, texts: Examples) -> Floats:
        counts = np.zeros(self._forms.shape)
        np.add.at(counts, (texts.characters, texts.forms), texts.weights)
        # Without an example the order of OpenCC's dictionary stands, and the character counts as ambiguous.
        shares: Floats = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        return shares


def label_mainland(sources: Path, phrases: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The texts of the mainland with the forms that their words tell, but for the habits of a region.

    ``phrases`` are OpenCC's, as Taiwan writes them, before their Simplified spelling.
    """
    ambiguous = frozenset(find_ambiguous(sources)) - frozenset(REGIONAL)
    words = [word for name in ("phrase.occ", "dict.txt") for word, _ in read_words(sources / name)]
    simplified = ScriptConverter("hans").convert(trace("\n".join(words))).text.split("\n")
    pairs = [*phrases, *zip(words, simplified, strict=True)]
    texts = [*read_court(sources / "court.jsonl.gz"), *read_laws(sources / "laws")]
    texts += read_drcd([sources / "DRCD_dev.json", sources / "DRCD_test.json"])
    spellings = choose_spellings(
        ((word.translate(SAME_FORM), source) for word, source in pairs),
        (text.translate(SAME_FORM) for text in texts),
        ambiguous,
    )
    lattice = WordLattice(read_counts(sources / "jieba.txt"))
    for text, forms in label_texts(lattice, spellings, SINGLE, read_mainland(sources / "mainland")):
        yield (
            text,
            "".join(
                " " if character in REGIONAL else form for character, form in zip(text, forms, strict=True)
            ),
        )


def count_words(sources: Path, vocabulary: Iterable[str]) -> dict[str, int]:
    """The frequent Simplified words, by a list and as the texts of the mainland are cut by it."""
    counts = Counter(read_counts(sources / "jieba.txt"))
    lattice = WordLattice(counts, COUNTED_SINGLE_COST)
    for text in read_mainland(sources / "mainland"):
        counts.update(word for part in _HAN.findall(text) for word in lattice.segment(part))
    terms = {word for word in vocabulary if _HAN.fullmatch(word)}
    firsts, lasts = {word[0] for word in terms}, {word[-1] for word in terms}
    words = {
        word: count
        for word, count in counts.items()
        if len(word) <= LONGEST_WORD and count >= LEAST_WORD_COUNT and _HAN.fullmatch(word)
    }
    words |= {
        word: count
        for word, count in counts.items()
        if len(word) == 2 and count >= LEAST_OVERLAPPING_COUNT and (word[0] in lasts or word[1] in firsts)
    }
    return words | {word: max(counts[word], LEAST_OVERLAPPING_COUNT) for word in terms}


def read_counts(path: Path) -> dict[str, int]:
    """The words of a list with their counts."""
    rows = (line.split()[:2] for line in path.read_text("utf-8").splitlines())
    return {word: int(count) for word, count in rows if int(count) > 0}


def fit_weights(examples: Examples, forms: int) -> tuple[npt.NDArray[np.uint64], Floats]:
    """Multinomial logistic regression by AdaGrad in small batches (Duchi and others, 2011).

    Returns the contexts and, of shape (contexts, forms), their weights.
    """
    contexts, places = np.unique(examples.contexts, return_inverse=True)
    places = places.reshape(examples.contexts.shape)
    width = examples.contexts.shape[1]
    totals = np.bincount(places.ravel(), np.repeat(examples.weights, width), len(contexts))
    counted = (totals >= LEAST_COUNT) & (contexts != 0)
    # Row 0 stands for the contexts that are not counted; it stays 0.
    numbers = np.where(counted, np.cumsum(counted), 0)
    rows = numbers[places]
    results = [_descend(rows, int(counted.sum()) + 1, forms, examples, seed) for seed in range(RUNS)]
    return contexts[counted], np.mean(results, axis=0)[1:]


def _descend(rows: npt.NDArray[np.intp], contexts: int, forms: int, examples: Examples, seed: int) -> Floats:
    """One run of the gradient descent, whose batches depend on ``seed``; shape (contexts, forms)."""
    weights = np.zeros((contexts, forms))
    squares = np.full(weights.shape, 1e-8)
    random = np.random.default_rng(seed)
    size = max(64, min(4096, len(rows) // 20 + 1))
    for _ in range(EPOCHS):
        order = random.permutation(len(rows))
        for start in range(0, len(rows), size):
            batch = order[start : start + size]
            used, inverse = np.unique(rows[batch], return_inverse=True)
            scores = weights[rows[batch]].sum(axis=1)
            errors = np.exp(scores - scores.max(axis=1, keepdims=True))
            errors /= errors.sum(axis=1, keepdims=True)
            errors[np.arange(len(batch)), examples.forms[batch]] -= 1
            errors *= examples.weights[batch][:, None]
            repeated = np.repeat(errors, rows.shape[1], axis=0)
            gradients: Floats = np.stack(
                [np.bincount(inverse.ravel(), column, len(used)) for column in repeated.T], axis=1
            )
            gradients += DECAY * len(batch) * weights[used]
            squares[used] += gradients**2
            weights[used] -= RATE * gradients / np.sqrt(squares[used])
            weights[0] = 0
    return weights


def make_parallel(documents: Iterable[str]) -> Iterator[Parallel]:
    """Each document made Simplified and Traditional again, line by line where a length changes."""
    simplifier, to_taiwan = ScriptConverter("hans"), OpenCC("s2tw").convert
    for document in documents:
        traditional = "".join(character for character in document if not "\ud800" <= character <= "\udfff")
        simplified = simplifier.convert(trace(traditional)).text
        whole = Parallel(traditional, simplified, to_taiwan(simplified))
        if len({len(side) for side in whole}) == 1:
            yield whole
        else:
            for lines in zip(traditional.split("\n"), simplified.split("\n"), strict=True):
                part = Parallel(*lines, to_taiwan(lines[1]))
                if len({len(side) for side in part}) == 1:
                    yield part


def _concatenate(parts: Sequence[Examples]) -> Examples:
    return Examples(
        np.concatenate([part.characters for part in parts]),
        np.concatenate([part.forms for part in parts]),
        np.concatenate([part.contexts for part in parts]),
        np.concatenate([part.weights for part in parts]),
    )


def _read_pairs(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text("utf-8").splitlines():
        key, _, value = line.partition("\t")
        yield key, value


def _keep_han(text: str) -> str:
    return "".join(character for character in text if "㐀" <= character <= "鿿")


def main() -> None:
    """Learn from the sources and write the model."""
    sources, out = map(Path, sys.argv[1:])
    learner = Learner(find_ambiguous(sources))
    learner.add_texts(read_court(sources / "court.jsonl.gz"), WEIGHTS["court"])
    learner.add_texts(read_laws(sources / "laws"), WEIGHTS["laws"])
    learner.add_texts(read_articles(sources / "articles"), WEIGHTS["articles"])
    learner.add_texts(read_drcd([sources / "DRCD_dev.json", sources / "DRCD_test.json"]), WEIGHTS["drcd"])
    learner.add_texts(read_treebank(sources / "zh-ud-train.conllu", sources / "GSD.txt"), WEIGHTS["gsd"])
    for name in ("phrase.occ", "dict.txt"):
        learner.add_words(read_words(sources / name))
    variants = str.maketrans({old: new.split()[0] for old, new in _read_pairs(sources / "TWVariants.txt")})
    phrases = [
        (target.split()[0].translate(variants), source)
        for source, target in _read_pairs(sources / "STPhrases.txt")
    ]
    learner.add_pairs((target, source, WEIGHTS["opencc"]) for target, source in phrases)
    learner.add_labelled(label_mainland(sources, phrases), SEGMENTED_WEIGHT)
    written = [line.split() for line in PHRASES.read_text("utf-8").splitlines() if not line.startswith("#")]
    learner.add_words((phrase, WEIGHTS["phrases"]) for line in written for phrase in line)
    simplify = OpenCC("t2s").convert
    vocabulary = {simplify(source) for name in VOCABULARY for source, _ in _read_pairs(sources / name)}
    model = pack_classifier(*learner.fit(), count_words(sources, vocabulary), vocabulary)
    out.write_bytes(model)
    print(f"{out}: {len(model):,} bytes")


if __name__ == "__main__":
    main()
