"""Recognises a forum page that was saved as text, and finds its posts and their metadata.

A page is recognised by several independent signs, never by one: ordinary text has at most one or two of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.forum_lines import (
    BUTTON_ROW,
    CARD_COUNT,
    CARD_LABEL,
    CARD_LINE,
    CARD_SIGN,
    FOOTER_AT_LINE,
    FOOTER_AT_WORD,
    FOOTER_LINE,
    HEADER_LINE,
    NOTICE_ABOVE_POST,
    NOTICE_UNDER_POST,
    SURE_BUTTON,
)
from hanpack.steps.page.forum_signs import FORUM_SIGN_PATTERNS, QUICK_SIGNS
from hanpack.steps.page.page_content import PageContent
from hanpack.steps.page.patterns import TextSpan, format_day, normalize_for_patterns
from hanpack.steps.page.post_headers import (
    COPY_LINK_AT_END,
    COUNTERS_LINE,
    HEADER_AFTER_TOOLS,
    HEADER_WITH_TOOLS,
    HEADER_WITHOUT_TOOLS,
    NAME,
    REGION,
    SUBJECT,
    WINDOW_TITLE,
)
from hanpack.steps.page.post_notices import find_notices
from hanpack.steps.page.posts import Post, list_facts
from hanpack.steps.sentence_marks import STOPS

# Signs are at the beginning and end of a record: a look at both decides whether the rest is read at all.
_END_CHARACTERS = 30_000
_QUICK_SIGNS_NEEDED = 2
_SIGNS_NEEDED = 3
_SIGNS_NEEDED_WITHOUT_LINES = 5
_LINE_BREAKS_OF_A_PAGE = 5
# A line with a full stop is a sentence about forums, not part of a page.
_SENTENCE_LINE = compile_lazily(r"^[^\n]*。[^\n]*$", re.MULTILINE)
_HEADER_INDENT = 32
_PATTERN_CHARACTERS = 200
_CARD_SEGMENTS = 60
_CARD_LINE_CHARACTERS = 80
_UNKNOWN_CARD_LINES = 2
_UNKNOWN_CARD_CHARACTERS = 24
_NAMES_ABOVE_CARD = 2
# If the long sentences around the posts have this many characters, they are content, not forum boilerplate:
# they are kept.
_PROSE_CHARACTERS = 1_500
_LONG_SENTENCE = 32
_SENTENCE_ENDS = f"{STOPS}.”」）)"
_HAN = compile_lazily(r"[一-鿿]")
_LINE = compile_lazily(r"[^\n]+")
_WORD = compile_lazily(r"\S+")
_USER_NAME = compile_lazily(NAME)


@dataclass(frozen=True, slots=True)
class Segment:
    """A line of a page, or a word of a page that was saved on one line; without the spaces around it."""

    start: int
    end: int
    text: str

    def matches(self, pattern: re.Pattern[str]) -> bool:
        """Whether the pattern matches the entire segment; a long segment is text and matches none."""
        return len(self.text) <= _PATTERN_CHARACTERS and pattern.fullmatch(self.text) is not None

    def is_long_sentence(self) -> bool:
        """Whether this is a sentence of some length."""
        return (
            len(self.text) > _LONG_SENTENCE
            and self.text[-1] in _SENTENCE_ENDS
            and bool(_HAN.search(self.text))
        )


def read_segments(text: str, start: int, end: int, pattern: re.Pattern[str] = _LINE) -> list[Segment]:
    """The lines of a span that are not blank; or what another pattern matches."""
    segments = []
    for match in pattern.finditer(text, start, end):
        line = match.group()
        if stripped := line.strip():
            position = match.start() + len(line) - len(line.lstrip())
            segments.append(Segment(start=position, end=position + len(stripped), text=stripped))
    return segments


@dataclass(frozen=True, slots=True)
class ForumPage:
    """A forum page: its text as saved and as normalised (of equal length), where it begins, its post headers.

    ``has_lines`` is false for a page that was saved on one line: its segments are words.
    """

    saved: str
    text: str
    start: int
    headers: Sequence[re.Match[str]]
    has_lines: bool

    def segments(self, start: int, end: int) -> list[Segment]:
        """The lines of a span that are not blank, or its words if the page has no lines."""
        return read_segments(self.text, start, end, _LINE if self.has_lines else _WORD)

    def find_footer(self, start: int, end: int) -> int | None:
        """The position between two others where the page footer begins; None if there is none."""
        match = (FOOTER_AT_LINE if self.has_lines else FOOTER_AT_WORD).search(self.text, start, end)
        return match.start() if match else None


@dataclass(frozen=True, slots=True)
class FirstAuthor:
    """The author of the first post, and how many segments above each user card are the user's name."""

    name: str = ""
    name_segments: int = 0


