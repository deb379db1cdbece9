"""Decides whether the first row of a table names its columns or is a record, by its cells and those below.

The idea is that of ``csv.Sniffer.has_header``: each column votes. A cell of the first row that is a value of
the same kind as those below it (a number above numbers, a sentence above sentences) speaks for a record, a
name above values of another kind for a header. What is taken for a header is lost: a tie is a record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.column_fields import find_field
from hanpack.steps.sentence_marks import CLOSING_MARKS, STOPS

# The names that columns have, without units and marks, and how longer ones end.
_NAME_LIST = (
    "id no no. name title text content body date time url label author source category type summary "
    "abstract question answer key value index tags language lang sentence document article passage "
    "编号 編號 序号 序號 姓名 性别 性別 年龄 年齡 电话 電話 手机 邮箱 正文 内容 內容 文本 全文 文章 "
    "原文 句子 摘要 类别 類別 类型 分类 标签 意见 建议 问题 回复 答复 问 答 诉求 年份 单位 部门 栏目 "
    "地址 备注 備註 说明 状态 来信 金额 数量 联系人 负责人 申请人 发件人 收件人"
)
_NAMES = frozenset(_NAME_LIST.split())
_ENDINGS = (
    *("名称", "名稱", "编号", "編號", "日期", "时间", "時間", "类型", "类别", "单位", "單位", "内容", "內容"),
    *("标题", "標題", "地址", "电话", "状态", "结果", "说明", "备注", "意见", "金额", "数量", "情况", "代码"),
)
_MARKS = compile_lazily(r"[（(\[【][^）)\]】]*[）)\]】]?|^[0-9]{1,2}[.、．]|[*:：\s]+")
_IDENTIFIER = compile_lazily(r"[A-Za-z]+(?:_[A-Za-z0-9]+)+")
_LONGEST_NAME = 11
# What stands in a cell that has no value.
_PLACEHOLDERS = frozenset(
    ("无", "無", "暂无", "未知", "不详", "-", "--", "—", "——", "/", "n/a", "null", "none", "nan")
)
_DIGIT = "[0-9〇零一二三四五六七八九十]"
_HAN = r"[\u4e00-\u9fff]"
# The kinds of values but sentences, the first that fits, and the longest that is looked at, in characters.
_LONGEST_VALUE = 300
_KINDS = {
    "address": compile_lazily(
        r"(?:https?://|ftp://|www\.)\S+|[!-?A-~]{1,64}+@[!-\-/-?A-~]++(?>\.[!-\-/-?A-~]++)++"
        r"|\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?"
    ),
    "day": compile_lazily(
        rf"(?:{_DIGIT}{{4}}\s?[-/.年]\s?{_DIGIT}{{1,3}}\s?(?:[-/.月]\s?{_DIGIT}{{1,3}}\s?[日号]?|月)"
        rf"|{_DIGIT}{{1,3}}月{_DIGIT}{{1,3}}[日号]|\d{{1,2}}/\d{{1,2}}/\d{{4}})(?:[T\s].{{0,24}})?"
        r"|\d{1,2}:\d{2}(?::\d{2})?"
    ),
    "year": compile_lazily(r"(?:19|20)\d\d年?"),
    "number": compile_lazily(
        r"[-+]?[¥￥$]?\d[\d,]*(?:\.\d+)?\s?[%％万亿元]{0,2}|\+?[\d(（][\d\-() （）]{6,20}"
    ),
    "place": compile_lazily(
        rf"{_HAN}{{2,20}}[省市区县镇乡]{_HAN}{{1,20}}[路街巷村道弄]{_HAN}{{0,20}}\d+号?.{{0,20}}"
    ),
}
_FORMATTED = ("address", "day", "number")
_CJK = r"\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af"
_WORD = compile_lazily(rf"[{_CJK}]|[^\W_{_CJK}]+")
_DIGITS, _LETTERS = compile_lazily(r"\d+"), compile_lazily(r"[A-Za-z]+")
# So much of the words of a cell is looked at, in characters.
_LOOKED_AT = 2_000


class HeaderSigns(NamedTuple):
    """How much speaks for a first row that is a record, and for one that names the columns."""

    record: int
    names: int

    @property
    def is_record(self) -> bool:
        """Whether the row is a record."""
        return 0 < self.record >= self.names

    @property
    def is_doubtful(self) -> bool:
        """Whether a row that is taken for names may be a record: little says that it is not."""
        return not self.is_record and self.names <= 2 * self.record


def weigh_first_row(first: Sequence[str], rows: Sequence[Sequence[str]]) -> HeaderSigns:
    """Weigh the signs of the first row of a table; ``rows`` are some of those below it, of the same length.

    >>> rows = [["乙", "各地做好防火。", "2024-01-02"]]
    >>> weigh_first_row(["甲", "各地做好春耕。", "2024-01-01"], rows).is_record
    True
    >>> weigh_first_row(["姓名", "意见", "日期"], rows).is_record
    False
    """
    cells = [cell.strip() for cell in first]
    filled = [cell for cell in cells if cell]
    if len(filled) > 1 and any(filled == [str(start + n) for n in range(len(filled))] for start in (0, 1)):
        # The names that programs give to columns without names.
        return HeaderSigns(0, 1)
    # Tables that were put one after another repeat the header.
    below = [row for row in ([cell.strip() for cell in row] for row in rows) if row != cells]
    votes = [
        _weigh_cell(cell, [row[index] for row in below if row[index] and not _is_placeholder(row[index])])
        for index, cell in enumerate(cells)
        if cell
    ]
    repeated = len(set(filled)) < len(filled)
    return HeaderSigns(sum(vote.record for vote in votes) + repeated, sum(vote.names for vote in votes))


def _weigh_cell(cell: str, below: Sequence[str]) -> HeaderSigns:
    """Weigh a cell of the first row by the cells below it that have values."""
    if _is_placeholder(cell):
        return HeaderSigns(2, 0)
    # A name that comes again below is a category, such as 意见 and 建议 of letters.
    if _is_name(cell) and cell not in below:
        return HeaderSigns(0, 3)
    record = _weigh_value(cell, below)
    return HeaderSigns(record, 0 if record else _weigh_name(cell, below))


def _weigh_value(cell: str, below: Sequence[str]) -> int:
    """How much says that a cell is a value such as those below it."""
    kind = _find_kind(cell)
    length = _count_words(cell)
    typical = _find_typical_length(below)
    # Names are short; a long one above a text is much shorter than the text, above a value much longer.
    is_long = length > _LONGEST_NAME and typical / 4 <= length <= typical * 4
    weight = int(is_long) + int(cell in below)
    if kind == "address" or (kind and _has_share(kind, below, 0.5)):
        return weight + 2
    if kind and not below:
        return weight + 2 * (kind not in ("year", "question"))
    if kind == "sentence" and is_long:
        return weight + 1
    is_code = len(cell) > 2 and any(map(str.isdigit, cell)) and not kind
    shape = _find_shape(cell)
    alike = sum(_find_shape(value) == shape for value in below)
    return weight + 2 * (is_code and alike > 0 and alike >= 0.8 * len(below))


def _weigh_name(cell: str, below: Sequence[str]) -> int:
    """How much says that a cell, which is not like the values below it, names them."""
    bare = _MARKS.sub("", cell)
    is_named = bool(_IDENTIFIER.fullmatch(cell)) or (bare.endswith(_ENDINGS) and len(bare) <= _LONGEST_NAME)
    is_apart = any(_has_share(kind, below, 0.8) for kind in _FORMATTED)
    length = _count_words(cell)
    is_above_text = _has_share("sentence", below, 0.8) or _find_typical_length(below) > max(4 * length, 20)
    return 2 * is_named + 2 * is_apart + (is_above_text and length <= _LONGEST_NAME)


def _is_name(cell: str) -> bool:
    bare = _MARKS.sub("", cell).lower()
    return bare in _NAMES or bool(find_field(cell) or find_field(bare))


def _is_placeholder(cell: str) -> bool:
    return cell.lower() in _PLACEHOLDERS


def _has_share(kind: str, values: Sequence[str], share: float) -> bool:
    """Whether so many values are of a kind; a year is also a number."""
    kinds = Counter(map(_find_kind, values))
    count = kinds[kind] + (kinds["year"] if kind == "number" else 0)
    return bool(values) and count >= share * len(values)


def _find_kind(value: str) -> str:
    """The kind of a value, empty if it has none.

    >>> [_find_kind(value) for value in ("2024年3月1日", "3.5%", "请予支持。", "张三")]
    ['day', 'number', 'sentence', '']
    """
    if len(value) <= _LONGEST_VALUE:
        for kind, pattern in _KINDS.items():
            if pattern.fullmatch(value):
                return kind
    end = value.rstrip(CLOSING_MARKS + '"')[-2:]
    if end.endswith(("？", "?")):
        return "question"
    is_english = end.endswith(".") and end[:1].islower() and " " in value
    return "sentence" if is_english or end.endswith(tuple(STOPS + "…")) else ""


def _find_shape(value: str) -> str:
    """A value with a 9 for each number and an a for each run of letters, as codes are alike in.

    >>> _find_shape("XH-2024-001")
    'a-9-9'
    """
    return _LETTERS.sub("a", _DIGITS.sub("9", value[:_LOOKED_AT]))


def _count_words(value: str) -> int:
    """The words of a value; each character of Chinese, Japanese or Korean counts as one."""
    return len(_WORD.findall(value[:_LOOKED_AT]))


def _find_typical_length(values: Sequence[str]) -> int:
    lengths = sorted(map(_count_words, values))
    return lengths[len(lengths) // 2] if lengths else 0
