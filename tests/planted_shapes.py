"""Texts planted in shapes that a search may miss: very short, across borders, in cells, titles and escapes.

Every planted text is drawn at random from common characters, so that it is nowhere else. Unlike
``planted_texts`` some are in records that the recipe rejects or a request withdraws.
"""

from __future__ import annotations

import gzip
import html
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import yaml

from hanpack.building.run import build
from hanpack.withdrawal.operation import carry_out, prepare_withdrawal
from hanpack.withdrawal.selection import Request
from tests.planted_texts import Planted, TextMaker

# A planted text: the file and its bytes, what to ask for, and its fates in the only record of the file.
Shape = Callable[[TextMaker, int], tuple[str, bytes, str, str]]
_TO_WIDE = str.maketrans({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
_ZERO_WIDTH = "\u200b"


def _words(maker: TextMaker, length: int) -> str:
    """A text of that many Han characters, without a mark in it."""
    return "".join(
        character for character in maker.sentence(length + 9) if "\u4e00" <= character <= "\u9fff"
    )[:length]


def _around(maker: TextMaker, planted: str, sentences: int = 12) -> str:
    return f"{maker.text(sentences)}{planted}{maker.text(sentences)}"


def _five(maker: TextMaker, number: int) -> tuple[str, bytes, str, str]:
    """Five characters, which no trigram filter can tell from many others."""
    planted = _words(maker, 5)
    return f"{number}.txt", _around(maker, planted + "。").encode(), planted, "kept"


def _border(maker: TextMaker, number: int) -> tuple[str, bytes, str, str]:
    """The end of a sentence and the beginning of the next, in a text of hundreds of short ones."""
    first, second = _words(maker, 30), _words(maker, 30)
    text = _around(maker, f"{first}。{second}。", 40)
    return f"{number}.md", text.encode(), f"{first[-6:]}{second[:6]}", "kept"


def _paragraphs(maker: TextMaker, number: int) -> tuple[str, bytes, str, str]:
    """The end of a paragraph and the beginning of the next."""
    first, second = _words(maker, 30), _words(maker, 30)
    return (
        f"{number}.txt",
        _around(maker, f"{first}\r\n\r\n　　{second}").encode(),
        first[-9:] + second[:9],
        "kept",
    )


def _traditional(maker: TextMaker, number: int) -> tuple[str, bytes, str, str]:
    """A document in Traditional characters and GB 18030, asked for in Simplified ones."""
    planted = maker.sentence(24)
    text = maker.to_traditional(_around(maker, planted)).encode("gb18030")
    return f"{number}.txt", text, planted, "kept"


def _wide(maker: TextMaker, number: int) -> tuple[str, bytes, str, str]:
    """Letters and digits in full width, asked for in half width."""
    planted = f"{_words(maker, 8)}ABC-{maker.random.randint(10**6, 10**7)}/x{_words(maker, 4)}"
    return f"{number}.txt", _around(maker, planted.translate(_TO_WIDE)).encode(), planted.lower(), "kept"


def _cell(maker: TextMaker, number: int) -> tuple[str, bytes, str, str]:
    """Two cells beside one another in the table of a page."""
    first, second = _words(maker, 8), _words(maker, 9)
    rows = "".join(
        f"<tr><td>{_words(maker, 6)}</td><td>{maker.random.randint(1, 999)}</td></tr>" for _ in range(6)
    )
    table = (
        f"<table><tr><th>名称</th><th>数量</th></tr>{rows}<tr><td>{first}</td><td>{second}</td></tr></table>"
    )
    return f"{number}.html", _page(maker, body=table), first + second, "kept"


def _title(maker: TextMaker, number: int) -> tuple[str, bytes, str, str]:
    """The title of a page, which is in no line of its text and becomes metadata."""
    planted = _words(maker, 14)
    return f"{number}.html", _page(maker, head=f"<title>{planted}</title>"), planted, "kept removed"


def _description(maker: TextMaker, number: int) -> tuple[str, bytes, str, str]:
    """An attribute of a page."""
    planted = _words(maker, 14)
    head = f'<meta name="description" content="{planted}">'
    return f"{number}.html", _page(maker, head=head), planted, "removed"


def _references(maker: TextMaker, number: int) -> tuple[str, bytes, str, str]:
    """A paragraph of a page in which every character is a reference."""
    planted = _words(maker, 14)
    written = "".join(f"&#{ord(character)};" for character in planted)
    return f"{number}.html", _page(maker, body=f"<p>{written}。{maker.text(3)}</p>"), planted, "kept"


def _escapes(maker: TextMaker, number: int) -> tuple[str, bytes, str, str]:
    """A line of JSON in which every character is an escape."""
    planted = _words(maker, 14)
    return f"{number}.jsonl", json.dumps({"text": _around(maker, planted)}).encode(), planted, "kept"


def _field(maker: TextMaker, number: int) -> tuple[str, bytes, str, str]:
    """A field of CSV in which quotation marks are doubled and lines are broken."""
    first, second = _words(maker, 8), _words(maker, 8)
    text = _around(maker, f'{first}""{second}\r\n')
    return f"{number}.csv", f'id,text\r\n1,"{text}"\r\n'.encode(), first + second, "kept"


def _column(maker: TextMaker, number: int) -> tuple[str, bytes, str, str]:
    """Another field than that of the text: it becomes metadata."""
    planted = _words(maker, 14)
    record = {"text": maker.text(20), "title": planted}
    return f"{number}.jsonl", json.dumps(record, ensure_ascii=False).encode(), planted, "kept"


def _member(maker: TextMaker, number: int) -> tuple[str, bytes, str, str]:
    """A compressed file in an archive."""
    planted = maker.sentence(20)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a/b.txt.gz", gzip.compress(_around(maker, planted).encode(), mtime=0))
    return f"{number}.zip", stream.getvalue(), planted, "kept"


def _invisible(maker: TextMaker, number: int) -> tuple[str, bytes, str, str]:
    """Text with invisible characters in it."""
    planted = _words(maker, 12)
    return f"{number}.txt", _around(maker, _ZERO_WIDTH.join(planted)).encode(), planted, "kept"


def _latin(maker: TextMaker, number: int) -> tuple[str, bytes, str, str]:
    """A text that is rejected for a figure of quality: nearly all of it is Latin letters."""
    planted = _words(maker, 14)
    filler = " ".join("".join(maker.random.choices("abcdefghij", k=7)) for _ in range(200))
    return f"{number}.txt", f"{filler} {planted} {filler}".encode(), planted, "rejected"


def _spoiled(maker: TextMaker, number: int) -> tuple[str, bytes, str, str]:
    """A text whose encoding cannot be decided."""
    planted = maker.sentence(20)
    noise = bytes(maker.random.choices(range(128, 256), k=300))
    return f"{number}.txt", noise + _around(maker, planted).encode() + noise, planted, "rejected"


def _withdrawn(maker: TextMaker, number: int) -> tuple[str, bytes, str, str]:
    """A text that is withdrawn after the build."""
    planted = maker.sentence(20)
    return f"withdrawn-{number}.txt", _around(maker, planted).encode(), planted, "withdrawn"


def _absent(maker: TextMaker, number: int) -> tuple[str, bytes, str, str]:
    """Five characters of which four are kept in order."""
    planted = _words(maker, 6)
    return f"{number}.txt", _around(maker, planted[:4] + planted[5]).encode(), planted, ""


def _page(maker: TextMaker, head: str = "", body: str = "") -> bytes:
    paragraphs = "".join(f"<p>{html.escape(maker.text(6))}</p>\n" for _ in range(4))
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'>{head}</head>"
        f"<body><article>{paragraphs}{body}{paragraphs}</article></body></html>"
    ).encode()


SHAPES: Mapping[str, Shape] = {
    "five": _five,
    "border": _border,
    "paragraphs": _paragraphs,
    "traditional": _traditional,
    "wide": _wide,
    "cell": _cell,
    "title": _title,
    "description": _description,
    "references": _references,
    "escapes": _escapes,
    "field": _field,
    "column": _column,
    "member": _member,
    "invisible": _invisible,
    "latin": _latin,
    "spoiled": _spoiled,
    "withdrawn": _withdrawn,
    "absent": _absent,
}


def plant_shapes(folder: Path, count: int, filler: Sequence[str], seed: int = 1) -> list[Planted]:
    """Write a corpus and its recipe into a folder, with ``count`` texts in files of their own."""
    maker = TextMaker(seed)
    planted: list[Planted] = []
    folder.mkdir(parents=True)
    for number in range(count):
        name, shape = list(SHAPES.items())[number % len(SHAPES)]
        file, data, query, fates = shape(maker, number)
        (folder / file).write_bytes(data)
        source = f"{file}/a/b.txt.gz" if file.endswith(".zip") else file
        planted.append(Planted(name, query, frozenset((fate, source, 0) for fate in fates.split())))
    lines = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in filler)
    (folder / "filler.jsonl").write_text(lines, encoding="utf-8")
    recipe = {
        "name": "shapes",
        "sources": [{"path": "."}],
        "chunks": {"max_tokens": 64},
        "quality": {"han_share": {"min": 0.3}},
        "splits": {"test": 0.1},
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    return planted


def build_shapes(folder: Path, out: Path) -> None:
    """Build the corpus, and withdraw the texts that are to be withdrawn."""
    build(folder / "recipe.yaml", out)
    named = sorted(path.name for path in folder.glob("withdrawn-*"))
    request = Request(request="R-1", date="2026-11-27", reason="the author asked", sources=named)
    carry_out(prepare_withdrawal(out, request))
