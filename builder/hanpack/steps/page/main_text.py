"""Finds the main text of an HTML page: the posts of a forum, or the part that an extractor prefers.

The extractor, trafilatura, only votes: each line of the page carries a mark, and the marks in its result tell
which lines it chose. An element most of whose text it chose is main text as a whole, so that a table or a
short line in the middle of an article is not lost. What the document contains is read from the page itself.

Source: Barbaresi, "Trafilatura: A Web Scraping Library and Command-Line Tool for Text Discovery and
Extraction", ACL-IJCNLP 2021, system demonstrations. Link density: Kohlschütter, Fankhauser and Nejdl,
"Boilerplate Detection using Shallow Text Features", WSDM 2010.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.html_page import HtmlPage, Members, VisibleLine
from hanpack.steps.page.html_tables import count_places
from hanpack.steps.page.html_tokens import HEADINGS
from hanpack.steps.page.other_views import read_other_view
from hanpack.steps.page.patterns import PagePattern, normalize_for_patterns, union
from hanpack.steps.page.post_notices import find_notices, is_deleted_post
from hanpack.steps.page.site_lines import is_site_line

if TYPE_CHECKING:
    from configparser import ConfigParser

# Below this many characters trafilatura takes all of a page for its main text. Its own value, 250, is for
# alphabets; a Chinese notice is shorter.
_SHORTEST_MAIN_TEXT = 60
# The extractor takes about 50 microseconds for an element or a line: a page with more is read without it. Of
# the development data no page has over 703.
_MOST_ELEMENTS = 10_000
# It makes a cell of every place of a table, also of those that a cell spans, in about a microsecond.
_MOST_PLACES = 200_000
# If the extractor chooses less than this many characters, all sentences of the page have votes.
_SHORT_TEXT = 250
_SENTENCE = compile_lazily(r"(?=.{15}).*[。！？；，、]|.{30}")
# Marks are numbers, written in the syllables of Vai: letters that no rule of an extractor is about.
_FIRST_DIGIT, _DIGITS = 0xA500, 256
_VAI = compile_lazily("[\ua500-\ua63f]")
_MARK = compile_lazily("[\ua500-\ua5ff]{3}")
# An element is entered as long as one child has this share of the lines chosen in it.
_SHARE_OF_CHILD = 0.9
# An element is main text if this share of its text, without links, was chosen.
_SHARE_OF_MAIN_TEXT = 0.7
# More links than this share are navigation: in an element, and in a line of an article.
_LINKS_OF_ELEMENT = 0.5
_LINKS_OF_LINE = 0.8
_LINKS_OF_TABLE = 0.9
# A form with less text than this is for searching or logging in; some sites put all of a page into a form.
_CHARACTERS_OF_FORM = 40
# These contain a paragraph or a list, never a whole article.
_PARAGRAPHS = HEADINGS | {"blockquote", "dd", "dt", "figure", "li", "p", "pre"}
_PARTS_OF_ARTICLE = _PARAGRAPHS | {"dl", "ol", "table", "ul"}
_BOILERPLATE_NAMES = frozenset(("aside", "footer", "menu", "nav"))
_EDGE = r"(?:^|(?<=[\s\"'_=-]))"
# The attributes of elements that a site puts around an article or into it.
BOILERPLATE_ELEMENTS = (
    PagePattern(
        "navigation",
        rf"\b(?:class|id)\s*+=\s*+[\"']?+[^\"'<>]{{0,120}}?{_EDGE}(?:nav|navbar|navigation|menu|breadcrumbs?|crumbs?|pagination"
        r"|pager|sidebar|topbar|location|position)(?=[\s\"'_-]|$)",
        'class="main-nav"',
        'class="navy"',
    ),
    PagePattern(
        "end of the page",
        rf"\b(?:class|id)\s*+=\s*+[\"']?+[^\"'<>]{{0,120}}?{_EDGE}(?:footer|foot|copyright|friendlink|links)(?=[\s\"'_-]|$)",
        'id="foot"',
        'class="football"',
    ),
    PagePattern(
        "what a reader can do",
        rf"\b(?:class|id)\s*+=\s*+[\"']?+[^\"'<>]{{0,120}}?{_EDGE}(?:share|bdshare\w*|toolbar|tools|login|search|qrcode|feedback"
        r"|vote|digg)(?=[\s\"'_-]|$)",
        'class="bdsharebuttonbox"',
        'class="shareholder"',
    ),
    PagePattern(
        "other articles and advertisements",
        rf"\b(?:class|id)\s*+=\s*+[\"']?+[^\"'<>]{{0,120}}?{_EDGE}(?:related|relate|recommend|recommended|hot|rank|ads?|advert\w*"
        r"|banner|tags?)(?=[\s\"'_-]|$)",
        'class="related-news"',
        'class="relation"',
    ),
)
BOILERPLATE_ELEMENT = compile_lazily(union(BOILERPLATE_ELEMENTS), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MainText:
    """The numbers of the lines that are main text, whether that is uncertain, and metadata in other lines."""

    lines: Collection[int]
    is_uncertain: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)


def find_main_text(markup: str, page: HtmlPage) -> MainText:
    """Find a page's main text: a forum's posts, else what trafilatura prefers.

    If it chooses little, and there are more sentences outside of navigation, those have votes, too. The main
    text is uncertain if they are many, and if more of them are left out than are kept: then all are kept. On
    a page of very many elements it is uncertain as well: all but navigation.

    >>> from hanpack.steps.page.html_text import read_html
    >>> markup = '<h1>公文</h1><td id="postmessage_1">收到。</td>'
    >>> find_main_text(markup, read_html(markup))
    MainText(lines=frozenset({1}), is_uncertain=False, metadata={})

    Raises:
        ImportError: the page has no posts of a known forum software, and trafilatura is not installed.
    """
    if page.simplified:
        return MainText(lines=leave_out_navigation(page), is_uncertain=True)
    if page.posts:
        posts = [post for post in page.posts if not _is_deleted(page, *post)] or page.posts
        return MainText(lines=frozenset(chain.from_iterable(_list_post_lines(page, *post) for post in posts)))
    if view := _read_view(page):
        return view
    if max(len(page.elements), len(page.lines)) > _MOST_ELEMENTS or count_places(page) > _MOST_PLACES:
        return MainText(lines=leave_out_navigation(page), is_uncertain=True)
    votes = collect_votes(markup, page)
    rest = leave_out_navigation(page)
    sentences = frozenset(number for number in rest if _is_sentence(page.lines[number].text))
    is_uncertain = False
    if _count_text(page, votes) < _SHORT_TEXT:
        voted, possible = _count_text(page, votes), _count_text(page, sentences)
        is_uncertain = possible >= max(_SHORT_TEXT, 2 * voted)
        if possible > voted:
            votes |= sentences
        votes = votes & rest or rest
    lines = choose_lines(page, votes)
    left_out = sentences - lines
    if _count_text(page, left_out) > _count_text(page, lines):
        return MainText(lines=choose_lines(page, lines | left_out), is_uncertain=True)
    return MainText(lines=lines, is_uncertain=is_uncertain)


def _is_deleted(page: HtmlPage, first: int, end: int) -> bool:
    return end - first == 1 and is_deleted_post(page.lines[first].text)


def _list_post_lines(page: HtmlPage, first: int, end: int) -> Iterator[int]:
    """The lines of a post, without those that are the software's, unless it has no others."""
    lines = [normalize_for_patterns(page.lines[number].text).strip() for number in range(first, end)]
    notices = find_notices(lines)
    return (
        number for number in range(first, end) if number - first not in notices or len(notices) == len(lines)
    )


