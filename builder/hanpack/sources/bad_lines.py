"""Reports the lines of JSON Lines without a text, or that no record has the column of the text."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from hanpack.errors import HanpackError, UsageError
from hanpack.sources.texts import TextLine
from hanpack.steps.decode.json_strings import unwrap_json

# Called with the error for each record that cannot be read.
ReportError = Callable[[HanpackError], None]
# So many records without the column of the text, before any with it, are a wrong column.
_MOST_BEFORE_TEXT = 1_000


def find_text(record: Any, line: TextLine, encoding: str | None, column: str) -> object:
    """The value of a column; a path of keys is read by the strict reader."""
    if "." not in column:
        return record[column]
    return unwrap_json(line.data, column, line.byte_start, encoding=encoding or "utf-8")[0].text


class BadLines:
    """Reports the lines that cannot be read; if no record at all has the column, that is one error."""

    def __init__(self, path: str, report_error: ReportError, encoding: str | None, text_column: str) -> None:
        self._path, self._column, self._encoding = path, text_column, encoding or "utf-8"
        self._report_error = report_error
        # The errors of lines before the first text, and the columns of the first record.
        self._before: list[HanpackError] | None = []
        self._columns: Sequence[str] | None = None

    def report(self, line: TextLine, reason: str) -> None:
        """Report a line, if need be later.

        Raises:
            UsageError: so many records without the column are before any text.
        """
        error = _describe_bad_line(self._path, line, reason)
        if self._before is None:
            self._report_error(error)
            return
        self._before.append(error)
        self._columns = self._columns or self._find_other_columns(line)
        if len(self._before) >= _MOST_BEFORE_TEXT:
            self.finish()

    def note_text(self) -> None:
        """A record has a text: what was held back is reported."""
        if self._before is not None:
            for error in self._before:
                self._report_error(error)
            self._before = None

    def finish(self) -> None:
        """Report what is left.

        Raises:
            UsageError: no record has the column.
        """
        if self._before and self._columns:
            raise UsageError(
                f"no record has the column {self._column!r}; the columns are {', '.join(self._columns)}",
                self._path,
                "name the column that has the text with --text-column",
            )
        self.note_text()

    def _find_other_columns(self, line: TextLine) -> list[str] | None:
        """The columns of a record if the one of the text is not among them."""
        try:
            record = json.loads(line.data.decode(self._encoding))
        except (ValueError, RecursionError):
            return None
        is_missing = isinstance(record, dict) and self._column.partition(".")[0] not in record
        return list(record) if is_missing else None


def _describe_bad_line(path: str, line: TextLine, reason: str) -> HanpackError:
    where = f"{path} record {line.index} at byte {line.byte_start}"
    return HanpackError(reason, where, "it is left out; correct the line")
