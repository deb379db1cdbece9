"""The marks forum software leaves on a saved page.

They are the words of the page templates of Discuz! (X and older), phpwind and their Hong Kong and Taiwan
editions, as they stand on saved pages. All patterns read folded text: see :func:`fold`.
"""

from __future__ import annotations

import re

_PAIRS = (
    "設设 為为 頁页 發发 於于 佈布 樓楼 層层 顯显 讀读 瀏浏 覽览 該该 復复 覆复 複复 會会 員员 積积 則则 "
    "規规 總总 時时 間间 編编 輯辑 錄录 後后 貼贴 級级 "
    "別别 題题 數数 連连 續续 簽签 銅铜 線线 聽听 華华 權权 經经 驗验 幣币 錢钱 貢贡 獻献 機机 號号 戶户 "
    "帳帐 賬帐 區区 塊块 啟启 開开 輔辅 訪访 問问 換换 "
    "寬宽 註注 冊册 碼码 導导 們们 記记 誌志 論论 壇坛 園园 藝艺 隨随 傳传 尋寻 組组 幫帮 動动 務务 無无 "
    "頂顶 轉转 點点 評评 舉举 報报 關关 閉闭 內内 審审 "
    "過过 專专 項项 離离 門门 個个 資资 訊讯 網网 擊击 閱阅 閲阅 單单 產产 當当 頭头 達达 結结 鏈链 場场 "
    "標标 責责 長长 鬧闹 熱热 貴贵 賓宾 榮荣 譽誉 騰腾 "
    "從从 載载 氣气 財财 銀银 慶庆 東东 廣广 遼辽 寧宁 龍龙 蘇苏 雲云 陝陕 肅肃 臺台 灣湾 國国 縣县 馬马 "
    "萬万 實实 圖图 頻频 術术 緩缓 稱称 擴扩 與与 蹤踪 "
    "來来 製制 電电 讚赞 "
)
_WIDE_MARKS = "，：！？；（）［］【】｜\u3000\xa0\t\r"
_FOLDS = {
    **{ord(pair[0]): pair[1] for pair in _PAIRS.split()},
    **dict(zip(map(ord, _WIDE_MARKS), ",:!?;()[][]|    ", strict=True)),
}


def fold(text: str) -> str:
    """The text as the patterns read it, of the same length: Simplified, with half-width marks and blanks."""
    return text.translate(_FOLDS)


_NAME = r"[^\s|:,.!?;()\[\]]{1,24}"
_FLOOR = r"(?:楼主|沙发|板凳|地板|地毯|电梯直达|跳转到指定楼层|\d{1,5}[#楼])"
_BAR = r"\s*+(?:\|\s*+)?"
_FLOORS = rf"(?:{_FLOOR}{_BAR}){{0,3}}+"
_SAID = r"(?:发[表布]于|发[表布帖]时间)"
DAY = r"(?P<year>(?:19|20)\d\d)[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
_CLOCK = r"(?:[上下]午)? *\d{1,2}:\d\d(?::\d\d)?(?: *[AP]M)?"
_AGO = rf"(?:(?:昨天|前天|今天)(?: *{_CLOCK})?|(?:半|\d{{1,2}}) *(?:秒|分钟|个?小时|天|周|个月|年)前)"
_WHEN = rf"(?:{DAY}(?:[ ,]+{_CLOCK})?|{_AGO})"
_FROM = r"(?: *+来自[ :-]{0,3}[^\s|]{1,12}(?=[\s|]|$)|\s*+来自 ?[-:] ?[^\s|]{1,12}(?=[\s|]|$))"
_TOOL = (
    r"(?:显示全部楼层|只看该作者|只看楼主|只看大图|[倒正]序[浏阅][览读]|阅读模式|使用道具|更多操作|个人空间"
    r"|短消息|加为好友"
    r"|资料(?=\s)|字体大小:?|小\s+中\s+大)"
)
COUNTERS = r"(?:查看|阅读|浏览|点击)[: ]{0,3}\d+\s*+(?:\|\s*+)?(?:回复|回应|评论)[: ]{0,3}\d+"
COPY = r"\[?(?:复制链接|复制连结|复制本帖地址|复制帖子地址)\]?"

# "楼主| 发表于 2024-6-15 18:27:36 | 显示全部楼层 |阅读模式": the mark every Discuz! post begins with.
TOOLED_POST = re.compile(
    rf"(?:{COUNTERS} *+\| *+)?{_FLOORS}(?:(?<![\w|])(?P<author>{_NAME}) {{0,4}}\| *+)?"
    rf"(?:{_SAID}:?\s*+)?{_WHEN}(?:{_FROM}|\s*+\|){{0,4}}+"
    rf"(?:{_BAR}{_TOOL}{_FROM}?){{1,8}}+(?: {{0,4}}\d{{1,5}}[#楼](?=\s))?"
)
# "楼主 只看楼主 倒序阅读 发表于: 2010-05-03": phpwind sets its tools before the date.
FOREGOING_POST = re.compile(rf"{_FLOORS}(?:{_TOOL}{_BAR}){{1,8}}+{_FLOORS}{_SAID}:?\s*+{_WHEN}{_FROM}?")
BARE_POST = re.compile(
    rf"^ *+{_FLOORS}(?:(?P<author>{_NAME}?) {{0,4}}\|? *+)?{_SAID}:? *+{_WHEN}{_FROM}? *+$",
    re.MULTILINE,
)

