"""A corpus with texts whose fates are known, for tests and proofs of ``find`` and ``withdraw``.

Every planted text is drawn at random from common characters, so that it is nowhere else.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import yaml
from opencc import OpenCC

from hanpack.store.reader import BuildReader
from hanpack.views.finding.places import Answer
from tests.sample_corpus import read_paragraphs

# The fates that are planted: what is kept of a page is only known from its build.
FATES = ("kept", "copied", "passage", "chrome", "rejected", "absent")
_MARKS = str.maketrans("，。", ",.")
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True, slots=True)
class Planted:
    """A planted text: how it was planted, what to ask for, and where it is: fate, source, record."""

    kind: str
    query: str
    expected: frozenset[tuple[str, str, int]]


class TextMaker:
    """Makes texts of random sentences. The characters are those of real reports, so that they convert."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        characters = {character for text in read_paragraphs(200) for character in text}
        self._characters = sorted(character for character in characters if "\u4e00" <= character <= "\u9fa5")
        self.to_traditional: Callable[[str], str] = OpenCC("s2t").convert

    def sentence(self, length: int = 16) -> str:
        """A sentence of that many characters, with a number and a comma in it."""
        words = "".join(self.random.choices(self._characters, k=length - 3))
        half = length // 2
        return f"{words[:half]}，{self.random.randint(100, 999)}{words[half:]}。"

    def text(self, sentences: int) -> str:
        """A text of sentences."""
        return "".join(self.sentence(self.random.randint(12, 24)) for _ in range(sentences))

    def disguise(self, text: str) -> str:
        """The same text in another spelling: script, width, punctuation and spaces."""
        kind = self.random.randrange(5)
        if kind == 1:
            return self.to_traditional(text)
        if kind == 2:
            return text.translate(_MARKS).translate(_WIDE)
        if kind == 3:
            return "\u3000".join(text)
        if kind == 4:
            return self.to_traditional(text.replace("，", "").replace("。", "\n"))
        return text


def plant_texts(folder: Path, count: int, filler: Sequence[str], seed: int = 1) -> list[Planted]:
    """Write a corpus and its recipe into a folder, with ``count`` texts among the filler.

    A text of a page is expected where the build has it: see :func:`expect_page_texts`.
    """
    maker = TextMaker(seed)
    planted: list[Planted] = []
    first: list[bytes] = []
    second: list[bytes] = []
    pages: dict[str, str] = {}
    filler_texts = iter(filler)
    for number in range(count):
        kind = FATES[number % len(FATES)]
        texts = maker.text(12), maker.text(6), maker.text(6)
        query = maker.disguise(texts[1][: maker.random.randint(6, 60)])
        expected: set[tuple[str, str, int]] = set()
        if kind == "kept":
            expected.add(("kept", "first.jsonl", len(first)))
            first.append(_to_line("".join(texts)))
        elif kind == "copied":
            expected.add(("kept", "first.jsonl", len(first)))
            first.append(_to_line("".join(texts)))
            expected.add(("duplicate", "second.jsonl", len(second)))
            second.append(_to_line(maker.to_traditional("".join(texts))))
        elif kind == "passage":
            expected.add(("kept", "first.jsonl", len(first)))
            first.append(_to_line("".join(texts) + maker.text(20)))
            expected.add(("removed", "second.jsonl", len(second)))
            second.append(_to_line(maker.text(12) + texts[1] + maker.text(8)))
        elif kind == "chrome":
            name = f"pages/{number:04d}.html"
            expected.add(("chrome", name, 0))
            pages[name] = _make_page(maker.text(30), texts[1])
        elif kind == "rejected":
            expected.add(("rejected", "second.jsonl", len(second)))
            line = _to_line("".join(texts))
            damage = number // len(FATES) % 3
            second.append(
                (line[:-2], line.replace("。".encode(), b"\xff", 1), b'{"text": null} ' + line)[damage]
            )
        planted.append(Planted(kind, query, frozenset(expected)))
        # The filler is between the planted texts, so that these are in several batches and shards.
        for lines in (first, second):
            lines += [_to_line(text) for text in _take(filler_texts, len(filler) // (2 * count))]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "first.jsonl").write_bytes(b"\n".join(first) + b"\n")
    (folder / "second.jsonl").write_bytes(b"\n".join(second) + b"\n")
    for name, page in pages.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(page, encoding="utf-8")
    recipe = {
        "name": "planted",
        "sources": [{"path": "first.jsonl"}, {"path": "second.jsonl"}, {"path": "pages"}],
        "duplicates": {"passages": "remove"},
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    return planted


def expect_page_texts(planted: Sequence[Planted], out: Path, fold: Callable[[str], str]) -> list[Planted]:
    """The planted texts, those of pages as the build has them: kept, or removed by the step ``html``."""
    pages: Mapping[str, str] = {
        row.values["source"]: fold(row.values["text"])
        for row in BuildReader.open(out).read_rows("documents", ["source", "text"])
        if row.values["source"].startswith("pages/")
    }

    def expect(text: Planted) -> Planted:
        if text.kind != "chrome":
            return text
        ((_, source, record),) = text.expected
        fate = "kept" if fold(text.query) in pages[source] else "removed"
        return Planted(text.kind, text.query, frozenset([(fate, source, record)]))

    return [expect(text) for text in planted]


def list_fates(answer: Answer) -> frozenset[tuple[str, str, int | None]]:
    """The fate, source and record of every place of an answer."""
    return frozenset((place.fate, place.source, place.record) for place in answer.places)


def read_filler(folder: Path, size: int) -> list[str]:
    """Real documents of about ``size`` bytes together."""
    texts: list[str] = []
    for path in sorted(folder.glob("*.jsonl.gz")):
        for line in gzip.decompress(path.read_bytes()).splitlines():
            texts.append(json.loads(line)["text"])
            size -= len(line)
            if size <= 0:
                return texts
    return texts


def _to_line(text: str) -> bytes:
    return json.dumps({"text": text}, ensure_ascii=False).encode()


def _take(texts: Iterator[str], number: int) -> Iterator[str]:
    for _, text in zip(range(number), texts, strict=False):
        yield text


def _make_page(article: str, chrome: str) -> str:
    """A page with an article, and a text in its sidebar, tags and entities between its characters."""
    paragraphs = "".join(f"<p>{article[start : start + 90]}</p>\n" for start in range(0, len(article), 90))
    marked = chrome.replace("，", "<b>&nbsp;</b>，")
    return (
        "<!DOCTYPE html><html><head><title>页面</title></head><body>"
        f"<div class='nav'><a href='/'>首页</a></div><div class='article'>{paragraphs}</div>"
        f"<div class='sidebar'><ul><li><a href='/x'>{marked}</a></li></ul></div>"
        "<footer>版权所有</footer></body></html>"
    )
