"""The tables of headings: the kinds of numbers that open a heading, and the patterns that judge the rest.

Each row has an example and a counter-example, which the tests check. In an example ⟦ and ⟧ enclose exactly
what the pattern matches; in a counter-example it matches nowhere.
"""

from __future__ import annotations

from typing import NamedTuple

NUMERALS = "一二三四五六七八九十"
FORMAL_NUMERALS = "壹贰貳叁參叄肆伍陆陸柒捌玖拾"
DIGITS = "0123456789０１２３４５６７８９"
# What the numbers of annexes begin with.
LETTERS = "".join(map(chr, (*range(0x41, 0x5B), *range(0xFF21, 0xFF3B))))
# ① to ⑳ and ⑴ to ⒇, then ㈠ to ㈩.
SIGNS = "".join(map(chr, (*range(0x2460, 0x2488), *range(0x3220, 0x322A))))
BLANKS = " \t　\u00a0"

_LAW_NUMBER = f"第[ 　]?[{NUMERALS}廿卅{FORMAL_NUMERALS}百千零〇两兩0-9０-９]{{1,8}}[ 　]?"
# 第三条规定 and 第三条的 are references to an article.
_NO_REFERENCE = f"(?:之[{NUMERALS}]{{1,3}})?(?![规款至和、，,的第所及或以之中项項])"
# What a number counts if no title follows it: 第二节课, 第九节车厢, 第二条腿, 第三部电影, 第一回合.
_LESSONS = "课課车車列骨电電竹甘火语語数數英體体晚自"
_STRIPS = (
    "[件腿路街河鱼魚狗蛇龙龍虫蟲船線线命裙裤褲毯毛腰尾胳巷廊轨軌狼鲨鯊鲸鯨缝疤伤绳繩]|[大小街长長老新].{0,2}[路街河巷]"
    "|[道公铁鐵水].?路|消息|短信|微博|新闻|新聞|评论|評論|留言|弹幕|语音|战线|戰線|航线|航線|跑道|隧道|地铁|地鐵|生产线"
    "|围巾|领带"
)
_VOLUMES = (
    "分门門队隊委长長属屬位件落下电電手小作片车車机機法曲戏戲剧劇书書著专專纪紀动動宗纸紙胶膠入帘尺轴軸烟煙筒土团團合"
    "體体中會会市结結训訓邮郵资資装裝里裡开開头頭播大页頁封"
)
_UNITS = "文報报論论小日散作幅稿博帖新随隨课課通短长長故社評评楼樓房门門格测測号號住层層考里裡"
_EPISODES = (
    "合来來到家头頭去见見想事忆憶答归歸应應复復國国收购購报報款升落调調暖春首顾顧望族民路程笼籠锅鍋避击擊敬绝絕味執执"
    "放响響音形话話述座師师台臺究解得過过了故义義堂演題题外后後间間时時表本文上下前余业業桌标標说說语語剧劇筒费費务務"
    "里裡还還是没沒布僚府墙牆"
)
# 一、二级 and 一、二和三 are two numbers in a row.
_NO_SECOND_NUMBER = f"(?![{NUMERALS}]{{1,2}}[、级级產产及和与與或至等])"
# 2.1 and a blank is a number of two levels, not the second item of a list.
_NO_DECIMAL = r"(?![0-9０-９]{1,2}(?:[.．][0-9０-９]{1,2}){0,3}[.．]?[ \t　]+\S)"


class MarkerKind(NamedTuple):
    """A kind of number, word or sign that opens a heading, and how it behaves.

    ``rank`` orders the kinds, 1 is the highest. It follows the national standard for official documents
    (GB/T 9704-2012, 7.3.3): 一、 above （一） above 1. above （1）. ``in_article`` kinds are headings between
    the articles of a law too, where all others number the items of an article. A ``titled`` kind has a title
    that another number may follow without a stop; a ``runs_in`` kind may be that other number. ``small``
    kinds open units so short that several share a chunk. ``depth`` orders kinds of one rank, 0 the highest.
    """

    name: str
    rank: int
    pattern: str
    example: str
    counter_example: str
    in_article: bool = False
    titled: bool = False
    runs_in: bool = False
    small: bool = False
    depth: int = 0


