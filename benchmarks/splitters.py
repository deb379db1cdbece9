"""The splitters that benchmarks/split.py measures, each with the best settings it has for Chinese."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import tiktoken

ENCODING = "o200k_base"
BUDGET = 512
# The text of a chunk, and its token count where the splitter gives it.
Piece = tuple[str, int | None]
Splitter = Callable[[str], list[Piece]]

LINES = ["\n\n", "\r\n", "\n", "\r"]
SENTENCES = ["。", "！", "？", "；"]
CLAUSES = ["，", "、", "："]
ENGLISH = [". ", "! ", "? ", "; ", ", "]
# Long enough to be cut, so that everything is loaded and compiled before the measurement.
WARMING = "".join(
    f"预热用的第{number}句话，与被测文本无关。Nothing of it is measured.\n" for number in range(120)
)


@dataclass(frozen=True, slots=True)
class Contender:
    """A splitter: its name in the table, the modules it imports, its package, and how it is opened."""

    name: str
    modules: tuple[str, ...]
    package: str
    set_up: Callable[[], Splitter]
    ours: bool = False

    @property
    def installed(self) -> bool:
        """Whether it can be measured here."""
        return all(find_spec(module) is not None for module in self.modules)


@dataclass(frozen=True, slots=True)
class Run:
    """The processor time for all texts (seconds), and the pieces of each text."""

    seconds: float
    pieces: Sequence[Sequence[Piece]]


def read_texts(folder: Path, every: int) -> list[str]:
    """Every ``every``-th text of each corpus in a folder, from the first on."""
    texts = []
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
            texts += [json.loads(line)["text"] for number, line in enumerate(lines) if number % every == 0]
    return texts


def run(name: str, folder: Path, every: int) -> Run:
    """Split all texts once with the splitter of that name, in a process that has not read them yet."""
    texts = read_texts(folder, every)
    split = next(contender for contender in CONTENDERS if contender.name == name).set_up()
    split(WARMING)
    start = time.process_time()
    pieces = [split(text) for text in texts]
    return Run(time.process_time() - start, pieces)


def open_plain_pass() -> Splitter:
    """No splitter: a plain count of the whole text, to which the others are compared."""
    encode = tiktoken.get_encoding(ENCODING).encode_ordinary
    return lambda text: [(text, len(encode(text)))]


def open_ours(fast: bool) -> Splitter:
    """The splitter of the package, with or without the faster encoder behind its counter."""
    from hanpack.resources.vocabulary import load_vocabulary
    from hanpack.steps.chunk.settings import ChunkSettings
    from hanpack.steps.chunk.splitting import split_text
    from hanpack.steps.tokens import open_counter

    counter = open_counter(load_vocabulary(ENCODING), fast)
    settings = ChunkSettings(max_tokens=BUDGET)
    return lambda text: [
        (text[chunk.start : chunk.end], chunk.token_count)
        for chunk in split_text(text, counter, settings).chunks
    ]


def open_loop(recount: bool) -> Splitter:
    """The loop that is written without a library: count each sentence, and fill one chunk after the other.

    A chunk's count is the sum of its sentences' counts, or with ``recount`` that of the chunk itself.
    """
    encode = tiktoken.get_encoding(ENCODING).encode_ordinary
    sentence = re.compile(f"[^{''.join(SENTENCES)}\n]*(?:[{''.join(SENTENCES)}]+[”’」』）)]*\n*|\n+|\\Z)")

    def pieces(text: str) -> Iterator[Piece]:
        start, tokens = 0, 0
        for match in sentence.finditer(text):
            count = len(encode(match.group()))
            if tokens and tokens + count > BUDGET:
                yield text[start : match.start()], tokens
                start, tokens = match.start(), 0
            tokens += count
        if tokens:
            yield text[start:], tokens

    if recount:
        return lambda text: [(piece, len(encode(piece))) for piece, _ in pieces(text)]
    return lambda text: list(pieces(text))


def open_chonkie_recursive() -> Splitter:
    """Chonkie's recursive chunker with rules for Chinese; chonkie downloads its own ones."""
    import chonkie

    levels = [
        *[chonkie.RecursiveLevel(delimiters=marks) for marks in (LINES, SENTENCES, [*CLAUSES, *ENGLISH])],
        chonkie.RecursiveLevel(whitespace=True),
        chonkie.RecursiveLevel(),
    ]
    rules = chonkie.RecursiveRules(levels=levels)
    encoding = tiktoken.get_encoding(ENCODING)
    return _with_counts(chonkie.RecursiveChunker(encoding, chunk_size=BUDGET, rules=rules))