def _read_view(page: HtmlPage) -> MainText | None:
    """The main text of a forum thread as it is printed or archived; None for any other page."""
    pieces = chain.from_iterable((line.separator, line.text) for line in page.lines)
    content = read_other_view("".join(pieces))
    if content is None:
        return None
    starts = [0]
    for line in page.lines:
        starts.append(starts[-1] + len(line.separator) + len(line.text))
    lines = {
        number
        for start, end in content.spans
        for number in range(bisect_right(starts, start) - 1, bisect_left(starts, end))
    }
    return MainText(lines=lines, metadata=content.metadata)


def collect_votes(markup: str, page: HtmlPage) -> frozenset[int]:
    """The lines that trafilatura chooses.

    Raises:
        ImportError: trafilatura is not installed.
    """
    import trafilatura

    extracted = trafilatura.extract(
        "".join(_mark_lines(markup, page.lines)),
        include_comments=True,
        include_tables=True,
        config=_read_extractor_options(),
    )
    numbers = map(_read_mark, _MARK.findall(extracted or ""))
    return frozenset(number for number in numbers if number < len(page.lines))


@cache
def _read_extractor_options() -> ConfigParser:
    from copy import deepcopy

    from trafilatura.settings import DEFAULT_CONFIG

    options: ConfigParser = deepcopy(DEFAULT_CONFIG)
    options.set("DEFAULT", "MIN_EXTRACTED_SIZE", str(_SHORTEST_MAIN_TEXT))
    return options


