"""Radicals that a PDF reader copied in place of ideographs (⽤户 for 用户); a part of the step ``nfc``.

Kangxi radicals have a compatibility decomposition, those of the supplement an equivalent ideograph (Unicode
Character Database, EquivalentUnifiedIdeograph.txt). A text about radicals keeps them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.replacements import Replacement
from hanpack.steps.traced import Traced

# Each radical of the supplement (U+2E80 to U+2EF3) with its ideograph.
_SUPPLEMENT = (
    "⺁厂 ⺂乛 ⺃乚 ⺄乙 ⺅亻 ⺆冂 ⺈刀 ⺉刂 ⺊卜 ⺋㔾 ⺌小 ⺍小 ⺎兀 ⺏尣 ⺐尢 ⺒巳 ⺓幺 ⺔彑 "
    "⺕彐 ⺖忄 ⺗心 ⺘扌 ⺙攵 ⺛旡 ⺜日 ⺝月 ⺞歺 ⺟母 ⺠民 ⺡氵 ⺢氺 ⺣灬 ⺤爫 ⺥爫 ⺦丬 ⺧牛 "
    "⺨犭 ⺩王 ⺫目 ⺬示 ⺭礻 ⺯糹 ⺰纟 ⺱罓 ⺲罒 ⺳㓁 ⺴冗 ⺶羊 ⺹耂 ⺺肀 ⺻聿 ⺼肉 ⺾艹 ⺿艹 "
    "⻀艹 ⻁虎 ⻂衤 ⻃覀 ⻄西 ⻅见 ⻆角 ⻈讠 ⻉贝 ⻋车 ⻌辶 ⻍辶 ⻎辶 ⻏邑 ⻐钅 ⻑長 ⻒镸 ⻓长 "
    "⻔门 ⻖阝 ⻗雨 ⻘青 ⻙韦 ⻚页 ⻛风 ⻜飞 ⻝食 ⻟飠 ⻠饣 ⻢马 ⻣骨 ⻤鬼 ⻥鱼 ⻦鸟 ⻧卤 ⻨麦 "
    "⻩黄 ⻪黾 ⻫斉 ⻬齐 ⻭歯 ⻮齿 ⻯竜 ⻰龙 ⻱龜 ⻲亀 ⻳龟 "
)
_IDEOGRAPH = compile_lazily("[\u3400-\u4dbf\u4e00-\u9fff]")
_RADICALS = compile_lazily("[\u2e80-\u2ef3\u2f00-\u2fd5]+")
# What is beside a radical that is meant as one.
_NAME_BEFORE = compile_lazily("(?:部首|偏旁)[“‘「『]?\\Z")
_NAME_AFTER = compile_lazily("[”’」』]?(?:字[旁头頭底框]|部首|偏旁)")
# The radical with the form of the mainland, which its decomposition does not have.
_DOOR, _SIMPLIFIED_DOOR = "⼾", "户"
# How many characters are read to tell Simplified text, and the share of them that it may write otherwise.
_SAMPLE, _OTHER_SHARE = 2000, 0.05
# From this share of radicals in words on, the others are of the same origin.
_SHARE_IN_WORDS = 0.5


def replace_radicals(traced: Traced) -> Traced:
    """Replace radicals by ideographs, if they are parts of words.

    >>> from hanpack.steps.alignment import Alignment
    >>> replace_radicals(Traced("⽤户⼿册", Alignment.identity(4))).text
    '用户手册'
    >>> replace_radicals(Traced("部首：⽤、⼿", Alignment.identity(6))).text
    '部首：⽤、⼿'
    """
    text = traced.text
    runs = list(_RADICALS.finditer(text))
    if not runs:
        return traced
    in_words = [run for run in runs if _is_in_word(text, run)]
    if len(in_words) < _SHARE_IN_WORDS * len(runs):
        runs = in_words
    ideographs = _ideographs()
    if _DOOR in text and _is_simplified(text[:_SAMPLE]):
        ideographs = ideographs | {_DOOR: _SIMPLIFIED_DOOR}
    changes = [
        Replacement(place, place + 1, ideograph)
        for run in runs
        for place, radical in enumerate(run[0], run.start())
        if (ideograph := ideographs.get(radical))
    ]
    return traced.apply("nfc", changes)


def _is_in_word(text: str, run: re.Match[str]) -> bool:
    """Whether an ideograph is beside the radicals, or they form a word themselves and no list of radicals."""
    before, after = text[max(0, run.start() - 1) : run.start()], text[run.end() : run.end() + 1]
    if _NAME_AFTER.match(text, run.end()) or _NAME_BEFORE.search(text[max(0, run.start() - 3) : run.start()]):
        return False
    if _IDEOGRAPH.match(before) or _IDEOGRAPH.match(after):
        return True
    return len(run[0]) > 1 and all(
        ord(after) - ord(before) not in (0, 1, 2) for before, after in pairwise(run[0])
    )


def _is_simplified(text: str) -> bool:
    """Whether GB 2312 has nearly all ideographs of a text."""
    han = "".join(_IDEOGRAPH.findall(text))
    return len(han) - len(han.encode("gb2312", "ignore")) // 2 <= _OTHER_SHARE * len(han)


@lru_cache(maxsize=1)
def _ideographs() -> dict[str, str]:
    kangxi = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
    return kangxi | {pair[0]: pair[1] for pair in _SUPPLEMENT.split()}
