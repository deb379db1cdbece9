"""Finds the lines that forum software puts into a post: attachments, ratings, buttons, the reader's client.

All patterns match an entire line of normalised text: see :mod:`hanpack.steps.page.patterns`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.patterns import DAY, PagePattern, compile_row, normalize_for_patterns, union

_SIZE = r"[\d.,]+ ?(?:[KMG]B?|字节|Bytes)"
_FILE = r"\S(?:.{0,80}?\S)?\.[A-Za-z0-9]{1,5}"
NOTICES_WITHIN_POST = (
    PagePattern(
        "client of the author",
        r"[-—~ ]{0,4}(?:本帖)?(?:来自|发自|通过)[: ]{0,2}(?:我的)? ?.{0,16}?"
        r"(?:客户端|手机版|触屏版|小程序|APP|App|iPhone|iPad|Android|安卓|手机)(?:发布|发表|发送|回复|上传)?",
        "来自: iPhone客户端",
        "来自安卓阵营的新品",
    ),
    PagePattern(
        "attached file",
        rf"(?:附件:? ?)?(?:{_FILE} {{0,4}})?\(?{_SIZE}[, ]{{1,2}}下载(?:次数)?:? ?\d+(?:[, ].{{0,60}})?\)?",
        "文件.zip (12.3 KB, 下载次数: 3)",
        "文件有 12.3 KB, 下载要三分钟",
    ),
    PagePattern("size of a picture", rf"下载 ?\({_SIZE}\)", "下载 (32.1 KB)", "下载 (32.1 KB) 的图片"),
    PagePattern(
        "act of a moderator",
        r"本主题由 ?\S.{0,30} 于 \d{4}-\d{1,2}-\d{1,2}(?: \d{1,2}:\d\d)? ?"
        r"(?:移动|关闭|打开|置顶|解除置顶|加入精华|设置高亮|提升|下沉|合并|分割|审核通过|添加图标.{0,12}|限时.{0,8})",
        "本主题由 青石 于 2011-3-6 08:00 移动",
        "本主题由他负责",
    ),
    PagePattern(
        "last change of a post",
        r"\[? ?本帖最后由 ?\S.{0,30} 于 \d{4}-\d{1,2}-\d{1,2}(?: \d{1,2}:\d\d(?::\d\d)?)? ?编辑 ?\]?",
        "[ 本帖最后由 青石 于 2011-3-4 21:00 编辑 ]",
        "本帖最后由版主编辑",
    ),
    PagePattern("times loaded", r"下载次数: ?\d+", "下载次数: 3", "下载次数很多"),
    PagePattern(
        "price of a file",
        r"(?:售价: ?\d+ ?(?:\S{1,3}币|威望|积分|银元|点|枚)(?: ?\[记录\])?"
        r"|阅读权限: ?\d+|下载积分: ?\S{1,6} ?-?\d+)(?: ?\[购买\])?",
        "售价: 5 金币 [记录]",
        "售价: 5 元起",
    ),
    PagePattern(
        "buttons of a file",
        r"(?:(?:下载附件|保存到相册|设为封面|点击文件名下载附件"
        r"|登录/注册后可看大图|点击查看大图|本帖子中包含更多资源)[ |]*)+",
        "下载附件 保存到相册",
        "下载附件以后",
    ),
    PagePattern(
        "when a file was loaded up",
        rf"(?:(?:下载附件|保存到相册)[ |]*)*"
        rf"(?:{DAY}(?: \d{{1,2}}:\d\d)?|(?:昨天|前天|今天|\d+ ?天前) ?(?:\d{{1,2}}:\d\d)?)"
        r" {0,2}上传",
        "2015-4-5 23:40 上传",
        "2015-4-5 23:40 上传的",
    ),
    PagePattern(
        "request to register",
        r"(?:马上注册,.*|您需要 *登[录入] *才可以下载或查看.*)",
        "您需要 登录 才可以下载或查看,没有帐号?立即注册",
        "您需要登录系统",
    ),
    PagePattern("button that copies code", r"复制代码|复制内容到剪贴板", "复制代码", "复制代码到文件"),
)
NOTICE_WITHIN_POST = compile_lazily(union(NOTICES_WITHIN_POST))
# What the software shows in place of a post.
DELETED_POSTS = (
    PagePattern(
        "NodeBB, Discourse, XenForo",
        r"(?:此|该|本)(?:回复|回帖|帖子|主题|楼层|评论|内容|帖)已?被?(?:其?(?:作者|楼主|版主|管理员)(?:或版主)?)?"
        r"(?:删除|屏蔽|隐藏)[!。.]?|This (?:post|topic) (?:is|was|has been) deleted[!.]?",
        "此回复已被删除!",
        "此回复已被删除的消息传开了",
    ),
    PagePattern(
        "Discuz!",
        r"(?:提示: *)?(?:该帖被管理员或版主屏蔽|作者被禁止或删除,? *(?:该帖|内容)自动屏蔽)",
        "提示: 作者被禁止或删除 内容自动屏蔽",
        "作者被禁止",
    ),
)
_DELETED_POST = compile_lazily(union(DELETED_POSTS), re.IGNORECASE)


def is_deleted_post(line: str) -> bool:
    """Whether the only line of a post says that there is none any more.

    >>> is_deleted_post("此回复已被删除！"), is_deleted_post("我的帖子被删除了！")
    (True, False)
    """
    return _DELETED_POST.fullmatch(normalize_for_patterns(line).strip()) is not None


ATTACHMENTS = (
    PagePattern("name of a file", rf"(?:附件:? ?)?{_FILE}", "工作总结.doc", "工作总结。"),
    PagePattern("heading of the files", r"附件:?|图片附件:?|附件下载:?", "附件:", "附件一"),
)
FILE_NAME = compile_row(ATTACHMENTS, "name of a file")
FILES_HEADING = compile_row(ATTACHMENTS, "heading of the files")
RATINGS = (
    PagePattern(
        "beginning",
        r"(?:评分 ?)?参与人数 ?\d+.*|已有 ?\d+ ?人评分.*|(?:本帖)?最近评分记录:?|评分(?:记录)?:?",
        "参与人数 2 金币 +5 收起 理由",
        "参与人数较多",
    ),
    PagePattern(
        "end", r".*查看全部评分(?:\(\d+\))?", "总评分: 金币 + 5   查看全部评分", "请查看全部评分标准"
    ),
    PagePattern(
        "row",
        r"(?:\S.{0,23}? )?[+-] ?\d{1,5}(?: .{0,40})?|收起|理由|总评分.*|(?:金币|威望|贡献|积分|金钱|经验)",
        "路人乙 + 3 很给力!",
        "路人乙说很给力",
    ),
)
RATINGS_BEGINNING = compile_row(RATINGS, "beginning")
RATINGS_END = compile_row(RATINGS, "end")
RATINGS_ROW = compile_row(RATINGS, "row")
_LINE_CHARACTERS = 200
_RATING_LINES = 60


def find_notices(lines: Sequence[str]) -> frozenset[int]:
    """The places of the lines of a post that are the software's.

    >>> sorted(find_notices(["第一条", "参与人数 1 金币 +3", "青石 + 3 很好", "查看全部评分", "第二条"]))
    [1, 2, 3]
    """
    notices: set[int] = set()
    for place, line in enumerate(lines):
        if len(line) > _LINE_CHARACTERS or place in notices:
            continue
        if NOTICE_WITHIN_POST.fullmatch(line):
            notices.add(place)
            if "下载" in line:
                notices.update(_find_file_lines(lines, place))
        elif RATINGS_BEGINNING.fullmatch(line):
            notices.update(range(place, _find_ratings_end(lines, place)))
    return frozenset(notices)


def _find_file_lines(lines: Sequence[str], place: int) -> Sequence[int]:
    """The places of the name of a file above the line with its size, and of the heading above the name."""
    first = place
    if place and FILE_NAME.fullmatch(lines[place - 1][:_LINE_CHARACTERS]):
        first -= 1
    if first and FILES_HEADING.fullmatch(lines[first - 1]):
        first -= 1
    return range(first, place)


def _find_ratings_end(lines: Sequence[str], start: int) -> int:
    """Where the ratings end: below their last line, or at a line that is no row; ``start`` without any."""
    rows = start + 1
    for place in range(start + 1, min(start + _RATING_LINES, len(lines))):
        line = lines[place][:_LINE_CHARACTERS]
        if RATINGS_END.fullmatch(line):
            return place + 1
        if rows == place and (RATINGS_ROW.fullmatch(line) or RATINGS_BEGINNING.fullmatch(line)):
            rows += 1
    return rows if rows > start + 1 or any(c.isdigit() for c in lines[start]) else start
