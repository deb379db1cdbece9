"""What OpenCC leaves or breaks on the way to Simplified Chinese, mended on the Traditional side beforehand.

Every rule keeps the length of the text, so that characters go on mapping one by one. The rules speak of
words, not of sentences: each names the company a character keeps in one of its meanings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# Regional forms that t2s passes over (tw2s and hk2s know most), and characters OpenCC leaves.
_FORMS: Mapping[str, str] = {
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

_VERB_OF_HOLDING = "看讀读拿抱帶带背捧翻唸念聽听唱寫写夾夹提揣借教買买賣卖著着"
_JOINING = "迎結结混配融符適适聯联整綜综縫缝閉闭愈會会集貼贴摻掺併并契切吻調调苟組组磨媾糅"

# 著 is zhù (a work, to write, to be known) beside these; everywhere else modern Chinese writes 着.
_ZHU = (
    r"(?<=[遺遗譯译巨名拙昭彰顯显土炳卓]著)|(?<=呂公著)|(?<=[原專专編编論论撰]著)(?![手陸陆眼力想急]|重[於于])"
    r"|(?<=新著)(?=[《，。、；])"
    rf"|(?<=合著)(?<![{_JOINING}]合著)"
    r"|(?<=[所自大共主]著)(?=[《〈「『“，。、；：）的之])|(?<=知著)(?![他她它我你])"
    r"|(?=[名稱称]|作(?![為为響响勢势揖業业工客怪])|者|錄(?![影音像製])|录(?![影音像制])"
    r"|述(?![說说])|於竹|于竹|文[章立]|等身|有[《〈「『“多數数大專专論论])"
    rf"|(?<![{_VERB_OF_HOLDING}]著)(?=[書书《〈])"
    r"|(?<=[ 　]著)(?=[ 　]|$)"
)
_PARTICLE = re.compile(f"著(?!{_ZHU})")
# Mainland Chinese writes 账 where money, records or logging in is meant, 帐 for what is hung up.
_ACCOUNT = re.compile(
    r"帳(?:(?=[戶户號号目單单本簿冊册款面務务齡龄房載载])"
    r"|(?<=[記转轉入出報报付賒赖賴欠算清結结查做假舊呆壞坏爛烂死細對对銀收登過过還还轧軋沖冲總总流平]帳)(?![篷幕幔棚]))"
)
# OpenCC takes 於 for a surname or an old exclamation before these, also where the preposition stands.
_PREPOSITION = re.compile(r"於(?<=[㐀-鿿]於)(?=[倫單坦敖琳則]|戲[劇曲院台臺班服弄]|潛[水艇在能力入伏])")
_MILE = re.compile(r"哩(?:(?<=[英海]哩)|(?=程)|(?<=[0-9０-９十百千萬万多]哩))")
_YOUNGEST = re.compile(r"么(?:(?<=老么)(?![㐀-鿿])|(?<=老么)(?=[的了])|(?=[兒弟妹女叔姑舅]))")
_RULES = (("帳", _ACCOUNT, "賬"), ("於", _PREPOSITION, "于"), ("哩", _MILE, "里"), ("么", _YOUNGEST, "幺"))


def tells_zhu_apart(text: str) -> bool:
    """Whether a text writes 着 at least as often as 著, so that its 著 is meant as such."""
    return text.count("着") >= text.count("著")


def mend_for_simplified(text: str, keep_zhu: bool) -> str:
    """Rewrite a Traditional text so that OpenCC's general configuration simplifies it well; same length.

    With ``keep_zhu`` every 著 stays as it is.
    """
    if not keep_zhu:
        text = _PARTICLE.sub("着", text)
    for concerned, rule, instead in _RULES:
        if concerned in text:
            text = rule.sub(instead, text)
    for form, usual in _FORMS.items():
        text = text.replace(form, usual)
    return text


def simplify_quotes(text: str) -> str:
    """「」 to “”, and 『』 inside them to ‘’; 『』 standing alone is a style of its own and stays."""
    if "「" not in text and "」" not in text:
        return text
    if "『" in text:
        return _NESTING.sub(_simplified_quote, text)
    return text.replace("「", "“").replace("」", "”")


_INNER = str.maketrans("「」『』", "“”‘’")
_NESTING = re.compile(r"「[^「」]*」|[「」]")


def _simplified_quote(found: re.Match[str]) -> str:
    return found.group().translate(_INNER)


def traditionalise_quotes(text: str) -> str:
    """“” to 「」 and ‘’ to 『』; an apostrophe between Latin letters stays."""
    if re.search("[“”‘’]", text) is None:
        return text
    return _CURLY.sub(lambda found: _CORNERS[found.group()], text)


_CURLY = re.compile(r"[“”‘]|(?<![A-Za-z])’|’(?![A-Za-z])")
_CORNERS: Mapping[str, str] = {"“": "「", "”": "」", "‘": "『", "’": "』"}
