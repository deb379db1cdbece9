"""Measures the memory of a build and of verify for one very large record.

    python benchmarks/memory.py [KIND ...] [--data DATA] [--megabytes 60] [--commands build verify]

The record is a line of a text file (``line``), the same with an edit in every 30 bytes (``edited``), in
GBK (``gbk``), with damage in every sentence (``damaged``), in Traditional characters that are converted to
Simplified ones (``converted``) or in Simplified characters that are converted to those of Taiwan
(``taiwan``), a line of JSON Lines (``json``), the same in an array of JSON (``array``), a page (``page``) or
a page without a line end (``page line``), made of the sentences of DATA (by default ../shared/data/corpora),
or of seeds/ if there is none.
Printed is the peak of the processes of a command together (proportional set size, so that shared pages count
once), less the peak for a record of 10 kB of the same kind, divided by the bytes of the record.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.flow import ROOT, read_corpus, run_command

SMALL = 10_000


def mix_sentences(texts: Sequence[str], size: int, seed: str) -> Iterator[str]:
    """Sentences of some texts in random order, about ``size`` bytes of UTF-8 altogether."""
    chance = random.Random(seed)
    sentences = [
        part
        for text in texts
        for line in text.splitlines()
        for part in line.replace("。", "。\0").split("\0")
        if part
    ]
    while size > 0:
        sentence = chance.choice(sentences)
        size -= len(sentence.encode())
        yield sentence


def _make_line(simplified: Sequence[str], _: Sequence[str], size: int) -> str:
    return "".join(mix_sentences(simplified, size, "line")) + "\n"


def _make_edited(simplified: Sequence[str], _: Sequence[str], size: int) -> str:
    """Nine characters, then one that is removed: an edit in every 30 bytes."""
    text = "".join(mix_sentences(simplified, size * 9 // 10, "edited"))
    return "\u200b".join(text[start : start + 9] for start in range(0, len(text), 9)) + "\n"


def _make_converted(_: Sequence[str], traditional: Sequence[str], size: int) -> str:
    return "".join(mix_sentences(traditional, size, "converted")) + "\n"


def _make_damaged(simplified: Sequence[str], _: Sequence[str], size: int) -> str:
    """Sentences with an annotation whose end is lost, or whose bytes were read as Latin-1."""
    text = []
    for number, sentence in enumerate(mix_sentences(simplified, size * 4 // 5, "damaged")):
        if number % 4:
            middle = len(sentence) // 2
            text.append(f"{sentence[:middle]}高質(zhì)量三?！敝С{sentence[middle:]}")
        else:
            text.append(sentence.encode().decode("latin-1"))
    return "".join(text) + "\n"


def _make_json(simplified: Sequence[str], _: Sequence[str], size: int) -> str:
    text = "\n".join(mix_sentences(simplified, size, "json"))
    return json.dumps({"text": text}, ensure_ascii=False) + "\n"


def _make_array(simplified: Sequence[str], traditional: Sequence[str], size: int) -> str:
    return f"[{_make_json(simplified, traditional, size)}]\n"


def _make_page(simplified: Sequence[str], _: Sequence[str], size: int, end: str = "\n") -> str:
    paragraphs = (f"<p>{sentence}</p>{end}" for sentence in mix_sentences(simplified, size, "page"))
    head = (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>报告</title></head><body><div class="main">'
    )
    return f"{head}<h1>报告</h1>{end}{''.join(paragraphs)}</div></body></html>{end}"


def _make_page_line(simplified: Sequence[str], traditional: Sequence[str], size: int) -> str:
    return _make_page(simplified, traditional, size, end="")


Maker = Callable[[Sequence[str], Sequence[str], int], str]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record: what makes its text, its file, how that is cut, and the script of the recipe."""

    make: Maker
    name: str = "text.txt"
    records: str = "line"
    script: str = "keep"
    encoding: str = "utf-8"


KINDS: Mapping[str, Kind] = {
    "line": Kind(_make_line),
    "edited": Kind(_make_edited),
    "gbk": Kind(_make_line, encoding="gb18030"),
    "damaged": Kind(_make_damaged),
    "converted": Kind(_make_converted, script="hans"),
    "taiwan": Kind(_make_line, script="tw"),
    "json": Kind(_make_json, "text.jsonl"),
    "array": Kind(_make_array, "text.json"),
    "page": Kind(_make_page, "text.html", "file"),
    "page line": Kind(_make_page_line, "text.html", "file"),
}


def write_source(folder: Path, kind: str, corpus: tuple[list[str], list[str]], size: int) -> int:
    """Write a source with one record, and its recipe; returns the bytes of the record."""
    chosen = KINDS[kind]
    folder.mkdir()
    data = chosen.make(*corpus, size).encode(chosen.encoding)
    (folder / chosen.name).write_bytes(data)
    source = (
        {"path": chosen.name} if ".json" in chosen.name else {"path": chosen.name, "records": chosen.records}
    )
    recipe = {
        "name": "memory",
        "root": ".",
        "sources": [source],
        "steps": {"page": True, "repair": True, "controls": True, "spaces": True, "script": chosen.script},
        "chunks": {"max_tokens": 512},
        "duplicates": {"drop": "near"},
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    return len(data)


def measure(folder: Path, commands: Sequence[str]) -> dict[str, int]:
    """The peak memory of each command in bytes, by its name."""
    out = folder / "out"
    arguments = {
        "build": ["build", str(folder / "recipe.yaml"), "-o", str(out), "--num-proc", "1", "--fresh"],
        "verify": ["verify", str(out), "--sources", str(folder)],
    }
    return {command: run_command(*arguments[command])[2] << 20 for command in commands}


def main() -> None:
    """Print a line for each kind of record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], metavar="KIND")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/corpora")
    parser.add_argument("--megabytes", type=float, default=60)
    parser.add_argument("--commands", nargs="+", default=["build", "verify"])
    options = parser.parse_args()
    corpus = read_corpus(options.data)
    numbers = count()
    with tempfile.TemporaryDirectory() as name:
        for kind in options.kinds or KINDS:
            small, large = (Path(name, f"{next(numbers)}") for _ in range(2))
            write_source(small, kind, corpus, SMALL)
            size = write_source(large, kind, corpus, int(options.megabytes * 1e6))
            peaks, baselines = measure(large, options.commands), measure(small, options.commands)
            figures = ", ".join(
                f"{command} {(peaks[command] - baselines[command]) / size:.1f} times"
                f" ({peaks[command] >> 20} MB, {baselines[command] >> 20} MB for 10 kB)"
                for command in options.commands
            )
            print(f"{kind}, {size / 1e6:.1f} MB: {figures}", flush=True)


if __name__ == "__main__":
    main()
