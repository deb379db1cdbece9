"""Reads the visible text of an HTML page, and where in the page each of its characters comes from."""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from hanpack.steps.page.patterns import PagePattern, TextSpan, union

# Control and zero-width characters a browser does not show; joiners and variation selectors belong to text.
INVISIBLE = "[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f\\xad\\u200b\\u2060\\ufeff]"
ATTRIBUTES = r"(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+"
# The separator of two runs between which the source breaks a line inside a block.
SOURCE_LINE_BREAK = "\r"

_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(?P<raw>script|style|noscript|template|svg|title|select|textarea|iframe)\b.*?(?:</(?P=raw)\s*>|\Z)"
    rf"|<(?P<close>/?)(?P<tag>[a-zA-Z][\w:-]*+)(?P<attributes>{ATTRIBUTES})>"
    r"|<(?P<bad_close>/?)(?P<bad_tag>[a-zA-Z][\w:-]*+)[^<>]*+>|<[!?/][^<>]*+>"
    r"|(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?)"
    rf"|(?P<invisible>{INVISIBLE}+)|(?P<blank>\s+)",
    re.DOTALL | re.IGNORECASE,
)
_BLOCK = re.compile(
    r"address|article|aside|blockquote|body|br|center|dd|div|dl|dt|fieldset|figure|footer|form|h[1-6r]|header"
    r"|html|li|main|nav|ol|p|pre|section|table|tbody|tr|ul"
)
_CELL = re.compile(r"td|th|option|button|label")
_VOID = re.compile(r"area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr")

