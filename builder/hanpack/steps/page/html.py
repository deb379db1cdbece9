"""Brings an HTML page down to its main text, every character of it traced to the page.

Forum posts are read where the forum's software puts them; any other page goes through trafilatura, whose
lines are then found again in the page: what cannot be found is left out and flagged, never made up.
"""

from __future__ import annotations

import html
import importlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hanpack.steps.page.forum_marks import DAY, REGION, fold
from hanpack.steps.page.html_text import INVISIBLE, Piece, Span, VisibleText, read_html
from hanpack.steps.page.page_edges import read_date
from hanpack.steps.traced import Replacement, Traced

STEP = "html"
_SNIFFED_CHARACTERS = 4_000
_OPENS_A_PAGE = re.compile(r"<!doctype\s+html|<html[\s>]|<body[\s>]|<head[\s>]", re.IGNORECASE)
_OPENS_A_FRAGMENT = re.compile(
    r"\s*<(?:div|p|table|article|section|span|h[1-6]|ul|ol|center|font|td)[\s>]", re.IGNORECASE
)
_LONG = 12
_PART = 4
_CLAUSE_END = re.compile(r"[。！？；!?;|，,、]+")
_UNSEEN = re.compile(INVISIBLE)
_DECORATION = re.compile(r"^\s*(?:[-*•>]|\d+\.)?\s*(?:\|\s*)*|(?:\s*\|)*\s*$")
_WIDE = re.compile(r"[⺀-〿㐀-鿿豈-﫿︰-﹏！-｠]")

