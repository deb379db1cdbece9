"""Says which texts of a batch may be pages, from the patterns by which the steps recognise pages."""

from __future__ import annotations

import re
from functools import cache

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.comment_lines import COMMENT
from hanpack.steps.page.forum_signs import QUICK_SIGNS
from hanpack.steps.page.heading_titles import begins_with_title
from hanpack.steps.page.other_views import VIEW_SIGNS
from hanpack.steps.page.patterns import DAY, translate_codes
from hanpack.steps.page.site_edges import HEADER_CHARACTERS, LINE_CHARACTERS
from hanpack.steps.page.site_patterns import (
    FIELD_LABEL,
    OTHER_FOOTER_LINE,
    PATH,
    SPAM_HEADING,
    SURE_FOOTER_LINE,
    TOOLBAR_BUTTON,
)
from hanpack.steps.page.spoken_texts import may_begin_with_title
from hanpack.steps.page.toolbars import count_buttons
from hanpack.steps.page.wechat_windows import WINDOW_SIGN
from hanpack.steps.texts import CharacterTable, JoinedTexts, WordTables, find_sequences, make_table
from hanpack.steps.traced import CodePoints, to_text

# A page in HTML, or one with the header of a WET file; Markdown that begins with YAML.
_BEGINNING = compile_lazily(r"\s*+\ufeff?\s*+(?:<|WARC/)|---[ \t]*\r?\n")
# These words are rare in other texts.
_SIGN_WORDS = (*QUICK_SIGNS, *VIEW_SIGNS, SPAM_HEADING, WINDOW_SIGN, COMMENT)
_SIGNS = compile_lazily("|".join(map(re.escape, _SIGN_WORDS)))
# A date counts only in a field, and in a line that begins with the label of a field.
_DATE_FIELD = compile_lazily(rf"[间期] *: *{DAY}")
_DATED_LINE = compile_lazily(
    rf"^(?>[^\S\n]|[\[(])*+(?={FIELD_LABEL.pattern})[^\n]*?{_DATE_FIELD.pattern}", re.MULTILINE
)
_TOOLBAR = compile_lazily(rf"[\s〔]*+(?:{PATH.pattern}|{TOOLBAR_BUTTON.pattern})")
# A toolbar below the first line has one of these words.
_TOOL_WORDS = (
    *("打印", "字号", "字体", "视力", "收藏", "分享", "关闭", "纠错", "下载", "全屏", "朗读", "手机", "浏览"),
    *("阅读", "点击", "复制", "无障", "长者", "语音", "扫一", "扫码", "听新", "大小"),
)
_FOOTER = compile_lazily(f"{SURE_FOOTER_LINE.pattern}|{OTHER_FOOTER_LINE.pattern}")
# The first characters of pages and of toolbars; white space may be before them.
OPENERS = (
    "<W-\ufeff您当现所的位下打全收[]|/字文视加还减放缩大中小分朗关浏阅点默超特无长〔微扫语听我网内纠复手保"
)


def find_pages(texts: JoinedTexts) -> set[int]:
    r"""The indexes of the texts that may be pages: all that :func:`hanpack.steps.page.strip_page` changes.

    >>> find_pages(JoinedTexts(["水利规划\n第一条\n扫一扫在手机打开当前页\n", "水利规划\n第一条"]))
    {0}
    """
    codes = translate_codes(texts.codes)
    normalized = to_text(codes)
    indexes = texts.find_matches(_SIGNS, texts.find_words(_sign_words()))
    indexes |= _find_dated(texts, codes, normalized) | _find_by_edges(texts, codes, normalized)
    return indexes | _find_toolbars(texts, codes, normalized)


def _find_dated(texts: JoinedTexts, codes: CodePoints, normalized: str) -> set[int]:
    """The indexes of the texts with a dated line of fields in their headers."""
    firsts = texts.firsts.tolist()
    return {
        index
        for index in texts.find_matches(_DATE_FIELD, find_sequences(codes, *_date_tables()), normalized)
        if _DATED_LINE.search(normalized, firsts[index], firsts[index] + HEADER_CHARACTERS)
    }


def _find_toolbars(texts: JoinedTexts, codes: CodePoints, normalized: str) -> set[int]:
    """The indexes of the texts with a line of buttons."""
    words = _tool_words()
    places: list[int] = []
    for place in find_sequences(codes, words.first, words.second).tolist():
        # No farther back than a toolbar is long: a text may be one line with thousands of these words.
        begin = max(0, place - LINE_CHARACTERS)
        begin = max(begin, normalized.rfind("\n", begin, place) + 1)
        line = normalized[begin : place + LINE_CHARACTERS].partition("\n")[0]
        if count_buttons(line.strip()):
            places.append(place)
    return texts.find_places(places)


def _find_by_edges(texts: JoinedTexts, codes: CodePoints, normalized: str) -> set[int]:
    """The indexes of the texts that begin as a page, toolbar or report, or end with a line of a footer."""
    if not len(codes):
        return set()
    may_open = _opener_table().take(codes.take(texts.firsts, mode="clip"))
    indexes: set[int] = set()
    for index, (first, text) in enumerate(zip(texts.firsts.tolist(), texts.texts, strict=True)):
        is_opened = may_open[index] and (
            _BEGINNING.match(text) or _TOOLBAR.match(normalized, first, first + len(text))
        )
        is_titled = may_begin_with_title(normalized, first, first + len(text)) or begins_with_title(text)
        if is_opened or is_titled:
            indexes.add(index)
            continue
        content = text.rstrip()
        last_line = normalized[first + content.rfind("\n") + 1 : first + len(content)]
        if _FOOTER.fullmatch(last_line.strip()):
            indexes.add(index)
    return indexes


@cache
def _sign_words() -> WordTables:
    return WordTables.of(_SIGN_WORDS)


@cache
def _tool_words() -> WordTables:
    return WordTables.of(_TOOL_WORDS)


@cache
def _date_tables() -> tuple[CharacterTable, CharacterTable]:
    return make_table("间期"), make_table(" :")


@cache
def _opener_table() -> CharacterTable:
    white_space = "".join(filter(str.isspace, map(chr, range(0x3001))))
    return make_table(OPENERS + white_space)
