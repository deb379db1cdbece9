"""An evaluation text is found wherever it occurs, with its span; a document without one has no match."""

from __future__ import annotations

import gzip
import json
import pickle
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from opencc import OpenCC

from hanpack.steps.dedup.contamination import MATCHED_SHARE, Match, find_matches
from hanpack.steps.dedup.evaluation_texts import BLOCK, SHORTEST_TEXT, EvaluationTexts, index_texts
from hanpack.steps.dedup.folding import TextFolder
from tests.case_files import SHARED_DATA, needs_shared, read_rows
from tests.conftest import CASES

FOLDER = TextFolder()
QUESTION = "下列哪座城市是我国的首都，也是政治文化中心？"
STORY = "从前有座山，山里有座庙，庙里有个老和尚在讲故事。"
LETTERS = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏"
OTHERS = "云腾致雨露结为霜金生丽水玉出昆冈剑号巨阙珠称夜光"
TEXTS = st.text(LETTERS + "，。", min_size=30, max_size=120).filter(
    lambda text: text[0] in LETTERS and text[-1] in LETTERS
)
AROUND = st.text(max_size=40) | st.text(LETTERS + OTHERS + "， \n", max_size=80)


def index(*texts: str) -> EvaluationTexts:
    return index_texts([(f"text {number}", text) for number, text in enumerate(texts)], FOLDER)


def find(
    document: str, texts: EvaluationTexts, share: float = MATCHED_SHARE, block: int = BLOCK
) -> list[Match]:
    return find_matches(FOLDER.fold(document), texts, share, block=block)


@given(TEXTS, AROUND, AROUND, st.sampled_from([7, 1 << 16]))
def test_a_planted_text_is_found_with_exactly_its_span(
    text: str, before: str, after: str, block: int
) -> None:
    document = before + text + after
    assume(FOLDER.fold(document).text.count(FOLDER.fold(text).text) == 1)
    matches = find(document, index(STORY, text, QUESTION), block=block)
    assert matches == [Match("text 1", len(before), len(before) + len(text), 1.0)]


@given(TEXTS, AROUND, AROUND, st.data())
def test_a_text_with_few_changed_letters_is_always_found(
    text: str, before: str, after: str, data: st.DataObject
) -> None:
    places = [place for place, letter in enumerate(text) if letter in LETTERS]
    assume(len(places) >= 15)
    most = int(0.07 * len(places) + 1e-9)
    changed = data.draw(st.lists(st.sampled_from(places), unique=True, max_size=most))
    copy = "".join("某" if place in changed else letter for place, letter in enumerate(text))
    matches = find(before + copy + after, index(text))
    assert any(match.start < len(before) + len(copy) and match.end > len(before) for match in matches)
    assert max(match.share for match in matches) >= 1 - len(changed) / len(places) - 1e-9


def test_a_copy_that_stands_beside_a_match_of_the_same_text_is_found() -> None:
    text = "冬冬冬冬冬冬列冬冬冬冬冬冬列冬"
    before, copy = "冬冬冬冬冬冬列冬冬冬冬冬冬冬", "某" + text[1:]
    spans = [(match.start, match.end) for match in find(before + copy, index(text))]
    assert spans == [(0, len(before)), (len(before), len(before) + len(copy))]


@given(st.text("天地玄黄宇宙", min_size=15, max_size=40), st.data())
def test_a_text_that_comparison_at_every_place_finds_is_found(text: str, data: st.DataObject) -> None:
    pieces = st.sampled_from([text, text[:12], text[-9:], text[5:], "天", "宇玄", "某"])
    document = "".join(data.draw(st.lists(pieces, max_size=8)))
    matches = find(document, index(text))
    expected = [
        place
        for place in range(len(document) - len(text) + 1)
        if count_equal(text, document[place:]) / len(text) >= MATCHED_SHARE
    ]
    missed = [
        place
        for place in expected
        if not any(match.start < place + len(text) and match.end > place for match in matches)
    ]
    assert missed == []


def count_equal(first: str, second: str) -> int:
    return sum(a == b for a, b in zip(first, second, strict=False))


@given(st.lists(TEXTS, min_size=1, max_size=5), st.text(OTHERS + "，。\n", max_size=200))
def test_a_document_without_a_common_n_gram_has_no_match(texts: list[str], document: str) -> None:
    assert find(document, index(*texts), 0.01) == []


@given(st.lists(TEXTS, max_size=5), st.lists(TEXTS | AROUND, max_size=8).map("".join), st.floats(0.01, 1))
def test_matches_are_in_order_and_those_of_one_text_do_not_overlap(
    texts: list[str], document: str, share: float
) -> None:
    matches = find(document, index(*texts), share)
    spans = [(match.start, match.end) for match in matches]
    assert spans == sorted(spans)
    last_end: dict[str, int] = {}
    for match in matches:
        assert 0 <= match.start < match.end <= len(document)
        assert share <= match.share <= 1
        assert last_end.get(match.name, 0) <= match.start
        last_end[match.name] = match.end


