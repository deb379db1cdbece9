"""The folded form of a text: its letters and digits without distinction of script, width and case.

It is a key to find texts with the same content. It is never written to a build, so it may merge characters
that are only sometimes the same.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from opencc import OpenCC

from hanpack.steps.alignment import Flags, Positions
from hanpack.steps.texts import WINDOW, JoinedTexts
from hanpack.steps.traced import code_points, join_by_line_feeds

# The first decides which member represents a class; the others join characters that it distinguishes.
_CONFIGURATIONS = ("t2s", "hk2s", "tw2s", "s2t", "jp2t")
# Characters that OpenCC converts by the word or by the region, or does not convert: each word is a class.
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
# Years are typed with any of these: 二○二四.
_ZEROS = "〇○◯"
_IDEOGRAPHS = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0x20000, 0x34000))
_OTHER_BLOCKS = (range(0x3400), range(0x4DC0, 0x4E00), range(0xA000, 0x20000))
# There are no letters beyond this code point.
_LIMIT = 0x34000


@dataclass(frozen=True, slots=True, eq=False)
class FoldedText:
    """A folded text, and which characters of the original text it has.

    ``is_kept`` has a flag for each character of the original text: as an index for each folded character it
    would take eight times the memory.
    """

    text: str
    is_kept: Flags

    @property
    def places(self) -> Positions:
        """The index of each folded character in the original text, increasing; shape (characters,)."""
        return np.flatnonzero(self.is_kept)


class TextFolder:
    """Folds texts by a table, of the shape that :func:`make_table` makes; without one it is made, in 0.2 s.

    Each character is folded by itself, to one character or to none: a Chinese character to the one that
    represents all its forms in either script, a letter or digit to its basic, half-width, lower-case form.
    Punctuation, symbols, spaces, combining marks, controls, private characters and lone surrogates are left
    out.
    """

    def __init__(self, table: npt.NDArray[np.uint32] | None = None) -> None:
        self._table = make_table() if table is None else table

    @cached_property
    def digest(self) -> str:
        """A hash of the table: equal tables fold alike."""
        return blake2b(self._table.tobytes(), digest_size=16).hexdigest()

    def list_forms(self, character: str) -> str:
        """All characters that are folded to a character.

        >>> TextFolder().list_forms("台")
        '台枱檯臺颱'
        """
        return "".join(map(chr, np.flatnonzero(self._table == ord(character)).tolist()))

    def fold(self, text: str) -> FoldedText:
        """Fold a text; folding the result again changes nothing.

        >>> folded = TextFolder().fold("２０２４年，發展！")
        >>> folded.text, folded.places.tolist()
        ('2024年发展', [0, 1, 2, 3, 4, 6, 7])
        """
        (folded,) = self.fold_all(JoinedTexts([text]))
        return folded

    def fold_all(self, texts: JoinedTexts) -> list[FoldedText]:
        """Fold several texts at once; the line feeds between them are left out."""
        pieces: list[str] = []
        flags = np.zeros(len(texts.text), np.bool_)
        # How many folded characters come before each text.
        limits = np.zeros(len(texts.texts), np.int64)
        for start in range(0, len(texts.text), WINDOW):
            # The last entry of the table is 0: code points beyond it are left out.
            codes = self._table.take(texts.find_codes(start, start + WINDOW), mode="clip")
            places = np.flatnonzero(codes)
            flags[start : start + len(codes)] = codes
            limits += np.searchsorted(places, texts.firsts - start)
            pieces.append(codes[places].tobytes().decode("utf-32-le"))
        folded = "".join(pieces)
        spans = zip(texts.firsts.tolist(), texts.lengths.tolist(), strict=True)
        return [
            FoldedText(folded[low:high], flags[first : first + length])
            for (first, length), (low, high) in zip(
                spans, pairwise([*limits.tolist(), len(folded)]), strict=True
            )
        ]


@lru_cache(maxsize=1)
def make_table() -> npt.NDArray[np.uint32]:
    """What each code point is folded to, 0 if it is left out; shape (_LIMIT + 1,)."""
    table = np.zeros(_LIMIT + 1, np.uint32)
    basic = {code: _find_basic_form(chr(code)) for block in _OTHER_BLOCKS for code in block}
    table[list(basic)] = [ord(form or "\0") for form in basic.values()]
    for block in _IDEOGRAPHS:
        table[block.start : block.stop] = block
    for members in _find_classes():
        table[[ord(member) for member in members]] = ord(members[0])
    for zero in _ZEROS:
        table[ord(zero)] = ord(_ZEROS[0])
    while (table[table] != table).any():
        table = table[table]
    return table


def _find_basic_form(character: str) -> str:
    """The basic form of a letter or digit that is not an ideograph; "" for other characters."""
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    # A letter in brackets or in a circle is taken out of it; one that would become several letters stays.
    parts = [part for part in unicodedata.normalize("NFKD", character) if part.isalnum()]
    basic = parts[0] if len(parts) == 1 else character if parts and character.isalnum() else ""
    lower = basic.casefold()
    return lower if len(lower) == 1 else basic


def _find_classes() -> Iterator[str]:
    """The classes of Chinese characters with one folded form, each with its Simplified member first."""
    # Each character is on a line of its own, so that it is converted by itself, and to one character.
    before = join_by_line_feeds(np.concatenate([np.asarray(block) for block in _IDEOGRAPHS]))
    lines = before.tobytes().decode("utf-32-le")
    pairs: list[tuple[str, str]] = []
    simplified: dict[str, str] = {}
    for name in _CONFIGURATIONS:
        after = code_points(OpenCC(name).convert(lines))
        changed = np.flatnonzero(after != before)
        converted = [(chr(before[place]), chr(after[place])) for place in changed.tolist()]
        pairs += converted
        if name == _CONFIGURATIONS[0]:
            simplified = dict(converted)
    pairs += [(members[0], other) for members in _MERGED.split() for other in members[1:]]
    # Invariant: the members of a class are in one list, which each of them maps to.
    classes: dict[str, list[str]] = {}
    for first, second in pairs:
        joined, other = classes.setdefault(first, [first]), classes.setdefault(second, [second])
        if joined is other:
            continue
        joined += other
        classes.update((member, joined) for member in other)
    for class_members in {id(members): members for members in classes.values()}.values():
        votes = Counter(simplified.get(member, member) for member in sorted(class_members))
        representative = max(votes, key=lambda member: (votes[member], -ord(member)))
        yield representative + "".join(class_members)