def _mark_lines(markup: str, lines: Sequence[VisibleLine]) -> Iterator[str]:
    """The page with the number of each line before the longest run of the line."""
    position = 0
    for number, line in enumerate(lines):
        start = max(line.runs, key=lambda run: len(run.text)).start
        yield _VAI.sub("", markup[position:start])
        yield _write_mark(number)
        position = start
    yield _VAI.sub("", markup[position:])


def _write_mark(number: int) -> str:
    digits = (number // _DIGITS**2 % _DIGITS, number // _DIGITS % _DIGITS, number % _DIGITS)
    return "".join(chr(_FIRST_DIGIT + digit) for digit in digits)


def _read_mark(mark: str) -> int:
    high, middle, low = (ord(digit) - _FIRST_DIGIT for digit in mark)
    return (high * _DIGITS + middle) * _DIGITS + low


def _count_text(page: HtmlPage, numbers: Collection[int]) -> int:
    """How many characters of the lines are no links."""
    return sum(page.lines[number].characters - page.lines[number].link_characters for number in numbers)


def _is_sentence(text: str) -> bool:
    return _SENTENCE.match(text) is not None and not is_site_line(text)


def choose_lines(page: HtmlPage, votes: Collection[int]) -> frozenset[int]:
    """The lines that were voted for, and the rest of the elements that consist of them.

    From the top, an element is entered as long as one child of it has nearly all the votes, or too much of
    it has none. An element that is main text keeps everything but navigation without votes; elsewhere, lines
    of links are navigation even if they have votes, unless there is nothing else.

    >>> from hanpack.steps.page.html_text import read_html
    >>> article = "<p>春耕备耕进展顺利。<p>5℃<p>各地备足种子。"
    >>> page = read_html(f"<div><a href=a>首页</a></div><div>{article}</div>")
    >>> sorted(choose_lines(page, {1, 3}))
    [1, 2, 3]
    """
    tree = _VotedTree(page, votes)
    main_text: set[int] = set()
    is_within = [False] * len(page.lines)
    for number in tree.find_main_elements():
        first, end = page.elements[number].first_line, page.elements[number].end_line
        if first < end and not is_within[first]:
            is_within[first:end] = [True] * (end - first)
        main_text.update(tree.leave_out_boilerplate(number))
    main_text.update(number for number in votes if is_within[number] or not _is_link(page.lines[number]))
    for table in page.data_tables:
        lines = range(table.first_line, table.end_line)
        if any(number in main_text for number in lines):
            main_text.update(lines)
    return frozenset(main_text or votes)


def leave_out_navigation(page: HtmlPage) -> frozenset[int]:
    """The lines that are not navigation, by the share of links and by what their elements are called.

    If all lines are navigation, none is left out.
    """
    tree = _VotedTree(page, ())
    lines = {number for number, line in enumerate(page.lines) if line.element < 0}
    for number in tree.top:
        if not tree.is_boilerplate(number):
            lines.update(tree.leave_out_boilerplate(number))
    kept = frozenset(
        number
        for number in lines
        if page.lines[number].link_characters <= page.lines[number].characters * _LINKS_OF_ELEMENT
    )
    return kept or frozenset(range(len(page.lines)))


def _is_link(line: VisibleLine) -> bool:
    return line.link_characters > line.characters * _LINKS_OF_LINE


class _VotedTree:
    """The elements of a page with the votes for the lines in them.

    Of each element: ``children``, the last first, the ``lines`` directly in it, how many ``characters`` it
    has and how many of them are ``links``; and of those that are no links, how many are ``voted`` for, and
    how many are ``text``, that is, not in boilerplate or tables without votes.
    """

    def __init__(self, page: HtmlPage, votes: Collection[int]) -> None:
        count = len(page.elements)
        self.page = page
        self.top = [number for number, element in enumerate(page.elements) if element.parent < 0]
        self.children = Members([element.parent for element in page.elements], count, last_first=True)
        self.lines = Members([line.element for line in page.lines], count)
        self.characters, self.links, self.voted, self.text = ([0] * count for _ in range(4))
        for number, line in enumerate(page.lines):
            element = line.element
            if element >= 0:
                characters, links = line.characters, line.link_characters
                self.characters[element] += characters
                self.links[element] += links
                self.text[element] += characters - links
                if number in votes:
                    self.voted[element] += characters - links
        # Parents come before their children.
        for number in range(count - 1, -1, -1):
            parent = page.elements[number].parent
            if parent >= 0:
                self.characters[parent] += self.characters[number]
                self.links[parent] += self.links[number]
                self.voted[parent] += self.voted[number]
                if self.voted[number] or not (
                    page.elements[number].name == "table" or self.is_boilerplate(number)
                ):
                    self.text[parent] += self.text[number]

    def find_main_elements(self) -> Iterator[int]:
        """The elements that are main text as a whole, and those within their parts that are not."""
        waiting = list(self.top)
        while waiting:
            number = waiting.pop()
            children = [child for child in self.children.of(number) if self.voted[child]]
            if (
                self.voted[number]
                and not self._has_main_child(number, children)
                and self._is_main_element(number)
            ):
                yield number
                waiting += self._find_other_parts(number)
            else:
                waiting += children

    def _find_other_parts(self, top: int) -> Iterator[int]:
        """The outermost parts of a main element that have votes and do not belong to it."""
        waiting = [top]
        while waiting:
            for child in self.children.of(waiting.pop()):
                if self._belongs(child):
                    waiting.append(child)
                elif self.voted[child]:
                    yield child

    def _has_main_child(self, number: int, children: Sequence[int]) -> bool:
        """Whether nearly all votes of an element are for one child, which can contain an article."""
        largest = max(children, key=lambda child: self.voted[child], default=None)
        return (
            largest is not None
            and self.voted[largest] >= self.voted[number] * _SHARE_OF_CHILD
            and self.page.elements[largest].name not in _PARTS_OF_ARTICLE
        )

    def _is_main_element(self, number: int) -> bool:
        return self.voted[number] >= self.text[number] * _SHARE_OF_MAIN_TEXT

    def leave_out_boilerplate(self, top: int) -> Iterator[int]:
        """The lines of an element without boilerplate that has no votes, and without parts with few votes."""
        waiting = [top]
        while waiting:
            number = waiting.pop()
            for line_number in self.lines.of(number):
                line = self.page.lines[line_number]
                if not (_is_link(line) and self._is_navigation(line_number)) and not is_site_line(line.text):
                    yield line_number
            waiting += filter(self._belongs, self.children.of(number))

    def _is_navigation(self, number: int) -> bool:
        """Whether a link is next to another or in a list; a single paragraph belongs to the text."""
        lines = self.page.lines
        element = lines[number].element
        neighbours = [*lines[max(number - 1, 0) : number], *lines[number + 1 : number + 2]]
        return (element >= 0 and self.page.elements[element].name != "p") or any(map(_is_link, neighbours))

    def _belongs(self, child: int) -> bool:
        """Whether a part of a main element is main text, too; a list is as a whole."""
        if not self.voted[child]:
            return not self.is_boilerplate(child)
        return self._is_main_element(child) or self.page.elements[child].name in _PARTS_OF_ARTICLE

    def is_boilerplate(self, number: int) -> bool:
        """Whether an element is navigation, by its name, its attributes or the share of links in it."""
        element = self.page.elements[number]
        limit = _LINKS_OF_TABLE if element.name == "table" else _LINKS_OF_ELEMENT
        return (
            element.name in _BOILERPLATE_NAMES
            or (element.name == "header" and self.links[number] > 0)
            or (element.name == "form" and self.text[number] < _CHARACTERS_OF_FORM)
            or (element.name not in _PARAGRAPHS and self.links[number] > self.characters[number] * limit)
            or (element.attributes != "" and BOILERPLATE_ELEMENT.search(element.attributes) is not None)
        )
