"""The public functions on a text, and on files of texts, without a build: normalize and split."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, TextIO, TypeVar

from pydantic import ValidationError

from hanpack.documents import edit_columns
from hanpack.errors import RecordError, UsageError
from hanpack.flow import STEPS
from hanpack.model import EditRow
from hanpack.recipe_steps import Steps, Target
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.sources.bad_lines import BadLines, ReportError, find_text
from hanpack.sources.formats import find_format
from hanpack.sources.text import TextFormat
from hanpack.sources.texts import TextLine, is_jsonl, read_lines, read_whole
from hanpack.step_table import run_steps
from hanpack.steps.alignment import Alignment
from hanpack.steps.chunk import Chunk, ChunkSettings, Policy, split_text
from hanpack.steps.chunk.splitting import split_tokenized
from hanpack.steps.decode import decode, detect, unwrap_json
from hanpack.steps.tokens import open_counter
from hanpack.steps.tokens.counters import open_reference
from hanpack.steps.tokens.counting import TokenCounter
from hanpack.steps.traced import Traced
from hanpack.tools import StepTools, prepare_step_tools
from hanpack.wording import list_choices
from hanpack.yaml_models import check_encoding

_to_json = json.JSONEncoder(ensure_ascii=False).encode
# A batch of texts is tokenized, then split; each batch but the last has at least this many characters.
_BATCH_CHARACTERS = 500_000
Text = TypeVar("Text")


@dataclass(frozen=True, slots=True)
class Normalized:
    """A normalised text, its edits, and the alignment of its characters to the bytes of the input.

    The bytes are those of the input file, or of the UTF-8 of an input string. ``metadata`` is what the steps
    recognised in the text, such as ``redactions``, the number of its redactions.
    """

    text: str
    edits: tuple[EditRow, ...]
    alignment: Alignment
    metadata: Mapping[str, object]


def normalize(text: str, script: Target = "keep", **steps: Any) -> Normalized:
    """Repair a text and convert its script; with the defaults a text without damage is not changed.

    ``script`` is keep, hans, hant, tw or hk. ``steps`` are further steps by their recipe keys,
    which are all off by default here: ``page=True``, ``width=True``, ``redactions="[…]"`` and so on.

    >>> normalized = normalize("旅遊高質(zhì)量發(fā)展", script="hans")
    >>> normalized.text
    '旅游高质量发展'
    >>> [(edit.step, edit.kind, edit.byte_start, edit.byte_end) for edit in normalized.edits[:2]]
    [('pinyin', 'removed', 12, 18), ('pinyin', 'removed', 24, 29)]
    >>> normalized.alignment.source_span(3, 4)
    (9, 12)

    Raises:
        UsageError: the text is no string or contains half of a surrogate pair, or there is no such step or
            value.
    """
    _require_text(text)
    try:
        traced = decode(text.encode("utf-8"), "utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(
            f"half of a surrogate pair at character {error.start}",
            "text",
            "decode the text with its encoding first",
        ) from error
    return normalize_traced(traced, choose_steps(script, **steps))


def _require_text(text: object) -> None:
    if not isinstance(text, str):
        raise UsageError(
            f"the text is of the type {type(text).__name__}, not str",
            "text",
            "decode bytes first, as in data.decode('gb18030')" if isinstance(text, bytes) else "",
        )


# The steps that a recipe runs by default and `normalize` does not.
_OFF: Mapping[str, Any] = {"page": False, "spaces": False, "personal": None}
# The keys of a recipe's steps that are not switched on by name.
_NOT_SWITCHES = ("script", "repair")


def choose_steps(script: Target = "keep", **steps: Any) -> Steps:
    """The options of :func:`normalize` as a recipe's ``steps``: ``repair`` and what the arguments switch on.

    >>> choose_steps("hans", width=True).width, choose_steps().spaces
    (True, False)

    Raises:
        UsageError: there is no such step or value.
    """
    try:
        return Steps.model_validate({**_OFF, "script": script, **steps})
    except ValidationError as error:
        keys = dict.fromkeys(key for step in STEPS for key in step.keys if key not in _NOT_SWITCHES)
        fault = error.errors()[0]
        name = str(fault["loc"][0])
        if fault["type"] == "extra_forbidden":
            raise UsageError(f"there is no step {name!r}", "steps", list_choices(name, keys)) from error
        value = f"{name} cannot be {fault['input']!r}"
        raise UsageError(value, "steps", fault["msg"]) from error


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
    _require_text(text)
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


def normalize_file(
    path: str,
    sink: TextIO,
    as_jsonl: bool,
    steps: Steps,
    report_error: ReportError,
    encoding: str | None = None,
    text_column: str = "text",
) -> int:
    """Normalize a ``.jsonl`` file, a text file or ``-`` into ``sink``; returns the number of records written.

    JSON Lines become JSON Lines of id, text and edits; a text becomes a text, or with ``as_jsonl`` one such
    line. Lines that cannot be read are left out, and ``report_error`` is called for each. If ``encoding`` is
    None, that of a text file is detected, and JSON Lines are read as UTF-8. ``text_column`` is the key of the
    text in JSON Lines.

    Raises:
        UsageError: there is no such encoding, the file cannot be read or decoded, or no record has such a
            column.
    """
    encoding = _check_encoding(encoding)
    _refuse_tables(path)
    count = 0
    for batch in _batches(
        _read_traced(path, report_error, encoding, text_column), lambda traced: len(traced.text)
    ):
        for (identity, _), normalized in zip(
            batch, _normalize_all([traced for _, traced in batch], steps), strict=True
        ):
            if as_jsonl or is_jsonl(path):
                edits = [asdict(edit) for edit in normalized.edits]
                _write(sink, {"id": identity, "text": normalized.text, "edits": edits})
            else:
                sink.write(normalized.text)
        count += len(batch)
    return count


def split_file(
    path: str,
    sink: TextIO,
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
    encoding = _check_encoding(encoding)
    _refuse_tables(path)
    counter = _counter(tokenizer)
    count = 0
    for batch in _batches(_read_texts(path, report_error, encoding, text_column), len):
        prepared = counter.prepare_all([text for _, text in batch])
        for (identity, text), tokenized in zip(batch, prepared, strict=True):
            chunks = split_tokenized(text, tokenized, settings).chunks
            sink.writelines(_chunk_lines(identity, chunks))
        count += len(batch)
    return count


def _check_encoding(encoding: str | None) -> str | None:
    try:
        return encoding and check_encoding(encoding)
    except ValueError as error:
        raise UsageError(f"{encoding!r}: {error}", "encoding") from error


def _refuse_tables(path: str) -> None:
    """Refuse a file of a format that is neither text nor JSON Lines, which only a build reads."""
    format_ = find_format(Path(path))[0]
    if path != "-" and format_ is not None and not isinstance(format_, TextFormat):
        raise UsageError(
            f"a {format_.name} file is read by hanpack build only",
            path,
            f"hanpack build {path}, or write its texts to a .jsonl file with a column text",
        )


def _batches(
    texts: Iterable[tuple[Any, Text]], measure: Callable[[Text], int]
) -> Iterator[list[tuple[Any, Text]]]:
    """Group texts, each with its id, for a stage that takes many at once; ``measure`` counts characters."""
    batch: list[tuple[Any, Text]] = []
    size = 0
    for identity, text in texts:
        batch.append((identity, text))
        size += measure(text)
        if size >= _BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _chunk_lines(identity: object, chunks: Sequence[Chunk]) -> Iterator[str]:
    """One line of JSON for each chunk, joined from strings: a JSON encoder for each row is much slower."""
    name = _to_json(identity)
    for index, chunk in enumerate(chunks):
        yield (
            f'{{"id": {name}, "chunk_index": {index}, "start": {chunk.start}, "end": {chunk.end}, '
            f'"token_count": {chunk.token_count}, "section": [{", ".join(map(_to_json, chunk.section))}]}}\n'
        )


def normalize_traced(traced: Traced, steps: Steps) -> Normalized:
    """Normalize a decoded text that already has its alignment to the bytes of a file."""
    (normalized,) = _normalize_all([traced], steps)
    return normalized


def _normalize_all(texts: Sequence[Traced], steps: Steps) -> Iterator[Normalized]:
    """Normalize several texts, all of them by each step before the next."""
    for prepared in run_steps(texts, _step_tools(steps)).traced:
        edits = tuple(edit_columns(prepared).rows())
        yield Normalized(prepared.text, edits, prepared.alignment, prepared.metadata)


@cache
def _step_tools(steps: Steps) -> StepTools:
    return prepare_step_tools(steps, load_ngram_model())


@cache
def _counter(tokenizer: str) -> TokenCounter:
    return open_counter(load_vocabulary(tokenizer))


def _read_traced(
    path: str, report_error: ReportError, encoding: str | None, text_column: str
) -> Iterator[tuple[Any, Traced]]:
    if not is_jsonl(path):
        yield Path(path).name, _decode_whole(path, encoding)
        return
    bad_lines = BadLines(path, report_error, encoding, text_column)
    for line in read_lines(path):
        try:
            traced, columns = unwrap_json(line.data, text_column, line.byte_start, encoding or "utf-8")
        except RecordError as error:
            bad_lines.report(line, str(error))
            continue
        if line.data.strip():
            bad_lines.note_text()
            yield columns.get("id", line.index), traced
    bad_lines.finish()


def _read_texts(
    path: str, report_error: ReportError, encoding: str | None, text_column: str
) -> Iterator[tuple[Any, str]]:
    if not is_jsonl(path):
        yield Path(path).name, _decode_whole(path, encoding).text
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


def _decode_whole(path: str, encoding: str | None = None) -> Traced:
    data = read_whole(path)
    if encoding is None:
        detected = detect(data)
        if detected.encoding is None:
            reason = f"the encoding cannot be decided: {detected.reason}"
            raise UsageError(reason, path, "if you know the encoding, name it with --encoding")
        encoding = detected.encoding
    try:
        return decode(data, encoding, 0, 0)
    except RecordError as error:
        raise UsageError(str(error), path, "repair the bytes or convert the file to UTF-8") from error


def _write(sink: TextIO, row: Mapping[str, object]) -> None:
    sink.write(json.dumps(row, ensure_ascii=False) + "\n")
