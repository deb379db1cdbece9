"""Reads the tags of a page into a tree with their places in the markup, those within a line too.

The page reader keeps only what a reader sees; who wrote a post and when is often in attributes and in
elements that show nothing. The tree is made in one pass: an end tag closes the innermost open element of its
name.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.html_tokens import VOIDS, choose_tokens

_ATTRIBUTE = compile_lazily(
    r"(?<![\w:-])(?P<name>[\w:-]++)"
    r"(?:\s*+=\s*+(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'>]+)))?"
)
# What is no text of an element, and a tag.
_NO_TEXT = compile_lazily(
    r"<!--.*?(?:-->|\Z)|<(svg|style|script)\b.*?(?:</\1\s*+>|\Z)|<[^<>]*+>", re.DOTALL | re.IGNORECASE
)


class Tag(NamedTuple):
    """An element in the markup ``[start, end)``; its content is in ``[inner_start, inner_end)``.

    ``parent`` is the number of the element that it is in, -1 at the top.
    """

    name: str
    attributes: str
    parent: int
    start: int
    inner_start: int
    inner_end: int
    end: int

    def contains(self, other: Tag) -> bool:
        """Whether another element is in this one."""
        return self.start < other.start and other.end <= self.end


@dataclass(slots=True)
class _Draft:
    name: str
    attributes: str
    parent: int
    start: int
    inner_start: int
    inner_end: int = -1
    end: int = -1


def read_tags(markup: str, *, shows_noscript: bool = False) -> Sequence[Tag]:
    """The elements of a page in the order of their start tags.

    >>> [(tag.name, tag.parent, tag.end) for tag in read_tags("<p>一<a>二</a><br></p>")]
    [('p', -1, 20), ('a', 0, 12), ('br', 0, 16)]
    """
    drafts: list[_Draft] = []
    opened: list[int] = []
    # Where among the open elements those of each name are.
    positions: defaultdict[str, list[int]] = defaultdict(list)
    for token in choose_tokens(shows_noscript=shows_noscript).finditer(markup):
        tag = token["tag"] or token["bad_tag"]
        if not tag:
            continue
        name = tag.lower()
        start, end = token.span()
        if not (token["close"] or token["bad_close"]):
            draft = _Draft(name, token["attributes"] or "", opened[-1] if opened else -1, start, end)
            if name in VOIDS:
                draft.inner_end = draft.end = end
            else:
                positions[name].append(len(opened))
                opened.append(len(drafts))
            drafts.append(draft)
        elif positions[name]:
            position = positions[name][-1]
            for number in opened[position:]:
                positions[drafts[number].name].pop()
                drafts[number].inner_end = drafts[number].end = start
            drafts[opened[position]].end = end
            del opened[position:]
    for number in opened:
        drafts[number].inner_end = drafts[number].end = len(markup)
    return [
        Tag(
            draft.name,
            draft.attributes,
            draft.parent,
            draft.start,
            draft.inner_start,
            draft.inner_end,
            draft.end,
        )
        for draft in drafts
    ]


def read_attributes(markup: str) -> Mapping[str, str]:
    """The attributes of a tag; one without a value is an empty string.

    >>> read_attributes(' itemscope class="a b" id=p7 title="1 &gt; 0"')
    {'itemscope': '', 'class': 'a b', 'id': 'p7', 'title': '1 > 0'}
    """
    return {
        attribute["name"].lower(): html.unescape(
            attribute["double"] or attribute["single"] or attribute["bare"] or ""
        )
        for attribute in _ATTRIBUTE.finditer(markup)
    }


def read_plain_text(markup: str) -> str:
    """The text of a piece of markup on one line, without tags.

    >>> read_plain_text("<b>青</b>石&nbsp;<svg><path/></svg>发表于 ")
    '青石 发表于'
    """
    return " ".join(html.unescape(_NO_TEXT.sub("", markup)).split())


def iterate_ancestors(tags: Sequence[Tag], number: int) -> Iterator[int]:
    """The numbers of the elements around an element, the innermost first."""
    parent = tags[number].parent
    while parent >= 0:
        yield parent
        parent = tags[parent].parent