def open_chonkie_token() -> Splitter:
    """Chonkie's token chunker."""
    import chonkie

    return _with_counts(chonkie.TokenChunker(tiktoken.get_encoding(ENCODING), chunk_size=BUDGET))


def open_chonkie_sentence() -> Splitter:
    """Chonkie's sentence chunker with Chinese marks."""
    import chonkie

    encoding, marks = tiktoken.get_encoding(ENCODING), [*SENTENCES, "\n"]
    return _with_counts(chonkie.SentenceChunker(encoding, chunk_size=BUDGET, chunk_overlap=0, delim=marks))


def open_semchunk() -> Splitter:
    """Semchunk with its defaults: its marks cannot be chosen, and it removes blanks at the cuts."""
    import semchunk

    chunker = semchunk.chunkerify(tiktoken.get_encoding(ENCODING), BUDGET)
    return lambda text: [(piece, None) for piece in chunker(text)]


def open_semantic_text_splitter() -> Splitter:
    """semantic-text-splitter by tokens, with blanks; it includes the vocabulary itself."""
    from semantic_text_splitter import TextSplitter

    splitter = TextSplitter.from_tiktoken_model("gpt-4o", BUDGET, trim=False)
    return lambda text: [(piece, None) for piece in splitter.chunks(text)]


def open_langchain() -> Splitter:
    """Langchain's recursive splitter by tokens with Chinese marks; marks and blanks stay in the chunks."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter.from_tiktoken_encoder(
        encoding_name=ENCODING,
        chunk_size=BUDGET,
        chunk_overlap=0,
        separators=[*LINES, *SENTENCES, *CLAUSES, *ENGLISH, " ", ""],
        keep_separator="end",
        strip_whitespace=False,
    )
    return lambda text: [(piece, None) for piece in splitter.split_text(text)]


def open_llama_index() -> Splitter:
    """llama-index's sentence splitter with Chinese sentences; it removes blanks at the cuts."""
    from llama_index.core.node_parser import SentenceSplitter

    marks = "".join(SENTENCES) + "\n"
    sentences = re.compile(f"[^{marks}]+[{marks}]*|[{marks}]+")
    splitter = SentenceSplitter(
        chunk_size=BUDGET,
        chunk_overlap=0,
        tokenizer=tiktoken.get_encoding(ENCODING).encode_ordinary,
        chunking_tokenizer_fn=sentences.findall,
        secondary_chunking_regex="[^，、：,.;]+[，、：,.;]?|[，、：,.;]",
    )
    return lambda text: [(piece, None) for piece in splitter.split_text(text)]


def _with_counts(chunker: Any) -> Splitter:
    return lambda text: [(chunk.text, chunk.token_count) for chunk in chunker.chunk(text)]


PLAIN = "plain tiktoken pass"
CONTENDERS = (
    Contender(PLAIN, ("tiktoken",), "tiktoken", open_plain_pass),
    Contender(
        "hanpack, fast extra", ("hanpack", "quicktok"), "hanpack[fast]", lambda: open_ours(True), ours=True
    ),
    Contender("hanpack", ("hanpack",), "hanpack", lambda: open_ours(False), ours=True),
    Contender("loop, counts added", ("tiktoken",), "tiktoken", lambda: open_loop(False)),
    Contender("loop, recounted", ("tiktoken",), "tiktoken", lambda: open_loop(True)),
    Contender("chonkie Recursive", ("chonkie",), "chonkie", open_chonkie_recursive),
    Contender("chonkie Token", ("chonkie",), "chonkie", open_chonkie_token),
    Contender("chonkie Sentence", ("chonkie",), "chonkie", open_chonkie_sentence),
    Contender("semchunk", ("semchunk",), "semchunk", open_semchunk),
    Contender(
        "semantic-text-splitter",
        ("semantic_text_splitter",),
        "semantic-text-splitter",
        open_semantic_text_splitter,
    ),
    Contender("langchain", ("langchain_text_splitters",), "langchain-text-splitters", open_langchain),
    Contender("llama-index", ("llama_index",), "llama-index-core", open_llama_index),
)
