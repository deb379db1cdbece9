"""Shows a scan on one screen, however many files there are: kinds of files, damage, what cannot be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hanpack.chinese import name_script, name_shape, name_step, translate
from hanpack.scanning.files import MOST_RECORDS, ScannedFile
from hanpack.scanning.hints import list_hints
from hanpack.sources.source_files import EXCERPT_BYTES, EXCERPT_ROWS
from hanpack.views.facts import Item
from hanpack.views.visible_text import show_line
from hanpack.wording import format_count

# The most files, kinds of files and faults that are listed.
MOST_FILES = 20
MOST_KINDS = 12
MOST_FAULTS = 6
MOST_BAD = MOST_HINTS = 5


def show_scan(scanned: Sequence[ScannedFile], *, list_all: bool = False) -> RenderableType:
    """A scan for the terminal; ``list_all`` lists every file."""
    readable = [file for file in scanned if not file.fault]
    sections: list[RenderableType] = [_show_summary(scanned)]
    if readable:
        is_short = list_all or len(readable) <= MOST_FILES
        sections.append(_show_files(readable) if is_short else _show_kinds(readable))
    sections += _show_damage(readable)
    sections += _show_bad_records(readable)
    sections += _show_hints(readable)
    sections += _show_faults(scanned)
    if len(readable) > MOST_FILES and not list_all:
        hint = "hanpack scan --all lists every file, --json gives them to programs"
        sections.append(Text(translate(hint), "dim"))
    return Group(*sections)


def dump_scan(scanned: Sequence[ScannedFile]) -> dict[str, Any]:
    """A scan for programs: what was sampled, sums, and every file."""
    readable = [file for file in scanned if not file.fault]
    damage: Counter[str] = Counter()
    for file in readable:
        damage.update(file.damage)
    return {
        "sampled": {
            "bytes_a_file": EXCERPT_BYTES,
            "rows_a_file": EXCERPT_ROWS,
            "records_a_file": MOST_RECORDS,
        },
        "totals": {
            "files": len(scanned),
            "readable": len(readable),
            "examined": sum(file.examined for file in readable),
            "bytes": sum(file.size for file in scanned),
            "tokens": sum(file.tokens for file in readable),
            "bad_records": sum(file.bad_records for file in readable),
            "damage": dict(sorted(damage.items())),
        },
        "files": [asdict(file) for file in scanned],
    }


def _show_summary(scanned: Sequence[ScannedFile]) -> Text:
    readable = [file for file in scanned if not file.fault]
    examined = sum(file.examined for file in readable)
    size = sum(file.size for file in scanned)
    tokens = sum(file.tokens for file in readable)
    sums = (
        f"{format_count(len(scanned), 'file')}, {format_count(size, 'byte')}, "
        f"about {format_count(tokens, 'token')}; {len(readable):,} can be read"
    )
    sampled = f"sampled: the first {EXCERPT_BYTES // 1024} KiB or {EXCERPT_ROWS} rows of each file"
    if examined < len(readable):
        sampled += f"; damage and tokens in {examined:,} of them, spread over all"
    return Text(f"{translate(sums)}\n{translate(sampled)}")


def _make_table(*headings: str) -> Table:
    table = Table()
    for heading in headings:
        is_number = heading in ("number", "bytes", "tokens")
        table.add_column(translate(heading), justify="right" if is_number else "left", overflow="fold")
    return table


def _show_files(files: Sequence[ScannedFile]) -> Table:
    table = _make_table("file", "bytes", "encoding", "script", "records", "tokens")
    for file in files:
        cells = (
            file.name,
            f"{file.size:,}",
            file.encoding,
            name_script(file.script),
            _name_shape(file),
            f"{file.tokens:,}",
        )
        table.add_row(*map(show_line, cells))
    return table


def _show_kinds(files: Sequence[ScannedFile]) -> Table:
    """One row for each suffix, encoding and shape of records; the rare ones together."""
    kinds: dict[tuple[str, str, str, str], list[ScannedFile]] = {}
    for file in files:
        suffix = "".join(Path(file.name).suffixes[-1:])
        kinds.setdefault((suffix, file.encoding, name_script(file.script), _name_shape(file)), []).append(
            file
        )
    table = _make_table("files", "number", "bytes", "encoding", "script", "records", "tokens")
    by_number = sorted(kinds.items(), key=lambda kind: -len(kind[1]))
    for (suffix, *facts), members in by_number[:MOST_KINDS]:
        _add_kind(table, f"*{suffix}", facts, members)
    rare = [file for _, members in by_number[MOST_KINDS:] for file in members]
    if rare:
        _add_kind(table, translate("others"), ["", "", ""], rare)
    return table


def _add_kind(table: Table, name: str, facts: Sequence[str], files: Sequence[ScannedFile]) -> None:
    size, tokens = sum(file.size for file in files), sum(file.tokens for file in files)
    cells = (name, f"{len(files):,}", f"{size:,}", *facts, f"{tokens:,}")
    table.add_row(*map(show_line, cells))


def _name_shape(file: ScannedFile) -> str:
    shape = name_shape(file.shape)
    return f"{shape} ({file.column})" if file.column else shape


def _show_damage(files: Sequence[ScannedFile]) -> Iterator[Text]:
    numbers: Counter[str] = Counter()
    files_with: Counter[str] = Counter()
    for file in files:
        numbers.update(file.damage)
        files_with.update(file.damage.keys())
    if numbers:
        steps = ", ".join(
            translate(f"{name_step(step)} {number:,} in {format_count(files_with[step], 'file')}")
            for step, number in numbers.most_common()
        )
        yield show_line(translate(f"edits of a build in what was sampled: {steps}"))


def _show_hints(files: Sequence[ScannedFile]) -> Iterator[Text | Item]:
    hints = list_hints(files)
    if hints:
        yield Text(translate("hints:"), "yellow")
    yield from (Item(translate(hint), "yellow") for hint in hints[:MOST_HINTS])
    if len(hints) > MOST_HINTS:
        others = format_count(len(hints) - MOST_HINTS, "other hint")
        yield Text(f"  {translate(f'and {others}: --json lists them by file')}", "yellow")


def _show_bad_records(files: Sequence[ScannedFile]) -> Iterator[Text | Item]:
    bad = [file for file in files if file.bad_records]
    if not bad:
        return
    number = sum(file.bad_records for file in bad)
    yield Text(translate(f"{format_count(number, 'record')} of those sampled cannot be used:"), "yellow")
    for file in bad[:MOST_BAD]:
        for record in (file.first_bad, *file.other_bad):
            yield Item(translate(f"{file.name} {record}"), "yellow")
        if more := file.bad_records - 1 - len(file.other_bad):
            yield Item(
                translate(f"{file.name}: {format_count(more, 'record')} more of these kinds"), "yellow"
            )
    if len(bad) > MOST_BAD:
        others = translate(f"and in {format_count(len(bad) - MOST_BAD, 'more file')}")
        yield Text(f"  {others}", "yellow")


def _show_faults(scanned: Sequence[ScannedFile]) -> Iterator[Text | Item]:
    """What is not read: the files of each reason, the most frequent reason first."""
    rejected = [file for file in scanned if file.fault and file.is_source]
    yield from _list_faults("cannot be read; a build has each in its ledger as rejected:", rejected)
    left_out = [file for file in scanned if file.fault and not file.is_source]
    yield from _list_faults("left out by init:", left_out)


def _list_faults(title: str, files: Sequence[ScannedFile]) -> Iterator[Text | Item]:
    by_fault: dict[str, list[str]] = {}
    for file in files:
        by_fault.setdefault(file.fault, []).append(file.name)
    if not by_fault:
        return
    yield Text(translate(f"{format_count(len(files), 'file')} {title}"), "yellow")
    by_number = sorted(by_fault.items(), key=lambda fault: -len(fault[1]))
    for fault, names in by_number[:MOST_FAULTS]:
        others = format_count(len(names) - 1, "other file")
        named = translate(f"{names[0]} and {others}") if len(names) > 1 else names[0]
        yield Item(f"{named}: {translate(fault)}", "yellow")
    if len(by_fault) > MOST_FAULTS:
        yield Text(f"  {translate(f'and {len(by_fault) - MOST_FAULTS:,} other reasons')}", "yellow")
