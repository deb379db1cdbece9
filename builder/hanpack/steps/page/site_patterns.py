"""The lines that government and news sites print above and below an article.

All patterns match normalised text: see :mod:`hanpack.steps.page.patterns`.
"""

from __future__ import annotations

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.patterns import PagePattern, union

_VISITS = PagePattern(
    "visits", r"(?:浏览|阅读|点击)(?:次数|量)?:? *\d+ *次?", "浏览次数: 120 次", "浏览次数: 较多"
)
_SHARED_WITH = r"微信好友|微信朋友圈|微信|新浪微博|腾讯微博|微博|QQ空间|QQ好友|QQ|空间|朋友圈|人人网|豆瓣"
# A line of the toolbar above an article is a sequence of these.
TOOLBAR_BUTTONS = (
    PagePattern("download", r"下载", "下载", "下载量"),
    PagePattern("print", r"打印(?:本页|本文|此页|文章)?", "打印本页", "打印机"),
    PagePattern("full screen", r"全屏", "全屏", "全景"),
    PagePattern("bookmark", r"收藏(?:本页)?", "收藏本页", "收藏家"),
    PagePattern(
        "size of the letters",
        r"\[?(?:字号|字体(?:大小)?|文字大小|视力保护色|保护视力色):?|加大|还原|减小|放大|缩小|[大中小](?=[\s\[\]|]|$)",
        "[字号:",
        "大中型",
    ),
    PagePattern("separator", r"[\[\]|/]", "|", ";"),
    PagePattern(
        "share",
        rf"(?:分享(?:到|至)?:?(?: *(?:{_SHARED_WITH}))*|(?:微信)?扫(?:一扫|码):? ?分享)(?: *\d{{1,5}})?",
        "分享到: 微信 微博",
        "分享会",
    ),
    PagePattern("read aloud", r"朗读|语音播报|点击播[报放](?:报道音频)?|听新闻", "朗读", "朗诵"),
    PagePattern("report an error", r"(?:我要|网页|内容)?纠错", "我要纠错", "纠偏"),
    PagePattern("copy the address", r"复制(?:本文)?链接", "复制链接", "复制"),
    PagePattern("telephone", r"手机(?:查看|扫码(?:阅读)?|版)", "手机查看", "手机号"),
    PagePattern("close", r"关闭(?:窗口|本页)?", "关闭窗口", "关闭电源"),
    _VISITS,
    PagePattern("size of the page", r"默认|超大|特大", "默认", "特大暴雨"),
    PagePattern("accessibility", r"无障碍(?:浏览)?|长者(?:模式|助手)?", "无障碍浏览", "无障碍设施"),
)
TOOLBAR_BUTTON = compile_lazily(union(TOOLBAR_BUTTONS))
# Sizes of letters as letters, which are buttons next to others only.
SIZE_BUTTONS = (
    PagePattern("letters as sizes", r"[ATat][+-]?(?=[\s\[\]|/]|$)", "A+", "AT"),
    PagePattern("normal size", r"(?:正常|标准)(?=[\s\[\]|]|$)", "正常", "正常化"),
)
SIZE_BUTTON = compile_lazily(union(SIZE_BUTTONS))
# What is nothing but a button.
TELLING_BUTTONS = (
    PagePattern(
        "button of a site",
        r"字号|字体|文字大小|视力保护色|保护视力色|分享[到至]|我要纠错|网页纠错|复制(?:本文)?链接|关闭(?:窗口|本页)|打印(?:本页|本文|此页)"
        r"|收藏本页|扫(?:一扫|码)分享|无障碍",
        "[字号: 大 中 小]",
        "打印 收藏",
    ),
    PagePattern(
        "button in brackets",
        r"[\[〔] *(?:打印|关闭|收藏|下载|纠错|分享|全屏|大)[^\]〕]{0,8}[\]〕]",
        "[打印]",
        "[打击]",
    ),
)
TELLING_BUTTON = compile_lazily(union(TELLING_BUTTONS))
# The path to the article counts as an entire toolbar.
PATHS = (
    PagePattern(
        "path to the article",
        r"(?:您?(?:当前|现在)?(?:所在)?的?位置(?:是)?) *: *(?:首页|网站首页|主页).{0,120}",
        "您当前所在的位置: 首页 > 政务公开 > 规划",
        "当前位置: 县政府会议室",
    ),
)
PATH = compile_lazily(union(PATHS))

