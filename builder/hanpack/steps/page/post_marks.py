"""The signs by which a page says who wrote a post, when, and where its text is: tables of names, and readers.

Sources: schema.org (DiscussionForumPosting, Comment, Answer), microformats.org (h-entry), the HTML standard
(time), and the public templates of Flarum, NodeBB, Discourse and phpBB.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.markup_tree import Tag, read_attributes, read_plain_text
from hanpack.steps.page.patterns import DAY, PagePattern, format_day, normalize_for_patterns, union
from hanpack.steps.page.post_headers import CLOCK
from hanpack.steps.page.posts import format_clock

# A value up to one of its words. One without quotation marks ends at a blank: "class=class=…" is read once.
_VALUE = r"\s*+=\s*+(?:[\"'](?:[^\"'<>]*?[\s/])??|(?![\"'])(?:[^\"'<>=\s]*?/)??)"
# The types of items whose text is a post.
POST_TYPES = (
    PagePattern(
        "schema.org",
        r"\bitemtype\s*+=\s*+[\"']?+https?://schema\.org/(?:DiscussionForumPosting|Comment|UserComments|Answer|Question)\b",
        'itemtype="https://schema.org/Comment"',
        'itemtype="https://schema.org/CommentAction"',
    ),
)
TEXT_PROPERTIES = (
    PagePattern(
        "schema.org",
        rf"\bitemprop{_VALUE}(?:text|articleBody|commentText)(?=[\s\"'>]|$)",
        'itemprop="text"',
        'itemprop="headline"',
    ),
)
# The classes of an element with the text of one of several posts.
TEXT_CLASSES = (
    PagePattern(
        "content",
        rf"\b(?:class|id){_VALUE}(?:[\w-]*?[_-]|comm(?:ent)?|post|reply|top)?(?:content|text|richtext|body|message|msg)"
        r"(?:[_-]?\d+)?(?=[\s\"'>]|$)",
        'class="reply_content"',
        'class="context"',
    ),
)
# In the order of their weight.
AUTHORS = (
    PagePattern(
        "schema.org",
        rf"\bitemprop{_VALUE}(?:author|creator)(?=[\s\"'>]|$)",
        'itemprop="author"',
        'itemprop="authorName"',
    ),
    PagePattern(
        "class of a name",
        rf"\bclass{_VALUE}(?:\w*user[-_]?name|nick[-_]?name|[\w-]*author(?:info)?[-_]name|hnuser|authi)(?=[\s\"'>]|$)",
        'class="PostUser-name"',
        'class="username_container"',
    ),
    PagePattern(
        "class of an author",
        rf"\bclass{_VALUE}(?:author|[\w-]*[-_]author|creator|poster|h-card)(?=[\s\"'>]|$)",
        'class="comment-author"',
        'class="authority"',
    ),
    PagePattern(
        "address of a profile",
        r"\bhref\s*+=\s*+(?:[\"'][^\"'<>\s]*?|(?![\"'])(?:(?!\bhref\s*=)[^\"'<>\s])*?)"
        r"(?:(?:^|[\"'/=])(?:u|users?|members?|people|profile|author)/[^\"'<>\s/]+"
        r"|space-(?:uid|username)-|[?&;](?:uid|authorid)=|/home/main\?|(?:\buser|member|profile)(?:\.php)?\?"
        r"|mode=viewprofile)",
        'href="/member/qingshi"',
        'href="/members/"',
    ),
)
TIMES = (
    PagePattern(
        "schema.org",
        rf"\bitemprop{_VALUE}(?:datePublished|dateCreated|commentTime|pubdate)(?=[\s\"'>]|$)",
        'itemprop="datePublished"',
        'itemprop="dateModified"',
    ),
    PagePattern(
        "element",
        rf"\bdatetime\s*+=|\btitle\s*+=\s*+[\"']?+\s*+(?:19|20)\d\d\s?[-/.年]|\bclass{_VALUE}[\w-]*(?:time|date)(?=[\s\"'>]|$)"
        r"|\bid\s*+=\s*+[\"']?+authorposton\d",
        '<span class="pubtime">',
        'class="dateless"',
    ),
)
# Words one of which is in whatever a pattern matches: they are looked for far faster than the pattern.
_WORDS_OF_AUTHORS = (
    ("itemprop",),
    ("name", "hnuser", "authi"),
    ("author", "creator", "poster", "h-card"),
    ("href",),
)
_WORDS_OF_TIMES = (("itemprop",), ("time", "title", "date", "authorposton"))
AUTHOR_KINDS = tuple(
    (words, compile_lazily(row.expression, re.IGNORECASE))
    for words, row in zip(_WORDS_OF_AUTHORS, AUTHORS, strict=True)
)
TIME_KINDS = tuple(
    (words, compile_lazily(row.expression, re.IGNORECASE))
    for words, row in zip(_WORDS_OF_TIMES, TIMES, strict=True)
)
POST_TYPE = compile_lazily(union(POST_TYPES), re.IGNORECASE)
TEXT_PROPERTY = compile_lazily(union(TEXT_PROPERTIES), re.IGNORECASE)
TEXT_CLASS = compile_lazily(union(TEXT_CLASSES), re.IGNORECASE)
ITEM = compile_lazily(r"\bitem(?:scope|type)\b", re.IGNORECASE)
_NAME_PROPERTY = compile_lazily(rf"\bitemprop{_VALUE}name(?=[\s\"'>]|$)", re.IGNORECASE)
# So much of the markup of an element is read for a name or a time.
_MOST_MARKUP = 3_000
_LONGEST_NAME = 40
_NO_NAME = compile_lazily(r"[。；]|(?:19|20)\d\d[-/.年]\d|https?:|\A[\W\d_]*\Z")
_LABEL = compile_lazily(r"\A(?:(?:作者|楼主|来自|网友|用户|by|from) *[:：] *|by +|@)", re.IGNORECASE)
_BLANKS_IN_DAY = compile_lazily(r"(?:(?<! ) *+|)([年月日]) *+")
_MOMENT = compile_lazily(
    rf"{DAY}(?:[T ,]*+(?P<clock>{CLOCK})(?>[.,]\d++)?+ ?+(?P<zone>Z\b|[+-]\d\d:?\d\d)?)?", re.IGNORECASE
)
_CHANGED = compile_lazily(
    r"(?:编辑|修改|更新|edited|updated|加入|注册|登录|joined)[^\d]{0,12}\Z", re.IGNORECASE
)
_POSTED = compile_lazily(r"(?:发[表布]于|发[表布帖]时间|posted)[^\d]{0,4}\Z", re.IGNORECASE)


class Moment(NamedTuple):
    """A day as in ISO 8601, and the time of day with its offset from UTC, as far as a page says them."""

    date: str
    time: str


def read_moment(text: str) -> Moment | None:
    """The first day that a text names, with the time after it.

    >>> read_moment("2014-05-20T16:11:09.100Z"), read_moment("2024 年 5 月 6 日 21:42"), read_moment("3 天前")
    (Moment(date='2014-05-20', time='16:11:09Z'), Moment(date='2024-05-06', time='21:42'), None)
    """
    match = _MOMENT.search(_BLANKS_IN_DAY.sub(r"\1", normalize_for_patterns(text)))
    return _format(match) if match else None


def read_stated_moment(text: str, *, nearest: bool) -> Moment | None:
    """The moment of a post in the words around it: one with a time of day, or after 发表于.

    The last one if it is the nearest, else the first. When a post was changed is not when it was written.

    >>> read_stated_moment("注册于 2010-1-1 8:00 发表于 2024-4-11 11:52 只看该作者", nearest=True)
    Moment(date='2024-04-11', time='11:52')
    """
    normalized = normalize_for_patterns(text)
    stated = None
    for match in _MOMENT.finditer(normalized):
        before = normalized[max(match.start() - 20, 0) : match.start()]
        if _CHANGED.search(before) or not (match["clock"] or _POSTED.search(before)):
            continue
        if moment := _format(match):
            stated = moment
            if not nearest:
                break
    return stated


def _format(match: re.Match[str]) -> Moment | None:
    day, clock = format_day(match), format_clock(match["clock"])
    if not day:
        return None
    return Moment(day, clock + (match["zone"] or "").upper() if clock else "")


def read_author(markup: str, tag: Tag, within: tuple[Tag, ...]) -> str:
    """The author that an element names, by the name in it or by its text; empty if it names none.

    ``within`` are the elements in it.

    >>> from hanpack.steps.page.markup_tree import read_tags
    >>> markup = '<p itemprop="author"><img><meta itemprop="name" content="青石">新手</p>'
    >>> tag, *within = read_tags(markup)
    >>> read_author(markup, tag, tuple(within))
    '青石'
    """
    for inner in within:
        if _NAME_PROPERTY.search(inner.attributes):
            name = read_attributes(inner.attributes).get("content") or _read_text(markup, inner)
            if name := _clean_name(name):
                return name
    return _clean_name(read_attributes(tag.attributes).get("content") or _read_text(markup, tag))


def _clean_name(text: str) -> str:
    name = _LABEL.sub("", " ".join(text.split())).strip(" :：·|,，")
    return "" if len(name) > _LONGEST_NAME or _NO_NAME.search(name) else name


def read_time(markup: str, tag: Tag) -> Moment | None:
    """The moment that an element states in its attributes or its text."""
    attributes = read_attributes(tag.attributes)
    values = [attributes.get(name, "") for name in ("content", "datetime", "title")]
    for value in (*values, _read_text(markup, tag)[:100]):
        if value and (moment := read_moment(value)):
            return moment
    return None


def _read_text(markup: str, tag: Tag) -> str:
    return read_plain_text(markup[tag.inner_start : min(tag.inner_end, tag.inner_start + _MOST_MARKUP)])
