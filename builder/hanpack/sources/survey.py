"""The first reading of a source: its hash, its encoding, and whether it can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from hanpack.model import Source
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Recipe
from hanpack.secrets import redact
from hanpack.source_table import SourceTable
from hanpack.sources.content import hash_stored, open_content
from hanpack.sources.content_kinds import advise_on_kind, fits, may_be_json, name_kind
from hanpack.sources.damage import describe_damage
from hanpack.sources.discovery import discover
from hanpack.sources.formats import JSON
from hanpack.sources.known_files import FileState, FileStates, KnownFiles, describe_settings
from hanpack.sources.source_files import SourceFile, Stamp, Survey
from hanpack.sources.structure import resolve_order
from hanpack.sources.surveyed_files import SurveyedFiles
from hanpack.steps.decode.encodings import detect, find_other_encoding
from hanpack.steps.decode.line_encodings import explain_undecided
from hanpack.wording import format_count

_UNREADABLE = frozenset(
    (
        Cause.INVALID_PDF,
        Cause.INVALID_PACKAGE,
        Cause.INVALID_PARQUET,
        Cause.INVALID_ARROW,
        Cause.INVALID_WARC,
    )
)
_HEAD_BYTES = 4_096
# Called with the stage, the work done and the total, both in a unit of the stage.
Progress = Callable[[str, int, int], None]


def ignore_progress(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody shows."""


def survey(file: SourceFile, max_expansion: int) -> Survey:
    """Hash a file and sample its content; a file that cannot be read has a fault instead of a sample.

    ``max_expansion`` is how many times its size a compressed file may expand to.
    """
    if file.fault:
        return Survey(file, "", Stamp(0, 0), b"", file.fault)
    try:
        stamp = Stamp.of(file.path)
        digest = hash_stored(file)
        archive_digest = file.member.hash_archive() if file.member else None
    except OSError as error:
        unread = Reason(Cause.CANNOT_READ, {"detail": describe_damage(error)})
        return Survey(file, "", Stamp(0, 0), b"", unread)
    try:
        sample, fault = file.format.make_reader().take_sample(file, max_expansion)
        fault = _name_other_content(file, sample, fault, max_expansion)
        return Survey(file, digest, stamp, sample, fault, archive_digest)
    except OSError as error:
        damage = Reason(Cause.CANNOT_READ_TO_END, {"detail": describe_damage(error)})
        return Survey(file, digest, stamp, b"", damage, archive_digest)


def _name_other_content(
    file: SourceFile, sample: bytes, fault: Reason | None, max_expansion: int
) -> Reason | None:
    """The fault of a file: what it really is, if its first bytes show that it is not of its format."""
    if fault is None and (file.format is not JSON or may_be_json(sample)):
        return None
    if fault and fault.cause not in _UNREADABLE:
        return fault
    try:
        with open_content(file, max_expansion) as content:
            kind = name_kind(content.read(_HEAD_BYTES))
    except OSError:
        return fault
    if not kind or fits(kind, file.format.name):
        return fault
    fields = {"content": kind, "format": file.format.name.upper(), "advice": advise_on_kind(kind)}
    return Reason(Cause.OTHER_CONTENT, fields)


def describe_source(surveyed: Survey) -> Source:
    """The source as the manifest lists it; its encoding is that of the recipe, or else is detected.

    A source whose encoding cannot be decided has a fault, which rejects the file: nothing is guessed.
    """
    file = surveyed.file
    fault = _redact(surveyed.fault) if surveyed.fault else None
    source = Source(
        file.name, surveyed.sha256, surveyed.size, None, file.entry, fault, surveyed.archive_sha256
    )
    if fault:
        return source
    encoding = file.options.encoding or file.format.fixed_encoding
    if encoding:
        return replace(source, encoding=resolve_order(encoding, surveyed.sample))
    detected = detect(surveyed.sample)
    encoding = detected.encoding or file.format.fallback_encoding
    if encoding:
        return replace(source, encoding=encoding)
    return replace(source, fault=explain_undecided(detected, surveyed.sample))


class EncodingNotes:
    """Warnings about files whose bytes are text in another encoding than the recipe names for them."""

    def __init__(self) -> None:
        # The first file, and the number of files, by the two encodings.
        self._files: dict[tuple[str, str], tuple[str, int]] = {}

    def examine(self, surveyed: Survey, source: Source) -> None:
        """Look at the sample of a file."""
        named = source.encoding or ""
        if source.fault or not surveyed.sample or not surveyed.file.options.encoding:
            return
        other = find_other_encoding(surveyed.sample, named)
        if other and surveyed.file.format.fixed_encoding is None:
            first, number = self._files.get((named, other), (source.path, 0))
            self._files[named, other] = first, number + 1

    def list(self) -> Iterator[str]:
        """The warnings, one for each two encodings."""
        for (named, other), (first, number) in self._files.items():
            others = f" and {format_count(number - 1, 'other file')}" if number > 1 else ""
            yield (
                f"{first}{others}: the recipe names the encoding {named}, but the bytes are text in {other}: "
                "look at the chunks, and correct 'encoding' in the recipe"
            )


def _redact(reason: Reason) -> Reason:
    fields = {
        name: redact(value) if isinstance(value, str) else value for name, value in reason.fields.items()
    }
    return Reason(reason.cause, fields)


def survey_sources(
    recipe: Recipe,
    root: Path,
    where: str,
    progress: Progress = ignore_progress,
    known_files: KnownFiles | None = None,
) -> SurveyedFiles:
    """Find and survey the sources of a recipe, in order; ``where`` names the recipe in errors.

    A file among ``known_files`` that has not changed is not read.

    Raises:
        RecipeError: an entry of the recipe names nothing that can be a source.
    """
    if known_files is None:
        known_files = KnownFiles()
    files = discover(recipe, root, where)
    surveys, notes = SurveyedFiles(SourceTable(), FileStates(), recipe, root), EncodingNotes()
    max_expansion = recipe.limits.max_expansion
    number_recalled = 0
    for index, file in enumerate(files):
        surveys.formats.add(file.format)
        number_recalled += _add_file(surveys, notes, file, max_expansion, known_files)
        progress("survey", index + 1, len(files))
    surveys.notes = tuple(notes.list())
    surveys.are_all_recalled = number_recalled == surveys.states.number_settled == len(known_files)
    return surveys


def _add_file(
    surveys: SurveyedFiles,
    notes: EncodingNotes,
    file: SourceFile,
    max_expansion: int,
    known_files: KnownFiles,
) -> bool:
    """Add a file to the surveys, read unless it is known and has not changed; whether it was not read."""
    settings = describe_settings(file, max_expansion)
    state = _find_state(file)
    recalled = known_files.find(file.name, settings, state)
    if recalled is not None and state is not None:
        surveys.sources.append(replace(recalled, entry=file.entry))
        surveys.states.append(state, settings)
        return True
    surveyed = survey(file, max_expansion)
    source = describe_source(surveyed)
    notes.examine(surveyed, source)
    surveys.sources.append(source)
    is_unchanged = source.fault is None and state is not None and state.stamp == surveyed.stamp
    if is_unchanged and state is not None and state.is_settled(known_files.begin):
        surveys.states.append(state, settings)
    else:
        surveys.states.append_unsettled(surveyed.stamp)
    return False


def _find_state(file: SourceFile) -> FileState | None:
    try:
        return None if file.fault else FileState.of(file.path)
    except OSError:
        return None