@given(st.integers(15, 200), st.integers(0, 200), st.booleans(), st.randoms(use_true_random=False))
def test_a_text_with_a_letter_added_or_left_out_is_found(
    length: int, place: int, more: bool, random: Random
) -> None:
    text = "".join(random.choices([chr(code) for code in range(0x4E00, 0x9000)], k=length))
    place %= length
    copy = text[:place] + ("某" + text[place] if more else "") + text[place + 1 :]
    (match,) = find(f"从前{copy}如此", index(text))
    # The span may miss or take in two letters at either edge.
    assert abs(match.start - 2) <= 2
    assert abs(match.end - (2 + len(copy))) <= 2


@pytest.mark.parametrize(
    "copy",
    [
        "下列哪座城市是我国的首都，也是政治文化中心？",
        "下列哪座城市是我國的首都，也是政治文化中心？",
        "下列哪座城市是我国的首都。也是「政治、文化」中心!",
        "下列 哪座城市 是我国的首都\n　　也是政治文化 中心",
        "下列哪座城市是我国的首府，也是政治文化中心？",
    ],
)
def test_script_marks_spaces_and_a_letter_make_no_difference(copy: str) -> None:
    document = f"题目如下：\n{copy}请作答。"
    (match,) = find(document, index(QUESTION))
    assert document[match.start : match.end] == copy.rstrip("？!")
    assert match.share >= 0.94


@pytest.mark.parametrize(
    "document",
    [
        "下列哪座城市是我国的首都？",
        "我国的首都也是政治文化中心。",
        "也是政治文化中心，下列哪座城市是我国的首都",
    ],
)
def test_a_part_of_a_text_is_not_the_text(document: str) -> None:
    assert find(document, index(QUESTION)) == []


def test_a_lower_share_finds_a_part() -> None:
    (match,) = find("那么，下列哪座城市是我国的首都？", index(QUESTION), 0.6)
    assert (match.start, match.end) == (3, 15)
    assert match.share == pytest.approx(12 / 20)


def test_every_occurrence_is_found_in_order() -> None:
    document = f"{STORY}然后，{QUESTION}又，{STORY}"
    matches = find(document, index(QUESTION, STORY))
    assert [(match.name, document[match.start : match.end]) for match in matches] == [
        ("text 1", STORY[:-1]),
        ("text 0", QUESTION[:-1]),
        ("text 1", STORY[:-1]),
    ]


def test_texts_that_are_too_short_are_named() -> None:
    texts = index("一二三四五六七八九", "一二三四五六七八九十", "", "。。。。。。。。。。。。")
    assert SHORTEST_TEXT == 10
    assert texts.names == ("text 1",)
    assert texts.too_short == ("text 0", "text 2", "text 3")
    assert [match.name for match in find("数一数：一二三四五六七八九十！", texts)] == ["text 1"]


def test_a_repeated_text_goes_by_its_first_name() -> None:
    texts = index(STORY, STORY.replace("讲", "講").replace("，", " "), QUESTION)
    assert texts.names == ("text 0", "text 2")
    assert [match.name for match in find(STORY, texts)] == ["text 0"]


def test_an_index_without_texts_finds_nothing() -> None:
    assert find(STORY, index()) == find(STORY, index("短")) == find("", index(STORY)) == []


def test_an_index_can_be_pickled() -> None:
    texts = index(QUESTION, STORY)
    again = pickle.loads(pickle.dumps(texts))
    assert find(f"甲{STORY}乙{QUESTION}", again) == find(f"甲{STORY}乙{QUESTION}", texts) != []


def test_words_common_to_many_texts_match_no_document() -> None:
    template = "请根据以下材料回答问题并说明理由，这道题目的编号是"
    random = Random(1)
    texts = [template + "".join(random.choices(LETTERS, k=12)) for _ in range(300)]
    every = index(*texts)
    assert find(f"老师说：{template}多少来着？" * 20, every) == []
    assert [match.name for match in find(f"老师说：{texts[77]}。", every)] == ["text 77"]


def test_texts_that_are_nearly_equal_are_found() -> None:
    texts = [f"小明有{number}个苹果，吃了三个，还剩下几个苹果？" for number in range(100, 400)]
    matches = find(f"题目：{texts[123]}", index(*texts), 1.0)
    assert [(match.name, match.start) for match in matches] == [("text 123", 3)]


@pytest.mark.parametrize("share", [0, -1, 1.01])
def test_a_share_outside_of_0_and_1_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        find(STORY, index(STORY), share)


