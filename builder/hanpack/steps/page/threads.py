"""Finds the posts of a page in the tree of its elements: the text of each, its author and its time.

One reading serves all sites. The text of a post is in an element that the table of forum software names, in
the text of an item of schema.org, or in one of several elements of the same name and class. Around each is a
largest element that contains no other: what it says of an author and a time is said of this post.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.html_tokens import HEADINGS, POST_ELEMENT, VOIDS
from hanpack.steps.page.markup_tree import Tag, iterate_ancestors, read_plain_text, read_tags
from hanpack.steps.page.post_marks import (
    AUTHOR_KINDS,
    ITEM,
    POST_TYPE,
    TEXT_CLASS,
    TEXT_PROPERTY,
    TIME_KINDS,
    Moment,
    read_author,
    read_stated_moment,
    read_time,
)
from hanpack.steps.page.posts import Post
from hanpack.steps.page.stated_posts import StatedPost, read_stated_posts, squash

# So much of the markup above or below a post is searched for words with its time.
_MOST_MARKUP = 20_000
# So many elements in the element of an author are searched for a name.
_MOST_WITHIN = 40
# So many elements above the replies may be the first post.
_MOST_ABOVE = 20
# So many groups of elements may be posts.
_MOST_GROUPS = 20
# Of a page without marks so many posts are needed, and this share of them with an author and a time.
_FEWEST, _SHARE_OF_KNOWN = 2, 0.8
# By so many characters at its beginning the element with a stated text is found, in so much of its markup.
_BEGINNING, _MARKUP_OF_BEGINNING = 24, 600
_DIGITS = compile_lazily(r"\d+")
_SIGNATURE = compile_lazily(r"\bclass\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'>]++)")
_REPLY = compile_lazily(r"\A(?:Re|回复|答复)\s*[:：]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Thread:
    """The posts of a page; ``is_marked`` if the page marks the elements with their texts as such.

    ``texts`` are the spans of those elements in the markup, and ``regions`` those of the largest elements
    around them that contain no other.
    """

    posts: tuple[Post, ...] = ()
    texts: tuple[tuple[int, int], ...] = ()
    regions: tuple[tuple[int, int], ...] = ()
    is_marked: bool = False


class _Statement(NamedTuple):
    """Something that a page says at a place: an author or a moment; the lower the kind, the better."""

    start: int
    kind: int
    value: str | Moment


class _Region(NamedTuple):
    """The text of a post, and the element around it that contains no other."""

    text: Tag
    around: Tag
    is_alone: bool


def find_thread(markup: str, *, shows_noscript: bool = False) -> Thread:
    """The posts of a page, each from the beginning of its text to that of the next one.

    >>> head = '<li><a href="/u/{0}">{0}</a> <time datetime="2024-06-1{1} 08:05"></time>'
    >>> post = head + '<p class="text">同意。</p></li>'
    >>> thread = find_thread("<ul>" + post.format("青石", 0) + post.format("流水", 1) + "</ul>")
    >>> [dict(post.facts) for post in thread.posts]
    ... # doctest: +NORMALIZE_WHITESPACE
    [{'author': '青石', 'date': '2024-06-10', 'time': '08:05'},
     {'author': '流水', 'date': '2024-06-11', 'time': '08:05'}]
    """
    page = _Page(markup, read_tags(markup, shows_noscript=shows_noscript))
    if texts := page.outermost(page.find_marked_texts()):
        return page.describe(texts, is_marked=True)
    stated = read_stated_posts(markup)
    return page.find_stated_thread(stated) or page.find_unmarked_thread()


class _Page:
    """The elements of a page, and what they say of authors and times."""

    def __init__(self, markup: str, tags: Sequence[Tag]) -> None:
        self._markup = markup
        self._tags = tags

    def find_marked_texts(self) -> list[int]:
        """The elements that the page marks as texts of posts, by a name of its software or by schema.org."""
        of_software = [
            number
            for number, tag in enumerate(self._tags)
            if tag.attributes and tag.name not in VOIDS and POST_ELEMENT.search(tag.attributes)
        ]
        if of_software:
            return of_software
        texts: list[int] = []
        items: list[int] = []
        for number, tag in enumerate(self._tags):
            around = items[tag.parent] if tag.parent >= 0 else -1
            is_text = around >= 0 and tag.name not in VOIDS and TEXT_PROPERTY.search(tag.attributes)
            if is_text and POST_TYPE.search(self._tags[around].attributes):
                texts.append(number)
            items.append(number if tag.attributes and ITEM.search(tag.attributes) else around)
        # Questions and answers without authors are not a thread.
        known = self.describe(self.outermost(texts), is_marked=True).posts
        return texts if any("author" in post.facts for post in known) else []

    def outermost(self, numbers: Sequence[int]) -> list[int]:
        """Those that are in no other of them."""
        kept: list[int] = []
        for number in numbers:
            if not kept or not self._tags[kept[-1]].contains(self._tags[number]):
                kept.append(number)
        return kept

    def find_stated_thread(self, stated: Sequence[StatedPost]) -> Thread | None:
        """The elements with the texts of most of the posts that the page states in JSON-LD; else None."""
        if len(stated) < _FEWEST:
            return None
        beginnings: defaultdict[str, deque[int]] = defaultdict(deque)
        for number, tag in enumerate(self._tags):
            end = min(tag.inner_end, tag.inner_start + _MARKUP_OF_BEGINNING)
            if tag.name not in VOIDS and (
                shown := squash(read_plain_text(self._markup[tag.inner_start : end]))
            ):
                beginnings[shown[:_BEGINNING]].append(number)
        found: dict[int, Mapping[str, str]] = {}
        for text, facts in stated:
            number = self._take_innermost(beginnings[text[:_BEGINNING]], len(text))
            if number >= 0:
                found[number] = facts
        texts = self.outermost(sorted(found))
        if len(texts) < max(_FEWEST, len(stated) / 2):
            return None
        thread = self.describe(texts, is_marked=True)
        posts = tuple(
            post._replace(facts=dict(sorted({**post.facts, **found[number]}.items())))
            for post, number in zip(thread.posts, texts, strict=True)
        )
        return replace(thread, posts=posts)

    def _take_innermost(self, numbers: deque[int], size: int) -> int:
        """The innermost of the first elements within one another that are of this size; -1 for none."""
        number = -1
        while numbers:
            tag = self._tags[numbers[0]]
            if number >= 0 and not self._tags[number].contains(tag):
                break
            following = numbers.popleft()
            number = following if tag.inner_end - tag.inner_start >= size else number
        return number

    def find_unmarked_thread(self) -> Thread:
        """The group of elements of one name and class with most text, if each has an author and a time."""
        groups: defaultdict[str, list[int]] = defaultdict(list)
        for number, tag in enumerate(self._tags):
            if _may_have_text(tag):
                groups[_sign(tag)].append(number)
        largest = sorted(groups.values(), key=len, reverse=True)[:_MOST_GROUPS]
        threads = [
            thread for group in largest if len(group) >= _FEWEST and (thread := self._read_group(group))
        ]
        sizes = (self._count_text(thread) for thread in threads)
        return max(zip(sizes, threads, strict=True), key=lambda pair: pair[0], default=(0, Thread()))[1]

    def _count_text(self, thread: Thread) -> int:
        return sum(len(read_plain_text(self._markup[start:end])) for start, end in thread.texts)

    def _read_group(self, group: Sequence[int]) -> Thread | None:
        texts = self.outermost(group)
        if len(texts) < _FEWEST:
            return None
        regions = self._find_regions(texts)
        if self._have_titles(regions):
            return None
        thread = self.describe([*self._find_first(regions[0]), *texts], is_marked=False)
        known = sum({"author", "date"} <= post.facts.keys() for post in thread.posts)
        return thread if known >= _SHARE_OF_KNOWN * len(thread.posts) else None

    def _find_first(self, region: _Region) -> Iterator[int]:
        """The post above the replies, of another class: the largest text with an author and a time."""
        limit = region.around.start
        above = [
            number
            for number, tag in enumerate(self._tags)
            if tag.end <= limit
            and tag.attributes
            and tag.name not in VOIDS
            and TEXT_CLASS.search(tag.attributes)
        ]
        above.sort(key=lambda number: self._tags[number].inner_start - self._tags[number].inner_end)
        for number in above[:_MOST_ABOVE]:
            if {"author", "date"} <= self.describe([number], is_marked=False).posts[0].facts.keys():
                yield number
                return

    def _have_titles(self, regions: Sequence[_Region]) -> bool:
        """Whether most of the elements have headings of their own, as entries of a list of articles have."""
        titles: set[str] = set()
        headings = [tag for tag in self._tags if tag.name in HEADINGS]
        starts = [tag.start for tag in headings]
        for region in regions:
            place = bisect_left(starts, region.around.start)
            if place == len(starts) or starts[place] > region.text.start:
                continue
            heading = headings[place]
            title = read_plain_text(self._markup[heading.inner_start : heading.inner_end])
            author = _choose(self._authors, heading.start, heading.end, nearest=False)
            if title and not author:
                titles.add(_REPLY.sub("", title))
        return len(titles) * 2 > len(regions)

    def describe(self, texts: Sequence[int], *, is_marked: bool) -> Thread:
        """The thread of posts with these texts."""
        regions = self._find_regions(texts)
        facts = [self._read_facts(region) for region in regions]
        # The answers to a post, and a second text of it, are in its element, beside its head.
        is_nested = sum("author" in of_post for of_post in facts) * 2 < len(facts)
        ends = [0, *(region.text.end for region in regions)]
        for place, (of_post, region) in enumerate(zip(facts, regions, strict=True)):
            if is_nested or not (of_post or (place and not facts[place - 1])):
                above = self._read_above(ends[place], region.text.start, nearest=True)
                facts[place] = {**above, **of_post}
        limits = pairwise([*(region.text.start for region in regions), len(self._markup)])
        posts = tuple(
            Post(start, end, dict(sorted(of_post.items())))
            for (start, end), of_post in zip(limits, facts, strict=True)
        )
        spans = tuple((region.text.inner_start, region.text.inner_end) for region in regions)
        arounds = tuple((region.around.start, region.around.end) for region in regions)
        return Thread(posts, spans, arounds, is_marked)

    def _find_regions(self, texts: Sequence[int]) -> list[_Region]:
        tags = self._tags
        around: list[int] = []
        for place, number in enumerate(texts):
            before = tags[texts[place - 1]].start if place else -1
            after = tags[texts[place + 1]].start if place + 1 < len(texts) else len(self._markup)
            largest = number
            for ancestor in iterate_ancestors(tags, number):
                if tags[ancestor].start <= before or tags[ancestor].end > after:
                    break
                largest = ancestor
            around.append(largest)
        signs = [_sign(tags[number]) for number in around]
        counts = Counter(signs)
        return [
            _Region(tags[text], tags[number], counts[sign] == 1)
            for text, number, sign in zip(texts, around, signs, strict=True)
        ]

    def _read_facts(self, region: _Region) -> dict[str, str]:
        """What the element around a post says above its text, and what is still unknown, below it."""
        facts = self._read_above(region.around.start, region.text.start, nearest=region.is_alone)
        end = min(region.around.end, region.text.end + _MOST_MARKUP)
        if "author" not in facts:
            facts |= _choose(self._authors, region.text.end, end, nearest=False, most_kind=0)
        if "date" not in facts:
            facts |= _choose(self._times, region.text.end, end, nearest=False)
        if "date" not in facts:
            words = read_plain_text(self._markup[region.text.end : end])
            facts |= _name(read_stated_moment(words, nearest=False))
        return facts

    def _read_above(self, start: int, end: int, *, nearest: bool) -> dict[str, str]:
        facts = _choose(self._authors, start, end, nearest=nearest)
        facts |= _choose(self._times, start, end, nearest=nearest)
        if "date" not in facts:
            words = read_plain_text(self._markup[max(start, end - _MOST_MARKUP) : end])
            facts |= _name(read_stated_moment(words, nearest=True))
        return facts

    @cached_property
    def _authors(self) -> list[_Statement]:
        statements: list[_Statement] = []
        # Of each kind, where the last one is and where it ends.
        last: dict[int, tuple[int, int]] = {}
        for number, tag in enumerate(self._tags):
            if not tag.attributes:
                continue
            attributes = tag.attributes.lower()
            for kind, (words, pattern) in enumerate(AUTHOR_KINDS):
                if any(word in attributes for word in words) and pattern.search(tag.attributes):
                    following = self._tags[number + 1 : number + 1 + _MOST_WITHIN]
                    within = tuple(inner for inner in following if inner.start < tag.end)
                    if author := read_author(self._markup, tag, within if kind == 0 else ()):
                        # The innermost of several elements names nothing else.
                        if kind in last and tag.start < last[kind][1]:
                            statements[last[kind][0]] = statements[last[kind][0]]._replace(value="")
                        last[kind] = len(statements), tag.end
                        statements.append(_Statement(tag.start, kind, author))
                    break
        return [statement for statement in statements if statement.value]

    @cached_property
    def _times(self) -> list[_Statement]:
        statements = []
        for tag in self._tags:
            if not tag.attributes:
                continue
            attributes = tag.attributes.lower()
            for kind, (words, pattern) in enumerate(TIME_KINDS):
                if any(word in attributes for word in words) and pattern.search(tag.attributes):
                    if moment := read_time(self._markup, tag):
                        statements.append(_Statement(tag.start, kind, moment))
                    break
        return statements


def _choose(
    statements: Sequence[_Statement], start: int, end: int, *, nearest: bool, most_kind: int = 9
) -> dict[str, str]:
    """The best that is said in ``[start, end)``: of the lowest kind the first, or the last as the nearest."""
    first = bisect_left(statements, start, key=lambda statement: statement.start)
    last = bisect_left(statements, end, key=lambda statement: statement.start)
    candidates = [statement for statement in statements[first:last] if statement.kind <= most_kind]
    if not candidates:
        return {}
    best = min(
        candidates, key=lambda statement: (statement.kind, -statement.start if nearest else statement.start)
    ).value
    return {"author": best} if isinstance(best, str) else _name(best)


def _name(moment: Moment | None) -> dict[str, str]:
    if moment is None:
        return {}
    return {"date": moment.date, "time": moment.time} if moment.time else {"date": moment.date}


def _sign(tag: Tag) -> str:
    """The name and the class of an element, without numbers."""
    class_attribute = _SIGNATURE.search(tag.attributes)
    return f"{tag.name} {_DIGITS.sub('', class_attribute.group()) if class_attribute else ''}"


def _may_have_text(tag: Tag) -> bool:
    return bool(tag.attributes) and tag.name not in VOIDS and TEXT_CLASS.search(tag.attributes) is not None
