"""The public function split, on a text and on a file of texts, without a build; and the text of tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TextIO

from hanpack.api.input_texts import (
    check_input_encoding,
    decode_whole,
    make_batches,
    refuse_tables,
    require_text,
)
from hanpack.errors import RecordError, UsageError
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.sources.bad_lines import BadLines, ReportError, find_text
from hanpack.sources.texts import TextLine, is_jsonl, read_lines
from hanpack.steps.chunk.settings import ChunkSettings, Policy
from hanpack.steps.chunk.splitting import Chunk, split_text, split_tokenized
from hanpack.steps.decode.json_strings import unwrap_json
from hanpack.steps.tokens import open_counter
from hanpack.steps.tokens.counters import open_reference
from hanpack.steps.tokens.counting import TokenCounter

_to_json = json.JSONEncoder(ensure_ascii=False).encode


def split(
    text: str,
    tokenizer: str = "o200k_base",
    max_tokens: int = 512,
    overlap: int = 0,
    policy: Policy = "fill",
) -> tuple[Chunk, ...]:
    """Split a text into spans of at most ``max_tokens`` tokens, with the exact count of each.

    The spans are in characters and cover the text; with ``overlap`` a chunk repeats up to that many tokens of
    the previous one. ``policy`` says what has priority: full chunks (fill) or the outline (structure).

    >>> text = "加快重点项目建设，力争早日投产。坚持真抓实干。"
    >>> [(text[chunk.start : chunk.end], chunk.token_count) for chunk in split(text, max_tokens=16)]
    [('加快重点项目建设，力争早日投产。', 13), ('坚持真抓实干。', 6)]

    Raises:
        UsageError: the text is no string; there is no such tokenizer or policy; the overlap is more than half
            of the budget; or the budget is too small for a character.
    """
    require_text(text)
    settings = choose_settings(max_tokens, overlap, policy)
    return split_text(text, _counter(tokenizer), settings).chunks


def choose_settings(max_tokens: int, overlap: int, policy: Policy) -> ChunkSettings:
    """The settings of :func:`split`, within the bounds of a recipe.

    Raises:
        UsageError: there is no such policy, or the overlap is more than half of the budget.
    """
    settings = ChunkSettings(max_tokens=max_tokens, overlap=overlap, policy=policy)
    if overlap * 2 > max_tokens:
        raise UsageError(
            f"an overlap of {overlap} tokens is too much for {max_tokens}",
            todo=f"use at most {max_tokens // 2}",
        )
    return settings


def decode_tokens(ids: Sequence[int], tokenizer: str = "o200k_base") -> str:
    """The text of token ids, such as ``input_ids`` of ``packed``: nothing is downloaded.

    Bytes that are no character, where a sequence begins or ends inside one, become U+FFFD.

    >>> decode_tokens([5319, 63424, 28407, 199999])
    '高质量发展<|endoftext|>'

    Raises:
        UsageError: there is no such tokenizer, or it is a ``tokenizer.json``, which the package tokenizers
            decodes; or it has no token with one of these ids.
    """
    vocabulary = load_vocabulary(tokenizer)
    if vocabulary.format == "json":
        raise UsageError(
            "this function does not decode tokens of a tokenizer.json",
            tokenizer,
            "use tokenizers.Tokenizer.from_file(PATH).decode(ids)",
        )
    try:
        return open_reference(vocabulary).encoding.decode(list(ids))
    except (KeyError, TypeError, OverflowError) as error:
        raise UsageError(
            f"these are no token ids of {tokenizer}: {error.args[0]}", "ids", "give the integers of input_ids"
        ) from error


def split_file(
    path: str,
    sink: TextIO,
    *,
    tokenizer: str,
    settings: ChunkSettings,
    report_error: ReportError,
    encoding: str | None = None,
    text_column: str = "text",
) -> int:
    """Split the texts of a ``.jsonl`` file, a text file or ``-`` into ``sink``, one JSON line for each chunk.

    Lines that cannot be read are left out, and ``report_error`` is called for each. ``encoding`` and
    ``text_column`` are as in :func:`normalize_file`. Returns the number of texts.

    Raises:
        UsageError: there is no such tokenizer or encoding, the file cannot be read or decoded, or no
            record has such a column.
    """
    encoding = check_input_encoding(encoding)
    refuse_tables(path)
    counter = _counter(tokenizer)
    count = 0
    for batch in make_batches(_read_texts(path, report_error, encoding, text_column), len):
        prepared = counter.prepare_all([text for _, text in batch])
        for (identity, text), tokenized in zip(batch, prepared, strict=True):
            chunks = split_tokenized(text, tokenized, settings).chunks
            sink.writelines(_chunk_lines(identity, chunks))
        count += len(batch)
    return count


def _chunk_lines(identity: object, chunks: Sequence[Chunk]) -> Iterator[str]:
    """One line of JSON for each chunk, joined from strings: a JSON encoder for each row is much slower."""
    name = _to_json(identity)
    for index, chunk in enumerate(chunks):
        yield (
            f'{{"id": {name}, "chunk_index": {index}, "start": {chunk.start}, "end": {chunk.end}, '
            f'"token_count": {chunk.token_count}, "section": [{", ".join(map(_to_json, chunk.section))}]}}\n'
        )


@cache
def _counter(tokenizer: str) -> TokenCounter:
    return open_counter(load_vocabulary(tokenizer))


def _read_texts(
    path: str, report_error: ReportError, encoding: str | None, text_column: str
) -> Iterator[tuple[Any, str]]:
    if not is_jsonl(path):
        yield Path(path).name, decode_whole(path, encoding).text
        return
    bad_lines = BadLines(path, report_error, encoding, text_column)
    for line in read_lines(path):
        try:
            record = json.loads(line.data.decode(encoding or "utf-8")) if line.data.strip() else None
            if record is not None:
                text = _check_text(find_text(record, line, encoding, text_column))
                bad_lines.note_text()
                yield record.get("id", line.index), text
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, RecordError) as error:
            bad_lines.report(line, _explain(line, error, text_column))
    bad_lines.finish()


def _check_text(text: object) -> str:
    if not isinstance(text, str):
        raise TypeError("the text is not a string")
    # Fails on half of a surrogate pair; UTF-16 is the fastest encoding for this check.
    text.encode("utf-16-le")
    return text


def _explain(line: TextLine, error: Exception, text_column: str) -> str:
    """Why a line is refused: the message of the strict JSON reader, which names the byte."""
    try:
        unwrap_json(line.data, text_column, line.byte_start)
    except RecordError as strict_error:
        return str(strict_error)
    return str(error)
