"""Texts that are made to be slow: each of any length, by name; and every part of a flow to measure."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from hanpack import flow
from hanpack.model import Outcome, Record, Source
from hanpack.quality import judge_quality
from hanpack.recipe import parse_recipe
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.chunk.settings import ChunkSettings
from hanpack.steps.chunk.splitting import split_text
from hanpack.steps.decode.decoding import decode
from hanpack.steps.decode.encodings import detect
from hanpack.steps.script.script_names import name_scripts
from hanpack.steps.texts import JoinedTexts, Texts
from hanpack.tools import Tools, prepare_tools
from tests.pumps import Pump

# Characters by which the bytes of a character are estimated.
_SAMPLE = 1_000
_FORUM = "查看: 1|回复: 0\n设为首页收藏本站\n返回列表\nPowered by Discuz! X3.4\n\n\n"
_BODY = "<html><body>"


@dataclass(frozen=True, slots=True)
class Noise:
    """Pieces in a random order that is always the same: what is no repetition, so that no cache helps."""

    pieces: Sequence[str]
    prefix: str = ""

    def make(self, length: int) -> str:
        """A text of about this many characters.

        >>> len(Noise("ab").make(6))
        6
        """
        chance = random.Random(1)
        text = [self.prefix]
        missing = length - len(self.prefix)
        while missing > 0:
            text.append(chance.choice(self.pieces))
            missing -= len(text[-1])
        return "".join(text)


def make_text(hostile: Pump | Noise, size: int) -> str:
    """A hostile text of about ``size`` bytes of UTF-8."""
    return hostile.make(size * _SAMPLE // len(hostile.make(_SAMPLE).encode()))


def _read_wrongly(text: str, written: str, read: str) -> str:
    """A text whose bytes were read in another encoding, without what that cannot read."""
    return text.encode(written, "ignore").decode(read, "ignore")


def _read_a_byte_off(text: str) -> str:
    """A text in GBK whose first byte is lost, without what cannot be read then."""
    return text.encode("gbk")[1:].decode("gbk", "ignore")


_COMMON = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下"
    "过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都"
    "两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重"
    "新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想"
    "已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知"
    "较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造"
    "百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白"
    "教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集"
    "温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿"
    "千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存"
    "候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该"
    "铁价严"
)
_DIGITS = tuple(f"{number:b}".translate({48: "一", 49: "二"}) for number in range(512))
_PRONOUNCED = ("?zhèn)", "?gāo)", "?guó)", "?chuàng)", "(chuàng)", "(guó)", "?shí)")

HOSTILE_TEXTS: dict[str, Pump | Noise] = {
    # Long runs of one character.
    "letters": Pump("", "a"),
    "letters after Han": Pump("甲", "a", "!"),
    "letters of two cases": Pump("", "aB"),
    "Han": Pump("", "甲"),
    "one line": Pump("", "报告工作情况"),
    "digits": Pump("", "1"),
    "full-width digits": Pump("", "１"),
    "blanks": Pump("甲", " ", "乙"),
    "ideographic spaces": Pump("", "\u3000"),
    "tabs": Pump("", "\t"),
    "line ends": Pump("", "\n"),
    "line ends of two bytes": Pump("甲", "\r\n", "乙"),
    "blank lines with blanks": Pump("甲", "\n \n", "乙"),
    "null characters": Pump("", "\x00"),
    "byte order marks": Pump("", "\ufeff"),
    "full stops": Pump("", "。"),
    "commas": Pump("", "，"),
    "dots": Pump("", "."),
    "question marks": Pump("", "？"),
    "question marks of one byte": Pump("", "?"),
    # Marks, joiners and clusters.
    "stacked marks": Pump("a", "\u0301"),
    "stacked marks out of order": Pump("a", "\u0301\u0323"),
    "decomposed letters": Pump("", "e\u0301"),
    "compatibility ideographs": Pump("", "\uf900"),
    "joiners": Pump("甲", "\u200d"),
    "non-joiners": Pump("", "甲\u200c"),
    "joined emoji": Pump("", "\U0001f469\u200d"),
    "regional indicators": Pump("", "\U0001f1e8"),
    "Hangul initials": Pump("", "\u1100"),
    # Pairs.
    "parentheses": Pump("", "()"),
    "opening parentheses": Pump("", "("),
    "nested parentheses": Pump("", "((((((((((甲))))))))))"),
    "deeply nested parentheses": Pump("", "(" * 50 + "甲" + ")" * 50),
    "turned quotes": Pump("", "”甲“"),
    "opening quotes": Pump("", "“"),
    "straight quotes": Pump("", '"甲'),
    "corner brackets": Pump("", "「"),
    "backticks": Pump("", "`"),
    "quotes and addresses": Pump('"甲http://a" 甲 ', '"b'),
    # Damage.
    "question and exclamation marks": Pump("", "？！"),
    "shift: triggers": Pump("", "?！"),
    "shift: triggers after Han": Pump("", "甲?！"),
    "shift: half-width triggers": Pump("", "甲?!乙"),
    "shift: lost bytes": Pump("", "敝?！?"),
    "shift: damaged words": Pump("", "三?！敝С龅拙€"),
    "shift: broken annotations": Pump("", "炬?zhèn)鬟f"),
    "shift: broken annotations, at random": Noise((*_PRONOUNCED, *"炬鬟f創新國家敝С龅拙€")),
    "shift: broken annotations in lines, at random": Noise((*_PRONOUNCED, *_COMMON[:99], "。\n")),
    "shift: triggers, at random": Noise(("?！", "?！", "?", *_read_wrongly(_COMMON, "gbk", "gbk")[:99])),
    "shift: triggers far apart, at random": Noise(("?！", *_COMMON)),
    "annotations": Pump("", "創(chuàng)"),
    "replaced bytes": Pump("", "锟斤拷"),
    "replaced bytes, at random": Noise(("锟斤拷", "锟", "斤拷", "拷", "\ufffd", "甲")),
    "mojibake that is none": Pump("", "璋典坏"),
    "mojibake, at random": Noise(_read_wrongly(_COMMON, "utf-8", "gbk")),
    "mojibake in lines, at random": Noise((*_read_wrongly(_COMMON, "utf-8", "gbk"), "\n", "a")),
    "mojibake with lost bytes, at random": Noise((*_read_wrongly(_COMMON, "utf-8", "gbk"), "?", "\ufffd")),
    "mojibake among Chinese": Noise((_read_wrongly("推进高质量发展", "utf-8", "gbk"), *_COMMON)),
    "Windows-1252, at random": Noise("".join(map(chr, range(0xA0, 0x100)))),
    "Windows-1252 in words, at random": Noise((*map(chr, range(0xA0, 0x100)), " ", "a")),
    "GBK read as Windows-1252, at random": Noise(_read_wrongly(_COMMON, "gbk", "latin-1")),
    "UTF-8 read as Windows-1252, at random": Noise(_read_wrongly(_COMMON, "utf-8", "latin-1")),
    "UTF-8 read as cp437, at random": Noise(_read_wrongly(_COMMON, "utf-8", "cp437")),
    "Chinese in GBK with lost bytes": Pump("", "ÍÆ½ø¸ßÖÊ½"),
    "replacement characters": Pump("", "\ufffd"),
    "mojibake": Pump("", "鎻愰珮"),
    "mojibake of Latin letters": Pump("", "æ•°"),
    "letters of many scripts": Pump("", "ρԱ"),
    "letters of many scripts, at random": Noise("ρԱжЯאبਕกกคაᄀあア가éñß甲"),
    "narrowed figures": Pump("", "从3.5缩小到.4"),
    # Numbers.
    "annexes, at random": Noise(
        [f"附件{first}{last}：标题\n中间的一行字\n" for first in "一二三四五六" for last in range(60)]
    ),
    # Words.
    "ambiguous characters": Pump("", "后台里面乾著"),
    "redactions": Pump("", "XX镇"),
    "runs of X": Pump("", "X"),
    "X and dots": Pump("", "x."),
    "asterisks": Pump("", "*"),
    "emphasis": Pump("", "**甲"),
    "evasions": Pump("", "D委"),
    "addresses": Pump("", "http://a"),
    "mail addresses": Pump("", "a@b."),
    # Outlines.
    "headings": Pump("", "一、工作\n"),
    "headings in parentheses": Pump("", "（一）甲\n"),
    "headings in sentences": Pump("", "一是甲"),
    "ordinals": Pump("", "第一，"),
    "decimal headings": Pump("", "1.1 甲\n"),
    "articles": Pump("", "第一条 甲\n"),
    "Markdown headings": Pump("", "# a\n"),
    "fences": Pump("", "```\n"),
    "fences and underlined headings": Pump("", "```\na\n```\n\n甲\n===\n\n"),
    "fences and comments": Pump("", "```\na\n```\n甲\n<!-- 乙 -->\n"),
    "short lines": Pump("", "。\n甲\n"),
    # Pages.
    "HTML: attributes": Pump("<html><meta ", "a", ">"),
    "HTML: attributes with values": Pump("<html><body><p ", 'class="a" '),
    "HTML: classes": Pump("<html><body><p ", "class="),
    "HTML: addresses": Pump("<html><body><a ", "href="),
    "HTML: properties": Pump("<html><body><p ", "itemprop="),
    "HTML: titles": Pump("<html>", "<title>"),
    "HTML: subjects": Pump("<html>", '<a id="thread_subject">'),
    "HTML: nested blocks": Pump(_BODY, "<div>", "甲"),
    "HTML: nested fonts": Pump(_BODY, "<b><i>", "甲"),
    "HTML: nested tables": Pump(_BODY, "<table><tr><td>甲"),
    "HTML: nested lists": Pump(_BODY, "<ul><li>甲"),
    "HTML: rows": Pump(f"{_BODY}<table>", "<tr><td>甲<td>乙"),
    "HTML: items": Pump(f"{_BODY}<ul>", "<li>甲"),
    "HTML: numbered items": Pump(f"{_BODY}<ol>", "<li>甲"),
    "HTML: items with items": Pump(f"{_BODY}<ul>", "<li>甲<ul><li>乙</ul>"),
    "HTML: definitions": Pump(f"{_BODY}<dl>", "<dt>甲<dd>乙"),
    "HTML: cells": Pump(f"{_BODY}<table><tr>", "<td>甲"),
    "HTML: spanning cells": Pump(f"{_BODY}<table>", '<tr><td rowspan="9999" colspan="9999">甲'),
    "HTML: empty rows": Pump(f"{_BODY}<table>", "<tr>"),
    "HTML: preformatted text": Pump(f"{_BODY}<pre>", "甲 \n\n"),
    "HTML: code": Pump(_BODY, "<code>`甲</code>"),
    "HTML: headings": Pump(_BODY, "<h1>甲"),
    "HTML: breaks": Pump(_BODY, "<br>甲"),
    "HTML: breaks without text": Pump(f"{_BODY}甲", "<br>"),
    "HTML: rules": Pump(f"{_BODY}甲", "<hr>"),
    "HTML: pictures": Pump(_BODY, '<img src="a" alt="甲">'),
    "HTML: frames": Pump(_BODY, "<iframe>甲"),
    "HTML: forms": Pump(_BODY, "<select><option>甲"),
    "HTML: nested quotes": Pump(_BODY, "<blockquote>甲"),
    "HTML: nested ruby": Pump(_BODY, "<ruby><rb>甲<rp>(<rt>jia<rp>)"),
    "HTML: formulas": Pump(_BODY, "<math><mi>甲"),
    "HTML: drawings": Pump(_BODY, "<svg><text>甲"),
    "HTML: templates": Pump(_BODY, "<template>甲"),
    "HTML: numeric entities": Pump(_BODY, "&#x4e2d;"),
    "HTML: broken entities": Pump(_BODY, "&amp&#&#x&"),
    "HTML: endless entity": Pump(f"{_BODY}甲&", "a"),
    "HTML: endless number": Pump(f"{_BODY}甲&#", "1", ";"),
    "HTML: marked sections": Pump(_BODY, "<![CDATA[甲"),
    "HTML: processing instructions": Pump(_BODY, "<?xml "),
    "HTML: declarations": Pump("<!DOCTYPE html>", "<!ELEMENT a (b)>"),
    "HTML: bodies": Pump("<html>", "<body>甲</body></html>"),
    "HTML: metadata": Pump("<html><head>", '<meta name="author" content="甲">'),
    "HTML: metadata in JSON": Pump('<html><script type="application/ld+json">', '{"a":['),
    "HTML: dates": Pump(f"{_BODY}<p>甲", "<span>2024-01-01 </span>"),
    "HTML: many attributes": Pump(f"{_BODY}<p ", "a b c "),
    "HTML: distinct attributes": Noise([f"a{number} " for number in range(9999)], f"{_BODY}<p "),
    "HTML: quotes in attributes": Pump(f'{_BODY}<p a="', "'>\"<"),
    "HTML: tags at random": Noise(
        (
            "<div>",
            "</div>",
            "<p>",
            "<table>",
            "<tr>",
            "<td>",
            "</table>",
            "<b>",
            "</b>",
            "<ul>",
            "<li>",
            "甲",
        ),
        _BODY,
    ),
    "HTML: nested text for browsers without scripts": Pump(_BODY, "<noscript>甲", "</noscript>"),
    "HTML: authors of two texts": Pump(
        f'{_BODY}<p class="text">甲</p><p class="text">乙</p>', '<a href="/u/1" class="author">青石</a>'
    ),
    "HTML: texts with authors and times": Pump(
        _BODY, '<li><a href="/u/1">青石</a> <time datetime="2024-06-10"></time><p class="text">甲。</p></li>'
    ),
    "HTML: hidden blocks": Pump(_BODY, '<div style="display:none">甲</div>乙'),
    "HTML: posts with headers": Pump(
        _BODY, '<div id="post_1"><a class="xw1">甲</a><em id="authorposton1">发表于 2024-1-1</em></div>'
    ),
    "HTML: paragraphs": Pump(_BODY, "<p>甲乙丙丁戊己庚辛壬癸"),
    "HTML: links": Pump(_BODY, "<a href=a>甲</a>"),
    "HTML: posts": Pump(_BODY, '<td id="postmessage_1">甲'),
    "HTML: hidden text": Pump(_BODY, '<font class="jammer">a</font>甲'),
    "HTML: ruby": Pump(_BODY, "<ruby>甲<rt>jia"),
    "HTML: entities": Pump(_BODY, "&amp;"),
    "HTML: broken tags": Pump(_BODY, "<a <"),
    "HTML: comments": Pump(_BODY, "<!--"),
    "HTML: scripts": Pump(_BODY, "<script></script "),
    "HTML: closing tags": Pump(f"{_BODY}甲", "</div>"),
    "forum: headers": Pump(_FORUM, "楼主 | 发表于 2024-1-1 | 只看该作者 \n"),
    "personal: digits": Pump("", "1381234"),
    "personal: dotted": Pump("", "1.2."),
    "personal: mail": Pump("", "a@b."),
    "personal: numbers": Pump("", "13812345678，"),
    "personal: homes": Pump("男，", "住1号"),
    "forum: blanks": Pump(_FORUM, " "),
    "forum: buttons": Pump(f"{_FORUM}青石 发表于 2024-6-15 | 只看该作者\n", "支持\n"),
    "personal: grouped digits": Pump("", "138 1234 "),
    "personal: cards": Pump("", "6222 0212 3456 7890 123 "),
    "personal: identity numbers": Pump("", "11010519491231002X"),
    "personal: plates": Pump("", "京A12345"),
    "personal: colons": Pump("", "a:"),
    "personal: addresses of homes": Pump("", "北京市朝阳区建国路1号院2号楼3单元"),
    "personal: at random": Noise((*"0123456789@.-:() ", "京A", "电话", "邮箱", "省", "市", "号")),
    "personal: tokens": Noise((*"abcABC0123_-", "ghp_", "sk-", "AKIA")),
    "forum: posts": Pump(_FORUM, "青石 发表于 2024-6-15 12:00 | 只看该作者\n甲乙丙。\n"),
    "forum: numbers": Pump(_FORUM, "1#\n"),
    "forum: lines at random": Noise(
        ("支持\n", "楼主\n", "发表于 2024-1-1\n", "甲。\n", "\n", "|", "回复\n", "1#\n"), _FORUM
    ),
    "site: edges": Pump("", "责任编辑：甲\n来源：乙\n"),
    "site: navigation": Pump("", "首页 > 新闻 > 正文\n"),
    "site: sharing": Pump("甲\n", "扫一扫在手机打开当前页\n"),
    "layout: page numbers": Pump("", "甲\n- 1 -\n"),
    "layout: running heads": Pump("", "工作报告\n甲乙丙丁\n\f"),
    "layout: form feeds": Pump("", "\f"),
    "layout: contents": Pump("目录\n", "第一章 甲……………1\n"),
    "layout: dotted lines": Pump("目录\n", "…"),
    "layout: short lines": Pump("", "甲乙丙丁戊己庚辛壬癸\n"),
    "layout: hyphens": Pump("", "exam-\nple "),
    "layout: columns": Pump("", "甲  乙   丙\n"),
    "quality: one line again and again": Pump("", "报告工作情况。\n"),
    "quality: distinct lines": Noise([f"{number}\n" for number in range(99_999)]),
    "tables": Pump("", "| 甲 | 乙 |\n"),
    "table cells": Pump("", "|甲"),
    "tables with tabs": Pump("", "甲\t乙\t\n"),
    "footnotes": Pump("", "甲[1]"),
    "nested lists": Pump("", "- 甲\n  - 乙\n"),
    "deeper and deeper lists": Noise([" " * depth + "- 甲\n" for depth in range(99)]),
    "poems": Pump("", "　　甲乙丙丁\n"),
    "indented lines": Pump("", "    甲\n"),
    "spaced characters": Pump("", "甲 乙 丙 丁 "),
    "spaced characters in lines": Pump("", "会 议 纪 要 事 项 人 员\n"),
    "spaced characters in lines, at random": Noise([f"{one} " for one in _COMMON] + ["的\n"] * 40),
    "spaced letters": Pump("", "a b "),
    "spaced digits": Pump("", "1 2 "),
    "radicals": Pump("", "⼀⼁⽔"),
    "compatibility forms": Pump("", "㎏㊀㍿ﬁ"),
    "variation selectors": Pump("甲", "\ufe00"),
    "tags": Pump("甲", "\U000e0041"),
    "bidirectional controls": Pump("甲", "\u202e\u202c"),
    "written escapes": Pump("", "\\u200b\\x00"),
    "half-width katakana": Pump("", "ｶﾞ"),
    "full-width letters": Pump("", "Ａａ"),
    "letters and Han": Pump("", "a甲"),
    "percent signs": Pump("", "5％"),
    "units": Pump("", "5kg，"),
    "decimals": Pump("", "1.1.1."),
    "times": Pump("", "12:30:"),
    "dashes": Pump("", "—"),
    "ellipses": Pump("", "……"),
    "nested quotes": Pump("", "“‘甲"),
    "mixed quotes": Noise("“”‘’「」『』\"'甲a \n"),
    "mixed brackets": Noise("()（）[]【】《》<>{}甲a。\n"),
    "one-sided books": Pump("", "《甲"),
    "Japanese": Pump("", "これは漢字です。"),
    "Korean": Pump("", "한국어 漢字. "),
    "scripts in turn": Pump("", "臺灣。台湾。これは。"),
    "Traditional, at random": Noise("乾後裡著臺灣髮發復複麵面鬱郁鐘鍾隻只"),
    "words of names": Pump("", "于先生后女士"),
    "Han, at random": Noise(_COMMON),
    "rare Han, at random": Noise("".join(map(chr, range(0x3400, 0x4DB6)))),
    "beyond the basic plane": Noise("".join(map(chr, range(0x20000, 0x2A000)))),
    "all characters, at random": Noise("".join(map(chr, (*range(1, 0xD800), *range(0xE000, 0xFFFE))))),
    "ASCII, at random": Noise("".join(map(chr, range(32, 127)))),
    "letters, at random": Noise("abcdefghijklmnopqrstuvwxyz"),
    "X, dots and stars at random": Noise("Xx*.×○□某 甲"),
    "X in words": Pump("", "X甲"),
    "long dates": Pump("", "2024年1月1日"),
    "figures of Chinese": Pump("", "一二三"),
    "ordinals in lines": Pump("", "1、甲\n"),
    "circled headings": Pump("", "①甲\n"),
    "chapters": Pump("", "第一章 甲\n第一节 乙\n"),
    "deep headings": Pump("", "###### 甲\n"),
    "headings of every level": Noise(
        ("# 甲\n", "## 甲\n", "一、甲\n", "（一）甲\n", "1.甲\n", "第一条 甲\n")
    ),
    "headings without sentences, at random": Noise(
        ("一、", "（一）", "1.", "第一条", "①", "甲", "。", "\n", "；", " ")
    ),
    "formulas": Pump("", "$a_1$"),
    "open formulas": Pump("", "$$"),
    "open links": Pump("", "[甲]("),
    "pictures": Pump("", "![甲](a)"),
    "tildes": Pump("", "~~~\n"),
    "GBK a byte off, with triggers": Noise((*_read_a_byte_off(_COMMON[:300]), "?！", "?")),
    "GBK a byte off, in lines with annotations": Noise(
        (*_read_a_byte_off(_COMMON[:200]), "?guó)", "?！", "。\n", "€")
    ),
    "vocabulary, at random": Noise(
        ["软件", "程序", "文件", "服务器", "鼠标", "内存", "线程", "打印机", "出租车", "信息", "网络", "质量"]
    ),
    "vocabulary in longer words, at random": Noise(
        ("出租", "车位", "软件", "件事", "程序", "序列", "信息", "息事", "前列腺癌", "光盘行动")
    ),
    "false spellings, at random": Noise(
        ["護髮", "保護髮", "看護髮燒", "發布", "發佈", "複查", "復查", "台灣", "臺灣", "，", "\n"]
    ),
    "quotations of both scripts, at random": Noise(["“a”", "’b", "甲「乙』", "‘丙", "\n", "“a”\n"]),
    "emphasis and names, at random": Noise(
        ("**", "*", "＊", "甲", "乙丙", "赵", "镇", "，", "\n", "`a`", "[甲](b)")
    ),
    "sentences of both scripts with vocabulary, at random": Noise(
        ("软件程序。", "國際標準軟體。", "打印机！", "臺灣國語；", "鼠标？")
    ),
    "null characters between words": Pump("", "软件\x00國。"),
    "front matter that is never closed": Pump("---\n", "键: 值\n"),
    "chapter names of two lines": Pump("", "第一章\n甲乙丙\n丁戊己\n"),
    "names without numbers": Pump("", "甲乙丙\n第一条 丁戊己。\n"),
    "lists in sentences": Pump("", "一是甲；二是乙；三是丙；（1）丁；（2）戊；\n"),
    "personal: names and homes, at random": Noise(
        ("姓名：", "王某某", "身份证号", "11010519491231002X", "，", "住址：", "北京市", "号", "男", "\n")
    ),
    "front matter": Pump("---\n", "作者: [a, &a b, *a]\n", "---\n"),
    "days in numerals": Pump("", "二〇二四年三月二十七日"),
    "distinct chapters without text": Noise(
        [f"第{number}章 {name}\n" for number, name in zip(_DIGITS, _COMMON, strict=False)], "目录\n"
    ),
    "distinct chapters with text": Noise(
        [
            *[f"第{number}章 {name}\n" for number, name in zip(_DIGITS, _COMMON, strict=False)],
            *["甲乙丙。\n"] * 200,
        ]
    ),
    "HTML: distinct headings": Noise(
        [f"<h{number % 6 + 1}>{text}</h{number % 6 + 1}>" for number, text in enumerate(_COMMON)], _BODY
    ),
    "JSON: nested lists": Pump("", "["),
    "JSON: nested objects": Pump("", '{"a":'),
    "JSON: escapes": Pump('"', "\\u4e2d\\n", '"'),
    "XML: nested elements": Pump("<?xml version='1.0'?>", "<a>"),
    "CSV: quotes": Pump('"', '""', '"'),
    "logs": Pump("", "2024-01-01 00:00:00,000 INFO a.b.c: d\n"),
    "Base64": Noise("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
    "records of a web archive": Pump("WARC/1.0\nWARC-Type: conversion\n", "a: b\n"),
}
STEP_OPTIONS: dict[str, object] = {
    **dict.fromkeys(
        ("page", "layout", "repair", "controls", "nfc", "spaces", "width", "quotes", "evasions", "phrases"),
        True,
    ),
    "script": "hans",
    "redactions": "□",
    "personal": "replace",
}
RECIPE: dict[str, object] = {
    "name": "a",
    "sources": [{"path": "a.txt"}],
    "steps": STEP_OPTIONS,
    "chunks": {"max_tokens": 512},
    "packed": {"tokens": 2048},
    # The perplexity is measured only if the recipe names it.
    "quality": {"perplexity": {"min": 0}},
}


class FlowParts:
    """The parts of the flow as functions of a text: each by itself, and all of them together."""

    def __init__(self) -> None:
        self.tools = self._make_tools(RECIPE)
        self.traditional = self._make_tools({**RECIPE, "steps": {"script": "tw", "phrases": True}}).steps
        self.steps = [step for step in flow.STEPS if step.run is not None]
        # A step that is off would not be measured.
        assert all(step.is_enabled(self.tools.steps.options) for step in self.steps)

    @staticmethod
    def _make_tools(content: dict[str, object]) -> Tools:
        return prepare_tools(
            parse_recipe(content, "recipe"), load_vocabulary("o200k_base"), load_ngram_model()
        )

    def prepare(self, text: str) -> Iterator[tuple[str, Callable[[], object]]]:
        """Each part by its name, ready to run on a text; a shared function has the name of its last step."""
        data = text.encode()
        traced = decode(data, "utf-8")
        texts = Texts([traced])
        yield "decode", lambda: decode(data, "utf-8")
        yield "detect", lambda: detect(data)
        yield (
            "concerns",
            lambda: [step.concerns(texts.joined, self.tools.steps) for step in self.steps if step.concerns],
        )
        for function, name in {step.run: step.name for step in self.steps}.items():
            if function is not None:
                yield name, partial(function, [traced], self.tools.steps)
        yield "scripts", lambda: name_scripts(texts.joined)
        converter = self.traditional.converter
        assert converter is not None
        yield "script: tw", lambda: converter.convert(traced)
        yield (
            "quality",
            lambda: judge_quality(JoinedTexts([text]), [0], self.tools.bounds, self.tools.steps.ngram_model),
        )
        yield "fold", lambda: self.tools.folder.fold(text)
        fill = ChunkSettings(max_tokens=512)
        structure = ChunkSettings(max_tokens=512, policy="structure", overlap=50, headings=True)
        yield "split", lambda: split_text(text, self.tools.counter, fill)
        yield "split by structure", lambda: split_text(text, self.tools.counter, structure)
        yield "record", lambda: self.run_all(text)

    def run_all(self, text: str) -> Outcome:
        """Carry a text through the flow, from its bytes to its rows."""
        data = text.encode()
        source = Source("a.txt", "0" * 64, len(data), "utf-8")
        record = Record(source=source, index=0, byte_start=0, byte_end=len(data), data=data)
        return flow.process_record(record, self.tools)
