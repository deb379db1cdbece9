"""Random inputs for the flow and the readers, and the laws that hold for every input."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hanpack.errors import RecordError
from hanpack.flow import prepare, process_record
from hanpack.model import DocumentRow, Outcome, Record, Source
from hanpack.recipe import Recipe, parse_recipe
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.chunk import ChunkSettings, split_text
from hanpack.steps.decode import decode, detect
from hanpack.tools import Tools, prepare_tools
from tests.hostile_texts import HOSTILE_TEXTS
from tests.sources.reading import assert_covers, read_source

ENCODINGS = ("utf-8", "utf-8", "utf-8", "gb18030", "big5", "utf-16-le", "euc_kr", "shift_jis", "cp1252")
SUFFIXES = (".txt", ".md", ".html", ".jsonl", ".json", ".csv", ".txt.gz", ".parquet")
_PIECES = (
    *"甲乙一1aX*?？!！。，、：:;()（）“”\"'「」<>[]{}#\\/\t\n\r 錄乾后",
    *"\u3000\x00\u0301\u200b\u200d\ufeff\ufffd",
    *(
        "\r\n",
        "\n\n",
        "第一条　",
        "一、工作回顾",
        "（一）",
        "1.1 ",
        "一是",
        "报告工作情况，",
        "坚持真抓实干。",
        "臺灣鄉鎮",
    ),
    *(
        "創(chuàng)新",
        "炬?zhèn)鬟f",
        "三?！敝С龅拙€",
        "?！",
        "甲?!乙",
        "锟斤拷",
        "鎻愰珮浜烘皯",
        "æ•°æ\u008d®",
        "ρԱ",
    ),
    *(
        "<html><body>",
        "<p>",
        "</p>",
        "<div>",
        "<table><tr><td>",
        "<!--",
        "<script>",
        "&amp;",
        "&#x4e2d;",
        "<a href=a>",
    ),
    *(
        '<td id="postmessage_1">',
        "<title>",
        "查看: 1|回复: 0\n",
        "Powered by Discuz!",
        "返回列表",
        "发表于 2024-1-1",
    ),
    *(
        "来源：日报",
        "责任编辑：",
        "扫一扫在手机打开当前页",
        "```\n",
        "| 甲 | 乙 |\n",
        "- 甲\n",
        "http://a.example/甲",
        "a@b.example",
    ),
    *(
        "XX镇",
        "***",
        "D委",
        "5%",
        "１２",
        "\U0001f469\u200d\U0001f467",
        "\U00020000",
        "\uf900",
        "e\u0301",
        '{"text": "',
        '"}',
    ),
)
_MISREADINGS = (
    *(
        ("utf-8", "gb18030"),
        ("utf-8", "gbk"),
        ("utf-8", "cp1252"),
        ("gb18030", "cp1252"),
        ("gb18030", "gb18030"),
    ),
    *(("gb18030", "utf-8"), ("big5", "gb18030"), ("utf-8", "big5"), ("utf-8", "latin-1")),
)
_MOST_PIECES = 40
_MOST_RANDOM_BYTES = 60
_LONGEST_PUMP = 400
# One input in so many is a file, one in so many is processed a second time, and one is taken for a page.
_FILES, _REPLAYS, _PAGES = 50, 20, 10


def make_text(chance: random.Random) -> str:
    """A short text: pieces that steps look for, in any order; now and then a text made to be slow."""
    if chance.random() < 0.05:
        pump = chance.choice(list(HOSTILE_TEXTS.values()))
        return pump.make(chance.randrange(_LONGEST_PUMP))
    pieces: Sequence[str] = chance.choices(_PIECES, k=chance.randrange(_MOST_PIECES))
    # Pages cost most, since an extractor reads them.
    if chance.randrange(_PAGES):
        pieces = [piece for piece in pieces if not piece.startswith("<")]
    text = "".join(pieces)
    if chance.random() < 0.2:
        # A stretch of one character of another script among the pieces.
        text = chance.choice((text, text[:30], "提高人民生活水平推进创新发展质量")) + chance.choice(
            ("", *"é一Жｱ한　😀ก…")
        ) * chance.randrange(200)
        text = damage(chance, text * chance.choice((1, 1, 1, 5)))
    return text


def damage(chance: random.Random, text: str) -> str:
    """A text whose bytes were read in the wrong encoding, some of them after a byte was lost or put in."""
    written, read = chance.choice(_MISREADINGS)
    data = bytearray(text.encode(written, "replace"))
    for _ in range(chance.randrange(4)):
        place = chance.randrange(len(data) + 1)
        data[place : place + chance.randrange(2)] = chance.choice((b"", b"?", b"\xa3\xa1"))
    return bytes(data).decode(read, chance.choice(("replace", "ignore")))


def make_bytes(chance: random.Random, encoding: str) -> bytes:
    """The bytes of a text, some of them changed, or random bytes."""
    kind = chance.random()
    if kind < 0.1:
        return chance.randbytes(chance.randrange(_MOST_RANDOM_BYTES))
    data = bytearray(make_text(chance).encode(encoding, "replace"))
    if kind < 0.3 and data:
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    if kind < 0.4 and data:
        del data[chance.randrange(len(data)) :]
    return bytes(data)


class Fuzzer:
    """Makes inputs from a seed and checks the laws on each; ``folder`` is for the files among them."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.chance = random.Random(seed)
        self.folder = folder
        self.tools = [_make_tools(steps, chunks) for steps, chunks in _OPTIONS]

    def check_next(self) -> bytes:
        """Make the next input and check it; returns it.

        Raises:
            AssertionError: a law does not hold.
        """
        encoding = self.chance.choice(ENCODINGS)
        self.data = data = make_bytes(self.chance, encoding)
        if not self.chance.randrange(_FILES):
            self._check_file(data, encoding)
        elif self.chance.random() < 0.1:
            check_detection(data, self.tools[0])
        else:
            self._check_record(data, encoding)
        return self.data

    def _check_record(self, data: bytes, encoding: str) -> None:
        chance = self.chance
        tools = chance.choice(self.tools)
        wrapping = "json" if chance.random() < 0.2 else "plain"
        if wrapping == "json" and chance.random() < 0.8:
            encoding = "utf-8"
            self.data = data = json.dumps(
                {"text": make_text(chance), "id": 1}, ensure_ascii=chance.random() < 0.5
            ).encode()
        record = make_record(data, encoding, wrapping, chance.choice((0, 7)), chance.choice((0, 1, 99)))
        outcome = process_record(record, tools)
        check_outcome(outcome, tools)
        if not chance.randrange(_REPLAYS):
            again = process_record(record, tools)
            assert _comparable(again) == _comparable(outcome)

    def _check_file(self, data: bytes, encoding: str) -> None:
        chance = self.chance
        path = self.folder / f"a{chance.choice(SUFFIXES)}"
        path.write_bytes(data)
        records = read_source(path, encoding)
        if records and path.suffix in (".txt", ".md", ".html", ".jsonl") and records[0].fault is None:
            assert_covers(records, data)


