"""Reads the body and the notes of a Word document into lines and tables, all traced to their XML.

Kept is what Word shows with all changes accepted: inserted text and not deleted text, the results of fields
and not their codes, one of two alternatives. Tables of contents are left out.

Source: ISO/IEC 29500-1, 17.3 (paragraphs and runs), 17.4 (tables), 17.13.5 (revisions), 17.16 (fields); 22.1
(mathematics).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Protocol

from hanpack.steps.page.docx_lines import CellDraft, DocumentLines, TableDraft
from hanpack.steps.page.docx_styles import LEVELS, Numbering, ParagraphProperties, Styles, read_integer
from hanpack.steps.page.docx_titles import LINES_LOOKED_AT, LineLook
from hanpack.steps.page.xml_events import XmlEvent

Closer = Callable[[XmlEvent], None]

# Elements whose text is not shown; of a moved text only the new place is kept.
_HIDDEN = frozenset(("w:del", "w:moveFrom", "w:instrText", "w:delText", "w:rt"))
_TEXTS = frozenset(("w:t", "m:t"))
# Empty elements in a run that stand for characters.
_CHARACTERS: Mapping[str, str] = MappingProxyType({"w:tab": "\t", "w:ptab": "\t", "w:noBreakHyphen": "-"})
# What is inserted before and after the parts of a formula.
_FORMULA_MARKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "m:num": ("(", ")"),
        "m:den": ("/(", ")"),
        "m:sup": ("^(", ")"),
        "m:sub": ("_(", ")"),
        "m:rad": ("√(", ")"),
    }
)
# The characters of the Wingdings fonts that are used in forms.
_SYMBOLS: Mapping[int, str] = MappingProxyType(
    {0xF0FC: "✓", 0xF0FB: "✗", 0xF0FE: "☑", 0xF0FD: "☒", 0xF052: "☑", 0xF0A8: "☐", 0xF0A3: "☐", 0xF06F: "☐"}
)
_CONTENTS = "Table of Contents"
_MOST_HEADINGS = 6
_OFF = ("0", "false", "off", "none")


class BodyReader:
    """Reads events one after another into ``lines``; ``left_out`` are the spans of tables of contents.

    ``looks`` are how the first lines look. ``notes`` are the marks of the notes, by kind and id, in the order
    in which the text refers to them.
    """

    def __init__(self, styles: Styles, numbering: Numbering) -> None:
        self.lines = DocumentLines()
        self.left_out: list[tuple[int, int]] = []
        self.notes: dict[tuple[str, str], str] = {}
        self._styles = styles
        self._numbering = numbering
        # The names of the open elements, and what is to be done at their ends.
        self._names: list[str] = []
        self._closers: list[Closer | None] = []
        # How many open elements hide their text, and how deep an alternative is open that is not read.
        self._hidden = 0
        self._skipped = 0
        self._is_hidden_run = False
        self.looks: list[LineLook] = []
        self._look = LineLook()
        self._is_bold_run = False
        self._size_of_run: int | None = None
        self._paragraphs: list[ParagraphProperties] = []
        # Whether the paragraph goes on in the next: the mark between them was deleted.
        self._is_joined = False
        self._tables: list[TableDraft] = []
        # Whether the first choice of each open alternative, and the result of each open field, was read.
        self._alternatives: list[bool] = []
        self._fields: list[bool] = []
        self._contents: list[bool] = []
        self.has_title = False
        self._note_mark = ""

    def read(self, events: Iterable[XmlEvent]) -> None:
        """Read one member of the document."""
        for event in events:
            if event.kind == "open":
                self._open(event)
            elif event.kind == "close":
                self._names.pop()
                closer = self._closers.pop()
                if closer:
                    closer(event)
            elif event.kind == "text" and self._names and self._names[-1] in _TEXTS:
                self._show(event.name, event.start, event.end)

    def _open(self, event: XmlEvent) -> None:
        name = event.name
        closer: Closer | None = None
        if self._skipped or self._is_other_alternative(name):
            self._skipped += 1
            closer = self._end_skipped
        elif name in _HIDDEN:
            closer = self._begin_hidden(event)
        elif opener := _OPENERS.get(name):
            closer = opener(self, event)
        elif name in _CHARACTERS and self._names[-1:] == ["w:r"]:
            self._show(_CHARACTERS[name], event.start, event.end)
        elif name in _FORMULA_MARKS:
            closer = self._begin_formula_part(event)
        elif self._paragraphs and "w:pPr" in self._names[-2:]:
            self._paragraphs[-1].read(event)
        self._names.append(name)
        self._closers.append(closer)

    def _show(self, text: str, start: int, end: int) -> None:
        """Add text to the line, unless it is hidden."""
        if self._skipped or self._hidden or self._is_hidden_run or not all(self._fields):
            return
        self._resolve()
        if self.lines.mark.startswith("[^"):
            blanks = len(text) - len(text.lstrip()) if len(text) == end - start else 0
            text, start = text[blanks:], start + blanks
        self.lines.add(text, start, end)
        if len(self.looks) < LINES_LOOKED_AT and not self._tables and text.strip():
            self._look.text += text
            self._look.is_bold &= self._is_bold_run
            self._look.size = max(self._look.size or 0, self._size_of_run or 0) or None

    def _is_other_alternative(self, name: str) -> bool:
        if not self._alternatives or name not in ("mc:Choice", "mc:Fallback"):
            return False
        was_read = self._alternatives[-1]
        self._alternatives[-1] = True
        return was_read

    def _end_skipped(self, _: XmlEvent) -> None:
        self._skipped -= 1

    def _begin_alternatives(self, _: XmlEvent) -> Closer:
        self._alternatives.append(False)
        return self._end_alternatives

    def _end_alternatives(self, _: XmlEvent) -> None:
        self._alternatives.pop()

    def _begin_hidden(self, event: XmlEvent) -> Closer:
        if event.name == "w:del" and self._paragraphs and self._names[-2:] == ["w:pPr", "w:rPr"]:
            self._paragraphs[-1].is_mark_deleted = True
        self._hidden += 1
        return self._end_hidden

    def _end_hidden(self, _: XmlEvent) -> None:
        self._hidden -= 1

    def _begin_paragraph(self, event: XmlEvent) -> Closer:
        if self._is_joined:
            self._is_joined = False
        else:
            self.lines.begin("p")
        self._paragraphs.append(ParagraphProperties())
        start = event.start

        def end_paragraph(event: XmlEvent) -> None:
            properties = self._paragraphs[-1]
            if not (properties.is_mark_deleted and not self.lines.has_runs):
                self._resolve()
            properties = self._paragraphs.pop()
            if self._look.text and not self._tables:
                self._look.is_centred = properties.alignment == "center"
                self.looks.append(self._look)
                self._look = LineLook()
            self._fields = [True] * len(self._fields)
            if properties.is_contents:
                self._leave_out(start, event.end)
            if properties.is_mark_deleted:
                self._is_joined = True
            else:
                self.lines.end()

        return end_paragraph

    def _resolve(self) -> None:
        """Set the mark of the paragraph, once: that of a heading, its number, and that of a note."""
        if not self._paragraphs or self._paragraphs[-1].is_resolved:
            return
        properties = self._paragraphs[-1] = self._styles.resolve(self._paragraphs[-1])
        label = self._numbering.find_label(properties.list_id, properties.list_level)
        mark = label.mark if label else ""
        level = properties.outline_level
        if properties.is_title and not self._tables:
            self.has_title = True
            mark = "# "
        elif level is not None and 0 <= level < LEVELS and not self._tables:
            signs = "#" * min(level + 1 + self.has_title, _MOST_HEADINGS)
            mark = f"{signs} {'' if label and label.is_bullet else mark}"
        if not self.lines.has_runs:
            self.lines.begin_line(self._note_mark + mark)
            self._note_mark = ""

    def _leave_out(self, start: int, end: int) -> None:
        while self.left_out and self.left_out[-1][0] >= start:
            self.left_out.pop()
        self.left_out.append((start, end))

    def _begin_content_control(self, event: XmlEvent) -> Closer:
        self._contents.append(False)
        start = event.start

        def end_content_control(event: XmlEvent) -> None:
            if self._contents.pop():
                self._leave_out(start, event.end)

        return end_content_control

    def _read_gallery(self, event: XmlEvent) -> None:
        if self._contents and event.attributes.get("w:val") == _CONTENTS:
            self._contents[-1] = True

    def _begin_run(self, _: XmlEvent) -> Closer:
        was_hidden = self._is_hidden_run
        self._is_hidden_run = self._is_bold_run = False
        self._size_of_run = None

        def end_run(_: XmlEvent) -> None:
            self._is_hidden_run = was_hidden

        return end_run

    def _hide_run(self, event: XmlEvent) -> None:
        if self._names[-2:] == ["w:r", "w:rPr"]:
            self._is_hidden_run = event.attributes.get("w:val", "1") not in _OFF

    def _read_bold(self, event: XmlEvent) -> None:
        if self._names[-2:] == ["w:r", "w:rPr"]:
            self._is_bold_run = event.attributes.get("w:val", "1") not in _OFF

    def _read_size(self, event: XmlEvent) -> None:
        if self._names[-2:] == ["w:r", "w:rPr"]:
            self._size_of_run = read_integer(event.attributes.get("w:val"))

    def _break(self, event: XmlEvent) -> None:
        """A line break; in a heading it is a space, and a page break is none."""
        if self._names[-1:] != ["w:r"] or not self._paragraphs or not self.lines.has_runs:
            return
        level = self._paragraphs[-1].outline_level
        if self._paragraphs[-1].is_title or (level is not None and level < LEVELS):
            self._show(" ", event.start, event.end)
        elif event.attributes.get("w:type", "textWrapping") == "textWrapping":
            self.lines.break_line()

    def _change_field(self, event: XmlEvent) -> None:
        kind = event.attributes.get("w:fldCharType")
        if kind == "begin":
            self._fields.append(False)
        elif kind == "separate" and self._fields:
            self._fields[-1] = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _add_symbol(self, event: XmlEvent) -> None:
        """A character of a symbol font; most of those in the private use area have no meaning in a text."""
        code = read_integer(event.attributes.get("w:char"), 16) or 0
        code = code | 0xF000 if code < 0x100 else code
        text = _SYMBOLS.get(code, "" if 0xD800 <= code < 0xF900 else chr(code))
        self._show(text, event.start, event.end)

    def _begin_formula_part(self, event: XmlEvent) -> Closer:
        before, after = _FORMULA_MARKS[event.name]
        self._show(before, event.start, event.start)
        return lambda event: self._show(after, event.end, event.end)

    def _add_operator(self, event: XmlEvent) -> None:
        if self._names[-1:] == ["m:naryPr"]:
            self._show(event.attributes.get("m:val", "")[:1], event.start, event.end)

    def _refer(self, event: XmlEvent) -> None:
        kind = event.name.removesuffix("Reference")
        key = kind, event.attributes.get("w:id", "")
        if not (self._skipped or self._hidden or self._is_hidden_run):
            mark = self.notes.setdefault(key, f"[^{len(self.notes) + 1}]")
            self._show(mark, event.start, event.end)

    def _begin_note(self, event: XmlEvent) -> Closer:
        """A note begins with its mark; separators, and notes to which no text refers, are not shown."""
        mark = self.notes.get((event.name, event.attributes.get("w:id", "")))
        if mark is None or event.attributes.get("w:type", "normal") != "normal":
            self._hidden += 1
            return self._end_hidden
        self._begin_block("note")
        self._note_mark = f"{mark}: "
        return self._end_note

    def _end_note(self, event: XmlEvent) -> None:
        self._note_mark = ""
        self._end_block(event)

    def _begin_block(self, name: str) -> int:
        self._settle()
        return self.lines.begin(name)

    def _end_block(self, _: XmlEvent) -> None:
        self._settle()
        self.lines.end()

    def _settle(self) -> None:
        """End a paragraph that would go on in the next, because there is none."""
        if self._is_joined:
            self._is_joined = False
            self.lines.end()

    def _begin_box(self, _: XmlEvent) -> Closer:
        """The text of a box stands where the box is anchored, in lines of its own."""
        mark, tables = self.lines.mark, self._tables
        self._tables = []
        self._begin_block("box")

        def end_box(event: XmlEvent) -> None:
            self._end_block(event)
            self._tables = tables
            self.lines.begin_line(mark)

        return end_box

    def _begin_table(self, _: XmlEvent) -> Closer:
        self._tables.append(TableDraft(self._begin_block("table")))

        def end_table(_: XmlEvent) -> None:
            self._settle()
            self.lines.end_table(self._tables.pop())

        return end_table

    def _begin_row(self, _: XmlEvent) -> Closer | None:
        if not self._tables:
            return None
        self._tables[-1].rows.append([])
        self._begin_block("tr")
        return self._end_block

    def _begin_cell(self, _: XmlEvent) -> Closer | None:
        if not self._tables or not self._tables[-1].rows:
            return None
        self._tables[-1].rows[-1].append(CellDraft(self._begin_block("td")))
        return self._end_block

    def _read_span(self, event: XmlEvent) -> None:
        """How many columns a cell spans, or how many empty ones are before the first."""
        count = min(max(read_integer(event.attributes.get("w:val")) or 1, 1), 64)
        row = self._tables[-1].rows[-1] if self._tables and self._tables[-1].rows else None
        if row and self._names[-1:] == ["w:tcPr"]:
            row[-1].columns = count

    def _read_merge(self, event: XmlEvent) -> None:
        row = self._tables[-1].rows[-1] if self._tables and self._tables[-1].rows else None
        if row and self._names[-1:] == ["w:tcPr"]:
            row[-1].continues = event.attributes.get("w:val", "continue") == "continue"


class _Opener(Protocol):
    def __call__(self, reader: BodyReader, event: XmlEvent, /) -> Closer | None:
        """Read a start tag; returns what is to be done at its end."""


_OPENERS: Mapping[str, _Opener] = MappingProxyType(
    {
        "mc:AlternateContent": BodyReader._begin_alternatives,
        "w:p": BodyReader._begin_paragraph,
        "w:r": BodyReader._begin_run,
        "w:vanish": BodyReader._hide_run,
        "w:b": BodyReader._read_bold,
        "w:sz": BodyReader._read_size,
        "w:br": BodyReader._break,
        "w:cr": BodyReader._break,
        "w:fldChar": BodyReader._change_field,
        "w:sym": BodyReader._add_symbol,
        "w:footnoteReference": BodyReader._refer,
        "w:endnoteReference": BodyReader._refer,
        "w:footnote": BodyReader._begin_note,
        "w:endnote": BodyReader._begin_note,
        "w:sdt": BodyReader._begin_content_control,
        "w:docPartGallery": BodyReader._read_gallery,
        "w:txbxContent": BodyReader._begin_box,
        "w:tbl": BodyReader._begin_table,
        "w:tr": BodyReader._begin_row,
        "w:tc": BodyReader._begin_cell,
        "w:gridSpan": BodyReader._read_span,
        "w:vMerge": BodyReader._read_merge,
        "m:chr": BodyReader._add_operator,
    }
)
