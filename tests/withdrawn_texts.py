"""A corpus with documents to withdraw and their copies, and a scan of all bytes for what was withdrawn."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import tiktoken
import yaml

from hanpack.resources.folding_table import open_folder
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.tokens.counting import TiktokenCounter
from hanpack.steps.traced import code_points
from hanpack.store.manifest import SIGNATURES
from hanpack.store.part_files import read_part_file
from hanpack.store.parts import PartCache
from tests.planted_texts import TextMaker
from tests.sample_corpus import copy_text

# The folded characters of a part of a text that is looked for.
GRAM = 10
# The first bytes of a pattern that are looked for first; no pattern is shorter.
HEAD = 16
ENCODINGS = ("utf-8", "utf-16-le", "gb18030")


@dataclass(frozen=True, slots=True)
class Corpus:
    """A corpus: its recipe, the texts to withdraw by source, and the sources of their copies.

    ``quotes`` are texts with a line break for the quotation, by source, of other documents that quote one.
    """

    recipe: Path
    texts: dict[str, str]
    copies: Sequence[str]
    quotes: Mapping[str, str]

    def remove_from(self, folder: Path) -> Path:
        """Copy the corpus into a folder without these documents and quotations; returns the recipe there."""
        shutil.copytree(self.recipe.parent, folder)
        for name in (*self.texts, *self.copies):
            (folder / name).unlink()
        for name, text in self.quotes.items():
            (folder / name).write_text(text, encoding="utf-8")
        (folder / "withdrawals.jsonl").unlink(missing_ok=True)
        return folder / self.recipe.name


def make_corpus(
    folder: Path,
    documents: int,
    copies: int,
    filler: Sequence[str],
    seed: int = 1,
    *,
    quotes: int = 0,
    **keys: object,
) -> Corpus:
    """Write documents, copies of them of all kinds, and filler, each into a file of its own.

    So many other documents quote one: sentences of at least 80 characters, every second time in Traditional
    characters. ``keys`` are keys of the recipe.
    """
    maker = TextMaker(seed)
    texts: dict[str, str] = {}
    names: list[str] = []
    pages = folder / "texts"
    pages.mkdir(parents=True)
    for number, text in enumerate(filler):
        (pages / f"{number * 37 % len(filler):05d}-filler.txt").write_text(text, encoding="utf-8")
    for number in range(documents):
        name = f"texts/{number * 613 % 100_000:05d}-document.txt"
        texts[name] = maker.text(maker.random.randint(2, 40))
        (folder / name).write_text(texts[name], encoding="utf-8")
    originals = list(texts.values())
    for number in range(copies):
        names.append(f"texts/{number * 811 % 100_000:05d}-copy.txt")
        copied = copy_text(originals[number % documents], number % 4, maker.random)
        (folder / names[-1]).write_text(copied, encoding="utf-8")
    quoting: dict[str, str] = {}
    for number in range(quotes):
        before, after = maker.text(8), maker.text(8)
        sentences = originals[number % documents].split("。")[:-1]
        start = maker.random.randrange(max(len(sentences) - 8, 1))
        quote = "。".join(sentences[start : start + 8]) + "。"
        name = f"texts/{number * 457 % 100_000:05d}-quote.txt"
        quoting[name] = f"{before}\n{after}"
        written = maker.to_traditional(quote) if number % 2 else quote
        (folder / name).write_text(before + written + after, encoding="utf-8")
    recipe = {
        "name": "withdrawn",
        "sources": [{"path": "texts"}],
        "more": {"chunks_small": {"max_tokens": 64, "headings": True}},
        "packed": {"tokens": 256},
        "shard_size": 200_000,
        **keys,
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    return Corpus(folder / "recipe.yaml", texts, names, quoting)


def find_remains(folders: Sequence[Path], texts: Sequence[str]) -> list[str]:
    """The files below some folders that have a part of a text: in their bytes, or in their values, folded."""
    fold = open_folder().fold
    maker = TextMaker(0)
    sentences = {sentence for text in texts for sentence in text.split("。") if len(sentence) > 8}
    written = {form for sentence in sentences for form in (sentence, maker.to_traditional(sentence))}
    patterns = [form.encode(encoding) for form in written for encoding in ENCODINGS]
    heads = np.concatenate([_hash_windows(_read_bytes(pattern[:HEAD]), HEAD) for pattern in patterns])
    assert len(heads) == len(patterns)
    folded = [fold(text).text for text in texts]
    grams = np.concatenate([_hash_grams(text) for text in folded])
    assert len(grams) > 10
    remains = []
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    assert files
    for path in files:
        data = path.read_bytes()
        values = fold("\n".join(_read_values(path, data))).text
        # To look for thousands of patterns one by one takes minutes: most files have the head of none.
        has_head = np.isin(_hash_windows(_read_bytes(data), HEAD), heads).any()
        if np.isin(_hash_grams(values), grams).any() or (
            has_head and any(pattern in data for pattern in patterns)
        ):
            remains.append(str(path))
    return remains


def _hash_grams(text: str) -> npt.NDArray[np.uint64]:
    """A hash of every part of ``GRAM`` characters of a text."""
    return _hash_windows(code_points(text), GRAM)


def _read_bytes(data: bytes) -> npt.NDArray[np.uint8]:
    return np.frombuffer(data, np.uint8)


def _hash_windows(codes: npt.NDArray[Any], width: int) -> npt.NDArray[np.uint64]:
    """A hash of every ``width`` successive codes."""
    count = max(len(codes) - width + 1, 0)
    hashes = np.zeros(count, np.uint64)
    for offset in range(width):
        hashes = (hashes ^ codes[offset : offset + count].astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        hashes ^= hashes >> np.uint64(29)
    return hashes


def _read_values(path: Path, data: bytes) -> Iterator[str]:
    """All strings in a file: the values of its tables, and the texts of its sequences."""
    if path.suffix == ".parquet":
        yield from _list_strings(pq.read_table(path, partitioning=None).to_pylist())
    elif path.suffix == ".part" or path.name == PartCache(path).index.name:
        for table in read_part_file(path).values():
            yield from _list_strings(table.to_pylist())
    else:
        yield data.decode("utf-8", "replace")
        if path.suffix == ".json":
            yield from _list_strings(json.loads(data))


def _list_strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from [_open_encoding().decode(inner)] if name == "input_ids" else _list_strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _list_strings(inner)


@lru_cache(maxsize=1)
def _open_encoding() -> tiktoken.Encoding:
    return TiktokenCounter(load_vocabulary("o200k_base")).encoding


def hash_tables(hashes: dict[str, str]) -> dict[str, str]:
    """Of the hashes of a build's files, those of the signatures and of all shards but those of the ledger."""
    return {
        path: digest
        for path, digest in hashes.items()
        if path == SIGNATURES or (path.startswith("data/") and not path.startswith("data/ledger/"))
    }
