"""The runs that are searched for personal data are those in which the pattern of a look at them matches."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.personal import runs
from hanpack.steps.texts import JoinedTexts

DATA = ["京A12345", "粤ＢＤ12345", "1.2.3.4", "a@b.cn", "fe80::1:2", "sk-abcdefghijklmnop", "2024-06-15"]
TEXTS = st.lists(
    st.text(alphabet=st.sampled_from("0０1９aｚAＢ-. :@＠_（京年\n"), max_size=12)
    | st.sampled_from(
        ["京A12345", "粤ＢＤ12345", "1.2.3.4", "a@b.cn", "fe80::1:2", "sk-abcdefghijklmnop", "2024-06-15"]
    ),
    max_size=8,
).map("".join)


def look_at_each(text: str) -> list[tuple[int, int]]:
    """The runs of a text that are left after a look at each, one by one."""
    spans = []
    place = 0
    while match := runs._RUN.search(text, place):
        place = match.end()
        is_day = runs._DATE.fullmatch(match.group())
        if not is_day and runs._LOOK.search(text, max(0, match.start() - 1), match.end()):
            spans.append(match.span())
    return spans


@given(TEXTS)
def test_no_run_is_passed_over_that_a_look_at_it_would_choose(text: str) -> None:
    assert [run.span() for run in runs.find_runs(JoinedTexts([text]))] == look_at_each(text)


@given(st.lists(TEXTS, max_size=4))
def test_the_runs_of_joined_texts_are_those_of_each(texts: list[str]) -> None:
    joined = JoinedTexts(texts)
    expected = [
        (first + start, first + end)
        for first, text in zip(joined.firsts.tolist(), texts, strict=True)
        for start, end in look_at_each(text)
    ]
    assert [run.span() for run in runs.find_runs(joined)] == expected
