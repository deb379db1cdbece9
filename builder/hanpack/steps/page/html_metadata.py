"""Reads the metadata of an HTML page: from what a forum's software prints, and from the head of the page."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping
from types import MappingProxyType

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.html_dates import find_date, find_info_lines
from hanpack.steps.page.html_fields import may_have_fields, read_fields_of_lines
from hanpack.steps.page.html_page import HtmlPage
from hanpack.steps.page.html_titles import choose_title, names_site
from hanpack.steps.page.html_tokens import ATTRIBUTES
from hanpack.steps.page.patterns import (
    PagePattern,
    compile_row,
    find_day,
    normalize_for_patterns,
    union,
)
from hanpack.steps.page.post_headers import REGION

# The names that a meta element gives a field, with the name of the field here.
META_NAMES = MappingProxyType(
    {
        "og:title": "title",
        "articletitle": "title",
        "author": "author",
        "article:author": "author",
        "og:url": "url",
        "contentsource": "publisher",
    }
)
# What a meta element that gives the day of publication is called; there are dozens of names.
DATE_NAMES = (
    PagePattern(
        "publication",
        r"(?>[\w -]++[:.])*+_?(?:article_?)?(?:date_?)?"
        r"(?:pub|publish|published|publication|release|released|create|created|issued|original_?publication|firstpublished)"
        r"[-_ ]?(?:date|time|at)?",
        "weibo: article:create_at",
        "article:modified_time",
    ),
    PagePattern("time of a portal", r"(?:og|apub):time", "og:time", "og:updated_time"),
    PagePattern("date", r"(?:[\w-]+[.:])?(?:article_)?date(?:_original)?", "DC.date", "update"),
)
DATE_NAME = compile_lazily(union(DATE_NAMES), re.IGNORECASE)
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
)
THREAD_SUBJECT = compile_row(DISCUZ_FIELDS, "title", re.DOTALL)
THREAD_CATEGORY = compile_row(DISCUZ_FIELDS, "category")
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
        # It ends before another title begins, so that many that are not closed are not read again and again.
        r"<title[^<>]*+>(?P<title>(?>[^<]|<(?!/?title[^<>]*+>)){0,1000}+)</title>",
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
# Parts of a value that are not what the field is about.
VALUE_PARTS = (
    PagePattern(
        "name of a software for an author",
        r"Discuz|phpwind|Comsenz|WordPress|CMS\b|Z-?Blog|Typecho|Joomla|Drupal|内容管理|建站系统",
        "Discuz! Team and Comsenz UI Team",
        "青石",
    ),
    PagePattern(
        "address",
        r"(?<![\w.+-])[\w.+-]++@[\w.-]++|https?://\S++|www\.\S++|(?<![\w-])[\w-]++\.(?:com|cn|net|org)(?:\.cn)?\b",
        "李青 liqing@example.com",
        "李青",
    ),
)
# Values for an author that are none.
AUTHOR_FILLERS = (
    PagePattern(
        "value that a template comes with",
        r"(?:your |author(?:'s)? |user)?name|authors?|admin|administrator|webmaster|web|root|editor|null"
        r"|undefined|none|unknown"
        r"|anonymous|test|default|作者|佚名|匿名|未知|(?:网站|系统|超级)?管理员|未署名|不详|编辑|小编|站长|本站|原创|转载|网络(?:整理|转载)?|互联网|[\d\W_]+",
        "name",
        "石青",
    ),
)
SOFTWARE_NAME = compile_row(VALUE_PARTS, "name of a software for an author", re.IGNORECASE)
ADDRESS = compile_row(VALUE_PARTS, "address", re.IGNORECASE | re.ASCII)
AUTHOR_FILLER = compile_row(AUTHOR_FILLERS, "value that a template comes with", re.IGNORECASE)
_AROUND_NAME = " \t,，;；:：|/()（）<>《》[]【】-_.、"

_ATTRIBUTE = compile_lazily(
    r"(?<![\w:-])(?P<name>[\w:-]++)\s*+=\s*+(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'>]+))"
)
# A tag, or all from a "<" on that no ">" follows: a search at each further "<" would be quadratic.
_TAG = compile_lazily(r"<[^>]*+(?P<end>>?)")


def read_metadata(markup: str, page: HtmlPage, main_text: Collection[int]) -> Mapping[str, str]:
    """Title, date, author, region, publisher and url of a page: those that its forum, head or article gives.

    >>> from hanpack.steps.page.html_text import read_html
    >>> markup = '<title>春耕备耕_清江新闻网</title><meta name="PubDate" content="2024-3-7 10:20">'
    >>> read_metadata(markup, read_html(markup), ())
    {'date': '2024-03-07', 'title': '春耕备耕'}
    """
    metadata = _read_thread(markup)
    is_thread = bool(metadata)
    for meta in META.finditer(markup):
        attributes = _read_attributes(meta["attributes"])
        key = attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or ""
        key = key.strip()
        name = "date" if DATE_NAME.fullmatch(key) else META_NAMES.get(key.lower())
        value = _read_plain_text(attributes.get("content", ""))
        if name == "date":
            value = find_day(value)
        elif name == "author":
            value = _clean_author(value)
        if name and value:
            metadata.setdefault(name, value)
    if canonical := CANONICAL.search(markup):
        metadata.setdefault("url", _read_plain_text(_read_attributes(canonical.group()).get("href", "")))
    if not is_thread:
        metadata = _with_title(metadata, markup, page)
    if "date" not in metadata and not is_thread:
        metadata["date"] = find_date(markup, page, metadata.get("title", ""), main_text)
    if not is_thread and may_have_fields(markup):
        metadata = _with_fields(metadata, page, main_text)
    if metadata.get("url", "").startswith("//"):
        # An address without a scheme takes that of the page, which a stored page does not say.
        metadata["url"] = f"https:{metadata['url']}"
    return {name: value for name, value in metadata.items() if value}


def _with_fields(metadata: Mapping[str, str], page: HtmlPage, main_text: Collection[int]) -> dict[str, str]:
    """The metadata with the author and the publisher that the lines around the article name."""
    numbers = find_info_lines(page, metadata.get("title", ""), main_text)
    fields = read_fields_of_lines(page.lines[number] for number in numbers)
    added: dict[str, str] = {}
    for name, value in fields.items():
        cleaned = _clean_author(value)
        if cleaned and name not in metadata:
            added[name] = cleaned if ADDRESS.search(value) else value
    return {**metadata, **added}


def _with_title(metadata: dict[str, str], markup: str, page: HtmlPage) -> dict[str, str]:
    """The metadata with the title without the names of site and channel, and without the site as author.

    A title that a meta element gives counts, unless quotation marks in it cut it off.
    """
    title_element = TITLE.search(markup)
    window_title = _read_plain_text(title_element["title"]) if title_element else ""
    if names_site(metadata.get("author", ""), window_title):
        metadata = {name: value for name, value in metadata.items() if name != "author"}
    of_meta = metadata.get("title", "")
    is_cut = (
        bool(of_meta) and window_title.startswith(of_meta) and window_title[len(of_meta) :][:1] in ('"', "'")
    )
    title = choose_title(window_title if is_cut or not of_meta else of_meta, page)
    return {**metadata, "title": title} if title else metadata


def _clean_author(value: str) -> str:
    """An author without addresses; empty if it is a software or what a template comes with."""
    name = ADDRESS.sub("", value).strip(_AROUND_NAME)
    return "" if SOFTWARE_NAME.search(value) or AUTHOR_FILLER.fullmatch(name) else name


def _read_thread(page: str) -> dict[str, str]:
    """What Discuz! says of a thread: title and region."""
    subject = THREAD_SUBJECT.search(page)
    if not subject:
        return {}
    metadata = {"title": _read_plain_text(subject["title"])}
    if category := THREAD_CATEGORY.search(page):
        name = category["category"]
        if region := REGION.match(normalize_for_patterns(name)):
            metadata["region"] = name[slice(*region.span("region"))]
    return metadata


def _read_attributes(tag: str) -> Mapping[str, str]:
    return {
        attribute["name"].lower(): attribute["double"] or attribute["single"] or attribute["bare"] or ""
        for attribute in _ATTRIBUTE.finditer(tag)
    }


def _read_plain_text(markup: str) -> str:
    text = _TAG.sub(lambda tag: "" if tag["end"] else tag.group(), markup)
    return " ".join(html.unescape(text).split())
