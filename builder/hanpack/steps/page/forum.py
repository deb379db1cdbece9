"""Brings a forum page or a government page that was saved as text down to its document.

A page is told by several independent marks, never by one: ordinary text holds at most one of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hanpack.steps.page.forum_marks import (
    BARE_POST,
    CARD,
    CARD_LABEL,
    CARD_VALUE,
    COPY,
    COUNTERS,
    FOREGOING_POST,
    HEAD,
    MARKS,
    NAME,
    OPENING,
    PAGE_TITLE,
    POST_NOTE,
    POST_ROW,
    POST_ROW_STRONG,
    QUICK_MARKS,
    REGION,
    STRONG_CARD,
    SUBJECT,
    TAIL,
    TAIL_LINE,
    TAIL_WORD,
    TOOLED_POST,
    WARC_HEADER,
    fold,
)
from hanpack.steps.page.page_edges import find_edges, read_date
from hanpack.steps.traced import Replacement, Traced

STEP = "page"
Span = tuple[int, int]

# Chrome stands at the ends of a record, so a look at both ends decides whether the rest is read at all.
_END_CHARACTERS = 30_000
_MARKS_NEEDED = 3
_MARKS_NEEDED_ON_ONE_LINE = 5
# A line with a full stop speaks of a forum, it is no part of one.
_SENTENCES = re.compile(r"^[^\n]*。[^\n]*$", re.MULTILINE)
_BEFORE_A_POST = 32
_CARD_UNITS = 60
_STRANGERS_IN_CARD = 2
# Chrome holds no long sentences; where a region holds this much of them, they are somebody's text.
_PROSE_KEPT = 1_500
_PROSE_CHARACTERS = 32
_PROSE_ENDS = "。！？；.!?;”」）)"
_HAN = re.compile(r"[一-鿿]")
_MARK_CHARACTERS = 200
_LINE = re.compile(r"[^\n]+")
_WORD = re.compile(r"\S+")
_LINES_OF_A_FLAT_PAGE = 5
_COUNTERS = re.compile(COUNTERS)
_COPY = re.compile(rf" *{COPY} *$")


@dataclass(frozen=True, slots=True)
class Unit:
    """A line of a page, or a word of a page that was saved on one line: a span without its blanks."""

    start: int
    end: int
    text: str

    def is_a(self, mark: re.Pattern[str]) -> bool:
        """Whether the unit is this mark and nothing else; a long one is none."""
        return len(self.text) <= _MARK_CHARACTERS and mark.fullmatch(self.text) is not None

    def is_prose(self) -> bool:
        """Whether the unit is a sentence of some length."""
        return (
            len(self.text) > _PROSE_CHARACTERS
            and self.text[-1] in _PROSE_ENDS
            and bool(_HAN.search(self.text))
        )


@dataclass(frozen=True, slots=True)
class Page:
    """A forum page: its text as saved and as folded, where it begins, and the marks its posts begin with."""

    saved: str
    text: str
    start: int
    posts: Sequence[re.Match[str]]
    flat: bool

    def units(self, start: int, end: int) -> list[Unit]:
        """The lines of a span that are not blank, or its words where the page has no lines."""
        pattern = _WORD if self.flat else _LINE
        found = []
        for match in pattern.finditer(self.text, start, end):
            line = match.group()
            if stripped := line.strip():
                at = match.start() + len(line) - len(line.lstrip())
                found.append(Unit(at, at + len(stripped), stripped))
        return found

    def foot(self, start: int, end: int) -> int | None:
        """Where the foot of the page begins between two places, if it does."""
        found = (TAIL_WORD if self.flat else TAIL_LINE).search(self.text, start, end)
        return found.start() if found else None


def strip_page(traced: Traced) -> Traced:
    """Remove what a page puts around its text, and lift title, date, region, author, publisher and url.

    Of a forum page the posts' own text stays, first post and replies. A text that is no page comes back
    as it is, after one scan of its ends.
    """
    text = traced.text
    metadata: dict[str, str] = {}
    found: Mapping[str, str]
    start = 0
    if header := WARC_HEADER.match(text):
        metadata["url"] = header["url"]
        start = header.end()
    if _is_forum_page(text, start):
        folded = fold(text)
        page = Page(text, folded, start, _find_posts(folded, start, _is_flat(text)), _is_flat(text))
        kept, found = _read_posts(page) if page.posts else _read_listing(page)
        changes = _removals(text, kept)
    else:
        removed, found = find_edges(text, start)
        changes = [Replacement(*span) for span in ([(0, start)] if start else []) + removed]
    return traced.apply(STEP, changes).with_metadata({**metadata, **found})


def _is_forum_page(text: str, start: int) -> bool:
    head = text[start : start + _END_CHARACTERS]
    tail = text[max(start + _END_CHARACTERS, len(text) - _END_CHARACTERS) :]
    if sum(mark in head or mark in tail for mark in QUICK_MARKS) < 2:
        return False
    flat = _is_flat(text)
    head, tail = (fold(end) if flat else _SENTENCES.sub("", fold(end)) for end in (head, tail))
    count = sum(bool(mark.search(head) or mark.search(tail)) for mark in MARKS)
    return count >= (_MARKS_NEEDED_ON_ONE_LINE if flat else _MARKS_NEEDED)


def _is_flat(text: str) -> bool:
    return text.strip().count("\n") < _LINES_OF_A_FLAT_PAGE


def _find_posts(text: str, start: int, flat: bool) -> Sequence[re.Match[str]]:
    """The opening marks of the posts; a mark without the forum's tools counts only where none has them.

    A quotation names its author the same way, without the tools, and a sentence may speak of a post.
    """
    for pattern in (TOOLED_POST, FOREGOING_POST, BARE_POST):
        found = [
            match
            for match in pattern.finditer(text, start)
            if flat or match.start() - text.rfind("\n", 0, match.start()) < _BEFORE_A_POST
        ]
        if found:
            return found
    return ()


def _read_posts(page: Page) -> tuple[list[Span], dict[str, str]]:
    first = page.posts[0]
    head = page.units(page.start, first.start())
    card = _card_start(head)
    metadata = _read_title(page, head[:card])
    named, author = _read_author(page, head, card, metadata.get("title", ""))
    if author:
        metadata["author"] = author
    if date := read_date(first):
        metadata["date"] = date
    kept = _prose(head)
    for place, post in enumerate(page.posts):
        last = place + 1 == len(page.posts)
        limit = len(page.text) if last else page.posts[place + 1].start()
        foot = page.foot(post.end(), limit)
        units = page.units(post.end(), limit if foot is None else foot)
        if foot is not None:
            units = _without_tail(units)
        elif not last:
            between = _card_start(units)
            units = units[: between - _names_above(units, between, named)]
        body = _trim_post(units)
        if body:
            kept.append((body[0].start, body[-1].end))
        if foot is not None:
            kept.extend(_prose(page.units(foot, limit)))
    return kept, metadata


def _card_start(units: Sequence[Unit]) -> int:
    """Where the user card at the end of these units begins; their number, where there is none.

    Read backwards: known lines, with at most two strangers between them (a mood, an own rank).
    """
    top = len(units)
    strangers = 0
    for place in range(len(units) - 1, max(len(units) - 1 - _CARD_UNITS, -1), -1):
        text = units[place].text
        if len(text) <= 80 and CARD.fullmatch(text):
            top = place
            strangers = 0
        elif CARD_VALUE.fullmatch(text):
            continue
        else:
            strangers += 1
            if strangers > _STRANGERS_IN_CARD or len(text) > 24:
                break
    if not any(STRONG_CARD.match(unit.text) for unit in units[top:]):
        return len(units)
    if top and units[top].is_a(CARD_LABEL) and units[top - 1].is_a(CARD_VALUE):
        return top - 1
    return top


def _names_above(units: Sequence[Unit], top: int, limit: int = 2) -> int:
    """How many units right above ``top`` are one and the same short name."""
    count = 0
    while count < min(limit, top) and units[top - 1 - count].is_a(NAME):
        if count and units[top - 1 - count].text != units[top - 1].text:
            break
        count += 1
    return count


def _read_author(page: Page, head: Sequence[Unit], card: int, title: str) -> tuple[int, str]:
    """How many units above its card name a post's author on this page, and the first post's author."""
    found = page.posts[0]
    if found.groupdict().get("author"):
        return 0, page.saved[slice(*found.span("author"))]
    names = _names_above(head, card)
    if not names:
        return 0, ""
    name = page.saved[head[card - 1].start : head[card - 1].end]
    return (0, "") if name == title or head[card - 1].is_a(HEAD) else (names, name)


def _read_title(page: Page, head: Sequence[Unit]) -> dict[str, str]:
    """Title and region from the line before "[复制链接]", after the counters, or of the browser's window."""
    candidates: list[Span] = []
    for place, unit in enumerate(head):
        if len(unit.text) <= _MARK_CHARACTERS and (copy := _COPY.search(unit.text)):
            before = (unit.start, unit.start + copy.start())
            candidates.append(before if copy.start() else (head[place - 1].start, head[place - 1].end))
    candidates += [(after.start, after.end) for unit, after in pairwise(head) if unit.is_a(_COUNTERS)]
    candidates += [
        (unit.start + found.start("title"), unit.start + found.end("title"))
        for unit in head
        if len(unit.text) <= _MARK_CHARACTERS
        and (found := SUBJECT.fullmatch(unit.text) or PAGE_TITLE.match(unit.text))
    ]
    categories = {after.start: unit for unit, after in pairwise(head) if REGION.fullmatch(f"{unit.text} ")}
    for start, end in candidates:
        line = page.text[start:end]
        if line and not HEAD.fullmatch(line) and not TOOLED_POST.search(line):
            at = categories[start].start if start in categories else start
            if region := REGION.match(page.text, at, end):
                named = page.saved[slice(*region.span("region"))]
                return {"title": page.saved[region.end() : end], "region": named}
            return {"title": page.saved[start:end]}
    return {}