def test_a_text_of_one_repeated_letter_is_found_again_and_again() -> None:
    matches = find("啊" * 100_000, index("啊" * 1000, QUESTION))
    expected = [(start, start + 1000) for start in range(0, 100_000, 1000)]
    assert [(match.start, match.end) for match in matches] == expected


def read_corpus(name: str) -> list[str]:
    return [row["text"] for row in read_rows(CASES / "corpus" / f"{name}.jsonl")]


def read_shared(name: str, most: int) -> list[str]:
    with gzip.open(SHARED_DATA / "corpora" / f"{name}_dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line, _ in zip(lines, range(most), strict=False)]


def take_excerpts(texts: list[str], lengths: list[int], random: Random) -> list[tuple[str, str]]:
    """An excerpt of each of these numbers of letters, with a name; the title of a leader is a set phrase."""
    excerpts: list[tuple[str, str]] = []
    for number, length in enumerate(lengths):
        while len(excerpts) == number:
            text = random.choice(texts)
            start = random.randrange(len(text) - 2 * length) if len(text) > 2 * length else 0
            piece = text[start : start + 2 * length]
            folded = FOLDER.fold(piece)
            if len(folded.text) >= length and "习近平" not in piece:
                excerpts.append((str(number), piece[folded.places[0] : folded.places[length - 1] + 1]))
    return excerpts


def change_letters(text: str, letters: list[str], random: Random) -> str:
    """The text with one letter in a hundred changed, at least one."""
    places = FOLDER.fold(text).places.tolist()
    changed = set(random.sample(places, max(1, len(places) // 100)))
    return "".join(random.choice(letters) if at in changed else letter for at, letter in enumerate(text))


def plant_and_find(documents: list[str], excerpts: list[tuple[str, str]], random: Random) -> list[int]:
    """Plant a copy of each excerpt in a document; how many of them are not found, and with a wrong span."""
    texts = index_texts(excerpts, FOLDER)
    letters = sorted(set("".join(documents)))
    copies = (
        str,
        OpenCC("s2t").convert,
        lambda text: "\n　　".join(text).replace("，", "；"),
        lambda text: change_letters(text, letters, random),
    )
    indexed = set(texts.names)
    assert len(indexed) >= 0.8 * len(excerpts)
    missed, wrong = 0, 0
    for number, (name, excerpt) in enumerate(excerpts):
        if name not in indexed:
            continue
        copy = copies[number // 8 % 4](excerpt)
        document = random.choice(documents)
        place = random.randrange(len(document))
        matches = find(document[:place] + copy + document[place:], texts)
        spans = [(match.start, match.end) for match in matches if match.name == name]
        missed += not spans
        wrong += bool(spans) and (place, place + len(copy)) not in spans
    return [missed, wrong]


@pytest.mark.parametrize(("searched", "indexed"), [("reports", "laws"), ("laws", "reports")])
def test_real_documents_have_no_match_with_texts_of_another_kind(searched: str, indexed: str) -> None:
    excerpts = take_excerpts(read_corpus(indexed), [15, 20, 30, 50, 100, 200] * 20, Random(3))
    texts = index_texts(excerpts, FOLDER)
    assert len(texts) >= 60
    assert [match for document in read_corpus(searched) for match in find(document, texts)] == []


def test_copies_planted_in_real_documents_are_found() -> None:
    random = Random(4)
    excerpts = take_excerpts(read_corpus("laws"), [15, 18, 25, 40, 80, 120, 150, 200] * 8, random)
    missed, wrong = plant_and_find(read_corpus("reports"), excerpts, random)
    assert missed == 0
    # The first or last letter may have been changed.
    assert wrong <= 1


@needs_shared
@pytest.mark.parametrize(
    ("searched", "indexed"), [("provincial_reports", "laws"), ("laws", "provincial_reports")]
)
def test_the_shared_documents_have_no_match_with_texts_of_another_kind(searched: str, indexed: str) -> None:
    lengths = [15, 20, 30, 50, 100, 200, 400, 800] * 100
    texts = index_texts(take_excerpts(read_shared(indexed, 200), lengths, Random(3)), FOLDER)
    assert len(texts) >= 400
    documents = read_shared(searched, 200)
    assert documents
    assert [match for document in documents for match in find(document, texts)] == []


@needs_shared
def test_copies_planted_in_the_shared_documents_are_found() -> None:
    random = Random(4)
    reports = [report[:3000] for report in read_shared("provincial_reports", 20)]
    lengths = [15, 18, 25, 40, 80, 150, 300, 800] * 30
    excerpts = take_excerpts(read_shared("laws", 200), lengths, random)
    missed, wrong = plant_and_find(reports, excerpts, random)
    assert missed == 0
    assert wrong <= 3
