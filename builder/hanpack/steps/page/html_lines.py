"""Builds the lines of visible text of an HTML page: what is between runs, and which blanks count."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.html_page import (
    INDENTED_BREAKS,
    SOURCE_LINE_BREAK,
    TEXT_LINE_BREAK,
    VisibleLine,
    VisibleRun,
    VisibleRuns,
)
from hanpack.steps.page.html_tokens import INVISIBLE_CHARACTERS
from hanpack.steps.sentence_marks import WIDE_LINE_STOPS

# After one of these a blank line in the source ends a line, as the writer of a page without markup meant it.
_SENTENCE_ENDS = f"{WIDE_LINE_STOPS}”"
# A line of fewer characters is short.
_SHORT_LINE = 20
_CLASS = compile_lazily(r"\bclass\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'>]++)", re.IGNORECASE)


class InlineElement(NamedTuple):
    """An element within a line: the number of its start tag, its name and its attributes as markup."""

    number: int
    name: str
    attributes: str


@dataclass(slots=True)
class Context:
    """Where text is added: in which element, item and code (-1 for none), and what its elements do to it.

    ``keeps_blanks`` holds within code; ``keeps_line_breaks`` within code whose source has them; in an element
    that ``shows_line_breaks``, those of the source are shown and other blanks are not.
    """

    element: int = -1
    item: int = -1
    code: int = -1
    keeps_blanks: bool = False
    keeps_line_breaks: bool = False
    shows_line_breaks: bool = False
    is_hidden: bool = False
    is_link: bool = False


class LineBuilder:
    """Collects runs into lines while a page is read from its beginning to its end.

    After ``most_lines``, only lines that are not short end.
    """

    def __init__(self, most_lines: int) -> None:
        self._most_lines = most_lines
        self.lines: list[VisibleLine] = []
        # How many runs were added.
        self.run_count = 0
        self.context = Context()
        self._runs: list[VisibleRun] = []
        # The element, item and code in which the line began.
        self._begun = (-1, -1, -1)
        self._begun_separator = ""
        self._characters = 0
        self._link_characters = 0
        # The separator before the next line, empty as long as the line goes on; that before the next run.
        self._line_separator = "\n"
        self._separator = ""
        # Up to where there was nothing but blanks after the last run.
        self._blank_end = -1
        # Blanks of code at the beginning of a line or between runs; those at its end are dropped.
        self._blanks: list[VisibleRun] = []
        self._is_at_code_start = False
        # The elements that ended and began after the last run.
        self._ended: list[InlineElement] = []
        self._begun_elements: dict[int, InlineElement] = {}

    def count_lines(self) -> int:
        """How many lines have begun."""
        return len(self.lines) + bool(self._runs)

    @property
    def is_full(self) -> bool:
        """Whether there are as many lines as may be."""
        return len(self.lines) >= self._most_lines

    def break_line(self) -> None:
        """Begin a new line with the next run."""
        if self.is_full and 0 < self._characters < _SHORT_LINE:
            self.add_space()
            return
        if not self._line_separator.startswith("\n"):
            self._line_separator = "\n"
        self._separator = ""
        self._blanks.clear()

    def break_long_line(self) -> None:
        """Begin a new line with the next run if this one is not short, else set the run apart."""
        self._most_lines = 0
        self.break_line()

    def break_at_element(self) -> None:
        """A line break of an element: within code that keeps line breaks, it counts as one of the source."""
        if self.context.keeps_line_breaks and self._line_separator:
            self._line_separator += "\n"
            self._blanks.clear()
        else:
            self.break_line()

    def break_cell(self) -> None:
        """Begin a new line with the next run, which a space separates from the line before."""
        if self.is_full:
            self.break_line()
            return
        self._line_separator = self._line_separator or " "
        self._separator = ""

    def break_statement(self) -> None:
        """Begin a new line unless one begins anyhow: editors put each line of code into an element."""
        if not self._line_separator:
            self.break_line()

    def begin_code(self) -> None:
        """A line break right after the start tag does not count, as in browsers."""
        self._is_at_code_start = True

    def end_code(self) -> None:
        """The line breaks at the end of code do not count."""
        self.break_line()
        self._line_separator = "\n"

    def begin_element(self, element: InlineElement) -> None:
        """The next run may be in this element."""
        self._begun_elements[element.number] = element

    def end_element(self, element: InlineElement) -> None:
        """The last run may have been in this element; one without text is between no items."""
        if not self._begun_elements.pop(element.number, None):
            self._ended.append(element)

    def add_space(self) -> None:
        """Set the next run apart."""
        self._separator = self._separator or " "

    def add_blank(self, blank: str, start: int) -> None:
        """Blank characters of the source: a space, or within code themselves."""
        if self.context.is_hidden:
            return
        if self.context.keeps_blanks:
            self._add_blank_of_code(blank, start)
            return
        line_breaks = blank.count("\n")
        if self.context.shows_line_breaks and line_breaks:
            self.break_line()
            return
        if not line_breaks:
            self._separator = " "
        elif not self._separator:
            is_indented = "\u3000" in blank[blank.rfind("\n") :]
            self._separator = INDENTED_BREAKS[0] if is_indented else TEXT_LINE_BREAK
        if start == self._blank_end:
            self._blank_end += len(blank)
        if line_breaks > 1 and self._runs and self._runs[-1].text[-1] in _SENTENCE_ENDS:
            self.break_line()

    def _add_blank_of_code(self, blank: str, start: int) -> None:
        indent_start = blank.rfind("\n") + 1
        if indent_start and self.context.keeps_line_breaks:
            if self.is_full:
                self.break_line()
                return
            self._blanks.clear()
            self._line_separator += "\n" * (blank.count("\n") - self._is_at_code_start)
            self._is_at_code_start = False
        if indent := blank[indent_start:].replace("\r", ""):
            place = start + indent_start
            self._blanks.append(VisibleRun(indent, place, start + len(blank), ""))

    def add_entity(self, entity: str, start: int, end: int) -> None:
        """The character that an entity stands for; text that only looks like an entity is added as it is."""
        character = html.unescape(entity)
        if self.context.is_hidden or INVISIBLE_CHARACTERS.fullmatch(character):
            return
        if character == entity or not character.isspace():
            self.add_text(character, start, end)
        elif self.context.keeps_blanks:
            self._blanks.append(VisibleRun(" " if character == "\xa0" else character, start, end, ""))
        else:
            if start == self._blank_end:
                self._blank_end = end
            self._separator = INDENTED_BREAKS[1] if self._separator.startswith(TEXT_LINE_BREAK) else " "

    def add_text(self, text: str, start: int, end: int) -> None:
        """Add a run of characters without blanks; one of an element that is hidden is left out."""
        if self.context.is_hidden or not text:
            return
        if self._line_separator:
            self._begin_line()
        if self._blanks:
            self._runs += self._blanks
            self._characters += sum(len(run.text) for run in self._blanks)
            self._blanks.clear()
        self._runs.append(
            VisibleRun(text, start, end, self._choose_separator(text, start) if self._runs else "")
        )
        self._separator = ""
        self._ended.clear()
        self._begun_elements.clear()
        self._blank_end = end
        self._characters += len(text)
        self.run_count += 1
        if self.context.is_link:
            self._link_characters += len(text)

    def _choose_separator(self, text: str, start: int) -> str:
        """The separator before a run; a line break of the source next to a tag is marked as such."""
        separator = self._separator
        if start != self._blank_end and separator.startswith(TEXT_LINE_BREAK):
            separator = " " if separator == INDENTED_BREAKS[1] else SOURCE_LINE_BREAK
        return " " if self._begins_item(text, separator) else separator

    def _begins_item(self, text: str, separator: str) -> bool:
        """Whether elements end before a run and others begin with it, and they are two items, not one word.

        One of them must be a link if the source has a line break there. Two numbers with nothing in between
        are two items next to a link as well, and in elements of two classes; within a link is one item.
        """
        if not (self._ended and self._begun_elements) or self.context.keeps_blanks:
            return False
        last, first = self._runs[-1].text[-1], text[0]
        is_joined = not separator and last.isdecimal() and first.isdecimal()
        if not is_joined and not (separator == SOURCE_LINE_BREAK and last.isalnum() and first.isalnum()):
            return False
        if any(element.name == "a" for element in (*self._ended, *self._begun_elements.values())):
            return True
        if not is_joined or self.context.is_link:
            return False
        before, after = _find_classes(self._ended), _find_classes(self._begun_elements.values())
        return bool(before and after) and not before & after

    def finish(self) -> tuple[VisibleLine, ...]:
        """All lines."""
        self._end_line()
        return tuple(self.lines)

    def _begin_line(self) -> None:
        self._end_line()
        context = self.context
        self._begun = (context.element, context.item, context.code)
        self._begun_separator = self._line_separator
        context.item = -1
        self._line_separator = ""
        self._is_at_code_start = False

    def _end_line(self) -> None:
        if not self._runs:
            return
        runs = VisibleRuns(self._runs)
        self._runs.clear()
        self.lines.append(
            VisibleLine(*self._begun, self._begun_separator, runs, self._characters, self._link_characters)
        )
        self._characters = self._link_characters = 0


def _find_classes(elements: Iterable[InlineElement]) -> set[str]:
    """The class attributes of elements, as markup."""
    return {found.group() for element in elements if (found := _CLASS.search(element.attributes))}
