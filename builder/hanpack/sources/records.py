"""Reads the records of a source in batches of bounded size: the unit of work of every engine."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator

from hanpack.model import Record, Source
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Limits
from hanpack.sources.damage import describe_damage
from hanpack.sources.source_files import Stamp, Survey

Batch = tuple[Record, ...]
BATCH_BYTES = 2 * 2**20
BATCH_RECORDS = 4096


def read_batches(survey: Survey, source: Source, limits: Limits) -> Iterator[Batch]:
    """Read a source's records in order, in batches of at most 2 MiB and 4096 records (at least one record).

    The end of a batch depends only on the records of the source, never on time or workers. The spans of the
    records are adjacent and cover the content from byte 0 to its end. Records that cannot be read, and those
    that were read while the file changed, have a fault.
    """
    batch: list[Record] = []
    batch_bytes = 0
    for record in read_records(survey, source, limits):
        if batch and (batch_bytes + len(record.data) > BATCH_BYTES or len(batch) >= BATCH_RECORDS):
            yield _reject_if_changed(batch, survey)
            batch, batch_bytes = [], 0
        batch.append(record)
        batch_bytes += len(record.data)
    if batch:
        yield _reject_if_changed(batch, survey)


def join_batches(batches: Iterable[Batch]) -> Iterator[tuple[Batch, ...]]:
    """Batches that follow one another, joined as far as they are no larger together than a batch may be.

    >>> from hanpack.model import Record, Source
    >>> batch = (Record(Source("a.txt", "", 1, "utf-8"), 0, b"a", 0, 1),)
    >>> [len(joined) for joined in join_batches([batch] * (BATCH_RECORDS + 2))]
    [4096, 2]
    """
    joined: list[Batch] = []
    size = count = 0
    for batch in batches:
        batch_size = sum(len(record.data) for record in batch)
        if joined and (size + batch_size > BATCH_BYTES or count + len(batch) > BATCH_RECORDS):
            yield tuple(joined)
            joined, size, count = [], 0, 0
        joined.append(batch)
        size += batch_size
        count += len(batch)
    if joined:
        yield tuple(joined)


def read_records(survey: Survey, source: Source, limits: Limits) -> Generator[Record]:
    """Read the records of a source; if it cannot be read to its end, the last record has the fault."""
    metadata = survey.file.options.metadata
    if source.fault:
        yield Record(source, 0, b"", 0, source.size, metadata=metadata, fault=source.fault)
        return
    index, position = 0, 0
    try:
        for record in survey.file.format.make_reader().read_records(survey, source, limits):
            yield record
            index, position = record.index + 1, record.byte_end
    except OSError as error:
        fault = Reason(Cause.READ_ERROR, {"detail": describe_damage(error)})
        yield Record(source, index, b"", position, position, metadata=metadata, fault=fault)


def _reject_if_changed(batch: list[Record], survey: Survey) -> Batch:
    if survey.fault or survey.file.fault or _is_unchanged(survey):
        return tuple(batch)
    changed = Reason(Cause.FILE_CHANGED)
    return tuple(record._replace(data=b"", fault=changed) for record in batch)


def _is_unchanged(survey: Survey) -> bool:
    try:
        return Stamp.of(survey.file.path) == survey.stamp
    except OSError:
        return False
