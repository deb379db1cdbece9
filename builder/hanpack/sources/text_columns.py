"""Chooses the column of a table that has the texts, by what its values are like."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from hanpack.lazy_patterns import compile_lazily

# The names of columns whose values are texts, however short they are.
_TEXT_NAMES = frozenset(
    (
        *("text", "content", "body", "article", "passage", "document", "sentence"),
        *("正文", "内容", "內容", "文本", "全文", "文章", "原文", "句子"),
    )
)
# The names of columns that are parts of one text: a question, what it is about, and its answer.
_QUESTIONS = frozenset(
    ("question", "instruction", "prompt", "query", "问题", "問題", "提问", "提問", "指令", "诉求", "来信内容")
)
_MATTERS = frozenset(("input", "context", "输入", "輸入", "上下文"))
_ANSWERS = frozenset(
    (
        *("answer", "output", "response", "completion", "reply", "chosen"),
        *("回答", "答案", "答复", "答覆", "回复", "回覆", "输出", "輸出", "答复内容", "回复内容"),
    )
)
_JOIN = "to join them, make records of them in Python"
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
    parts = find_parts(columns)
    named = {name for name, values in columns.items() if _is_named_text(name, parts, values)}
    texts = [name for name, (_, is_text) in amounts.items() if is_text or name in named]
    if best in texts or not texts:
        return best if texts else None
    return max(texts, key=lambda name: amounts[name][0])


def find_parts(columns: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The columns that are parts of one text, such as a question and its answer; empty if there are none.

    >>> rows = {"id": ["7"], "instruction": ["何时通水？"], "input": [""], "output": ["本月底。"]}
    >>> find_parts(rows), find_parts({"question": ["何时通水？"]})
    (('instruction', 'output'), ())
    """
    filled = {name: _take_last_key(name) for name, values in columns.items() if any(map(str.strip, values))}
    parts = [name for name, last in filled.items() if last in _QUESTIONS | _MATTERS | _ANSWERS]
    kinds = ({filled[name] for name in parts} & kind for kind in (_QUESTIONS, _ANSWERS))
    return tuple(parts) if all(kinds) else ()


def describe_parts(columns: Mapping[str, Sequence[str]], column: str) -> str:
    """What is said of columns that are parts of one text, of which one is the text; empty if there are none.

    >>> print(describe_parts({"question": ["何时通水？"], "answer": ["本月底。"]}, "answer"))
    ... # doctest: +ELLIPSIS
    question, answer are parts of one text: only answer is the text, the rest is metadata; ...
    """
    parts = find_parts(columns)
    if column not in parts:
        return ""
    joined = ' + "\\n" + '.join(f'row["{part}"]' for part in parts)
    call = f'hanpack.build([{{"text": {joined}}} for row in rows], out="dist/NAME")'
    said = f"{', '.join(parts)} are parts of one text: only {column} is the text, the rest is metadata"
    return f"{said}; {_JOIN}: {call}"


def sort_by_words(columns: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The names of columns, first those whose values have the most words and differ most."""
    return tuple(sorted(columns, key=lambda name: -_measure(columns[name])[0]))


def _measure(values: Sequence[str]) -> tuple[float, bool]:
    """How many different words some values have, and whether they are texts."""
    filled = [(value, number) for value in values if (number := _count_words(value))]
    if not filled:
        return 0.0, False
    total = sum(number for _, number in filled)
    # Texts may differ in a number only, such as those about one proposal each.
    share = len({value for value, _ in filled}) / len(filled)
    return total * share, total / len(filled) * share >= _FEWEST_WORDS


def _count_words(value: str) -> int:
    """The number of words of a value; one token without blanks and Chinese characters is an id."""
    text = _NO_WORDS.sub(" ", value[:_LOOKED_AT])
    is_id = len(text.split()) < 2 and not _WIDE.search(text)
    return 0 if is_id else len(_WORD.findall(text))


def _is_named_text(name: str, parts: Collection[str], values: Sequence[str]) -> bool:
    """Whether a name is that of texts, or is among ``parts`` of one, and any value has letters."""
    return (_take_last_key(name) in _TEXT_NAMES or name in parts) and any(map(_WORD.search, values))


def _take_last_key(name: str) -> str:
    return name.rpartition(".")[2].removesuffix("[]").lower()
