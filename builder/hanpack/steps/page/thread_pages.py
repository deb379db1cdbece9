"""Reads a page with its thread: the lines of its posts, and who wrote each and when."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.html_page import HtmlPage
from hanpack.steps.page.html_text import read_html
from hanpack.steps.page.main_text import find_main_text
from hanpack.steps.page.markup_tree import read_plain_text
from hanpack.steps.page.post_marks import POST_TYPE, TEXT_CLASS
from hanpack.steps.page.threads import Thread, find_thread

# A page made by scripts has its text in ``noscript``: so many characters, and so many times those elsewhere.
_FEWEST_CHARACTERS, _TIMES_AS_MANY = 60, 2
# What a page may have beside its posts, in characters and as a share of those of its posts.
_MOST_BESIDE, _SHARE_BESIDE = 200, 0.2
_NOSCRIPT = compile_lazily(r"<noscript\b[^<>]*+>", re.IGNORECASE)
_END = compile_lazily(r"</noscript", re.IGNORECASE)


def read_thread(markup: str) -> tuple[HtmlPage, Thread]:
    """The page and its posts, if it has any; the lines of their texts are in ``posts`` of the page.

    >>> head = '<div itemscope itemtype="https://schema.org/Comment"><b itemprop="author">青石</b>'
    >>> page, thread = read_thread(f'{head}<p itemprop="text">同意。</p></div>')
    >>> page.posts, [dict(post.facts) for post in thread.posts]
    (((1, 2),), [{'author': '青石'}])
    """
    page = read_html(markup)
    shows_noscript = _is_for_scripts(markup, page)
    if shows_noscript:
        page = read_html(markup, shows_noscript=True)
    if page.simplified or not _may_have_posts(markup, page):
        return page, Thread()
    thread = find_thread(markup, shows_noscript=shows_noscript)
    if page.posts:
        return page, thread
    posts = _find_lines(page, thread.texts)
    if not posts:
        return page, Thread()
    if not thread.is_marked and not _is_mostly_posts(markup, page, thread, posts):
        return page, Thread()
    return replace(page, posts=posts), thread


def _is_for_scripts(markup: str, page: HtmlPage) -> bool:
    """Whether most of the text of a page is for browsers that run no scripts."""
    start = _NOSCRIPT.search(markup)
    if not start:
        return False
    shown = sum(line.characters - line.link_characters for line in page.lines)
    hidden = 0
    for noscript in _NOSCRIPT.finditer(markup):
        end = _END.search(markup, noscript.end())
        hidden += len(read_plain_text(markup[noscript.end() : end.start() if end else len(markup)]))
        if not end:
            break
    return hidden >= max(_FEWEST_CHARACTERS, _TIMES_AS_MANY * shown)


def _may_have_posts(markup: str, page: HtmlPage) -> bool:
    if page.posts or POST_TYPE.search(markup):
        return True
    texts = TEXT_CLASS.finditer(markup)
    return next(texts, None) is not None and next(texts, None) is not None


def _find_lines(page: HtmlPage, texts: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The lines of each text that has any."""
    starts = [line.runs[0].start for line in page.lines]
    lines = ((bisect_left(starts, start), bisect_left(starts, end)) for start, end in texts)
    return tuple((first, end) for first, end in lines if first < end)


def _is_mostly_posts(markup: str, page: HtmlPage, thread: Thread, posts: Sequence[tuple[int, int]]) -> bool:
    """Whether nearly all main text of a page is that of its posts, and they are no links."""
    lines = [page.lines[number] for post in posts for number in range(*post)]
    written = sum(line.characters - line.link_characters for line in lines)
    if 2 * len(posts) < len(thread.texts) or 2 * written < sum(line.characters for line in lines):
        return False
    around = {n for region in _find_lines(page, thread.regions) for n in range(*region)}
    beside = sum(
        page.lines[number].characters - page.lines[number].link_characters
        for number in find_main_text(markup, page).lines
        if number not in around
    )
    return beside <= min(_MOST_BESIDE, _SHARE_BESIDE * written)
