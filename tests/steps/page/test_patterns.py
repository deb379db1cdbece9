"""Every row of every pattern table: the example matches, the counterexample does not."""

from __future__ import annotations

import re
from collections import Counter

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.page import forum_lines as lines
from hanpack.steps.page import (
    forum_signs,
    html_dates,
    html_metadata,
    html_titles,
    html_tokens,
    main_text,
    markdown,
    numeral_days,
    other_views,
    post_headers,
    post_notices,
    recognition,
    site_lines,
    site_patterns,
)
from hanpack.steps.page.patterns import PagePattern, find_day, normalize_for_patterns, union

# Tables whose rows match a whole line or word, with the pattern that the code uses for all of them.
WHOLE_TEXT = {
    "header words": (lines.HEADER_WORDS, lines.HEADER_LINE),
    "header lines": (lines.HEADER_LINES, lines.HEADER_LINE),
    "card lines": (lines.CARD_LINES, lines.CARD_LINE),
    "card parts": (lines.CARD_PARTS, re.compile(union(lines.CARD_PARTS))),
    "notices above a post": (lines.NOTICES_ABOVE_POST, lines.NOTICE_ABOVE_POST),
    "sure buttons": (lines.SURE_BUTTONS, lines.SURE_BUTTON),
    "possible buttons": (lines.POSSIBLE_BUTTONS, lines.BUTTON_ROW),
    "notices under a post": (lines.NOTICES_UNDER_POST, lines.NOTICE_UNDER_POST),
    "footer words": (lines.FOOTER_WORDS, lines.FOOTER_LINE),
    "footer lines": (lines.FOOTER_LINES, lines.FOOTER_LINE),
    "toolbar buttons": (site_patterns.TOOLBAR_BUTTONS, site_patterns.TOOLBAR_BUTTON),
    "sizes as letters": (site_patterns.SIZE_BUTTONS, site_patterns.SIZE_BUTTON),
    "paths": (site_patterns.PATHS, site_patterns.PATH),
    "field labels": (site_patterns.FIELD_LABELS, re.compile(union(site_patterns.FIELD_LABELS))),
    "sure footer lines": (site_patterns.SURE_FOOTER_LINES, site_patterns.SURE_FOOTER_LINE),
    "notices within a post": (post_notices.NOTICES_WITHIN_POST, post_notices.NOTICE_WITHIN_POST),
    "deleted posts": (post_notices.DELETED_POSTS, re.compile(union(post_notices.DELETED_POSTS))),
    "attachments": (post_notices.ATTACHMENTS, re.compile(union(post_notices.ATTACHMENTS))),
    "ratings": (post_notices.RATINGS, re.compile(union(post_notices.RATINGS))),
    "sure lines of Markdown": (markdown.SURE_MARKDOWN_LINES, markdown.SURE_MARKDOWN_LINE),
    "other lines of Markdown": (markdown.OTHER_MARKDOWN_LINES, markdown.OTHER_MARKDOWN_LINE),
    "names of dates": (html_metadata.DATE_NAMES, html_metadata.DATE_NAME),
    "fillers of authors": (html_metadata.AUTHOR_FILLERS, html_metadata.AUTHOR_FILLER),
    "lines of sources": (site_lines.SOURCE_LINES, site_lines.SOURCE_LINE),
    "names of sites": (html_titles.SITE_NAMES, html_titles.SITE_OR_CHANNEL_NAME),
    "other footer lines": (site_patterns.OTHER_FOOTER_LINES, site_patterns.OTHER_FOOTER_LINE),
}
# Tables whose rows are searched for.
ANYWHERE = {
    "post headers": (post_headers.POST_HEADERS, None),
    "thread titles": (post_headers.THREAD_TITLES, None),
    "forum signs": (forum_signs.FORUM_SIGNS, None),
    "card signs": (lines.CARD_SIGNS, lines.CARD_SIGN),
    "footer starts": (lines.FOOTER_STARTS, lines.FOOTER_AT_LINE),
    "telling buttons": (site_patterns.TELLING_BUTTONS, site_patterns.TELLING_BUTTON),
    "shown line breaks": (html_tokens.SHOWN_LINE_BREAKS, html_tokens.SHOWS_LINE_BREAKS),
    "post elements": (html_tokens.POST_ELEMENTS, html_tokens.POST_ELEMENT),
    "hidden elements": (html_tokens.HIDDEN_ELEMENTS, html_tokens.HIDDEN_ELEMENT),
    "sizes of the font": (html_tokens.FONT_SIZES, None),
    "post note elements": (html_tokens.POST_NOTE_ELEMENTS, html_tokens.POST_NOTE_ELEMENT),
    "code elements": (html_tokens.CODE_ELEMENTS, html_tokens.CODE_ELEMENT),
    "boilerplate elements": (main_text.BOILERPLATE_ELEMENTS, main_text.BOILERPLATE_ELEMENT),
    "structured dates": (html_dates.STRUCTURED_DATES, None),
    "other dates": (html_dates.OTHER_DATES, None),
    "days in Chinese numerals": (numeral_days.CHINESE_DAYS, None),
    "seconds": (html_dates.SECONDS, None),
    "separators of a title": (html_titles.SEPARATORS, None),
    "lines of other views": (other_views.VIEW_LINES, None),
    "times": (site_lines.TIMES, None),
    "Discuz! fields": (html_metadata.DISCUZ_FIELDS, None),
    "head elements": (html_metadata.HEAD_ELEMENTS, None),
    "parts of values": (html_metadata.VALUE_PARTS, None),
}


