"""An evaluation text is found wherever it stands, with its span; a document without one is left in peace."""

from __future__ import annotations

import gzip
import json
import pickle
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from opencc import OpenCC

from hanpack.steps.dedup import contamination
from hanpack.steps.dedup.contamination import (
    SHORTEST,
    EvaluationTexts,
    Match,
    find_matches,
    index_texts,
)
from hanpack.steps.dedup.folding import Folder
from tests.conftest import SHARED

FOLDER = Folder()
CORPORA = SHARED / "data" / "corpora"
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


def find(document: str, texts: EvaluationTexts, share: float = contamination.SHARE) -> list[Match]:
    return find_matches(FOLDER.fold(document), texts, share)


@given(TEXTS, AROUND, AROUND, st.sampled_from([7, 1 << 16]))
def test_a_planted_text_is_found_with_exactly_its_span(
    text: str, before: str, after: str, block: int
) -> None:
    document = before + text + after
    assume(FOLDER.fold(document).text.count(FOLDER.fold(text).text) == 1)
    with patch.object(contamination, "_BLOCK", block):
        found = find(document, index(STORY, text, QUESTION))
    assert found == [Match("text 1", len(before), len(before) + len(text), 1.0)]


@given(TEXTS, AROUND, AROUND, st.data())
def test_a_text_with_few_changed_letters_is_certain_to_be_found(
    text: str, before: str, after: str, data: st.DataObject
) -> None:
    places = [place for place, letter in enumerate(text) if letter in LETTERS]
    assume(len(places) >= 15)
    most = int(0.07 * len(places) + 1e-9)
    changed = data.draw(st.lists(st.sampled_from(places), unique=True, max_size=most))
    copy = "".join("某" if place in changed else letter for place, letter in enumerate(text))
    found = find(before + copy + after, index(text))
    assert any(match.start < len(before) + len(copy) and match.end > len(before) for match in found)
    assert max(match.share for match in found) >= 1 - len(changed) / len(places) - 1e-9


@given(st.text("天地玄黄宇宙", min_size=15, max_size=40), st.data())
def test_what_a_plain_comparison_at_every_place_finds_is_found(text: str, data: st.DataObject) -> None:
    pieces = st.sampled_from([text, text[:12], text[-9:], text[5:], "天", "宇玄", "某"])
    document = "".join(data.draw(st.lists(pieces, max_size=8)))
    found = find(document, index(text))
    for place in range(len(document) - len(text) + 1):
        same = sum(a == b for a, b in zip(text, document[place:], strict=False))
        if same / len(text) >= contamination.SHARE:
            assert any(match.start < place + len(text) and match.end > place for match in found)


@given(st.lists(TEXTS, min_size=1, max_size=5), st.text(OTHERS + "，。\n", max_size=200))
def test_a_document_that_shares_no_n_gram_has_no_match(texts: list[str], document: str) -> None:
    assert find(document, index(*texts), 0.01) == []


@given(st.lists(TEXTS, max_size=5), st.lists(TEXTS | AROUND, max_size=8).map("".join), st.floats(0.01, 1))
def test_matches_lie_in_the_document_and_those_of_one_text_apart(
    texts: list[str], document: str, share: float
) -> None:
    found = find(document, index(*texts), share)
    assert [(match.start, match.end) for match in found] == sorted(
        (match.start, match.end) for match in found
    )
    for number, match in enumerate(found):
        assert 0 <= match.start < match.end <= len(document)
        assert share <= match.share <= 1
        others = [other for other in found[:number] if other.name == match.name]
        assert all(other.end <= match.start for other in others)


