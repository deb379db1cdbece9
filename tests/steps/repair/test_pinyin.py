"""In-place pinyin is removed where a record carries it like damage, and left where a person wrote it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hanpack.steps.repair.pinyin import find_pinyin
from hanpack.steps.repair.pronunciation import ANNOTATION, COMMONLY_ANNOTATED, default_pronunciation
from tests.case_files import SHARED_DATA, needs_shared

from .samples import trace

PLAIN = "全市認真貫徹落實新發展理念，經濟社會各項事業取得積極成效，人民生活水平穩步提高。"
UNSEEN = "朋森林杏"


def remove(text: str) -> str:
    return trace(text).apply("pinyin", find_pinyin(text)).text


def annotate_in_place(text: str, annotated: str) -> str:
    return "".join(
        f"{character}({default_pronunciation(character)})" if character in annotated else character
        for character in text
    )


@given(
    st.sets(st.sampled_from(PLAIN), min_size=2, max_size=12).filter(
        lambda characters: len(characters & COMMONLY_ANNOTATED) >= 2
    )
)
@settings(deadline=None)
def test_annotating_common_characters_everywhere_is_undone(characters: set[str]) -> None:
    annotated = "".join(characters - set("，。"))
    assert remove(annotate_in_place(PLAIN, annotated)) == PLAIN


def test_a_list_never_seen_before_is_recognised_by_its_consistency() -> None:
    text = "村民在山林邊種下一片杏樹，林下養雞，杏花開時遊人滿山，森林也成了朋友相聚的好去處，杏仁遠銷外地。"
    damaged = annotate_in_place(text, UNSEEN)
    assert not set(UNSEEN) & COMMONLY_ANNOTATED
    assert remove(damaged) == text


def test_only_the_pronunciation_and_its_parentheses_are_removed() -> None:
    text = "創(chuàng)新網絡(luò )"
    assert [(edit.start, edit.end, edit.text) for edit in find_pinyin(text)] == [(1, 9, ""), (12, 18, "")]


def test_a_gloss_in_a_damaged_record_stays() -> None:
    damaged = annotate_in_place(PLAIN, "實發會項") + "“漢字”(hànzì)一詞沿用至今。"
    assert remove(damaged) == PLAIN + "“漢字”(hànzì)一詞沿用至今。"


def test_a_single_annotation_in_a_long_text_stays() -> None:
    text = PLAIN * 4 + "他生於甪(lù)直。"
    assert find_pinyin(text) == []


def test_a_character_with_two_pronunciations_is_a_lesson() -> None:
    assert find_pinyin("他長(zhǎng)大了，路很長(cháng)，好(hǎo)人好(hào)學。") == []


def test_a_pronunciation_at_the_beginning_of_a_text_is_left() -> None:
    assert find_pinyin("(xīn)") == []


@needs_shared
def test_at_most_one_annotation_in_two_hundred_is_left_on_real_pages() -> None:
    pages = [path.read_text("utf-8") for path in sorted((SHARED_DATA / "broken" / "pinyin").iterdir())]
    before = sum(len(ANNOTATION.findall(page)) for page in pages)
    after = sum(len(ANNOTATION.findall(remove(page))) for page in pages)
    assert before > 1000
    assert after <= 0.005 * before
