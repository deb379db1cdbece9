"""Personal data is found in each form it is written in, and numbers that are none are left alone."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.alignment import Alignment
from hanpack.steps.personal import (
    KINDS,
    PersonalKind,
    find_all_personal_data,
    find_personal_data,
    mark_all_personal_data,
    mark_personal_data,
)
from hanpack.steps.texts import JoinedTexts, Texts
from hanpack.steps.traced import Traced
from tests.case_files import read_rows
from tests.conftest import CASES

ROWS = read_rows(CASES / "personal.jsonl")
TEXTS = st.text(alphabet=st.sampled_from("0123456789-:. @Xab京A手机电话住号身份证，。"), max_size=60)


def find(text: str) -> list[tuple[str, str]]:
    return [(data.kind.name, text[data.start : data.end]) for data in find_personal_data(text)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.example)
def test_each_row_of_the_table_finds_its_example_and_not_its_counter_example(kind: PersonalKind) -> None:
    assert [data.kind.name for data in find_personal_data(kind.example)] == [kind.name]
    assert find_personal_data(kind.counter_example) == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["text"][:30])
def test_the_personal_data_of_a_text_is_what_the_case_says(row: dict[str, object]) -> None:
    assert find(str(row["text"])) == [tuple(pair) for pair in row["found"]]  # type: ignore[attr-defined]


def test_there_are_cases_with_and_without_personal_data() -> None:
    assert sum(bool(row["found"]) for row in ROWS) >= 20
    assert sum(not row["found"] for row in ROWS) >= 20


@given(TEXTS)
def test_spans_are_in_order_and_do_not_overlap(text: str) -> None:
    spans = [(data.start, data.end) for data in find_personal_data(text)]
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


HINTS = (
    *(
        "电话",
        "電話",
        "手机",
        "手機",
        "传真",
        "傳真",
        "座机",
        "座機",
        "热线",
        "熱線",
        "Tel",
        "TEL",
        "tel",
        "Fax",
    ),
    *(
        "FAX",
        "联系方式",
        "聯絡方式",
        "+886",
        "客服",
        "咨询",
        "諮詢",
        "拨打",
        "撥打",
        "致电",
        "致電",
        "通行证",
        "通行證",
        "台胞证",
        "台胞證",
        "回乡证",
        "回鄉證",
        "QQ",
        "Q Q",
        "qq",
        "Qq",
        "Q群",
        "q群",
        "扣扣",
        "企鹅号",
        "护照",
        "護照",
        "Passport",
        "passport",
    ),
)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.hint_letters], ids=lambda kind: kind.example)
def test_every_hint_has_one_of_the_letters_of_hints(kind: PersonalKind) -> None:
    hints = [hint for hint in HINTS if re.search(kind.hint, hint)]
    assert hints
    assert all(not kind.hint_letters.isdisjoint(hint) for hint in hints)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.example)
def test_data_without_the_sign_the_digits_or_the_letters_of_a_kind_do_not_match(kind: PersonalKind) -> None:
    (match,) = re.finditer(kind.pattern, kind.example)
    data = match[1]
    assert kind.sign in data
    assert len(re.findall("[0-9]", data)) >= kind.least_digits
    fewer = re.sub("[0-9]", "", data, count=len(re.findall("[0-9]", data)) - kind.least_digits + 1)
    assert bool(re.search("[A-Za-z]", data)) >= kind.has_letters
    assert data.isalnum() <= (not kind.has_marks)
    for text in (
        fewer if kind.least_digits else "",
        data.replace(kind.sign, "") if kind.sign else "",
        re.sub("[A-Za-z]", "", data) if kind.has_letters else "",
    ):
        assert re.search(kind.pattern, kind.example.replace(data, text)) is None


@given(TEXTS, st.sampled_from(KINDS), TEXTS)
def test_the_windows_that_are_searched_contain_all_that_a_whole_search_finds(
    before: str, kind: PersonalKind, after: str
) -> None:
    text = f"{before}，{kind.example}，{after}"
    names = {name for name, _ in find(text)}
    assert kind.name in names


@given(st.lists(TEXTS | st.sampled_from([kind.example for kind in KINDS]), max_size=6))
def test_the_personal_data_of_the_texts_of_a_batch_are_those_of_each_alone(texts: list[str]) -> None:
    alone = {number: find_personal_data(text) for number, text in enumerate(texts)}
    assert find_all_personal_data(JoinedTexts(texts)) == {
        number: data for number, data in alone.items() if data
    }


@given(st.lists(TEXTS | st.sampled_from([kind.example for kind in KINDS]), max_size=6))
def test_texts_are_marked_together_as_each_alone(contents: list[str]) -> None:
    texts = [Traced(text, Alignment.identity(len(text))) for text in contents]
    together = mark_all_personal_data(Texts(texts), "replace")
    alone = [mark_personal_data(traced, "replace") for traced in texts]
    assert [(traced.text, traced.metadata) for traced in together.traced] == [
        (traced.text, traced.metadata) for traced in alone
    ]


def test_data_right_after_other_data_are_not_cut_off() -> None:
    text = "邮箱li@qingjiang.com *\na@b.nxample"
    assert [data for _, data in find(text)] == ["li@qingjiang.com", "a@b.nxample"]
    together = [Traced(line, Alignment.identity(len(line))) for line in text.split("\n")]
    marked = mark_all_personal_data(Texts(together), "flag")
    assert [edit.byte_end for traced in marked.traced for edit in traced.edits] == [18, 11]


def test_flagging_changes_no_character_and_replacing_leaves_no_data() -> None:
    text = "".join(f"{kind.example}。\n" for kind in KINDS)
    traced = Traced(text, Alignment.identity(len(text)))
    flagged = mark_personal_data(traced, "flag")
    assert flagged.text == text
    assert {edit.kind for edit in flagged.edits} == {"flagged"}
    replaced = mark_personal_data(traced, "replace")
    assert len(replaced.edits) == len(flagged.edits) == len(KINDS)
    assert replaced.metadata == flagged.metadata
    assert find_personal_data(replaced.text) == []