_OPTIONS: Sequence[tuple[dict[str, object], dict[str, object]]] = (
    ({}, {"max_tokens": 64}),
    (
        {
            **dict.fromkeys(("controls", "nfc", "width", "quotes", "evasions", "phrases"), True),
            "script": "hans",
            "redactions": "某",
        },
        {"max_tokens": 32, "policy": "structure", "overlap": 8, "headings": True},
    ),
    ({"page": False, "script": "tw", "width": True}, {"max_tokens": 24, "minimum": 6}),
)


def _make_tools(steps: dict[str, object], chunks: dict[str, object]) -> Tools:
    content = {"name": "a", "sources": [{"path": "a"}], "steps": steps, "chunks": chunks}
    recipe: Recipe = parse_recipe(content, "recipe")
    return prepare_tools(recipe, load_vocabulary("o200k_base"), load_ngram_model())


def make_record(data: bytes, encoding: str, wrapping: str, byte_start: int, max_invalid: int) -> Record:
    """A record of a source, that begins at a byte of it."""
    source = Source("a.txt", "0" * 64, byte_start + len(data), encoding)
    return Record(
        source=source,
        index=0,
        byte_start=byte_start,
        byte_end=byte_start + len(data),
        data=data,
        wrapping=wrapping,  # type: ignore[arg-type]
        column="text",
        max_invalid=max_invalid,
    )


def check_outcome(outcome: Outcome, tools: Tools) -> None:
    """Every byte of a record is accounted for, and a document has all that a build says of it."""
    removed = sum(outcome.bytes_removed.values())
    assert outcome.bytes_kept + removed == outcome.record.size
    assert min([outcome.bytes_kept, *outcome.bytes_removed.values()]) >= 0
    assert (outcome.state == "kept") == (outcome.document is not None) == (outcome.reason is None)
    if outcome.document is not None:
        check_document(outcome.document, outcome.record, tools)


def check_document(document: DocumentRow, record: Record, tools: Tools) -> None:
    """The alignment tiles text and bytes; edits are in them; chunks cover the text within their budgets."""
    text = document.text
    assert text.strip()
    breaks, bytes_of_breaks = document.alignment.text, document.alignment.source
    assert (breaks[0], breaks[-1]) == (0, len(text))
    assert (bytes_of_breaks[0], bytes_of_breaks[-1]) == (record.byte_start, record.byte_end)
    assert (np.diff(breaks) >= 0).all()
    assert (np.diff(bytes_of_breaks) >= 0).all()
    for row in document.edits.rows():
        assert 0 <= row.start <= row.end <= len(text)
        assert record.byte_start <= row.byte_start <= row.byte_end <= record.byte_end
    for name, chunks in document.chunks.items():
        position = 0
        for chunk in chunks:
            assert chunk.start <= position < chunk.end
            assert chunk.text[chunk.heading_characters :] == text[chunk.start : chunk.end]
            assert tools.counter.count(chunk.text) == chunk.token_count
            assert chunk.token_count <= tools.chunk_settings[name].max_tokens
            position = chunk.end
        assert position == len(text)


def check_detection(data: bytes, tools: Tools) -> None:
    """Bytes whose encoding is detected can be decoded, normalised and split, or are refused with a reason."""
    detected = detect(data)
    if detected.encoding is None:
        assert detected.reason
        return
    try:
        traced = decode(data, detected.encoding, 0, 0)
    except RecordError:
        return
    assert traced.alignment.length == len(traced.text)
    prepared = prepare(traced, tools.steps)
    chunks = split_text(prepared.text, tools.counter, ChunkSettings(max_tokens=20)).chunks
    assert "".join(prepared.text[chunk.start : chunk.end] for chunk in chunks) == prepared.text


def _comparable(outcome: Outcome) -> tuple[object, ...]:
    document = outcome.document
    if document is None:
        return outcome.state, outcome.reason, outcome.bytes_kept, dict(outcome.bytes_removed)
    alignment = document.alignment.text.tolist(), document.alignment.source.tolist()
    return document.text, alignment, list(document.edits.rows()), document.chunks, dict(document.metadata)
