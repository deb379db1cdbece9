"""The lines that forum software prints around posts: page header, user cards, buttons, notices, page footer.

Each table lists what a line of one kind consists of; the patterns below the tables match an entire line. All
patterns match normalised text: see :mod:`hanpack.steps.page.patterns`.
"""

from __future__ import annotations

import re

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.forum_signs import LOGIN, OTHER_EDITIONS, POWERED_BY, QUICK_REPLY
from hanpack.steps.page.patterns import PagePattern, compile_row, union
from hanpack.steps.page.post_headers import COPY_LINK, COUNTERS, FLOOR

_BETWEEN_WORDS = r"[\s|:/]*+"
_BETWEEN_BUTTONS = r"[\s|]*+"

# The page header: a line of nothing but these words.
HEADER_WORDS = (
    PagePattern(
        "log in and register",
        r"帐[号户]|自动登[录入]|找回密码|忘记密码|密码|登[录入]|立即注册|注册(?:帐号)?|加入我们|没有帐号\?"
        r"|QQ登录|用QQ帐号登录|用户(?:名)?|UID|Email",
        "自动登录",
        "登录系统",
    ),
    PagePattern(
        "about the site",
        r"设为首页|收藏本站|开启辅助访问|切换到[窄宽]版|只需一步,快速开始|首页|帮助|手机论坛",
        "切换到窄版",
        "首页新闻",
    ),
    PagePattern(
        "parts of the site",
        r"快捷导航|后使用快捷导航|论坛|BBS|广场|家园|Space|空间|排行榜|Ranklist|导读|Guide|相册|Album|群组|Group"
        r"|记录|Doing|活动|淘帖|勋章|道具|任务|每日签到",
        "排行榜",
        "排行第一",
    ),
    PagePattern("search", r"搜索|搜寻|热搜:?|本版|文章|帖子", "热搜:", "搜索引擎"),
    PagePattern(
        "blogs and albums",
        r"日志|随便看看|发表新日志|好友的日志|我的日志|发布|上传|添加|分享|请",
        "发表新日志",
        "日志三则",
    ),
    PagePattern(
        "navigation of a thread",
        r"返回列表|返回版块|发(?:新|表)?帖|上一主题|下一主题|打印|上一页|下一页|[›»]",
        "发新帖",
        "发帖的人",
    ),
    PagePattern("counters of a thread", COUNTERS, "查看: 70|回复: 0", "查看 70"),
    PagePattern("copy the thread's address", COPY_LINK, "[复制链接]", "复制"),
)
HEADER_LINES = (
    PagePattern(
        "words of the header",
        rf"(?>(?>{union(HEADER_WORDS)}){_BETWEEN_WORDS})++",
        "帐号 | 自动登录 | 找回密码",
        "帐号安全提示",
    ),
    PagePattern(
        "title of the window", r".*Powered by Discuz!.*", "县情论坛 - Powered by Discuz!", "Powered by"
    ),
    PagePattern("menu", r"[›»>|].*", "> 公文", "公文 > 通知"),
    PagePattern("path to the thread", r".*[›»].*", "县情论坛 › 公文 › 清江县", "县情论坛 - 公文"),
)
HEADER_LINE = compile_lazily(union(HEADER_LINES))

