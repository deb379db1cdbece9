"""Undoes the layout of printed pages: running heads, page numbers, and lines that end in mid-sentence.

It works on text alone, so that a text that was exported or copied from a PDF is served, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.page_margins import LineBox
from hanpack.steps.page.printed_contents import find_contents
from hanpack.steps.page.printed_lines import BLOCK_START, Measure, PrintedLine, list_lines, measure_lines
from hanpack.steps.page.running_heads import find_furniture
from hanpack.steps.replacements import Replacement
from hanpack.steps.sentence_marks import CLOSING_MARKS, WIDE_LINE_STOPS
from hanpack.steps.traced import Traced

STEP = "layout"
_SENTENCE_END = compile_lazily(rf"[{WIDE_LINE_STOPS}!?][{CLOSING_MARKS}\"]?\s*$")
_MARKED_HEADING = compile_lazily(r"#{1,6} ")
_TABLE_ROW = compile_lazily(r"\s*\||.*(?:\t|\S\s{3,}\S)")
# Between these two there was a blank that the end of the line took the place of.
_NARROW_END = compile_lazily(r"[!-~\u00a1-\u04ff]$")
_NARROW_START = compile_lazily(r"[!-~\u00a1-\u04ff‘“—]")
_HYPHENATED = compile_lazily(r"[A-Za-z]-$")


def undo_layout(traced: Traced) -> Traced:
    r"""Remove running heads and page numbers, and join the lines of a paragraph, across pages too.

    >>> from hanpack.steps.decode.decoding import decode
    >>> lines = ["公报", "字" * 20, "字" * 20, "— 1 —\f公报", "字" * 19 + "，", "字。", "— 2 —\f公报", "完。"]
    >>> undone = undo_layout(decode("\n".join(lines).encode(), "utf-8"))
    >>> undone.text == "字" * 59 + "，字。\n完。", {edit.step for edit in undone.edits}
    (True, {'layout'})
    """
    lines = list_lines(traced.text)
    measure = measure_lines(lines)
    boxes = _find_boxes(traced, lines)
    furniture = find_furniture(lines, measure.width, boxes)
    if furniture:
        measure = measure_lines([line for index, line in enumerate(lines) if index not in furniture])
    return traced.apply(STEP, _find_changes(traced.text, lines, furniture, measure, boxes))


def _find_boxes(traced: Traced, lines: Sequence[PrintedLine]) -> list[LineBox]:
    """The box of each line, if the source says where each of them is on its page; else none."""
    regions = traced.regions
    if not regions:
        return []
    starts = np.array([region.byte_start for region in regions], np.int64)
    ends = np.array([region.byte_end for region in regions], np.int64)
    places = dict(zip(traced.alignment.text_spans(starts, ends)[0].tolist(), regions, strict=True))
    boxes = []
    for line in lines:
        region = places.get(line.start)
        if region is not None and region.top is not None and region.bottom is not None:
            boxes.append(LineBox(region.top, region.bottom, region.goes_on))
        elif line.is_blank:
            boxes.append(LineBox(0.0, 0.0))
        else:
            return []
    return boxes


def _find_changes(
    text: str,
    lines: Sequence[PrintedLine],
    furniture: set[int],
    measure: Measure,
    boxes: Sequence[LineBox],
) -> Iterator[Replacement]:
    body = [index for index, line in enumerate(lines) if index not in furniture and not line.is_blank]
    contents = find_contents(lines, body)
    if contents:
        furniture = furniture | contents
        body = [index for index in body if index not in contents]
    if not body:
        if furniture or "\f" in text:
            yield Replacement(0, len(text))
        return
    if not furniture.isdisjoint(range(body[0])) or "\f" in text[: lines[body[0]].start]:
        yield Replacement(0, lines[body[0]].start)
    for index, following in pairwise(body):
        line, after = lines[index], lines[following]
        between = range(index + 1, following)
        has_furniture = not furniture.isdisjoint(between)
        has_contents = not contents.isdisjoint(between)
        is_page_end = line.page != after.page or has_furniture
        # Whoever knows where lines are writes a blank line at the edge of a page only between paragraphs.
        is_apart = after.is_after_blank and (bool(boxes) or not is_page_end)
        goes_on = boxes[following].goes_on if boxes else None
        if goes_on is None:
            goes_on = continues(line, after, measure, is_apart=is_apart)
        if goes_on and not has_contents:
            yield from _join(text, line, after)
        elif is_page_end:
            yield from _reduce_gap(line.end, after.start, line.end, "\n")
    last = lines[body[-1]]
    if not furniture.isdisjoint(range(body[-1], len(lines))) or "\f" in text[last.end :]:
        yield Replacement(last.end, len(text))


def continues(line: PrintedLine, after: PrintedLine, measure: Measure, *, is_apart: bool) -> bool:
    """Whether the paragraph of a line goes on in the line after it; blank lines set paragraphs apart."""
    if is_apart or after.is_indented or line.is_code or after.is_code or not measure.is_full(line):
        return False
    if _MARKED_HEADING.match(line.text) or _MARKED_HEADING.match(after.text):
        return False
    if _TABLE_ROW.match(line.text) or _TABLE_ROW.match(after.text):
        return False
    ends_sentence = _SENTENCE_END.search(line.text) is not None
    if measure.has_indents:
        return not (ends_sentence and BLOCK_START.match(after.text))
    return not ends_sentence and not BLOCK_START.match(after.text)


def _join(text: str, line: PrintedLine, after: PrintedLine) -> Iterator[Replacement]:
    """Remove what is between two lines; words are kept apart, a word that was divided is put together."""
    content = line.text.rstrip()
    end, first = line.start + len(content), text[after.start]
    if _HYPHENATED.search(content) and first.islower() and first.isascii():
        yield Replacement(end - 1, after.start)
    elif _NARROW_END.search(content) and _NARROW_START.match(first):
        yield from _reduce_gap(end, after.start, line.end, " ")
    else:
        yield Replacement(end, after.start)


def _reduce_gap(start: int, end: int, place: int, separator: str) -> Iterator[Replacement]:
    """Leave the separator, in place of the character at ``place``, of what is between two lines."""
    if start < place:
        yield Replacement(start, place)
    yield Replacement(place, place + 1, separator)
    if place + 1 < end:
        yield Replacement(place + 1, end)
