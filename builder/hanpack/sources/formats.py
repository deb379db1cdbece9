"""FORMATS: the table of all formats that hanpack reads, with the suffixes of their files.

This module is short because it is that table: a new format is a class in a module of its own and a row here.
"""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path

from hanpack.sources.compression import CODECS
from hanpack.sources.delimited import DelimitedFormat
from hanpack.sources.docx import DocxFormat
from hanpack.sources.epub import EpubFormat
from hanpack.sources.json_file import JsonFormat
from hanpack.sources.parquet import ParquetFormat
from hanpack.sources.source_files import SourceFormat
from hanpack.sources.text import JsonLinesFormat, TextFormat

TEXT = TextFormat("text", ".txt", ".md")
HTML = TextFormat("html", ".html", ".htm")
JSON_LINES = JsonLinesFormat("json lines", ".jsonl", ".ndjson")
JSON = JsonFormat("json", ".json")
CSV = DelimitedFormat("csv", ".csv")
TSV = DelimitedFormat("tsv", ".tsv", ".tab", delimiter="\t")
PARQUET = ParquetFormat("parquet", ".parquet")
DOCX = DocxFormat("docx", ".docx")
EPUB = EpubFormat("epub", ".epub")
FORMATS: tuple[SourceFormat, ...] = (TEXT, HTML, JSON_LINES, JSON, CSV, TSV, PARQUET, DOCX, EPUB)

SUFFIXES = tuple(suffix for format_ in FORMATS for suffix in format_.suffixes)
_BY_SUFFIX = {suffix: format_ for format_ in FORMATS for suffix in format_.suffixes}


def count_layers(path: Path) -> int:
    """How many times a file is compressed, by its name.

    >>> count_layers(Path("a.txt")), count_layers(Path("a.jsonl.gz.zst"))
    (0, 2)
    """
    suffixes = reversed([suffix.lower() for suffix in path.suffixes])
    return sum(1 for _ in takewhile(CODECS.__contains__, suffixes))


def find_format(path: Path) -> tuple[SourceFormat | None, str, str]:
    """The format of a file by its name, or None; its suffix; and the suffix of its compression, or "".

    >>> format_, suffix, compression = find_format(Path("reports.JSONL.gz"))
    >>> format_ is JSON_LINES, suffix, compression
    (True, '.jsonl', '.gz')
    """
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    compression = suffixes.pop() if suffixes and suffixes[-1] in CODECS else ""
    suffix = suffixes[-1] if suffixes else ""
    return _BY_SUFFIX.get(suffix), suffix, compression
