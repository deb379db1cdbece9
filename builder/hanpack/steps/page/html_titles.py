"""Chooses the title of an HTML page, without the names of its site and channel."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.html_page import HtmlPage
from hanpack.steps.page.html_tokens import HEADINGS
from hanpack.steps.page.patterns import PagePattern, compile_row, union
from hanpack.steps.page.site_lines import is_info_line, is_site_line

# A line further down is none of the headings of the article.
_LINES = 600
_SHORTEST_LINE, _SHORTEST_HEADING = 6, 3
# A title of at most so many characters may be that of a channel ("新闻动态").
_CHANNEL_CHARACTERS = 6
_LINES_ABOVE_INFO = 2
_LINES_OF_TITLE = 5

SEPARATORS = (
    PagePattern(
        "sure separator",
        # A run of blanks is read only from its start.
        r"(?<!\s)\s++[-–—|]\s++|(?:(?<!\s)\s++)?(?:_+|[|｜]|-{2,})\s*+",
        "春耕备耕 - 新闻",
        "春耕-备耕",
    ),
    PagePattern("hyphen", r"[-–]|—{2}", "春耕备耕-新闻", "春耕备耕"),
)
SURE_SEPARATOR = compile_row(SEPARATORS, "sure separator")
HYPHEN = compile_row(SEPARATORS, "hyphen")
FORUM_NAME = compile_lazily(r"\s+-\s+.*Powered by.*", re.DOTALL)
# How the names of sites end, and what channels are called.
SITE_NAMES = (
    PagePattern(
        "site",
        r".*(?:网|网站|门户|官网|新闻|日报|晚报|早报|时报|快报|商报|周刊|论坛|社区|博客|贴吧|在线|电视台|广播|传媒|出版社|客户端"
        r"|政府|委员会|协会|学会|大学|学院|医院|公司|集团|\.(?:com|cn|net|org)(?:\.cn)?)(?:[-– ].{1,20})?"
        r"|.{1,10}[省市县区州].{0,10}(?:局|厅|法院|检察院|中学|小学)",
        "清江新闻网",
        "网球公开赛",
    ),
    PagePattern(
        "channel",
        r".*频道|.{0,20}公报|.{0,6}(?:新闻|中心|资讯|要闻|专题|栏目|公告|公示|版)"
        r"|(?:首页|文化|社会|财经|体育|娱乐|科技|军事|国际|国内|时政|教育|健康|汽车|房产|旅游|滚动|政务|股票|证券|电信|订阅|快讯)"
        r".{0,4}",
        "文化",
        "文化遗产的保护与利用",
    ),
)
SITE_OR_CHANNEL_NAME = compile_lazily(union(SITE_NAMES), re.IGNORECASE)
# The name of a site before the title, and a path to the article in place of a title.
_NAME_BEFORE = compile_lazily(r"[【\[](?P<name>[^】\]]{2,20})[】\]]\s*(?=.{3})")
_PATH_SEPARATOR = compile_lazily("[>»›]+")
# What a page has waiting for the reader who saved it: (99+ 封私信 / 87 条消息).
_WAITING = compile_lazily(
    r"[(（]\d{1,3}\+? ?(?:封私信|条新?消息|条通知)(?: ?/ ?\d{1,3}\+? ?条消息)?[)）]\s*(?=.{3})"
)
# What templates and editors write in place of a title; the name of a file; how a title ends that was cut off.
_FILLER = compile_lazily(
    r"(?:首页|主页|正文|详情|详细|内容|文章|新闻|信息|通知|公告|无标题|未命名)(?:页|页面|正文|详情|详细|内容|文档|文件|浏览|查看)?页?"
    r"|(?:untitled|new|document|page|index|home|title|default)(?:[ _-]*(?:document|page|\d+))?",
    re.IGNORECASE,
)
_FILE_NAME = compile_lazily(
    r"(?P<program>Microsoft (?:Word|PowerPoint|Excel) - )?"
    r"(?P<name>(?(program).{1,120}?|[^\s/]{1,120}))"
    r"(?(program)(?:\.\w{1,5})?|\.(?:docx?|wps|rtf|pdf|txt|html?|shtml|pptx?|xlsx?))",
    re.IGNORECASE,
)
_CUT_ENDS = ("…", "...")
# The site of one person.
_OF_PERSON = compile_lazily("博客|专栏|專欄|空间|空間|个人|個人|主页|主頁|文集|作品")
_SITE_NAME = compile_row(SITE_NAMES, "site", re.IGNORECASE)
_LONGEST_NAME = 30
_LONGEST_TITLE = 300
# A name that is not known to be one is so many times shorter than the title before it.
_TITLE_OF_NAME = 3
_DIGIT = compile_lazily(r"\d")


def choose_title(window_title: str, page: HtmlPage) -> str:
    """The title of the article, given that of the browser's window.

    A line of the page that the window's title begins with, or that follows a separator in it, is the title;
    else the names after separators are left out.

    >>> from hanpack.steps.page.html_text import read_html
    >>> choose_title("棱镜|数据业大整顿_财经_清江网", read_html("<h1>棱镜|数据业大整顿</h1>"))
    '棱镜|数据业大整顿'
    >>> choose_title("春耕备耕进展顺利--文化--清江网", read_html(""))
    '春耕备耕进展顺利'
    """
    waiting = _WAITING.match(window_title)
    window_title = window_title[waiting.end() :] if waiting else window_title
    if len(window_title) > _LONGEST_TITLE:
        return window_title
    heading = _find_heading(window_title, page)
    if heading:
        return heading
    title = remove_names(window_title)
    only = _find_only_heading(page)
    if only and (_ends_with(only, title) or _is_replaced(only, title, window_title)):
        return only
    if file := _FILE_NAME.fullmatch(window_title):
        return file["name"]
    if len(title) <= _CHANNEL_CHARACTERS:
        return _find_heading_above_info(page) or title
    return title


def names_site(name: str, window_title: str) -> bool:
    """Whether a name is that of the site in the title of a window, perhaps without its channel.

    >>> names_site("清江", "春耕备耕_清江财经"), names_site("清江网", "春耕备耕 - 清江网")
    (True, True)
    >>> names_site("石青", "春耕备耕_石青的博客"), names_site("石青", "春耕备耕 - 石青")
    (False, False)
    """
    for separator in (SURE_SEPARATOR, HYPHEN):
        for part in separator.split(window_title)[1:]:
            channel = part[len(name) :] if name and part.startswith(name) else None
            if channel is None or _OF_PERSON.search(channel):
                continue
            if SITE_OR_CHANNEL_NAME.fullmatch(channel or name):
                return True
    return False


def find_title_lines(page: HtmlPage, title: str, main_text: Collection[int]) -> Collection[int]:
    """The lines of the heading that is the title of an article: above its text, or already in it.

    Many sites put the title beside the element with the text, others into it, and extractors choose only the
    latter. A title that the text has in another form has no lines.

    >>> from hanpack.steps.page.html_text import read_html
    >>> page = read_html("<h1>春耕备耕</h1><p>来源：农报</p><div><p>备足种子。</p></div>")
    >>> find_title_lines(page, "春耕备耕", [2]), find_title_lines(page, "春耕", [2])
    (range(0, 1), ())
    """
    if not title or not main_text:
        return ()
    kept = frozenset(main_text)
    middle = sorted(kept)[len(kept) // 2]
    title = _without_blanks(title)
    above = [
        lines
        for element in page.elements
        if element.name in HEADINGS
        and 0 < len(lines := range(element.first_line, element.end_line)) <= _LINES_OF_TITLE
        and lines[-1] < middle
        and not any(page.lines[number].link_characters for number in lines)
        and not any(table.first_line <= lines[0] < table.end_line for table in page.data_tables)
        and _without_blanks("".join(page.lines[number].text for number in lines)) == title
    ]
    in_text = [lines for lines in above if kept.issuperset(lines)]
    if in_text or not above:
        return in_text[0] if in_text else ()
    beginning = sorted(kept)[:_LINES_OF_TITLE]
    has_title = any(title in _without_blanks(page.lines[number].text) for number in beginning)
    return () if has_title else above[-1]


def _without_blanks(text: str) -> str:
    return "".join(text.split())


def _says_nothing(window_title: str, title: str) -> bool:
    """Whether a title is none of an article: that of a site, of a file, or what a template comes with.

    >>> [_says_nothing(title, title) for title in ("无标题文档", "公报.doc", "清江新闻网", "清江涨水")]
    [True, True, True, False]
    """
    is_filler = _FILLER.fullmatch(title) or _FILE_NAME.fullmatch(window_title)
    return not title or bool(is_filler or _SITE_NAME.fullmatch(title))


def _is_replaced(heading: str, title: str, window_title: str) -> bool:
    """Whether a heading is the title in place of one that says nothing, or of the beginning of itself."""
    return _goes_on(heading, title) if _is_cut(title) else _says_nothing(window_title, title)


def _ends_with(heading: str, title: str) -> bool:
    """Whether a heading is a title, or what it has before the name of a channel, with words before it.

    >>> _ends_with("城东街道工作总结", "工作总结 - 城东街道"), _ends_with("春耕备耕 打印", "春耕备耕")
    (True, False)
    """
    first = SURE_SEPARATOR.split(title, 1)[0]
    return len(first) >= _SHORTEST_HEADING and _squash(heading)[0].endswith(_squash(first)[0])


def _is_cut(title: str) -> bool:
    return title.endswith(_CUT_ENDS)


def _goes_on(heading: str, title: str) -> bool:
    """Whether a heading begins as a title that was cut off does."""
    return _squash(heading)[0].startswith(_squash(title.rstrip("…. "))[0])


def _find_only_heading(page: HtmlPage) -> str:
    """The text of the page's heading of the first level, if it has one that is that of an article."""
    texts = {
        " ".join(line.text.split())
        for line in page.lines[:_LINES]
        if line.element >= 0 and page.elements[line.element].name == "h1" and not line.link_characters
    }
    articles = [
        text
        for text in texts
        if _SHORTEST_HEADING <= len(text) <= _LONGEST_TITLE
        and not is_site_line(text)
        and not _says_nothing(text, text)
    ]
    return articles[0] if len(articles) == 1 else ""


