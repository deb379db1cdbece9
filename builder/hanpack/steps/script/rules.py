"""What OpenCC leaves or gets wrong on the way to Simplified Chinese, corrected before the conversion.

Every rule keeps the length of the text, so that characters still map one by one. A rule goes by words, not by
sentences: its pattern describes the neighbours of a character in one of its meanings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache


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


# Regional forms that t2s does not convert (tw2s and hk2s convert most), and characters OpenCC leaves.
REGIONAL_FORMS: Mapping[str, str] = {
    "敍": "敘",
    "枱": "檯",
    "粧": "妝",
    "糭": "粽",
    "衞": "衛",
    "衹": "只",
    "潀": "潨",
    "痺": "痹",
    "睪": "睾",
    "簷": "檐",
    "牠": "它",
    "呉": "吳",
    "砲": "炮",
    "義大利": "意大利",
}

_VERBS_WITH_BOOKS = "看讀读拿抱帶带背捧翻唸念聽听唱寫写夾夹提揣借教买買賣卖著着"
_VERBS_OF_JOINING = "迎結结混配融符適适聯联整綜综縫缝閉闭愈會会集貼贴摻掺併并契切吻調调苟組组磨媾糅"

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
    ZhuContext("has written", r"(?=有[《〈「『“多數大專专論论])", "另著有《詩集》", "還存著有用的"),
    ZhuContext("to write a book", rf"(?<![{_VERBS_WITH_BOOKS}]著)(?=[書书《〈])", "著書立說", "看著書"),
    ZhuContext("after the name of an author", r"(?<=[ 　]著)(?=[ 　]|$)", "張三 著", "坐 著。"),
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


def distinguishes_zhu(text: str) -> bool:
    """Whether a text uses 着 at least as often as 著: then it uses 著 only for zhù.

    >>> distinguishes_zhu("他著急地說"), distinguishes_zhu("名著，聽着")
    (False, True)
    """
    return text.count("着") >= text.count("著")


def correct_traditional(
    text: str,
    keep_zhu: bool,
    contexts: Sequence[ZhuContext] = ZHU_CONTEXTS,
    rules: Sequence[WordRule] = WORD_RULES,
) -> str:
    """Rewrite a Traditional text so that OpenCC's general configuration simplifies it well; same length.

    With ``keep_zhu`` every 著 stays.

    >>> correct_traditional("她看著遺著，記帳", keep_zhu=False)
    '她看着遺著，記賬'
    """
    if not keep_zhu and "著" in text:
        text = _compile_particle(tuple(context.pattern for context in contexts)).sub("着", text)
    for rule in rules:
        if rule.character in text:
            text = re.sub(rule.pattern, rule.replacement, text)
    for form, usual in REGIONAL_FORMS.items():
        text = text.replace(form, usual)
    return text


@cache
def _compile_particle(zhu_patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"著(?!{'|'.join(zhu_patterns)})") if zhu_patterns else re.compile("著")


_NESTED_QUOTES = str.maketrans("「」『』", "“”‘’")
_QUOTATION = re.compile(r"「[^「」]*」|[「」]")
_CURLY_QUOTE = re.compile(r"[“”‘]|(?<![A-Za-z])’|’(?![A-Za-z])")
_CORNER_BRACKETS: Mapping[str, str] = {"“": "「", "”": "」", "‘": "『", "’": "』"}


def simplify_quotes(text: str) -> str:
    """Replace 「」 by “”, and 『』 inside them by ‘’; 『』 elsewhere is a style of its own and stays.

    >>> simplify_quotes("「讀『書』」與『詩』")
    '“讀‘書’”與『詩』'
    """
    if "「" not in text and "」" not in text:
        return text
    if "『" in text:
        return _QUOTATION.sub(lambda match: match.group().translate(_NESTED_QUOTES), text)
    return text.replace("「", "“").replace("」", "”")


def traditionalise_quotes(text: str) -> str:
    """Replace “” by 「」 and ‘’ by 『』; an apostrophe between Latin letters stays.

    >>> traditionalise_quotes("“it’s ‘好’”")
    '「it’s 『好』」'
    """
    return _CURLY_QUOTE.sub(lambda match: _CORNER_BRACKETS[match.group()], text)
