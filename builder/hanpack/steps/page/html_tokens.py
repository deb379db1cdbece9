"""The tokens of HTML and what the page reader knows about elements: tables of names and of attributes.

Source of the groups of names: the HTML standard, "Parsing HTML documents" (optional tags, void elements).
"""

from __future__ import annotations

import re
from types import MappingProxyType

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.patterns import PagePattern, union

# Control and zero-width characters a browser does not show; joiners and variation selectors belong to text.
INVISIBLE = "[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f\\xad\\u200b\\u2060\\ufeff]"
ATTRIBUTES = r"(?>[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+"

_NO_TEXT = "script|style|template|svg|title|select|textarea|iframe"
_OTHER_TOKENS = (
    rf"|<(?P<close>/?)(?P<tag>[a-zA-Z][\w:-]*+)(?P<attributes>{ATTRIBUTES})>"
    r"|<(?P<bad_close>/?)(?P<bad_tag>[a-zA-Z][\w:-]*+)[^<>]*+>|<[!?/][^<>]*+>"
    r"|(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?)"
    rf"|(?P<invisible>{INVISIBLE}+)|(?P<blank>\s+)"
)


def _compile_tokens(no_text: str) -> re.Pattern[str]:
    raw = rf"<!--.*?(?:-->|\Z)|<(?P<raw>{no_text})\b.*?(?:</(?P=raw)\s*>|\Z)"
    return compile_lazily(raw + _OTHER_TOKENS, re.DOTALL | re.IGNORECASE)


_TOKEN = _compile_tokens(f"{_NO_TEXT}|noscript")
_TOKEN_WITHOUT_SCRIPTS = _compile_tokens(_NO_TEXT)


def choose_tokens(*, shows_noscript: bool) -> re.Pattern[str]:
    """The tokens of a page in a browser that runs scripts, or in one that runs none."""
    return _TOKEN_WITHOUT_SCRIPTS if shows_noscript else _TOKEN


HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
LISTS = frozenset(("ul", "ol"))
_SECTIONS = frozenset(
    ("article", "aside", "body", "div", "footer", "form", "header", "main", "nav", "section")
)
_GROUPS = frozenset(("blockquote", "center", "details", "dialog", "fieldset", "figure", "menu", "dl"))
_PARAGRAPHS = frozenset(("address", "dd", "dt", "figcaption", "li", "p", "pre", "summary"))
_ROWS = frozenset(("tbody", "thead", "tfoot", "tr", "caption"))
_BLOCKS_IN_BODY = _SECTIONS | _GROUPS | _PARAGRAPHS | LISTS | HEADINGS | {"table"}
BLOCKS = _BLOCKS_IN_BODY | _ROWS | {"head", "html"}
CELLS = frozenset(("td", "th"))
# Inline elements that a browser sets apart from the text around them.
SPACED = frozenset(("option", "button", "label"))
_VOIDS_IN_HEAD = frozenset(("base", "link", "meta"))
VOIDS = _VOIDS_IN_HEAD | frozenset(
    ("area", "br", "col", "embed", "hr", "img", "input", "param", "source", "track", "wbr")
)
LINE_BREAKS = frozenset(("br", "hr"))
# The elements of a ruby annotation: characters, and their reading above them.
READINGS = frozenset(("ruby", "rb", "rt", "rtc", "rp"))
# An open paragraph ends where one of these begins.
ENDS_PARAGRAPH = _BLOCKS_IN_BODY - {"body"}
# Where an element of the key begins, an open one of the value ends, if no boundary of the key is in between.
ENDED_BY = MappingProxyType(
    {
        "li": (("li",), ("ul", "ol")),
        "dt": (("dt", "dd"), ("dl",)),
        "dd": (("dt", "dd"), ("dl",)),
        "td": (("td", "th"), ("table",)),
        "th": (("td", "th"), ("table",)),
        "tr": (("tr",), ("table",)),
        "tbody": (("tbody", "thead", "tfoot"), ("table",)),
        "tfoot": (("tbody", "thead", "tfoot"), ("table",)),
        "thead": (("tbody", "thead", "tfoot"), ("table",)),
        "a": (("a",), ("table",)),
        "rp": (("rt", "rp"), ("ruby",)),
        "rt": (("rt", "rp"), ("ruby",)),
    }
)
# The parts of a table can be ended from within a cell, other elements outside the cell cannot.
TABLE_PARTS = frozenset(("td", "th", "tr", "tbody", "thead", "tfoot", "caption"))
CELL_BOUNDARIES = ("table", "td", "th", "caption")

