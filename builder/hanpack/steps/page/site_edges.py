"""Finds the few lines that a government or news site printed above and below an article.

Only lines that can be nothing else count, and only at the very beginning and end of the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.patterns import DAY_PATTERN, TextSpan, format_day, normalize_for_patterns
from hanpack.steps.page.site_patterns import (
    FIELD_LABEL,
    OTHER_FOOTER_LINE,
    PATH,
    SPAM_HEADING,
    SURE_FOOTER_LINE,
    TOOLBAR_BUTTON,
)

HEADER_CHARACTERS = 1_500
_FOOTER_CHARACTERS = 3_000
_SPAM_CHARACTERS = 30_000
_LINE = compile_lazily(r"[^\n]+")
_BUTTONS_OF_TOOLBAR = 3
_HEADER_LINES = 7
_LINE_CHARACTERS = 200
_TITLE_CHARACTERS = 80
_VALUE_CHARACTERS = 40
_OTHER_FOOTER_LINES_NEEDED = 2


@dataclass(frozen=True, slots=True)
class SiteEdges:
    """What a site printed around an article: the spans to remove, in order, and the metadata in them."""

    spans: tuple[TextSpan, ...]
    metadata: Mapping[str, str]


class SavedLine(NamedTuple):
    """A line that is not blank: its span in the record, and its text as it was saved."""

    start: int
    end: int
    saved: str

    @property
    def text(self) -> str:
        """The line as the patterns read it; a long line is none of the site's and is not normalised."""
        if len(self.saved) > _LINE_CHARACTERS:
            return self.saved
        return normalize_for_patterns(self.saved).strip()

    def saved_part(self, offset: int, length: int) -> str:
        """A part of the line as it was saved; ``offset`` counts from the beginning of :attr:`text`."""
        return self.saved.strip()[offset : offset + length]


@dataclass(frozen=True, slots=True)
class PageField:
    """A field such as "来源: 清江日报": the name of its metadata, the offset of its value, and the value."""

    name: str
    offset: int
    value: str


def find_edges(text: str, start: int = 0) -> SiteEdges:
    r"""Find what a site printed before and after the article in ``text[start:]``.

    >>> page = "下载\n打印\n收藏\n水利规划\n来源：清江日报\n时间：2024-03-07\n第一条\n相关链接：\n"
    >>> edges = find_edges(page)
    >>> [page[slice(*span)] for span in edges.spans]
    ['下载\n打印\n收藏\n', '来源：清江日报\n', '时间：2024-03-07\n', '\n相关链接：\n']
    >>> edges.metadata
    {'publisher': '清江日报', 'date': '2024-03-07', 'title': '水利规划'}
    """
    spam = text.rfind(SPAM_HEADING, max(start, len(text) - _SPAM_CHARACTERS))
    end = text.rfind("\n", start, spam) + 1 if spam >= 0 else len(text)
    header = _read_header(_split_lines(text, start, min(start + HEADER_CHARACTERS, end)))
    spans = list(header.spans)
    body_start = max([start, *(span_end for _, span_end in spans)])
    lines = _split_lines(text, max(body_start, end - _FOOTER_CHARACTERS), end)
    footer = _find_footer(lines)
    if spam >= 0 and text[end:spam].strip():
        spans.append((spam, len(text)))
    elif footer < len(lines) or spam >= 0:
        spans.append((lines[footer - 1].end if footer else body_start, len(text)))
    return SiteEdges(spans=tuple(spans), metadata=header.metadata)


def _split_lines(text: str, start: int, end: int) -> list[SavedLine]:
    """The lines that are not blank and lie completely between two places."""
    if start and text[start - 1] != "\n":
        start = text.find("\n", start, end) + 1 or end
    if end < len(text) and text[end - 1] != "\n":
        end = max(text.rfind("\n", start, end) + 1, start)
    return [
        SavedLine(match.start(), match.end(), line)
        for match in _LINE.finditer(text, start, end)
        if (line := match.group()).strip()
    ]


