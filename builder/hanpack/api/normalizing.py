"""The public function normalize, on a text and on a file of texts, without a build."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, TextIO

from pydantic import ValidationError

from hanpack.api.input_texts import (
    check_input_encoding,
    decode_whole,
    make_batches,
    refuse_tables,
    require_text,
)
from hanpack.edits import EditRow, edit_columns
from hanpack.errors import RecordError, UsageError
from hanpack.recipe_steps import Steps, Target
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.sources.bad_lines import BadLines, ReportError
from hanpack.sources.texts import is_jsonl, read_lines
from hanpack.step_table import STEPS, run_steps
from hanpack.step_tools import StepTools, prepare_step_tools
from hanpack.steps.alignment import Alignment
from hanpack.steps.decode.decoding import decode
from hanpack.steps.decode.json_strings import unwrap_json
from hanpack.steps.traced import Traced
from hanpack.wording import list_choices


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
    require_text(text)
    try:
        traced = decode(text.encode("utf-8"), "utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(
            f"half of a surrogate pair at character {error.start}",
            "text",
            "decode the text with its encoding first",
        ) from error
    return normalize_traced(traced, choose_steps(script, **steps))


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


def normalize_file(
    path: str,
    sink: TextIO,
    *,
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
    encoding = check_input_encoding(encoding)
    refuse_tables(path)
    count = 0
    for batch in make_batches(
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


def _read_traced(
    path: str, report_error: ReportError, encoding: str | None, text_column: str
) -> Iterator[tuple[Any, Traced]]:
    if not is_jsonl(path):
        yield Path(path).name, decode_whole(path, encoding)
        return
    bad_lines = BadLines(path, report_error, encoding, text_column)
    for line in read_lines(path):
        try:
            traced, columns = unwrap_json(
                line.data, text_column, line.byte_start, encoding=encoding or "utf-8"
            )
        except RecordError as error:
            bad_lines.report(line, str(error))
            continue
        if line.data.strip():
            bad_lines.note_text()
            yield columns.get("id", line.index), traced
    bad_lines.finish()


def _write(sink: TextIO, row: Mapping[str, object]) -> None:
    sink.write(json.dumps(row, ensure_ascii=False) + "\n")
