"""Tells what a file really is by its first bytes, for a message about one that is not what it is called."""

from __future__ import annotations

import re

from hanpack.lazy_patterns import compile_lazily

_ZIP = "a ZIP file, as DOCX, XLSX and EPUB are"
# What the files of a kind begin with; those of one kind are named once.
_BEGINNINGS = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", _ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (DOC, XLS or PPT)"),
    (b"{\\rtf", "RTF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x1f\x8b", "compressed by gzip"),
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"WARC/", "WARC"),
)
_PAGE = compile_lazily(rb"\A\s*+(?:<!doctype\s+html|<html)", re.IGNORECASE)
# Bytes that no text has in the encodings of Chinese without NUL.
_NO_TEXT = compile_lazily(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_FEWEST_BYTES = 16
# What a value of JSON begins with.
_JSON_STARTS = b'{["-0123456789tfn/'
TEXT, PAGE = "text", "an HTML page"
# How to have a file of these kinds read as what it is.
_ADVICE = {
    TEXT: "name it .txt, or set 'format: text' for it in the recipe",
    PAGE: "name it .html, or set 'format: html' for it in the recipe",
}


def name_kind(head: bytes) -> str:
    r"""What the first bytes of a file show it to be; empty if they show nothing.

    >>> name_kind(b"%PDF-1.7"), name_kind("第一条　为了规范管理。".encode()), name_kind(b"\x00\x01")
    ('PDF', 'text', '')
    """
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if _PAGE.match(head):
        return PAGE
    is_text = len(head.strip()) >= _FEWEST_BYTES and not _NO_TEXT.search(head)
    return TEXT if is_text else ""


def fits(kind: str, name: str) -> bool:
    r"""Whether files of a kind may be of the format with this name.

    >>> fits(name_kind(b"PK\x03\x04"), "docx"), fits("text", "pdf")
    (True, False)
    """
    return name in ("docx", "epub") if kind == _ZIP else kind.lower() == name


def advise_on_kind(kind: str) -> str:
    """What a user can do with a file of another kind than its name says."""
    return _ADVICE.get(kind, "give it the suffix of what it is, or download it again")


def may_be_json(head: bytes) -> bool:
    """Whether a text may begin a value of JSON: after blanks, by its first character.

    >>> may_be_json(b' {"text": 1}'), may_be_json("第一条".encode())
    (True, False)
    """
    beginning = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return not beginning or beginning[0] in _JSON_STARTS or b"\x00" in beginning[:4] or beginning[0] > 0xFD