LOGIN = r"您需要\s{0,9}登[录入]\s{0,9}后才可以(?:回[帖复应]|发[帖表言布])"
_ENGINE = (
    r"Powered by[ :]{0,3}(?:Discuz|phpwind|PHPWind|phpBB|vBulletin|SMF|D[Vv]BBS|Dvbbs|BBSXP|LeadBBS|Xiuno"
    r"|ThinkSAAS"
    r"|\S{1,24} [XFRv]\d)"
)
_PAGE_FOOT = r"(?:快速回复|快速发帖)\s{1,9}返回(?:顶部|列表|版块)"
_ARCHIVER = r"(?:Archiver|小黑屋|手机版|WAP)(?: ?\| ?(?:Archiver|小黑屋|手机版|WAP))+"

# Each of these is one independent sign of a forum page; three make a page.
MARKS = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"设为首页|收藏本站|加入收藏",
        COUNTERS,
        rf"(?:^|\s){COPY}(?:\s|$)",
        TOOLED_POST.pattern,
        FOREGOING_POST.pattern,
        BARE_POST.pattern,
        r"Rank: *\d|签到天数|TA的每日心情|该用户从未签到|注册时间:|最后登录:",
        r"^ *+(?:积分|[帖发回][子帖]|精华|UID|级别|威望|铜币):?\s{0,9}\d+ *+(?:点|枚|篇|$)",
        LOGIN,
        r"本版积分规则",
        _ENGINE,
        rf"{_PAGE_FOOT}|^ *+返回(?:列表|版块) *+$",
        r"Processed in \d+\.\d+ second|Total \d+\.\d+\(s\) query",
        _ARCHIVER,
        r"只需一步,快速开始|切换到[窄宽]版|开启辅助访问|(?:找回|忘记)密码\s",
        r"使用道具\s{1,9}举报|回复 引用|上一主题 ?\|? ?下一主题",
        r"GMT ?[+-]\d",
        r"马上注册,结交更多好友|本帖最后由 .{1,30} 于 .{6,24} 编辑",
        r"如果您提交过一次失败了|恢复数据",
        r"高级模式|B Color Image Link Quote Code Smilies",
    )
)
# Plain substrings of the text as it was saved, for the first look; every forum page seen holds several.
QUICK_MARKS = (
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

_HEAD_WORDS = (
    r"设为首页|收藏本站|开启辅助访问|切换到[窄宽]版|帐[号户]|自动登[录入]|找回密码|忘记密码|密码|登[录入]"
    r"|立即注册|注册(?:帐号)?|加入我们"
    r"|只需一步,快速开始|快捷导航|QQ登录|用QQ帐号登录|论坛|BBS|广场|家园|Space|空间|排行榜|Ranklist|导读"
    r"|Guide|相册|Album|群组|Group|记录|Doing"
    r"|搜索|搜寻|热搜:?|本版|文章|帖子|用户(?:名)?|UID|Email|日志|每日签到|手机论坛|返回列表|返回版块"
    r"|发(?:新|表)?帖|上一主题|下一主题|打印"
    r"|上一页|下一页|[›»]|随便看看|发表新日志|好友的日志|我的日志|发布|上传|添加|分享|请|后使用快捷导航"
    r"|没有帐号\?|首页|活动|淘帖|帮助|勋章|道具|任务"
)
HEAD = re.compile(
    rf"(?:(?>{_HEAD_WORDS}|{COUNTERS}|{COPY})[\s|:/]*+)++|.*Powered by Discuz!.*|[›»>|].*|.*[›»].*"
)
PAGE_TITLE = re.compile(r"(?P<title>[^\n]{1,200}?) +- [^\n]*Powered by")
SUBJECT = re.compile(r"(?:主题|标题) *: *(?P<title>\S.*)")

_STAT = (
    r"主题|帖子|积分|听众|收听|好友|精华|威望|金币|金钱|贡献(?:值)?|回帖|发帖|铜币|银元|UID|级别|在线时间"
    r"|注册时间|最后登录|阅读权限|日志|相册"
    r"|经验|人气|财富|魅力|好评度|交易币|性别|来自"
)
# The bare names of counts in a user's card, each with its number on a line of its own.
CARD_LABEL = re.compile(rf"(?:{_STAT}):?")
CARD_VALUE = re.compile(r"[-+]?\d[\d,.]* *(?:万|点|枚|篇|天|小时|%|时|\(时\))?|-")
_GROUP = (
    r"(?:超级)?版主|管理员|新手上路|注册会员|[初中高]级会员|金牌会员|论坛元老|禁止发言|限制会员|贵宾"
    r"|荣誉会员|VIP"
)
_CARD_BUTTONS = (
    rf"当前[离在]线|离线|在线|发(?:短)?消息|加(?:为)?好友|收听TA|串个门|打招呼|个人空间|短消息|看个人主页"
    rf"|IP卡|狗仔卡|{_FLOOR}|#|头像被屏蔽"
)
CARD = re.compile(
    rf"[•·*]? *(?:TA的每日心情|该用户从未签到|签到天数:.*|连续签到.*|\[LV\.\w+\].*|(?:Rank: *+\d++\s*+)++"
    rf"|(?:{_STAT})[: ]*[-+]?\d.*"
    rf"|(?:{_STAT}):.{{0,24}}|{_STAT}|{_GROUP}|.{{0,20}}, *积分 *\d+, *距离下一级.*|升级 *\d.*"
    rf"|(?:(?>{_CARD_BUTTONS})[ |]*+)++)"
)
STRONG_CARD = re.compile(
    r".*(?:Rank:|签到|积分|每日心情|发(?:短)?消息|加(?:为)?好友|UID|精华|串个门|注册时间)"
)

OPENING = re.compile(
    r"马上注册,.*|您需要 *登[录入] *才可以下载或查看.*|[xX×]|\[? ?本帖最后由.{1,40}编辑 ?\]?|"
    rf"{COPY}|{_FLOOR}|[| ]+|大 *中 *小"
)
_END_WORDS = r"使用道具|举报|TOP|回到顶端|顶端|回复 引用"
_END_WORDS_WEAK = (
    r"回复|支持|反对|点评|评分|收藏 ?\d*+|分享(?:到)?:? ?\d*+|淘[帖贴] ?\d*+|转播 ?\d*+|引用|顶|踩|编辑|管理"
    r"|道具|沙发|QQ好友和群|QQ空间|腾讯微博"
    r"|腾讯朋友|新浪微博|微信|\d{1,4}(?!\d)|\|"
)
# The row under a post: its weak words may be a reply of their own ("支持"), its strong ones never are.
POST_ROW = re.compile(rf"(?:(?>{_END_WORDS}|{_END_WORDS_WEAK})[\s|]*+)++")
POST_ROW_STRONG = re.compile(_END_WORDS)
POST_NOTE = re.compile(
    r"提升卡\s.*|.*千斤顶\s+显身卡.*|\[? ?本帖最后由.{1,40}编辑 ?\]?"
    r"|本主题由.{1,40}于.{6,20}(?:审核通过|设置.*|关闭.*|移动.*|加入精华.*)"
)

_TAIL_START = (
    rf"(?:{LOGIN}|本版积分规则|{_ENGINE}|{_PAGE_FOOT}|{_ARCHIVER}|GMT ?[+-]\d+, ?\d{{4}}-"
    r"|B Color Image Link Quote Code Smilies|您所在的用户组无法|如果您提交过一次失败了|客服中心\s+关闭)"
)
# A line of the foot, and the same on a page that was saved on one line.
TAIL_LINE = re.compile(rf"^ *+(?={_TAIL_START})", re.MULTILINE)
TAIL_WORD = re.compile(rf"(?:^|(?<=\s)){_TAIL_START}")
TAIL = re.compile(
    r"(?:(?>返回列表|返回版块|发(?:新)?帖|发表(?:回复|帖子)|回复|上一主题|下一主题|上一页|下一页|[\d.]{1,6}"
    r"|/|页|\.\.\.|快速回复|快速发帖"
    r"|高级模式|选择主题分类|B|Color|Image|Link|Quote|Code|Smilies|还可输入 \d+ 个字符|[‹›«»|])[\s|]*+)++"
    r"|浏览过的版块|\d+ / \d+ 页.*"
)
NAME = re.compile(_NAME)
REGION = re.compile(
    r" *\[(?P<region>(?:北京|天津|上海|重庆|河北|河南|山西|山东|湖北|湖南|广东|广西|辽宁|吉林|黑龙江|江苏"
    r"|江西|浙江"
    r"|安徽|福建|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|西藏|宁夏|新疆|香港|澳门|全国|中央|国家)"
    r"[^\s\]]{0,8}|[^\s\]]{1,8}[省市区县州盟旗])\] *"
)
WARC_HEADER = re.compile(
    r"\s*WARC/1\.\d *\nWARC-Type: conversion *\n(?:[\w-]+: [^\n]*\n)*?WARC-Target-URI: (?P<url>\S+)[^\n]*\n"
    r"(?:[\w-]+: [^\n]*\n)*\s*"
)
