"""Where asterisks are the Markdown of emphasised text and not put for a name or a number."""

from __future__ import annotations

import re

from hanpack.lazy_patterns import compile_lazily

_MARK = "**"
_EMPHASIS = compile_lazily(r"[*]{2}(?=[^*\s，。；：、！？）])([^*\n]{2,80})(?<=\S)[*]{2}")
_LONGEST = 80
_PAUSE = compile_lazily(r"[\s，。；：、！？（）]|$")
_CLAUSE_END = compile_lazily("[，。；：、！？《》（）]")
_RUN = compile_lazily(r"[*＊]+")
_OTHER_REDACTION = compile_lazily(r"[*＊]{3,}|＊")
# A heading, an item, a quotation, a fence, code or a link: a text with these is Markdown.
_MARKDOWN = compile_lazily(
    r"^(?:#{1,6} |[-+*] |> |```)|`[^`\n]{1,80}`|\[[^\[\]\n]{1,80}\]\([^()\n]{1,200}\)", re.MULTILINE
)
# What comes after a name or a number that is not shown, but for words that begin so.
_AFTER_NAMES = compile_lazily(
    "(?:[省市县縣区區镇鎮乡鄉村街路号號年月日元亿億万萬%％等条條款项項章案个個次]|法第|同志|先生|女士|书记|書記|主任|公司|集团|集團|医院|學院|学院|某"
    "|[市县縣区區镇鎮局处處科院校]长|[中小大][学學])"
    "(?!度|轻|輕|龄|齡|报|報|终|終|常|期|志|程|记|記|块|塊|域|别|別|间|間|场|場|值|民|况|線|线|由|径|徑|召|码|碼|略|委|政|素|件|待|級|级"
    "|同|于|於|目|例|人|体|體|性|要)"
)
# After which a part of a name may be left out.
_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严魏姜谢邹苏潘葛范彭鲁韦马方任袁柳鲍史唐薛雷贺倪汤罗毕郝邬安于傅齐康伍余元顾孟黄萧尹姚邵汪祁毛戴宋庞熊纪舒屈项祝"
    "董梁杜阮蓝闵季贾路江童颜郭梅林钟徐邱骆高夏蔡田樊胡凌霍万卢莫房丁邓洪包左石崔龚程裴陆翁段侯宁甘武刘叶白赖乔谭申"
)


def find_emphasis_marks(text: str) -> frozenset[int]:
    """Where the marks of emphasis start.

    Marks with a pause outside of them are, as are those of a line on which all marks are pairs around texts
    that do not look like what stands between two names.

    >>> sorted(find_emphasis_marks("提供**实时**查询")), sorted(find_emphasis_marks("在**镇**村"))
    ([2, 6], [])
    """
    if "*" not in text:
        return frozenset()
    marks = {start for match in _EMPHASIS.finditer(text) for start in _find_marks_at_pause(text, match)}
    is_markdown = _MARKDOWN.search(text) is not None
    if is_markdown or _OTHER_REDACTION.search(text) is None:
        position = text.find("*")
        while position >= 0:
            end = text.find("\n", position)
            end = len(text) if end < 0 else end
            marks.update(_find_pairs(text, text.rfind("\n", 0, position) + 1, end, is_markdown))
            position = text.find("*", end)
    return frozenset(marks)


def _find_marks_at_pause(text: str, match: re.Match[str]) -> tuple[int, ...]:
    """Where the two marks of **重点** start; between two redactions words continue at both ends."""
    start, end = match.span()
    begins = start == 0 or _PAUSE.match(text[start - 1]) is not None
    ends = _PAUSE.match(text, end) is not None
    is_name = begins != ends and _AFTER_NAMES.match(match.group(1)) is not None
    return (start, end - len(_MARK)) if (begins or ends) and not is_name else ()


def _find_pairs(text: str, start: int, end: int, is_markdown: bool) -> list[int]:
    """The marks of the line ``[start, end)`` if all are pairs around emphasised texts, else none.

    In Markdown one and three asterisks emphasise as well.
    """
    runs = list(_RUN.finditer(text, start, end))
    if runs[0].span() == (start, start + 1):
        # An item begins with a single mark.
        del runs[0]
    pairs = list(zip(runs[::2], runs[1::2], strict=False))
    if is_markdown and (len(runs) % 2 or any(first.group() != last.group() for first, last in pairs)):
        runs = [run for run in runs if run.group() == _MARK]
        pairs = list(zip(runs[::2], runs[1::2], strict=False))
    is_emphasis = _is_emphasised_in_markdown if is_markdown else _is_emphasised
    if len(runs) % 2 or not all(is_emphasis(text, *pair) for pair in pairs):
        return []
    return [run.start() for run in runs]


def _is_emphasised_in_markdown(text: str, opening: re.Match[str], closing: re.Match[str]) -> bool:
    start, end = opening.end(), closing.start()
    if opening.group() == _MARK and end - start > 1:
        return True
    return _AFTER_NAMES.match(text, start) is None and _CLAUSE_END.search(text, start, end) is None


def _is_emphasised(text: str, opening: re.Match[str], closing: re.Match[str]) -> bool:
    emphasised = text[opening.end() : closing.start()]
    return (
        opening.group() == closing.group() == _MARK
        and 1 < len(emphasised) <= _LONGEST
        and emphasised == emphasised.strip()
        and _AFTER_NAMES.match(emphasised) is None
        and _AFTER_NAMES.match(text, closing.end()) is None
        and not (text[opening.start() - 1 : opening.start()] in _SURNAMES and emphasised[-1] in _SURNAMES)
    )
