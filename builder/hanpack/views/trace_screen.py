"""Shows a trace on a terminal: screens of raw and final text around the edits, and the edits, grouped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hanpack.chinese import join_label, name_step, translate
from hanpack.errors import UsageError
from hanpack.views.edited_chunks import ChunkPart
from hanpack.views.facts import FoldedLine
from hanpack.views.samples import show_facts
from hanpack.views.trace import Trace, TracedEdit
from hanpack.views.visible_text import clip_text, make_visible, put_on_one_line, show_blanks, show_line
from hanpack.wording import format_count

# The lines of a screen, the most lines of one row of it; the characters of a stretch without edits that are
# shown whole, half a screen of Chinese, and those that are kept of a longer one, at each of its ends.
SCREEN_LINES = 30
ROW_LINES = 6
LONGEST_STRETCH = 300
CONTEXT = 60
NO_SOURCES = "the sources are not at hand: name their folder with --sources"
# Characters of the raw text of one edit that are shown.
LONGEST_RAW = 120
# Characters of a text in the list of edits, and the most rows of that list.
LONGEST_EDIT = 36
MOST_EDITS = 24
# The parts of a row of a screen.
ScreenRow = Sequence[ChunkPart]


@dataclass(frozen=True, slots=True)
class EditGroup:
    """Edits of one step that did the same to the same text; ``number`` is how many."""

    first: TracedEdit
    number: int


def show_trace(
    traced: Trace, screen: int | None = 1, width: int = 80, *, shows_all: bool = False
) -> RenderableType:
    """A trace for a terminal so many columns wide: facts, a screen of raw and final text, and the edits.

    If ``screen`` is None, all screens are shown as one. Long stretches without edits and long markup are
    shortened in their middle, and of many edits the first are listed, unless ``shows_all``.

    Raises:
        UsageError: there is no such screen.
    """
    # Two columns share the width with their three borders and the spaces inside them.
    cell_width = max((width - 7) // 2, 8)
    parts = list(join_line_ends(traced.parts))
    shortened = parts if shows_all else list(_shorten_parts(parts))
    rows = _cut_rows(shortened, cell_width)
    screens = list(_cut_screens(rows, cell_width)) or [[]]
    if screen is None:
        screens, screen = [[row for of_screen in screens for row in of_screen]], 1
    if screen > len(screens):
        what = f"the chunk has {format_count(len(screens), 'screen')}"
        raise UsageError(what, "--screen", "name a lower number")
    sections: list[RenderableType] = [show_facts(traced.chunk)]
    if traced.line is not None:
        sections.append(Text(translate(f"the record is line {traced.line:,} of the source")))
    sections.append(_show_sides(traced, screens[screen - 1]))
    if len(screens) > 1:
        following = f"; --screen {screen + 1} is the next" if screen < len(screens) else ""
        sections.append(Text(translate(f"screen {screen} of {len(screens)}{following}"), "dim"))
    if shortened != parts:
        sections.append(Text(translate("shortened in the middle: --full shows all of it"), "dim"))
    if screen == 1:
        sections.append(_show_edits(traced.edits, None if shows_all else MOST_EDITS))
    return Group(*sections)


def _show_sides(traced: Trace, rows: Sequence[ScreenRow]) -> Table:
    if not traced.has_sources:
        return _show_text(traced, rows)
    sides = Table()
    sides.add_column(show_line(join_label("raw", traced.chunk["source"])), ratio=1, overflow="fold")
    sides.add_column(translate("document"), ratio=1, overflow="fold")
    # Several lines of a printed page are one of the document: rules show which belong together.
    joined = [_joins_lines(row) for row in rows]
    for row, is_ruled in zip(rows, map(max, joined, [*joined[1:], False]), strict=True):
        raw, final = Text(), Text()
        for part in row:
            _append_part(raw, show_blanks(part.raw) if part.step else part.raw, "red" if part.step else "")
            _append_part(final, part.text, "green" if part.step else "")
        raw.rstrip()
        final.rstrip()
        sides.add_row(raw, final, end_section=is_ruled)
    return sides


def _show_text(traced: Trace, rows: Sequence[ScreenRow]) -> Table:
    """A screen of the final text alone."""
    table = Table(caption=translate(f"{NO_SOURCES} to see its bytes"), caption_justify="left")
    table.add_column(show_line(join_label("document", traced.chunk["source"])), overflow="fold")
    for row in rows:
        final = Text()
        for part in row:
            _append_part(final, part.text, "green" if part.step else "")
        final.rstrip()
        table.add_row(final)
    return table


def _append_part(cell: Text, text: str, style: str) -> None:
    """Add a text to a cell, with a sign at the end of each of its lines: the cell breaks long lines, too."""
    *lines, last = text.split("\n")
    for line in lines:
        cell.append(line, style)
        cell.append("⏎\n", "dim")
    cell.append(last, style)


def join_line_ends(parts: Sequence[ChunkPart]) -> Iterator[ChunkPart]:
    """The same parts; a carriage return that was removed before a line feed is one edit with it."""
    pending: ChunkPart | None = None
    for part in parts:
        current = part
        if pending is not None:
            if not part.step and part.raw.startswith("\n") and part.text.startswith("\n"):
                yield replace(pending, raw=f"{pending.raw}\n", text="\n")
                current = replace(part, raw=part.raw[1:], text=part.text[1:])
            else:
                yield pending
            pending = None
        if part.step and part.raw == "␍" and not part.text:
            pending = part
        elif current.raw or current.text:
            yield current
    if pending is not None:
        yield pending


def _shorten_parts(parts: Iterable[ChunkPart]) -> Iterator[ChunkPart]:
    """The same parts; long stretches without edits and long markup that was removed are shortened."""
    for part in parts:
        if part.step and part.text.strip():
            yield part
        elif part.step:
            yield replace(part, raw=clip_text(part.raw, LONGEST_RAW))
        elif max(len(part.raw), len(part.text)) <= LONGEST_STRETCH:
            yield part
        elif part.raw == part.text:
            shortened = clip_text(part.raw, 2 * CONTEXT)
            yield replace(part, raw=shortened, text=shortened)
        else:
            yield replace(part, raw=clip_text(part.raw, 2 * CONTEXT), text=clip_text(part.text, 2 * CONTEXT))


def _cut_rows(parts: Iterable[ChunkPart], cell_width: int) -> Iterator[ScreenRow]:
    """Consecutive parts, a row for each line of the document; a long line takes several rows."""
    row: list[ChunkPart] = []
    for part in _cut_lines(parts):
        row.append(part)
        if part.text.endswith("\n") or _count_lines(row, cell_width) >= ROW_LINES:
            yield row
            row = []
    if row:
        yield row


def _cut_lines(parts: Iterable[ChunkPart]) -> Iterator[ChunkPart]:
    """The same parts; those without an edit are cut at the line ends of their text."""
    for part in parts:
        lines = part.text.splitlines(keepends=True)
        if part.step or part.raw != part.text or len(lines) < 2:
            yield part
        else:
            yield from (replace(part, raw=line, text=line) for line in lines)


def _joins_lines(row: ScreenRow) -> bool:
    """Whether a row has several lines of the source."""
    return "\n" in "".join(part.raw for part in row).rstrip()


def _cut_screens(rows: Iterable[ScreenRow], cell_width: int) -> Iterator[list[ScreenRow]]:
    """Consecutive rows that fit on a screen."""
    screen: list[ScreenRow] = []
    size = 0
    for row in rows:
        lines = _count_lines(row, cell_width) + _joins_lines(row)
        if screen and size + lines > SCREEN_LINES:
            yield screen
            screen, size = [], 0
        screen.append(row)
        size += lines
    if screen:
        yield screen


def _count_lines(row: ScreenRow, cell_width: int) -> int:
    """About how many lines a row takes."""
    sides = ("".join(part.raw for part in row), "".join(part.text for part in row))
    return max(
        sum(max(1, -(-cell_len(line) // cell_width)) for line in side.rstrip().split("\n")) for side in sides
    )


def group_edits(edits: Sequence[TracedEdit]) -> list[EditGroup]:
    """Equal edits together, in the order of the first of each."""
    groups: dict[tuple[str, str, str, str], EditGroup] = {}
    for traced in edits:
        key = (traced.edit.step, traced.edit.kind, traced.raw, traced.text)
        before = groups.get(key)
        groups[key] = EditGroup(before.first, before.number + 1) if before else EditGroup(traced, 1)
    return list(groups.values())


def _show_edits(edits: Sequence[TracedEdit], most: int | None) -> RenderableType:
    if not edits:
        return Text(translate("no step changed anything here"))
    groups = group_edits(edits)
    table = Table(title=translate(format_count(len(edits), "edit")), title_justify="left")
    for heading in ("step", "kind"):
        table.add_column(translate(heading), overflow="fold")
    for heading in ("number", "first at byte"):
        table.add_column(translate(heading), justify="right")
    for heading in ("raw", "document"):
        table.add_column(translate(heading), overflow="fold")
    for group in groups[:most]:
        edit = group.first.edit
        facts = (name_step(edit.step), translate(edit.kind), f"{group.number:,}", str(edit.byte_start))
        # A carriage return is removed as a part of its line end.
        is_line_end = (group.first.raw, group.first.text) == ("\r", "")
        raw, text = ("\r\n", "\n") if is_line_end else (group.first.raw, group.first.text)
        texts = (_shorten(raw), _shorten(text))
        table.add_row(*map(show_line, (*facts, *texts)))
    if hidden := len(groups) - table.row_count:
        table.caption = translate(f"and {hidden:,} more; --full shows all")
        table.caption_justify = "left"
    return Group(table, *_explain_steps(group.first.edit.step for group in groups[:most]))


def _explain_steps(steps: Iterable[str]) -> Iterator[FoldedLine]:
    """A line for each step of a list of edits: what it does."""
    # Loaded for edits only: the table of steps loads the steps.
    from hanpack.step_table import STEPS

    summaries = {step.name: step.summary for step in STEPS}
    for step in dict.fromkeys(steps):
        if step in summaries:
            yield FoldedLine(show_line(join_label(name_step(step), translate(summaries[step])), "dim"))


def _shorten(text: str) -> str:
    """The beginning and the end of a text on one line."""
    half = LONGEST_EDIT // 2
    shortened = text if len(text) <= LONGEST_EDIT else f"{text[:half]} … {text[-half:]}"
    return put_on_one_line(make_visible(show_blanks(shortened)))
