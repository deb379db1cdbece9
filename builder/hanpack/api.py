"""Repair and split as functions on a text, and on files of texts: the flow's rooms without a build."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, TextIO

from pydantic import ValidationError

from hanpack.documents import edit_columns
from hanpack.errors import HanpackError, RecordError, UsageError
from hanpack.flow import STEPS, prepare
from hanpack.model import EditRow
from hanpack.recipe import Steps, Target, check_encoding
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.sources.texts import TextLine, is_jsonl, read_lines, read_whole
from hanpack.steps.alignment import Alignment
from hanpack.steps.chunk import Chunk, ChunkSettings, Policy, split_text
from hanpack.steps.chunk.splitting import split_tokenized
from hanpack.steps.decode.decoding import decode
from hanpack.steps.decode.encodings import detect
from hanpack.steps.decode.json_strings import unwrap_json
from hanpack.steps.tokens import open_counter
from hanpack.steps.tokens.counting import TokenCounter
from hanpack.steps.traced import Traced
from hanpack.tools import StepTools, prepare_step_tools

_to_json = json.JSONEncoder(ensure_ascii=False).encode
# How many characters are counted before they are cut.
_BATCH = 500_000
Complain = Callable[[HanpackError], None]


@dataclass(frozen=True, slots=True)
class Normalized:
    """A repaired text, what was done to it, and the map from its characters to the bytes it came from.

    For a text given as a string the bytes are those of its UTF-8.
    """

    text: str
    edits: tuple[EditRow, ...]
    alignment: Alignment
    metadata: Mapping[str, object]


def normalize(text: str, script: Target = "keep", **steps: Any) -> Normalized:
    """Repair a text and bring it to a script; a clean text comes back as it was.

    ``script`` is keep, hans, hant, tw or hk. ``steps`` are more of a recipe's steps, all off here:
    ``page=True``, ``width=True``, ``redactions="[…]"`` and so on.

    Raises:
        UsageError: the text holds half of a surrogate pair, or there is no such step.
    """
    try:
        traced = decode(text.encode("utf-8"), "utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(
            f"half of a surrogate pair at character {error.start}", "text", "decode the text rightly first"
        ) from error
    return normalize_traced(traced, choose_steps(script, **steps))


def choose_steps(script: Target = "keep", **steps: Any) -> Steps:
    """The steps of normalising alone: damage is repaired; everything else is asked for by name."""
    try:
        return Steps.model_validate({"page": False, "spaces": False, "script": script, **steps})
    except ValidationError as error:
        known = ", ".join(key for step in STEPS for key in step.keys if key not in ("script", "repair"))
        raise UsageError(
            f"{error.errors()[0]['loc'][0]}: no such step or value", "steps", f"known: {known}"
        ) from error


def split(
    text: str,
    tokenizer: str = "o200k_base",
    max_tokens: int = 512,
    overlap: int = 0,
    policy: Policy = "fill",
) -> tuple[Chunk, ...]:
    """Split a text into spans of at most ``max_tokens`` tokens, with the exact count of each.

    >>> text = "加快重点项目建设，力争早日投产。坚持真抓实干。"
    >>> [(text[chunk.start : chunk.end], chunk.token_count) for chunk in split(text, max_tokens=16)]
    [('加快重点项目建设，力争早日投产。', 13), ('坚持真抓实干。', 6)]
    """
    settings = ChunkSettings(max_tokens=max_tokens, overlap=overlap, policy=policy)
    return split_text(text, _counter(tokenizer), settings).chunks


def normalize_file(
    path: str, sink: TextIO, as_jsonl: bool, steps: Steps, complain: Complain, encoding: str | None = None
) -> int:
    """Normalize a ``.jsonl`` file, a text file or ``-`` into ``sink``; returns the number of records.

    A text gives a text, or with ``as_jsonl`` one record with its edits. What cannot be read is told to
    ``complain`` and left out. Without ``encoding`` that of a text is detected, and JSON Lines are UTF-8.
    """
    try:
        encoding = encoding and check_encoding(encoding)
    except ValueError as error:
        raise UsageError(str(error), "encoding", "gb18030, big5 and utf-16-le are some") from error
    count = 0
    for identity, traced in _read_traced(path, complain, encoding):
        done = normalize_traced(traced, steps)
        if as_jsonl or is_jsonl(path):
            edits = [asdict(edit) for edit in done.edits]
            _write(sink, {"id": identity, "text": done.text, "edits": edits})
        else:
            sink.write(done.text)
        count += 1
    return count


def split_file(path: str, sink: TextIO, tokenizer: str, settings: ChunkSettings, complain: Complain) -> int:
    """Split the texts of a ``.jsonl`` file, or a text file or ``-``, into ``sink``, a line a chunk."""
    counter = _counter(tokenizer)
    count = 0
    for batch in _batches(_read_texts(path, complain)):
        prepared = [counter.prepare(text) for _, text in batch]
        for (identity, text), tokenized in zip(batch, prepared, strict=True):
            chunks = split_tokenized(text, tokenized, settings).chunks
            sink.writelines(_chunk_lines(identity, chunks))
        count += len(batch)
    return count


def _batches(texts: Iterable[tuple[Any, str]]) -> Iterator[list[tuple[Any, str]]]:
    """Texts by the batch: counted one after the other, they find the tokenizer's tables in the cache."""
    batch: list[tuple[Any, str]] = []
    size = 0
    for identity, text in texts:
        batch.append((identity, text))
        size += len(text)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _chunk_lines(identity: object, chunks: Sequence[Chunk]) -> Iterator[str]:
    """A line of JSON a chunk; put together by hand, since an encoder for each would cost too much."""
    name = _to_json(identity)
    for index, chunk in enumerate(chunks):
        yield (
            f'{{"id": {name}, "chunk_index": {index}, "start": {chunk.start}, "end": {chunk.end}, '
            f'"token_count": {chunk.token_count}, "section": [{", ".join(map(_to_json, chunk.section))}]}}\n'
        )