def is_forum_page(text: str, start: int = 0) -> bool:
    r"""Whether ``text[start:]`` is a page of a forum, saved as text.

    >>> page = "查看: 9|回复: 0\n青石 发表于 2024-6-15\n同意\n\n返回列表\nPowered by Discuz! X3.4\n"
    >>> is_forum_page(page)
    True
    >>> is_forum_page("论坛的页脚写着 Powered by Discuz! X3.4，您需要登录后才可以回帖。\n")
    False
    """
    head = text[start : start + _END_CHARACTERS]
    tail = text[max(start + _END_CHARACTERS, len(text) - _END_CHARACTERS) :]
    if sum(sign in head or sign in tail for sign in QUICK_SIGNS) < _QUICK_SIGNS_NEEDED:
        return False
    head, tail = normalize_for_patterns(head), normalize_for_patterns(tail)
    has_lines = _has_lines(text)
    if has_lines:
        head, tail = _SENTENCE_LINE.sub("", head), _SENTENCE_LINE.sub("", tail)
    count = sum(bool(sign.search(head) or sign.search(tail)) for sign in FORUM_SIGN_PATTERNS)
    return count >= (_SIGNS_NEEDED if has_lines else _SIGNS_NEEDED_WITHOUT_LINES)


def read_forum_page(text: str, start: int = 0) -> PageContent:
    r"""Find the posts of the forum page ``text[start:]``, with title, region, author and date of the first.

    >>> page = "查看: 9|回复: 0\n规划\n[复制链接]\n青石 发表于 2024-6-15\n第一条\n返回列表\n本版积分规则\n"
    >>> content = read_forum_page(page)
    >>> [page[slice(*span)] for span in content.spans], content.metadata
    (['第一条'], {'title': '规划', 'author': '青石', 'date': '2024-06-15'})
    """
    has_lines = _has_lines(text)
    normalized = normalize_for_patterns(text)
    headers = _find_headers(normalized, start, has_lines)
    page = ForumPage(saved=text, text=normalized, start=start, headers=headers, has_lines=has_lines)
    return _read_posts(page) if headers else _read_page_without_posts(page)


def _has_lines(text: str) -> bool:
    return text.strip().count("\n") >= _LINE_BREAKS_OF_A_PAGE


def _find_headers(text: str, start: int, has_lines: bool) -> Sequence[re.Match[str]]:
    """The headers of the posts, all by the first pattern that matches any.

    Tools are the links in the header of a post: reply, report, show this author only. Headers without tools
    count only on a page without others: a quotation names its author in the same way, and a sentence may
    mention a post.
    """
    for pattern in (HEADER_WITH_TOOLS, HEADER_AFTER_TOOLS, HEADER_WITHOUT_TOOLS):
        headers = [
            match
            for match in pattern.finditer(text, start)
            if not has_lines or match.start() - text.rfind("\n", 0, match.start()) < _HEADER_INDENT
        ]
        if headers:
            return headers
    return ()


