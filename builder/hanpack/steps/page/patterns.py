"""What the pattern tables of this stage share: the row, the union of rows, and the text that patterns read.

Forum software and content management systems print the same words on every page. Each such word or line is a
row of a table, next to a text it matches and a similar text it must not match; the tests read both.
Patterns are written in Simplified characters and half-width marks, once for all editions of a software: saved
pages also come in Traditional characters (Hong Kong, Taiwan) and with full-width marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.lookups import look_up
from hanpack.steps.sentence_marks import STOPS
from hanpack.steps.traced import CodePoints

TextSpan = tuple[int, int]

DAY = r"(?P<year>(?:19|20)\d\d)[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
DAY_PATTERN = compile_lazily(DAY)
# A line of a site, such as one of names and days, has none.
SENTENCE_STOP = compile_lazily(rf"[{STOPS}]")

# The Traditional characters that the patterns need.
_TRADITIONAL_AND_SIMPLIFIED = (
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
    "來来 製制 電电 讚赞 體体 錯错 減减 縮缩 視视 還还 護护 掃扫 語语 "
)
_FULL_WIDTH_AND_BLANK = "，：！？；（）［］【】｜\u3000\xa0\t\r"
_HALF_WIDTH = ",:!?;()[][]|    "
_TRANSLATION = {
    **{ord(pair[0]): pair[1] for pair in _TRADITIONAL_AND_SIMPLIFIED.split()},
    **dict(zip(map(ord, _FULL_WIDTH_AND_BLANK), _HALF_WIDTH, strict=True)),
}


@dataclass(frozen=True, slots=True)
class PagePattern:
    """A row of a pattern table.

    ``expression`` is a regular expression, ``example`` a text it matches and ``counterexample`` a similar
    text that it does not match.
    """

    name: str
    expression: str
    example: str
    counterexample: str


def union(patterns: Iterable[PagePattern]) -> str:
    """One regular expression that matches what any row does; if several match, the first row counts.

    >>> union([PagePattern("year", "20..年", "2024年", "24年"), PagePattern("month", ".月", "3月", "月")])
    '(?:20..年|.月)'
    """
    return f"(?:{'|'.join(pattern.expression for pattern in patterns)})"


def compile_row(
    patterns: Iterable[PagePattern], name: str, flags: re.RegexFlag = re.NOFLAG
) -> re.Pattern[str]:
    """The pattern of the row with this name, compiled at its first use.

    >>> compile_row([PagePattern("year", "20..年", "2024年", "24年")], "year").pattern
    '20..年'

    Raises:
        KeyError: no row has the name.
    """
    return compile_lazily({pattern.name: pattern for pattern in patterns}[name].expression, flags)


def normalize_for_patterns(text: str) -> str:
    """The text in Simplified characters with half-width marks and plain spaces, of the same length.

    >>> normalize_for_patterns("發表於　2024-6-15｜顯示全部樓層")
    '发表于 2024-6-15|显示全部楼层'
    """
    return text.translate(_TRANSLATION)


def translate_codes(codes: CodePoints) -> CodePoints:
    """The code points of what :func:`normalize_for_patterns` gives, many times as fast."""
    return look_up(_translation_table(), codes)


@lru_cache(maxsize=1)
def _translation_table() -> CodePoints:
    table = np.arange(0x110000, dtype=np.uint32)
    table[list(_TRANSLATION)] = [ord(character) for character in _TRANSLATION.values()]
    return table


def may_have_day(text: str) -> bool:
    """Whether a text has the first digits of a year, without which no pattern finds a day in it.

    >>> may_have_day("2024-03-07"), may_have_day("三月七日")
    (True, False)
    """
    return "20" in text or "19" in text


def find_day(text: str) -> str:
    """The first calendar day in a text, as in ISO 8601; empty if there is none or it does not exist.

    >>> find_day("发布时间: 2024年3月7日")
    '2024-03-07'
    """
    match = DAY_PATTERN.search(text)
    return format_day(match) if match else ""


def format_day(match: re.Match[str]) -> str:
    """The ISO 8601 day of a match of a pattern that contains ``DAY``; empty if it matched no valid day.

    >>> import re
    >>> format_day(re.search(DAY, "2024/3/7")), format_day(re.search(f"{DAY}|.*前", "3 天前"))
    ('2024-03-07', '')
    """
    year, month, day = match["year"], match["month"], match["day"]
    if not year or not 1 <= int(month) <= 12 or not 1 <= int(day) <= 31:
        return ""
    return f"{year}-{int(month):02d}-{int(day):02d}"
