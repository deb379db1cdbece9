"""Random texts and bytes for the flow: pieces that steps look for, and real samples that are mutated."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from functools import cache

from tests.conftest import CASES, ROOT
from tests.hostile_texts import HOSTILE_TEXTS

ENCODINGS = ("utf-8", "utf-8", "utf-8", "gb18030", "big5", "utf-16-le", "euc_kr", "shift_jis", "cp1252")
# Groups of pieces, and the last of them what begins a search for shifts, which costs ten times all the rest.
# A text has pieces of some groups only, so that no kind of damage hides what another does: see Groce et al.
# (2012), "Swarm testing", doi:10.1145/2338965.2336763.
_PIECES: Sequence[Sequence[str]] = (
    "甲乙一1aX*!！。，、：:;",
    "()（）“”\"'「」<>[]{}#\\/\t\n\r 錄乾后",
    "\u3000\x00\u0301\u200b\u200d\ufeff\ufffd",
    (
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
    (
        "锟斤拷",
        "鎻愰珮浜烘皯",
        "æ•°æ\u008d®",
        "ρԱ",
    ),
    (
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
    (
        '<td id="postmessage_1">',
        "<title>",
        "查看: 1|回复: 0\n",
        "Powered by Discuz!",
        "返回列表",
        "发表于 2024-1-1",
    ),
    (
        "来源：日报",
        "责任编辑：",
        "扫一扫在手机打开当前页",
        "```\n",
        "| 甲 | 乙 |\n",
        "- 甲\n",
        "http://a.example/甲",
        "a@b.example",
        "手机13812345678，",
        "邮箱li@qingjiang.com ",
    ),
    (
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
    (
        "?",
        "創(chuàng)新",
        "炬?zhèn)鬟f",
        "三?！敝С龅拙€",
        "?！",
        "甲?!乙",
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
_LONGEST_SAMPLE, _LONGEST_INSERTION = 300, 30
# One text in so many may be taken for a page, one in so many has a "?" where a character cannot be encoded.
_PAGES, _QUESTION_MARKS = 10, 10
_GROUP_SHARE, _SHIFT_SHARE = 0.5, 0.15


def make_text(chance: random.Random, sample_share: float = 0.0) -> str:
    """A short text: pieces in any order, now and then a text made to be slow; a share are mutated samples."""
    if chance.random() < 0.05:
        pump = chance.choice(list(HOSTILE_TEXTS.values()))
        return pump.make(chance.randrange(_LONGEST_PUMP))
    text = mutate_sample(chance) if chance.random() < sample_share else join_pieces(chance)
    if chance.random() < 0.2:
        # A stretch of one character of another script among the pieces.
        text = chance.choice((text, text[:30], "提高人民生活水平推进创新发展质量")) + chance.choice(
            ("", *"é一Жｱ한　😀ก…")
        ) * chance.randrange(200)
        text = damage(chance, text * chance.choice((1, 1, 1, 5)))
    return text


def join_pieces(chance: random.Random) -> str:
    """Pieces of some groups, in any order."""
    *groups, shifts = _PIECES
    groups = [group for group in groups if chance.random() < _GROUP_SHARE] or groups[:1]
    if chance.random() < _SHIFT_SHARE:
        groups.append(shifts)
    pieces = [piece for group in groups for piece in group]
    # Pages cost most, since an extractor reads them.
    if chance.randrange(_PAGES):
        pieces = [piece for piece in pieces if not piece.startswith("<")] or ["<"]
    return "".join(chance.choices(pieces, k=chance.randrange(_MOST_PIECES)))


def mutate_sample(chance: random.Random) -> str:
    """A part of a real text with a few changes: characters lost, repeated, or taken from anywhere."""
    samples = read_samples()
    sample = chance.choice(samples)
    start = chance.choice((0, chance.randrange(len(sample))))
    text = sample[start : start + chance.randrange(1, _LONGEST_SAMPLE)]
    for _ in range(chance.randrange(4)):
        place = chance.randrange(len(text) + 1)
        end = place + chance.choice((0, 0, 1, 2, chance.randrange(_LONGEST_INSERTION)))
        other = chance.choice(samples)
        other_start = chance.randrange(len(other))
        inserted = chance.choice(
            (
                "",
                text[place:end] * 2,
                other[other_start : other_start + chance.randrange(_LONGEST_INSERTION)],
                chance.choice(chance.choice(_PIECES)),
                chr(chance.choice((chance.randrange(0x80), chance.randrange(0x20000)))),
            )
        )
        text = text[:place] + inserted + text[end:]
    return text


@cache
def read_samples() -> Sequence[str]:
    """The texts of the seeds and of the test cases, in a fixed order."""
    samples: list[str] = []
    for path in [*sorted((ROOT / "seeds").iterdir()), *sorted(CASES.rglob("*"))]:
        if path.suffix in (".txt", ".md", ".html", ".rst", ".csv", ".js"):
            samples.append(path.read_bytes().decode("utf-8", "replace"))
        elif path.suffix == ".jsonl":
            for line in path.read_text(encoding="utf-8").splitlines():
                samples += _find_strings(json.loads(line))
    return [sample for sample in samples if sample]


def _find_strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _find_strings(part)


def damage(chance: random.Random, text: str) -> str:
    """A text whose bytes were read in the wrong encoding, some of them after a byte was lost or put in."""
    written, read = chance.choice(_MISREADINGS)
    data = bytearray(encode(chance, text, written))
    for _ in range(chance.randrange(4)):
        place = chance.randrange(len(data) + 1)
        data[place : place + chance.randrange(2)] = chance.choice((b"", b"?", b"\xa3\xa1"))
    return bytes(data).decode(read, chance.choice(("replace", "ignore")))


def make_bytes(chance: random.Random, encoding: str, sample_share: float = 0.0) -> bytes:
    """The bytes of a text, some of them changed, or random bytes."""
    kind = chance.random()
    if kind < 0.1:
        return chance.randbytes(chance.randrange(_MOST_RANDOM_BYTES))
    data = bytearray(encode(chance, make_text(chance, sample_share), encoding))
    if kind < 0.3 and data:
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    if kind < 0.4 and data:
        del data[chance.randrange(len(data)) :]
    return bytes(data)


def encode(chance: random.Random, text: str, encoding: str) -> bytes:
    """A text in an encoding, most often without the characters that it does not have."""
    return text.encode(encoding, "ignore" if chance.randrange(_QUESTION_MARKS) else "replace")
