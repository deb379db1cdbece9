"""Finds the light chrome of government and news pages at the head and the tail of a saved text.

Only lines that can be nothing else count, and only where they stand at the very edge of the record.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hanpack.steps.page.forum_marks import DAY, fold

Span = tuple[int, int]

_HEAD_CHARACTERS = 1_500
_TAIL_CHARACTERS = 3_000
_SPAM_CHARACTERS = 30_000
_LINE = re.compile(r"[^\n]+")
_BUTTONS_NEEDED = 3
_LINES_OF_HEAD = 7
_LINE_CHARACTERS = 200
_TITLE_CHARACTERS = 80
_TAIL_LINES_NEEDED = 2

_BUTTON = re.compile(
    r"下载|打印(?:本页|本文|此页|文章)?|全屏|收藏(?:本页)?|\[?(?:字号|字体|文字大小|视力保护色):?|加大|还原"
    r"|减小|放大|缩小|[大中小](?=[\s\[\]|]|$)"
    r"|[\[\]|/]|分享(?:到)?:?|朗读|关闭(?:窗口|本页)?|(?:浏览|阅读|点击)(?:次数|量)?:? *\d+ *次?|默认|超大"
    r"|特大|无障碍(?:浏览)?|长者(?:模式|助手)?"
)
_PLACE = re.compile(r"(?:您?(?:当前|现在)?(?:所在)?的?位置(?:是)?) *: *(?:首页|网站首页|主页).{0,120}")
_LABEL = re.compile(
    r"(?:(?P<publisher>(?:信息|文章|稿件|新闻)?来源|稿源|发布(?:机构|单位)|信息提供)"
    r"|(?P<date>(?:发布|发稿|更新|发表|成文|公开)?(?:时间|日期))|(?P<author>作者|撰稿)"
    r"|(?P<count>(?:浏览|阅读|点击|访问)(?:次数|量|数)?|人气|字号|字体|责任编辑|编辑)) *: *"
)
_FIELD_CHARACTERS = 40
_DATE = re.compile(DAY)

_TAIL_ALONE = re.compile(
    r"扫一扫(?:在手机)?(?:上)?(?:打开|查看|浏览)?(?:当前页面?|本页面?)?.{0,12}|分享到?:?(?:\s*(?:微信|微博"
    r"|QQ空间|新浪微博|朋友圈|QQ))*"
    r"|[\[(]?(?:责任编辑|责编|网络编辑|编辑) *: *\S{1,12}(?: \S{1,4})?[\])]?|相关(?:报道|链接|新闻|阅读"
    r"|附件|文章|稿件|信息):"
)
_TAIL_TOGETHER = re.compile(
    r"[\[(]?(?:审核|校对|初审|复审|终审|签发|一审|二审|三审|监制|来源|作者) *: *\S{1,16}[\])]?"
    r"|[上下]一[篇条页] *:.{0,80}"
    r"|(?:(?:\[ *)?(?:打印(?:本页|本文)?|关闭(?:窗口|本页)?|返回(?:顶部|列表|首页)?|我要纠错|收藏|复制链接"
    r"|TOP)(?: *\])?[\s|]*)+"
    r"|(?:.{0,40}(?:版权所有|Copyright|ICP备|公网安备|网站标识码).{0,120})|(?:主办|承办|协办|技术支持"
    r"|主管)(?:单位)?:.{0,40}"
    r"|(?:网站地图|联系我们|关于我们|网站声明|隐私声明|法律声明|使用帮助|友情链接|站点地图)(?:[\s"
    r"|]+(?:网站地图|联系我们|关于我们|网站声明|隐私声明"
    r"|法律声明|使用帮助|友情链接|站点地图))*|(?:浏览|阅读|点击)(?:次数|量)?:? *\d+ *次?"
)
# Sites that were broken into carry this line and a list of advertisements under their own foot.
_SPAM = "感谢您访问我们的网站，您可能还对以下资源感兴趣"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its span in the record, and itself as it was saved."""

    start: int
    end: int
    saved: str

    @property
    def text(self) -> str:
        """The line as the patterns read it; a long one is no chrome and is not folded."""
        return fold(self.saved).strip() if len(self.saved) <= _LINE_CHARACTERS else self.saved

    def part(self, offset: int, length: int) -> str:
        """A part of the line as it was saved, by its place in :attr:`text`."""
        return self.saved.strip()[offset : offset + length]


