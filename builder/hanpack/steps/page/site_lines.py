"""Tells the lines in which a site says who published an article and when, and its buttons, from the text."""

from __future__ import annotations

from functools import lru_cache

from hanpack.steps.page.patterns import (
    DAY_PATTERN,
    SENTENCE_STOP,
    PagePattern,
    compile_row,
    may_have_day,
    normalize_for_patterns,
)
from hanpack.steps.page.site_patterns import (
    FIELD_LABEL,
    OTHER_FOOTER_LINE,
    SURE_FOOTER_LINE,
)
from hanpack.steps.page.toolbars import count_buttons

_LINE_CHARACTERS = 120
SOURCE_LINES = (
    PagePattern(
        "source of the article",
        r"[(\[]?(?:本文|文章|稿件|原文)(?:来源|转自) *: *\S{1,20}"
        r"(?: {1,3}(?:作者|责任编辑|编辑) *: *.{1,30})?[)\]]?",
        "本文来源: 清江日报 责任编辑: 李青",
        "本文来源于生活",
    ),
)
SOURCE_LINE = compile_row(SOURCE_LINES, "source of the article")
# The time of day after a date.
TIMES = (PagePattern("time of day", r"\d{1,2}[:时]\d{1,2}", "10:20", "10日"),)
_TIME = compile_row(TIMES, "time of day")


def is_site_line(text: str) -> bool:
    """Whether a short line has a date with a time or a field, or is one of a footer or a toolbar.

    >>> is_site_line("2024-03-07 10:20 来源：清江日报"), is_site_line("清江县水利局 2024年3月6日")
    (True, False)
    """
    return len(text) <= _LINE_CHARACTERS and _is_short_site_line(text)


@lru_cache(maxsize=4096)
def _is_short_site_line(text: str) -> bool:
    """The same of a short line; several parts of this stage ask it of each line of a page."""
    line = normalize_for_patterns(text).strip()
    return (
        is_normalized_info_line(line)
        or SOURCE_LINE.fullmatch(line) is not None
        or SURE_FOOTER_LINE.fullmatch(line) is not None
        or OTHER_FOOTER_LINE.fullmatch(line) is not None
        or count_buttons(line) is not None
    )


def has_day_and_time(text: str) -> bool:
    """Whether a text has a date with a time of day after it, as what a site says about a post or an article.

    >>> has_day_and_time("1590 有用 看过 2024-04-07 09:53:05 浙江"), has_day_and_time("2024年4月7日大事记")
    (True, False)
    """
    line = normalize_for_patterns(text)
    return any(_TIME.match(line[day.end() :].lstrip(" T")) for day in DAY_PATTERN.finditer(line))


def is_info_line(line: str) -> bool:
    """Whether a short line is no sentence and has a date with a time or a field such as "来源:"."""
    return len(line) <= _LINE_CHARACTERS and is_normalized_info_line(normalize_for_patterns(line))


def is_normalized_info_line(line: str) -> bool:
    """The same of a line that is normalised already."""
    day = DAY_PATTERN.search(line) if may_have_day(line) else None
    if not day or len(line) > _LINE_CHARACTERS or SENTENCE_STOP.search(line):
        return False
    return _TIME.match(line[day.end() :].lstrip(" T")) is not None or FIELD_LABEL.search(line) is not None
