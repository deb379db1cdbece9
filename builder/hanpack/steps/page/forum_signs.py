"""The signs by which a forum page is recognised: independent of one another, so that several are proof.

A text about forums contains some of these words, a saved page contains many of them. All patterns match
normalised text and are searched for anywhere in it.
"""

from __future__ import annotations

import re

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.patterns import PagePattern
from hanpack.steps.page.post_headers import COPY_LINK, COUNTERS, POST_HEADERS

LOGIN = r"您需要\s{0,9}登[录入]\s{0,9}后才可以(?:回[帖复应]|发[帖表言布])"
POWERED_BY = (
    r"Powered by[ :]{0,3}(?:Discuz|phpwind|PHPWind|phpBB|vBulletin|SMF|D[Vv]BBS|Dvbbs|BBSXP|LeadBBS|Xiuno"
    r"|ThinkSAAS"
    r"|\S{1,24} [XFRv]\d)"
)
QUICK_REPLY = r"(?:快速回复|快速发帖)\s{1,9}返回(?:顶部|列表|版块)"
OTHER_EDITIONS = r"(?:Archiver|小黑屋|手机版|WAP)(?: ?\| ?(?:Archiver|小黑屋|手机版|WAP))+"

FORUM_SIGNS = (
    PagePattern("home page and bookmark", r"设为首页|收藏本站|加入收藏", "设为首页收藏本站", "设为主页"),
    PagePattern("counters of a thread", COUNTERS, "查看: 70|回复: 0", "查看 70 条回复"),
    PagePattern(
        "copy the thread's address", rf"(?:^|\s){COPY_LINK}(?:\s|$)", "方案 [复制链接]", "请复制链接后打开"
    ),
    *POST_HEADERS,
    PagePattern(
        "rank, mood and dates of a user card",
        r"Rank: *\d|签到天数|TA的每日心情|该用户从未签到|注册时间:|最后登录:",
        "Rank: 7Rank: 7",
        "公司的注册时间较早",
    ),
    PagePattern(
        "count of a user card",
        r"^ *+(?:积分|[帖发回][子帖]|精华|UID|级别|威望|铜币):?\s{0,9}\d+ *+(?:点|枚|篇|$)",
        "积分\n153372",
        "积分 120 分以上者入围",
    ),
    PagePattern("request to log in", LOGIN, "您需要登录后才可以回帖", "您需要登录后才可以下载"),
    PagePattern("rules of the board", r"本版积分规则", "本版积分规则", "本市积分规则"),
    PagePattern("name of the software", POWERED_BY, "Powered by Discuz! X3.4", "Powered by solar energy"),
    PagePattern(
        "buttons of the footer",
        rf"{QUICK_REPLY}|^ *+返回(?:列表|版块) *+$",
        "快速回复 返回顶部 返回列表",
        "按返回列表键",
    ),
    PagePattern(
        "time the server took",
        r"Processed in \d+\.\d+ second|Total \d+\.\d+\(s\) query",
        "Processed in 0.05 second(s), 9 queries",
        "Processed in 2 seconds",
    ),
    PagePattern("other editions of the page", OTHER_EDITIONS, "Archiver|手机版|小黑屋", "手机版 微信版"),
    PagePattern(
        "login box of the header",
        r"只需一步,快速开始|切换到[窄宽]版|开启辅助访问|(?:找回|忘记)密码\s",
        "帐号 自动登录 找回密码\n",
        "怎样找回密码?",
    ),
    PagePattern(
        "buttons under a post",
        r"使用道具\s{1,9}举报|回复 引用|上一主题 ?\|? ?下一主题",
        "使用道具 举报",
        "使用道具表演",
    ),
    PagePattern("time zone", r"GMT ?[+-]\d", "GMT+8, 2023-4-9 10:00", "格林尼治 GMT 时间"),
    PagePattern(
        "notice above a post",
        r"马上注册,结交更多好友|本帖最后由 .{1,30} 于 .{6,24} 编辑",
        "本帖最后由 青石 于 2023-4-5 09:00 编辑",
        "本帖最后由版主编辑",
    ),
    PagePattern(
        "phpwind: restore what was typed",
        r"如果您提交过一次失败了|恢复数据",
        "如果您提交过一次失败了,可以用恢复数据来恢复帖子内容",
        "如果您提交过申请",
    ),
    PagePattern(
        "buttons of the editor",
        r"高级模式|B Color Image Link Quote Code Smilies",
        "B Color Image Link Quote Code Smilies",
        "B Color Image",
    ),
)
FORUM_SIGN_PATTERNS = tuple(compile_lazily(sign.expression, re.MULTILINE) for sign in FORUM_SIGNS)

# Plain substrings of the text as it was saved, for a cheap first look: every forum page seen has several.
QUICK_SIGNS = (
    "Powered by",
    "发表于",
    "發表於",
    "楼层",
    "樓層",
    "只看",
    "回帖",
    "返回列表",
    "Archiver",
    "收藏本站",
)