# The attributes, as markup, of the element that contains the text of a post.
POST_ELEMENTS = (
    PagePattern(
        "Discuz!",
        r"\bid\s*=\s*[\"']?postmessage_\d+\b",
        'class="t_f" id="postmessage_7"',
        'id="postmessage_a"',
    ),
    PagePattern(
        "Discuz!: the view for archives",
        r"\bclass\s*=\s*[\"']?archiver_postbody\b",
        'class="archiver_postbody"',
        'class="archiver_post"',
    ),
    PagePattern("vBulletin", r"\bid\s*=\s*[\"']?post_message_\d+\b", 'id="post_message_7"', 'id="post_7"'),
    PagePattern("phpwind", r"\bid\s*=\s*[\"']?read_(?:tpc|\d+)\b", "id=read_tpc", "id=read_top"),
    PagePattern("Tieba", r"\bid\s*=\s*[\"']?post_content_\d+\b", "id='post_content_7'", "id='post_content'"),
    PagePattern(
        "Discourse, XenForo, Flarum",
        r"\bclass\s*=\s*[\"'](?:[^\"']*\s)?(?:cooked|bbWrapper|Post-body)[\s\"']",
        'class="cooked"',
        'class="uncooked"',
    ),
    # What an author says of himself, and badges, are ``ztext`` as well.
    PagePattern(
        "Zhihu",
        r"\bclass\s*=\s*[\"'](?:[^\"']*\s)?RichText\s+ztext[\s\"']",
        'class="RichText ztext"',
        'class="ztext AuthorInfo-badgeText"',
    ),
    PagePattern("NodeBB", r"\bcomponent=\"post/content\"", 'component="post/content"', 'component="post"'),
)
# The attributes of elements that a reader of the page does not see.
HIDDEN_ELEMENTS = (
    PagePattern(
        "hidden by style",
        r"display\s*:\s*none|visibility\s*:\s*hidden",
        'style="display: none"',
        'style="display: block"',
    ),
    PagePattern(
        "Discuz!: random strings against copying",
        r"class\s*=\s*[\"']?jammer\b",
        'class="jammer"',
        'class="jam"',
    ),
)
# The style of an element that shows the line breaks of the source.
SHOWN_LINE_BREAKS = (
    PagePattern(
        "shown by style",
        r"white-space\s*+:\s*+(?:pre|pre-wrap|pre-line|break-spaces)(?![\w-])",
        'style="white-space: pre-wrap"',
        'style="white-space: nowrap"',
    ),
)
FONT_SIZES = (
    PagePattern(
        "no size",
        r"font-size\s*+:\s*+(?:0++(?:\.0++)?|\.0++)(?:px|pt|em|rem|%)?\s*+(?:!important\s*+)?(?=[;\"']|$)",
        'style="font-size:0px;color:#FFF"',
        'style="font-size:0.8em"',
    ),
    PagePattern(
        "some size", r"font-size\s*:\s*[\d.]*[1-9]", 'style="font-size:10px"', 'style="font-size:0px"'
    ),
)
# The attributes of elements that the software puts into a post.
POST_NOTE_ELEMENTS = (
    PagePattern(
        "notices and attachments",
        r"class\s*=\s*[\"']?(?:pstatus|attach_nopermission|attach_popup|t_attach(?:list)?\b|tip\b|aimg_tip|locked\b)",
        'class="pstatus"',
        'class="tips"',
    ),
    PagePattern(
        "attached file",
        r"class\s*=\s*[\"']?(?:pattl|attnm|tattl)\b|\bid\s*=\s*[\"']?attach_\d+\b",
        '<span id="attach_12"',
        'id="attach"',
    ),
    PagePattern(
        "ratings",
        r"class\s*=\s*[\"']?(?:rate|ratl|rate_table)\b|\bid\s*=\s*[\"']?(?:ratelog|post_rate)_",
        'id="ratelog_12"',
        'class="rating"',
    ),
    PagePattern(
        "button that copies code",
        r"\bonclick\s*=\s*[\"']?copycode",
        'onclick="copycode($(1))"',
        'onclick="copy()"',
    ),
    PagePattern(
        "Zhihu: goods for sale",
        r"\bclass\s*=\s*[\"']?RichText-(?:MCN|AD)LinkCardContainer\b",
        'class="RichText-MCNLinkCardContainer"',
        'class="RichText-LinkCardContainer"',
    ),
    PagePattern(
        "source of a quotation", r"class\s*=\s*[\"']?quote_from", 'class="quote_from"', 'class="quote"'
    ),
)
CODE_ELEMENTS = (
    PagePattern(
        "Discuz!: box of code", r"class\s*=\s*[\"']?blockcode\b", 'class="blockcode"', 'class="block"'
    ),
)
# A tag that closes its own element (XHTML); href=/ is an attribute.
CLOSES_ITSELF = compile_lazily(r"(?:(?<![\S])|[\"'])/\Z|\A/\Z")
INVISIBLE_CHARACTERS = compile_lazily(f"{INVISIBLE}+")
# Discuz! puts the markup of attachments and their notices into this element.
ATTACHMENT_WRAPPER = "ignore_js_op"
POST_ELEMENT = compile_lazily(union(POST_ELEMENTS), re.IGNORECASE)
HIDDEN_ELEMENT = compile_lazily(union(HIDDEN_ELEMENTS), re.IGNORECASE)
SHOWS_LINE_BREAKS = compile_lazily(union(SHOWN_LINE_BREAKS), re.IGNORECASE)
NO_FONT_SIZE = compile_lazily(FONT_SIZES[0].expression, re.IGNORECASE)
SOME_FONT_SIZE = compile_lazily(FONT_SIZES[1].expression, re.IGNORECASE)
POST_NOTE_ELEMENT = compile_lazily(union(POST_NOTE_ELEMENTS), re.IGNORECASE)
CODE_ELEMENT = compile_lazily(union(CODE_ELEMENTS), re.IGNORECASE)
