"""FORMATS: the table of all formats that hanpack reads, with the suffixes of their files.

This module is short because it is that table: a new format is a class in a module of its own and a row here.
"""

from __future__ import annotations

from pathlib import Path

from hanpack.sources.arrow import ArrowFormat
from hanpack.sources.compression import CODECS
from hanpack.sources.delimited import DelimitedFormat
from hanpack.sources.docx import DocxFormat
from hanpack.sources.epub import EpubFormat
from hanpack.sources.json_file import JsonFormat
from hanpack.sources.parquet import ParquetFormat
from hanpack.sources.pdf import PdfFormat
from hanpack.sources.source_files import SourceFormat
from hanpack.sources.text import JsonLinesFormat, TextFormat
from hanpack.sources.warc import WarcFormat

TEXT = TextFormat("text", ".txt", ".md", ".markdown")
HTML = TextFormat("html", ".html", ".htm", ".xhtml")
JSON_LINES = JsonLinesFormat("json lines", ".jsonl", ".ndjson")
JSON = JsonFormat("json", ".json")
CSV = DelimitedFormat("csv", ".csv")
TSV = DelimitedFormat("tsv", ".tsv", ".tab", delimiter="\t")
ARROW = ArrowFormat("arrow", ".arrow", ".feather")
WARC = WarcFormat("warc", ".warc", ".wet")
PARQUET = ParquetFormat("parquet", ".parquet")
DOCX = DocxFormat("docx", ".docx")
EPUB = EpubFormat("epub", ".epub")
PDF = PdfFormat("pdf", ".pdf")
FORMATS: tuple[SourceFormat, ...] = (
    TEXT,
    HTML,
    JSON_LINES,
    JSON,
    CSV,
    TSV,
    ARROW,
    PARQUET,
    WARC,
    DOCX,
    EPUB,
    PDF,
)

SUFFIXES = tuple(suffix for format_ in FORMATS for suffix in format_.suffixes)
# What a message names: members of archives have one of the suffixes above.
READABLE = (*SUFFIXES, ".zip", ".tar")
_BY_SUFFIX = {suffix: format_ for format_ in FORMATS for suffix in format_.suffixes}

# What to do with a file of another format, by its suffix.
_ADVICE = {
    "save it as .docx": (".doc", ".odt", ".rtf", ".wps", ".pages"),
    "save it as .csv": (".xls", ".xlsx", ".xlsm", ".ods", ".et", ".numbers"),
    "save it as .pdf": (".ppt", ".pptx", ".odp", ".dps", ".ofd", ".caj", ".djvu"),
    "save it as .epub": (".mobi", ".azw", ".azw3", ".fb2"),
    "save it as .html": (".mht", ".mhtml", ".webarchive", ".chm", ".eml", ".msg"),
    "convert it with: jupyter nbconvert --to markdown": (".ipynb",),
    "save it as .jsonl": (".db", ".sqlite", ".sqlite3", ".mdb", ".pkl", ".npy", ".npz"),
    "unpack it": (".rar", ".7z", ".cab", ".lzma", ".lz4"),
    "recognise its text first (OCR)": (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"),
    "recognise its speech first": (".mp3", ".wav", ".m4a", ".flac", ".mp4", ".avi", ".mov", ".mkv"),
}
_ADVICE_BY_SUFFIX = {suffix: advice for advice, suffixes in _ADVICE.items() for suffix in suffixes}


def advise(suffix: str) -> str:
    """What a user can do with a file that has no format hanpack reads, by its suffix.

    >>> advise(".doc"), advise(".tex")
    ('save it as .docx', 'if it is text, name it .txt')
    """
    return _ADVICE_BY_SUFFIX.get(suffix, "if it is text, name it .txt")


def describe_content(name: str) -> str:
    """What the offsets of a source count in, by its path, if these are not bytes of the file; else empty.

    >>> describe_content("a/b.pdf"), describe_content("a.txt.gz"), describe_content("a.txt")
    ('text layer', 'decompressed file', '')
    """
    format_, _, compression = find_format(Path(name))
    content = format_.content if format_ else ""
    return content or ("decompressed file" if compression else "")


def find_format(path: Path) -> tuple[SourceFormat | None, str, str]:
    """The format of a file by its name, or None; its suffix; and the suffixes of its compression, or "".

    >>> format_, suffix, compression = find_format(Path("reports.JSONL.gz"))
    >>> format_ is JSON_LINES, suffix, compression
    (True, '.jsonl', '.gz')
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compression = ""
    while suffixes and suffixes[-1] in CODECS:
        compression = suffixes.pop() + compression
    suffix = suffixes[-1] if suffixes else ""
    return _BY_SUFFIX.get(suffix), suffix, compression


def find_line(source: str, record: int) -> int | None:
    """The line of a record, from 1, if the format of its source has a record in each line.

    >>> find_line("laws.jsonl.gz", 300), find_line("laws.csv", 300)
    (301, None)
    """
    format_ = find_format(Path(source))[0]
    return record + 1 if format_ and format_.has_line_per_record else None