def remove_names(title: str) -> str:
    """A title without the names of site and channel after it.

    >>> remove_names("法国罢工影响交通-清江网"), remove_names("中超-上港胜出")
    ('法国罢工影响交通', '中超-上港胜出')
    """
    title = _remove_names_before(FORUM_NAME.sub("", title).strip())
    parts = _split_at_end(title)
    if parts and len(parts[1]) <= _LONGEST_NAME:
        # What is after the last separator is the name of the site; before it, only known names are left out.
        title, last, separator = parts[0], parts[1], parts[2]
        is_chain = separator == "--" or (
            separator == "_"
            and SITE_OR_CHANNEL_NAME.fullmatch(last) is not None
            and title.find("_") >= _SHORTEST_LINE
        )
        while (parts := _split_at_end(title)) and (
            SITE_OR_CHANNEL_NAME.fullmatch(parts[1])
            or _is_keyword(parts[1], parts[0])
            or (is_chain and parts[2] == separator)
        ):
            title = parts[0]
    hyphens = list(HYPHEN.finditer(title))
    while hyphens:
        hyphen = hyphens.pop()
        name = title[hyphen.end() :].strip()
        if not _is_name_after_hyphen(name, title[: hyphen.start()], hyphen[0]):
            break
        title = title[: hyphen.start()].strip()
    return title