def _read_posts(page: ForumPage) -> PageContent:
    first = page.headers[0]
    above = page.segments(page.start, first.start())
    card = _find_card(above)
    metadata = _read_title(page, above[:card])
    author = _read_author(page, above, card, metadata.get("title", ""))
    if author.name:
        metadata["author"] = author.name
    if date := format_day(first):
        metadata["date"] = date
    spans = _find_prose(above)
    posts: list[Post] = []
    name = author.name
    limits = [header.start() for header in page.headers[1:]]
    for header, limit in zip(page.headers, [*limits, len(page.text)], strict=True):
        if header.groupdict().get("author"):
            name = page.saved[slice(*header.span("author"))]
        facts = list_facts(name, format_day(header), header["clock"])
        name = ""
        footer = page.find_footer(header.end(), limit)
        segments = page.segments(header.end(), limit if footer is None else footer)
        if footer is not None:
            segments = _trim_footer_lines(segments)
        elif limit < len(page.text):
            next_card = _find_card(segments)
            names = _count_names(segments, next_card, author.name_segments)
            name = _read_segment(page, segments[next_card - 1]) if names else ""
            segments = segments[: next_card - names]
        post = _trim_post(segments)
        posts.append(Post(header.start(), post[-1].end if post else header.end(), facts))
        spans += leave_out_notices(post) if page.has_lines else join_segments(post, ())
        if footer is not None:
            spans.extend(_find_prose(page.segments(footer, limit)))
    return PageContent(spans=tuple(spans), metadata=metadata, posts=posts)


def _find_card(segments: Sequence[Segment]) -> int:
    """The index of the first segment of the user card at the end; the number of segments if there is none.

    Read backwards: lines that a card consists of, with at most two others between them (a mood, a title of
    the user's own).
    """
    top = len(segments)
    unknown = 0
    for index in range(len(segments) - 1, max(len(segments) - 1 - _CARD_SEGMENTS, -1), -1):
        text = segments[index].text
        if len(text) <= _CARD_LINE_CHARACTERS and CARD_LINE.fullmatch(text):
            top = index
            unknown = 0
        elif not CARD_COUNT.fullmatch(text):
            unknown += 1
            if unknown > _UNKNOWN_CARD_LINES or len(text) > _UNKNOWN_CARD_CHARACTERS:
                break
    if not any(CARD_SIGN.search(segment.text) for segment in segments[top:]):
        return len(segments)
    if top and segments[top].matches(CARD_LABEL) and segments[top - 1].matches(CARD_COUNT):
        return top - 1
    return top


def _count_names(segments: Sequence[Segment], top: int, limit: int = _NAMES_ABOVE_CARD) -> int:
    """How many segments directly above ``top`` are a user name, each the same one; at most ``limit``."""
    names = segments[max(top - limit, 0) : top]
    count = 0
    for segment in reversed(names):
        if not segment.matches(_USER_NAME) or segment.text != names[-1].text:
            break
        count += 1
    return count


def _read_author(page: ForumPage, above: Sequence[Segment], card: int, title: str) -> FirstAuthor:
    """The author in the first header, or the user name above the card of the first post."""
    first = page.headers[0]
    if first.groupdict().get("author"):
        return FirstAuthor(name=page.saved[slice(*first.span("author"))])
    count = _count_names(above, card)
    if not count:
        return FirstAuthor()
    segment = above[card - 1]
    name = _read_segment(page, segment)
    if name == title or segment.matches(HEADER_LINE):
        return FirstAuthor()
    return FirstAuthor(name=name, name_segments=count)


def _read_segment(page: ForumPage, segment: Segment) -> str:
    return page.saved[segment.start : segment.end]


def _read_title(page: ForumPage, above: Sequence[Segment]) -> dict[str, str]:
    """Title and region, from the first place that has a title.

    The places are, in this order: before the button "[复制链接]", below the counters, and in the subject or
    the title of the browser's window.
    """
    candidates = _find_titles(above)
    categories = {
        after.start: before for before, after in pairwise(above) if REGION.fullmatch(f"{before.text} ")
    }
    for start, end in candidates:
        line = page.text[start:end]
        if line and not HEADER_LINE.fullmatch(line) and not HEADER_WITH_TOOLS.search(line):
            category_start = categories[start].start if start in categories else start
            if region := REGION.match(page.text, category_start, end):
                name = page.saved[slice(*region.span("region"))]
                return {"title": page.saved[region.end() : end], "region": name}
            return {"title": page.saved[start:end]}
    return {}


