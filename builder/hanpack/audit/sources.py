"""What an audit reads of a build's sources: their hashes, and each record beside its raw bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hanpack.audit.findings import Audit
from hanpack.hashing import hash_file
from hanpack.model import Record
from hanpack.names import unescape_name
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Recipe
from hanpack.sources.discovery import leads_out
from hanpack.sources.raw import RawSource, locate_source, open_raw, place_record
from hanpack.sources.records import read_batches
from hanpack.sources.source_files import RawReader, SourceFile, Stamp, Survey
from hanpack.store.manifest import Manifest

_BLOCK = 2**20
_NO_CONTENT = RawSource(b"", "utf-8", escaped=False)


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record as the build's reader gives it, and its bytes as the source has them, read independently."""

    record: Record
    raw: RawSource


def check_sources(audit: Audit, manifest: Manifest, root: Path) -> None:
    """Check the hash of every source that was read."""
    for source in manifest.sources:
        if not source.sha256:
            continue
        audit.count("sources")
        path = root / unescape_name(source.path)
        if not path.is_file():
            folder = root.name or "/"
            audit.expect(False, source.path, f"the source is not in {folder}; name its folder with --sources")
            continue
        if leads_out(path, root):
            audit.expect(False, source.path, str(Reason(Cause.LINK_OUT_OF_ROOT)))
            continue
        digest = hash_file(path)
        audit.expect(digest == source.sha256, source.path, f"its sha256 is {digest}, not {source.sha256}")


def read_records(audit: Audit, manifest: Manifest, root: Path) -> Iterator[RawRecord]:
    """Read every record of every source again, in order; bytes that no record covers are a fault.

    Raises:
        VerifyError: a source cannot be read.
    """
    recipe = Recipe.model_validate(manifest.recipe)
    for source in manifest.sources:
        file = locate_source(source, root, recipe)
        if source.fault:
            refused = Survey(file, source.sha256, Stamp(0, 0), b"", source.fault)
            for batch in read_batches(refused, source, recipe.limits):
                yield from (RawRecord(record, _NO_CONTENT) for record in batch)
            continue
        surveyed = Survey(file, source.sha256, Stamp.of(file.path), b"")
        with open_raw(file, recipe) as content:
            position = 0
            for batch in read_batches(surveyed, source, recipe.limits):
                for record in batch:
                    yield RawRecord(record, _read_raw(audit, record, position, content, file))
                    position = record.byte_end
            unread = sum(len(block) for block in iter(lambda: content.read(_BLOCK), b""))
            audit.expect(not unread, source.path, f"bytes {position} to {position + unread} are in no record")


def _read_raw(audit: Audit, record: Record, position: int, content: RawReader, file: SourceFile) -> RawSource:
    """Read the bytes of a record from a stream of the source that does not know where records are."""
    where = f"{record.source.path} record {record.index}"
    start = record.byte_start
    audit.expect(
        start == position, where, f"it begins at byte {start}, but the record before it ends at {position}"
    )
    size = record.byte_end - position
    if record.fault is not None:
        # A record that was refused may be longer than memory.
        while size > 0 and (block := content.read(min(size, _BLOCK))):
            size -= len(block)
        audit.expect(size <= 0, where, "the source ends before the record does")
        return _NO_CONTENT
    data = content.read(size)
    audit.expect(data == record.data, where, "its bytes are not those of the source")
    return place_record(data, position, file, record.source)
