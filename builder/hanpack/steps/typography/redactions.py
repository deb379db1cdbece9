"""Words and numbers a publisher blacked out (XX, xx, X, *, ***), and letters put for a filtered word (D委).

Counting changes nothing; replacing and restoring run only where a recipe asks for them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from hanpack.steps.traced import Replacement, Traced

_LETTERS = "XxＸｘ"
_MARKS = f"{_LETTERS}×*＊"
_RUN = re.compile(r"[XxＸｘ]+(?:[.．][XxＸｘ]+)?|×+|[*＊]+")
_HAN = re.compile("[㐀-鿿々〇]")
_CHINESE = re.compile("[㐀-鿿々〇，。、；：！？（）《》“”‘’「」『』【】]")
_NUMERAL = re.compile("[0-9０-９,.;:%％]")
_LATIN = re.compile("[A-Za-z]")
# One X beside these is a word of its own: X光, X轴, X染色体, 未知数x.
_WORD_AFTER = re.compile(
    "光|射|线|線|轴|軸|染|型|波|坐标|座標|方向|战警|戰警|档案|檔案|因子|综合|綜合|世代|教授|形|等于|等於|的值|为|是"
)
_WORD_BEFORE = re.compile("(?:未知数|变量|变数|函数|染色体|字母|型号)$")
# One × between words is a product; before these it stands for a name or a number.
_NAMED = re.compile("[年月日号號省市县縣区區镇鎮乡鄉村路某]")
_EMPHASIS = re.compile(r"[*]{2}(?=[^*\s])([^*\n]{2,80})(?<=\S)[*]{2}")
_PAUSE = re.compile(r"[\s，。；：、！？（）]|$")
_EVASION = re.compile(
    r"(?<![A-Za-z0-9素第])D(?=委|员(?!工)|員|建|政|校|纪|紀|章|史|徽|旗|性|龄|齡|费|費|风|風|课|課|群|支部|总支|總支|中央|组织|組織|组书|工委|代表|代会|内|和国家|的领导|的建设|的二十|的十)"
)


def count_redactions(text: str) -> dict[str, int]:
    """How often each kind of redaction stands in a text, by its mark as written, e.g. {"XX": 3, "***": 1}."""
    return dict(sorted(Counter(found.group() for found in _redactions(text)).items()))


def replace_redactions(traced: Traced, placeholder: str) -> Traced:
    """Put one placeholder in the place of every redaction; the step is ``redaction``."""
    return traced.apply(
        "redaction", [Replacement(*found.span(), placeholder) for found in _redactions(traced.text)]
    )


def restore_evasions(traced: Traced) -> Traced:
    """Restore 党 where D stands for it before a Party word (D委, D员, D建); the step is ``evasion``."""
    return traced.apply(
        "evasion", [Replacement(*found.span(), "党") for found in _EVASION.finditer(traced.text)]
    )


def _redactions(text: str) -> Iterator[re.Match[str]]:
    """Marks between Chinese words and numbers; Latin words, formulas, emphasis and X光 are none."""
    if not any(mark in text for mark in _MARKS):
        return
    emphasis = {at for found in _EMPHASIS.finditer(text) for at in _emphasis_marks(text, found)}
    for found in _RUN.finditer(text):
        start, end = found.span()
        if start not in emphasis and _is_redaction(text, start, end):
            yield found


def _emphasis_marks(text: str, found: re.Match[str]) -> tuple[int, ...]:
    """Where the two marks of **重点** start; in a redaction words go on at both ends."""
    start, end = found.span()
    begins = start == 0 or _PAUSE.match(text[start - 1]) is not None
    return (start, end - 2) if begins or _PAUSE.match(text, end) else ()


def _is_redaction(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    mark, single = text[start], end - start == 1
    sides = [bool(_CHINESE.match(side)) for side in (before, after)]
    numerals = [bool(_NUMERAL.match(side)) for side in (before, after)]
    if mark in _LETTERS:
        if _LATIN.match(before) or (_LATIN.match(after) and not text[end : end + 3].startswith("kV")):
            return False
        if not single:
            return any(sides) or (any(numerals) and after != "")
        if _WORD_AFTER.match(text, end) or _WORD_BEFORE.search(text[max(0, start - 3) : start]):
            return False
        return all(sides) or (sides[1] and before in ("", "\n", ",", ":", ";", "("))
    if mark == "×":
        return any(sides) and (not single or (_NAMED.match(after) is not None and not numerals[0]))
    if not single:
        return any(sides)
    if _HAN.match(before):
        return after != "" and (after.isalpha() or after in "”’」』》")
    return _HAN.match(after) is not None and (sides[0] or _LATIN.match(before) is not None)
