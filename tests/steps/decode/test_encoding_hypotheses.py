"""Hypotheses of encodings: histograms and pruning give what the characters of each text give."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.decode import encoding_hypotheses
from hanpack.steps.decode.encoding_families import FAMILIES, UTF_8, UTF_16, EncodingFamily
from hanpack.steps.decode.encoding_hypotheses import EncodingHypothesis, evaluate
from hanpack.steps.traced import code_points

ALL = (*FAMILIES, UTF_8, *UTF_16)
EVIDENCE = st.one_of(
    st.binary(max_size=60),
    st.text("中文資料éöñабвαβ，。 abc1", max_size=40).flatmap(
        lambda text: st.sampled_from([name for family in ALL for name in family.names]).map(
            lambda name: text.encode(name, "ignore")
        )
    ),
)


def evaluate_slowly(evidence: bytes, family: EncodingFamily) -> EncodingHypothesis:
    """The best hypothesis of a family, from the characters of each of its encodings."""
    hypotheses = [
        encoding_hypotheses._evaluate(code_points(encoding_hypotheses._decode(evidence, name)), name, family)
        for name in family.names
    ]
    return max(hypotheses, key=lambda hypothesis: hypothesis.likelihood)


@given(EVIDENCE)
def test_hypotheses_are_those_of_the_characters_and_only_unlikely_ones_are_left_out(evidence: bytes) -> None:
    expected = sorted(
        (evaluate_slowly(evidence, family) for family in ALL), key=lambda hypothesis: -hypothesis.likelihood
    )
    found = evaluate(evidence, ALL, 14.0)
    near = [other for other in expected if expected[0].likelihood - other.likelihood < 14.0]
    assert [other.name for other in found[: len(near)]] == [other.name for other in near]
    by_name = {other.name: other for other in expected}
    assert found[0] == by_name[found[0].name]
    for hypothesis in found:
        assert hypothesis.language == by_name[hypothesis.name].language
        assert hypothesis.likelihood == pytest.approx(by_name[hypothesis.name].likelihood, abs=1e-5)


def test_the_encodings_of_single_bytes_are_those_with_a_table_in_python() -> None:
    single = [family.names[0] for family in FAMILIES if encoding_hypotheses._is_single_byte(family)]
    assert len(single) == 22
    assert {len(bytes(range(0x80, 0x100)).decode(name, "replace")) for name in single} == {0x80}
    assert not {"gb18030", "big5", "utf-8"} & set(single)
