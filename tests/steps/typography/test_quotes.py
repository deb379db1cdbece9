"""Quotes are turned where the line makes certain which pairs were meant."""

from __future__ import annotations

import pytest

from hanpack.steps.typography import mend_quotes
from tests.steps.traced_texts import trace


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("余家”僵尸型”社会组织", "余家“僵尸型”社会组织"),
        ("“甲“和“乙”", "“甲”和“乙”"),
        ("”，甲”", "”，甲”"),
        ("一“半", "一“半"),
        ("“外“内”外”", "“外“内”外”"),
        ("”甲\n乙”", "”甲\n乙”"),
    ],
)
def test_quotes_are_turned_only_where_the_pairs_are_certain(text: str, mended: str) -> None:
    assert mend_quotes(trace(text)).text == mended