# The attributes, as markup, of the element that contains the text of a post.
POST_ELEMENTS = (
    PagePattern(
        "Discuz!",
        r"\bid\s*=\s*[\"']?postmessage_\d+\b",
        'class="t_f" id="postmessage_7"',
        'id="postmessage_a"',
    ),
    PagePattern("vBulletin", r"\bid\s*=\s*[\"']?post_message_\d+\b", 'id="post_message_7"', 'id="post_7"'),
    PagePattern("phpwind", r"\bid\s*=\s*[\"']?read_(?:tpc|\d+)\b", "id=read_tpc", "id=read_top"),
    PagePattern("Tieba", r"\bid\s*=\s*[\"']?post_content_\d+\b", "id='post_content_7'", "id='post_content'"),
    PagePattern(
        "Discourse, XenForo, Flarum, Zhihu",
        r"\bclass\s*=\s*[\"'](?:[^\"']*\s)?(?:cooked|bbWrapper|Post-body|ztext)[\s\"']",
        'class="RichText ztext"',
        'class="uncooked"',
    ),
    PagePattern("NodeBB", r"\bcomponent=\"post/content\"", 'component="post/content"', 'component="post"'),
)
# The attributes of elements that a reader of the page does not see.
HIDDEN_ELEMENTS = (
    PagePattern("hidden by style", r"display\s*:\s*none", 'style="display: none"', 'style="display: block"'),
    PagePattern(
        "Discuz!: random strings against copying",
        r"class\s*=\s*[\"']?jammer\b",
        'class="jammer"',
        'class="jam"',
    ),
)
# The attributes of elements that the software puts into a post.
POST_NOTE_ELEMENTS = (
    PagePattern(
        "notices and attachments",
        r"class\s*=\s*[\"']?(?:pstatus|attach_nopermission|tip\b|aimg_tip)",
        'class="pstatus"',
        'class="tips"',
    ),
    PagePattern(
        "source of a quotation", r"class\s*=\s*[\"']?quote_from", 'class="quote_from"', 'class="quote"'
    ),
)
POST_ELEMENT = re.compile(union(POST_ELEMENTS), re.IGNORECASE)
HIDDEN_ELEMENT = re.compile(union(HIDDEN_ELEMENTS), re.IGNORECASE)
POST_NOTE_ELEMENT = re.compile(union(POST_NOTE_ELEMENTS), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class VisibleRun:
    """A run of visible characters: its place in the visible text, and its span in the page.

    ``separator`` is what comes between it and the run before: nothing, a space, a line break or
    ``SOURCE_LINE_BREAK``.
    """

    place: int
    text: str
    start: int
    end: int
    separator: str


@dataclass(frozen=True, slots=True)
class VisibleText:
    """What a reader sees of a page, without spaces, and the spans of the forum posts in it."""

    text: str
    runs: tuple[VisibleRun, ...]
    posts: tuple[TextSpan, ...]

    def runs_within(self, start: int, end: int) -> Iterator[VisibleRun]:
        """The runs of a span of the visible text, cut at its ends.

        >>> [run.text for run in read_html("<b>一二</b><i>三四</i>").runs_within(1, 3)]
        ['二', '三']
        """
        number = max(bisect_right(self.runs, start, key=lambda run: run.place) - 1, 0)
        while number < len(self.runs) and self.runs[number].place < end:
            run = self.runs[number]
            low, high = max(start - run.place, 0), min(end - run.place, len(run.text))
            if low < high:
                # A run that is not literally in the page comes from an entity, which cannot be cut.
                is_literal = run.end - run.start == len(run.text)
                yield VisibleRun(
                    place=run.place + low,
                    text=run.text[low:high],
                    start=run.start + low if is_literal else run.start,
                    end=run.start + high if is_literal else run.end,
                    separator="" if low else run.separator,
                )
            number += 1


@dataclass(slots=True)
class _OpenElement:
    """An element that is open, and how many elements of its name are, itself included."""

    name: str
    text_start: int
    depth: int = 1

    def update(self, name: str, is_closing: bool) -> bool:
        """Count a tag; returns whether the element is closed by it."""
        if name == self.name:
            self.depth += -1 if is_closing else 1
        return not self.depth


class _VisibleTextCollector:
    """Collects the runs and posts of a page while its tokens are read."""

    def __init__(self) -> None:
        self.runs: list[VisibleRun] = []
        self.posts: list[TextSpan] = []
        self.length = 0
        self.separator = ""
        self.hidden: _OpenElement | None = None
        self.post: _OpenElement | None = None

    def add(self, text: str, start: int, end: int) -> None:
        if self.hidden or not text:
            return
        self.runs.append(
            VisibleRun(place=self.length, text=text, start=start, end=end, separator=self.separator)
        )
        self.length += len(text)
        self.separator = ""

    def separate(self, separator: str) -> None:
        """Put a separator before the next run; a line break is never replaced."""
        if self.separator != "\n":
            self.separator = separator

    def add_blank(self, blank: str) -> None:
        """Separate by blank characters of the source; a line break in them replaces no other separator."""
        self.separate(self.separator or SOURCE_LINE_BREAK if "\n" in blank else " ")

    def add_entity(self, entity: str, start: int, end: int) -> None:
        character = html.unescape(entity)
        if character != entity and character.isspace():
            self.separate(" ")
        else:
            self.add(character, start, end)

    def add_tag(self, name: str, is_closing: bool, attributes: str) -> None:
        if _BLOCK.fullmatch(name):
            self.separate("\n")
        elif _CELL.fullmatch(name):
            self.separate(" ")
        if _VOID.fullmatch(name) or attributes.endswith("/"):
            return
        if self.hidden:
            if self.hidden.update(name, is_closing):
                self.hidden = None
        elif not is_closing and self._is_hidden(attributes):
            self.hidden = _OpenElement(name=name, text_start=self.length)
        if self.post:
            if self.post.update(name, is_closing):
                self.close_post()
        elif not is_closing and POST_ELEMENT.search(attributes):
            self.post = _OpenElement(name=name, text_start=self.length)

    def _is_hidden(self, attributes: str) -> bool:
        is_note = self.post is not None and POST_NOTE_ELEMENT.search(attributes) is not None
        return is_note or HIDDEN_ELEMENT.search(attributes) is not None

    def close_post(self) -> None:
        if self.post and self.length > self.post.text_start:
            self.posts.append((self.post.text_start, self.length))
        self.post = None


def read_html(page: str) -> VisibleText:
    """Read the visible text of a page; markup that is not well-formed counts as text, as in browsers.

    >>> read_html("<p>粮食&gt;500<!-- 公斤 --> 亿斤</p><script>x</script>").text
    '粮食>500亿斤'
    """
    collector = _VisibleTextCollector()
    position = 0
    for token in _TOKEN.finditer(page):
        if token.start() > position:
            collector.add(page[position : token.start()], position, token.start())
        position = token.end()
        if entity := token["entity"]:
            collector.add_entity(entity, token.start(), token.end())
        elif blank := token["blank"]:
            collector.add_blank(blank)
        elif tag := token["tag"] or token["bad_tag"]:
            is_closing = bool(token["close"] or token["bad_close"])
            collector.add_tag(tag.lower(), is_closing, token["attributes"] or "")
    if position < len(page):
        collector.add(page[position:], position, len(page))
    collector.close_post()
    text = "".join(run.text for run in collector.runs)
    return VisibleText(text=text, runs=tuple(collector.runs), posts=tuple(collector.posts))
