"""What OpenCC leaves or gets wrong on the way to Simplified Chinese, corrected before the conversion.

Every rule keeps the length of the text, so that characters still map one by one. A rule goes by words, not by
sentences: its pattern describes the neighbours of a character in one of its meanings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.script.variant_forms import REGIONAL_FORMS, VARIANT_FORMS
from hanpack.steps.traced import code_points, to_text


@dataclass(frozen=True, slots=True)
class ZhuContext:
    """A context in which 著 is zhù (a work, to write, to be known) and not the particle 着.

    ``pattern`` matches right after 著. In ``example`` it stays, in ``counter_example`` it becomes 着.
    """

    name: str
    pattern: str
    example: str
    counter_example: str


@dataclass(frozen=True, slots=True)
class WordRule:
    """A character that the mainland replaces in some of its meanings.

    ``pattern`` matches the character in these meanings; ``example`` is changed, ``counter_example`` is not.
    """

    name: str
    character: str
    pattern: str
    replacement: str
    example: str
    counter_example: str


# Words of another spelling on the mainland, of the same length.
_SPELLINGS: Mapping[str, str] = {
    "義大利": "意大利",
    "醱酵": "發酵",
    "痳疹": "麻疹",
    "痲瘋": "麻風",
    "甚麼": "什麼",
    "徼倖": "僥倖",
    "沈着": "沉着",
}

# Surnames that are not also common words before 乾 or a verb.
_SURNAMES = (
    "王李張陳劉楊黃趙吳周徐孫馬朱胡郭何林高羅鄭梁謝宋唐許韓馮鄧曹彭曾蕭蔡潘袁董余葉蔣蘇呂魏杜沈盧汪鍾崔譚范廖姚姜鄒"
    "陸郝邱侯龍顧孟邵毛錢湯尹黎常武賴龔洪施傅莊顏歐魯倪嚴翁俞莫樊紀柯阮游丁程于丘聶馮章秦段薛閻夏戴賀關鮑凌畢霍溫"
    "张陈刘杨黄赵吴孙马郑谢许韩冯邓萧吕卢钟谭邹陆龙顾钱汤赖龚庄颜欧鲁严纪聂贺鲍毕温"
)
_VERBS_WITH_BOOKS = "看讀读拿抱帶带背捧翻唸念聽听唱寫写夾夹提揣借教买買賣卖著着"
_VERBS_OF_JOINING = "迎結结混配融符適适聯联整綜综縫缝閉闭愈會会集貼贴摻掺併并契切吻調调苟組组磨媾糅"

# Verbs that often have the particle: a name seldom ends with one.
_VERBS = (
    "看聽听說说走坐站拿跟隨随沿帶带抱笑哭想等望盯睡躺跪蹲跑叫喊吵鬧闹唱念讀读寫写想愛爱活忙開开關关亮掛挂放擺摆留守靠"
    "圍围穿戴背提舉举牽牵拉推握捧含吃喝嚼抽玩聊談谈講讲問问答叨催逼忍撐撑頂顶住停飄飘流燒烧煮響响冒下飛飞游轉转繞绕接"
    "連连對对向朝憑凭藉借照按為为有存活醒夢梦護护陪伴盼念惦記记罵骂打踢追趕赶藏躲裝装穿鎖锁閉闭睜睁垂低抬歪斜排列堆積积"
)


def _any_behind(first: str, character: str, counts: Iterable[int], last: str) -> str:
    """Look-behinds for ``first``, a number of characters and ``last``; each has a fixed width."""
    return "|".join(rf"(?<={first}{character}{{{count}}}{last})" for count in counts)


# A surname and one or two characters, before which stands 由, another mark or nothing.
_CLAUSE_AND_NAME = "|".join(
    rf"(?<=[{_SURNAMES}][㐀-鿿]{{{count}}}著)(?:(?<=由.{{{count + 1}}}著)|(?<![㐀-鿿].{{{count + 1}}}著))"
    for count in (1, 2)
)

# Where a clause ends after 著, or what its author's part in a book is.
_CLAUSE_ENDS = r"(?=[，。、；：,)）／/\s]|$)"
_BOOKS = "书書小散文论論专專教诗詩传傳剧劇作"

ZHU_CONTEXTS = (
    ZhuContext(
        "a work that is left, translated, famous or known",
        r"(?<=[遺遗譯译巨名拙昭彰顯显土炳卓]著)",
        "魯迅的遺著很多",
        "她握著筆",
    ),
    ZhuContext("a name", r"(?<=呂公著)", "宰相呂公著", "陳公著急了"),
    ZhuContext(
        "a treatise",
        r"(?<=[原專专編编論论撰]著)(?![手陸陆眼力想急]|重[於于])",
        "這部專著很厚",
        "討論著重於就業",
    ),
    ZhuContext("a new work", r"(?<=新著)(?=[《，。、；])", "他的新著，很好", "翻新著房子"),
    ZhuContext("written together", rf"(?<=合著)(?<![{_VERBS_OF_JOINING}]合著)", "二人合著一書", "結合著實際"),
    ZhuContext(
        "written by",
        r"(?<=[所自大共主]著)(?=[《〈「『“，。、；：）的之])",
        "先生所著的書",
        "他大著膽子",
    ),
    ZhuContext("見微知著", r"(?<=知著)(?![他她它我你])", "見微知著的人", "通知著他們"),
    ZhuContext("famous", r"(?=[名稱称])", "著名作家", "說著明天的事"),
    ZhuContext("a writing", r"(?=作(?![為为響响勢势揖業业工客怪]))", "她的著作", "隨著作業增加"),
    ZhuContext("an author", r"(?=者)", "譯文的著者", "跟著走"),
    ZhuContext("to record", r"(?=錄(?![影音像製])|录(?![影音像制]))", "史書著錄的", "開著錄音機"),
    ZhuContext("to write", r"(?=述(?![說说]))", "終身著述", "聽著述說的人"),
    ZhuContext("written on bamboo", r"(?=於竹|于竹)", "功業著於竹帛", "附著於牆面"),
    ZhuContext("to write an article", r"(?=文[章立])", "撰文與著文立說", "讀著文件"),
    ZhuContext("as many works as one is tall", r"(?=等身)", "他著等身之書", "坐著等候"),
    ZhuContext(
        "has written",
        r"(?=有[《〈「『“多數大專专論论])|(?<=[另曾]著)(?=有)",
        "另著有《詩集》",
        "還存著有用的",
    ),
    ZhuContext("to write a book", rf"(?<![{_VERBS_WITH_BOOKS}]著)(?=[書书《〈])", "著書立說", "看著書"),
    ZhuContext("after the name of an author", r"(?<=[ 　]著)(?=[ 　【\[|｜/／]|$)", "張三 著", "坐 著。"),
    ZhuContext("alone in brackets", r"(?<=[（(\[［]著)(?=[）)\]］])", "錢鍾書（著）", "他（看著）她"),
    ZhuContext(
        "after the title of a book and the name of an author",
        rf"(?:{_any_behind(r'》', r'[㐀-鿿·]', range(2, 8), '著')})(?<![{_VERBS}]著)"
        rf"{_CLAUSE_ENDS}",
        "《天演論》赫胥黎著，已經售罄",
        "《紅樓夢》他一直看著，沒有停",
    ),
    ZhuContext(
        "after the name of an author where a clause begins",
        rf"(?:{_CLAUSE_AND_NAME})(?<![{_VERBS}]著){_CLAUSE_ENDS}",
        "本書由張三著，共三版",
        "王明看著，張三等著",
    ),
    ZhuContext(
        "of a book, after the name of its author",
        rf"(?:{_any_behind(f'[{_SURNAMES}]', '[㐀-鿿]', (1, 2), '著')})(?<![{_VERBS}]著)"
        rf"(?=的(?:[這这那]?[本部])?[{_BOOKS}])",
        "一本張三著的書",
        "王明看著的書",
    ),
    ZhuContext(
        "beside those who translated, edited or drew a book",
        r"(?=[，、；,／/\s][㐀-鿿·]{2,7}(?:翻譯|翻译|插圖|插图|主編|主编|校訂|校订|[譯译編编繪绘註注輯辑續续])(?![㐀-鿿]))",
        "莎士比亞著，朱生豪譯",
        "他們說著，朱生豪來了",
    ),
    ZhuContext(
        "beside those who translated before",
        "(?:" + "|".join(rf"(?<=[譯译][，、；／/][㐀-鿿·]{{{count}}}著)" for count in range(2, 7)) + ")"
        rf"(?<![{_VERBS}]著)(?=[，。；、\s]|$)",
        "余光中譯，梭羅著。",
        "他翻譯，我們聽著。",
    ),
    ZhuContext(
        "before the publisher",
        r"(?=[，、。：（(,\s][^，。；\n]{0,16}(?:出版社|出版公司|印行|書局|书局|書店|书店|印書館|印书馆))"
        rf"(?<![{_VERBS}]著)",
        "安徒生著，臺北某某出版社印行",
        "他看著，出版社的人笑了",
    ),
    ZhuContext(
        "by several authors, before the publisher",
        rf"(?:{_any_behind(f'[{_SURNAMES}]', '[㐀-鿿]', (1, 2), '等著')})"
        r"(?=[，、。：（(,\s][^，。；\n]{0,16}(?:出版社|出版公司|印行|書局|书局|印書館|印书馆))",
        "胡適等著，中華書局1980年版",
        "胡適等著，書店的人來了",
    ),
)

WORD_RULES = (
    WordRule(
        # Mainland Chinese writes 账 for money, records and logging in, 帐 for what is hung up.
        "account",
        "帳",
        r"帳(?:(?=[戶户號号目單单本簿冊册款面務务齡龄房載载])"
        r"|(?<=[記转轉入出報报付賒赖賴欠算清結结查做假舊呆壞坏爛烂死細對对銀收登過过還还轧軋沖冲總总流平]帳)(?![篷幕幔棚]))",
        "賬",
        "她在帳戶記帳",
        "在記帳篷裡掛蚊帳",
    ),
    WordRule(
        # OpenCC takes 於 for a surname or an old exclamation before these, even if it is the preposition.
        "preposition",
        "於",
        r"於(?<=[㐀-鿿]於)(?=[倫單坦敖琳則]|戲[劇曲院台臺班服弄]|潛[水艇在能力入伏])",
        "于",
        "他在，住於倫敦",
        "樊於期",
    ),
    WordRule(
        "mile",
        "哩",
        r"哩(?:(?<=[英海]哩)|(?=程)|(?<=[0-9０-９十百千萬万多]哩))",
        "里",
        "三十哩與英哩",
        "還在下雨哩",
    ),
    WordRule(
        "youngest",
        "么",
        r"么(?:(?<=老么)(?![㐀-鿿])|(?<=老么)(?=[的了])|(?=[兒弟妹女叔姑舅]))",
        "幺",
        "他是老么，她是么妹",
        "那么多",
    ),
)


# Where 乾 is qián or 汎 and 旂 are part of a name, though no dictionary has the word. Dry things and what is
# dried come beside 乾 gān: these words are not names.
_DRIED = (
    "餅饼曬晒烘擦吹風风晾葡萄豆腐肉魚鱼蔔卜椒筍笋果菇口喝流抽榨烤陰阴焙蝦虾杏柿梅桃貝贝瀝沥揩"
    "抹弄變变未曝渴唇喉舌汗吸瓜薯芋菜桂眼"
)
_DRY = (
    "淨净燥旱脆糧粮貨货杯洗枯涸電电咳草果裂癟瘪瘦冰麵面菜巴瞪着著爹媽妈娘親亲粉癬癣眼嘔呕等笑"
    "掉了的得透季濕湿溼熱热柴肉衣拌煎炒鍋锅股薪縮缩固性式濾滤化絲丝酪擦貝贝薑姜魚鱼拖耗硬澀涩"
    "渴品材料冷噎號号哭酵紅红斷断爽酒餾馏井泥木葉叶花蒸燒烧淡糞粪"
)
_QIAN_WORDS = (
    "乾(?:隆|坤|卦|清|陵|嘉|德|道|元|封|符|寧|宁|化|祐|佑|興|兴|統|统|綱|纲"
    rf"|象|(?<![{_DRIED}]乾)乾(?![{_DRY}])|為天|爲天|为天)"
)
_KEPT = compile_lazily(
    rf"{_QIAN_WORDS}|(?<=[終终朝康雍陰阴])乾|(?<=[終终]日乾)乾|(?<=卦[為爲为曰名是])乾"
    rf"|(?<=[{_SURNAMES}])(?<![葉叶湯汤江汪])(?<![㐀-鿿].)乾(?![㐀-鿿])"
    rf"|(?<=[{_SURNAMES}][㐀-鿿])[汎旂](?=[與与和及的等所是在著撰字號号為爲为])"
    rf"|(?<=[{_SURNAMES}])乾(?=[㐀-鿿])(?![{_DRY}])"
    r"|(?<=[宏明])碁|噁(?=[唑嗪啉烷喹草霉黴虫蟲庚]|[二三][唑嗪])"
    rf"|(?<=[{_SURNAMES}])[汎旂](?![濫滥愛爱指稱称論论舟])"
    rf"|(?<=[{_SURNAMES}][㐀-鿿])[乾汎旂](?![㐀-鿿])(?<![{_DRIED}]乾)(?<![㐀-鿿][{_SURNAMES}][㐀-鿿][乾汎旂])"
)
_MAY_BE_KEPT = compile_lazily("[乾汎旂碁噁]")


def restore_kept(source: str, simplified: str) -> str:
    """Put back characters of names, of compounds as 噁唑 and of the hexagram 乾 that a conversion replaced.

    Both texts have one length, or the conversion is left as it is.

    >>> restore_kept("徐乾學曬乾", "徐干学晒干")
    '徐乾学晒干'
    """
    if len(source) != len(simplified) or _MAY_BE_KEPT.search(source) is None:
        return simplified
    return "".join(_restore(source, simplified))


def _restore(source: str, simplified: str) -> Iterator[str]:
    position = 0
    for match in _KEPT.finditer(source):
        yield simplified[position : match.start()]
        for at in range(match.start(), match.end()):
            yield source[at] if source[at] in "乾汎旂碁噁" else simplified[at]
        position = match.end()
    yield simplified[position:]


def distinguishes_zhu(text: str) -> bool:
    """Whether a text uses 着 at least as often as 著: then it uses 著 only for zhù.

    >>> distinguishes_zhu("他著急地說"), distinguishes_zhu("名著，聽着")
    (False, True)
    """
    return text.count("着") >= text.count("著")


def find_particle_verbs(text: str) -> str:
    """The characters before 着 in running text, and common verbs: after these 著 is the particle as well.

    A list without punctuation, which may set both spellings side by side, has none.

    >>> "藉" in find_particle_verbs("慰藉著她，慰藉着他"), find_particle_verbs("慰藉著 慰藉着")
    (True, '')
    """
    if "着" not in text or _CLAUSE_END.search(text) is None:
        return ""
    return "".join(sorted({*re.findall("[㐀-鿿](?=着)", text), *_CERTAIN_VERBS}))


def replace_words(
    text: str,
    keep_zhu: bool,
    particle_verbs: str = "",
    contexts: Sequence[ZhuContext] = ZHU_CONTEXTS,
    rules: Sequence[WordRule] = WORD_RULES,
) -> str:
    """Rewrite words of a Traditional text so that OpenCC's general configuration simplifies it well.

    The length stays. With ``keep_zhu`` every 著 stays that does not follow one of ``particle_verbs``.

    >>> replace_words("她看著遺著，記帳", keep_zhu=False)
    '她看着遺著，記賬'
    """
    if "著" in text and not (keep_zhu and not particle_verbs):
        particle = _compile_particle(tuple(context.pattern for context in contexts))
        verbs = frozenset(particle_verbs)
        source = text

        def write(match: re.Match[str]) -> str:
            is_particle = (
                not keep_zhu
                or source[match.start() - 1 : match.start()] in verbs
                or _PARTICLE_WORDS.match(source, match.start())
            )
            return "着" if is_particle else "著"

        text = particle.sub(write, source)
    for rule in rules:
        if rule.character in text:
            text = re.sub(rule.pattern, rule.replacement, text)
    for spelling, usual in _SPELLINGS.items():
        text = text.replace(spelling, usual)
    return text


def replace_forms(text: str) -> str:
    """Write regional forms and variants as OpenCC's general configuration reads them, each by itself.

    >>> replace_forms("衞姪")
    '衛侄'
    """
    codes = code_points(text)
    usual_codes = _usual_forms().take(codes)
    return text if np.array_equal(codes, usual_codes) else to_text(usual_codes)


@cache
def _compile_particle(zhu_patterns: tuple[str, ...]) -> re.Pattern[str]:
    return compile_lazily(f"著(?!{'|'.join(zhu_patterns)})" if zhu_patterns else "著")


@cache
def _usual_forms() -> npt.NDArray[np.uint32]:
    """The form that is simplified for each code point: itself but for regional forms and variants."""
    table = np.arange(0x110000, dtype=np.uint32)
    for form, usual in (REGIONAL_FORMS | VARIANT_FORMS).items():
        table[ord(form)] = ord(usual)
    table.flags.writeable = False
    return table


# No writing is known or done by these, so that 著 after them is the particle in any text.
_CERTAIN_VERBS = "看聽坐站拿跟隨沿抱笑哭望盯睡躺跪蹲騎牽扶"
# Words that begin with 着 in any text that writes the particle so (着手, 着急, 着重).
_PARTICLE_WORDS = compile_lazily(
    "著(?<![編编原專专論论撰]著)(?:手(?![冊册稿])|[急想落實实涼凉陸陆火迷色眼力重])"
)
_CLAUSE_END = compile_lazily("[，。；！？]")
