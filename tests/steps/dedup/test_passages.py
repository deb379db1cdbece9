"""What several documents say word for word is found, and what stood first is left."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Sequence
from itertools import pairwise
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.chunk.boundaries import find_sentence_ends
from hanpack.steps.dedup import passages
from hanpack.steps.dedup.folding import Folder
from hanpack.steps.dedup.passages import (
    MINIMUM,
    Passages,
    SentenceTable,
    find_passages,
    find_sentences,
    join_sentences,
    trim_passage,
)
from tests.conftest import SHARED

FOLDER = Folder()
# Sentences of several lengths, so that runs of the same number of sentences are not equally long.
SENTENCES = ("甲。", "乙乙。", "丙丙丙丙！", "丁丁丁丁丁丁丁。", "戊戊戊戊；", "——\n")
DOCUMENTS = st.lists(st.lists(st.sampled_from(SENTENCES), max_size=12).map("".join), max_size=6)
Span = tuple[int, int, int]
LONG = "深化改革扩大开放，推动高质量发展取得新的成效，" * 2


def tabulate(documents: Sequence[str]) -> SentenceTable:
    return join_sentences(find_sentences(text, FOLDER.fold(text)) for text in documents)


def find(documents: Sequence[str], minimum: int = MINIMUM, ranks: Sequence[int] | None = None) -> Passages:
    order = range(len(documents)) if ranks is None else ranks
    return find_passages(tabulate(documents), np.array(order, dtype=np.int64), minimum)


def spans(found: Passages) -> list[tuple[Span, Span]]:
    here = zip(found.document.tolist(), found.start.tolist(), found.end.tolist(), strict=True)
    there = zip(found.of_document.tolist(), found.of_start.tolist(), found.of_end.tolist(), strict=True)
    return list(zip(here, there, strict=True))


def cut(document: str) -> list[tuple[str, int, int]]:
    """The plain twin's sentences: (folded, start, end), a letterless one with the one before."""
    found: list[tuple[str, int, int]] = []
    for start, end in pairwise([0, *find_sentence_ends(document)]):
        folded = FOLDER.fold(document[start:end]).text
        if folded:
            found.append((folded, start if found else 0, end))
        elif found:
            found[-1] = (*found[-1][:2], end)
    return found


def find_plainly(documents: Sequence[str], minimum: int) -> set[tuple[int, int]]:
    """The plain twin: (document, sentence) of all that lies in a run that some earlier document has."""
    texts = [[folded for folded, _, _ in cut(document)] for document in documents]
    found: set[tuple[int, int]] = set()
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
                        found |= {(later, i + k) for k in range(size)}
    return found


@given(DOCUMENTS, st.integers(1, 20), st.sampled_from([1, 3, 1 << 20]))
def test_a_sentence_is_in_a_passage_when_its_run_stands_in_an_earlier_document(
    documents: list[str], minimum: int, block: int
) -> None:
    with patch.object(passages, "_BLOCK", block), patch.object(passages, "_PART", 4 * block):
        found = spans(find(documents, minimum))
    covered = {
        (number, place)
        for number, document in enumerate(documents)
        for place, (_, start, end) in enumerate(cut(document))
        if any(here[0] == number and here[1] <= start and end <= here[2] for here, _ in found)
    }
    assert covered == find_plainly(documents, minimum)


@given(DOCUMENTS, st.integers(1, 20), st.randoms(use_true_random=False))
def test_a_passage_stands_in_a_better_document_letter_by_letter(
    documents: list[str], minimum: int, random: object
) -> None:
    ranks = list(range(len(documents)))
    random.shuffle(ranks)  # type: ignore[attr-defined]
    found = spans(find(documents, minimum, ranks))
    for (number, start, end), (of_number, of_start, of_end) in found:
        assert ranks[of_number] < ranks[number]
        assert 0 <= start < end <= len(documents[number])
        text, first = documents[number][start:end], documents[of_number][of_start:of_end]
        assert FOLDER.fold(text).text == FOLDER.fold(first).text != ""
    for (one, _), (other, _) in pairwise(found):
        assert one[0] < other[0] or one[2] <= other[1]


@given(DOCUMENTS, st.integers(1, 20), st.randoms(use_true_random=False))
def test_the_order_of_input_changes_nothing_but_the_rank_does(
    documents: list[str], minimum: int, random: object
) -> None:
    order = list(range(len(documents)))
    random.shuffle(order)  # type: ignore[attr-defined]
    moved = spans(find([documents[number] for number in order], minimum, order))
    back = [((order[a], b, c), (order[d], e, f)) for (a, b, c), (d, e, f) in moved]
    assert sorted(back) == spans(find(documents, minimum))