# No two kinds match at the same place, so their order does not matter.
MARKER_KINDS = (
    # The rank of a Markdown heading is the number of its signs.
    MarkerKind(
        "markdown", 1, r"#{1,6}[ \t]+(?=\S)", "⟦## ⟧第一章 总则", "#话题#讨论", in_article=True
    ),
    MarkerKind(
        "annex", 6,
        rf"附(?:[件录錄表图圖](?:[ 　]?[0-9０-９{NUMERALS}]{{0,3}}|[ 　]?[A-ZＡ-Ｚ])[:：]?|[:：])"
        r"(?=[ \t　]*(?:[\r\n]|\Z))"
        r"|附[ 　]{1,2}[录錄][ 　]{0,2}[A-ZＡ-Ｚ](?=[ \t　]*(?:[\r\n]|\Z))"
        r"|附[ 　]{0,2}[录錄][ 　]{0,2}[A-ZＡ-Ｚ][ 　]*"
        r"(?=[（(](?:[规規][范範]性|[资資]料性|[标標][准準]的|提示的|[补補]充件|[参參]考件)[^\n]{0,40}(?:[\r\n]|\Z))"
        rf"|附[录錄](?:[0-9０-９{NUMERALS}]{{1,3}}|[ 　]?[A-ZＡ-Ｚ])[:：]?[ 　]+"
        r"(?=[㐀-鿿][^\n。；;，,！？]{0,29}(?:[\r\n]|\Z))"
        rf"|附[件表图圖][0-9０-９{NUMERALS}]{{1,3}}(?:[:：][ 　]*|[ 　]+)"
        rf"(?=[㐀-鿿《“（(](?<![{NUMERALS}](?=、))[^\n。；;，,！？]{{1,39}}(?:[\r\n]|\Z))",
        "⟦附件1：⟧\n名词解释", "附件中的表格另发", in_article=True,
    ),
    MarkerKind(
        "volume", 7,
        f"{_LAW_NUMBER}[部卷册冊集](?![{_VOLUMES}]){_NO_REFERENCE}"
        rf"|卷[之第]?[{NUMERALS}上中下]{{1,3}}(?=[ 　\n])"
        rf"|(?:[上中下][卷册冊]|{_LAW_NUMBER}[辑輯季])(?=[ \t　：:\r\n]|\Z)",
        "⟦第二部⟧ 远方", "第一部分", in_article=True,
    ),
    MarkerKind(
        "part", 7, f"{_LAW_NUMBER}[编編]{_NO_REFERENCE}", "⟦第一编⟧　总则", "第一编的规定",
        in_article=True, depth=1,
    ),
    MarkerKind(
        "subpart", 7, f"第[{NUMERALS}]{{1,2}}分[编編]", "⟦第二分编⟧　典型合同", "分编辑",
        in_article=True, depth=2,
    ),
    MarkerKind(
        "unit", 7,
        f"{_LAW_NUMBER}(?:部分|篇|单元|單元)(?![{_UNITS}]){_NO_REFERENCE}"
        "|[上中下内內外杂雜][篇编編](?=[ \\t　：:\\r\\n]|\\Z)",
        "⟦第一单元⟧ 认识数字", "第一篇文章", in_article=True, depth=2,
    ),
    MarkerKind(
        "chapter", 8,
        f"(?:(?:正文|VIP(?:卷|章[节節])?)[ 　]{{1,2}})?{_LAW_NUMBER}章(?!鱼|魚){_NO_REFERENCE}"
        f"|【{_LAW_NUMBER}[章回节節]】|[(（]{_LAW_NUMBER}[章回][)）]"
        f"|{_LAW_NUMBER}章(?=、[^\n第、，。；]{{1,30}}(?:[\r\n]|\\Z))"
        r"|(?:Chapter|CHAPTER) [0-9]{1,4}(?=[.:：]?(?:[ ][^\n.,;。，；]{1,60})?[ ]*(?:[\r\n]|\Z))",
        "⟦第十二章⟧　附则", "第二章至四章", in_article=True,
    ),
    MarkerKind(
        "episode", 8,
        f"{_LAW_NUMBER}[回讲講课課话話幕](?![{_EPISODES}]){_NO_REFERENCE}"
        rf"|{_LAW_NUMBER}(?:幕(?={_LAW_NUMBER}[场場])|[出折](?=[ \t　：:]))",
        "⟦第十二回⟧ 英雄相会", "第三回合", in_article=True,
    ),
    MarkerKind(
        "prologue", 8,
        r"(?:楔子|引子|序[ 　]?[章幕]|[后後][ 　]?[记記]|尾[ 　]?[声聲]|最?[终終]章|外[传傳]"
        rf"|番外篇?[{NUMERALS}0-9]{{0,3}})(?:[（(][{NUMERALS}上中下0-9]{{1,3}}[）)])?"
        r"(?=[ \t　：:\r\n]|\Z)",
        "⟦楔子⟧ 雪夜", "尾声渐起", in_article=True,
    ),
    # What precedes or follows the parts of a text and has none itself.
    MarkerKind(
        "preface", 8,
        r"(?:[前引序][ 　]{0,4}言|[自代]序|跋|[结結][ 　]{0,4}[语語]|卷首[语語]|[题題][记記]"
        r"|致[ 　]{0,4}[谢謝]|[参參]考文[献獻]|完[结結本]感言|上架感言)(?=[ \t　]*(?:[\r\n]|\Z))",
        "⟦前言⟧\n本书讲述", "前言不搭后语", in_article=True,
    ),
    MarkerKind(
        "scene", 9, f"{_LAW_NUMBER}[场場](?=[ \\t　：:\\r\\n]|\\Z)",
        "⟦第一场⟧ 街道", "第四场雨", in_article=True, depth=1,
    ),
    MarkerKind(
        "section", 9, f"{_LAW_NUMBER}[节節](?![{_LESSONS}]){_NO_REFERENCE}",
        "⟦第1節⟧　總則", "第三节和四节", in_article=True,
    ),
    MarkerKind(
        "article", 10, f"{_LAW_NUMBER}[条條]{_NO_REFERENCE}",
        "⟦第一百二十条之一⟧　违反规定", "第三条规定的情形", in_article=True, small=True,
    ),
    MarkerKind(
        "formal_numeral", 11, f"[{FORMAL_NUMERALS}]{{1,2}}、",
        "⟦贰、⟧事實及理由", "贰万元、叁万元", in_article=True, titled=True,
    ),
    MarkerKind(
        "numeral", 12, f"[{NUMERALS}]{{1,3}}、{_NO_SECOND_NUMBER}",
        "⟦十一、⟧下一步打算", "一、二级响应", in_article=True, titled=True, runs_in=True,
    ),
    # The notes at the end of a report, which are no part of its last section.
    MarkerKind(
        "notes", 12,
        r"(?:[注註][释釋]|尾[注註])"
        r"[:：]?(?=[ \t　]*(?:[\r\n]|\Z))",
        "⟦注释⟧\n［1］一降三减：", "注释一下", in_article=True,
    ),
    MarkerKind(
        "bracketed_numeral", 13, f"[(（][{NUMERALS}]{{1,3}}[)）]",
        "⟦（三）⟧保障民生", "（一季度）", titled=True, runs_in=True,
    ),
    MarkerKind("bracketed_numeral_sign", 13, "[㈠-㈩]", "⟦㈡⟧保障民生", "㊀号", titled=True, runs_in=True),
    # The numbers of a decimal outline, 1, 1.1 and 1.1.1, each before a blank.
    MarkerKind(
        "decimal", 14,
        r"(?:[0-9０-９]{1,2}(?:(?:[.．][0-9０-９]{1,2}){1,4}[.．]?)?"
        r"|[A-ZＡ-Ｚ](?:[.．][0-9０-９]{1,2}){1,4}[.．]?)[ \t　]+(?=\S)",
        "⟦2.1 ⟧领导机构", "2.1亿元", in_article=True,
    ),
    MarkerKind(
        "digit", 14, rf"[0-9０-９]{{1,2}}[.．、](?![.．、]){_NO_DECIMAL}",
        "⟦12.⟧加快建设", "2024年", titled=True, runs_in=True, small=True,
    ),
    MarkerKind(
        "bracketed_digit", 15, "[(（][0-9０-９]{1,2}[)）]",
        "⟦（１）⟧新建学校", "（2024）", titled=True, runs_in=True, small=True,
    ),
    MarkerKind("bracketed_digit_sign", 15, "[⑴-⒇]", "⟦⑴⟧新建学校", "(1", runs_in=True, small=True),
    MarkerKind("circled_digit", 16, "[①-⑳]", "⟦②⟧培训人员", "㉑培训人员", runs_in=True, small=True),
    MarkerKind("ordinal", 16, f"第[{NUMERALS}]{{1,3}}(?=[，,])", "⟦第一⟧，加强领导", "第一产业", small=True),
    MarkerKind("numeral_is", 17, f"[{NUMERALS}]{{1,3}}是", "⟦二是⟧管养", "二者是", runs_in=True, small=True),
    MarkerKind(
        "numeral_must", 17, f"[{NUMERALS}]{{1,3}}要", "⟦三要⟧强化监督", "三个要点", runs_in=True, small=True
    ),
    MarkerKind(
        "word", 17, "(?:首先|其次|再次|最后|最後)(?=[，,、])", "⟦其次⟧，报告工作", "首先发言的", small=True
    ),
)  # fmt: skip
KIND = {kind.name: kind for kind in MARKER_KINDS}
# A short line without a number, between complete paragraphs.
PLAIN, PLAIN_RANK = "plain", 11
# Where the text of a higher heading resumes after a list.
RESUMPTION = "resumption"
# A heading that the markup of the source names; its level is its rank, as for Markdown.
MARKED = "marked"
# A heading of Markdown with a line of = or - under it, which is part of it; its rank is 1 or 2.
UNDERLINED = "underlined"
# The characters that can open a heading with a number, blanks before it included.
OPENERS = frozenset(
    f"{NUMERALS}{FORMAL_NUMERALS}{DIGITS}{LETTERS}{SIGNS}{BLANKS}第附注註（(#首其再最卷楔引序尾终終番上中下后後外正前自代跋结結【引内內杂雜题題致参參完"
)


