"""The headings of a text with their paths: which section each of its positions is in.

A section ends where the next heading of its level begins. That of the last item of a list may end before:
there the text of the heading above the list resumes, in an entry of its own that has no title.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from hanpack.steps.chunk.boundaries import LINE_BREAKS
from hanpack.steps.chunk.heading_patterns import MARKED, RESUMPTION, UNDERLINED
from hanpack.steps.chunk.headings import ARTICLE_RANK, Marker
from hanpack.steps.chunk.list_items import BLANKS_AND_STOPS, is_sentence_in_paragraph
from hanpack.steps.chunk.titles import article_end, title_end


class Heading(NamedTuple):
    """A heading's span (characters), its level (1 is the highest) and its text without closing marks."""

    start: int
    end: int
    level: int
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """The headings of a text in order; the text of a heading is read when it is first needed.

    The sequences have one element for each heading and each resumption of a section, ``inside`` excepted:

    - ``places``: the position where the text may be cut before it, the start of its indent or of itself;
    - ``parents``: the index of the heading above it, or of the one that resumes, -1 for none;
    - ``inside``: those of the places that are within a line where no sentence ends.
    """

    text: str = ""
    places: Sequence[int] = ()
    parents: Sequence[int] = ()
    inside: Sequence[int] = ()
    # None for an article: a code of laws may have tens of thousands, of which few are needed.
    _markers: Sequence[Marker | None] = ()
    _headings: dict[int, Heading] = field(default_factory=dict)
    _paths: dict[int, tuple[str, ...]] = field(default_factory=lambda: {-1: ()})

    @property
    def headings(self) -> tuple[Heading, ...]:
        """All headings in order, without resumptions."""
        indexes = range(len(self.places))
        return tuple(self.heading(index) for index in indexes if self.kind(index) != RESUMPTION)

    def kind(self, index: int) -> str:
        """The kind of the marker, see :class:`hanpack.steps.chunk.headings.Marker`."""
        marker = self._markers[index]
        return marker.kind if marker else "article"

    def heading(self, index: int) -> Heading:
        """The heading of that index, with its text; a resumption has none."""
        heading = self._headings.get(index)
        if heading is None:
            heading = self._headings[index] = self._read_heading(index)
        return heading

    def _read_heading(self, index: int) -> Heading:
        text = self.text
        marker = self._markers[index]
        limit = self._start(index + 1) if index + 1 < len(self.places) else len(text)
        if marker is None:
            start = self.places[index]
            end = article_end(text, start, limit)
            return Heading(start, end, ARTICLE_RANK, " ".join(text[start:end].split()))
        if marker.kind == RESUMPTION:
            return Heading(marker.start, marker.end, marker.rank, "")
        if marker.kind == UNDERLINED:
            title = text[marker.start : marker.end].splitlines()[0]
            return Heading(marker.start, marker.end, marker.rank, " ".join(title.split()))
        end = marker.end if marker.kind == MARKED else title_end(text, marker, limit)
        if marker.kind != "markdown":
            return Heading(marker.start, end, marker.rank, " ".join(text[marker.start : end].split()))
        title = _remove_closing_signs(" ".join(text[marker.end : end].split()))
        return Heading(marker.start, end, marker.rank, title)

    def _start(self, index: int) -> int:
        marker = self._markers[index]
        return marker.start if marker else self.places[index]

    def index_before(self, position: int) -> int:
        """The index of the last heading whose place is before a position, -1 for none."""
        return bisect_left(self.places, position) - 1

    def place_above(self, position: int) -> int:
        """The place of the last heading at or before a position, 0 for none."""
        index = bisect_right(self.places, position) - 1
        return self.places[index] if index >= 0 else 0

    def has_text_under(self, index: int, end: int) -> bool:
        """Whether anything but blanks and stops follows a heading before ``end``, or it is a sentence."""
        heading_start, heading_end, *_ = self.heading(index)
        if heading_start >= end:
            # YAML is before the heading of its section.
            return bool(self.text[self.places[index] : end].strip())
        marker = self._markers[index]
        return bool(self.text[heading_end:end].strip(BLANKS_AND_STOPS)) or (
            marker is not None and is_sentence_in_paragraph(self.text, marker, heading_end)
        )

    def ends_at(self, index: int, end: int) -> bool:
        """Whether the section of a heading ends at a position after it, where no heading is under it."""
        following = bisect_left(self.places, end)
        if following == len(self.places) or self.places[following] > end:
            return False
        return self.parents[following] < index

    def index_above(self, position: int, start: int) -> int:
        """The index of the nearest heading above a position that is before ``start``, -1 for none."""
        index = bisect_right(self.places, position) - 1
        # The place of a heading may be before it, at the start of YAML.
        while index >= 0 and self._start(index) >= start:
            index = self.parents[index]
        return index

    def headings_before(self, position: int, start: int) -> tuple[str, ...]:
        """The headings above a position as the text writes them, without those at or after ``start``."""
        index = self.index_above(position, start)
        path: list[str] = []
        while index >= 0:
            path += [heading] if (heading := self.written(index)) else []
            index = self.parents[index]
        return tuple(reversed(path))

    def written(self, index: int) -> str:
        """A heading as the text writes it; empty for a resumption."""
        heading = self.heading(index)
        if not heading.text:
            return ""
        written = self.text[heading.start : heading.end].strip()
        marker = self._markers[index]
        if marker and marker.kind == UNDERLINED:
            written = f"{'#' * marker.rank} {written.splitlines()[0].rstrip()}"
        elif marker and marker.kind == "markdown":
            signs, title = self.text[marker.start : marker.end], self.text[marker.end : heading.end]
            written = signs + _remove_closing_signs(title.strip())
        return written if LINE_BREAKS.isdisjoint(written) else " ".join(written.split())

    def section_at(self, position: int) -> tuple[str, ...]:
        """The headings above a position, from the highest to the nearest."""
        return self._path(bisect_right(self.places, position) - 1)

    def _path(self, index: int) -> tuple[str, ...]:
        """The texts of the headings down to that index, -1 for none."""
        unknown: list[int] = []
        while index not in self._paths:
            unknown.append(index)
            index = self.parents[index]
        path = self._paths[index]
        for lower in reversed(unknown):
            title = self.heading(lower).text
            path = self._paths[lower] = (*path, title) if title else path
        return path


def _remove_closing_signs(title: str) -> str:
    """A title of Markdown without its closing signs, which follow a blank (CommonMark 0.31.2, section 4.2).

    >>> _remove_closing_signs("C# ##"), _remove_closing_signs("C#"), _remove_closing_signs("##")
    ('C#', 'C#', '##')
    """
    unclosed = title.rstrip("#")
    return unclosed.rstrip() or title if not unclosed or unclosed[-1].isspace() else title
