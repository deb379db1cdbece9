"""What all steps of typography have in common: clean text comes back itself, and once is enough."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.traced import Traced
from hanpack.steps.typography import compose, mend_quotes, remove_controls, set_widths, tidy_spaces
from tests.steps.traced_texts import trace

STEPS = [compose, mend_quotes, remove_controls, set_widths, tidy_spaces]
MESSY = st.text('中文a1 \u3000\u00a0\t\r\n,:()"“”０Ａ\u200b\u200d\u0301\ufeff', max_size=40)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "县  长   吴  浩\n\n二〇二四年一月",
        "“引用”，时间12:30，比例1:2，共3,000元。",
        "def f(a, b): return a  # see https://example.org/a,b",
        "面积3㎡，第Ⅱ期 👨\u200d👩\u200d👧",
    ],
)
def test_clean_text_comes_back_itself(step: Callable[[Traced], Traced], text: str) -> None:
    before = trace(text)
    assert step(before) is before


@pytest.mark.parametrize("step", STEPS)
@given(text=MESSY)
def test_a_second_run_changes_nothing(step: Callable[[Traced], Traced], text: str) -> None:
    once = step(trace(text))
    assert step(once).text == once.text
    assert once.alignment.length == len(once.text)
