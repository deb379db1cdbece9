"""What tells a Japanese line from a Chinese one: forms of characters, particles and words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from opencc import OpenCC

from hanpack.lazy_patterns import compile_lazily

_HAN = compile_lazily("[㐀-鿿]")
# What Chinese sentences say and modern Japanese does not write, and what only Japanese sentences have:
# particles between words, and the ends of verbs.
CHINESE_WORDS = compile_lazily(
    "[這这們们个嗎吗麼么說说很你她哪谁还沒给讓让啊呢吧跟您咱啦嘛]"
    "|個(?![人別室性展数數体體々])(?=[㐀-鿿])|吃(?!音)|没有|還(?=[是有會要沒在能可不])|給(?=[我你他她它大])"
    "|是(?<![国國社如]是)(?![非正認认])(?=[㐀-鿿「『“《A-Za-z0-9])"
)
_JAPANESE_GRAMMAR = compile_lazily(
    "(?<=[㐀-鿿ァ-ヺー])[はをがにでへ](?=[㐀-鿿ァ-ヺ、])|です|でし|ます|まし|した|して|する|され|った|って|ない|から|まで|という|ください"
)


def is_not_japanese(text: str) -> bool:
    """Whether a text has Han characters that modern Japanese does not write.

    >>> is_not_japanese("歡迎"), is_not_japanese("歓迎"), is_not_japanese("欢迎")
    (True, False, True)
    """
    han = "".join(_HAN.findall(text))
    return _to_japanese()(han) != han or not _is_encodable(han, "cp932")


def are_shinjitai(characters: Iterable[str]) -> bool:
    """Whether all of some characters are simplified forms of Japan.

    >>> are_shinjitai("学会"), are_shinjitai("学习")
    (True, False)
    """
    return all(_from_japanese()(character) != character for character in characters)


def is_chinese_with_kana(text: str) -> bool:
    """Whether a text with many kana has words of Chinese and no grammar of Japanese.

    >>> is_chinese_with_kana("他說カラオケ很好玩"), is_chinese_with_kana("這はペンです")
    (True, False)
    """
    return CHINESE_WORDS.search(text) is not None and _JAPANESE_GRAMMAR.search(text) is None


@lru_cache(maxsize=1)
def _to_japanese() -> Callable[[str], str]:
    return OpenCC("t2jp").convert


@lru_cache(maxsize=1)
def _from_japanese() -> Callable[[str], str]:
    return OpenCC("jp2t").convert


def _is_encodable(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
