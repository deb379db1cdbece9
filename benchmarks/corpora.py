"""Makes corpora of any size by mixing sentences; memory does not grow with them.

    python benchmarks/corpora.py FOLDER MEGABYTES [--seed 0] [--data DATA] [--copies 0.03]
        [--lengths 300 3000 30000] [--compress]

FOLDER gets JSON Lines files of at most 256 MB and the recipe that ``hanpack init`` writes. The documents have
about 300, 3,000 and 30,000 characters, or ``--lengths``, each length with as many bytes as the others; their
sentences are drawn from DATA (by default ../shared/data/corpora, else seeds/): in one document in eight from
the Traditional ones. A share of the documents are copies of an earlier one, of these one in four an exact
copy, the others with one character in a hundred changed. The same arguments give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from gzip import GzipFile
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO, cast

import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.flow import LENGTHS, ROOT, make_recipe, read_corpus

FILE_BYTES = 256_000_000
# So many earlier documents can have copies, chosen evenly from all before.
REMEMBERED = 20_000
TRADITIONAL, EXACT, CHANGED = 1 / 8, 1 / 4, 1 / 100


@dataclass(frozen=True, slots=True)
class MadeCorpus:
    """A corpus: its recipe, the MB of its texts, and the numbers of its documents and copies."""

    recipe: Path
    megabytes: float
    documents: int
    copies: int


def mix_documents(
    sentences: Sequence[Sequence[str]], chance: random.Random, lengths: Sequence[int] = LENGTHS
) -> Iterator[str]:
    """Documents of shuffled sentences, without end; those of each length have as many characters together."""
    simplified, traditional = sentences
    weights = [max(lengths) / length for length in lengths]
    while True:
        pool = traditional if traditional and chance.random() < TRADITIONAL else simplified
        left = chance.choices(lengths, weights)[0]
        document: list[str] = []
        while left > 0:
            drawn = chance.choices(pool, k=min(8, 1 + left // 40))
            document += [*drawn, "\n"]
            left -= sum(map(len, drawn))
        yield "".join(document)


def plant_copies(texts: Iterator[str], share: float, chance: random.Random) -> Iterator[tuple[str, bool]]:
    """The documents with copies of earlier ones among them, and whether each is one."""
    remembered: list[str] = []
    for number, text in enumerate(texts, 1):
        yield text, False
        if len(remembered) < REMEMBERED:
            remembered.append(text)
        elif (place := chance.randrange(number)) < REMEMBERED:
            remembered[place] = text
        if chance.random() < share:
            original = chance.choice(remembered)
            yield (original if chance.random() < EXACT else _change(original, chance)), True


def write_corpus(
    folder: Path,
    megabytes: float,
    *,
    data: Path,
    seed: int = 0,
    copies: float = 0.03,
    lengths: Sequence[int] = LENGTHS,
    compress: bool = False,
) -> MadeCorpus:
    """Write a corpus and its recipe; its files may be compressed by gzip."""
    chance = random.Random(f"{seed} {copies}")
    sentences = [_cut_sentences(texts) for texts in read_corpus(data)]
    folder.mkdir(parents=True)
    documents = planted = 0
    size, left = 0, megabytes * 1e6
    rows = plant_copies(mix_documents(sentences, chance, lengths), copies, chance)
    while left > 0:
        file_size, path = 0, folder / f"{size // FILE_BYTES:05d}.jsonl{'.gz' if compress else ''}"
        with _open_text(path) as file:
            while file_size < min(FILE_BYTES, left):
                text, is_copy = next(rows)
                file.write(json.dumps({"id": documents, "text": text}, ensure_ascii=False) + "\n")
                file_size += len(text.encode())
                documents += 1
                planted += is_copy
        size, left = size + file_size, left - file_size
    recipe = folder / "recipe.yaml"
    recipe.write_text(
        yaml.safe_dump({**make_recipe("hans"), "sources": [{"path": "*.jsonl*"}]}), encoding="utf-8"
    )
    return MadeCorpus(recipe, size / 1e6, documents, planted)


@contextmanager
def _open_text(path: Path) -> Iterator[TextIO]:
    """Open a file to write text to it, compressed if it has the suffix of gzip."""
    with path.open("wb") as file:
        # The header has no time, so that the bytes are the same every time.
        raw = GzipFile("", "wb", 1, file, mtime=0) if path.suffix == ".gz" else file
        with TextIOWrapper(cast(BinaryIO, raw), encoding="utf-8", newline="\n") as text:
            yield text


def _cut_sentences(texts: Sequence[str]) -> list[str]:
    return [
        sentence
        for text in texts
        for line in text.splitlines()
        for sentence in line.replace("。", "。\0").split("\0")
        if sentence.strip()
    ]


def _change(text: str, chance: random.Random) -> str:
    """A text in which one character in a hundred is another one of it."""
    characters = list(text)
    for _ in range(round(CHANGED * len(text))):
        characters[chance.randrange(len(text))] = chance.choice(characters)
    return "".join(characters)


def main() -> None:
    """Write a corpus and say what is in it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("megabytes", type=float)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/corpora")
    parser.add_argument("--copies", type=float, default=0.03, help="copies for each document that is none")
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS, help="of documents, in characters")
    parser.add_argument("--compress", action="store_true", help="compress the files")
    arguments = vars(parser.parse_args())
    print(write_corpus(arguments.pop("folder"), arguments.pop("megabytes"), **arguments))


if __name__ == "__main__":
    main()