class HeadingPattern(NamedTuple):
    """A pattern for what precedes, forms or follows a heading's title."""

    name: str
    pattern: str
    example: str
    counter_example: str


# A report refers to its own office or place as 我市, 本县 or, made anonymous, 我XX局.
_OWN_PLACE = "[我本XxＸ][XxＸ]?[镇县市区局旗社们乡省州村院校鎮縣區局們鄉]"
_BODY_WORDS = (
    f"20[0-9]{{2}}年|(?:根据|按照|结合|围绕)?{_OWN_PLACE}|今年|截至|截止|目前|近年|上半年"
    "|一年来|一年來|坚持把|堅持把|为深入|为进一步|为了|为贯彻|我们|我們|在取得"
)
# A day, month or year in digits or Chinese numerals.
_NUMBER_OF_DAY = f"[〇○零{NUMERALS}0-9０-９]{{1,6}}"
_YEAR, _MONTH, _DAY = (f"{_NUMBER_OF_DAY}{sign}" for sign in ("年", "月", "[日号號]"))
_DATE = f"(?:(?:公元|(?:中[华華])?民[国國])?{_YEAR}(?:{_MONTH}(?:{_DAY})?)?|{_MONTH}{_DAY})"
_AFTER_DATE = (
    "[ 　]?(?:星期[^\n]|周[^\n]|[上下]午[^\n]{0,8}|[于於][^\n]{1,10}|印[发發]|[发發]布|公布|起?施行)?"
)
# A line after a complete paragraph, before a long paragraph or the first number of a list.
_PLAIN_LINE = (
    "\n(?P<title>[\u3400-\u9fff“《0-9][^\n。；;：:，,！!？?…]{1,29})\n"
    "(?=[^\n]{40}|[一(（1１\\[［①][一1１、.．是)）\\]］])"
)
_PARAGRAPH = "各项工作有序推进，成效好于预期，群众满意度继续提高，全年目标任务顺利完成，为明年打下基础。"

