"""The encodings that can be detected, in families, with the languages each is used for.

Encodings of one family agree on the bytes they share: the smallest that decodes a text is its name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hanpack.steps.decode.encoding_models import ALPHABETS

# Natural logarithms of odds: of an encoding that is seldom used, and of bytes that are valid UTF-8.
RARE_ENCODING = -8.0
VALID_UTF8_BONUS = 8.0
ASIAN = ("Simplified", "Traditional", "Japanese", "Korean")
WESTERN = (
    "French",
    "German",
    "Spanish",
    "Portuguese",
    "Italian",
    "Dutch",
    "Swedish",
    "Danish",
    "Finnish",
    "Icelandic",
)
CENTRAL = ("Polish", "Czech", "Slovak", "Hungarian", "Romanian", "Croatian", "German")
CYRILLIC = ("Russian", "Ukrainian", "Bulgarian", "Serbian")
BALTIC = ("Lithuanian", "Latvian", "Estonian", "Polish")


@dataclass(frozen=True, slots=True, eq=False)
class EncodingFamily:
    """Encodings that agree on the bytes they share, smallest first, and the languages they are used for.

    ``unusual`` languages are possible and rare; ``prior`` is the logarithm of the odds of the family itself.
    """

    names: tuple[str, ...]
    languages: tuple[str, ...]
    unusual: tuple[str, ...] = ()
    prior: float = 0.0


FAMILIES = (
    EncodingFamily(("gb18030",), ("Simplified", "Traditional"), ("Japanese",)),
    EncodingFamily(("big5", "cp950", "big5hkscs"), ("Traditional",)),
    EncodingFamily(("euc-kr", "cp949"), ("Korean",)),
    EncodingFamily(("johab",), (), ("Korean",)),
    EncodingFamily(("euc-jp", "euc_jis_2004"), ("Japanese",)),
    EncodingFamily(("shift_jis", "cp932", "shift_jis_2004"), ("Japanese",)),
    EncodingFamily(("windows-1252",), WESTERN),
    EncodingFamily(("iso-8859-15",), WESTERN),
    EncodingFamily(("windows-1250",), CENTRAL),
    EncodingFamily(("iso-8859-2",), CENTRAL),
    EncodingFamily(("windows-1251",), CYRILLIC),
    EncodingFamily(("koi8-r",), ("Russian",)),
    EncodingFamily(("koi8-u",), ("Ukrainian",)),
    EncodingFamily(("iso-8859-5",), CYRILLIC),
    EncodingFamily(("cp866",), ("Russian",)),
    EncodingFamily(("mac-cyrillic",), CYRILLIC, prior=RARE_ENCODING),
    EncodingFamily(("windows-1253",), ("Greek",)),
    EncodingFamily(("iso-8859-7",), ("Greek",)),
    EncodingFamily(("windows-1254",), ("Turkish",)),
    EncodingFamily(("windows-1255",), ("Hebrew",)),
    EncodingFamily(("iso-8859-8",), ("Hebrew",)),
    EncodingFamily(("windows-1256",), ("Arabic", "Persian")),
    EncodingFamily(("iso-8859-6",), ("Arabic",)),
    EncodingFamily(("windows-1257",), BALTIC),
    EncodingFamily(("iso-8859-13",), BALTIC),
    EncodingFamily(("cp874",), ("Thai",)),
    EncodingFamily(("cp850",), WESTERN, prior=RARE_ENCODING),
    EncodingFamily(("mac-roman",), WESTERN, prior=RARE_ENCODING),
)
UTF_8 = EncodingFamily(("utf-8",), (*ASIAN, *ALPHABETS))
VALID_UTF_8 = replace(UTF_8, prior=VALID_UTF8_BONUS)
UTF_8_AMONG_WORDS = replace(UTF_8, prior=2 * VALID_UTF8_BONUS)
UTF_16 = (
    EncodingFamily(("utf-16-le",), (*ASIAN, *ALPHABETS)),
    EncodingFamily(("utf-16-be",), (*ASIAN, *ALPHABETS)),
)
SEVEN_BIT = (
    (b"\x1b$", EncodingFamily(("iso2022_jp", "iso2022_jp_ext"), ("Japanese",))),
    (b"\x1b$)C", EncodingFamily(("iso2022_kr",), ("Korean",))),
    (b"~{", EncodingFamily(("hz",), ("Simplified",))),
)
LATIN = frozenset((*WESTERN, *CENTRAL, *BALTIC, "Turkish"))

EAST_ASIAN_NAMES = frozenset(
    name for family in FAMILIES for name in family.names if {*ASIAN} & {*family.languages}
)
