"""What counts as a redaction and what does not; replacing and restoring change nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.typography.redactions import (
    REDACTION_RULES,
    RedactionRule,
    count_redactions,
    replace_redactions,
    restore_evasions,
)
from tests.steps.traced_texts import trace


@pytest.mark.parametrize("rule", REDACTION_RULES, ids=lambda rule: rule.name)
def test_each_rule_decides_on_its_example_and_not_on_its_counter_example(rule: RedactionRule) -> None:
    others = [other for other in REDACTION_RULES if other is not rule]
    assert bool(count_redactions(rule.example)) == rule.is_redaction
    assert bool(count_redactions(rule.example, others)) != rule.is_redaction
    assert bool(count_redactions(rule.counter_example)) != rule.is_redaction


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("总投资XX亿元，其中xx镇3处", {"XX": 1, "xx": 1}),
        ("20XX年X月X日", {"X": 2, "XX": 1}),
        ("资金xxx.xx万元", {"xxx.xx": 1}),
        ("中共***市委***同志", {"***": 2}),
        ("每月不少于*次，加快《*区规划》", {"*": 2}),
        ("**县**镇的调研", {"**": 2}),
        ("最高法行申××号，审判长×××", {"××": 1, "×××": 1}),
        ("在建设x项:xx镇", {"x": 1, "xx": 1}),
        ("张**和李**说，市委**书记**同志", {"**": 4}),
        ("王**于2020年与**公司签约", {"**": 2}),
        ("共**万元，**个项目。根据**法第**条", {"**": 4}),
        ("原告李**，被告王**。", {"**": 2}),
        ("# 计划\n每月不少于*次，加快《*区规划》", {"*": 2}),
        ("# 计划\n在**镇**村", {"**": 2}),
    ],
)
def test_a_mark_between_chinese_words_is_a_redaction(text: str, counts: dict[str, int]) -> None:
    assert count_redactions(text) == counts


@pytest.mark.parametrize(
    "text",
    [
        "拍了X光片，X染色体与x轴",
        "SpaceX公司的iPhone X手机，XXL号",
        "面积5×3米，长×宽，销售额×税率",
        "**重点**：落实。这是**要点**。",
        "* 列表项\n3*5等于15",
        "提供**实时**查询，要**加强**领导，本**年度**计划",
        "被告人**盗窃**财物，占**百分之五**以上",
        "* 要**加强**领导",
        "## 说明\n这*非常*重要，***必须***做，很**慢**了；**子**组件",
        "# 公告\n请**市民**与**公司**参加",
        "XX and YY",
    ],
)
def test_words_formulas_and_emphasis_are_not_redactions(text: str) -> None:
    assert count_redactions(text) == {}


@given(st.text("XxX×*县镇年3 ,。(A\n", max_size=40))
def test_replacing_leaves_no_redaction_counted_and_everything_else_in_place(text: str) -> None:
    counted = sum(count_redactions(text).values())
    replaced = replace_redactions(trace(text), "〔略〕")
    assert replaced.text.count("〔略〕") == counted
    assert len(replaced.edits) == counted
    assert {edit.step for edit in replaced.edits} <= {"redaction"}


def test_a_replaced_redaction_keeps_its_bytes() -> None:
    replaced = replace_redactions(trace("投资XX亿元"), "□")
    assert replaced.text == "投资□亿元"
    assert replaced.alignment.source_span(2, 3) == (6, 8)


@pytest.mark.parametrize(
    ("text", "restored"),
    [
        ("D委、D员和D建工作", "党委、党员和党建工作"),
        ("全市D组织书记", "全市党组织书记"),
        ("维生素D建议量，3D建模，D组比赛，CD内容", "维生素D建议量，3D建模，D组比赛，CD内容"),
    ],
)
def test_only_words_of_the_party_are_restored(text: str, restored: str) -> None:
    assert restore_evasions(trace(text)).text == restored
