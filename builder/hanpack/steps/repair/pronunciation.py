"""Pinyin annotations of damaged pages: how they look, how a character is pronounced, which are annotated."""

from __future__ import annotations

from collections.abc import Set
from functools import lru_cache

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.repair.gbk import characters_by_lead

_LETTERS = "a-zāáǎàēéěèêīíǐìōóǒòūúǔùǖǘǚǜüńňǹɡ"
PRONUNCIATION = rf"[{_LETTERS}]{{1,6}}"
# A space may follow the pronunciation, as in 網絡(luò ).
ANNOTATION = compile_lazily(rf"\(({PRONUNCIATION}) ?\)")
# Of an annotation that was put between the two bytes of a character, the "(" is lost with a byte before it.
BROKEN_ANNOTATION = compile_lazily(rf"\?({PRONUNCIATION}) ?\)")
# Characters seen annotated on damaged pages, in both scripts: a prior, because a page may annotate others.
COMMONLY_ANNOTATED: Set[str] = frozenset(
    "万专业严个为乐习乡书争事产仓价优会來侧倉個側储價優儲內关养内冊册写农准创到創务动势動務勢区医區协協卫"
    "厂发台号后向听問嚴团国國團场坚執堅報場复好学學实實寫对导專對導小库应庫廠开強强当後復忧态態憂應成战戰"
    "戶户执扩扬护报据揚據擴数數文新无时時書會有术机权来构标树業構樂標樹機權测济润測準满滿潤濟災灾点無營爭"
    "爲物独献獨獻环现現環產用电画畫當發监監础礎种科称種稱稳穩简節簡类紀級細結絡統經網線績續级纪线细经结络"
    "统绩续网習联聯聽能臺节营萬號術衛补補見規觀见观规計訓訪設評詢詩話誉認誠誰調請謹識護譽计认训设访评识诗"
    "诚话询请谁调谨負財責費貿質購贈负财责质购贸费赠起車轉车转農达过运还这进远這進運過達遠還鄉醫銷錢鎮钱销"
    "镇長长門開關门问队阳险陽隊險電面頁項預領類页项预领風风養驅驗驱验鳥鸟點"
)


@lru_cache(maxsize=65536)
def pronunciations(character: str) -> tuple[str, ...]:
    """All pronunciations of a character with tone marks, the default without context first.

    >>> pronunciations("好")
    ('hǎo', 'hào')
    """
    # Imported at the first damaged text, because it takes 0.2 s and most builds have none.
    import pypinyin

    candidates = pypinyin.pinyin(character, style=pypinyin.Style.TONE, heteronym=True, errors="ignore")
    return tuple(candidates[0]) if candidates else ()


def default_pronunciation(character: str) -> str:
    """The default pronunciation of a character without context, empty if it has none.

    >>> default_pronunciation("創")
    'chuàng'
    """
    candidates = pronunciations(character)
    return candidates[0] if candidates else ""


@lru_cache(maxsize=4096)
def characters_pronounced(lead: int, pronunciation: str) -> tuple[str, ...]:
    """The characters with a GBK lead byte whose default pronunciation is the given one."""
    return tuple(
        character
        for _, character in characters_by_lead().get(lead, ())
        if default_pronunciation(character) == pronunciation
    )
