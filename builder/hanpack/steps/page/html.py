"""Reduces an HTML page to its main text, every character of which is traced to the page.

Entities become characters, blocks become lines, and tables, lists and code become Markdown; what is not main
text is removed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import chain

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.html_headings import find_headings
from hanpack.steps.page.html_metadata import read_metadata
from hanpack.steps.page.html_page import HtmlPage
from hanpack.steps.page.html_titles import find_title_lines
from hanpack.steps.page.kept_lines import PackedReplacements, keep_lines
from hanpack.steps.page.main_text import find_main_text
from hanpack.steps.page.markdown import is_markdown
from hanpack.steps.page.posts import describe_first_post, describe_posts
from hanpack.steps.page.thread_pages import read_thread
from hanpack.steps.replacements import Replacement
from hanpack.steps.traced import SourceHeading, Traced

STEP = "html"
_SNIFFED_CHARACTERS = 4_000
# A page begins with one of these, after comments and declarations.
_PAGE_START = compile_lazily(
    r"(?>\s*+(?:<!--(?>.*?-->)|<\?xml[^>]*>))*+\s*+<(?:!doctype\s+html|html|body|head)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_PAGE_ANYWHERE = compile_lazily(r"<!doctype\s+html|<html[\s>]|<body[\s>]|<head[\s>]", re.IGNORECASE)
_FRAGMENT_START = compile_lazily(
    r"\s*<(?:div|p|table|article|section|span|h[1-6]|ul|ol|center|font|td)[\s>]", re.IGNORECASE
)


def extract_html(traced: Traced) -> Traced:
    r"""Keep the main text of an HTML page; record title, date, author, region, publisher and url.

    The text of a heading gets no mark: its level is in ``headings``, beside the text. A text that is no HTML
    comes back as it is. A page whose main text is uncertain keeps all that could be
    main text and gets a flagged edit at its end.

    >>> from hanpack.steps.decode.decoding import decode
    >>> page = '<html><title>答复</title><td id="postmessage_1">一、同意。<br>二、已阅 &amp; 存档</td></html>'
    >>> extracted = extract_html(decode(page.encode(), "utf-8"))
    >>> extracted.text, dict(extracted.metadata)
    ('一、同意。\n二、已阅 & 存档', {'title': '答复'})

    Raises:
        ImportError: the page is not of a known forum software, and trafilatura is not installed.
    """
    markup = traced.text
    if not is_html(markup):
        return traced
    page, thread, main_text = read_thread(markup)
    main_text = main_text or find_main_text(markup, page)
    of_page = read_metadata(markup, page, main_text.lines)
    # The text of a forum is that of its posts.
    is_article = not (page.posts or main_text.metadata)
    title = find_title_lines(page, of_page.get("title", ""), main_text.lines) if is_article else ()
    lines = frozenset((*main_text.lines, *title))
    changes: Iterable[Replacement] = PackedReplacements(keep_lines(markup, page, lines))
    if main_text.is_uncertain:
        changes = chain(changes, [Replacement(len(markup), len(markup), flagged=True)])
    of_posts = {**describe_first_post(thread.posts), **describe_posts(traced, thread.posts)}
    metadata = {**of_page, **of_posts, **main_text.metadata}
    headings = _locate_headings(traced, page, lines, title)
    # Of a long page it takes several times the memory of the page.
    del page, main_text
    extracted = traced.apply(STEP, changes).with_metadata(metadata)
    return replace(extracted, headings=headings) if headings else extracted


def _locate_headings(
    traced: Traced, page: HtmlPage, lines: Collection[int], title: Collection[int]
) -> tuple[SourceHeading, ...]:
    """The headings of a page that is not reduced yet, by their bytes."""
    headings = list(find_headings(page, lines, title))
    if not headings:
        return ()
    starts, ends, levels = zip(*headings, strict=True)
    spans = zip(*traced.alignment.source_spans(starts, ends), levels, strict=True)
    return tuple(SourceHeading(int(start), int(end), level) for start, end, level in spans)


def is_html(text: str) -> bool:
    r"""Whether a text is an HTML page or a fragment of one; decided by its first characters.

    A Markdown text that begins and ends with HTML is none.

    >>> is_html("<!DOCTYPE html><html><p>一"), is_html("<div>一</div>"), is_html("<p>表示一段</p>的开始。")
    (True, True, False)
    >>> is_html("<p>图</p>\n\n# 标题\n\n<p>完</p>")
    False
    """
    head = text[:_SNIFFED_CHARACTERS]
    if "<" not in head:
        return False
    if _PAGE_START.match(head.removeprefix("\ufeff")):
        return True
    if _PAGE_ANYWHERE.search(head):
        beginning = head.lstrip()
        is_page = beginning.startswith(("<", "\ufeff<")) and not beginning.startswith("<?php")
    else:
        is_page = _FRAGMENT_START.match(head) is not None and "</" in text and text.rstrip().endswith(">")
    return is_page and not is_markdown(text)
