"""Measures the readers of sources on files that are made to be slow, and the flow on their records.

    python benchmarks/hostile_files.py [--only NAME ...] [--largest BYTES]

Each file is made at 100 kB and 1 MB, and read as a build reads it: the survey, then the records in batches,
then all steps on each batch. Listed are the processor times in seconds of the reader and of the flow at both
sizes, and SLOW if one of the two grows over 12 times; a part is given up after 30 seconds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.hostile import NEGLIGIBLE_STEP, grows_too_fast, measure
from tests.hostile_texts import FlowParts
from tests.sources.packages import make_chapter, make_docx, make_epub, make_paragraph, make_run
from tests.sources.pdfs import make_pdf
from tests.sources.reading import read_source_batches

from hanpack import flow
from hanpack.sources.records import Batch

SIZES = (100_000, 1_000_000)


def _repeat(piece: str, size: int) -> str:
    return piece * (size // len(piece.encode()))


def _nest(tag: str, size: int) -> str:
    opening, closing = f"<{tag}>", f"</{tag}>"
    depth = size // len(opening + closing)
    return opening * depth + "甲" + closing * depth


def _make_warc(headers: str, payload: bytes) -> bytes:
    begin = f"WARC/1.0\r\nWARC-Type: conversion\r\n{headers}Content-Length: {len(payload)}\r\n\r\n"
    return begin.encode() + payload + b"\r\n\r\n"


def _make_book(number: int) -> bytes:
    return make_epub({f"{index}.xhtml": make_chapter("<p>甲</p>") for index in range(number)})


# Each file by its name; the size counts before compression.
FILES: Mapping[str, tuple[str, Callable[[int], bytes], Mapping[str, Any]]] = {
    "DOCX: paragraphs": ("a.docx", lambda size: make_docx(_repeat(make_paragraph("甲"), size)), {}),
    "DOCX: empty paragraphs": ("a.docx", lambda size: make_docx(_repeat("<w:p/>", size)), {}),
    "DOCX: runs": ("a.docx", lambda size: make_docx(make_paragraph(_repeat(make_run("甲"), size))), {}),
    "DOCX: breaks": (
        "a.docx",
        lambda size: make_docx(make_paragraph(_repeat("<w:r><w:br/></w:r>", size))),
        {},
    ),
    "DOCX: attribute": (
        "a.docx",
        lambda size: make_docx(make_paragraph('<w:r w:a="' + _repeat("甲", size) + '"><w:t>甲</w:t></w:r>')),
        {},
    ),
    "DOCX: attributes": (
        "a.docx",
        lambda size: make_docx(
            "<w:p " + " ".join(f"a{n}=''" for n in range(size // 9)) + f">{make_run('甲')}</w:p>"
        ),
        {},
    ),
    "DOCX: nesting": ("a.docx", lambda size: make_docx(_nest("w:sdt", size)), {}),
    "DOCX: nested tables": (
        "a.docx",
        lambda size: make_docx(
            "<w:tbl><w:tr><w:tc>" * (size // 40)
            + make_paragraph("甲")
            + "</w:tc></w:tr></w:tbl>" * (size // 40)
        ),
        {},
    ),
    "DOCX: rows": (
        "a.docx",
        lambda size: make_docx(
            "<w:tbl>" + _repeat(f"<w:tr><w:tc>{make_paragraph('甲')}</w:tc></w:tr>", size) + "</w:tbl>"
        ),
        {},
    ),
    "EPUB: chapters": ("a.epub", lambda size: _make_book(size // 500), {}),
    "EPUB: nesting": ("a.epub", lambda size: make_epub({"a.xhtml": make_chapter(_nest("div", size))}), {}),
    "EPUB: attribute": (
        "a.epub",
        lambda size: make_epub({"a.xhtml": make_chapter('<p class="' + "a" * size + '">甲</p>')}),
        {},
    ),
    "EPUB: entities": (
        "a.epub",
        lambda size: make_epub({"a.xhtml": make_chapter(_repeat("&#x4e2d;", size))}),
        {},
    ),
    "EPUB: links": (
        "a.epub",
        lambda size: make_epub(
            {
                "nav.xhtml": make_chapter(_repeat('<a href="a.xhtml#b">甲</a>', size)),
                "a.xhtml": make_chapter("<p>乙</p>"),
            }
        ),
        {},
    ),
    "PDF: pages": ("a.pdf", lambda size: make_pdf(["甲" * 300] * (size // 3_000)), {}),
    "PDF: boxes": ("a.pdf", lambda size: _make_boxes(size // 60), {}),
    "WARC: headers": ("a.warc", lambda size: _make_warc(_repeat("a: b\r\n", size), "甲".encode()), {}),
    "WARC: folded header": (
        "a.warc",
        lambda size: _make_warc("a: b\r\n" + _repeat(" c\r\n", size), b"a"),
        {},
    ),
    "WARC: records": (
        "a.warc",
        lambda size: _make_warc("", "甲".encode()) * (size // len(_make_warc("", "甲".encode()))),
        {},
    ),
    "WARC: no headers": ("a.warc", lambda size: _repeat("WARC/1.0\r\n", size).encode(), {}),
    "CSV: quotes": ("a.csv", lambda size: b'text\n"' + b'""' * (size // 2) + b'"\n', {}),
    "CSV: open quote": ("a.csv", lambda size: b'text\n"' + _repeat("甲\n", size).encode(), {}),
    "CSV: columns": ("a.csv", lambda size: b"text" + b",a" * (size // 4) + b"\n1" + b",b" * (size // 4), {}),
    "CSV: rows": ("a.csv", lambda size: b"text\n" + _repeat("甲\n", size).encode(), {}),
    "JSONL: records": ("a.jsonl", lambda size: _repeat('{"text":"甲"}\n', size).encode(), {}),
    "JSONL: nesting": (
        "a.jsonl",
        lambda size: b'{"text":"a","b":' + b"[" * (size // 2) + b"]" * (size // 2) + b"}\n",
        {},
    ),
    "JSONL: keys": (
        "a.jsonl",
        lambda size: ('{"text":"a"' + "".join(f',"k{n}":1' for n in range(size // 11)) + "}\n").encode(),
        {},
    ),
    "JSON: records": ("a.json", lambda size: ("[" + _repeat('{"text":"甲"},', size) + "{}]").encode(), {}),
    "JSON: nesting": ("a.json", lambda size: b"[" * (size // 2) + b"]" * (size // 2), {}),
    "text: lines": ("a.txt", lambda size: _repeat("甲\n", size).encode(), {"records": "line"}),
    "text: blank lines": ("a.txt", lambda size: b"\n" * (size * 3 // 10), {"records": "line"}),
    "text: blank lines, one record": ("a.txt", lambda size: b"\n" * (size * 3 // 10), {}),
    "text: paragraphs": ("a.txt", lambda size: _repeat("甲\n\n", size).encode(), {"records": "paragraph"}),
    "text: carriage returns": ("a.txt", lambda size: b"\r" * size, {"records": "line"}),
    "HTML: nesting": ("a.html", lambda size: _nest("div", size).encode(), {}),
}


def _make_boxes(number: int) -> bytes:
    """One page with very many pieces of text, each in its own place."""
    boxes = "".join(
        f"BT /F1 1 Tf {index % 500} {index * 7 % 800} Td (a) Tj ET\n" for index in range(number)
    ).encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(boxes), boxes),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    content = b"%PDF-1.4\n" + b"".join(
        b"%d 0 obj%s\nendobj\n" % (number, body) for number, body in enumerate(objects, 1)
    )
    return content + b"trailer<</Root 1 0 R>>\n%%EOF"


def _read(batches: list[Batch], path: Path, options: Mapping[str, Any]) -> None:
    batches += read_source_batches(path, **options)


def _process(batches: Sequence[Batch], parts: FlowParts) -> None:
    for batch in batches:
        flow.process(batch, parts.tools)


def measure_files(only: Sequence[str], largest: int) -> Iterator[str]:
    """A line for each file: the costs of the reader and of the flow."""
    parts = FlowParts()
    with tempfile.TemporaryDirectory() as folder:
        for name, (file, make, options) in FILES.items():
            if only and not any(part in name for part in only):
                continue
            costs: list[list[float]] = [[], []]
            number = 0
            for size in SIZES:
                if size > largest or float("inf") in costs[0]:
                    continue
                path = Path(folder) / file
                path.write_bytes(make(size))
                batches: list[Batch] = []
                costs[0].append(measure(partial(_read, batches, path, options)))
                costs[1].append(measure(partial(_process, batches, parts)))
                number = sum(map(len, batches))
            slow = any(grows_too_fast(part, NEGLIGIBLE_STEP) for part in costs)
            figures = "; ".join(" ".join(f"{cost:.3f}" for cost in part) for part in costs)
            yield f"{name}: {figures} ({number} records){' SLOW' if slow else ''}"


def main() -> None:
    """Measure the files that are named, by default all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="NAME", help="names that contain one of these"
    )
    parser.add_argument("--largest", type=int, default=SIZES[-1], metavar="BYTES")
    options = parser.parse_args()
    for line in measure_files(options.only, options.largest):
        print(line, flush=True)


if __name__ == "__main__":
    main()