def _read_header(lines: Sequence[SavedLine]) -> SiteEdges:
    """The toolbar above the title and the lines of fields below it; without a date the fields stay."""
    toolbar = _count_toolbar_lines(lines)
    spans = [(lines[0].start, _start_of(lines, toolbar))] if toolbar else []
    fields_of_lines = {
        place: fields
        for place, line in enumerate(lines[toolbar : toolbar + _HEADER_LINES], toolbar)
        if (fields := _read_fields(line.text))
    }
    names = {field.name for fields in fields_of_lines.values() for field in fields}
    if "date" not in names or names.isdisjoint(("publisher", "count")):
        return SiteEdges(spans=tuple(spans), metadata={})
    metadata: dict[str, str] = {}
    for place, fields in fields_of_lines.items():
        line = lines[place]
        spans.append((line.start, _start_of(lines, place + 1)))
        for field in fields:
            if field.name == "date":
                metadata.setdefault("date", field.value)
            elif field.name != "count" and field.value:
                metadata.setdefault(field.name, line.saved_part(field.offset, len(field.value)))
    if toolbar and toolbar < len(lines) and toolbar not in fields_of_lines:
        title = lines[toolbar].saved.strip()
        if len(title) <= _TITLE_CHARACTERS and title[-1] not in "。！？；，":
            metadata["title"] = title
    return SiteEdges(spans=tuple(spans), metadata=metadata)


def _count_toolbar_lines(lines: Sequence[SavedLine]) -> int:
    """How many lines at the beginning are a toolbar; none if there are too few buttons in them."""
    buttons = count = 0
    while count < len(lines) and (buttons_of_line := _count_buttons(lines[count].text)):
        buttons += buttons_of_line
        count += 1
    return count if buttons >= _BUTTONS_OF_TOOLBAR else 0


def _start_of(lines: Sequence[SavedLine], place: int) -> int:
    """Where the line at ``place`` begins; past the last line, where that ends."""
    return lines[place].start if place < len(lines) else lines[-1].end


def _count_buttons(line: str) -> int:
    """How many buttons of a toolbar a line contains; 0 if it contains anything else."""
    if PATH.fullmatch(line):
        return _BUTTONS_OF_TOOLBAR
    position = count = 0
    while position < len(line):
        button = TOOLBAR_BUTTON.match(line, position)
        if not button:
            return 0
        position = button.end()
        count += bool(button.group().strip(" []|/"))
    return max(count, 1)


def _read_fields(line: str) -> list[PageField]:
    """The fields of a line that contains nothing else; none if one of them has no valid value.

    The value of a date is its day as in ISO 8601.
    """
    labels = list(FIELD_LABEL.finditer(line))
    if not labels or line[: labels[0].start()].strip(" [("):
        return []
    ends = [label.start() for label in labels[1:]] + [len(line)]
    fields = []
    for label, end in zip(labels, ends, strict=True):
        name = str(label.lastgroup)
        value = line[label.end() : end].rstrip(" |[]()")
        if name == "date":
            day = DAY_PATTERN.match(value)
            value = format_day(day) if day else ""
        if len(value) > _VALUE_CHARACTERS or (name == "date" and not value):
            return []
        fields.append(PageField(name=name, offset=label.end(), value=value))
    return fields


def _find_footer(lines: Sequence[SavedLine]) -> int:
    """The place of the first line of the footer; the number of lines if there is no footer."""
    first = len(lines)
    is_sure = False
    while first:
        text = lines[first - 1].text
        if SURE_FOOTER_LINE.fullmatch(text):
            is_sure = True
        elif not OTHER_FOOTER_LINE.fullmatch(text):
            break
        first -= 1
    return first if is_sure or len(lines) - first >= _OTHER_FOOTER_LINES_NEEDED else len(lines)
