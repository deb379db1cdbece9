"""Reads the posts that a page states in JSON-LD beside its markup: the text of each, its author and its time.

Source: schema.org (DiscussionForumPosting, SocialMediaPosting, Comment, Question, Answer), JSON-LD 1.1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.markup_tree import read_plain_text
from hanpack.steps.page.post_marks import read_moment

_SCRIPT = compile_lazily(r"<script\b[^<>]{0,400}?\bld\+json\b[^<>]*>", re.IGNORECASE)
_SCRIPT_END = compile_lazily(r"</script\b", re.IGNORECASE)
_TYPES = frozenset(("DiscussionForumPosting", "SocialMediaPosting", "Comment", "Question", "Answer"))
# The properties with posts, in the order in which they are read.
_PARTS = ("@graph", "mainEntity")
# Those of a post alone: the comments on an article are no thread without it.
_ANSWERS = ("acceptedAnswer", "suggestedAnswer", "comment")
_FIRST_TYPES = ('"DiscussionForumPosting"', '"SocialMediaPosting"', '"Question"')
_TEXTS = ("text", "articleBody")
_TIMES = ("datePublished", "dateCreated")
# Objects that are so deep within others are not read, and neither are more posts.
_DEEPEST, _MOST_POSTS = 8, 5_000
_LONGEST_NAME = 40


class StatedPost(NamedTuple):
    """The text of a post without blanks, and what is stated of it: author, date, time."""

    text: str
    facts: Mapping[str, str]


def may_state_posts(markup: str) -> bool:
    """Whether a page has JSON-LD that names a type of which a thread begins with one."""
    return "ld+json" in markup and any(name in markup for name in _FIRST_TYPES)


def read_stated_posts(markup: str) -> list[StatedPost]:
    r"""The posts with an author that the JSON-LD of a page states, in order; empty if it states none.

    >>> page = '<script type="application/ld+json">{"@type": "DiscussionForumPosting",'
    >>> page += '"text": "<p>防汛 了</p>", "author": {"name": "青石"}, "comment": [{"@type": "Comment",'
    >>> page += '"text": "同意。", "author": {"name": "流水"}, "dateCreated": "2024-03-07T02:20"}]}</script>'
    >>> [(post.text, dict(post.facts)) for post in read_stated_posts(page)]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('防汛了', {'author': '青石'}),
     ('同意。', {'author': '流水', 'date': '2024-03-07', 'time': '02:20'})]
    """
    posts: list[StatedPost] = []
    if not may_state_posts(markup):
        return posts
    position = 0
    while (script := _SCRIPT.search(markup, position)) and (end := _SCRIPT_END.search(markup, script.end())):
        position = end.end()
        try:
            content = json.loads(markup[script.end() : end.start()], strict=False)
        except (ValueError, RecursionError):
            continue
        for post in _read_posts(content, 0):
            posts.append(post)
            if len(posts) == _MOST_POSTS:
                return posts
    return posts


def squash(text: str) -> str:
    """A text without its blanks, by which two readings of one text are compared."""
    return "".join(text.split())


def _read_posts(content: object, depth: int) -> Iterator[StatedPost]:
    if depth > _DEEPEST:
        return
    if isinstance(content, list):
        for part in content:
            yield from _read_posts(part, depth + 1)
    if not isinstance(content, dict):
        return
    is_post = _has_type(content.get("@type"))
    text = next((value for name in _TEXTS if isinstance(value := content.get(name), str)), "")
    if is_post and text and (author := _read_name(content.get("author"))):
        facts = {"author": author}
        stated = next((value for name in _TIMES if isinstance(value := content.get(name), str)), "")
        if moment := read_moment(stated):
            facts |= {"date": moment.date} | ({"time": moment.time} if moment.time else {})
        yield StatedPost(squash(read_plain_text(text)), facts)
    for name in _ANSWERS if is_post else _PARTS:
        yield from _read_posts(content.get(name), depth + 1)


def _has_type(stated: object) -> bool:
    types = stated if isinstance(stated, list) else [stated]
    return any(isinstance(name, str) and name.rpartition("/")[2] in _TYPES for name in types)


def _read_name(author: object) -> str:
    if isinstance(author, list):
        author = author[0] if author else None
    if isinstance(author, dict):
        author = author.get("name")
    name = " ".join(author.split()) if isinstance(author, str) else ""
    return name if len(name) <= _LONGEST_NAME else ""