# The labels of the line of fields under a title; the name of a row is that of its metadata field.
FIELD_LABELS = (
    PagePattern(
        "publisher",
        r"(?:信息|文章|稿件|新闻)?来源|稿源|发布(?:机构|单位)|信息提供",
        "信息来源",
        "财源",
    ),
    PagePattern("date", r"(?:发布|发稿|更新|发表|成文|公开)?(?:时间|日期)", "发布时间", "发布会"),
    PagePattern("author", r"作者|撰稿", "作者", "读者"),
    PagePattern(
        "count",
        r"(?:浏览|阅读|点击|访问)(?:次数|量|数)?|人气|字号|字体|责任编辑|编辑",
        "浏览次数",
        "访客",
    ),
)
FIELD_LABEL = compile_lazily(
    f"(?:{'|'.join(f'(?P<{label.name}>{label.expression})' for label in FIELD_LABELS)}) *: *"
)

_SITE_PAGE = r"(?:网站地图|联系我们|关于我们|网站声明|隐私声明|法律声明|使用帮助|友情链接|站点地图)"
# The lines below an article. Each of the sure ones is proof of a footer, the others only several together.
SURE_FOOTER_LINES = (
    PagePattern(
        "QR code",
        r"扫一扫(?:在手机)?(?:上)?(?:打开|查看|浏览)?(?:当前页面?|本页面?)?.{0,12}",
        "扫一扫在手机打开当前页",
        "扫一扫店内的二维码就可以看到全部商品的价格",
    ),
    PagePattern(
        "share",
        r"分享到?:?(?:\s*(?:微信|微博|QQ空间|新浪微博|朋友圈|QQ))*",
        "分享到: 微信 微博",
        "分享到: 全体同学",
    ),
    PagePattern(
        "editor",
        r"[\[(]?(?:责任编辑|责编|网络编辑|编辑) *: *\S{1,12}(?: \S{1,4})?[\])]?",
        "(责任编辑: 李青)",
        "责任编辑应当审核稿件",
    ),
    PagePattern(
        "related articles", r"相关(?:报道|链接|新闻|阅读|附件|文章|稿件|信息):", "相关链接:", "相关部门:"
    ),
)
OTHER_FOOTER_LINES = (
    PagePattern(
        "who checked the article",
        r"[\[(]?(?:审核|校对|初审|复审|终审|签发|一审|二审|三审|监制|来源|作者) *: *\S{1,16}[\])]?",
        "审核: 李青",
        "审核: 材料齐全的,应当在三个工作日以内受理",
    ),
    PagePattern("next and previous article", r"[上下]一[篇条页] *:.{0,80}", "下一篇: 春耕备耕", "下一步:"),
    PagePattern(
        "buttons",
        r"(?:(?:\[ *)?(?:打印(?:本页|本文)?|关闭(?:窗口|本页)?|返回(?:顶部|列表|首页)?|我要纠错|收藏|复制链接"
        r"|TOP)(?: *\])?[\s|]*)+",
        "[打印本页] [关闭窗口]",
        "打印 三份",
    ),
    PagePattern(
        "registration of the site",
        r"(?:.{0,40}(?:版权所有|Copyright|ICP备|公网安备|网站标识码).{0,120})",
        "清江县人民政府版权所有 鄂ICP备12345678号",
        "著作权归作者所有",
    ),
    PagePattern(
        "who runs the site",
        r"(?:主办|承办|协办|技术支持|主管)(?:单位)?:.{0,40}",
        "主办单位: 清江县人民政府",
        "主办单位清江县人民政府",
    ),
    PagePattern(
        "pages about the site",
        rf"{_SITE_PAGE}(?:[\s|]+{_SITE_PAGE})*",
        "网站地图 | 联系我们",
        "联系我们的客服",
    ),
    _VISITS,
)
SURE_FOOTER_LINE = compile_lazily(union(SURE_FOOTER_LINES))
OTHER_FOOTER_LINE = compile_lazily(union(OTHER_FOOTER_LINES))

# Below the footer of a site that was broken into come this line and a list of advertisements.
SPAM_HEADING = "感谢您访问我们的网站，您可能还对以下资源感兴趣"
