"""What several documents have word for word is found, and its first occurrence is left."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.chunk.boundaries import find_sentence_ends
from hanpack.steps.dedup.folding import TextFolder
from hanpack.steps.dedup.passages import (
    BLOCK,
    PART,
    SHORTEST_PASSAGE,
    Passages,
    find_passages,
    trim_passage,
)
from hanpack.steps.dedup.sentences import SentenceTable, find_sentences, join_sentences
from tests.case_files import SHARED_DATA, needs_shared, read_gzipped_rows, read_rows
from tests.conftest import CASES, ROOT

FOLDER = TextFolder()
# Sentences of several lengths, so that runs of the same number of sentences are not equally long.
SENTENCES = ("甲。", "乙乙。", "丙丙丙丙！", "丁丁丁丁丁丁丁。", "戊戊戊戊；", "——\n")
DOCUMENTS = st.lists(st.lists(st.sampled_from(SENTENCES), max_size=12).map("".join), max_size=6)
Span = tuple[int, int, int]
LONG = "深化改革扩大开放，推动高质量发展取得新的成效，" * 2


def tabulate(documents: Sequence[str]) -> SentenceTable:
    return join_sentences(find_sentences(text, FOLDER.fold(text)) for text in documents)


def find(
    documents: Sequence[str],
    minimum: int = SHORTEST_PASSAGE,
    ranks: Sequence[int] | None = None,
    *,
    block: int = BLOCK,
    part: int = PART,
) -> Passages:
    order = np.array(range(len(documents)) if ranks is None else ranks, dtype=np.int64)
    return find_passages(tabulate(documents), order, minimum, block=block, part=part)


def find_spans(passages: Passages) -> list[tuple[Span, Span]]:
    """Each passage and its original: document, start and end."""
    numbers = (passages.document, passages.start, passages.end)
    originals = (passages.original, passages.original_start, passages.original_end)
    return [
        ((document, start, end), (original, original_start, original_end))
        for document, start, end, original, original_start, original_end in zip(
            *(array.tolist() for array in (*numbers, *originals)), strict=True
        )
    ]


def cut(document: str) -> list[tuple[str, int, int]]:
    """The sentences as (folded, start, end), found one by one; without letters, joined to the one before."""
    sentences: list[tuple[str, int, int]] = []
    for start, end in pairwise([0, *find_sentence_ends(document)]):
        folded = FOLDER.fold(document[start:end]).text
        if folded:
            sentences.append((folded, start if sentences else 0, end))
        elif sentences:
            sentences[-1] = (*sentences[-1][:2], end)
    return sentences


def find_repeated(documents: Sequence[str], minimum: int) -> set[tuple[int, int]]:
    """(document, sentence) of all sentences in runs that an earlier document has, by comparing all pairs."""
    texts = [[folded for folded, _, _ in cut(document)] for document in documents]
    repeated: set[tuple[int, int]] = set()
    for later, words in enumerate(texts):
        for earlier in texts[:later]:
            for i in range(len(words)):
                for j in range(len(earlier)):
                    size = 0
                    while (
                        i + size < len(words)
                        and words[i + size : i + size + 1] == earlier[j + size : j + size + 1]
                    ):
                        size += 1
                    if size and len("".join(words[i : i + size])) >= minimum:
                        repeated |= {(later, i + k) for k in range(size)}
    return repeated


@given(DOCUMENTS, st.integers(1, 20), st.sampled_from([1, 3, 1 << 20]))
def test_a_sentence_is_in_a_passage_if_its_run_is_in_an_earlier_document(
    documents: list[str], minimum: int, block: int
) -> None:
    passages = find_spans(find(documents, minimum, block=block, part=4 * block))
    covered = {
        (number, place)
        for number, document in enumerate(documents)
        for place, (_, start, end) in enumerate(cut(document))
        if any(here[0] == number and here[1] <= start and end <= here[2] for here, _ in passages)
    }
    assert covered == find_repeated(documents, minimum)


@given(DOCUMENTS, st.integers(1, 20), st.randoms(use_true_random=False))
def test_a_passage_has_the_words_of_a_better_document(
    documents: list[str], minimum: int, random: Random
) -> None:
    ranks = list(range(len(documents)))
    random.shuffle(ranks)
    passages = find_spans(find(documents, minimum, ranks))
    for (number, start, end), (original, original_start, original_end) in passages:
        assert ranks[original] < ranks[number]
        assert 0 <= start < end <= len(documents[number])
        text, first = documents[number][start:end], documents[original][original_start:original_end]
        assert FOLDER.fold(text).text == FOLDER.fold(first).text != ""
    for (earlier, _), (later, _) in pairwise(passages):
        assert earlier[0] < later[0] or earlier[2] <= later[1]


@given(DOCUMENTS, st.integers(1, 20), st.randoms(use_true_random=False))
def test_the_ranks_decide_and_not_the_order_of_the_documents(
    documents: list[str], minimum: int, random: Random
) -> None:
    order = list(range(len(documents)))
    random.shuffle(order)
    moved = find_spans(find([documents[number] for number in order], minimum, order))
    back = [((order[a], b, c), (order[d], e, f)) for (a, b, c), (d, e, f) in moved]
    assert sorted(back) == find_spans(find(documents, minimum))


@given(DOCUMENTS, st.integers(1, 20))
def test_no_sentence_is_lost_if_all_passages_are_removed(documents: list[str], minimum: int) -> None:
    passages = find_spans(find(documents, minimum))
    left = {
        folded
        for number, document in enumerate(documents)
        for folded, start, _ in cut(document)
        if not any(here[0] == number and here[1] <= start < here[2] for here, _ in passages)
    }
    assert left == {folded for document in documents for folded, _, _ in cut(document)}


@given(
    st.lists(
        st.sampled_from(["甲乙", "甲 乙", "乙甲", "A", "a", "。", "！\n", "——", " ", "\n\n"]), max_size=20
    )
)
def test_sentences_cover_the_text_and_have_equal_hashes_if_their_letters_are_equal(parts: list[str]) -> None:
    text = "".join(parts)
    sentences = find_sentences(text, FOLDER.fold(text))
    expected = cut(text)
    spans = list(zip(sentences.starts.tolist(), sentences.ends.tolist(), strict=True))
    assert spans == [(start, end) for _, start, end in expected]
    letters = [folded for folded, _, _ in expected]
    assert sentences.lengths.tolist() == [len(folded) for folded in letters]
    hashes = sentences.hashes.tolist()
    assert [[a == b for b in hashes] for a in hashes] == [[a == b for b in letters] for a in letters]
    borders = [0, *sentences.ends.tolist()] if letters else [0]
    assert borders[:-1] == sentences.starts.tolist()
    assert borders[-1] == (len(text) if letters else 0)


def test_letters_in_another_order_are_another_sentence() -> None:
    texts = [
        "".join(letters)
        for letters in (("甲", "乙", "丙"), ("甲", "丙", "乙"), ("乙", "甲", "丙"), ("甲", "乙"))
    ]
    assert len({int(find_sentences(text, FOLDER.fold(text)).hashes[0]) for text in texts}) == 4


def test_a_traditional_copy_with_other_marks_is_a_passage() -> None:
    first = f"各位代表：\n{LONG}城乡面貌焕然一新。{LONG}人民生活明显改善。谢谢大家！"
    copy = LONG.replace("，", ",").replace("开", "開").replace("发", "發").replace("扩", "擴")
    second = f"另一份文件。{copy}城鄉面貌煥然一新；{copy}人民生活明顯改善！完。"
    ((here, original),) = find_spans(find([first, second]))
    assert second[here[1] : here[2]] == second[6:-2]
    assert first[original[1] : original[2]] == first[6:-5]


def test_common_phrases_shorter_than_a_passage_do_not_count() -> None:
    opening = "各位代表：\n现在，我代表市人民政府，向大会报告工作，请予审议，并请市政协委员提出意见。\n"
    assert len(find([f"{opening}一、过去一年的工作\n{n}" for n in "甲乙丙"])) == 0


def test_a_common_phrase_inside_a_copy_does_not_break_it() -> None:
    phrase = f"{LONG}{LONG}这是一句人人都说的套话，说了一遍又一遍，人人都会说。"
    copied = f"{LONG}前面的话。{phrase}{LONG}后面的话。"
    passages = find_spans(find([phrase, f"起头。{copied}", f"另起头。{copied}完"]))
    assert passages[-1] == ((2, 4, 4 + len(copied)), (1, 3, 3 + len(copied)))


def test_a_passage_names_the_best_document_that_has_it() -> None:
    documents = [f"{start}。{LONG}{LONG}完。" for start in "甲乙丙丁"]
    passages = find(documents, ranks=[3, 1, 0, 2])
    assert passages.document.tolist() == [0, 1, 3]
    assert passages.original.tolist() == [2, 2, 2]


def test_what_a_document_repeats_of_itself_is_not_a_passage() -> None:
    assert len(find([f"{LONG}{LONG}完。{LONG}{LONG}完。", "别的。"])) == 0


def test_many_copies_are_one_passage_each() -> None:
    document = "".join(f"第{number}句话说的是第{number}件事。" for number in range(100))
    passages = find([document] * 500 + ["好。" * 5000] * 3)
    assert passages.document.tolist() == [*range(1, 500), 501, 502]
    assert set(passages.original.tolist()) == {0, 500}
    assert passages.end.tolist() == [len(document)] * 499 + [10000, 10000]


def test_no_documents_have_no_passages() -> None:
    assert len(find([])) == len(find(["", "——", ""])) == len(find([LONG])) == 0


def test_equal_ranks_and_a_minimum_below_1_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        find(["甲。"], 0)
    with pytest.raises(ValueError, match="different ranks"):
        find(["甲。", "乙。"], 5, [1, 1])
    with pytest.raises(ValueError, match="different ranks"):
        find(["甲。", "乙。"], 5, [1])


@pytest.mark.parametrize(
    ("before", "passage", "after", "left"),
    [
        ("前一行。\n", "整行。\n", "后一行。", "前一行。\n后一行。"),
        ("同一行，", "后半行。\n", "后一行。", "同一行，\n后一行。"),
        ("同一行。", "后半行。  \n\n", "后一段。", "同一行。\n\n后一段。"),
        ("同一行。", "中间。 ", "后面。", "同一行。后面。"),
        ("前一行。\n", "前半行。", "后半行。", "前一行。\n后半行。"),
        ("同一行。", "后半行。\n下一行。\n", "再下一行。", "同一行。\n再下一行。"),
        ("", "全文。\n", "", ""),
    ],
)
def test_the_lines_around_a_removed_passage_stay_lines(
    before: str, passage: str, after: str, left: str
) -> None:
    text = before + passage + after
    start, end = trim_passage(text, len(before), len(before) + len(passage))
    assert text[:start] + text[end:] == left


def test_the_passages_of_the_seeds_are_found() -> None:
    pronunciation = re.compile(r"\([a-zü]*[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]?[a-z]* ?\)")
    lines = [
        (path.name[2], number, pronunciation.sub("", line))
        for path in sorted((ROOT / "seeds").glob("00[0-3]*"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(keepends=True))
    ]
    passages = find_spans(find([line for _, _, line in lines]))
    pairs = {(lines[here[0]][:2], lines[original[0]][:2]) for here, original in passages}
    assert {(("2", 1), ("0", 18)), (("2", 4), ("0", 1)), (("2", 5), ("0", 4))} <= pairs
    repeated = [here for here, _ in passages if lines[here[0]][0] == "3"]
    assert sum(len(cut(lines[number][2][start:end])) for number, start, end in repeated) == 14
    assert [original for here, original in passages if original[0] >= here[0]] == []


def test_reports_of_different_provinces_have_no_passage_in_common() -> None:
    rows = read_rows(CASES / "corpus" / "reports.jsonl")
    assert len(rows) >= 20
    assert len(find([row["text"] for row in rows])) == 0


@needs_shared
def test_the_shared_provincial_reports_have_no_passage_in_common() -> None:
    rows = read_gzipped_rows(SHARED_DATA / "corpora" / "provincial_reports_dev.jsonl.gz")
    assert len(find([row["text"] for row in rows])) == 0
