"""Takes the texts out of records: each is decoded, and all of a batch are aligned to their bytes at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hanpack.errors import RecordError
from hanpack.model import Record
from hanpack.reasons import Reason
from hanpack.steps.decode.csv_rows import unwrap_row
from hanpack.steps.decode.decoding import read_bytes, restore_preamble
from hanpack.steps.decode.json_strings import read_json
from hanpack.steps.decode.written_text import WrittenText, trace_texts
from hanpack.steps.page.column_fields import read_fields
from hanpack.steps.traced import Traced


def read_text(record: Record) -> Traced:
    """Unwrap and decode the text of a record.

    Raises:
        RecordError: its bytes are not text in its encoding, or what is around the text is wrong.
    """
    (text,) = read_texts([record])
    if isinstance(text, RecordError):
        raise text
    return text


def read_plain_text(record: Record) -> str | None:
    """The characters of a record that is written as text or JSON, without their alignment; else None.

    They are those of :func:`read_text`. None too if its bytes are not text in its encoding, or what is around
    the text is wrong.
    """
    if record.wrapping not in ("plain", "json", "json_element") or record.layout is not None:
        return None
    written = _decode(record)
    return written.text if isinstance(written, WrittenText) else None


def find_fault(record: Record) -> Reason | None:
    """Why a record gives no text; None if it does."""
    if record.fault is not None:
        return record.fault
    try:
        read_text(record)
    except RecordError as error:
        return error.reason
    return None


def read_texts(records: Sequence[Record]) -> list[Traced | RecordError]:
    """The text of each record as :func:`read_text` gives it, or why there is none."""
    written = [_decode(record) for record in records]
    traced = iter(trace_texts([text for text in written if isinstance(text, WrittenText)]))
    return [
        _reduce(next(traced), record) if isinstance(text, WrittenText) else text
        for record, text in zip(records, written, strict=True)
    ]


def _decode(record: Record) -> WrittenText | Traced | RecordError:
    """The characters of a record; they are aligned already if they come from a row of CSV."""
    encoding = record.codec
    try:
        if record.wrapping in ("json", "json_element"):
            written = read_json(
                record.data[record.preamble :] if record.preamble else record.data,
                record.column,
                record.byte_start + record.preamble,
                encoding=encoding,
                max_invalid=record.max_invalid,
                max_nesting=record.max_nesting,
                terminator=record.terminator if record.wrapping == "json_element" else None,
            )
            columns = read_fields(written.metadata, record.metadata_columns, record.column)
            if record.metadata or columns is not written.metadata:
                written = replace(written, metadata={**columns, **record.metadata})
            return written
        if record.layout is not None:
            row = unwrap_row(
                record.data,
                record.layout,
                record.byte_start,
                encoding=encoding,
                terminator=record.terminator,
                preamble=record.preamble,
                max_invalid=record.max_invalid,
            )
            columns = read_fields(row.columns, record.metadata_columns)
            return row.traced.with_metadata({**columns, **record.metadata})
        written = read_bytes(record.data, encoding, record.byte_start, record.terminator, record.max_invalid)
    except RecordError as error:
        return error
    return replace(written, lost_values=record.lost_values) if record.lost_values else written


def _reduce(traced: Traced, record: Record) -> Traced | RecordError:
    """The text without the markup of its format, and with the bytes and the metadata around it.

    What reduces a format is loaded for the first record of it.
    """
    if record.wrapping in ("json", "json_element"):
        return restore_preamble(traced, record.byte_start, record.preamble)
    try:
        if record.wrapping == "docx":
            from hanpack.steps.page.docx import reduce_docx

            # What the record says ranks above what its text says.
            traced = reduce_docx(traced.with_metadata(record.metadata), record.members)
        elif record.wrapping in ("chapter", "navigation"):
            from hanpack.steps.page.chapter import reduce_chapter

            label = str(record.metadata.get("chapter", ""))
            traced = reduce_chapter(traced, is_navigation=record.wrapping == "navigation", label=label)
        elif record.wrapping == "parsed":
            from hanpack.steps.page.parsed_text import reduce_parsed

            traced = reduce_parsed(traced, record.pieces)
    except RecordError as error:
        return error
    traced = traced.with_metadata(record.metadata)
    is_printed = record.wrapping == "pdf"
    if record.regions or is_printed:
        return replace(traced, regions=record.regions, has_printed_lines=is_printed)
    return traced
