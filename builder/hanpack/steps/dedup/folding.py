"""The folded form of a text: the letters and digits that are left when script, width and case are one.

It is only a key, to find texts that say the same: it is never written out, and it merges generously.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from opencc import OpenCC

from hanpack.steps.alignment import Positions
from hanpack.steps.traced import code_points

# The first says which member stands for a class; the others join what it leaves apart.
_CONFIGURATIONS = ("t2s", "hk2s", "tw2s", "s2t", "jp2t")
# What OpenCC tells apart by the word or by the region, or leaves alone: one class a word.
_MERGED = (
    "了瞭 它牠祂 你妳 借藉 里哩 划画 象像 什甚 复覆 沉沈 苏甦 账帳 炮砲 吴呉 只祇秖 污汚 强彊 值値 "
    "户戸 叠迭 熏薰 仿彷倣 奔犇 侄姪 唯惟 澄澂 暴曝 背揹 炼链 夫伕 坐座 枪鎗 穂𰬸 戚𬭭 仇雠 浚濬 "
    "具俱 拿拏 焰燄 豆荳 呆待 檗蘗 斤觔 藤籐 琅瑯 筱筿 锄耡 吣唚 耇耈 堤隄 斫斲 果菓 坏坯 周赒 宁甯 "
    "硷礆 同仝 绩𪟝 假叚 哲喆 坤堃 碗椀 丫桠 渺淼 洁絜 专耑 绿菉 欣䜣 资赀 乃迺 村邨 炉𬬻 坂阪 俯𫖯 "
    "扬飏 和龢 柏栢 鳌鼇 矿鉱 彝彜 妍姸 管筦 冒冐 青靑 清淸 兹玆 姊姐姉 准凖 厂厰 厩廐 氷冰 衔啣 "
    "暖煖 煅鍛 熔鎔 糕餻 粳稉 糯穤 闸牐 斗鬪鬬 闹閙 游斿 碗盌 盖葢 艺埶 蒂蔕 蜂蠭 蝶蜨 裙裠 裤袴 "
    "躲躱 软輭 辉煇 遍徧 乡鄊 酬酧醻 野埜 钻鑚 阔濶 韭韮 验騐 鲜鱻 鹅鵞 鼓皷 偷媮 冗宂 凳櫈 刨鉋 "
    "劫刼刧 匹疋 呼虖 咱喒偺 咬齩 咒呪 哄閧 啖啗噉 嗅齅 嘻譆 场塲 垛垜 奶嬭 嫩嫰 妇媍 宴醼 寇宼 宝寳 "
    "岛嶋 崖厓 巷衖 帆颿 幕幙 徇狥 怪恠 恿慂 悖誖 愧媿 慨嘅 憩憇 抵觝 拓搨 拖拕 拗抝 携擕 捏揑 掩揜 "
    "揪揫 撅噘 敛歛 时旹 朵朶 桌槕 梅楳 棋碁 榨搾 欢懽讙 款欵 歌謌 浣澣 漱潄 灾烖 焊銲釬 照炤 熙煕 "
    "犁犂 猿猨 珍珎 琉瑠 璃琍 瓶缾 留畱 疏疎 皋臯 睹覩 碰掽 磷燐 稚穉 稿稾 窑窰 窗窓牕 策筞 算筭 "
    "箸筯 繁緐 罂甖 罚罸 翱翺 耀燿 耕畊 胭臙 舵柂 船舩 花蘤 莅涖 葬塟 蛇虵 蛔蚘 袒襢 趁趂 逃迯 遁遯 "
    "邻隣 雁鴈 鞍鞌 麻蔴"
)
# Years are typed with any of them: 二○二四.
_ROUND = "〇○◯"
_IDEOGRAPHS = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0x20000, 0x34000))
_OTHERS = (range(0x3400), range(0x4DC0, 0x4E00), range(0xA000, 0x20000))
_LIMIT = 0x34000


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """A folded text and, for each of its characters, its index in the original; ``places`` is increasing."""

    text: str
    places: Positions


class Folder:
    """Folds texts; make one a worker, for its table takes about 0.3 s to make.

    Each character is folded by itself, to one character or to none: a Chinese character to the one that
    stands for all its forms in either script, a letter or digit to its plain, narrow, lower-case form.
    Punctuation, symbols, spaces, marks, controls and private characters are left out, lone surrogates too.
    """

    def __init__(self) -> None:
        self._table = _make_table()

    def fold(self, text: str) -> Folded:
        """Fold a text; folding the result again changes nothing."""
        # Beyond the table nothing is a letter: its last entry, 0, leaves that out.
        codes = self._table.take(code_points(text), mode="clip")
        places = np.flatnonzero(codes)
        return Folded(codes[places].tobytes().decode("utf-32-le"), places)


@lru_cache(maxsize=1)
def _make_table() -> npt.NDArray[np.uint32]:
    """What each code point is folded to, 0 where it is left out; shape (_LIMIT + 1,)."""
    table = np.zeros(_LIMIT + 1, np.uint32)
    plain = {code: _simplify(chr(code)) for block in _OTHERS for code in block}
    table[list(plain)] = [ord(found or "\0") for found in plain.values()]
    for block in _IDEOGRAPHS:
        table[block.start : block.stop] = block
    for members in _find_classes():
        table[[ord(member) for member in members]] = ord(members[0])
    for member in _ROUND:
        table[ord(member)] = ord(_ROUND[0])
    while (table[table] != table).any():
        table = table[table]
    return table


def _simplify(character: str) -> str:
    """The plain form of a letter or digit that is no ideograph; nothing for all else."""
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    # What stands in brackets or a circle is taken out of it; a letter that would become several stays.
    parts = [part for part in unicodedata.normalize("NFKD", character) if part.isalnum()]
    plain = parts[0] if len(parts) == 1 else character if parts and character.isalnum() else ""
    lower = plain.casefold()
    return lower if len(lower) == 1 else plain


def _find_classes() -> Iterator[str]:
    """The classes of Chinese characters that are one when folded, each with its Simplified member first."""
    ideographs = [chr(code) for block in _IDEOGRAPHS for code in block]
    lines = "\n".join(ideographs)
    forms = [OpenCC(name).convert(lines).split("\n") for name in _CONFIGURATIONS]
    classes: dict[str, list[str]] = {}
    pairs = [pair for found in forms for pair in zip(ideographs, found, strict=True) if pair[0] != pair[1]]
    pairs += [(word[0], other) for word in _MERGED.split() for other in word[1:]]
    for first, second in pairs:
        joined, other = classes.setdefault(first, [first]), classes.setdefault(second, [second])
        if joined is other:
            continue
        joined += other
        classes.update((member, joined) for member in other)
    simplified = dict(zip(ideographs, forms[0], strict=True))
    for members in {id(found): found for found in classes.values()}.values():
        votes = Counter(simplified[member] for member in sorted(members))
        chosen = max(votes, key=lambda member: (votes[member], -ord(member)))
        yield chosen + "".join(members)
