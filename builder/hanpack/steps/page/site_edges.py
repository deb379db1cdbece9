"""Finds the few lines that a government or news site printed above and below an article.

Only lines that can be nothing else count, and only at the very beginning and end of the record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.patterns import (
    DAY_PATTERN,
    TextSpan,
    format_day,
    translate_codes,
)
from hanpack.steps.page.site_lines import is_normalized_info_line
from hanpack.steps.page.site_patterns import (
    FIELD_LABEL,
    OTHER_FOOTER_LINE,
    PATH,
    SPAM_HEADING,
    SURE_FOOTER_LINE,
)
from hanpack.steps.page.toolbars import FEWEST_BUTTONS, Buttons, count_buttons, is_toolbar
from hanpack.steps.page.wechat_windows import find_windows
from hanpack.steps.traced import code_points, to_text

HEADER_CHARACTERS = 1_500
_FOOTER_CHARACTERS = 3_000
_SPAM_CHARACTERS = 30_000
_LINE = compile_lazily(r"[^\n]+")
# Without those of a toolbar the header has no more lines.
_HEADER_LINES = 7
# A toolbar whose buttons are on lines of their own has no more.
_TOOLBAR_LINES = 12
_HEADER_SIZE = _TOOLBAR_LINES + _HEADER_LINES
LINE_CHARACTERS = 200
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
        return _read_lines([self.saved])[0]

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
    windows = find_windows(text, start) if spam < 0 else None
    end = text.rfind("\n", start, spam) + 1 if spam >= 0 else len(text) if windows is None else windows
    # One line more than belongs to a header: it says where the last of them ends.
    lines = islice(_split_lines(text, start, min(start + HEADER_CHARACTERS, end)), _HEADER_SIZE + 1)
    header = _read_header(list(lines))
    spans = list(header.spans)
    body_start = max([start, *(span_end for _, span_end in spans)])
    body_end, has_footer = _find_body_end(text, max(body_start, end - _FOOTER_CHARACTERS), end)
    if spam >= 0 and text[end:spam].strip():
        spans.append((spam, len(text)))
    elif has_footer or spam >= 0 or windows is not None:
        spans.append((body_start if body_end is None else body_end, len(text)))
    return SiteEdges(spans=tuple(spans), metadata=header.metadata)


def _split_lines(text: str, start: int, end: int) -> Iterator[SavedLine]:
    """The lines that are not blank and lie completely between two places."""
    start, end = _find_complete_lines(text, start, end)
    for match in _LINE.finditer(text, start, end):
        if not match.group().isspace():
            yield SavedLine(*match.span(), match.group())


def _split_lines_from_end(text: str, start: int, end: int) -> Iterator[SavedLine]:
    """The same lines, the last first."""
    start, end = _find_complete_lines(text, start, end)
    while end > start:
        first = max(text.rfind("\n", start, end) + 1, start)
        line = text[first:end]
        if line and not line.isspace():
            yield SavedLine(first, end, line)
        end = first - 1


def _find_complete_lines(text: str, start: int, end: int) -> TextSpan:
    """The span of the lines that lie completely between two places."""
    if start and text[start - 1] != "\n":
        start = text.find("\n", start, end) + 1 or end
    if end < len(text) and text[end - 1] != "\n":
        end = max(text.rfind("\n", start, end) + 1, start)
    return start, end


def _read_header(lines: Sequence[SavedLine]) -> SiteEdges:
    """The toolbar above the title and the lines of fields below it; without a date the fields stay."""
    texts = _read_lines([line.saved for line in lines[:_HEADER_SIZE]])
    buttons = [_read_buttons(text) for text in texts]
    toolbar = _count_toolbar_lines(buttons)
    spans = [(lines[0].start, _start_of(lines, toolbar))] if toolbar else []
    others = [place for place in range(toolbar, len(buttons)) if not buttons[place]][:_HEADER_LINES]
    fields_of_lines = {
        place: fields
        for place in range(toolbar, others[-1] + 1 if others else toolbar)
        if (fields := _read_fields(texts[place]))
    }
    names = {field.name for fields in fields_of_lines.values() for field in fields}
    if "date" not in names or names.isdisjoint(("publisher", "count")):
        spans += [
            (lines[first].start, _start_of(lines, end))
            for first, end in _find_toolbars(texts, buttons, toolbar)
        ]
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
    for first, end in _find_toolbars(texts, buttons, toolbar):
        spans += [
            (lines[place].start, _start_of(lines, place + 1))
            for place in range(first, end)
            if place not in fields_of_lines
        ]
    return SiteEdges(spans=tuple(sorted(spans)), metadata=metadata)


def _read_lines(lines: Sequence[str]) -> list[str]:
    """The lines as the patterns read them, as :attr:`SavedLine.text` of each."""
    normalized = to_text(translate_codes(code_points("\n".join(lines)))).split("\n")
    return [
        saved if len(saved) > LINE_CHARACTERS else line.strip()
        for saved, line in zip(lines, normalized, strict=bool(lines))
    ]


def _read_buttons(line: str) -> Buttons | None:
    """The buttons of a line; the path to an article counts as an entire toolbar."""
    return Buttons(FEWEST_BUTTONS, is_telling=True) if PATH.fullmatch(line) else count_buttons(line)


def _count_toolbar_lines(buttons: Sequence[Buttons | None]) -> int:
    """How many lines at the beginning are a toolbar; none if there are too few buttons in them."""
    first = list(takewhile(bool, buttons))
    # A separator in a line of its own counts, too, where buttons begin a page.
    return len(first) if sum(max(line.number, 1) for line in first if line) >= FEWEST_BUTTONS else 0


def _find_toolbars(
    lines: Sequence[str], buttons: Sequence[Buttons | None], start: int
) -> Iterator[tuple[int, int]]:
    """The places ``[first, end)`` of the toolbars between the first line and the article."""
    place = start
    while place < len(buttons):
        first = place
        while place < len(buttons) and buttons[place]:
            place += 1
        if first == place:
            if _is_prose(lines[place]):
                return
            place += 1
            continue
        neighbours = [*lines[max(first - 1, 0) : first], *lines[place : place + 1]]
        is_next_to_fields = any(map(_is_field_line, neighbours))
        run = [line for line in buttons[first:place] if line]
        if is_toolbar(run, is_next_to_fields=is_next_to_fields):
            yield first, place


def _is_prose(line: str) -> bool:
    """Whether a line is of the article: a sentence, or the words before one or before a list."""
    return len(line) > _TITLE_CHARACTERS or (line[-1] in "。!?;:,、" and not _is_field_line(line))


def _is_field_line(line: str) -> bool:
    return is_normalized_info_line(line) or bool(_read_fields(line))


def _start_of(lines: Sequence[SavedLine], place: int) -> int:
    """Where the line at ``place`` begins; past the last line, where that ends."""
    return lines[place].start if place < len(lines) else lines[-1].end


def _read_fields(line: str) -> list[PageField]:
    """The fields of a line that contains nothing else; none if one of them has no valid value.

    The value of a date is its day as in ISO 8601.
    """
    # A label ends with a colon, which few lines have.
    labels = list(FIELD_LABEL.finditer(line)) if ":" in line else []
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


def _find_body_end(text: str, start: int, end: int) -> tuple[int | None, bool]:
    """Where the last line above the footer ends in ``[start, end)``, and whether there is a footer.

    None if all lines are of the footer, or there is no line.
    """
    count = 0
    is_sure = False
    body_end = last_end = None
    for line in _split_lines_from_end(text, start, end):
        last_end = line.end if last_end is None else last_end
        buttons = count_buttons(line.text)
        if SURE_FOOTER_LINE.fullmatch(line.text) or (
            buttons and is_toolbar([buttons], is_next_to_fields=False)
        ):
            is_sure = True
        elif not (OTHER_FOOTER_LINE.fullmatch(line.text) or (buttons and buttons.is_telling)):
            body_end = line.end
            break
        count += 1
    if not is_sure and count < _OTHER_FOOTER_LINES_NEEDED:
        return last_end, False
    return body_end, True
