"""Spaces, widths, normal forms, invisible characters and quotes: the small print of a text, traced.

:func:`tidy_spaces` is for saved pages and files; the others run only where a recipe asks for them.
A text with nothing to set right costs one scan and comes back itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
import regex

from hanpack.steps.traced import Replacement, Traced, code_points

_SPACES = " \t\v\f\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_LINE_END = re.compile(r"\r\n|\r|\n")
_BLANK_LINE = 2

_ADDRESS = regex.compile(
    r"(?:https?|ftp)://[^\s\p{Han}，。；）】》]+|www\.[^\s\p{Han}，。；）】》]+"
    r"|[A-Za-z0-9_.+-]++@[A-Za-z0-9.-]+|`[^`\n]*`"
)
_WIDTH_CONCERNED = re.compile('[,:;!?("０-９Ａ-Ｚａ-ｚ]|[0-9][．％]')
_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]+|(?<=[0-9０-９])(?:．(?=[0-9０-９])|％)")
_HAN_LETTER = re.compile("[㐀-鿿]")
_BESIDE = "㐀-鿿“”‘’《》「」『』（）【】"
_POINTS = {",": "，", ":": "：", ";": "；", "!": "！", "?": "？"}
_POINT = re.compile(
    rf"[,:;!?](?:(?<=[{_BESIDE}].)(?![/,:;!?)\\])(?: (?=[{_BESIDE}]))?"
    rf"|(?<=[%％A-Za-z0-9).].)(?: (?=[㐀-鿿])|(?=[{_BESIDE}])))"
)
_PARENTHESES = re.compile(r"\([^()\n]{1,200}\)")
_STRAIGHT = re.compile(r'"[^"\n]*"')

_LINE = re.compile("[^\n]+")
_CLUSTER = regex.compile(r"\X")
_IDEOGRAPH_VARIANTS = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f]+)")

_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"
_INVISIBLE = "\u00ad\u180e\u200b\u2060-\u2064\ufeff"
_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_HIDDEN_CONCERNED = re.compile(f"[{_CONTROLS}{_INVISIBLE}{_DIRECTIONS}\u200c\u200d]")
_RIGHT_TO_LEFT = regex.compile(r"[\p{Hebrew}\p{Arabic}\p{Syriac}\p{Thaana}\p{Nko}]")
_JOINING_SCRIPTS = (
    r"\p{Arabic}\p{Syriac}\p{Mongolian}\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}\p{Oriya}\p{Tamil}"
    r"\p{Telugu}\p{Kannada}\p{Malayalam}\p{Sinhala}\p{Khmer}\p{Myanmar}\p{Tibetan}\p{Thai}\p{Lao}\p{M}"
)
_JOINER = (
    rf"(?<![{_JOINING_SCRIPTS}])\u200c"
    rf"|\u200d(?<![{_JOINING_SCRIPTS}]\u200d)(?:(?<![\p{{Extended_Pictographic}}\p{{EMod}}]\u200d)|(?!\p{{Extended_Pictographic}}))"
)
_HIDDEN = regex.compile(f"[{_CONTROLS}{_INVISIBLE}]+|{_JOINER}")
_HIDDEN_WITH_DIRECTIONS = regex.compile(f"[{_CONTROLS}{_INVISIBLE}{_DIRECTIONS}]+|{_JOINER}")

_CURLY = re.compile("[“”]")
_QUOTED_LINE = re.compile("[“”][^\n]*")
_NO_BEGINNING = re.compile(r"[，。；、！？：,.;!?\s）》”]")


def tidy_spaces(traced: Traced) -> Traced:
    """Remove indents and trailing spaces of lines, end lines by LF, leave one blank line at most.

    Spaces inside a line are layout and stay. The step is ``spaces``.
    """
    text = traced.text
    return traced.apply("spaces", list(_tidy_runs(text))) if _is_untidy(text) else traced


def _is_untidy(text: str) -> bool:
    if "\r" in text or "\n\n\n" in text:
        return True
    return any(
        space in text and (f"\n{space}" in text or f"{space}\n" in text or space in (text[0], text[-1]))
        for space in _SPACES
    )


def _tidy_runs(text: str) -> Iterator[Replacement]:
    """Look at each run of white space that holds a line end or stands at an end of the text."""
    codes = code_points(text)
    ends = (codes == ord("\n")) | (codes == ord("\r"))
    white = ends | np.isin(codes, [ord(space) for space in _SPACES])
    steps = np.diff(white.astype(np.int8), prepend=0, append=0)
    starts, stops = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    lines = np.add.reduceat(ends, starts, dtype=np.int64)
    concerned = (lines > 0) | (starts == 0) | (stops == len(text))
    plain = (stops - starts == lines) & (lines <= _BLANK_LINE) & (codes[starts] == ord("\n"))
    plain &= codes[stops - 1] == ord("\n")
    for start, stop in zip(
        starts[concerned & ~plain].tolist(), stops[concerned & ~plain].tolist(), strict=True
    ):
        yield from _tidied(text[start:stop], start)


def _tidied(run: str, offset: int) -> Iterator[Replacement]:
    """Keep the first line ends of a run of white space, and nothing else of it."""
    position = offset
    for end in islice(_LINE_END.finditer(run), _BLANK_LINE):
        start = offset + end.start()
        if end.group() == "\r":
            yield from _removal(position, start)
            yield Replacement(start, start + 1, "\n")
        else:
            yield from _removal(position, offset + end.end() - 1)
        position = offset + end.end()
    yield from _removal(position, offset + len(run))


def _removal(start: int, end: int) -> Iterator[Replacement]:
    if end > start:
        yield Replacement(start, end)


def set_widths(traced: Traced) -> Traced:
    """Set letters, digits and punctuation as a careful Chinese editor would; the step is ``width``.

    Full-width letters and digits become half-width; , : ; ! ? ( ) and straight quotes beside Han characters
    become full-width. Numbers, times, Latin text, addresses and code keep theirs.
    """
    if _WIDTH_CONCERNED.search(traced.text) is None:
        return traced
    before = ""
    # Parentheses within parentheses are widened from the inside out, a pair a round.
    while traced.text != before:
        before = traced.text
        for find in (_narrowed, _widened_pairs, _widened_points):
            text = traced.text
            kept = [found.span() for found in _ADDRESS.finditer(text)]
            traced = traced.apply(
                "width", _outside(sorted(find(text), key=lambda change: change.start), kept)
            )
    return traced


def _narrowed(text: str) -> Iterator[Replacement]:
    for found in _WIDE.finditer(text):
        yield Replacement(*found.span(), unicodedata.normalize("NFKC", found.group()))


def _widened_points(text: str) -> Iterator[Replacement]:
    for found in _POINT.finditer(text):
        yield Replacement(*found.span(), _POINTS[found.group()[0]])


def _widened_pairs(text: str) -> Iterator[Replacement]:
    for pattern, pair in ((_PARENTHESES, "（）"), (_STRAIGHT, "“”")):
        for found in pattern.finditer(text):
            start, end = found.span()
            inside = _HAN_LETTER.search(found.group()) is not None
            beside = _HAN_LETTER.match(text, start - 1) if start else None
            after = _HAN_LETTER.match(text, end)
            if inside or (beside is not None and (pattern is _PARENTHESES or after is not None)):
                yield Replacement(start, start + 1, pair[0])
                yield Replacement(end - 1, end, pair[1])


def _outside(changes: Sequence[Replacement], kept: Sequence[tuple[int, int]]) -> list[Replacement]:
    """The changes that touch none of the kept spans; both are in order."""
    chosen: list[Replacement] = []
    spans = iter(kept)
    span = next(spans, None)
    for change in changes:
        while span is not None and span[1] <= change.start:
            span = next(spans, None)
        if span is None or change.end <= span[0]:
            chosen.append(change)
    return chosen


def compose(traced: Traced) -> Traced:
    """Unicode NFC, but ideographic variants keep their code points, as ㎡ and Ⅱ do. The step is ``nfc``."""
    if unicodedata.is_normalized("NFC", traced.text):
        return traced
    found = [
        Replacement(line.start() + cluster.start(), line.start() + cluster.end(), composed)
        for line in _LINE.finditer(traced.text)
        if not unicodedata.is_normalized("NFC", line.group())
        for cluster in _CLUSTER.finditer(line.group())
        if (composed := _composed(cluster.group())) != cluster.group()
    ]
    return traced.apply("nfc", found)


def _composed(cluster: str) -> str:
    return "".join(
        part if _IDEOGRAPH_VARIANTS.match(part) else unicodedata.normalize("NFC", part)
        for part in _IDEOGRAPH_VARIANTS.split(cluster)
    )


def remove_controls(traced: Traced) -> Traced:
    """Remove control and zero-width characters; the step is ``controls``.

    Joiners stay in emoji and in scripts that need them, direction marks beside a right-to-left script.
    Tabs, line ends and variation selectors stay.
    """
    text = traced.text
    if _HIDDEN_CONCERNED.search(text) is None:
        return traced
    hidden = _HIDDEN if _RIGHT_TO_LEFT.search(text) else _HIDDEN_WITH_DIRECTIONS
    return traced.apply("controls", [Replacement(*found.span()) for found in hidden.finditer(text)])


def mend_quotes(traced: Traced) -> Traced:
    """Turn quotes that face the wrong way, as in ”僵尸型”, line by line; the step is ``quotes``.

    A line whose quotes balance stays, and so does one with an odd number of them or where turning would
    leave an opening quote before a pause: there the text does not tell what was meant.
    """
    found = [
        change
        for line in _QUOTED_LINE.finditer(traced.text)
        for change in _turned(line.group(), line.start())
    ]
    return traced.apply("quotes", found)


def _turned(line: str, offset: int) -> list[Replacement]:
    marks = [(found.start(), found.group()) for found in _CURLY.finditer(line)]
    if len(marks) % 2 or _balances(mark for _, mark in marks):
        return []
    changes: list[Replacement] = []
    for (start, first), (end, last) in zip(marks[::2], marks[1::2], strict=True):
        inside = line[start + 1 : end]
        if not inside or _NO_BEGINNING.match(inside) or inside[-1] in " \u3000（《〈":
            return []
        if first != "“":
            changes.append(Replacement(offset + start, offset + start + 1, "“"))
        if last != "”":
            changes.append(Replacement(offset + end, offset + end + 1, "”"))
    return changes


def _balances(marks: Iterable[str]) -> bool:
    depth = 0
    for mark in marks:
        depth += 1 if mark == "“" else -1
        if depth < 0:
            return False
    return depth == 0