HEADING_PATTERNS = (
    # Where a title ends.
    HeadingPattern("title_stop", "[。；;！!？?\n\r]", "稳中有进⟦。⟧", "稳中有进，"),
    HeadingPattern(
        "heading_stop", "[。；;！!？?…\n\r]|[:：](?![0-9])|(?<![0-9])[:：]", "重点任务⟦：⟧抓项目", "8:30"
    ),
    HeadingPattern("line_end", "[\n\r]", "第一章 总则⟦\n⟧", "第一章 总则。"),
    HeadingPattern("clause_end", "[，,。；;（(\n]", "加快建设⟦（⟧一期", "一、加快建设"),
    # The rest of a line that is a title: after a blank, and at once after the number.
    HeadingPattern(
        "title_line", rf"[{BLANKS}：:·.．—、《【“-][^\n。；;…]{{0,60}}(?=[\r\n]|\Z)",
        "第三回⟦ 谁是英雄？⟧", "第三回 他走了。大家都走了。\n",
    ),
    HeadingPattern(
        "attached_title",
        rf"(?<=[编編章节節部卷册冊集分篇元回讲講课課话話幕】）)])[^\n。；;！!？?…，,]{{1,40}}?(?=[\r\n]|\Z|第[{NUMERALS}百0-9]{{1,4}}[章节節条條])",
        "第一章⟦总则⟧\n", "第二节下课后，他们走了。",
    ),
    # What follows if a number counts things and is no article's: 第二条腿.
    HeadingPattern("strips", f"(?<=[条條])(?:{_STRIPS})", "第二条⟦腿⟧受伤了", "第二条 街道办事处"),
    HeadingPattern("article_title", "[ 　]*[【〔（(][^】〕）)\n]{1,30}[】〕）)]", "⟦　【范围】⟧", "　范围"),
    # Words that open a body. Those only in the second row occur in many titles too.
    HeadingPattern("body_words", f"(?<=[\u3400-\u9fff”)）])(?={_BODY_WORDS})", "平稳增长⟦⟧今年以来", "今年"),
    HeadingPattern(
        "likely_body_words", f"(?<=[\u3400-\u9fff”)）])(?={_BODY_WORDS}|进一步|持续)",
        "优化营商环境⟦⟧持续推进", "优化营商环境",
    ),
    # The usual name of a part of a report, if the text continues without a stop.
    HeadingPattern(
        "section_name",
        "(?:(?:工作|完成|开展|落实|进展|基本|总体)情况|(?:下一步|下步|今后|下阶段|工作)(?:工作)?(?:打算|计划|思路)"
        "|存在的?(?:主要)?(?:问题|困难|不足)|工作(?:回顾|亮点|总结|成效))(?=[\u3400-\u9fff])"
        "(?![和与及的等是上中汇报通部分整落一二三四五六七八九十])",
        "重点⟦工作回顾⟧大家紧盯目标", "工作情况汇报",
    ),
    # A title, which has no stop, after a blank line and with a line of = or - under it (CommonMark 0.31.2,
    # "Setext headings").
    HeadingPattern(
        "underlined_line",
        rf"(?:\A|(?<=\n\n)|(?<=\r\n\r\n))"
        rf"(?P<title>[{BLANKS}]{{0,3}}(?![-*+>#|=·•]|[0-9]{{1,3}}[.)][ \t])[^\s|]"
        r"[^\n|]{0,79})(?<![。；;，,、])\r?\n(?P<sign>[=-])(?P=sign){1,199}[ \t]*(?=[\r\n]|\Z)",
        "好。\n\n⟦安装说明\n----⟧\n", "好。\n----\n",
    ),
    # A line of Markdown that is bold as a whole (CommonMark 0.31.2, "Emphasis and strong emphasis").
    HeadingPattern(
        "bold_line",
        rf"(?:\A|(?<=\n))[{BLANKS}]*\*\*(?P<title>[第{NUMERALS}(（【正0-9V][^\n*]{{1,60}})\*\*[ \t]*"
        r"(?=[\r\n]|\Z)",
        "⟦**第十三章 潜行**⟧\n", "**第十三章** 潜行\n",
    ),
    # What a provision says, and how a court begins a step of its reasoning.
    HeadingPattern(
        "rule",
        "(?P<clause>[的者][，,：:])|[应應][当當]|可以|不得|[应應]予|有[权權]"
        "|(?P<agent>由[^，,。；;]{2,40}(?:管[辖轄]|[审審]理|[负負][责責]|[执執]行|承[担擔]|[决決]定|批准|[办辦]理))",
        "逾期不申请⟦的，⟧视为放弃", "由高速增长转向高质量发展，提升质效",
    ),
    HeadingPattern(
        "reasoning",
        "[次末复復又另再][按查]|[经經]查|[综綜]上(?:所述|[，,])|核(?:[声聲][请請]|本件|其)|查(?:本件|[声聲][请請]|系[争爭])|惟查?[，,]",
        "⟦次按⟧人民所受之裁判", "按时完成任务",
    ),
    # In a title: the first stop or number, and the number 1 that opens a list.
    HeadingPattern("title_turn", "[。；;！!？?\n\r一1１①⑴㈠(（]", "工作回顾⟦(⟧一)统筹", "工作回顾，统筹"),
    HeadingPattern(
        "list_opener", "[一1１①⑴㈠(（](?:(?<=一)[是、]|(?<=[1１])[.．、]|(?<=[(（])[一1１][)）]|(?<=[①⑴㈠]))",
        "工作回顾⟦(一)⟧统筹", "工作回顾(二)统筹",
    ),
    # What comes before 一 if it is part of a word (统一, 唯一), of a longer number or of a clause.
    HeadingPattern(
        "joined", r"[统第之万唯逐同单专划合归不另其惟任每某这那哪統萬單專劃歸這、，,－-]\Z",
        "坚持⟦统⟧", "工作回顾",
    ),
    # In a line that opens with two figures (20.2026年), the words of a title follow the second.
    HeadingPattern("words_near", "[^\n]{0,12}[\u3400-\u9fffA-Za-z]", "⟦2026年⟧\n", "2.5\n"),
    # Lines without a number. A pattern for each stop: a constant first character is searched far faster.
    HeadingPattern(
        "line_after_stop", "。" + _PLAIN_LINE, "好⟦。\n明年工作安排\n⟧（一）抓项目", "好\n安排\n（一）抓项目"
    ),
    HeadingPattern(
        "line_after_exclamation", "！" + _PLAIN_LINE, f"好⟦！\n2024年回顾\n⟧{_PARAGRAPH}", "好！\n安排\n好"
    ),
    HeadingPattern(
        "glossary", "(?:名词|名詞|相关|有关).{0,4}(?:解释|注释|解釋|注釋)$",
        "《政府工作报告》⟦有关名词解释⟧", "名词解释如下",
    ),
    # The title of what follows the last part of a text, alone on its line.
    HeadingPattern(
        "last_part",
        rf"\n[{BLANKS}]*(?P<title>[^\n。；;，,！!？?]{{0,24}}(?:名[词詞]|[术術][语語]|[词詞][语語]|用[语語])"
        r"(?:[解注註][释釋]|[说說]明)|[注註][释釋]|尾[注註])[:：]?(?=\n)",
        "奋斗！\n⟦\n名词解释⟧\n\n1.六创六争", "名词解释如下\n",
    ),
    # The end of a line without a stop, directly before an article that is not the first, and a title in it.
    HeadingPattern(
        "before_article",
        rf"\n(?<![\n。；;：:，,！!？?、]\n)(?:[{BLANKS}]*\n){{0,3}}[{BLANKS}]*"
        rf"(?={_LAW_NUMBER}[条條]{_NO_REFERENCE})(?!第[ 　]?[一1１][ 　]?[条條])",
        "物业管理区域⟦\n⟧第八条 划定区域。", "总则\n第一条 适用本市。",
    ),
    HeadingPattern(
        "bare_title", rf"[{BLANKS}]*(?P<title>[\u3400-\u9fff][^\n。；;：:，,！!？?…＝=#|]{{1,29}})(?=\n)",
        "⟦物业管理区域⟧\n", "划定区域。\n",
    ),
    # What a table of amendments says about an article.
    HeadingPattern(
        "note_on_article", rf"本[条條]|[条條]文|{_LAW_NUMBER}[条條]|[说說]明", "⟦本條⟧未修正", "条例的解释"
    ),
    HeadingPattern(
        "chapter_line", rf"\n[{BLANKS}]*(?:#+[ \t]+)?{_LAW_NUMBER}[编編章篇部回][^\n]{{0,40}}(?=\n)",
        "⟦\n第二章 监督⟧\n", "见第二章\n",
    ),
    HeadingPattern("four_ideographs", "(?:[^\u3400-\u9fff]*[\u3400-\u9fff]){4}", "⟦2024年工作回⟧顾", "总则"),
    # A title in a sentence of its own, and the text of its paragraph after it.
    HeadingPattern(
        "titled_paragraph", rf"[{BLANKS}]*[\u3400-\u9fff“《][^\n。；;：:，,！!？?]{{3,23}}。(?=[^\n])",
        "⟦优化社会保障服务。⟧健全体系。", "过去一年，服务优化。",
    ),
    # A paragraph that addresses the listeners, and the words with which a speech closes.
    HeadingPattern(
        "address", rf"\n[{BLANKS}]*(?:各位[\u3400-\u9fff]{{2,4}}|同志[们們]|朋友[们們])[！!，,：:]",
        "好。⟦\n　　各位代表！⟧让我们", "感谢各位代表！",
    ),
    HeadingPattern("closing_words", "[让讓]我[们們]", "⟦让我们⟧更加团结", "我们让出"),
    # A number, the form of address, a date, an unfinished list, the name of a speaker.
    HeadingPattern(
        "not_a_title",
        rf"[0-9]{{1,2}}(?:[.．、]|(?:[.．][0-9]{{1,2}})*[ \t　])|[{NUMERALS}{FORMAL_NUMERALS}]{{1,3}}[是要、]"
        rf"|第[{NUMERALS}]|各位|{_DATE}(?:[至到—-]{_DATE})?{_AFTER_DATE}\n"
        rf"|[^\n]*(?:[0-9]日|[、︰]|[ \t　][^ \t　\n]{{1,4}})\n",
        "⟦省长 某某\n⟧", "明年工作安排\n",
    ),
)  # fmt: skip
