"""The line that forum software prints above a post: floor, author, date and tools; and the thread's title.

The words are those of the page templates of Discuz! (X and older), phpwind and their Hong Kong and Taiwan
editions. All patterns match normalised text.
"""

from __future__ import annotations

import re

from hanpack.steps.page.patterns import DAY, PagePattern, compile_row

# The parts that the headers of all editions are made of.
NAME = r"[^\s|:,.!?;()\[\]]{1,24}"
FLOOR = r"(?:楼主|沙发|板凳|地板|地毯|电梯直达|跳转到指定楼层|\d{1,5}[#楼])"
_BAR = r"\s*+(?:\|\s*+)?"
_FLOORS = rf"(?>{FLOOR}{_BAR}){{0,3}}+"
_POSTED = r"(?:发[表布]于|发[表布帖]时间)"
CLOCK = r"(?:[上下]午 *+)?\d{1,2}:\d\d(?::\d\d)?(?: *+[AP]M)?"
_AGO = rf"(?:(?:昨天|前天|今天)(?: *+{CLOCK})?|(?:半|\d{{1,2}}) *+(?:秒|分钟|个?小时|天|周|个月|年)前)"
_TIME = rf"(?:{DAY}(?:[ ,]++(?P<clock>{CLOCK}))?|{_AGO})"
_FROM = r"(?: *+来自[ :-]{0,3}[^\s|]{1,12}(?=[\s|]|$)|\s*+来自 ?[-:] ?[^\s|]{1,12}(?=[\s|]|$))"
_TOOL = (
    r"(?:显示全部楼层|只看该作者|只看楼主|只看大图|[倒正]序[浏阅][览读]|阅读模式|使用道具|更多操作|个人空间"
    r"|短消息|加为好友"
    r"|资料(?=\s)|字体大小:?|小\s+中\s+大)"
)
COUNTERS = r"(?:查看|阅读|浏览|点击)[: ]{0,3}\d+\s*+(?:\|\s*+)?(?:回复|回应|评论)[: ]{0,3}\d+"
COPY_LINK = r"\[?(?:复制链接|复制连结|复制本帖地址|复制帖子地址)\]?"

# The most reliable pattern first. A quotation names author and date as well, but has no tools.
POST_HEADERS = (
    PagePattern(
        "Discuz!: date, then tools",
        rf"(?:{COUNTERS} *+\| *+)?{_FLOORS}(?:(?<![\w|])(?P<author>{NAME}) {{0,4}}\| *+)?"
        rf"(?:{_POSTED}:?\s*+)?{_TIME}(?>{_FROM}|\s*+\|){{0,4}}+"
        rf"(?>{_BAR}{_TOOL}{_FROM}?){{1,8}}+(?: {{0,4}}\d{{1,5}}[#楼](?=\s))?",
        "楼主| 发表于 2024-6-15 18:27:36 | 显示全部楼层 |阅读模式",
        "青石 发表于 2024-6-15 18:27:36",
    ),
    PagePattern(
        "phpwind: tools, then date",
        rf"{_FLOORS}(?>{_TOOL}{_BAR}){{1,8}}+{_FLOORS}{_POSTED}:?\s*+{_TIME}{_FROM}?",
        "楼主 只看楼主 倒序阅读 发表于: 2010-05-03",
        "只看楼主的人很多 发表于: 2010-05-03",
    ),
    PagePattern(
        "a line of date and author without tools",
        rf"^ *+{_FLOORS}(?:(?P<author>{NAME}?) {{0,4}}\|? *+)?{_POSTED}:? *+{_TIME}{_FROM}? *+$",
        "2楼 青石 | 发表于 2023-4-5 08:09",
        "本文发表于 2023-4-5 的日报",
    ),
)
HEADER_WITH_TOOLS = compile_row(POST_HEADERS, "Discuz!: date, then tools", re.MULTILINE)
HEADER_AFTER_TOOLS = compile_row(POST_HEADERS, "phpwind: tools, then date", re.MULTILINE)
HEADER_WITHOUT_TOOLS = compile_row(POST_HEADERS, "a line of date and author without tools", re.MULTILINE)

_PROVINCES = (
    r"北京|天津|上海|重庆|河北|河南|山西|山东|湖北|湖南|广东|广西|辽宁|吉林|黑龙江|江苏|江西|浙江"
    r"|安徽|福建|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|西藏|宁夏|新疆|香港|澳门|全国|中央|国家"
)
# Where the title of a thread is, and the category before it.
THREAD_TITLES = (
    PagePattern(
        "the region as the category of a thread",
        rf" *\[(?P<region>(?:{_PROVINCES})[^\s\]]{{0,8}}|[^\s\]]{{1,8}}[省市区县州盟旗])\] *",
        "[湖北] ",
        "[转帖] ",
    ),
    PagePattern(
        "the title of the browser's window",
        r"(?P<title>[^\n]{1,200}?) +- [^\n]*Powered by",
        "清江县防汛工作方案 - 公文 - 县情论坛 - Powered by",
        "清江县防汛工作方案 - 公文 - 县情论坛",
    ),
    PagePattern("phpwind: the subject", r"(?:主题|标题) *: *(?P<title>\S.*)", "主题 : 镇志编修", "主题 120"),
    PagePattern("the counters above the title", COUNTERS, "查看: 70|回复: 0", "查看: 70 次"),
    PagePattern("the button after the title", rf"(?<! ) *+{COPY_LINK} *+$", "[复制链接]", "复制链接的方法"),
)
REGION = compile_row(THREAD_TITLES, "the region as the category of a thread")
WINDOW_TITLE = compile_row(THREAD_TITLES, "the title of the browser's window")
SUBJECT = compile_row(THREAD_TITLES, "phpwind: the subject")
COUNTERS_LINE = compile_row(THREAD_TITLES, "the counters above the title")
COPY_LINK_AT_END = compile_row(THREAD_TITLES, "the button after the title")