_META = re.compile(r"<meta\b(?P<attributes>(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"(?P<name>[\w:-]+)\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'>]+))"
)
_META_NAMES = {
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
_TITLE = re.compile(r"<title[^>]*>(?P<title>.*?)</title>", re.IGNORECASE | re.DOTALL)
_SITE = re.compile(r"\s+-\s+.*Powered by.*|(?:\s+[-–|]\s+|_)[^_|]{2,30}$", re.DOTALL)
_SOFTWARE = re.compile(r"Discuz|phpwind|Comsenz|WordPress", re.IGNORECASE)
_CANONICAL = re.compile(r"<link\b[^<>]*\brel\s*=\s*[\"']?canonical[^<>]*>", re.IGNORECASE)
_SUBJECT = re.compile(r"<[^<>]*\bid=\"thread_subject\"[^<>]*>(?P<title>.*?)</", re.DOTALL)
_CATEGORY = re.compile(
    r">\s*(?P<category>\[[^\]<>]{1,12}\])\s*</a>\s*(?:<[^<>]*>\s*){0,9}<[^<>]*\bid=\"thread_subject\""
)
_POSTED = re.compile(rf"<em id=\"authorposton\d+\">[^<]*?(?:<span title=\")?{DAY}")
_POSTER = re.compile(r"<div class=\"authi\">\s*<a [^>]*class=\"xw1\"[^>]*>(?P<author>[^<]{1,40})</a>")
_DAY = re.compile(DAY)


@dataclass(frozen=True, slots=True)
class MainText:
    """The spans of a page's visible text that are its main text, and how many lines were not found again."""

    spans: tuple[Span, ...]
    missed: int


def extract_html(traced: Traced) -> Traced:
    """Keep the main text of an HTML page, and lift title, date, author, region, publisher and url.

    Blocks become lines, entities their characters. A text that is no HTML comes back as it is. Each line
    of the extractor that is not found again in the page gives one flagged edit at the page's end.

    Raises:
        ImportError: the page is no forum page that is known, and trafilatura is not installed.
    """
    page = traced.text
    if not is_html(page):
        return traced
    visible = read_html(page)
    found = find_main_text(page, visible)
    changes = _changes(page, visible, found.spans)
    changes += [Replacement(len(page), len(page), flagged=True)] * found.missed
    return traced.apply(STEP, changes).with_metadata(read_metadata(page))


def is_html(text: str) -> bool:
    """Whether a text is an HTML page or a fragment of one; decided by its first characters."""
    head = text[:_SNIFFED_CHARACTERS]
    if "<" not in head:
        return False
    if _OPENS_A_PAGE.search(head):
        return head.lstrip().startswith(("<", "\ufeff<")) and not head.lstrip().startswith("<?php")
    return _OPENS_A_FRAGMENT.match(head) is not None and "</" in text and text.rstrip().endswith(">")


def find_main_text(page: str, visible: VisibleText) -> MainText:
    """Find the main text: a forum's posts, or what trafilatura holds for it, or all there is to see."""
    if visible.posts:
        return MainText(visible.posts, 0)
    trafilatura = importlib.import_module("trafilatura")
    extracted = trafilatura.extract(page, include_comments=True, include_tables=True)
    if not extracted:
        return MainText(((0, len(visible.text)),) if visible.text else (), 0)
    return align_lines(extracted.splitlines(), visible.text)


def align_lines(lines: Sequence[str], visible: str) -> MainText:
    """Find the lines of an extractor in the visible text (which holds no blanks).

    Long lines are found first, each after the one before where it can be, in parts where the page has
    something between; a short line counts only between its neighbours, for it may stand anywhere. The
    spans come in the page's order.
    """
    needles = [needle for line in lines if (needle := _needle(line))]
    placed: list[Span | None] = [None] * len(needles)
    used: list[Span] = []
    missed = cursor = 0
    for number, needle in enumerate(needles):
        if len(needle) < _LONG:
            continue
        whole = _find(visible, needle, cursor, used)
        spans, lost = ([whole], 0) if whole else _find_parts(visible, needle, cursor)
        missed += lost
        if spans:
            placed[number] = (spans[0][0], spans[-1][1])
            used += spans
            cursor = max(cursor, spans[-1][1])
    highs = [len(visible)] * len(needles)
    for number in range(len(needles) - 2, -1, -1):
        following = placed[number + 1]
        highs[number] = following[0] if following else highs[number + 1]
    low = 0
    for number, needle in enumerate(needles):
        if span := placed[number]:
            low = span[1]
        elif len(needle) < _LONG:
            at = visible.find(needle, low, highs[number])
            if at < 0:
                missed += 1
                continue
            low = at + len(needle)
            used.append((at, low))
    return MainText(_joined(used), missed)


def _needle(line: str) -> str:
    return "".join(_UNSEEN.sub("", _DECORATION.sub("", line)).split())


def _find(visible: str, needle: str, cursor: int, used: Sequence[Span]) -> Span | None:
    """The needle's span after the cursor, or before it where nothing was taken yet."""
    at = visible.find(needle, cursor)
    if at < 0:
        at = visible.find(needle)
        if at < 0 or any(start < at + len(needle) and at < end for start, end in used):
            return None
    return at, at + len(needle)


def _find_parts(visible: str, needle: str, cursor: int) -> tuple[list[Span], int]:
    """The spans of the longest parts of a needle, one after another, and how many clauses have none."""
    spans: list[Span] = []
    position = missed = 0
    while position < len(needle):
        low, high = 0, len(needle) - position
        while low < high:
            middle = (low + high + 1) // 2
            if visible.find(needle[position : position + middle], cursor) >= 0:
                low = middle
            else:
                high = middle - 1
        if low >= min(_PART, len(needle) - position):
            at = visible.find(needle[position : position + low], cursor)
            spans.append((at, at + low))
            cursor = at + low
            position += low
        else:
            clause = _CLAUSE_END.search(needle, position)
            position = clause.end() if clause else len(needle)
            missed += 1
    return spans, missed


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _changes(page: str, visible: VisibleText, spans: Sequence[Span]) -> list[Replacement]:
    """The replacements that leave the spans, with line breaks between blocks, blanks between words."""
    changes: list[Replacement] = []
    position = 0
    before = ""
    for start, end in spans:
        for piece in visible.within(start, end):
            separator = _separator(before, piece, piece.place == start)
            changes += _gap(page, position, piece.start, separator)
            if page[piece.start : piece.end] != piece.text:
                changes.append(Replacement(piece.start, piece.end, piece.text))
            position = piece.end
            before = piece.text[-1]
    if position < len(page):
        changes.append(Replacement(position, len(page)))
    return changes


def _separator(before: str, piece: Piece, first: bool) -> str:
    if not before:
        return ""
    if first or piece.separator == "\n":
        return "\n"
    if piece.separator == "\r":
        return "" if _WIDE.match(before) and _WIDE.match(piece.text) else " "
    return piece.separator


def _gap(page: str, start: int, end: int, separator: str) -> list[Replacement]:
    """Leave out what stands between two pieces but for their separator, taken from there where it can be."""
    if not separator:
        return [Replacement(start, end)] if start < end else []
    at = page.find(separator, start, end)
    if at < 0:
        removed = [Replacement(start, end)] if start < end else []
        return [*removed, Replacement(end, end, separator)]
    return [Replacement(low, high) for low, high in ((start, at), (at + 1, end)) if low < high]


def read_metadata(page: str) -> Mapping[str, str]:
    """Title, date, author, region, publisher and url of a page, where its head or its forum says them."""
    found: dict[str, str] = {}
    if subject := _SUBJECT.search(page):
        found["title"] = _plain(subject["title"])
        if (category := _CATEGORY.search(page)) and (region := REGION.match(fold(category["category"]))):
            found["region"] = category["category"][slice(*region.span("region"))]
        if posted := _POSTED.search(page):
            found["date"] = read_date(posted)
        if poster := _POSTER.search(page):
            found["author"] = _plain(poster["author"])
    for meta in _META.finditer(page):
        attributes = _attributes(meta["attributes"])
        name = _META_NAMES.get((attributes.get("property") or attributes.get("name") or "").lower())
        value = _plain(attributes.get("content", ""))
        if name == "date":
            day = _DAY.search(value)
            value = read_date(day) if day else ""
        if name and value and not _SOFTWARE.search(value):
            found.setdefault(name, value)
    if canonical := _CANONICAL.search(page):
        found.setdefault("url", _plain(_attributes(canonical.group()).get("href", "")))
    if title := _TITLE.search(page):
        found.setdefault("title", _SITE.sub("", _plain(title["title"])))
    return {name: value for name, value in found.items() if value}


def _attributes(tag: str) -> Mapping[str, str]:
    return {
        found["name"].lower(): found["double"] or found["single"] or found["bare"] or ""
        for found in _ATTRIBUTE.finditer(tag)
    }


def _plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", markup)).split())