def _find_titles(above: Sequence[Segment]) -> list[TextSpan]:
    """The spans that may be the title, the most reliable first."""
    short = [segment for segment in above if len(segment.text) <= _PATTERN_CHARACTERS]
    titles: list[TextSpan] = []
    for before, segment in pairwise([Segment(start=0, end=0, text=""), *above]):
        if len(segment.text) <= _PATTERN_CHARACTERS and (button := COPY_LINK_AT_END.search(segment.text)):
            on_line = (segment.start, segment.start + button.start())
            titles.append(on_line if button.start() else (before.start, before.end))
    titles += [(after.start, after.end) for before, after in pairwise(above) if before.matches(COUNTERS_LINE)]
    for segment in short:
        if match := SUBJECT.fullmatch(segment.text) or WINDOW_TITLE.match(segment.text):
            titles.append((segment.start + match.start("title"), segment.start + match.end("title")))
    return titles


def _trim_footer_lines(segments: list[Segment]) -> list[Segment]:
    """Drop the page numbers and buttons between the last post and the login box."""
    end = len(segments)
    while end and segments[end - 1].matches(FOOTER_LINE):
        end -= 1
    return segments[:end]


def _trim_post(segments: list[Segment]) -> list[Segment]:
    """Drop the notices above a post and the rows of buttons under it.

    Of the last rows that could be buttons or a short reply ("支持") the first is kept. Rows of that kind
    right above a certain button or notice are dropped with it.
    """
    begin = 0
    while begin < len(segments) and segments[begin].matches(NOTICE_ABOVE_POST):
        begin += 1
    segments = segments[begin:]
    end = top = len(segments)
    while top:
        segment = segments[top - 1]
        is_row = segment.matches(BUTTON_ROW)
        if segment.matches(NOTICE_UNDER_POST) or (is_row and SURE_BUTTON.search(segment.text)):
            end = top - 1
        elif top == 1 or not is_row:
            break
        top -= 1
    while 1 < end < len(segments) and segments[end - 1].matches(BUTTON_ROW):
        end -= 1
    return segments[:end]


def leave_out_notices(segments: Sequence[Segment]) -> list[TextSpan]:
    """The spans of the lines of a post without those that the software puts into it."""
    return join_segments(segments, find_notices([segment.text for segment in segments]))


def join_segments(segments: Sequence[Segment], left_out: Collection[int]) -> list[TextSpan]:
    """The spans of neighbouring segments, without those whose numbers are ``left_out``."""
    spans: list[TextSpan] = []
    previous = -1
    for place, segment in enumerate(segments):
        if place in left_out:
            continue
        if spans and previous == place - 1:
            spans[-1] = (spans[-1][0], segment.end)
        else:
            spans.append((segment.start, segment.end))
        previous = place
    return spans


def _find_prose(segments: Sequence[Segment]) -> list[TextSpan]:
    """The long sentences around posts, if there is too much of them to be the forum's own."""
    spans = [(segment.start, segment.end) for segment in segments if segment.is_long_sentence()]
    return spans if sum(end - start for start, end in spans) >= _PROSE_CHARACTERS else []


def _read_page_without_posts(page: ForumPage) -> PageContent:
    """Keep what is between the last line of the page header that is recognised and the page footer."""
    segments = page.segments(page.start, len(page.text))
    prose = [
        index
        for index, segment in enumerate(segments)
        if segment.is_long_sentence() and not segment.matches(HEADER_LINE)
    ]
    begin = 0
    for index, segment in enumerate(segments[: prose[0] if prose else None]):
        if segment.matches(HEADER_LINE):
            begin = index + 1
    footer = page.find_footer(segments[prose[-1]].end if prose else page.start, len(page.text))
    before_footer = [segment for segment in segments[begin:] if footer is None or segment.end <= footer]
    body = _trim_footer_lines(before_footer)
    spans = ((body[0].start, body[-1].end),) if body else ()
    return PageContent(spans=spans, metadata=_read_title(page, segments))
