"""Finds the indents that carry meaning: those of code, of nested lists, of keys and values, and of poems.

All others, above all the two ideographic spaces or the blanks before a paragraph, are layout.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily

# The blanks of code; a tab counts as four. Ideographic and no-break spaces indent paragraphs and poems only.
_CODE_BLANKS = " \t"
_TAB = 4
# What an ideographic space is wide, in blanks.
_WIDTHS = {"\t": _TAB, "\u3000": 2}
# Lines of Markdown that are indented so far are code, after a blank line (CommonMark 0.31.2, section 4.4).
_CODE_INDENT = 4
# What only Markdown has: a heading with signs, a fence, YAML at the beginning.
_MARKDOWN = compile_lazily(r"(?:^|\n)(?:#{1,6}[ \t]+\S|```|~~~)|\A---[ \t]*\r?\n[\w-]+:")
# Where more than one block for so many others is indented, the indent is that of paragraphs.
_OTHER_BLOCKS = 4
_PROSE = compile_lazily(
    r"[\u2010-\u201f\u2460-\u2473\u3000-\u30ff\u3400-\u9fff\uff01-\uff5e]"
    r"|[(（]?[0-9一二三四五六七八九十]{1,3}[)）.、．,，:：]?[ \t]*[\u2018-\u201f\u3000-\u303f\u3400-\u9fff]"
)
_ITEM = compile_lazily(r"(?P<bullet>[-*+•·])[ \t]+\S|[0-9]{1,3}[.)][ \t]+\S")
_KEY = compile_lazily(r"""(?:[-?][ ])?["']?[^\s:：，。、；！？]{1,24}["']?:(?:[ \t]|\Z)""")
# The end of a line of code after which the next is indented.
_OPENS_BLOCK = compile_lazily(r"(?:[:{(\[]|\b(?:then|do|else|begin))\Z")
_IDEOGRAPH = compile_lazily("[\u3400-\u9fff]")
# The lines of a poem are at most so long; it has two indents, each of so many lines.
_VERSE, _LEAST_VERSES, _LEAST_OF_INDENT = 24, 4, 2


class _Line(NamedTuple):
    """A line: where it starts, the width of its indent, whether that is of code, and its text."""

    start: int
    width: int
    is_code: bool
    body: str


def find_kept_indents(text: str, blanks: str) -> list[int]:
    r"""Where the lines start whose indents are kept, in order; ``blanks`` are all characters that indent.

    >>> find_kept_indents("说明：\n\n    rm -rf build\n    make\n\n　　完成。\n", " \u3000")
    [5, 22]
    """
    starts: set[int] = set()
    list_indents: list[int] = []
    verses: list[_Line] = []
    is_code_of_any_script = _has_few_indented_blocks(text, blanks)
    for block in _read_blocks(text, blanks):
        if is_code_of_any_script and _is_indented(block):
            starts.update(line.start for line in block)
            continue
        starts.update(_find_in_block(block, list_indents))
        if all(len(line.body) <= _VERSE for line in block):
            verses += block
            continue
        starts.update(_find_verses(verses))
        verses = []
    starts.update(_find_verses(verses))
    return sorted(starts)


def _is_indented(block: Sequence[_Line]) -> bool:
    """Whether all lines of a block are indented as code is in Markdown."""
    return all(line.is_code and line.width >= _CODE_INDENT for line in block)


def _has_few_indented_blocks(text: str, blanks: str) -> bool:
    """Whether a text is Markdown in which few blocks are indented: then these are code, in any language."""
    if not _MARKDOWN.search(text):
        return False
    indented = unindented = 0
    for block in _read_blocks(text, blanks):
        if _is_indented(block):
            indented += 1
        else:
            unindented += block[0].width == 0
    return 0 < indented * _OTHER_BLOCKS <= unindented


def _read_blocks(text: str, blanks: str) -> Iterator[list[_Line]]:
    """The lines that are not blank, those without a blank line between them together."""
    block: list[_Line] = []
    start = 0
    # Every line end becomes one line feed at the same place.
    for line in text.replace("\r\n", " \n").replace("\r", "\n").split("\n"):
        body = line.strip(blanks)
        if body:
            indent = line[: line.index(body[0])]
            width = sum(_WIDTHS.get(blank, 1) for blank in indent) if indent else 0
            block.append(_Line(start, width, not indent.strip(_CODE_BLANKS), body))
        elif block:
            yield block
            block = []
        start += len(line) + 1
    if block:
        yield block


def _find_in_block(block: Sequence[_Line], list_indents: list[int]) -> Iterator[int]:
    """The starts of the lines of a block that are code, items of nested lists, or keys below a key.

    ``list_indents`` are the indents of the items that the next line may be under, from one block to the next.
    """
    if (
        _is_indented(block)
        and not any(_PROSE.match(line.body) for line in block)
        and not _is_mostly_chinese(block)
    ):
        yield from (line.start for line in block)
        return
    in_code = False
    before: _Line | None = None
    for line in block:
        if not (line.width or in_code):
            _follow_list(line, list_indents)
            before = line
            continue
        is_prose = _PROSE.match(line.body) is not None and not _KEY.match(line.body)
        if before and line.is_code and line.width > before.width and _OPENS_BLOCK.search(before.body):
            in_code = not is_prose
        is_under_item = bool(list_indents) and line.width > list_indents[0]
        is_kept = (in_code and not is_prose) or (is_under_item and (_ITEM.match(line.body) or not is_prose))
        if line.width and line.is_code and is_kept:
            yield line.start
        else:
            # It loses its indent, and is then what the next line is compared with.
            line = line._replace(width=0)
            in_code = in_code and not is_prose
        _follow_list(line, list_indents)
        before = line


def _is_mostly_chinese(block: Sequence[_Line]) -> bool:
    """Whether at least half of the characters are ideographs: text, though it begins with a Latin word."""
    ideographs = sum(len(_IDEOGRAPH.findall(line.body)) for line in block)
    return 2 * ideographs >= sum(len(line.body) for line in block)


def _follow_list(line: _Line, list_indents: list[int]) -> None:
    """Note that a line is an item, or that it ends the lists before it."""
    while list_indents and line.width <= list_indents[-1]:
        list_indents.pop()
    if _ITEM.match(line.body) and (line.width == 0 or list_indents):
        list_indents.append(line.width)


def _find_verses(lines: Sequence[_Line]) -> Iterator[int]:
    """The starts of the indented lines of a poem: short lines with several indents."""
    if len(lines) < _LEAST_VERSES:
        return
    counts = Counter(line.width for line in lines)
    if sum(number >= _LEAST_OF_INDENT for number in counts.values()) > 1:
        yield from (line.start for line in lines if line.width)
