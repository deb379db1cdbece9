"""The posts of a forum page: who wrote each, when, and which bytes of its source it has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.patterns import DAY, format_day, normalize_for_patterns
from hanpack.steps.page.post_headers import CLOCK, NAME
from hanpack.steps.traced import Traced

# A line that names who wrote what is below it, and when to the minute.
_HEADER_LINE = compile_lazily(
    rf"^ *+(?:\d{{1,5}}[#楼] *+)?(?:(?:作者|用户|网友) *: *)?(?P<author>{NAME}) *+\|? *+"
    rf"发表于 *+(?:: *+)?{DAY}[ ,]++(?P<clock>{CLOCK}) *+$",
    re.MULTILINE,
)
# These words make a text one that may be a page, see ``forum_signs``.
_WORDS = ("发表于", "發表於")
_CLOCK = compile_lazily(
    r"(?P<half>上午|下午)? *(?P<hour>\d{1,2}):(?P<rest>\d\d(?::\d\d)?)(?: *(?P<letter>[AP])M)?"
)
# The first of such lines is so near the beginning, in characters, and there are so many at least.
_NEAR, _FEWEST = 600, 2


class Post(NamedTuple):
    """A post: its span (characters of its page) and its author, date and time, as far as the page says."""

    start: int
    end: int
    facts: Mapping[str, str]


def format_clock(text: str | None) -> str:
    """A time of day as in ISO 8601; empty if it is none.

    >>> format_clock("18:27:36"), format_clock("下午 6:05"), format_clock("12:30 AM"), format_clock("29:00")
    ('18:27:36', '18:05', '00:30', '')
    """
    match = _CLOCK.fullmatch(text.strip()) if text else None
    if match is None:
        return ""
    hour = int(match["hour"])
    if match["half"] == "下午" or match["letter"] == "P":
        hour = hour + 12 if hour < 12 else hour
    elif match["letter"] == "A" and hour == 12:
        hour = 0
    return f"{hour:02d}:{match['rest']}" if hour < 24 else ""


def list_facts(author: str, date: str, clock: str | None) -> dict[str, str]:
    """What is known of a post, without what is not."""
    facts = {"author": author, "date": date, "time": format_clock(clock)}
    return {name: value for name, value in facts.items() if value}


def describe_first_post(posts: Sequence[Post]) -> dict[str, str]:
    """The author and the day of a page: those of its first post, whose time is in ``posts`` only."""
    facts = posts[0].facts if posts else {}
    return {name: value for name, value in facts.items() if name != "time"}


def describe_posts(traced: Traced, posts: Sequence[Post]) -> dict[str, object]:
    """The metadata ``posts`` of a page, if it has several posts of which it says anything.

    Each has the span of its bytes in the source, from the beginning of the post to that of the next one.
    """
    if sum(bool(post.facts) for post in posts) < _FEWEST:
        return {}
    starts, ends = traced.alignment.source_spans([post.start for post in posts], [post.end for post in posts])
    spans = zip(posts, starts.tolist(), ends.tolist(), strict=True)
    return {"posts": [{**post.facts, "byte_start": start, "byte_end": end} for post, start, end in spans]}


def read_plain_posts(text: str, start: int = 0) -> tuple[Post, ...]:
    r"""The posts of a text in which lines name the author and the time of each; empty if it has none.

    Nothing of such a text is removed: the lines stay.

    >>> page = "防汛\n青石 发表于 2024-1-1 12:00\n备足物资。\n流水 发表于 2024-1-2 8:05\n同意。\n"
    >>> [dict(post.facts) for post in read_plain_posts(page)]
    ... # doctest: +NORMALIZE_WHITESPACE
    [{'author': '青石', 'date': '2024-01-01', 'time': '12:00'},
     {'author': '流水', 'date': '2024-01-02', 'time': '08:05'}]
    """
    if not any(word in text for word in _WORDS):
        return ()
    headers = list(_HEADER_LINE.finditer(normalize_for_patterns(text), start))
    if len(headers) < _FEWEST or headers[0].start() - start > _NEAR:
        return ()
    limits = pairwise([*(header.start() for header in headers), len(text)])
    return tuple(
        Post(first, end, list_facts(text[slice(*header.span("author"))], format_day(header), header["clock"]))
        for header, (first, end) in zip(headers, limits, strict=True)
    )