def _remove_names_before(title: str) -> str:
    """A title without the name of the site in brackets before it, or without the path to the article.

    >>> _remove_names_before("【清江网】秋粮收购"), _remove_names_before("首页 > 农业 > 秋粮收购")
    ('秋粮收购', '秋粮收购')
    """
    bracketed = _NAME_BEFORE.match(title)
    if bracketed and _SITE_NAME.fullmatch(bracketed["name"]):
        return title[bracketed.end() :]
    first, *others = map(str.strip, _PATH_SEPARATOR.split(title))
    if others and others[-1] and SITE_OR_CHANNEL_NAME.fullmatch(first):
        return others[-1]
    return title


def _split_at_end(title: str) -> tuple[str, str, str] | None:
    """What is before the last sure separator, what is after it, and the separator."""
    separators = [
        match for match in SURE_SEPARATOR.finditer(title) if match.start() > 0 and match.end() < len(title)
    ]
    if not separators:
        return None
    last = separators[-1]
    return title[: last.start()].strip(), title[last.end() :].strip(), last.group().strip()


def _is_keyword(name: str, title: str) -> bool:
    """Whether a part of a title is a channel or keyword: short, and much shorter than what is before it."""
    return len(name) <= _CHANNEL_CHARACTERS and len(name) * _TITLE_OF_NAME <= len(title)


