"""Chooses the column of a table that has the texts, by what its values are like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hanpack.lazy_patterns import compile_lazily

# The names of columns whose values are texts, however short they are.
_TEXT_NAMES = frozenset(
    (
        *("text", "content", "body", "article", "passage", "document", "sentence"),
        *("正文", "内容", "內容", "文本", "全文", "文章", "原文", "句子"),
    )
)
# So much of a value is looked at, in characters.
_LOOKED_AT = 20_000
# A text has at least so many words on average; each character of Chinese, Japanese or Korean counts as one.
_FEWEST_WORDS = 5
_HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u3040-\u30ff\uac00-\ud7af"
_WORD = compile_lazily(rf"[{_HAN}]|[^\W\d_{_HAN}]+")
# What is no word: tags of HTML, addresses of pages and of mail, and the parts of days and times.
_NO_WORDS = compile_lazily(
    r"<[^<>]{1,400}>|(?:https?://|www\.)[!-~]+|(?<![!-~])[!-?A-~]{1,64}@[!-~]{1,255}"
    r"|[0-9]{1,4} ?[年月日号时點点分秒]|(?:星期|周|週)[一二三四五六日天]|[上下]午"
)
_WIDE = compile_lazily(rf"[{_HAN}]")


def choose_text_column(columns: Mapping[str, Sequence[str]]) -> str | None:
    """The column whose values have the most words and differ most; None if none has texts.

    Days, numbers, ids, addresses and the names of people and places are no texts. ``columns`` has some values
    of each column.

    >>> rows = {"日期": ["2024年1月1日", "2024年1月2日"], "摘要": ["今年以来经济增长。", "明年的计划如下。"]}
    >>> choose_text_column(rows), choose_text_column({"日期": rows["日期"], "编号": ["A1", "B2"]})
    ('摘要', None)
    """
    amounts = {name: _measure(values) for name, values in columns.items()}
    best = max(amounts, key=lambda name: amounts[name][0], default=None)
    texts = [name for name, (_, is_text) in amounts.items() if is_text or _is_named_text(name, columns[name])]
    if best in texts or not texts:
        return best if texts else None
    return max(texts, key=lambda name: amounts[name][0])


def _measure(values: Sequence[str]) -> tuple[float, bool]:
    """How many different words some values have, and whether they are texts."""
    words = [_list_words(value) for value in values]
    filled = [of_value for of_value in words if of_value]
    if not filled:
        return 0.0, False
    total = sum(map(len, filled))
    share = len(set(map(tuple, filled))) / len(filled)
    return total * share, total / len(filled) * share >= _FEWEST_WORDS


def _list_words(value: str) -> list[str]:
    """The words of a value; one token without blanks and Chinese characters is an id."""
    text = _NO_WORDS.sub(" ", value[:_LOOKED_AT])
    words = _WORD.findall(text)
    is_id = len(text.split()) < 2 and not _WIDE.search(text)
    return [] if is_id else words


def _is_named_text(name: str, values: Sequence[str]) -> bool:
    """Whether the last key of a name is that of texts, and any value has letters."""
    last = name.rpartition(".")[2].removesuffix("[]").lower()
    return last in _TEXT_NAMES and any(map(_WORD.search, values))
