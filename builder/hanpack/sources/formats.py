"""FORMATS: the table of all formats that hanpack reads, with the suffixes of their files.

A new format is a class that reads it, in a module of its own, and a row here. That module is loaded when the
first file of the format is read: most runs read one format.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hanpack.reasons import Cause, Reason
from hanpack.sources.compression import CODECS

if TYPE_CHECKING:
    from hanpack.recipe import Shape
    from hanpack.sources.source_files import SourceReader


@dataclass(frozen=True, slots=True, eq=False)
class SourceFormat:
    """A format of raw files: what is known of it without reading one.

    ``make_reader`` loads and makes what reads its files. ``shapes`` are the shapes of records that it allows,
    the default first. ``content`` is what offsets count in, if these are not bytes of the file;
    ``has_json_escapes`` says whether the text in it has the escapes of a JSON string. ``fixed_encoding`` is
    the encoding that the format prescribes, if any; a format of encoded text has none. ``fallback_encoding``
    is the one to use if none is detected, if any. With ``has_line_per_record`` record 0 is line 1, and so on.
    With ``may_lack_pages`` some pages of a file may be pictures without text, and the others are read.
    ``compressed_fault`` is why a compressed file is rejected without being read, if it is.
    """

    name: str
    suffixes: tuple[str, ...]
    make_reader: Callable[[], SourceReader]
    shapes: tuple[Shape, ...]
    content: str = ""
    fixed_encoding: str | None = None
    fallback_encoding: str | None = None
    has_json_escapes: bool = False
    has_line_per_record: bool = False
    may_lack_pages: bool = False
    compressed_fault: Cause | None = None

    def refuse(self, compression: str) -> Reason | None:
        """Why a file with this compression is rejected without being read, or None."""
        return Reason(self.compressed_fault) if compression and self.compressed_fault else None


def _make_text_reader() -> SourceReader:
    from hanpack.sources.text import TextReader

    return TextReader()


def _make_json_lines_reader() -> SourceReader:
    from hanpack.sources.text import JsonLinesReader

    return JsonLinesReader()


def _make_json_reader() -> SourceReader:
    from hanpack.sources.json_file import JsonReader

    return JsonReader()


def _make_csv_reader() -> SourceReader:
    from hanpack.sources.delimited import DelimitedReader

    return DelimitedReader()


def _make_tsv_reader() -> SourceReader:
    from hanpack.sources.delimited import DelimitedReader

    return DelimitedReader("\t")


def _make_arrow_reader() -> SourceReader:
    from hanpack.sources.arrow import ArrowReader

    return ArrowReader()


def _make_parquet_reader() -> SourceReader:
    from hanpack.sources.parquet import ParquetReader

    return ParquetReader()


def _make_warc_reader() -> SourceReader:
    from hanpack.sources.warc import WarcReader

    return WarcReader()


def _make_docx_reader() -> SourceReader:
    from hanpack.sources.docx import DocxReader

    return DocxReader()


def _make_epub_reader() -> SourceReader:
    from hanpack.sources.epub import EpubReader

    return EpubReader()


def _make_pdf_reader() -> SourceReader:
    from hanpack.sources.pdf import PdfReader

    return PdfReader()


TEXT = SourceFormat(
    "text", (".txt", ".text", ".md", ".markdown"), _make_text_reader, ("file", "line", "paragraph")
)
HTML = SourceFormat("html", (".html", ".htm", ".xhtml"), _make_text_reader, ("file", "line", "paragraph"))
JSON_LINES = SourceFormat(
    "json lines",
    (".jsonl", ".ndjson"),
    _make_json_lines_reader,
    ("row",),
    fallback_encoding="utf-8",
    has_json_escapes=True,
    has_line_per_record=True,
)
JSON = SourceFormat(
    "json", (".json",), _make_json_reader, ("row",), fallback_encoding="utf-8", has_json_escapes=True
)
CSV = SourceFormat("csv", (".csv",), _make_csv_reader, ("row",))
TSV = SourceFormat("tsv", (".tsv", ".tab"), _make_tsv_reader, ("row",))
ARROW = SourceFormat(
    "arrow", (".arrow", ".feather"), _make_arrow_reader, ("row",), "text column", fixed_encoding="utf-8"
)
PARQUET = SourceFormat(
    "parquet",
    (".parquet",),
    _make_parquet_reader,
    ("row",),
    "text column",
    fixed_encoding="utf-8",
    compressed_fault=Cause.COMPRESSED_PARQUET,
)
WARC = SourceFormat(
    "warc", (".warc", ".wet"), _make_warc_reader, ("row",), "payloads of the pages", fixed_encoding="utf-8"
)
DOCX = SourceFormat(
    "docx", (".docx",), _make_docx_reader, ("file",), "XML of the document", fixed_encoding="utf-8"
)
EPUB = SourceFormat("epub", (".epub",), _make_epub_reader, ("chapter",), "chapters", fixed_encoding="utf-8")
PDF = SourceFormat(
    "pdf", (".pdf",), _make_pdf_reader, ("file",), "text layer", fixed_encoding="utf-8", may_lack_pages=True
)
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
# Those that a recipe can name for files of any suffix.
_NAMED = {"text": TEXT, "html": HTML, "jsonl": JSON_LINES, "json": JSON, "csv": CSV, "tsv": TSV}
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
    ('save it as .docx', "if it is text, name it .txt or set 'format: text' for it in the recipe")
    """
    return _ADVICE_BY_SUFFIX.get(
        suffix, "if it is text, name it .txt or set 'format: text' for it in the recipe"
    )


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


def choose_format(path: Path, name: str | None) -> tuple[SourceFormat | None, str, str]:
    """The format that a recipe names for a file, or that of its name; its suffix, and its compression.

    >>> choose_format(Path("a.log.gz"), "text")[0] is TEXT, choose_format(Path("a.log"), None)[0]
    (True, None)
    """
    format_, suffix, compression = find_format(path)
    return _NAMED[name] if name else format_, suffix, compression


def find_line(source: str, record: int) -> int | None:
    """The line of a record, from 1, if the format of its source has a record in each line.

    >>> find_line("laws.jsonl.gz", 300), find_line("laws.csv", 300)
    (301, None)
    """
    format_ = find_format(Path(source))[0]
    return record + 1 if format_ and format_.has_line_per_record else None
