"""In-place pinyin is removed where a record carries it like damage, and left where a person wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanpack.steps.alignment import Alignment
from hanpack.steps.repair.pinyin import LISTED, find_pinyin
from hanpack.steps.repair.pronunciation import ANNOTATION, default_pronunciation
from hanpack.steps.traced import Traced

SHARED = Path(__file__).parents[4] / "shared" / "data"
PLAIN = "全市認真貫徹落實新發展理念，經濟社會各項事業取得積極成效，人民生活水平穩步提高。"
UNSEEN = "朋森林杏"


def remove(text: str) -> str:
    return Traced(text, Alignment.identity(len(text))).apply("pinyin", find_pinyin(text)).text


def annotate_in_place(text: str, listed: str) -> str:
    return "".join(
        f"{character}({default_pronunciation(character)})" if character in listed else character
        for character in text
    )


@given(
    st.sets(st.sampled_from(PLAIN), min_size=2, max_size=12).filter(lambda found: len(found & LISTED) >= 2)
)
@settings(deadline=None)
def test_annotating_listed_characters_everywhere_is_undone(listed: set[str]) -> None:
    listed -= set("，。")
    assert remove(annotate_in_place(PLAIN, "".join(listed))) == PLAIN


def test_a_list_never_seen_before_is_found_by_its_consistency() -> None:
    text = "村民在山林邊種下一片杏樹，林下養雞，杏花開時遊人滿山，森林也成了朋友相聚的好去處，杏仁遠銷外地。"
    damaged = annotate_in_place(text, UNSEEN)
    assert not set(UNSEEN) & LISTED
    assert remove(damaged) == text


def test_only_the_reading_and_its_parentheses_are_removed() -> None:
    text = "創(chuàng)新網絡(luò )"
    assert [(one.start, one.end, one.text) for one in find_pinyin(text)] == [(1, 9, ""), (12, 18, "")]


def test_a_gloss_in_a_damaged_record_stays() -> None:
    damaged = annotate_in_place(PLAIN, "實發會項") + "“漢字”(hànzì)一詞沿用至今。"
    assert remove(damaged) == PLAIN + "“漢字”(hànzì)一詞沿用至今。"


def test_a_single_annotation_in_a_long_text_stays() -> None:
    text = PLAIN * 4 + "他生於甪(lù)直。"
    assert find_pinyin(text) == []


def test_a_character_read_in_two_ways_is_a_lesson() -> None:
    assert find_pinyin("他長(zhǎng)大了，路很長(cháng)，好(hǎo)人好(hào)學。") == []


def test_a_reading_before_which_nothing_stands_is_left() -> None:
    assert find_pinyin("(xīn)") == []


@pytest.mark.skipif(not SHARED.exists(), reason="the shared material is not beside the repository")
def test_at_most_one_reading_in_two_hundred_is_left_on_real_pages() -> None:
    pages = [path.read_text("utf-8") for path in sorted((SHARED / "broken" / "pinyin").iterdir())]
    before = sum(len(ANNOTATION.findall(page)) for page in pages)
    after = sum(len(ANNOTATION.findall(remove(page))) for page in pages)
    assert before > 1000
    assert after <= 0.005 * before