# The card of a user: labels and counts, each on a line of its own or together.
_LABEL = (
    r"主题|帖子|积分|听众|收听|好友|精华|威望|金币|金钱|贡献(?:值)?|回帖|发帖|铜币|银元|UID|级别|在线时间"
    r"|注册时间|最后登录|阅读权限|日志|相册"
    r"|经验|人气|财富|魅力|好评度|交易币|性别|来自"
)
_CARD_BUTTON = (
    rf"当前[离在]线|离线|在线|发(?:短)?消息|加(?:为)?好友|收听TA|串个门|打招呼|个人空间|短消息|看个人主页"
    rf"|IP卡|狗仔卡|{FLOOR}|#|头像被屏蔽"
)
CARD_LINES = (
    PagePattern("mood", r"TA的每日心情|该用户从未签到", "TA的每日心情", "TA的心情"),
    PagePattern("days signed in", r"签到天数:.*|连续签到.*", "签到天数: 758 天", "签到 758 天"),
    PagePattern("level", r"\[LV\.\w+\].*", "[LV.10]以坛为家III", "LV.10"),
    PagePattern("rank", r"(?>Rank: *+\d++\s*+)++", "Rank: 7Rank: 7", "Rank: A"),
    PagePattern("label and count", rf"(?:{_LABEL})[: ]*[-+]?\d.*", "积分: 153372", "积分制 120"),
    PagePattern("label and text", rf"(?:{_LABEL}):.{{0,24}}", "级别: 侠客", "级别不高"),
    PagePattern("label", rf"{_LABEL}", "帖子", "帖子的作者"),
    PagePattern(
        "group of users",
        r"(?:超级)?版主|管理员|新手上路|注册会员|[初中高]级会员|金牌会员|论坛元老|禁止发言|限制会员|贵宾"
        r"|荣誉会员|VIP",
        "高级会员",
        "特级会员",
    ),
    PagePattern(
        "points to the next group",
        r".{0,20}, *积分 *\d+, *距离下一级.*|升级 *\d.*",
        "新手上路, 积分 6, 距离下一级还需 44 积分",
        "新手上路, 积分 6",
    ),
    PagePattern("buttons", rf"(?>(?>{_CARD_BUTTON})[ |]*+)++", "加为好友 | 发消息 | 串个门", "加为好友吧"),
)
CARD_LINE = compile_lazily(rf"[•·*]? *{union(CARD_LINES)}")
CARD_PARTS = (
    PagePattern("label of a count", rf"(?:{_LABEL}):?", "积分:", "积分 120"),
    PagePattern(
        "count",
        r"[-+]?\d[\d,.]* *(?:万|点|枚|篇|天|小时|%|时|\(时\))?|-",
        "15万",
        "15 户",
    ),
)
CARD_LABEL = compile_row(CARD_PARTS, "label of a count")
CARD_COUNT = compile_row(CARD_PARTS, "count")
# Lines that look like those of a user card count as a card only if one of them contains one of these.
CARD_SIGNS = (
    PagePattern("rank, mood and days signed in", r"Rank:|签到|每日心情", "TA的每日心情", "好心情"),
    PagePattern("counts", r"积分|UID|精华|注册时间", "注册时间: 2009-01-02", "主题"),
    PagePattern("buttons", r"发(?:短)?消息|加(?:为)?好友|串个门", "发消息", "发信息"),
)
CARD_SIGN = compile_lazily(union(CARD_SIGNS))

_LAST_EDITED = PagePattern(
    "last edited",
    r"\[? ?本帖最后由.{1,40}编辑 ?\]?",
    "本帖最后由 青石 于 2023-4-5 09:00 编辑",
    "本帖最后由 青石 于 2023-4-5 09:00 编辑。",
)
# Between the header of a post and its text.
NOTICES_ABOVE_POST = (
    PagePattern("request to register", r"马上注册,.*", "马上注册,结交更多好友,享用更多功能", "马上注册"),
    PagePattern(
        "attachment for members",
        r"您需要 *登[录入] *才可以下载或查看.*",
        "您需要 登录 才可以下载或查看,没有帐号?",
        "您需要下载或查看",
    ),
    PagePattern("close", r"[xX×]", "x", "xx"),
    _LAST_EDITED,
    PagePattern("copy the thread's address", COPY_LINK, "[复制链接]", "链接"),
    PagePattern("floor", FLOOR, "3楼", "3层"),
    PagePattern("separators", r"[| ]+", "| |", "/"),
    PagePattern("size of the letters", r"大 *中 *小", "大 中 小", "大中型"),
)
NOTICE_ABOVE_POST = compile_lazily(union(NOTICES_ABOVE_POST))

