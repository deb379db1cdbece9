"""What is wrong with a file that a library cannot read: plain words instead of the library's own message.

The same damage has the same words in every format, and they are in Chinese if the locale is.
"""

from __future__ import annotations

CUT_OFF = "it is cut off"
_NO_ZIP = "it is no ZIP file, or its end is missing"
_DAMAGED_DATA = "its compressed data are damaged"
_WRONG_CHECKSUM = "its data do not have the checksum that is stored with them"
_NO_PDF = "it is damaged, or no PDF"
_NO_ARROW = "it is cut off, or no Arrow file"
# A part of a library's message, and what it means; the first that is in a message counts.
MEANINGS = (
    # zipfile
    ("File is not a zip file", _NO_ZIP),
    ("Bad magic number for central directory", "the list of its members is damaged"),
    ("Bad magic number for file header", "a member is damaged"),
    ("Truncated file header", CUT_OFF),
    ("Bad CRC-32", _WRONG_CHECKSUM),
    ("compression method is not supported", "its method of compression is not supported"),
    ("compression type", "its method of compression is not supported"),
    ("Overlapped entries", "its members overlap"),
    # tarfile
    ("truncated header", "it is cut off, or no tar archive"),
    ("invalid header", "it is damaged, or no tar archive"),
    ("bad checksum", "it is damaged, or no tar archive"),
    ("empty file", "it is empty"),
    ("unexpected end of data", CUT_OFF),
    # zlib, bz2, lzma and the codecs of Arrow
    ("incorrect header check", "it is not compressed as its name says"),
    ("Unknown frame descriptor", "it is not compressed as its name says"),
    ("incorrect data check", _WRONG_CHECKSUM),
    ("Truncated ", CUT_OFF),
    ("ended before the end-of-stream marker", CUT_OFF),
    ("ends before its end marker", "it is cut off, or not compressed as its name says"),
    ("Invalid data stream", "its compressed data are damaged, or not compressed as its name says"),
    ("Input format not supported", "it is not compressed as its name says"),
    ("Memory usage limit exceeded", "its compressed data need too much memory"),
    ("Corrupt input data", _DAMAGED_DATA),
    ("while decompressing", _DAMAGED_DATA),
    ("decompress failed", _DAMAGED_DATA),
    # PDFium
    ("PDFium: Data format error", _NO_PDF),
    ("PDFium: File access error", _NO_PDF),
    ("Unsupported security scheme", "its protection is of a kind that is not supported"),
    ("Failed to load page", "the page is damaged"),
    ("Failed to load text page", "the text of the page is damaged"),
    # Parquet and Arrow
    ("file size is 0 bytes", "it is empty"),
    ("magic bytes not found", "it is no Parquet file, or its end is missing"),
    ("Couldn't deserialize thrift", "its description is damaged"),
    ("Not an Arrow file", "it is no Arrow file"),
    ("metadata bytes, but", _NO_ARROW),
    ("bytes for message body", CUT_OFF),
    ("Offset invariant failure", "a column is damaged"),
)
_MEANINGS_OF_TYPES = {"KeyError": "a part of it is missing", "EOFError": CUT_OFF}


def describe_damage(error: Exception | str) -> str:
    """What is wrong, by the error or the message of a library; an unknown message stays, its first line.

    >>> describe_damage("File is not a zip file"), describe_damage(EOFError())
    ('it is no ZIP file, or its end is missing', 'it is cut off')
    """
    text = str(getattr(error, "strerror", None) or error)
    for part, meaning in MEANINGS:
        if part in text:
            return meaning
    name = type(error).__name__
    return _MEANINGS_OF_TYPES.get(name) or next(iter(text.splitlines()), "") or name
