"""The visible text of an HTML page, with the place in the page each of its characters came from."""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

Span = tuple[int, int]

# Control and zero-width characters a browser does not show; joiners and variation selectors belong to text.
INVISIBLE = "[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f\\xad\\u200b\\u2060\\ufeff]"
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(?P<raw>script|style|noscript|template|svg|title|select|textarea|iframe)\b.*?(?:</(?P=raw)\s*>|\Z)"
    r"|<(?P<close>/?)(?P<tag>[a-zA-Z][\w:-]*+)(?P<attributes>(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>"
    r"|<(?P<loose>/?)(?P<loose_tag>[a-zA-Z][\w:-]*+)[^<>]*+>|<[!?/][^<>]*+>"
    r"|(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?)"
    rf"|(?P<nothing>{INVISIBLE}+)|(?P<blank>\s+)",
    re.DOTALL | re.IGNORECASE,
)
_BLOCK = re.compile(
    r"address|article|aside|blockquote|body|br|center|dd|div|dl|dt|fieldset|figure|footer|form|h[1-6r]|header"
    r"|html|li|main|nav|ol|p|pre|section|table|tbody|tr|ul"
)
_CELL = re.compile(r"td|th|option|button|label")
_VOID = re.compile(r"area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr")
# What a reader of the page does not see; Discuz! scatters such strings through a post against copying.
_HIDDEN = re.compile(r"display\s*:\s*none|class\s*=\s*[\"']?jammer\b", re.IGNORECASE)
# Where Discuz!, phpwind, vBulletin, Tieba, Discourse, XenForo, Flarum, NodeBB and Zhihu put the words of
# a post, and what they put among them.
_POST = re.compile(
    r"\bid\s*=\s*[\"']?(?:postmessage_\d+|post_message_\d+|read_(?:tpc|\d+)|post_content_\d+)\b"
    r"|\bclass\s*=\s*[\"'](?:[^\"']*\s)?(?:cooked|bbWrapper|Post-body|ztext)[\s\"']"
    r"|\bcomponent=\"post/content\"",
    re.IGNORECASE,
)
_POST_NOTE = re.compile(
    r"class\s*=\s*[\"']?(?:pstatus|attach_nopermission|tip\b|aimg_tip|quote_from)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of visible characters: its place in the visible text, and its span in the page.

    ``separator`` is what stands between it and the piece before: nothing, a blank or a line break.
    """

    place: int
    text: str
    start: int
    end: int
    separator: str


@dataclass(frozen=True, slots=True)
class VisibleText:
    """What a reader sees of a page, without blanks, and where the posts of a forum are in it."""

    text: str
    pieces: tuple[Piece, ...]
    posts: tuple[Span, ...]

    def within(self, start: int, end: int) -> Iterator[Piece]:
        """The pieces of a span of the visible text, cut at its ends."""
        at = max(bisect_right(self.pieces, start, key=lambda piece: piece.place) - 1, 0)
        while at < len(self.pieces) and self.pieces[at].place < end:
            piece = self.pieces[at]
            low, high = max(start - piece.place, 0), min(end - piece.place, len(piece.text))
            if low < high:
                literal = piece.end - piece.start == len(piece.text)
                yield Piece(
                    piece.place + low,
                    piece.text[low:high],
                    piece.start + low if literal else piece.start,
                    piece.start + high if literal else piece.end,
                    "" if low else piece.separator,
                )
            at += 1


class _Reader:
    """Collects the pieces of one page; open elements that matter are counted by their tag's name."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.posts: list[Span] = []
        self.length = 0
        self.separator = ""
        self.hidden: tuple[str, int] | None = None
        self.post: tuple[str, int, int] | None = None

    def add(self, text: str, start: int, end: int) -> None:
        if self.hidden or not text:
            return
        self.pieces.append(Piece(self.length, text, start, end, self.separator))
        self.length += len(text)
        self.separator = ""

    def separate(self, separator: str) -> None:
        if self.separator != "\n":
            self.separator = separator

    def tag(self, name: str, closing: bool, attributes: str) -> None:
        if _BLOCK.fullmatch(name):
            self.separate("\n")
        elif _CELL.fullmatch(name):
            self.separate(" ")
        if _VOID.fullmatch(name) or attributes.endswith("/"):
            return
        step = -1 if closing else 1
        if self.hidden:
            if self.hidden[0] == name:
                self.hidden = (name, self.hidden[1] + step) if self.hidden[1] + step else None
        elif not closing and (_HIDDEN.search(attributes) or (self.post and _POST_NOTE.search(attributes))):
            self.hidden = (name, 1)
        if self.post and self.post[0] == name:
            depth = self.post[1] + step
            if depth:
                self.post = (name, depth, self.post[2])
            else:
                self.close_post()
        elif not self.post and not closing and _POST.search(attributes):
            self.post = (name, 1, self.length)

    def close_post(self) -> None:
        if self.post and self.length > self.post[2]:
            self.posts.append((self.post[2], self.length))
        self.post = None


def read_html(page: str) -> VisibleText:
    """Read the visible text of a page; markup that is not well-formed counts as text, as browsers do."""
    reader = _Reader()
    position = 0
    for token in _TOKEN.finditer(page):
        if token.start() > position:
            reader.add(page[position : token.start()], position, token.start())
        position = token.end()
        if entity := token["entity"]:
            character = html.unescape(entity)
            if character == entity:
                reader.add(entity, token.start(), token.end())
            elif character.isspace():
                reader.separate(" ")
            else:
                reader.add(character, token.start(), token.end())
        elif blank := token["blank"]:
            reader.separate(" " if "\n" not in blank else reader.separator or "\r")
        elif tag := token["tag"] or token["loose_tag"]:
            closing = bool(token["close"] or token["loose"])
            reader.tag(tag.lower(), closing, token["attributes"] or "")
    if position < len(page):
        reader.add(page[position:], position, len(page))
    reader.close_post()
    text = "".join(piece.text for piece in reader.pieces)
    return VisibleText(text, tuple(reader.pieces), tuple(reader.posts))