def _without_tail(units: list[Unit]) -> list[Unit]:
    """Drop the page numbers and buttons that stand above the login box."""
    end = len(units)
    while end and units[end - 1].is_a(TAIL):
        end -= 1
    return units[:end]


def _trim_post(units: list[Unit]) -> list[Unit]:
    """Drop the notices above a post and the buttons under it; its own words stay, if only one."""
    begin = 0
    while begin < len(units) and units[begin].is_a(OPENING):
        begin += 1
    units = units[begin:]
    end = seen = len(units)
    while seen:
        unit = units[seen - 1]
        row = unit.is_a(POST_ROW)
        if unit.is_a(POST_NOTE) or (row and POST_ROW_STRONG.search(unit.text)):
            end = seen - 1
        elif seen == 1 or not row:
            break
        seen -= 1
    while 1 < end < len(units) and units[end - 1].is_a(POST_ROW):
        end -= 1
    return units[:end]


def _prose(units: Sequence[Unit]) -> list[Span]:
    """The sentences in a region of chrome, where they are too many to be its own."""
    found = [(unit.start, unit.end) for unit in units if unit.is_prose()]
    return found if sum(end - start for start, end in found) >= _PROSE_KEPT else []


def _read_listing(page: Page) -> tuple[list[Span], dict[str, str]]:
    """A forum page without posts: what lies between the last known line of its head and its foot."""
    units = page.units(page.start, len(page.text))
    metadata = _read_title(page, units)
    prose = [place for place, unit in enumerate(units) if unit.is_prose() and not unit.is_a(HEAD)]
    begin = 0
    for place, unit in enumerate(units[: prose[0] if prose else None]):
        if unit.is_a(HEAD):
            begin = place + 1
    after = units[prose[-1]].end if prose else page.start
    foot = page.foot(after, len(page.text))
    body = _without_tail([unit for unit in units[begin:] if foot is None or unit.end <= foot])
    return [(body[0].start, body[-1].end)] if body else [], metadata


def _removals(text: str, kept: Sequence[Span]) -> list[Replacement]:
    """What to leave out so that the kept spans stay; between two of them stays a line break."""
    found = []
    position = 0
    for start, end in kept:
        gap = text[position:start]
        if position and "\n" in gap:
            first = position + gap.index("\n")
            found.append(Replacement(position, first))
            found.append(Replacement(first + 1, start))
        else:
            found.append(Replacement(position, start))
            if position:
                found.append(Replacement(start, start, "\n"))
        position = end
    found.append(Replacement(position, len(text)))
    return [change for change in found if change.end > change.start or change.text]