@given(DOCUMENTS, st.integers(1, 20))
def test_removing_all_passages_loses_no_sentence(documents: list[str], minimum: int) -> None:
    found = spans(find(documents, minimum))
    left = {
        folded
        for number, document in enumerate(documents)
        for folded, start, _ in cut(document)
        if not any(here[0] == number and here[1] <= start < here[2] for here, _ in found)
    }
    assert left == {folded for document in documents for folded, _, _ in cut(document)}


@given(
    st.lists(
        st.sampled_from(["甲乙", "甲 乙", "乙甲", "A", "a", "。", "！\n", "——", " ", "\n\n"]), max_size=20
    )
)
def test_sentences_cover_the_text_and_are_alike_when_their_letters_are(parts: list[str]) -> None:
    text = "".join(parts)
    found = find_sentences(text, FOLDER.fold(text))
    assert list(zip(found.starts.tolist(), found.ends.tolist(), strict=True)) == [
        one[1:] for one in cut(text)
    ]
    letters = [folded for folded, _, _ in cut(text)]
    assert found.lengths.tolist() == [len(folded) for folded in letters]
    hashes = found.hashes.tolist()
    assert [[a == b for b in hashes] for a in hashes] == [[a == b for b in letters] for a in letters]
    if letters:
        assert (found.starts[0], found.ends[-1]) == (0, len(text))
        assert found.starts[1:].tolist() == found.ends[:-1].tolist()


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
    ((here, there),) = spans(find([first, second]))
    assert second[here[1] : here[2]] == second[6:-2]
    assert first[there[1] : there[2]] == first[6:-5]


def test_common_phrases_do_not_count_one_by_one() -> None:
    opening = "各位代表：\n现在，我代表市人民政府，向大会报告工作，请予审议，并请市政协委员提出意见。\n"
    assert len(find([f"{opening}一、过去一年的工作\n{n}" for n in "甲乙丙"])) == 0


def test_a_common_phrase_inside_a_copy_does_not_break_it() -> None:
    phrase = f"{LONG}{LONG}这是一句人人都说的套话，说了一遍又一遍，人人都会说。"
    copied = f"{LONG}前面的话。{phrase}{LONG}后面的话。"
    found = spans(find([phrase, f"起头。{copied}", f"另起头。{copied}完"]))
    assert found[-1] == ((2, 4, 4 + len(copied)), (1, 3, 3 + len(copied)))


def test_a_passage_names_the_best_document_that_has_it() -> None:
    documents = [f"{start}。{LONG}{LONG}完。" for start in "甲乙丙丁"]
    found = find(documents, ranks=[3, 1, 0, 2])
    assert found.document.tolist() == [0, 1, 3]
    assert found.of_document.tolist() == [2, 2, 2]


def test_what_a_document_says_twice_by_itself_is_no_passage() -> None:
    assert len(find([f"{LONG}{LONG}完。{LONG}{LONG}完。", "别的。"])) == 0


def test_many_copies_are_one_passage_each() -> None:
    document = "".join(f"第{number}句话说的是第{number}件事。" for number in range(100))
    found = find([document] * 500 + ["好。" * 5000] * 3)
    assert found.document.tolist() == [*range(1, 500), 501, 502]
    assert set(found.of_document.tolist()) == {0, 500}
    assert found.end.tolist() == [len(document)] * 499 + [10000, 10000]


def test_no_documents_have_no_passages() -> None:
    assert len(find([])) == len(find(["", "——", ""])) == len(find([LONG])) == 0


def test_ranks_and_a_minimum_that_make_no_sense_are_refused() -> None:
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
def test_without_a_passage_the_lines_around_it_stay_lines(
    before: str, passage: str, after: str, left: str
) -> None:
    text = before + passage + after
    start, end = trim_passage(text, len(before), len(before) + len(passage))
    assert text[:start] + text[end:] == left


@pytest.mark.skipif(not SHARED.exists(), reason="needs the shared material")
def test_the_passages_of_the_seeds_are_found() -> None:
    reading = re.compile(r"\([a-zü]*[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]?[a-z]* ?\)")
    lines = [
        (path.name[2], number, reading.sub("", line))
        for path in sorted((SHARED / "seeds").glob("00[0-3]*"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(keepends=True))
    ]
    found = spans(find([line for _, _, line in lines]))
    pairs = {(lines[here[0]][:2], lines[there[0]][:2]) for here, there in found}
    assert {(("2", 1), ("0", 18)), (("2", 4), ("0", 1)), (("2", 5), ("0", 4))} <= pairs
    repeated = [here for here, _ in found if lines[here[0]][0] == "3"]
    assert sum(len(cut(lines[number][2][start:end])) for number, start, end in repeated) == 14
    assert all(lines[there[0]][:2] < lines[here[0]][:2] for here, there in found)


@pytest.mark.skipif(not SHARED.exists(), reason="needs the shared material")
def test_provincial_reports_have_no_passage_in_common() -> None:
    path = SHARED / "data" / "corpora" / "provincial_reports_dev.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        assert len(find([json.loads(line)["text"] for line in lines])) == 0