def find_edges(text: str, start: int) -> tuple[list[Span], Mapping[str, str]]:
    """The spans to leave out of a text that is no forum page, in order, and the metadata they gave."""
    spam = text.rfind(_SPAM, max(start, len(text) - _SPAM_CHARACTERS))
    end = text.rfind("\n", start, spam) + 1 if spam >= 0 else len(text)
    removed, metadata = _read_head(_lines(text, start, min(start + _HEAD_CHARACTERS, end)))
    begin = max([start, *(span[1] for span in removed)])
    tail = _lines(text, max(begin, end - _TAIL_CHARACTERS), end)
    cut = _tail_start(tail)
    if spam >= 0 and text[end:spam].strip():
        removed.append((spam, len(text)))
    elif cut < len(tail) or spam >= 0:
        removed.append((tail[cut - 1].end if cut else begin, len(text)))
    return removed, metadata


def _lines(text: str, start: int, end: int) -> list[Line]:
    """The whole lines between two places that are not blank."""
    if start and text[start - 1] != "\n":
        start = text.find("\n", start, end) + 1 or end
    if end < len(text) and text[end - 1] != "\n":
        end = max(text.rfind("\n", start, end) + 1, start)
    return [
        Line(match.start(), match.end(), match.group())
        for match in _LINE.finditer(text, start, end)
        if match.group().strip()
    ]


def _read_head(lines: Sequence[Line]) -> tuple[list[Span], dict[str, str]]:
    """What to leave out above and under the title, with publisher, date, author and title."""
    buttons = count = 0
    while count < len(lines) and (found := _count_buttons(lines[count].text)):
        buttons += found
        count += 1
    toolbar = buttons >= _BUTTONS_NEEDED
    begin = count if toolbar else 0
    removed = [(lines[0].start, _next_start(lines, begin))] if begin else []
    metadata: dict[str, str] = {}
    info = [
        (line, fields)
        for line in lines[begin : begin + _LINES_OF_HEAD]
        if (fields := _read_fields(line.text))
    ]
    names = [name for _, fields in info for name, _, _ in fields]
    if "date" not in names or not ("publisher" in names or "count" in names):
        return removed, metadata
    for line, fields in info:
        at = lines.index(line)
        removed.append((line.start, _next_start(lines, at + 1)))
        for name, offset, value in fields:
            if name == "date":
                metadata.setdefault("date", value)
            elif name != "count" and value:
                metadata.setdefault(name, line.part(offset, len(value)))
    if toolbar and begin < len(lines) and not _read_fields(lines[begin].text):
        title = lines[begin].saved.strip()
        if len(title) <= _TITLE_CHARACTERS and title[-1] not in "。！？；，":
            metadata["title"] = title
    return removed, metadata


def _next_start(lines: Sequence[Line], place: int) -> int:
    """Where the line at ``place`` begins, or where the last one ends."""
    return lines[place].start if place < len(lines) else lines[-1].end


def _count_buttons(line: str) -> int:
    """How many buttons a line of a toolbar shows; none where it holds anything else."""
    if _PLACE.fullmatch(line):
        return _BUTTONS_NEEDED
    position = count = 0
    while position < len(line):
        found = _BUTTON.match(line, position)
        if not found:
            return 0
        position = found.end()
        count += bool(found.group().strip(" []|/"))
    return max(count, 1)


def _read_fields(line: str) -> list[tuple[str, int, str]]:
    """Name, place and value of each field of a line that holds nothing but fields ("来源: … 时间: …").

    A date's value is its ISO 8601 day; a line whose date is none holds no fields.
    """
    labels = list(_LABEL.finditer(line))
    if not labels or line[: labels[0].start()].strip(" [("):
        return []
    fields = []
    for place, label in enumerate(labels):
        last = place + 1 == len(labels)
        value = line[label.end() : None if last else labels[place + 1].start()].rstrip(" |[]()")
        name = str(label.lastgroup)
        if name == "date":
            found = _DATE.match(value)
            value = read_date(found) if found else ""
        if len(value) > _FIELD_CHARACTERS or (name == "date" and not value):
            return []
        fields.append((name, label.end(), value))
    return fields


def _tail_start(lines: Sequence[Line]) -> int:
    """Where the run of chrome at the end begins; their number, where there is none."""
    begin = len(lines)
    alone = False
    while begin and (
        _TAIL_TOGETHER.fullmatch(lines[begin - 1].text) or _TAIL_ALONE.fullmatch(lines[begin - 1].text)
    ):
        begin -= 1
        alone = alone or _TAIL_ALONE.fullmatch(lines[begin].text) is not None
    return begin if alone or len(lines) - begin >= _TAIL_LINES_NEEDED else len(lines)


def read_date(found: re.Match[str]) -> str:
    """The ISO 8601 day of a match of the date pattern; empty where it names none ("3 天前")."""
    year, month, day = found["year"], found["month"], found["day"]
    if not year or not 1 <= int(month) <= 12 or not 1 <= int(day) <= 31:
        return ""
    return f"{year}-{int(month):02d}-{int(day):02d}"
