"""Reads the metadata of an HTML page: from what a forum's software prints, and from the head of the page."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from types import MappingProxyType

from hanpack.steps.page.html_text import ATTRIBUTES
from hanpack.steps.page.patterns import (
    DAY,
    PagePattern,
    compile_row,
    find_day,
    format_day,
    normalize_for_patterns,
)
from hanpack.steps.page.post_headers import REGION

# The names that a meta element gives a field, with the name of the field here.
META_NAMES = MappingProxyType(
    {
        "og:title": "title",
        "articletitle": "title",
        "article:published_time": "date",
        "og:release_date": "date",
        "pubdate": "date",
        "publishdate": "date",
        "author": "author",
        "article:author": "author",
        "og:url": "url",
        "contentsource": "publisher",
    }
)
# What Discuz! prints above the posts, as markup.
DISCUZ_FIELDS = (
    PagePattern(
        "title",
        r"<(?>[^<>]*?\bid=\"thread_subject\")[^<>]*+>(?P<title>.{0,1000}?)</",
        '<span id="thread_subject">清江县防汛工作方案</span>',
        '<span id="subject">清江县防汛工作方案</span>',
    ),
    PagePattern(
        "category",
        r">\s*(?P<category>\[[^\]<>]{1,12}\])\s*</a>\s*(?:<[^<>]*>\s*){0,9}<[^<>]*?\bid=\"thread_subject\"",
        '<a href="forum.php">[湖北]</a> <span id="thread_subject">',
        "[湖北] 清江县防汛工作方案",
    ),
    PagePattern(
        "date",
        rf"<em id=\"authorposton\d+\">[^<]*?(?:<span title=\")?{DAY}",
        '<em id="authorposton1">发表于 2023-4-5 08:09:10</em>',
        "<em>发表于 2023-4-5 08:09:10</em>",
    ),
    PagePattern(
        "author",
        r"<div class=\"authi\">\s*<a (?>[^>]*?class=\"xw1\")[^>]*+>(?P<author>[^<]{1,40})</a>",
        '<div class="authi"><a href="space-uid-1.html" class="xw1">青石</a>',
        '<a href="space-uid-1.html" class="xw1">青石</a>',
    ),
)
THREAD_SUBJECT = compile_row(DISCUZ_FIELDS, "title", re.DOTALL)
THREAD_CATEGORY = compile_row(DISCUZ_FIELDS, "category")
POST_DAY = compile_row(DISCUZ_FIELDS, "date")
POST_AUTHOR = compile_row(DISCUZ_FIELDS, "author")
# What is in the head of any page, as markup.
HEAD_ELEMENTS = (
    PagePattern(
        "meta",
        rf"<meta\b(?P<attributes>{ATTRIBUTES})>",
        '<meta name="author" content="李青">',
        "<metadata>",
    ),
    PagePattern(
        "title",
        r"<title[^<>]*+>(?P<title>.{0,1000}?)</title>",
        "<title>春耕备耕</title>",
        "<h1>春耕备耕</h1>",
    ),
    PagePattern(
        "canonical address",
        r"<link\b(?>[^<>]*?\brel\s*+=\s*+[\"']?canonical)[^<>]*+>",
        '<link rel="canonical" href="http://example.org/a/1.html">',
        '<link rel="stylesheet" href="a.css">',
    ),
)
META = compile_row(HEAD_ELEMENTS, "meta", re.IGNORECASE)
TITLE = compile_row(HEAD_ELEMENTS, "title", re.IGNORECASE | re.DOTALL)
CANONICAL = compile_row(HEAD_ELEMENTS, "canonical address", re.IGNORECASE)
_SITE_AT_END = r"(?:\s[-–|]\s|_)[^_|]{2,30}$"
# Parts of a value that are not what the field is about.
VALUE_PARTS = (
    PagePattern(
        "name of the site after a title",
        rf"\A(?P<title>(?:(?!\s-\s|{_SITE_AT_END}).)*+)\s-\s.*Powered by.*|{_SITE_AT_END}",
        "春耕备耕_清江新闻网",
        "春耕备耕",
    ),
    PagePattern(
        "name of a software for an author",
        r"Discuz|phpwind|Comsenz|WordPress",
        "Discuz! Team and Comsenz UI Team",
        "青石",
    ),
)
SITE_NAME = compile_row(VALUE_PARTS, "name of the site after a title", re.DOTALL)
SOFTWARE_NAME = compile_row(VALUE_PARTS, "name of a software for an author", re.IGNORECASE)

_ATTRIBUTE = re.compile(
    r"(?<![\w:-])(?P<name>[\w:-]++)\s*+=\s*+(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'>]+))"
)
# A tag, or all from a "<" on that no ">" follows: a search at each further "<" would be quadratic.
_TAG = re.compile(r"<[^>]*+(?P<end>>?)")


def read_metadata(page: str) -> Mapping[str, str]:
    """Title, date, author, region, publisher and url of a page: those that its forum or its head gives.

    >>> read_metadata('<title>春耕备耕_清江新闻网</title><meta name="PubDate" content="2024-3-7 10:20">')
    {'date': '2024-03-07', 'title': '春耕备耕'}
    """
    metadata = _read_thread(page)
    for meta in META.finditer(page):
        attributes = _read_attributes(meta["attributes"])
        name = META_NAMES.get((attributes.get("property") or attributes.get("name") or "").lower())
        value = _read_plain_text(attributes.get("content", ""))
        if name == "date":
            value = find_day(value)
        if name and value and not SOFTWARE_NAME.search(value):
            metadata.setdefault(name, value)
    if canonical := CANONICAL.search(page):
        metadata.setdefault("url", _read_plain_text(_read_attributes(canonical.group()).get("href", "")))
    if title := TITLE.search(page):
        metadata.setdefault("title", SITE_NAME.sub(r"\g<title>", _read_plain_text(title["title"])))
    return {name: value for name, value in metadata.items() if value}


def _read_thread(page: str) -> dict[str, str]:
    """What Discuz! says of a thread: title, region, and date and author of the first post."""
    subject = THREAD_SUBJECT.search(page)
    if not subject:
        return {}
    metadata = {"title": _read_plain_text(subject["title"])}
    if category := THREAD_CATEGORY.search(page):
        name = category["category"]
        if region := REGION.match(normalize_for_patterns(name)):
            metadata["region"] = name[slice(*region.span("region"))]
    if post_day := POST_DAY.search(page):
        metadata["date"] = format_day(post_day)
    if author := POST_AUTHOR.search(page):
        metadata["author"] = _read_plain_text(author["author"])
    return metadata


def _read_attributes(tag: str) -> Mapping[str, str]:
    return {
        attribute["name"].lower(): attribute["double"] or attribute["single"] or attribute["bare"] or ""
        for attribute in _ATTRIBUTE.finditer(tag)
    }


def _read_plain_text(markup: str) -> str:
    text = _TAG.sub(lambda tag: "" if tag["end"] else tag.group(), markup)
    return " ".join(html.unescape(text).split())