def _is_name_after_hyphen(name: str, title: str, hyphen: str) -> bool:
    if not name or len(name) > _LONGEST_NAME or len(title) <= 1:
        return False
    if SITE_OR_CHANNEL_NAME.fullmatch(name) and len(title) > len(name) // 2:
        return True
    # A dash may stand within a title as well.
    return (
        len(hyphen) == 1
        and len(name) * _TITLE_OF_NAME <= len(title)
        and not _DIGIT.search(name)
        and len(title) > _LONGEST_NAME // 2
    )


def _find_heading(window_title: str, page: HtmlPage) -> str:
    """The longest line that the window's title begins with, or the heading that it ends with."""
    squashed, places = _squash(window_title)
    longest = 0
    ending = ""
    for line in page.lines[:_LINES]:
        if line.link_characters or line.characters > len(squashed) or line.element < 0:
            continue
        text, _ = _squash(line.text)
        is_heading = page.elements[line.element].name in HEADINGS
        if not text or len(text) < (_SHORTEST_HEADING if is_heading else _SHORTEST_LINE):
            continue
        if squashed.startswith(text) and _is_edge(window_title, places, len(text)):
            longest = max(longest, len(text))
        elif squashed.endswith(text) and SURE_SEPARATOR.search(
            window_title, 0, places[len(squashed) - len(text)]
        ):
            start = places[len(squashed) - len(text)]
            is_after_separator = any(
                match.end() == start for match in SURE_SEPARATOR.finditer(window_title, 0, start)
            )
            if is_after_separator and len(text) * 2 > len(squashed):
                ending = window_title[start:].strip()
    return window_title[: places[longest - 1] + 1].strip() if longest else ending


def _is_edge(title: str, places: Sequence[int], length: int) -> bool:
    """Whether the first characters that are no blanks are followed by the end, a blank or a separator."""
    if length == len(places):
        return True
    rest = title[places[length - 1] + 1 :]
    return rest[0].isspace() or SURE_SEPARATOR.match(rest) is not None or HYPHEN.match(rest) is not None


def _squash(text: str) -> tuple[str, list[int]]:
    """A text without blanks, and where each of its characters is."""
    places = [place for place, character in enumerate(text) if not character.isspace()]
    return "".join(text[place] for place in places), places


def _find_heading_above_info(page: HtmlPage) -> str:
    """The heading right above the line that says who published the article and when."""
    lines = page.lines[:_LINES]
    for number, line in enumerate(lines):
        if not is_info_line(line.text):
            continue
        for heading in reversed(lines[max(number - _LINES_ABOVE_INFO, 0) : number]):
            is_heading = heading.element >= 0 and page.elements[heading.element].name in HEADINGS
            if is_heading and heading.characters > _CHANNEL_CHARACTERS and not is_site_line(heading.text):
                return heading.text
    return ""
