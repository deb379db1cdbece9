"""What an audit reads of a build's sources: their hashes, and each record beside its raw bytes.

It also looks for files that the recipe's patterns match and the manifest does not name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from pathlib import Path

from hanpack.audit.findings import Audit, Deviations
from hanpack.errors import RecipeError
from hanpack.model import Record, Source
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Recipe
from hanpack.recipe_file import load_recipe
from hanpack.secrets import HOME, OUTSIDE, SECRET, SIGNED
from hanpack.source_table import SourceTable, StringColumn
from hanpack.sources.archives import Archives
from hanpack.sources.discovery import discover, leads_out
from hanpack.sources.known_files import FileStates
from hanpack.sources.raw import RawSource, is_at_hand, locate_source, open_raw, place_record
from hanpack.sources.records import read_batches
from hanpack.sources.source_files import RawReader, SourceFile, Survey
from hanpack.sources.survey import Progress, describe_source, survey
from hanpack.sources.surveyed_files import SurveyedFiles
from hanpack.store.manifest import MANIFEST, Manifest

_BLOCK = 2**20
_NO_CONTENT = RawSource(b"", "utf-8", escaped=False)


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record as the build's reader gives it, and its bytes as the source has them, read independently."""

    record: Record
    raw: RawSource


def has_sources(manifest: Manifest, root: Path) -> bool:
    """Whether any of the sources of a build is in ``root``."""
    return any(is_at_hand(source, root) for source in manifest.sources)


def survey_again(
    deviations: Deviations, manifest: Manifest, recipe: Recipe, root: Path, progress: Progress
) -> SurveyedFiles:
    """Survey every source of the manifest again, and compare: its hash, size, encoding and fault."""
    # Whoever made the build says whether a file has a fault: the disk is asked.
    surveys = SurveyedFiles(SourceTable.of(manifest.sources), FileStates(), recipe, root, asks_disk=True)
    archives = Archives(recipe.limits)
    for index, source in enumerate(manifest.sources):
        surveyed = survey(locate_source(source, root, recipe, archives), recipe.limits.max_expansion)
        surveys.states.append_unsettled(surveyed.stamp)
        _compare_source(deviations, source, surveyed, root)
        progress("survey", index + 1, len(manifest.sources))
    return surveys


def _compare_source(deviations: Deviations, stated: Source, surveyed: Survey, root: Path) -> None:
    audit = deviations.audit
    where, path = stated.path, surveyed.file.path
    audit.count("sources")
    if stated.sha256:
        if not path.is_file():
            folder = root.name or "/"
            audit.expect(False, where, f"the source is not in {folder}; name its folder with --sources")
            return
        if leads_out(path, root):
            audit.expect(False, where, str(Reason(Cause.LINK_OUT_OF_ROOT)))
            return
        digest = surveyed.sha256
        if not audit.expect(digest == stated.sha256, where, f"its sha256 is {digest}, not {stated.sha256}"):
            return
    actual = describe_source(surveyed)
    for name in (field.name for field in fields(Source)):
        then, now = getattr(stated, name), getattr(actual, name)
        same = str(then) == str(now)
        deviations.expect(same, where, f"the manifest says that its {name} is {then}, but it is {now}")


def compare_lists(deviations: Deviations, manifest: Manifest, recipe: Recipe, root: Path) -> None:
    """Compare the sources of the manifest with those that the patterns of its recipe match.

    A pattern that was shortened when the recipe was written into the manifest, because it leads out of the
    root, cannot be followed; a note says so.
    """
    hidden = [index for index, entry in enumerate(recipe.sources) if _is_shortened(entry.path)]
    if hidden:
        keys = ", ".join(f"sources.{index}" for index in hidden)
        deviations.audit.notes.append(
            f"whether all files of {keys} are in the build: its path is not in the manifest"
        )
    visible = [index for index in range(len(recipe.sources)) if index not in hidden]
    if not visible:
        return
    entries = [recipe.sources[index] for index in visible]
    try:
        files = discover(recipe.model_copy(update={"sources": entries}), root, MANIFEST)
    except RecipeError as error:
        deviations.expect(False, error.where, error.what)
        return
    stated = SourceTable.of(manifest.sources)
    matched = StringColumn()
    # Whether those that the manifest names follow one another as there.
    in_order, last = True, -1
    for file in files:
        if _is_recipe(file, manifest):
            continue
        matched.append(file.name)
        entry = visible[file.entry]
        row = stated.paths.find(file.name)
        deviations.expect(
            row is not None,
            file.name,
            f"sources.{entry} of the recipe matches this file, but the manifest does not name it: it was "
            "left out, or was added later",
        )
        if row is not None:
            in_order = in_order and row > last and stated[row].entry == entry
            last = row
    if hidden:
        return
    for path in stated.paths:
        is_matched = matched.find(path) is not None
        deviations.expect(is_matched, path, "no pattern of the recipe matches this source")
    deviations.expect(in_order, MANIFEST, "its sources are not in the order of the recipe")


def _is_shortened(pattern: str) -> bool:
    return any(mark in pattern for mark in (HOME, OUTSIDE, SECRET, SIGNED))


def _is_recipe(file: SourceFile, manifest: Manifest) -> bool:
    """Whether a file that the patterns match is the recipe itself, which is never a source."""
    if file.fault is None or file.fault.cause is not Cause.UNKNOWN_FORMAT:
        return False
    try:
        return load_recipe(file.path).name == manifest.name
    except RecipeError:
        return False


def read_records(
    audit: Audit, recipe: Recipe, surveys: Sequence[Survey], sources: Sequence[Source]
) -> Iterator[RawRecord]:
    """Read every record of every source again, in order; bytes that no record covers are a fault.

    Raises:
        VerifyError: a source cannot be read.
    """
    for surveyed, source in zip(surveys, sources, strict=True):
        batches = read_batches(surveyed, source, recipe.limits)
        if source.fault:
            yield from (RawRecord(record, _NO_CONTENT) for batch in batches for record in batch)
            continue
        with open_raw(surveyed.file, recipe) as content:
            position = 0
            for record in chain.from_iterable(batches):
                yield RawRecord(record, _read_raw(audit, record, position, content, surveyed.file))
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
    if audit.expect(data == record.data, where, "its bytes are not those of the source"):
        # Of equal bytes only the record's stay in memory.
        data = record.data
    return place_record(data, position, file, record.source, record.encoding)
