"""Batches of random records and files for the flow and the readers, and the laws for every input."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hanpack.flow import process, process_record
from hanpack.model import DocumentRow, Outcome, Record, Source
from hanpack.recipe import Recipe, parse_recipe
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.decode.encodings import detect
from hanpack.tools import Tools, prepare_tools
from tests.random_texts import ENCODINGS, make_bytes, make_text
from tests.sources.reading import assert_covers, read_source

SUFFIXES = (".txt", ".md", ".html", ".jsonl", ".json", ".csv", ".txt.gz", ".parquet")
# The share of texts that are mutated samples, not pieces in any order.
SAMPLE_SHARE = 0.5
# How many inputs there are in a batch, of which one is a file. One batch in so many is processed again, and
# one record in so many alone.
BATCH = 50
_REPLAYS, _RECORDS_ALONE = 20, 20


@dataclass(frozen=True, slots=True)
class FileInput:
    """A file with some bytes; its name ends with ``suffix``."""

    data: bytes
    suffix: str
    encoding: str


@dataclass(frozen=True, slots=True)
class FuzzBatch:
    """Inputs that are checked together; ``tools`` is the number of the tools for the records."""

    tools: int
    records: Sequence[Record]
    file: FileInput

    def divide(self) -> Iterator[FuzzBatch]:
        """A batch for each record, to tell which of them breaks a law; all of them have the file."""
        return (FuzzBatch(self.tools, [record], self.file) for record in self.records)


class Fuzzer:
    """Makes inputs from a seed and checks the laws on each; ``folder`` is for the files among them."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.chance = random.Random(seed)
        self.folder = folder
        self.tools = [_make_tools(steps, chunks) for steps, chunks in _OPTIONS]

    def make_batch(self) -> FuzzBatch:
        """The next ``BATCH`` inputs.

        Raises:
            AssertionError: an encoding was not detected, and no reason is given.
        """
        chance = self.chance
        records = [self._make_record() for _ in range(BATCH - 1)]
        encoding = chance.choice(ENCODINGS)
        file = FileInput(make_bytes(chance, encoding, SAMPLE_SHARE), chance.choice(SUFFIXES), encoding)
        return FuzzBatch(chance.randrange(len(self.tools)), records, file)

    def check(self, batch: FuzzBatch) -> None:
        """Check the laws on the inputs of a batch.

        Raises:
            AssertionError: a law does not hold.
        """
        self._check_file(batch.file)
        tools = self.tools[batch.tools]
        outcomes = process(batch.records, tools)
        assert len(outcomes) == len(batch.records)
        for record, outcome in zip(batch.records, outcomes, strict=True):
            assert outcome.record is record
            check_outcome(outcome, tools)
            if not self.chance.randrange(_RECORDS_ALONE):
                assert _comparable(process_record(record, tools)) == _comparable(outcome)
        if not self.chance.randrange(_REPLAYS):
            again = process(batch.records, tools)
            assert list(map(_comparable, again)) == list(map(_comparable, outcomes))

    def _make_record(self) -> Record:
        chance = self.chance
        encoding = chance.choice(ENCODINGS)
        wrapping = "json" if chance.random() < 0.2 else "plain"
        if wrapping == "json" and chance.random() < 0.8:
            encoding = "utf-8"
            data = json.dumps(
                {"text": make_text(chance, SAMPLE_SHARE), "id": 1}, ensure_ascii=chance.random() < 0.5
            ).encode("utf-8", "surrogatepass")
        else:
            data = make_bytes(chance, encoding, SAMPLE_SHARE)
            if chance.random() < 0.1:
                encoding = check_detection(data) or encoding
        return make_record(data, encoding, wrapping, chance.choice((0, 7)), chance.choice((0, 1, 99)))

    def _check_file(self, file: FileInput) -> None:
        path = self.folder / f"a{file.suffix}"
        path.write_bytes(file.data)
        records = read_source(path, file.encoding)
        if records and file.suffix in (".txt", ".md", ".html", ".jsonl") and records[0].fault is None:
            assert_covers(records, file.data)


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


def check_detection(data: bytes) -> str | None:
    """The detected encoding of some bytes; if there is none, a reason is given.

    Raises:
        AssertionError: there is no reason.
    """
    detected = detect(data)
    assert detected.encoding or detected.reason
    return detected.encoding


def _comparable(outcome: Outcome) -> tuple[object, ...]:
    document = outcome.document
    if document is None:
        return outcome.state, outcome.reason, outcome.bytes_kept, dict(outcome.bytes_removed)
    alignment = document.alignment.text.tolist(), document.alignment.source.tolist()
    return document.text, alignment, list(document.edits.rows()), document.chunks, dict(document.metadata)
