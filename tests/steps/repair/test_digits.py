"""A lost digit is told where the text around it fixes it, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.repair.digits import tell_digit


@pytest.mark.parametrize(
    ("before", "after", "digit"),
    [
        ("經濟合作論壇、", "025（中國）博覽會", "2"),
        ("规划（", "026—2030年）", "2"),
        ("抽检覆盖率达到", "00%，", "1"),
        ("为原值的增长", "00%，", ""),
        ("排放量由每吨", "000—2000元", ""),
        ("二轮承包到期后再延長", "0年試點", "3"),
        ("入围世界", "00強企業", "5"),
        ("收入比由", ".31縮小至2.87", "3"),
        ("收入比由", ".90缩小至2.87", "2"),
        ("收入比由3.31缩小至", ".87。", "2"),
        ("投资占比", "3%。", ""),
        ("从", "到1的突破", "0"),
        ("从", "到10的突破", ""),
        ("打造城市", "5分钟便民生活圈", "1"),
        ("等了", "5分钟才上菜", ""),
    ],
)
def test_what_stands_fixed_tells_the_digit(before: str, after: str, digit: str) -> None:
    assert tell_digit(before, after) == digit


@given(st.text(alphabet="万亿个户元家，。増长达?", max_size=8), st.integers(0, 9999))
def test_a_number_of_no_fixed_phrase_stays_lost(unit: str, rest: int) -> None:
    assert tell_digit("新增就业", f"{rest}{'人' + unit}") == ""


@given(st.text(max_size=40), st.text(max_size=40))
def test_only_a_digit_or_nothing_is_told(before: str, after: str) -> None:
    assert tell_digit(before, after) in ("", *"0123456789")
