"""Compares two builds: documents, chunks, sources, figures, recipe and versions."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hanpack.chinese import find_language, name_script, name_step, translate
from hanpack.store.figures import NOT_STATED
from hanpack.store.manifest_changes import Difference, compare_manifests
from hanpack.store.reader import BuildReader
from hanpack.store.table_kinds import TableKind
from hanpack.views.change_reasons import SAME_FILE, explain_changes
from hanpack.views.document_changes import (
    CHANGE_KINDS,
    MOST_CHANGES,
    ChangeKind,
    DocumentChange,
    KeptDocuments,
    compare_documents,
)
from hanpack.views.facts import FoldedLine
from hanpack.views.text_changes import LONGEST, TextChange, find_text_changes
from hanpack.views.text_changes import MOST_CHANGES as MOST_TEXT_CHANGES
from hanpack.views.visible_text import show_line
from hanpack.wording import format_count

SHOWN_DOCUMENTS = 10
SHOWN_DIFFERENCES = 30
SHORTENED_TEXTS = "not all changes of the texts are shown: --full shows all of them"
# Hexadecimal digits of a hash.
SHOWN_DIGITS = 16
# What the groups of figures are called, as in inspect, and what names their members.
_FIGURE_LABELS: Mapping[str, str] = {
    "states": "records",
    "scripts": "documents in script",
    "encodings": "documents in encoding",
    "edits": "edits by",
    "bytes_removed": "bytes removed by",
    "splits": "documents in split",
}
_MEMBER_NAMES: Mapping[str, Callable[[str], str]] = {
    "edits": name_step,
    # Of a record that is not kept, its state removed the bytes.
    "bytes_removed": lambda name: translate(name) if name_step(name) == name else name_step(name),
    "scripts": name_script,
}
STYLES: Mapping[ChangeKind, str] = {"added": "green", "gone": "red", "changed": "yellow", "moved": "dim"}


@dataclass(frozen=True, slots=True)
class ChunkCounts:
    """How many chunks of a table kept their id, are new, or are gone."""

    kept: int
    new: int
    gone: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two builds side by side.

    ``documents`` counts the documents that stayed the same and those of each kind of change; one that moved
    still has the same text. ``other_splits`` is how many, moved or changed, are in another split.
    ``changes`` has the first thousand of each kind, ``text_changes`` where the texts of the first changed
    documents differ, by the old id (``is_shortened`` if not all of it), ``chunks`` the counts of each table
    of chunks that either build has.
    ``sources`` compares hashes by path, ``withdrawals`` the requests that are honoured, ``figures`` the
    manifest's totals, ``recipe`` and ``versions`` their keys.
    """

    old: str
    new: str
    documents: Mapping[str, int]
    other_splits: int
    changes: tuple[DocumentChange, ...]
    text_changes: Mapping[str, Sequence[TextChange]]
    is_shortened: bool
    chunks: Mapping[str, ChunkCounts]
    sources: tuple[Difference, ...]
    withdrawals: tuple[Difference, ...]
    figures: tuple[Difference, ...]
    recipe: tuple[Difference, ...]
    versions: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Whether the builds have the same documents and chunks, made of the same inputs."""
        changed = any(self.documents[kind] for kind in CHANGE_KINDS)
        changed = changed or any(counts.new or counts.gone for counts in self.chunks.values())
        inputs = self.sources or self.withdrawals or self.recipe or self.versions
        return not (changed or inputs or self.figures)

    def as_json(self) -> dict[str, Any]:
        """The comparison for programs."""
        return {"same": self.same, **asdict(self)}


def compare_builds(old: Path, new: Path, *, is_full: bool = False) -> Comparison:
    """Compare two builds by their manifests, ledgers and ids, and the texts of the first changed documents.

    With ``is_full`` it has all changes of these texts, and all of each.

    Raises:
        VerifyError: one of them is not a finished build, or a shard of it cannot be read.
    """
    readers = BuildReader.open(old), BuildReader.open(new)
    manifests = [reader.manifest for reader in readers]
    changes = compare_manifests(*manifests)
    hashes = [{(source.path, source.sha256) for source in manifest.sources} for manifest in manifests]
    unchanged = [path for path, _ in hashes[0] & hashes[1]]
    kept = [KeptDocuments.read(reader) for reader in readers]
    documents = compare_documents(kept[0], kept[1], unchanged)
    text_changes, is_shortened = _read_text_changes(*readers, documents.changes, is_full=is_full)
    tables = dict.fromkeys(table for reader in readers for table in reader.tables)
    return Comparison(
        old=str(old),
        new=str(new),
        documents=documents.counts,
        other_splits=documents.other_splits,
        changes=explain_changes(*readers, documents.changes, changes),
        text_changes=text_changes,
        is_shortened=is_shortened,
        chunks={
            table: _compare_chunks(*(_read_ids(reader, table) for reader in readers))
            for table in tables
            if TableKind.of(table) is TableKind.CHUNKS
        },
        sources=changes.sources,
        withdrawals=changes.withdrawals,
        figures=changes.figures,
        recipe=changes.recipe,
        versions=changes.versions,
    )


def _read_text_changes(
    old: BuildReader, new: BuildReader, changes: Sequence[DocumentChange], *, is_full: bool
) -> tuple[dict[str, list[TextChange]], bool]:
    """Where the texts of the first changed documents differ, by the old id, and whether that is not all."""
    changed = [change for change in changes if change.kind == "changed"][:SHOWN_DOCUMENTS]
    if not changed:
        return {}, False
    old_texts = _read_texts(old, [change.old_id for change in changed])
    new_texts = _read_texts(new, [change.new_id for change in changed])
    most, longest = (sys.maxsize, sys.maxsize) if is_full else (MOST_TEXT_CHANGES, LONGEST)
    found = {
        str(change.old_id): find_text_changes(
            old_texts[change.old_id], new_texts[change.new_id], most if is_full else most + 1, longest
        )
        for change in changed
        if change.old_id in old_texts and change.new_id in new_texts
    }
    is_shortened = any(
        len(of_text) > most or any(max(len(change.old), len(change.new)) > longest for change in of_text)
        for of_text in found.values()
    )
    return {name: of_text[:most] for name, of_text in found.items()}, is_shortened


def _read_texts(reader: BuildReader, ids: Sequence[str | None]) -> dict[str | None, str]:
    table = reader.read("documents", ["id", "text"], pc.field("id").isin(pa.array(ids, pa.string())))
    return dict(zip(table.column("id").to_pylist(), table.column("text").to_pylist(), strict=True))


def _read_ids(reader: BuildReader, table: str) -> pa.Array:
    if table not in reader.tables:
        return pa.array([], pa.string())
    return reader.read(table, ["id"]).column("id").combine_chunks()


def _compare_chunks(old: pa.Array, new: pa.Array) -> ChunkCounts:
    kept = pc.sum(pc.is_in(old, value_set=new)).as_py() or 0
    return ChunkCounts(kept=kept, new=len(new) - kept, gone=len(old) - kept)


def show_comparison(comparison: Comparison) -> RenderableType:
    """A comparison for the terminal."""
    if comparison.same:
        same = "the two builds are the same: every document and chunk, figure, recipe key and version"
        return Text(translate(same))
    counts = Table(title=translate("documents and chunks"), title_justify="left", show_header=False)
    counts.add_column(style="bold")
    counts.add_column(justify="right")
    for name, count in comparison.documents.items():
        counts.add_row(translate(f"documents {name}"), f"{count:,}")
    for table, chunks in comparison.chunks.items():
        counts.add_row(translate(f"{table} that kept their id"), f"{chunks.kept:,}")
        counts.add_row(translate(f"{table} new"), f"{chunks.new:,}")
        counts.add_row(translate(f"{table} gone"), f"{chunks.gone:,}")
    sections: list[RenderableType] = [counts]
    if comparison.other_splits:
        moved = f"documents that are in another split than before: {comparison.other_splits:,}"
        leak = "do not train on one of these builds and test on the other"
        sections.append(Text(translate(f"{moved}; {leak}"), "yellow"))
    sections += [_show_documents(comparison, kind) for kind in CHANGE_KINDS if comparison.documents[kind]]
    differences: dict[str, Sequence[Difference]] = {
        "sources": [_shorten_hashes(difference) for difference in comparison.sources],
        "withdrawals": comparison.withdrawals,
        "figures": _leave_out_repeated(comparison.figures),
        "recipe": comparison.recipe,
        "versions": comparison.versions,
    }
    sections += [_show_differences(title, values) for title, values in differences.items() if values]
    return Group(*sections)


def _show_documents(comparison: Comparison, kind: ChangeKind) -> RenderableType:
    """The first documents with a kind of change: where each is, why, and what changed in its text."""
    lines: list[RenderableType] = [Text(translate(f"documents {kind}"), "italic")]
    changes = [change for change in comparison.changes if change.kind == kind]
    causes = Counter(change.why for change in changes if change.why.startswith(SAME_FILE))
    shared = {cause: number for cause, number in causes.items() if number > 1}
    for cause, number in shared.items():
        # Of more documents than are described, all have the cause if each described one has it.
        total = comparison.documents[kind] if number == len(changes) else number
        same = f"{format_count(total, 'document')}: their files are the same; what differs is"
        lines.append(show_line(translate(f"{same} {cause.removeprefix(SAME_FILE)}")))
    for change in changes[:SHOWN_DOCUMENTS]:
        lines.append(_show_change(replace(change, why="") if change.why in shared else change))
        for text_change in comparison.text_changes.get(change.old_id or "", ()):
            lines += _show_text_change(text_change)
    if kind == "changed" and comparison.is_shortened:
        lines.append(Text(translate(SHORTENED_TEXTS), "dim"))
    if hidden := _count_hidden(comparison.documents[kind], SHOWN_DOCUMENTS):
        lines.append(Text(hidden, "dim"))
    return Group(*lines)


def _show_change(change: DocumentChange) -> Text:
    """A change on one line: places, ids, and why."""
    places = [place for place in (change.old_place, change.new_place) if place is not None]
    locations = {place.location for place in places}
    # A change of the split alone is in the reason.
    names = [*locations] if len(places) == 2 and len(locations) == 1 else [str(place) for place in places]
    ids = [identity for identity in (change.old_id, change.new_id) if identity is not None]
    where = " → ".join(dict.fromkeys(translate(name) for name in names))
    line = show_line(where, STYLES[change.kind])
    line.append_text(show_line(f" ({' → '.join(dict.fromkeys(ids))})", "dim"))
    return line.append_text(show_line(f": {translate(change.why)}" if change.why else ""))


def _show_text_change(change: TextChange) -> Iterator[FoldedLine]:
    """The old and the new text of a place, on a line each."""
    for sign, text, style in (("-", change.old, "red"), ("+", change.new, "green")):
        middle = show_line(f"[{text}]" if text else "[]", style)
        before, after = show_line(change.before), show_line(change.after)
        yield FoldedLine(Text.assemble(f"  {sign} …", before, middle, after, "…"))


def _show_differences(title: str, differences: Sequence[Difference]) -> Table:
    table = Table(title=translate(title), title_justify="left")
    are_figures = title == "figures"
    for heading in ("", "old", "new", *(["difference"] if are_figures else [])):
        justify = "right" if are_figures and heading else "left"
        table.add_column(translate(heading), justify=justify)  # type: ignore[arg-type]
    for difference in differences if are_figures else differences[:SHOWN_DIFFERENCES]:
        if difference.old is None and difference.new is None:
            # A part of a recipe that only one of them has; its keys follow.
            continue
        name = _name_figure(difference.name) if are_figures else difference.name
        cells = [show_line(name), _show_value(difference.old), _show_value(difference.new)]
        if are_figures:
            cells.append(Text(f"{(difference.new or 0) - (difference.old or 0):+,}"))
        table.add_row(*cells)
    if not are_figures:
        table.caption = _count_hidden(len(differences), SHOWN_DIFFERENCES)
    return table


def _shorten_hashes(difference: Difference) -> Difference:
    hashes = (value and f"{value[:SHOWN_DIGITS]}…" for value in (difference.old, difference.new))
    return Difference(difference.name, *hashes)


def _leave_out_repeated(figures: Sequence[Difference]) -> list[Difference]:
    """The figures that say something new: a group with one member repeats the figure of the whole."""
    values = {figure.name: (figure.old, figure.new) for figure in figures}
    sizes = Counter(name.partition(".")[0] for name in values)
    return [
        figure
        for figure in figures
        if values.get(_find_whole(figure.name)) != values[figure.name]
        and not (figure.name.endswith(f".{NOT_STATED}") and sizes[figure.name.partition(".")[0]] == 1)
    ]


def _name_figure(name: str) -> str:
    """A figure as the manifest names it; in Chinese by its meaning.

    >>> _name_figure("bytes_removed.html")
    'bytes_removed.html'
    """
    if not find_language():
        return name
    group, _, member = name.partition(".")
    write = _MEMBER_NAMES.get(group, translate)
    label = translate(_FIGURE_LABELS.get(group, group.replace("_", " ")))
    return f"{label} {write(member)}" if member else label


def _find_whole(name: str) -> str:
    """The name of the figure that a figure is a part of; empty if there is none.

    >>> _find_whole("tables.chunks.tokens"), _find_whole("splits.train"), _find_whole("edits.html")
    ('tokens', 'documents', '')
    """
    group = name.partition(".")[0]
    if name.startswith("tables.chunks."):
        return name.removeprefix("tables.chunks.")
    return "documents" if name == "states.kept" or group in ("scripts", "encodings", "splits") else ""


def _show_value(value: object) -> Text:
    if value is None:
        return Text("–", "dim")
    return show_line(f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value)


def _count_hidden(count: int, shown: int) -> str | None:
    if count <= shown:
        return None
    return translate(f"and {count - shown:,} more; --json gives up to {MOST_CHANGES:,}")
