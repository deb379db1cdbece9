"""The code pages of one byte that Chinese text is decoded with by mistake: of Windows, MacOS and DOS."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.repair.utf8_bytes import CONTINUATION_BYTES, LOST, UNKNOWN_BYTE

# The first bytes in UTF-8 of ideographs, of CJK punctuation and of full-width forms.
_FIRST_BYTES = (*range(0xE3, 0xEA), 0xEF)
WINDOWS = "cp1252"
NAMES = (WINDOWS, "mac_roman", "cp437", "cp850", "cp1250", "cp1251", "cp1253", "cp1257", "iso8859-2")


@dataclass(frozen=True, slots=True)
class Charset:
    """How a code page reads the bytes beyond ASCII.

    ``byte_of`` has the byte of each character, and that of U+FFFD as not known. ``runs`` matches characters
    of such bytes in a row, with single blanks between them; ``sequences`` two characters of three bytes each.
    """

    byte_of: Mapping[int, int]
    runs: re.Pattern[str]
    sequences: str

    def encode(self, text: str) -> bytes:
        """The bytes of a text whose characters this code page has.

        The no-break spaces (0xA0 in Windows-1252) of a text without any may have become blanks: they are
        restored where a sequence lacks that byte.
        """
        raw = text.translate(self.byte_of).encode("latin-1")
        if b" " not in raw or b"\xa0" in raw or self.byte_of.get(_NO_BREAK_SPACE) != _NO_BREAK_SPACE:
            return raw
        return _LOST_NO_BREAK_SPACE.sub(b"\xa0", raw)


_NO_BREAK_SPACE = 0xA0
_LOST_NO_BREAK_SPACE = compile_lazily(
    rb"(?<=[\xe2-\xe9\xef][\x80-\xbf]) |(?<=[\xe2-\xe9\xef]) (?=[\x80-\xbf])"
)


@lru_cache(maxsize=len(NAMES))
def read_charset(name: str) -> Charset:
    """The code page of that name; bytes that it does not define are controls, as browsers read them."""
    characters = {byte: _read_byte(byte, name) for byte in range(0x80, 0x100)}
    byte_of = {ord(character): byte for byte, character in characters.items()}
    # The same bytes read as Latin-1, which differs from Windows-1252 in the controls.
    if name == WINDOWS:
        byte_of |= {byte: byte for byte in range(0x80, 0xA0)}
    high = make_class("".join(map(chr, byte_of)))
    first = make_class("".join(characters[byte] for byte in _FIRST_BYTES))
    following = make_class("".join(characters[byte] for byte in CONTINUATION_BYTES))
    return Charset(
        byte_of={**byte_of, ord(LOST): UNKNOWN_BYTE},
        runs=compile_lazily(f"{high}(?: ?[{high[1:-1]}{LOST}])*"),
        sequences=f"(?<={first}){following}{{2}}{first}{following}{{2}}",
    )


def _read_byte(byte: int, name: str) -> str:
    """The character of a byte in a code page; a control if it has none."""
    return bytes([byte]).decode(name, errors="ignore") or chr(byte)


def make_class(characters: str) -> str:
    """A pattern that matches one of some characters."""
    return "[" + "".join(map(re.escape, sorted(characters))) + "]"


@lru_cache(maxsize=1)
def damage_signs() -> re.Pattern[str]:
    """Six characters of Windows-1252 beyond ASCII in a row, or two sequences in another code page.

    Or five pairs of such a character and another, or one of ASCII that may end a pair of Big5. No European
    language has six such letters in a row, or at every other place of ten. The pattern begins with one class
    of characters, so that the engine skips other text quickly.
    """
    first, _ = begin_signs()
    other_sequences = [read_charset(name).sequences for name in NAMES if name != WINDOWS]
    windows = make_class("".join(map(chr, read_charset(WINDOWS).byte_of)))
    pair_end = f"[{windows[1:-1]}@-~]"
    pairs = f"{pair_end}(?:[\xa1-\xf9]{pair_end}){{4}}"
    marks = f"(?:(?<=[\xa1-\xff])(?:{windows}{{5}}|{pairs})|{'|'.join(other_sequences)})"
    return compile_lazily(f"{make_class(first)}{marks}")


@lru_cache(maxsize=1)
def begin_signs() -> tuple[str, str]:
    """The characters with which what :func:`damage_signs` matches begins, and those that follow them."""
    other_names = [name for name in NAMES if name != WINDOWS]
    firsts = "".join(_read_byte(byte, name) for name in other_names for byte in _FIRST_BYTES)
    following = "".join(_read_byte(byte, name) for name in other_names for byte in CONTINUATION_BYTES)
    windows = "".join(map(chr, read_charset(WINDOWS).byte_of))
    ends_of_pairs = "".join(map(chr, range(0x40, 0x7F)))
    return "".join(map(chr, range(0xA1, 0x100))) + firsts, windows + ends_of_pairs + following
