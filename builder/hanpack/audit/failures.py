"""The records that failed where a build was made, for a cause that is not in their bytes.

Nothing proves such a failure: the replay rejects these records as the ledger says, and the audit names them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hanpack.audit.differences import name_row
from hanpack.audit.findings import Audit
from hanpack.audit.ledger import read_cause
from hanpack.reasons import Cause, Reason
from hanpack.store.reader import BuildReader, Row

# By the path of the source and the index of the record.
Failures = Mapping[tuple[str, int], Reason]


def find_failures(audit: Audit, reader: BuildReader) -> Failures:
    """The failed records of the ledger of a build; a note names them."""
    failures: dict[tuple[str, int], Reason] = {}
    names = []
    for row, cause in _read_failures(reader):
        where, reason = name_row(row), parse_reason(cause, row["reason"] or "")
        if reason is None:
            audit.expect(False, where, f"its reason is not a sentence of its cause: {row['reason']}")
        else:
            failures[row["source"], row["record"]] = reason
            names.append(f"{where}: {reason}")
    if failures:
        audit.notes.append(
            f"{len(failures):,} records were rejected for causes that are not in their bytes, and "
            f"nothing here confirms them: {names[0]}"
        )
    return failures


def find_new_failure(replayed: BuildReader, failures: Failures) -> str | None:
    """The first record that fails here and not in the build, with its reason: this machine proves less."""
    for row, _ in _read_failures(replayed):
        if (row["source"], row["record"]) not in failures:
            return f"{name_row(row)} fails on this machine: {row['reason']}"
    return None


def _read_failures(reader: BuildReader) -> Iterator[tuple[Row, Cause]]:
    columns = ("source", "record", "byte_start", "state", "cause", "reason")
    for placed in reader.read_rows("ledger", columns):
        cause = read_cause(placed.values)
        if placed.values["state"] == "rejected" and cause is not None and not cause.reproducible:
            yield placed.values, cause


def parse_reason(cause: Cause, sentence: str) -> Reason | None:
    """The reason of a cause that has this sentence; None if it is not a sentence of the cause.

    >>> parse_reason(Cause.TIME_LIMIT, "it took longer than 300 seconds").fields
    {'seconds': '300'}
    >>> parse_reason(Cause.TIME_LIMIT, "it took a nap") is None
    True
    """
    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*)", re.escape(cause.template))
    match = re.fullmatch(pattern, sentence, re.DOTALL)
    return Reason(cause, match.groupdict()) if match else None
