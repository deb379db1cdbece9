"""Each rule is needed for its example, and leaves its counter-example."""

from __future__ import annotations

import pytest

from hanpack.steps.script.rules import (
    WORD_RULES,
    ZHU_CONTEXTS,
    WordRule,
    ZhuContext,
    replace_words,
)


@pytest.mark.parametrize("context", ZHU_CONTEXTS, ids=lambda context: context.name)
def test_zhu_stays_in_each_context_and_is_a_particle_elsewhere(context: ZhuContext) -> None:
    others = [other for other in ZHU_CONTEXTS if other is not context]
    assert replace_words(context.example, keep_zhu=False, rules=()) == context.example
    assert "着" in replace_words(context.example, keep_zhu=False, contexts=others, rules=())
    particle = context.counter_example.replace("著", "着")
    assert particle != context.counter_example
    assert replace_words(context.counter_example, keep_zhu=False, rules=()) == particle


def test_without_contexts_every_zhu_is_a_particle() -> None:
    assert replace_words("名著與看著", keep_zhu=False, contexts=()) == "名着與看着"


@pytest.mark.parametrize("rule", WORD_RULES, ids=lambda rule: rule.name)
def test_a_word_rule_changes_its_example_and_leaves_its_counter_example(rule: WordRule) -> None:
    corrected = replace_words(rule.example, keep_zhu=True, rules=(rule,))
    assert corrected == rule.example.replace(rule.character, rule.replacement) != rule.example
    assert rule.character in rule.counter_example
    assert replace_words(rule.counter_example, keep_zhu=True, rules=(rule,)) == rule.counter_example
