"""Reads who wrote and who published an article from the lines around it, which are no part of its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.html_page import VisibleLine
from hanpack.steps.page.patterns import DAY_PATTERN, SENTENCE_STOP, normalize_for_patterns
from hanpack.steps.page.site_patterns import FIELD_LABEL

# A line with such fields is no longer, and a value is no longer.
_LINE_CHARACTERS, _VALUE_CHARACTERS = 160, 40
_NAMES = ("author", "publisher")
# What ends a value, beside the next label and a day: a button or another label, set apart.
_VALUE_END = compile_lazily(
    r" {2,}| *[|\[【〔]| +\S{1,8} *:|\d{1,2}:\d\d| +(?:本报|本网|本刊|特约)?(?:记者|通讯员)"
    r"| +(?:举报|分享|评论|参与|跟贴|收藏|打印|转发|复制|关注|订阅|手机看|我要|大 +中|[大中小]$)"
)
# The labels as they may be written in a page, in either script.
_LABEL = compile_lazily(r"[来來]源|稿源|作者|撰稿|[发發][布佈](?:机构|機構|单位|單位)|[信资資][息讯訊]提供")
_AROUND_VALUE = " |[]【】〔〕,;:-—"


def may_have_fields(markup: str) -> bool:
    """Whether any label is in a page: most pages that have none need no further look."""
    return _LABEL.search(markup) is not None


def read_fields_of_lines(lines: Iterable[VisibleLine]) -> Mapping[str, str]:
    """The author and the publisher that lines such as "来源：清江日报 作者：李青" name, the first of each.

    >>> from hanpack.steps.page.html_text import read_html
    >>> page = read_html("<p>2024-03-07 10:20<b>来源：清江日报</b><b>作者：李青</b> 字体：大 中</p>")
    >>> dict(read_fields_of_lines(page.lines))
    {'publisher': '清江日报', 'author': '李青'}
    """
    fields: dict[str, str] = {}
    for line in lines:
        # A label ends with a colon, which few lines have.
        if line.characters <= _LINE_CHARACTERS and any(
            ":" in run.text or "：" in run.text for run in line.runs
        ):
            for name, value in _read_fields(_join_apart(line)):
                fields.setdefault(name, value)
    return fields


def _join_apart(line: VisibleLine) -> str:
    """The text of a line; a label with which a run begins is set apart from the run before it."""
    pieces = []
    for run in line.runs:
        is_label = FIELD_LABEL.match(normalize_for_patterns(run.text)) is not None
        pieces.append(f" {run.text}" if run.separator or is_label else run.text)
    return "".join(pieces).strip()


def _read_fields(text: str) -> Iterator[tuple[str, str]]:
    line = normalize_for_patterns(text)
    if len(line) > _LINE_CHARACTERS or SENTENCE_STOP.search(line):
        return
    labels = [label for label in FIELD_LABEL.finditer(line) if _begins_word(line, label)]
    ends = [label.start() for label in labels[1:]] + [len(line)]
    for label, end in zip(labels, ends, strict=bool(labels)):
        if label.lastgroup not in _NAMES:
            continue
        value = line[label.end() : end]
        for pattern in (DAY_PATTERN, _VALUE_END):
            if match := pattern.search(value):
                value = value[: match.start()]
        start = label.end() + len(value) - len(value.lstrip(_AROUND_VALUE + "("))
        value = value.lstrip(_AROUND_VALUE + "(").rstrip(_AROUND_VALUE)
        # A bracket that the value itself opens belongs to it: 每日经济新闻(成都).
        if "(" not in value:
            value = value.rstrip(_AROUND_VALUE + ")")
        if 0 < len(value) <= _VALUE_CHARACTERS:
            yield label.lastgroup, text[start : start + len(value)]


def _begins_word(line: str, label: re.Match[str]) -> bool:
    """Whether a label is no end of a longer word, such as 图片来源."""
    return not label.start() or not line[label.start() - 1].isalpha()
