"""Ends the section of the last item of a list: after it the text of the heading above the list resumes.

How far the last item reaches is seen from the items before it: it has no more paragraphs than the longest,
unless its paragraphs and those after them all begin with a title in a sentence of its own. It also ends where
a speaker turns to the listeners again (各位代表！).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.chunk.boundaries import NEVER_FIRST
from hanpack.steps.chunk.heading_patterns import RESUMPTION
from hanpack.steps.chunk.headings import NUMBERED_KINDS, PATTERN, SEQUENCE_KINDS, Marker
from hanpack.steps.chunk.list_items import BLANKS_AND_STOPS, find_list_items
from hanpack.steps.chunk.prose_items import find_prose_items
from hanpack.steps.chunk.sections import Outline
from hanpack.steps.chunk.titles import title_end

_ITEM_KINDS = NUMBERED_KINDS | SEQUENCE_KINDS
# Numbers of parts: the text under such a title begins in the next line, even if the title follows other text.
_PART_KINDS = frozenset(("formal_numeral", "numeral", "bracketed_numeral", "bracketed_numeral_sign"))
_HIGHEST_KINDS = frozenset(("formal_numeral", "numeral"))
# So many paragraphs of an item that each begin with a title show the form of its text.
_FEWEST_TITLED = 2
# The break after a line, with blank lines after it.
_LINE_BREAK = compile_lazily(r"\n(?:\s*\n)?")


def close_lists(
    text: str,
    markers: Sequence[Marker | None],
    places: Sequence[int],
    parents: Sequence[int],
    inside: Sequence[int],
) -> Outline:
    r"""The outline of a text without the items of lists that are sentences, and with the ends of all lists.

    >>> text = "一、回顾\n一是抓项目。完成投资。\n二是抓产业。企业增加。\n各位代表！"
    >>> markers = [Marker(0, 2, "numeral", 12, 1, True), Marker(5, 7, "numeral_is", 17, 1, True)]
    >>> markers.append(Marker(17, 19, "numeral_is", 17, 2, True))
    >>> outline = close_lists(text, markers, [0, 5, 17], [-1, 0, 0], [])
    >>> outline.section_at(25), outline.section_at(len(text) - 1)
    (('一、回顾', '二是抓产业'), ('一、回顾',))
    """
    prose = find_prose_items(text, markers)
    if prose:
        places, parents, markers = _leave_out(prose, places, parents, markers)
        inside = sorted({*inside}.intersection(places))
    items, provisions = find_list_items(text, markers, places, parents)
    if provisions:
        markers = [
            marker._replace(is_provision=True) if marker and index in provisions else marker
            for index, marker in enumerate(markers)
        ]
    closed = dict(_find_ends(text, markers, places, parents))
    if not items and not closed:
        return Outline(text, places, parents, inside, markers)
    # The first that ends at a place is the outermost.
    ends: dict[int, int] = {}
    for item, place in sorted(closed.items()):
        ends.setdefault(place, parents[item])
    ends.update({places[index]: parents[index] for index in items})
    headings = {place: index for index, place in enumerate(places) if index not in items}
    numbers = {-1: -1}
    kept: list[tuple[int, int, Marker | None]] = []
    for place in sorted({*headings, *ends}):
        heading = headings.get(place)
        if heading is not None:
            numbers[heading] = len(kept)
            kept.append((place, numbers[parents[heading]], markers[heading]))
        elif not _is_in_section(kept, numbers[ends[place]]):
            marker = Marker(place, place, RESUMPTION, 0, value=0, opens_line=True)
            kept.append((place, numbers[ends[place]], marker))
    if not kept:
        return Outline(text)
    kept_places, kept_parents, kept_markers = zip(*kept, strict=True)
    return Outline(text, kept_places, kept_parents, inside, kept_markers)


def _leave_out(
    left_out: Set[int], places: Sequence[int], parents: Sequence[int], markers: Sequence[Marker | None]
) -> tuple[list[int], list[int], list[Marker | None]]:
    """The places, parents and markers of headings without some that have none below them."""
    kept = [index for index in range(len(places)) if index not in left_out]
    numbers = {index: number for number, index in enumerate(kept)} | {-1: -1}
    return (
        [places[index] for index in kept],
        [numbers[parents[index]] for index in kept],
        [markers[index] for index in kept],
    )


def _is_in_section(kept: Sequence[tuple[int, int, Marker | None]], heading: int) -> bool:
    """Whether what follows the entries is directly under a heading, -1 for none, as it is."""
    if len(kept) - 1 == heading:
        return True
    _, parent, marker = kept[-1]
    return parent == heading and marker is not None and marker.kind == RESUMPTION


def _find_ends(
    text: str, markers: Sequence[Marker | None], places: Sequence[int], parents: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """The last items of lists with text after them that is not theirs, and where that begins, the last first.

    Invariant: once an item is done, ``reach`` is where the text under it ends; it has none if that is not
    known, because nothing shows it.
    """
    if not any(marker and marker.kind in _ITEM_KINDS for marker in markers):
        return
    following = _find_following(parents)
    most_lines = _count_lines_before(text, markers, places, parents)
    last_children: dict[int, int] = {}
    reach: dict[int, int] = {}
    for index in range(len(markers) - 1, -1, -1):
        last_child = last_children.get(index)
        last_children.setdefault(parents[index], index)
        if index not in most_lines:
            continue
        limit = places[following[index]] if following[index] < len(places) else len(text)
        is_measured = last_child is None or last_child in reach
        lines = most_lines[index]
        if lines is None:
            # Another item follows.
            if is_measured:
                reach[index] = limit
            continue
        end = None
        if is_measured:
            end = _measure_item(text, markers, places, index, lines, limit)
            end = end if end is None or last_child is None else max(end, reach[last_child])
        address = _find_address(text, markers, parents, index, following[index] - 1, limit)
        end = address if end is None else min(end, address or limit)
        if end is None:
            continue
        # No chunk begins with a closing mark, so that the text after the list does not either.
        while end < limit and text[end] in NEVER_FIRST:
            end += 1
        reach[index] = end
        if end < limit and text[end:limit].strip():
            yield index, end


def _measure_item(
    text: str,
    markers: Sequence[Marker | None],
    places: Sequence[int],
    index: int,
    lines: int,
    limit: int,
) -> int | None:
    """Where the last item of a list ends if it has ``lines`` lines below its own; None if nothing shows it.

    ``limit`` is where the next heading begins that is not below the item.
    """
    marker = markers[index]
    assert marker is not None
    if marker.kind in (NUMBERED_KINDS if marker.opens_line else _PART_KINDS):
        first = places[index + 1] if index + 1 < len(places) else len(text)
        if (lines < 0 and marker.opens_line) or _ends_line(text, marker, first):
            return None
    end = marker.start
    starts: list[int] = []
    for _ in range(max(lines, 0) + 1):
        line_break = _LINE_BREAK.search(text, end, limit)
        end = line_break.end() if line_break else limit
        starts.append(end)
    if lines >= _FEWEST_TITLED and all(
        PATTERN["titled_paragraph"].match(text, start, limit) for start in starts[:-1]
    ):
        while PATTERN["titled_paragraph"].match(text, end, limit):
            line_break = _LINE_BREAK.search(text, end, limit)
            end = line_break.end() if line_break else limit
    return end


def _find_address(
    text: str,
    markers: Sequence[Marker | None],
    parents: Sequence[int],
    index: int,
    last: int,
    limit: int,
) -> int | None:
    """Where a speaker turns to the listeners again after the text of an item, if before ``limit``.

    ``last`` is the last heading of the item. After a part of the speech only the paragraph that closes the
    speech counts.
    """
    item, marker = markers[index], markers[last]
    if item is None or marker is None:
        return None
    is_part = parents[index] < 0 and item.kind in _HIGHEST_KINDS
    for address in PATTERN["address"].finditer(text, marker.end, limit):
        title = title_end(text, marker, limit)
        line_end = text.find("\n", address.end(), limit)
        paragraph = text[address.end() : line_end if line_end >= 0 else limit]
        if text[title : address.start()].strip(BLANKS_AND_STOPS) and (
            not is_part or PATTERN["closing_words"].search(paragraph)
        ):
            return address.start() + 1
    return None


def _ends_line(text: str, marker: Marker, limit: int) -> bool:
    """Whether nothing follows a heading in its line; after a sentence within a line, a stop is enough."""
    end = title_end(text, marker, limit)
    line_break = _LINE_BREAK.search(text, end, limit)
    rest = text[end : line_break.start() if line_break else limit]
    return not rest.strip(BLANKS_AND_STOPS if marker.opens_line else None)


def _find_following(parents: Sequence[int]) -> list[int]:
    """For each heading the next that is not under it; their number if there is none."""
    following = [len(parents)] * len(parents)
    path: list[int] = []
    for index, parent in enumerate(parents):
        while path and path[-1] > parent:
            following[path.pop()] = index
        path.append(index)
    return following


def _count_lines_before(
    text: str, markers: Sequence[Marker | None], places: Sequence[int], parents: Sequence[int]
) -> dict[int, int | None]:
    """For the last item of each list, how many lines below its own the longest item before it has.

    -1 if the list has one item, None for an item that another follows.
    """
    most: dict[int, int | None] = {}
    latest: dict[tuple[int, str], int] = {}
    for index, (marker, parent) in enumerate(zip(markers, parents, strict=True)):
        if marker is None or marker.kind not in _ITEM_KINDS:
            continue
        before = latest.get((parent, marker.kind))
        latest[parent, marker.kind] = index
        most[index] = -1
        if before is None:
            continue
        earlier = markers[before]
        if earlier is None or earlier.value >= marker.value:
            continue
        breaks = _LINE_BREAK.finditer(text, earlier.start, places[index])
        longest = most[before]
        most[before] = None
        most[index] = max(-1 if longest is None else longest, sum(1 for _ in breaks) - 1, 0)
    return most
