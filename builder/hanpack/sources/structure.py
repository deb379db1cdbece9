"""Shows where the punctuation of CSV and JSON is in encoded text, whatever the encoding.

In GBK, Big5 and Shift JIS the second byte of a character may be that of ``|``, ``[``, ``{`` or a backslash;
in UTF-16 a comma has two bytes. A *structure* has one byte for each code unit: that of an ASCII character is
its own, all others are ``x``. This module is short because two formats share it.
"""

from __future__ import annotations

import codecs
import re

import numpy as np

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.decode.decoding import BYTE_ORDER_MARKS

# The code units of the encodings in which a line feed is not the byte 0x0A, as numpy types.
CODE_UNITS = {"utf-16-le": "<u2", "utf-16-be": ">u2", "utf-32-le": "<u4", "utf-32-be": ">u4"}
_HIDDEN = ord("x")
# The bytes that begin a character of two bytes whose second byte may be ASCII, and the pattern of such pairs.
# Four bytes of GB 18030 are two of them.
_DOUBLE = bytes(range(0x81, 0xFF)), compile_lazily(rb"[\x81-\xfe][\x30-\xfe]")
_SHIFT = bytes((*range(0x81, 0xA0), *range(0xE0, 0xFD))), compile_lazily(rb"[\x81-\x9f\xe0-\xfc][\x40-\xfc]")
_SINGLE: tuple[bytes, re.Pattern[bytes] | None] = b"", None
_PAIRS: dict[str, tuple[bytes, re.Pattern[bytes] | None]] = {
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "big5", "cp950", "big5hkscs", "cp949", "johab"), _DOUBLE),
    **dict.fromkeys(("shift_jis", "cp932", "shift_jis_2004", "shift_jisx0213"), _SHIFT),
}


class Structure:
    """Makes the structure of encoded text.

    ``width`` is the number of bytes that a byte of the structure stands for, ``mark`` the byte order mark
    that the text may begin with.
    """

    def __init__(self, encoding: str) -> None:
        name = codecs.lookup(encoding).name
        self._code_unit = CODE_UNITS.get(name)
        self._leads, self._pair = _PAIRS.get(name, _SINGLE)
        self.width = int(self._code_unit[-1]) if self._code_unit else 1
        self.mark = BYTE_ORDER_MARKS.get(name, b"")

    def make(self, data: bytes) -> bytes:
        r"""The structure of some complete characters.

        >>> Structure("gbk").make("甲|乙".encode("gbk"))
        b'xx|xx'
        >>> Structure("utf-16-le").make("甲,".encode("utf-16-le"))
        b'x,'
        """
        if self._code_unit:
            units = np.frombuffer(data[: self.count_complete(data)], self._code_unit)
            return np.where(units < 0x80, units, _HIDDEN).astype(np.uint8).tobytes()
        if self._pair and not data.isascii():
            return self._pair.sub(b"xx", data)
        return data

    def count_complete(self, data: bytes) -> int:
        """How many of the bytes are complete characters, or code units.

        >>> Structure("gbk").count_complete("甲乙".encode("gbk")[:3])
        2
        """
        if self._code_unit:
            return len(data) // self.width * self.width
        # The last byte begins a character if the number of bytes at the end that may begin one is odd.
        return len(data) - (len(data) - len(data.rstrip(self._leads))) % 2 if self._leads else len(data)


def resolve_order(encoding: str, sample: bytes) -> str:
    r"""The name of an encoding with its byte order, if that is left to the byte order mark of the file.

    >>> resolve_order("utf-16", b"\xff\xfea\0"), resolve_order("utf-8-sig", b"a"), resolve_order("GBK", b"")
    ('utf-16-le', 'utf-8', 'GBK')
    """
    name = codecs.lookup(encoding).name if encoding else ""
    if name == "utf-8-sig":
        return "utf-8"
    orders = (f"{name}-le", f"{name}-be") if name in ("utf-16", "utf-32") else ()
    return next((order for order in orders if sample.startswith(BYTE_ORDER_MARKS[order])), encoding)
