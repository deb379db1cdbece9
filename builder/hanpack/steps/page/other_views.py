"""Reads the views of a forum thread that have no frame: for printing, and for archives and search engines."""

from __future__ import annotations

import re
from itertools import pairwise

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.forum import leave_out_notices, read_segments
from hanpack.steps.page.page_content import PageContent
from hanpack.steps.page.patterns import (
    DAY,
    PagePattern,
    TextSpan,
    compile_row,
    format_day,
    normalize_for_patterns,
)
from hanpack.steps.page.post_headers import NAME
from hanpack.steps.page.posts import Post, list_facts

_END_CHARACTERS = 2_000
VIEW_SIGNS = ("打印本页", "打印本頁", "列印本頁", "完整版本")
_CLOCK = r"(?: ?[上下]午)? *\d{1,2}:\d\d(?::\d\d)?(?: *[AP]M)?"

VIEW_LINES = (
    PagePattern(
        "title for printing",
        r"^ *标题 *: *(?P<title>\S.{0,150}?) *\[ *(?:打印|列印)本页 *\] *$",
        "标题: 防汛方案 [打印本页]",
        "标题: 防汛方案",
    ),
    PagePattern(
        "title for archives",
        r"^ *(?:查看|[检檢][视視])完整版本 *: *(?:\[-+ *)?(?P<title>\S.{0,150}?)(?: *-+\])? *$",
        "查看完整版本: [-- 防汛方案 --]",
        "请查看完整版本",
    ),
    PagePattern(
        "post for printing",
        rf"^ *作者 *: *(?P<author>{NAME}) +(?:发[表布])?时间 *: *{DAY}(?P<clock>{_CLOCK})?"
        r"(?: +标题 *: *.{0,150})? *$",
        "作者: 青石    时间: 2010-4-5 23:44     标题: 防汛方案",
        "作者: 青石",
    ),
    PagePattern(
        "post for archives",
        rf"^ *(?P<author>{NAME})(?: +| *发表于 *){DAY}(?P<clock>{_CLOCK})? *$",
        "青石 2010-4-5 23:44",
        "青石于 2010 年",
    ),
    PagePattern(
        "end of the view",
        r"^ *(?:页 *: *(?>\[?\d{1,4}\]?[ ,.]*+)++|[欢歡]迎光[临臨] .{1,80}\(https?:.{1,100}"
        r"|Powered by .{1,80}"
        r"|(?:查看|[检檢][视視])完整版本 *:.*) *$",
        "欢迎光临 清江论坛 (http://bbs.example.org/) Powered by Discuz! 7.2",
        "欢迎光临清江论坛",
    ),
)
PRINTED_TITLE = compile_row(VIEW_LINES, "title for printing", re.MULTILINE)
ARCHIVED_TITLE = compile_row(VIEW_LINES, "title for archives", re.MULTILINE)
PRINTED_POST = compile_row(VIEW_LINES, "post for printing", re.MULTILINE)
ARCHIVED_POST = compile_row(VIEW_LINES, "post for archives", re.MULTILINE)
VIEW_END = compile_row(VIEW_LINES, "end of the view", re.MULTILINE)
_LINE = compile_lazily(r"[^\n]+")


def read_other_view(text: str, start: int = 0) -> PageContent | None:
    r"""Find the posts of a printed or archived thread in ``text[start:]``; None if it is none.

    >>> page = "标题: 防汛 [打印本页]\n作者: 青石  时间: 2010-4-5 23:44\n备足物资。\nPowered by Discuz! 7.2\n"
    >>> content = read_other_view(page)
    >>> [page[slice(*span)] for span in content.spans], content.metadata
    (['备足物资。'], {'title': '防汛', 'author': '青石', 'date': '2010-04-05'})
    """
    head, tail = text[start : start + _END_CHARACTERS], text[max(start, len(text) - _END_CHARACTERS) :]
    if not any(sign in head or sign in tail for sign in VIEW_SIGNS):
        return None
    normalized = normalize_for_patterns(text)
    ends = ((start, start + _END_CHARACTERS), (max(start, len(text) - _END_CHARACTERS), len(text)))
    for title_pattern, post_pattern in ((PRINTED_TITLE, PRINTED_POST), (ARCHIVED_TITLE, ARCHIVED_POST)):
        title = next(filter(None, (title_pattern.search(normalized, *end) for end in ends)), None)
        headers = list(post_pattern.finditer(normalized, start)) if title else []
        if title and headers:
            return _read_posts(text, normalized, title, headers)
    return None


def _read_posts(
    text: str, normalized: str, title: re.Match[str], headers: list[re.Match[str]]
) -> PageContent:
    metadata = {
        "title": text[slice(*title.span("title"))],
        "author": text[slice(*headers[0].span("author"))],
        "date": format_day(headers[0]),
    }
    spans: list[TextSpan] = []
    posts: list[Post] = []
    limits = [*(header.start() for header in headers), len(text)]
    for header, (_, limit) in zip(headers, pairwise(limits), strict=True):
        view_end = VIEW_END.search(normalized, header.end(), limit)
        end = view_end.start() if view_end else limit
        author = text[slice(*header.span("author"))]
        posts.append(Post(header.start(), end, list_facts(author, format_day(header), header["clock"])))
        spans += leave_out_notices(read_segments(normalized, header.end(), end))
    return PageContent(
        spans=tuple(spans),
        metadata={name: value for name, value in metadata.items() if value},
        posts=posts,
    )