# The row of buttons under a post. A reply may consist of words that may also be buttons ("支持").
SURE_BUTTONS = (
    PagePattern("report and magic items", r"使用道具|举报", "使用道具", "道具"),
    PagePattern("to the top", r"TOP|回到顶端|顶端", "回到顶端", "回到"),
    PagePattern("quote", r"回复 引用", "回复 引用", "引用"),
)
POSSIBLE_BUTTONS = (
    PagePattern("answer", r"回复|支持|反对|点评|评分|引用|顶|踩", "支持", "同意"),
    PagePattern(
        "collect and share",
        r"收藏 ?\d*+|分享(?:到)?:? ?\d*+|淘[帖贴] ?\d*+|转播 ?\d*+",
        "收藏 3",
        "收集 3",
    ),
    PagePattern("manage", r"编辑|管理|道具|沙发", "管理", "管制"),
    PagePattern(
        "networks",
        r"QQ好友和群|QQ空间|腾讯微博|腾讯朋友|新浪微博|微信",
        "腾讯微博",
        "微博",
    ),
    PagePattern("count", r"\d{1,4}(?!\d)", "12", "12345"),
    PagePattern("separator", r"\|", "|", "/"),
)
_SURE_BUTTON = union(SURE_BUTTONS)
BUTTON_ROW = compile_lazily(rf"(?>(?>{_SURE_BUTTON}|{union(POSSIBLE_BUTTONS)}){_BETWEEN_BUTTONS})++")
SURE_BUTTON = compile_lazily(_SURE_BUTTON)
NOTICES_UNDER_POST = (
    PagePattern(
        "magic items", r"提升卡\s.*|.*千斤顶\s+显身卡.*", "提升卡 置顶卡 沉默卡 喧嚣卡 变色卡", "提升卡片"
    ),
    _LAST_EDITED,
    PagePattern(
        "what a moderator did",
        r"本主题由.{1,40}于.{6,20}(?:审核通过|设置.*|关闭.*|移动.*|加入精华.*)",
        "本主题由 青石 于 2023-4-5 09:00 设置高亮",
        "本主题由读者提供",
    ),
)
NOTICE_UNDER_POST = compile_lazily(union(NOTICES_UNDER_POST))

# The page footer begins with one of these, at the beginning of a line or, on a page without lines, of a word.
FOOTER_STARTS = (
    PagePattern("request to log in", LOGIN, "您需要登录后才可以回帖", "登录后可以回帖"),
    PagePattern("rules of the board", r"本版积分规则", "本版积分规则", "积分规则"),
    PagePattern("name of the software", POWERED_BY, "Powered by phpwind v8.7", "Powered by wind"),
    PagePattern("quick reply", QUICK_REPLY, "快速回复 返回列表", "快速回复"),
    PagePattern("other editions of the page", OTHER_EDITIONS, "Archiver|手机版", "手机版"),
    PagePattern("time zone", r"GMT ?[+-]\d+, ?\d{4}-", "GMT+8, 2023-4-9 10:00", "GMT+8"),
    PagePattern(
        "buttons of the editor",
        r"B Color Image Link Quote Code Smilies",
        "B Color Image Link Quote Code Smilies",
        "B Color Image",
    ),
    PagePattern(
        "rights of the reader's group", r"您所在的用户组无法", "您所在的用户组无法下载", "您所在的用户组"
    ),
    PagePattern(
        "phpwind: restore what was typed",
        r"如果您提交过一次失败了",
        "如果您提交过一次失败了,可以用恢复数据",
        "如果提交失败",
    ),
)
_FOOTER_START = union(FOOTER_STARTS)
FOOTER_AT_LINE = compile_lazily(rf"^ *+(?={_FOOTER_START})", re.MULTILINE)
FOOTER_AT_WORD = compile_lazily(rf"(?:^|(?<=\s)){_FOOTER_START}")

# Above the footer: page numbers and the buttons of the editor.
FOOTER_WORDS = (
    PagePattern(
        "navigation of a thread",
        r"返回列表|返回版块|发(?:新)?帖|发表(?:回复|帖子)|回复|上一主题|下一主题|上一页|下一页",
        "发表回复",
        "发表",
    ),
    PagePattern("page numbers", r"[\d.]{1,6}|/|页|\.\.\.|[‹›«»|]", "12", "一"),
    PagePattern(
        "editor",
        r"快速回复|快速发帖|高级模式|选择主题分类|B|Color|Image|Link|Quote|Code|Smilies|还可输入 \d+ 个字符",
        "还可输入 80 个字符",
        "还可输入",
    ),
)
FOOTER_LINES = (
    PagePattern(
        "words of the footer",
        rf"(?>(?>{union(FOOTER_WORDS)}){_BETWEEN_BUTTONS})++",
        "返回列表 | 发新帖",
        "返回列表页面",
    ),
    PagePattern("boards visited", r"浏览过的版块", "浏览过的版块", "浏览过的网页"),
    PagePattern("number of the page", r"\d+ / \d+ 页.*", "1 / 3 页下一页", "第 1 页"),
)
FOOTER_LINE = compile_lazily(union(FOOTER_LINES))