@given(st.integers(15, 200), st.integers(0, 200), st.booleans(), st.randoms(use_true_random=False))
def test_a_letter_more_or_less_does_not_hide_a_text(
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


def test_every_place_is_told_in_order() -> None:
    document = f"{STORY}然后，{QUESTION}又，{STORY}"
    found = find(document, index(QUESTION, STORY))
    assert [(match.name, document[match.start : match.end]) for match in found] == [
        ("text 1", STORY[:-1]),
        ("text 0", QUESTION[:-1]),
        ("text 1", STORY[:-1]),
    ]


def test_texts_too_short_to_look_for_are_named() -> None:
    texts = index("一二三四五六七八九", "一二三四五六七八九十", "", "。。。。。。。。。。。。")
    assert SHORTEST == 10
    assert texts.names == ("text 1",)
    assert texts.too_short == ("text 0", "text 2", "text 3")
    assert [match.name for match in find("数一数：一二三四五六七八九十！", texts)] == ["text 1"]


def test_the_same_text_twice_is_known_by_its_first_name() -> None:
    texts = index(STORY, STORY.replace("讲", "講").replace("，", " "), QUESTION)
    assert texts.names == ("text 0", "text 2")
    assert [match.name for match in find(STORY, texts)] == ["text 0"]


def test_an_index_without_texts_finds_nothing() -> None:
    assert find(STORY, index()) == find(STORY, index("短")) == find("", index(STORY)) == []


def test_an_index_survives_the_way_to_a_worker() -> None:
    texts = index(QUESTION, STORY)
    again = pickle.loads(pickle.dumps(texts))
    assert find(f"甲{STORY}乙{QUESTION}", again) == find(f"甲{STORY}乙{QUESTION}", texts) != []


def test_words_common_to_many_texts_flag_no_document() -> None:
    template = "请根据以下材料回答问题并说明理由，这道题目的编号是"
    random = Random(1)
    texts = [template + "".join(random.choices(LETTERS, k=12)) for _ in range(300)]
    every = index(*texts)
    assert find(f"老师说：{template}多少来着？" * 20, every) == []
    assert [match.name for match in find(f"老师说：{texts[77]}。", every)] == ["text 77"]


def test_texts_that_are_all_but_the_same_are_found_all_the_same() -> None:
    texts = [f"小明有{number}个苹果，吃了三个，还剩下几个苹果？" for number in range(100, 400)]
    found = find(f"题目：{texts[123]}", index(*texts), 1.0)
    assert [(match.name, match.start) for match in found] == [("text 123", 3)]


@pytest.mark.parametrize("share", [0, -1, 1.01])
def test_a_share_that_makes_no_sense_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        find(STORY, index(STORY), share)


def test_a_document_of_one_letter_is_bounded_work() -> None:
    found = find("啊" * 100_000, index("啊" * 1000, QUESTION))
    assert [(match.start, match.end) for match in found] == [(n, n + 1000) for n in range(0, 100_000, 1000)]


@pytest.mark.skipif(not SHARED.exists(), reason="needs the shared material")
class TestOnCorpora:
    """Laws as evaluation texts of reports, and the other way round."""

    def texts(self, name: str, most: int) -> list[str]:
        with gzip.open(CORPORA / f"{name}_dev.jsonl.gz", "rt", encoding="utf-8") as lines:
            return [json.loads(line)["text"] for line, _ in zip(lines, range(most), strict=False)]

    def take(self, texts: list[str], lengths: list[int], random: Random) -> list[tuple[str, str]]:
        """Evaluation texts of these numbers of letters, by name; a text is no set phrase."""
        found: list[tuple[str, str]] = []
        for number, length in enumerate(lengths):
            while len(found) == number:
                text = random.choice(texts)
                start = random.randrange(len(text) - 2 * length) if len(text) > 2 * length else 0
                piece = text[start : start + 2 * length]
                folded = FOLDER.fold(piece)
                if len(folded.text) >= length and "习近平" not in piece:
                    found.append((str(number), piece[folded.places[0] : folded.places[length - 1] + 1]))
        return found

    @pytest.mark.parametrize(
        ("searched", "named"), [("provincial_reports", "laws"), ("laws", "provincial_reports")]
    )
    def test_reports_hold_no_texts_of_laws_nor_laws_of_reports(self, searched: str, named: str) -> None:
        lengths = [15, 20, 30, 50, 100, 200, 400, 800] * 100
        texts = index_texts(self.take(self.texts(named, 200), lengths, Random(3)), FOLDER)
        assert sum(len(find(document, texts)) for document in self.texts(searched, 200)) == 0

    def test_copies_planted_in_reports_are_found(self) -> None:
        random = Random(4)
        reports = [report[:3000] for report in self.texts("provincial_reports", 20)]
        planted = self.take(self.texts("laws", 200), [15, 18, 25, 40, 80, 150, 300, 800] * 30, random)
        texts = index_texts(planted, FOLDER)
        convert = OpenCC("s2t").convert
        letters = sorted(set("".join(reports)))

        def change(text: str) -> str:
            places = FOLDER.fold(text).places.tolist()
            chosen = set(random.sample(places, max(1, len(places) // 100)))
            return "".join(
                random.choice(letters) if place in chosen else letter for place, letter in enumerate(text)
            )

        ways = (str, convert, lambda text: "\n　　".join(text).replace("，", "；"), change)
        missed, wrong = [], []
        known = set(texts.names)
        assert len(known) >= 200
        for number, (name, text) in enumerate(planted):
            if name not in known:
                continue
            copy = ways[number // 8 % 4](text)
            report = random.choice(reports)
            place = random.randrange(len(report))
            found = [
                match for match in find(report[:place] + copy + report[place:], texts) if match.name == name
            ]
            if not found:
                missed.append(copy)
            elif all((match.start, match.end) != (place, place + len(copy)) for match in found):
                wrong.append(copy)
        assert not missed
        assert len(wrong) <= 3  # a changed first or last letter that is no letter any more
