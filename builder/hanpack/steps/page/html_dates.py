"""Finds the day on which the article of an HTML page was published."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import chain

import numpy as np

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.html_page import HtmlPage
from hanpack.steps.page.numeral_days import write_digits
from hanpack.steps.page.patterns import (
    DAY_PATTERN,
    SENTENCE_STOP,
    PagePattern,
    compile_row,
    find_day,
    format_day,
    may_have_day,
    normalize_for_patterns,
)
from hanpack.steps.page.site_lines import is_normalized_info_line
from hanpack.steps.page.stated_date import find_signed_date
from hanpack.steps.page.toolbars import count_buttons

# A line with a day is about the article, not of it, if it has few other characters.
_OTHER_CHARACTERS = 16
# Where the line is: below the title, else above the article or at its beginning.
_LINES_BELOW_TITLE = 8
_LINES_ABOVE_ARTICLE = 8
_LINES_OF_ARTICLE = 3
_LINES_OF_SIGNATURE = 3
# The lines of a toolbar are not counted, up to so many.
_LINES_OF_TOOLBAR = 12
# So many entries with so many days, and this share of the lines, are a list and no article.
_FEWEST_ENTRIES, _FEWEST_DAYS, _SHARE_OF_ENTRIES = 5, 3, 0.4
_ENTRY_CHARACTERS = 100
_DATE_CHARACTERS = 40
_LABELLED_CHARACTERS = 80
# WeChat writes seconds since 1970, and its readers are in China.
_SECONDS_AHEAD_OF_UTC = 8 * 3600

# What is before a date in the markup; the more reliable rows first.
_IS_DATE = r"(?=\s*(?:19|20)\d\d)"
STRUCTURED_DATES = (
    PagePattern(
        "structured data",
        rf"\"(?:datePublished|pubDate|uploadDate)\"\s*:\s*\"{_IS_DATE}",
        '"pubDate": "2019-09-05T11:10:52"',
        '"upDate": "2019-09-05T11:10:52"',
    ),
    PagePattern(
        "microdata",
        rf"\bitemprop\s*=\s*[\"']?datePublished[\"']?[^<>]{{0,200}}?\b(?:content|datetime)\s*=\s*[\"']?{_IS_DATE}",
        '<span itemprop="datePublished" content="2024-3-7">',
        '<span itemprop="dateModified" content="2024-3-7">',
    ),
)
OTHER_DATES = (
    PagePattern(
        "time element",
        rf"<time\b[^<>]{{0,200}}?\bdatetime\s*=\s*[\"']?{_IS_DATE}",
        '<time datetime="2024-03-07T10:20">',
        "<time>2024-03-07</time>",
    ),
    PagePattern(
        "variable of a script",
        rf"\b(?:page)?(?:(?:pub|publish|published|news|create|created)_?(?:time|date|at)|ptime)[\"']?\s*[:=]\s*[\"']"
        rf"{_IS_DATE}",
        "pubtime:'2019-09-23 07:48'",
        "updatetime:'2019-09-23 07:48'",
    ),
    PagePattern(
        "last change",
        rf"\bitemprop\s*=\s*[\"']?date(?:Update|Modified)[\"']?[^<>]{{0,200}}?\bcontent\s*=\s*[\"']?{_IS_DATE}",
        '<meta itemprop="dateUpdate" content="2019-10-08">',
        '<meta itemprop="datePublished" content="2019-10-08">',
    ),
)
SECONDS = (
    PagePattern(
        "seconds of WeChat",
        r"\bvar\s+ct\s*=\s*[\"'](?P<seconds>1\d{9})[\"']",
        'var ct = "1709259000"',
        'var t = "1709259000"',
    ),
)
LABELS = (
    PagePattern(
        "label of the day",
        r"\W?(?:发布|发稿|发表|上传|刊发|发文)(?:时间|日期) *: *(?=(?:19|20)\d\d)",
        "发布时间: 2024-03-07",
        "发布时间: 昨天",
    ),
)
_STRUCTURED = [compile_lazily(row.expression, re.IGNORECASE) for row in STRUCTURED_DATES]
_OTHER = [compile_lazily(row.expression, re.IGNORECASE) for row in OTHER_DATES]
_LABEL = compile_row(LABELS, "label of the day")
# No sentence is the entry of a list, and nothing but the time follows the day at its end.
_TIME = compile_lazily(r" *\d{1,2}:\d\d(?::\d\d)?")
_SECONDS = compile_row(SECONDS, "seconds of WeChat")


def find_date(markup: str, page: HtmlPage, title: str, main_text: Collection[int]) -> str:
    """The day, as in ISO 8601; empty if the page does not say it.

    The places, in this order: structured data, the line under the title or above the main text, time
    elements, variables of scripts, the end of the main text, where a document is signed.

    >>> from hanpack.steps.page.html_text import read_html
    >>> markup = "<h1>春耕</h1><div>2019-09-26 14:21 清江日报</div><p>2018年以来，全县备足化肥。</p>"
    >>> find_date(markup, read_html(markup), "春耕", {0, 2})
    '2019-09-26'
    """
    of_head = _find_in_markup(markup, _STRUCTURED)
    if of_head or _is_list(page, main_text):
        # Of a list, each of whose entries has a day, no day in the page is its own but one above it.
        above = (page.lines[number].text for number in find_info_lines(page, title, main_text))
        return of_head or _read_first(_read_info_line, above)
    return (
        _find_in_lines(page, title, main_text)
        or _find_seconds(markup)
        or _find_in_markup(markup, _OTHER)
        or find_signed_date([page.lines[number].text for number in sorted(main_text)[-_LINES_OF_SIGNATURE:]])
    )


def _is_list(page: HtmlPage, main_text: Collection[int]) -> bool:
    """Whether the main text is a list of titles, most of them with a day."""
    days = [day for number in main_text if (day := _read_entry(page.lines[number].text))]
    return (
        len(days) >= _FEWEST_ENTRIES
        and len(set(days)) >= _FEWEST_DAYS
        and len(days) >= _SHARE_OF_ENTRIES * len(main_text)
    )


def _read_entry(text: str) -> str:
    """The day of a short line that begins or ends with it and is no sentence."""
    if len(text) > _ENTRY_CHARACTERS or not may_have_day(text):
        return ""
    line = normalize_for_patterns(text).strip(" []()")
    if SENTENCE_STOP.search(line):
        return ""
    for day in DAY_PATTERN.finditer(line):
        rest = line[day.end() :]
        if not day.start() or not rest or _TIME.fullmatch(rest):
            return format_day(day)
    return ""


def find_info_lines(page: HtmlPage, title: str, main_text: Collection[int]) -> list[int]:
    """The numbers of the lines below the title or above the main text that are not in it, in order."""
    chosen = set(main_text)
    places = chain.from_iterable(_find_places(page, title, main_text))
    return sorted({number for number in places if 0 <= number < len(page.lines)} - chosen)


def _find_in_markup(markup: str, patterns: Iterable[re.Pattern[str]]) -> str:
    for pattern in patterns:
        if match := pattern.search(markup):
            day = find_day(markup[match.end() : match.end() + _DATE_CHARACTERS])
            if day:
                return day
    return ""


def _find_seconds(markup: str) -> str:
    match = _SECONDS.search(markup)
    if not match:
        return ""
    return str(np.datetime64(int(match["seconds"]) + _SECONDS_AHEAD_OF_UTC, "s").astype("datetime64[D]"))


def _find_places(page: HtmlPage, title: str, main_text: Collection[int]) -> list[Sequence[int]]:
    """The numbers of the lines that may say when an article was published, the more likely places first."""
    squashed = "".join(title.split())
    titles = [
        number
        for number, line in enumerate(page.lines)
        if squashed and "".join(line.text.split()) == squashed
    ]
    first = min((number for number in main_text if number not in titles), default=0)
    places: list[Sequence[int]] = [_skip_buttons(page, number + 1, _LINES_BELOW_TITLE) for number in titles]
    return [
        *places,
        range(first - 1, first - 1 - _LINES_ABOVE_ARTICLE, -1),
        _skip_buttons(page, first, _LINES_OF_ARTICLE),
    ]


def _find_in_lines(page: HtmlPage, title: str, main_text: Collection[int]) -> str:
    for place in _find_places(page, title, main_text):
        lines = [page.lines[number].text for number in place if 0 <= number < len(page.lines)]
        if day := _read_first(_read_info_line, lines) or _read_first(_read_short_line, lines):
            return day
    return _read_first(_read_labelled_line, [line.text for line in page.lines])


def _skip_buttons(page: HtmlPage, first: int, count: int) -> Sequence[int]:
    """The numbers of so many lines from one on, without those of a toolbar."""
    numbers = range(first, min(first + count + _LINES_OF_TOOLBAR, len(page.lines)))
    return [number for number in numbers if not _is_button(page.lines[number].text)][:count]


def _is_button(text: str) -> bool:
    return len(text) <= _LABELLED_CHARACTERS and count_buttons(normalize_for_patterns(text)) is not None


def _read_first(read_day: Callable[[str], str], lines: Iterable[str]) -> str:
    return next(filter(None, map(read_day, lines)), "")


def _read_labelled_line(text: str) -> str:
    """The day of a short line that begins with "发布时间" or the like."""
    # A label ends with a colon, which few lines have.
    if len(text) > _LABELLED_CHARACTERS or not (":" in text or "：" in text):
        return ""
    line = write_digits(normalize_for_patterns(text))
    return find_day(line) if _LABEL.match(line) else ""


def _read_info_line(text: str) -> str:
    """The day of a line that says who published an article and when."""
    line = write_digits(normalize_for_patterns(text))
    return find_day(line) if is_normalized_info_line(line) else ""


def _read_short_line(text: str) -> str:
    """The day of a line that has little else."""
    line = write_digits(normalize_for_patterns(text))
    day = DAY_PATTERN.search(line)
    return format_day(day) if day and len(line) - len(day.group()) <= _OTHER_CHARACTERS else ""
