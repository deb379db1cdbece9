"""Reduces a page that was saved as plain text to its document: a forum page or the page of a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.batch_changes import apply_all
from hanpack.steps.page.comment_lines import find_comment_lines
from hanpack.steps.page.forum import is_forum_page, read_forum_page
from hanpack.steps.page.front_matter import read_front_matter
from hanpack.steps.page.heading_titles import read_heading_title
from hanpack.steps.page.other_views import read_other_view
from hanpack.steps.page.patterns import TextSpan
from hanpack.steps.page.posts import describe_first_post, describe_posts, read_plain_posts
from hanpack.steps.page.site_edges import find_edges
from hanpack.steps.page.spoken_texts import read_spoken_title
from hanpack.steps.replacements import Replacement
from hanpack.steps.traced import Traced

STEP = "page"

# What a WET file of Common Crawl writes before each page: ISO 28500 (WARC), the record type "conversion".
WARC_HEADER = compile_lazily(
    r"\s*WARC/1\.\d *\nWARC-Type: conversion *\n(?:[\w-]+: [^\n]*\n)*?WARC-Target-URI: (?P<url>\S++)[^\n]*\n"
    r"(?:[\w-]+: [^\n]*\n)*\s*"
)


def strip_saved_page(traced: Traced, *, is_text: bool = True) -> Traced:
    r"""Remove what a page has around its text; record title, date, region, author, publisher and url.

    The text of every post of a forum page stays. A text that is no page comes back as it is, after a scan of
    its beginning and end. YAML before Markdown, whose fields rank first, and lines that are comments of HTML
    are removed, too, unless it was HTML: then they are visible, and ``is_text`` is False.

    >>> from hanpack.steps.decode.decoding import decode
    >>> page = "水利规划\n第一条\n责任编辑：李青\n扫一扫在手机打开当前页\n"
    >>> stripped = strip_saved_page(decode(page.encode(), "utf-8"))
    >>> stripped.text, [edit.kind for edit in stripped.edits]
    ('水利规划\n第一条', ['removed'])
    """
    (stripped,) = strip_saved_pages([traced], are_texts=[is_text])
    return stripped


def strip_saved_pages(texts: Sequence[Traced], are_texts: Sequence[bool]) -> list[Traced]:
    """Remove what each of several pages has around its text, as :func:`strip_saved_page` does."""
    pages = [_read_page(traced, is_text) for traced, is_text in zip(texts, are_texts, strict=True)]
    stripped = apply_all(STEP, texts, [page.changes for page in pages])
    return [traced.with_metadata(page.metadata) for traced, page in zip(stripped, pages, strict=True)]


class _ReadPage(NamedTuple):
    """What is removed of a page, and the metadata that it gives."""

    changes: Sequence[Replacement]
    metadata: Mapping[str, object]


def _read_page(traced: Traced, is_text: bool) -> _ReadPage:
    text = traced.text
    warc_header = WARC_HEADER.match(text)
    start = warc_header.end() if warc_header else 0
    metadata: dict[str, object] = {"url": warc_header["url"]} if warc_header else {}
    front = read_front_matter(text)
    content = read_other_view(text, start)
    if not content and is_forum_page(text, start):
        content = read_forum_page(text, start)
    if content:
        changes = _remove_all_but(text, content.spans)
        metadata |= {**content.metadata, **describe_posts(traced, content.posts)}
    else:
        edges = find_edges(text, start)
        spans = [*edges.spans, *(find_comment_lines(text, start) if is_text else ())]
        spans += [(0, front.end)] if front.end and is_text else []
        changes = [Replacement(*span) for span in _unite([(0, start), *spans] if start else spans)]
        metadata |= {**read_spoken_title(text, start), **_name_of_article(traced, edges.metadata)}
        if is_text and (posts := read_plain_posts(text, start)):
            metadata = {**describe_first_post(posts), **describe_posts(traced, posts), **metadata}
        if is_text and not metadata.get("title"):
            metadata = {**read_heading_title(text, start), **metadata}
    return _ReadPage(changes, {**front.others, **metadata, **front.fields})


def _name_of_article(traced: Traced, metadata: Mapping[str, str]) -> dict[str, str]:
    """The metadata of an article; in a post, which has an author and a day, its own are ``article_…``."""
    of_post = {name for name in ("author", "date") if traced.metadata.get(name)}
    differing = {name for name in of_post if metadata.get(name, "") not in ("", traced.metadata[name])}
    return {f"article_{name}" if name in differing else name: value for name, value in metadata.items()}


def _unite(spans: Sequence[TextSpan]) -> list[TextSpan]:
    """The spans in order, those that overlap as one."""
    united: list[TextSpan] = []
    for start, end in sorted(spans):
        if united and start <= united[-1][1]:
            united[-1] = united[-1][0], max(end, united[-1][1])
        else:
            united.append((start, end))
    return united


def _remove_all_but(text: str, kept: Sequence[TextSpan]) -> list[Replacement]:
    """The removals that leave the kept spans, with a line break between every two of them."""
    changes = []
    position = 0
    for start, end in kept:
        line_break = text.find("\n", position, start) if position else -1
        if line_break >= 0:
            changes += [Replacement(position, line_break), Replacement(line_break + 1, start)]
        else:
            changes.append(Replacement(position, start))
            if position:
                changes.append(Replacement(start, start, "\n"))
        position = end
    changes.append(Replacement(position, len(text)))
    return [change for change in changes if change.end > change.start or change.text]
