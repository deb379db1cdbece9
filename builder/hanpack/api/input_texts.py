"""The texts that normalize and split are given: their checks, and how those of a file are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from hanpack.errors import RecordError, UsageError
from hanpack.sources.formats import find_format
from hanpack.sources.texts import read_whole
from hanpack.steps.decode.decoding import decode
from hanpack.steps.decode.encodings import detect
from hanpack.steps.traced import Traced
from hanpack.yaml_models import check_encoding

# A batch of texts is carried through each step before the next; each batch but the last has at least this
# many characters.
_BATCH_CHARACTERS = 500_000
Text = TypeVar("Text")


def require_text(text: object) -> None:
    """Refuse what is no string.

    Raises:
        UsageError: it is bytes, or a value of another type.
    """
    if not isinstance(text, str):
        raise UsageError(
            f"the text is of the type {type(text).__name__}, not str",
            "text",
            "decode bytes first, as in data.decode('gb18030')" if isinstance(text, bytes) else "",
        )


def check_input_encoding(encoding: str | None) -> str | None:
    """The name of an encoding, as it was given.

    Raises:
        UsageError: Python has no such encoding of text.
    """
    try:
        return encoding and check_encoding(encoding)
    except ValueError as error:
        raise UsageError(f"{encoding!r}: {error}", "encoding") from error


def refuse_tables(path: str) -> None:
    """Refuse a file of a format that only a build reads.

    Raises:
        UsageError: its format is neither text nor JSON Lines.
    """
    format_ = find_format(Path(path))[0]
    if path != "-" and format_ is not None and format_.fixed_encoding is not None:
        raise UsageError(
            f"a {format_.name} file is read by hanpack build only",
            path,
            f"hanpack build {path}, or write its texts to a .jsonl file with a column text",
        )


def make_batches(
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


def decode_whole(path: str, encoding: str | None = None) -> Traced:
    """Read and decode a file, or standard input if the path is ``-``; None detects the encoding.

    Raises:
        UsageError: it cannot be read, its encoding cannot be decided, or its bytes are not of it.
    """
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
