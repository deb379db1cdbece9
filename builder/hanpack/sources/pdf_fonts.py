"""Keeps the fonts of the machine out of the text of PDF files, which must be the same on every machine.

If a file only names a font, PDFium takes one of the machine in its place, and the measures of that decide
which characters are one line. This module is short because that is one switch of PDFium.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any


@contextmanager
def without_system_fonts() -> Iterator[None]:
    """Within it PDFium finds no font but those in a file and its own, after it those of the machine again."""
    switch = _make_switch()
    switch.turn_off()
    try:
        yield
    finally:
        switch.turn_on()


class _Switch:
    """Turned on when all have turned it on that had turned it off: several files may be open at once."""

    def __init__(self) -> None:
        from pypdfium2 import raw

        self._users = 0
        # PDFium keeps a reference to it. No function is given that would find a font.
        self._no_fonts: Any = raw.FPDF_SYSFONTINFO(version=1)

    def turn_off(self) -> None:
        from pypdfium2 import raw

        if not self._users:
            raw.FPDF_SetSystemFontInfo(self._no_fonts)
        self._users += 1

    def turn_on(self) -> None:
        from pypdfium2 import raw

        self._users -= 1
        if not self._users:
            raw.FPDF_SetSystemFontInfo(None)


@cache
def _make_switch() -> _Switch:
    return _Switch()