def rows_of(tables: dict[str, tuple[tuple[PagePattern, ...], re.Pattern[str] | None]]) -> list[object]:
    return [
        pytest.param(row, pattern, id=f"{table}: {row.name}")
        for table, (rows, pattern) in tables.items()
        for row in rows
    ]


@pytest.mark.parametrize(("row", "pattern"), rows_of({**WHOLE_TEXT}))
def test_a_row_of_whole_lines(row: PagePattern, pattern: re.Pattern[str]) -> None:
    assert re.fullmatch(row.expression, row.example)
    assert not re.fullmatch(row.expression, row.counterexample)
    assert pattern.fullmatch(row.example)
    assert not pattern.fullmatch(row.counterexample)


@pytest.mark.parametrize(("row", "pattern"), rows_of({**ANYWHERE}))
def test_a_row_that_is_searched_for(row: PagePattern, pattern: re.Pattern[str] | None) -> None:
    table_pattern = pattern or re.compile(row.expression, re.MULTILINE)
    assert re.search(row.expression, row.example, re.MULTILINE)
    assert table_pattern.search(row.example)
    assert not table_pattern.search(row.counterexample)


@pytest.mark.parametrize("table", [*WHOLE_TEXT, *ANYWHERE])
def test_the_rows_of_a_table_have_names_of_their_own(table: str) -> None:
    rows, _ = {**WHOLE_TEXT, **ANYWHERE}[table]
    assert rows
    assert max(Counter(row.name for row in rows).values()) == 1


def test_the_tables_of_forum_and_site_lines_contain_normalised_text() -> None:
    rows = [row for rows, _ in WHOLE_TEXT.values() for row in rows] + [*forum_signs.FORUM_SIGNS]
    assert rows
    for row in rows:
        assert normalize_for_patterns(row.example) == row.example


@pytest.mark.parametrize(
    ("text", "pattern", "fields"),
    [
        (
            "2楼 青石 | 发表于 2023-4-5 08:09",
            post_headers.HEADER_WITHOUT_TOOLS,
            {"author": "青石", "year": "2023", "month": "4", "day": "5", "clock": "08:09"},
        ),
        (
            "流水 | 发表于 昨天 21:05 来自手机 | 只看该作者",
            post_headers.HEADER_WITH_TOOLS,
            {"author": "流水", "year": None, "month": None, "day": None, "clock": None},
        ),
        ("[湖北省] 方案", post_headers.REGION, {"region": "湖北省"}),
        ("[清江县] 方案", post_headers.REGION, {"region": "清江县"}),
        ("主题 : 镇志编修", post_headers.SUBJECT, {"title": "镇志编修"}),
        (
            "方案 - 公文 - Powered by Discuz!",
            post_headers.WINDOW_TITLE,
            {"title": "方案"},
        ),
    ],
)
def test_the_named_parts_of_a_pattern(
    text: str, pattern: re.Pattern[str], fields: dict[str, str | None]
) -> None:
    match = pattern.match(text)
    assert match is not None
    assert match.groupdict() == fields


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-3-7T10:00", "2024-03-07"),
        ("2024年12月31日", "2024-12-31"),
        ("2024-13-1", ""),
        ("2024-1-32", ""),
        ("昨天", ""),
        ("1823-4-5", ""),
    ],
)
def test_a_day_is_read_as_in_iso_8601_or_not_at_all(text: str, day: str) -> None:
    assert find_day(text) == day


@given(st.text())
def test_normalised_text_has_the_same_length(text: str) -> None:
    assert len(normalize_for_patterns(text)) == len(text)


def test_every_edition_of_a_software_gives_the_same_text() -> None:
    assert normalize_for_patterns("發表於　2024-6-15｜顯示全部樓層，閱讀模式") == (
        "发表于 2024-6-15|显示全部楼层,阅读模式"
    )


def test_a_page_or_a_toolbar_begins_with_one_of_the_openers() -> None:
    openers = (recognition._BEGINNING.pattern, recognition._TOOLBAR.pattern)
    may_begin = regex.compile("|".join(f"(?:{pattern})" for pattern in openers))
    others = [
        character
        for character in map(chr, range(0x10000))
        if not character.isspace()
        and character not in recognition.OPENERS
        and may_begin.fullmatch(character, partial=True)
    ]
    assert others == []
    assert all(may_begin.fullmatch(character, partial=True) for character in recognition.OPENERS)
