"""Words and numbers a publisher blacked out (XX, xx, X, *, ***), and letters put for a filtered word (D委).

Counting changes nothing. The steps ``redaction`` and ``evasion`` run only for recipes that ask for them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, TypeAlias

from hanpack.lazy_patterns import compile_lazily, compile_lazily_by_regex
from hanpack.steps.replacements import Replacement
from hanpack.steps.texts import CharacterTable, JoinedTexts, make_table
from hanpack.steps.traced import Traced
from hanpack.steps.typography.emphasis import find_emphasis_marks

if TYPE_CHECKING:
    import regex

_MARKS = "XxＸｘ×*＊"
_RUN = compile_lazily(r"[XxＸｘ]+(?:[.．][XxＸｘ]+)?|×+|[*＊]+")
_X = "[XxＸｘ]"
_XX = f"(?:{_X}{{2,}}(?:[.．]{_X}+)?|{_X}[.．]{_X}+)"
_HAN = "㐀-鿿々〇"
_CHINESE = f"{_HAN}，。、；：！？（）《》“”‘’「」『』【】"
_NUMERAL = "0-9０-９,.;:%％"
# X光, X轴, X染色体 and the like.
_WORD_AFTER_X = (
    "光|射|线|線|轴|軸|染|型|波|坐标|座標|方向|战警|戰警|档案|檔案|因子|综合|綜合|世代|教授|形|等于|等於|的值"
    "|为|是"
)
# No rule looks at more characters before and after a run.
_BEFORE, _AFTER = 4, 2
# See _make_decisions.
_Decision: TypeAlias = Callable[[str, str, int], bool]
# How many decisions on runs of at most so many marks are remembered.
_REMEMBERED, _SHORT_RUN = 4_096, 16


@dataclass(frozen=True, slots=True)
class RedactionRule:
    """A context that decides whether a run of marks is a redaction.

    ``pattern`` matches the whole run and checks its neighbours. The first rule of the table that matches a
    run decides; a run that no rule matches is not a redaction. The run of ``example`` is decided by this
    rule; the run of ``counter_example`` is not, and the decision on it is the opposite.
    """

    name: str
    is_redaction: bool
    pattern: str
    example: str
    counter_example: str


REDACTION_RULES = (
    RedactionRule("ends a Latin word", False, rf"(?<=[A-Za-z])(?:{_XX}|{_X})", "购买MAXX牌", "购买XX牌"),
    RedactionRule(
        "begins a Latin word", False, rf"(?:{_XX}|{_X})(?!kV)(?=[A-Za-z])", "穿XXL号", "新建XXkV变电站"
    ),
    RedactionRule("letters after Chinese", True, rf"(?<=[{_CHINESE}]){_XX}", "总投资XX", "size XX"),
    RedactionRule("letters before Chinese", True, rf"{_XX}(?=[{_CHINESE}])", "XX镇", "XX and YY"),
    RedactionRule("letters after a numeral", True, rf"(?<=[{_NUMERAL}]){_XX}(?=[\s\S])", "20XX ", "20XX"),
    RedactionRule("letters before a numeral", True, rf"{_XX}(?=[{_NUMERAL}])", "XX%", "XX "),
    RedactionRule("X begins a word", False, rf"{_X}(?={_WORD_AFTER_X})", "拍了X光片", "拍了X张片"),
    RedactionRule(
        "x names a variable",
        False,
        # Also at the beginning of the line after the noun.
        rf"(?<=未知数|染色体|(?:变量|变数|函数|字母|型号)\n?){_X}",
        "求未知数x，得",
        "求数x，得",
    ),
    RedactionRule(
        "one letter between Chinese", True, rf"(?<=[{_CHINESE}]){_X}(?=[{_CHINESE}])", "在X月", "in X月"
    ),
    RedactionRule(
        "one letter begins an item", True, rf"(?<![^\n,:;(]){_X}(?=[{_CHINESE}])", "a:x镇", "a x镇"
    ),
    RedactionRule("crosses after Chinese", True, rf"(?<=[{_CHINESE}])×{{2,}}", "审判长××", "A××"),
    RedactionRule("crosses before Chinese", True, rf"×{{2,}}(?=[{_CHINESE}])", "××号", "××B"),
    RedactionRule(
        # One × between words is a product; before these it is put for a name or a number.
        "one cross before a unit",
        True,
        rf"(?<![{_NUMERAL}])×(?=[年月日号號省市县縣区區镇鎮乡鄉村路某])",
        "在×县",
        "长×宽",
    ),
    RedactionRule("asterisks after Chinese", True, rf"(?<=[{_CHINESE}])[*＊]{{2,}}", "市委***", "3**"),
    RedactionRule("asterisks before Chinese", True, rf"[*＊]{{2,}}(?=[{_CHINESE}])", "***同志", "**b"),
    RedactionRule(
        "one asterisk after a word", True, rf"(?<=[{_HAN}])[*＊](?=[\p{{L}}”’」』》])", "工人*A", "工人* A"
    ),
    RedactionRule(
        "one asterisk before a word",
        True,
        rf"(?<=[{_CHINESE}A-Za-z])[*＊](?=[{_HAN}])",
        "加快《*区规划》",
        "* 列表",
    ),
)

# D is put for 党 before these, but not in 维生素D建议, 第D组 or 3D建模.
_PARTY_WORDS = (
    "委",
    "员(?!工)",
    *"員建政校纪紀章史徽旗性龄齡费費风風课課群",
    *("支部", "总支", "總支", "中央", "组织", "組织", "組书", "工委", "代表", "代会", "内"),
    *("和国家", "的领导", "的建设", "的二十", "的十"),
)
_EVASION = compile_lazily(rf"(?<![A-Za-z0-9素第])D(?={'|'.join(_PARTY_WORDS)})")


def find_marked(texts: JoinedTexts) -> set[int]:
    """The indexes of the texts with a mark that may be a redaction."""
    return texts.find_characters(_mark_table())


@cache
def _mark_table() -> CharacterTable:
    return make_table(_MARKS)


def count_redactions(text: str, rules: Sequence[RedactionRule] = REDACTION_RULES) -> dict[str, int]:
    """Count the redactions in a text by the mark as it is written.

    >>> count_redactions("投资XX亿元，其中XX镇***万元")
    {'***': 1, 'XX': 2}
    """
    return dict(sorted(Counter(run.group() for run in _find_redactions(text, rules)).items()))


def replace_redactions(traced: Traced, placeholder: str) -> Traced:
    """Replace every redaction by a placeholder; the step is ``redaction``.

    >>> from hanpack.steps.alignment import Alignment
    >>> replace_redactions(Traced("投资XX亿元", Alignment.identity(6)), "□").text
    '投资□亿元'
    """
    runs = _find_redactions(traced.text, REDACTION_RULES)
    return traced.apply("redaction", (Replacement(*run.span(), placeholder) for run in runs))


def restore_evasions(traced: Traced) -> Traced:
    """Restore 党 where D is put for it before a word of the Party (D委, D员, D建); the step is ``evasion``.

    >>> from hanpack.steps.alignment import Alignment
    >>> restore_evasions(Traced("市D委", Alignment.identity(3))).text
    '市党委'
    """
    return traced.apply(
        "evasion", [Replacement(*match.span(), "党") for match in _EVASION.finditer(traced.text)]
    )


def _find_redactions(text: str, rules: Sequence[RedactionRule]) -> Iterator[re.Match[str]]:
    """The runs of marks that are redactions; the marks of emphasis are not."""
    if not any(mark in text for mark in _MARKS):
        return
    emphasis = find_emphasis_marks(text)
    decide, decide_on_long = _make_decisions(tuple(rules))
    for run in _RUN.finditer(text):
        start, end = run.span()
        before, run_and_after = text[max(start - _BEFORE, 0) : start], text[start : end + _AFTER]
        is_redaction = (decide if end - start <= _SHORT_RUN else decide_on_long)(
            before, run_and_after, end - start
        )
        if is_redaction and start not in emphasis:
            yield run


@cache
def _make_decisions(rules: tuple[RedactionRule, ...]) -> tuple[_Decision, _Decision]:
    """Two functions that say whether a run of marks is a redaction: by the first rule that matches it.

    Their arguments are what stands before the run, the run with what stands after it, and the length of the
    run. The first remembers its answers: the same marks stand between the same characters again and again.
    """
    # One search for all rules says which is the first that matches anything; that of most runs is none.
    match_first = compile_lazily_by_regex("|".join(f"({rule.pattern})" for rule in rules)).match

    def decide(before: str, run_and_after: str, length: int) -> bool:
        text, start = before + run_and_after, len(before)
        first = match_first(text, start)
        if first is None:
            return False
        number = first.lastindex or 0
        if first.end() == start + length:
            return rules[number - 1].is_redaction
        for rule in rules[number:]:
            match = _compile(rule.pattern).match(text, start)
            if match is not None and match.end() == start + length:
                return rule.is_redaction
        return False

    return lru_cache(_REMEMBERED)(decide), decide


@cache
def _compile(pattern: str) -> regex.Pattern[str]:
    return compile_lazily_by_regex(pattern)
