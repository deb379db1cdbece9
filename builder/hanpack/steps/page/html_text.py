"""Reads an HTML page into its elements and the lines of its visible text, all traced to the page.

Elements that are not closed end where a browser ends them in ordinary pages. The reader never goes back: each
element is opened and closed once, and the innermost open element of a name is known, so the time is linear.

Source: the HTML standard, "Parsing HTML documents".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hanpack.steps.page.html_lines import InlineElement, LineBuilder
from hanpack.steps.page.html_page import HtmlPage, PageElement
from hanpack.steps.page.html_tables import with_data_tables
from hanpack.steps.page.html_tokens import (
    ATTACHMENT_WRAPPER,
    BLOCKS,
    CELL_BOUNDARIES,
    CELLS,
    CLOSES_ITSELF,
    CODE_ELEMENT,
    ENDED_BY,
    ENDS_PARAGRAPH,
    HIDDEN_ELEMENT,
    LINE_BREAKS,
    LISTS,
    NO_FONT_SIZE,
    POST_ELEMENT,
    POST_NOTE_ELEMENT,
    READINGS,
    SHOWS_LINE_BREAKS,
    SOME_FONT_SIZE,
    SPACED,
    TABLE_PARTS,
    VOIDS,
    choose_tokens,
)
from hanpack.steps.page.source_lines import divide_source_lines

_ONLY_ONCE = frozenset(("html", "head", "body"))
_NONE = -1
_NO_EFFECTS: frozenset[str] = frozenset()
# What separates text where elements are not read in full.
_SEPARATING = BLOCKS | CELLS | SPACED | LINE_BREAKS
# Elements without attributes that do something to the text in them.
_EFFECTIVE = frozenset(("pre", ATTACHMENT_WRAPPER))
# A page is read in full up to this many elements and lines, and one more for so many of its characters. A
# dense table has an element for 15 characters: it is read in full up to 250 KB. Tuned by
# ``benchmarks/hostile.py steps --only HTML``.
_MOST_ELEMENTS, _CHARACTERS_FOR_ELEMENT = 10_000, 40
# So many times as many runs of text are read as elements in full.
_RUNS_FOR_ELEMENT = 2


@dataclass(slots=True)
class _OpenElement:
    """An element that is open: its number, -1 if it is inline, and what it does to the text in it.

    ``inline`` is the element if it is within a line, None for a block or cell.
    """

    name: str
    number: int
    effects: frozenset[str]
    inline: InlineElement | None
    is_open: bool = True


@dataclass(slots=True)
class _ElementDraft:
    """A block or cell while its end is not known; ``items`` counts those of a list."""

    name: str
    attributes: str
    parent: int
    first_line: int
    end_line: int = 0
    ordinal: int = 0
    items: int = 0


class _PageReader:
    """Opens and closes elements, and tells the builder of lines where the text is."""

    def __init__(self, most_elements: int) -> None:
        self.builder = LineBuilder(most_elements)
        # How many elements are still read in full.
        self._budget = most_elements
        self._elements: list[_ElementDraft] = []
        self._posts: list[tuple[int, int]] = []
        self._tables: dict[int, list[list[int]]] = {}
        self._open: list[_OpenElement] = []
        # Where among the open elements those of each name are, and how many have each effect.
        self._positions: defaultdict[str, list[int]] = defaultdict(list)
        self._effects: defaultdict[str, int] = defaultdict(int)
        self._has_changed_effects = False
        self._blocks = [_NONE]
        self._codes = [_NONE]
        self._post_start = 0
        self._has_parentheses = False

    def open(self, name: str, attributes: str) -> None:
        """Read a start tag."""
        if self._budget <= 0:
            if name in _SEPARATING:
                self.builder.break_long_line()
            return
        if name in LINE_BREAKS:
            self.builder.break_at_element()
            self._spend()
        closes_itself = attributes.endswith("/") and CLOSES_ITSELF.search(attributes[-2:]) is not None
        if name in VOIDS or closes_itself or (name in _ONLY_ONCE and self._positions[name]):
            return
        self._end_implied(name)
        effects = _NO_EFFECTS
        if attributes or name in _EFFECTIVE:
            effects = frozenset(self._find_effects(name, attributes))
        self._separate(name)
        if "post" in effects:
            self.builder.break_line()
            self._post_start = self.builder.count_lines()
        number = self._add_element(name, attributes) if name in BLOCKS or name in CELLS else _NONE
        if "code" in effects:
            self._codes.append(number)
            self.builder.begin_code()
        inline = InlineElement(self._budget, name, attributes) if number < 0 else None
        self._begin(_OpenElement(name, number, effects, inline))
        if effects or number >= 0 or name in ENDED_BY:
            self._update_context()
        self._spend()

    def _begin(self, element: _OpenElement) -> None:
        self._count_effects(element, 1)
        self._positions[element.name].append(len(self._open))
        self._open.append(element)
        if element.inline:
            self.builder.begin_element(element.inline)

    def simplify(self) -> None:
        """End all elements; those that follow are not read in full."""
        self._budget = 0
        self._end_from(0)
        self._update_context()

    def _spend(self) -> None:
        """One element less is read in full."""
        self._budget -= 1
        if self._budget <= 0:
            self.simplify()

    def close(self, name: str) -> None:
        """Read an end tag; one without a start tag closes nothing."""
        if self._budget <= 0:
            if name in _SEPARATING:
                self.builder.break_long_line()
            return
        if name in BLOCKS or name in LINE_BREAKS:
            self.builder.break_line()
        if name in _ONLY_ONCE or not self._positions[name]:
            return
        position = self._positions[name][-1]
        boundaries = ("table",) if name in TABLE_PARTS else () if name == "table" else CELL_BOUNDARIES
        if position <= self._find_innermost(boundaries):
            return
        if name in BLOCKS or name in CELLS or name in READINGS:
            self._end_from(position)
        else:
            # An inline element may end within another that goes on.
            self._end(self._open[position])
            while self._open and not self._open[-1].is_open:
                self._open.pop()
        self._update_context()

    def set_reading(self, name: str, is_closing: bool, start: int, end: int) -> None:
        """Put a reading above characters between parentheses, in place of tags, unless the page has any."""
        if self._budget <= 0:
            return
        if name == "ruby":
            self._has_parentheses = False
        elif name == "rp":
            self._has_parentheses = True
        if self._has_parentheses:
            return
        ending = ")" if self._positions["rt"] else ""
        beginning = "(" if name == "rt" and not is_closing else ""
        self.close("rt")
        self.builder.add_text(ending + beginning, start, end)

    def finish(self) -> HtmlPage:
        """The page, after its last token."""
        self._end_from(0)
        elements = tuple(
            [
                PageElement(
                    draft.name,
                    draft.attributes,
                    draft.parent,
                    draft.first_line,
                    draft.end_line,
                    draft.ordinal,
                )
                for draft in self._elements
            ]
        )
        page = HtmlPage(
            elements=elements,
            lines=self.builder.finish(),
            posts=tuple(self._posts),
            tables=self._tables,
            simplified=self._budget <= 0 or self.builder.is_full,
        )
        return divide_source_lines(with_data_tables(page))

    def _end_implied(self, name: str) -> None:
        """End the elements that end where another begins."""
        if name in ENDS_PARAGRAPH:
            self._end_innermost(("p",), CELL_BOUNDARIES)
        if name in ENDED_BY and (name not in CELLS or self._positions["table"]):
            self._end_innermost(*ENDED_BY[name])

    def _separate(self, name: str) -> None:
        """What the start of an element puts between the text before it and the text in it."""
        if name in BLOCKS:
            self.builder.break_at_element()
        elif name in CELLS:
            self.builder.break_cell()
        elif name in SPACED:
            self.builder.add_space()
        elif name == "code" and self._effects["pre"]:
            self.builder.break_statement()

    def _find_effects(self, name: str, attributes: str) -> Iterator[str]:
        if name == "pre":
            yield from ("pre", "code")
        if name == "a" and "href" in attributes:
            yield "link"
        is_in_post = self._effects["post"] > 0
        if is_in_post and name == ATTACHMENT_WRAPPER:
            yield "hidden"
        if not attributes:
            return
        if not is_in_post and POST_ELEMENT.search(attributes):
            yield "post"
        if (is_in_post and POST_NOTE_ELEMENT.search(attributes)) or HIDDEN_ELEMENT.search(attributes):
            yield "hidden"
        if SHOWS_LINE_BREAKS.search(attributes):
            yield "lines"
        if name in BLOCKS and CODE_ELEMENT.search(attributes):
            yield "code"
        yield from self._find_size(attributes)

    def _find_size(self, attributes: str) -> Iterator[str]:
        """Text of no size is hidden, except within an element that has a size again."""
        if NO_FONT_SIZE.search(attributes):
            yield "tiny"
        elif self._effects["tiny"] and SOME_FONT_SIZE.search(attributes):
            yield "sized"

    def _add_element(self, name: str, attributes: str) -> int:
        number = len(self._elements)
        parent = self._blocks[-1]
        draft = _ElementDraft(name, attributes, parent, self.builder.count_lines())
        self._elements.append(draft)
        self._blocks.append(number)
        if name == "li":
            self.builder.context.item = number
            if parent >= 0 and self._elements[parent].name in LISTS:
                self._elements[parent].items += 1
                draft.ordinal = self._elements[parent].items
        elif name == "table":
            self._tables[number] = []
        elif (name == "tr" or name in CELLS) and self._positions["table"]:
            rows = self._tables[self._open[self._positions["table"][-1]].number]
            if name == "tr" or not rows:
                rows.append([])
            if name in CELLS:
                rows[-1].append(number)
        return number

    def _find_innermost(self, names: Iterable[str]) -> int:
        """Where the innermost open element with one of these names is; -1 if there is none."""
        innermost = _NONE
        for name in names:
            positions = self._positions.get(name)
            if positions and positions[-1] > innermost:
                innermost = positions[-1]
        return innermost

    def _end_innermost(self, names: tuple[str, ...], boundaries: tuple[str, ...]) -> None:
        """End the innermost open element of these names if it is within the innermost boundary."""
        position = self._find_innermost(names)
        if position >= 0 and position > self._find_innermost(boundaries):
            self._end_from(position)

    def _end_from(self, position: int) -> None:
        while len(self._open) > position:
            self._end(self._open.pop())

    def _end(self, element: _OpenElement) -> None:
        if not element.is_open:
            return
        element.is_open = False
        if element.inline:
            self.builder.end_element(element.inline)
        self._positions[element.name].pop()
        self._count_effects(element, -1)
        if "code" in element.effects:
            self._codes.pop()
            self.builder.end_code()
        if "post" in element.effects:
            self.builder.break_line()
            if self._post_start < self.builder.count_lines():
                self._posts.append((self._post_start, self.builder.count_lines()))
        if element.number >= 0:
            self._blocks.pop()
            self._elements[element.number].end_line = self.builder.count_lines()
            if self.builder.context.item == element.number:
                self.builder.context.item = _NONE

    def _count_effects(self, element: _OpenElement, number: int) -> None:
        """Count what an element that begins or ends does to the text in it."""
        if element.effects:
            self._has_changed_effects = True
            for effect in element.effects:
                self._effects[effect] += number

    def _update_context(self) -> None:
        context, effects = self.builder.context, self._effects
        context.element = self._blocks[-1]
        if not self._has_changed_effects:
            return
        self._has_changed_effects = False
        context.code = self._codes[-1]
        context.keeps_blanks = effects["code"] > 0
        context.keeps_line_breaks = effects["pre"] > 0
        context.shows_line_breaks = effects["lines"] > 0
        context.is_hidden = effects["hidden"] > 0 or (effects["tiny"] > 0 and not effects["sized"])
        context.is_link = effects["link"] > 0


def read_html(markup: str, *, shows_noscript: bool = False) -> HtmlPage:
    """Read the visible text of a page; markup that is not well-formed counts as text, as in browsers.

    What is in ``noscript`` is only seen in browsers that run no scripts: in those it is read if it is shown.

    Where a page has too many elements or lines for its length, those after its budget only end lines that are
    not short; where it has too many runs of text, the rest stays as it is written.

    >>> read_html("<p>粮食&gt;500<!-- 公斤 --> 亿斤</p><script>x</script>").text
    '粮食>500 亿斤'
    """
    most_elements = _MOST_ELEMENTS + len(markup) // _CHARACTERS_FOR_ELEMENT
    reader = _PageReader(most_elements)
    builder = reader.builder
    position = 0
    for token in choose_tokens(shows_noscript=shows_noscript).finditer(markup):
        start, end = token.span()
        if start > position:
            builder.add_text(markup[position:start], position, start)
            if builder.run_count > _RUNS_FOR_ELEMENT * most_elements:
                position = start
                reader.simplify()
                break
        position = end
        kind = token.lastgroup
        if kind == "blank":
            builder.add_blank(token.group(), start)
        elif kind == "attributes" or kind == "bad_tag":
            is_well_formed = kind == "attributes"
            name = token["tag" if is_well_formed else "bad_tag"].lower()
            is_closing = markup.startswith("/", start + 1)
            if name in READINGS:
                reader.set_reading(name, is_closing, start, end)
            if is_closing:
                reader.close(name)
            else:
                reader.open(name, token["attributes"] if is_well_formed else "")
        elif kind == "entity":
            builder.add_entity(token.group(), start, end)
    if position < len(markup):
        builder.add_text(markup[position:], position, len(markup))
    return reader.finish()
