"""Reads a page with its thread: the lines of its posts, and who wrote each and when."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.html_page import HtmlPage, VisibleLine
from hanpack.steps.page.html_text import read_html
from hanpack.steps.page.main_text import MainText, find_main_text
from hanpack.steps.page.markup_tree import read_plain_text
from hanpack.steps.page.post_marks import POST_TYPE, TEXT_CLASS
from hanpack.steps.page.stated_posts import may_state_posts
from hanpack.steps.page.threads import Thread, find_thread

# A page made by scripts has its text in ``noscript``: so many characters, and so many times those elsewhere.
_FEWEST_CHARACTERS, _TIMES_AS_MANY = 60, 2
# What a page may have beside its posts, in characters and as a share of those of its posts.
_MOST_BESIDE, _SHARE_BESIDE = 200, 0.2
_NOSCRIPT = compile_lazily(r"<noscript\b[^<>]*+>", re.IGNORECASE)
_END = compile_lazily(r"</noscript", re.IGNORECASE)


class ThreadPage(NamedTuple):
    """A page, its thread, and its main text if that was needed to decide whether it is one; else None."""

    page: HtmlPage
    thread: Thread
    main_text: MainText | None = None


def read_thread(markup: str) -> ThreadPage:
    """The page and its posts, if it has any; the lines of their texts are in ``posts`` of the page.

    >>> head = '<div itemscope itemtype="https://schema.org/Comment"><b itemprop="author">青石</b>'
    >>> page, thread, _ = read_thread(f'{head}<p itemprop="text">同意。</p></div>')
    >>> page.posts, [dict(post.facts) for post in thread.posts]
    (((1, 2),), [{'author': '青石'}])
    """
    page = read_html(markup)
    shows_noscript = _is_for_scripts(markup, page)
    if shows_noscript:
        page = read_html(markup, shows_noscript=True)
    if page.simplified or not _may_have_posts(markup, page):
        return ThreadPage(page, Thread())
    thread = find_thread(markup, shows_noscript=shows_noscript)
    if page.posts:
        return ThreadPage(page, thread)
    posts = _find_lines(page, thread.texts)
    if not posts:
        return ThreadPage(page, Thread())
    if not thread.is_marked:
        if not _are_read_posts(page, thread, posts):
            return ThreadPage(page, Thread())
        main_text = find_main_text(markup, page)
        if not _is_mostly_posts(page, thread, posts, main_text):
            return ThreadPage(page, Thread(), main_text)
    return ThreadPage(replace(page, posts=posts), thread)


def _is_for_scripts(markup: str, page: HtmlPage) -> bool:
    """Whether most of the text of a page is for browsers that run no scripts."""
    noscript = _NOSCRIPT.search(markup)
    if not noscript:
        return False
    shown = sum(map(_count_written, page.lines))
    hidden = 0
    while noscript:
        end = _END.search(markup, noscript.end())
        hidden += len(read_plain_text(markup[noscript.end() : end.start() if end else len(markup)]))
        # What opens within it is part of it.
        noscript = _NOSCRIPT.search(markup, end.end()) if end else None
    return hidden >= max(_FEWEST_CHARACTERS, _TIMES_AS_MANY * shown)


def _may_have_posts(markup: str, page: HtmlPage) -> bool:
    if page.posts or POST_TYPE.search(markup) or may_state_posts(markup):
        return True
    texts = TEXT_CLASS.finditer(markup)
    return next(texts, None) is not None and next(texts, None) is not None


def _find_lines(page: HtmlPage, texts: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The lines of each text that has any."""
    starts = [line.runs[0].start for line in page.lines]
    lines = ((bisect_left(starts, start), bisect_left(starts, end)) for start, end in texts)
    return tuple((first, end) for first, end in lines if first < end)


def _are_read_posts(page: HtmlPage, thread: Thread, posts: Sequence[tuple[int, int]]) -> bool:
    """Whether most posts have lines, most of whose text is no link."""
    lines = [page.lines[number] for post in posts for number in range(*post)]
    written = sum(map(_count_written, lines))
    return 2 * len(posts) >= len(thread.texts) and 2 * written >= sum(line.characters for line in lines)


def _is_mostly_posts(
    page: HtmlPage, thread: Thread, posts: Sequence[tuple[int, int]], main_text: MainText
) -> bool:
    """Whether nearly all main text of a page is that of its posts."""
    around = {n for region in _find_lines(page, thread.regions) for n in range(*region)}
    written = sum(_count_written(page.lines[number]) for post in posts for number in range(*post))
    beside = sum(_count_written(page.lines[number]) for number in main_text.lines if number not in around)
    return beside <= min(_MOST_BESIDE, _SHARE_BESIDE * written)


def _count_written(line: VisibleLine) -> int:
    """The characters of a line that are no link."""
    return line.characters - line.link_characters