def normalize_traced(traced: Traced, steps: Steps) -> Normalized:
    """Normalize a decoded text whose alignment to its bytes is known."""
    prepared = prepare(traced, _step_tools(steps))
    edits = tuple(edit_columns(prepared).rows())
    return Normalized(prepared.text, edits, prepared.alignment, prepared.metadata)


@cache
def _step_tools(steps: Steps) -> StepTools:
    return prepare_step_tools(steps, load_ngram_model())


@cache
def _counter(tokenizer: str) -> TokenCounter:
    return open_counter(load_vocabulary(tokenizer))


def _read_traced(path: str, complain: Complain, encoding: str | None) -> Iterator[tuple[Any, Traced]]:
    if not is_jsonl(path):
        yield Path(path).name, _decode_whole(path, encoding)
        return
    for line in read_lines(path):
        try:
            traced, columns = unwrap_json(line.data, "text", line.byte_start, encoding or "utf-8")
        except RecordError as error:
            complain(_bad_line(path, line, str(error)))
            continue
        if line.data.strip():
            yield columns.get("id", line.index), traced


def _read_texts(path: str, complain: Complain) -> Iterator[tuple[Any, str]]:
    if not is_jsonl(path):
        yield Path(path).name, _decode_whole(path).text
        return
    for line in read_lines(path):
        try:
            record = json.loads(line.data) if line.data.strip() else None
            if record is not None:
                yield record.get("id", line.index), _whole_text(record["text"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            complain(_bad_line(path, line, _explain(line, error)))


def _whole_text(text: object) -> str:
    if not isinstance(text, str):
        raise TypeError("the text is no string")
    # Half of a surrogate pair cannot be encoded; UTF-16 is the quickest to find it.
    text.encode("utf-16-le")
    return text


def _explain(line: TextLine, error: Exception) -> str:
    """Why a line is refused, in the words of the step that reads lines with care."""
    try:
        unwrap_json(line.data, "text", line.byte_start)
    except RecordError as careful:
        return str(careful)
    return str(error)


def _decode_whole(path: str, encoding: str | None = None) -> Traced:
    data = read_whole(path)
    if encoding is None:
        found = detect(data)
        if found.encoding is None:
            reason = f"the encoding cannot be decided: {found.reason}"
            raise UsageError(reason, path, "normalize it with --encoding and the name you know it by")
        encoding = found.encoding
    try:
        return decode(data, encoding, 0, 0)
    except RecordError as error:
        raise UsageError(str(error), path, "mend the bytes or convert it to UTF-8") from error


def _bad_line(path: str, line: TextLine, reason: str) -> HanpackError:
    where = f"{path} record {line.index} at byte {line.byte_start}"
    return HanpackError(reason, where, "it is left out; mend the line")


def _write(sink: TextIO, row: Mapping[str, object]) -> None:
    sink.write(json.dumps(row, ensure_ascii=False) + "\n")
