"""Reduces an HTML page to its main text, every character of which is traced to the page.

Entities become characters and blocks become lines; what is not main text is removed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hanpack.steps.page.html_metadata import read_metadata
from hanpack.steps.page.html_text import SOURCE_LINE_BREAK, VisibleRun, VisibleText, read_html
from hanpack.steps.page.main_text import find_main_text
from hanpack.steps.page.patterns import TextSpan
from hanpack.steps.traced import Replacement, Traced

STEP = "html"
_SNIFFED_CHARACTERS = 4_000
_PAGE_START = re.compile(r"<!doctype\s+html|<html[\s>]|<body[\s>]|<head[\s>]", re.IGNORECASE)
_FRAGMENT_START = re.compile(
    r"\s*<(?:div|p|table|article|section|span|h[1-6]|ul|ol|center|font|td)[\s>]", re.IGNORECASE
)
# Characters between which a line break of the source is no space.
_WIDE = re.compile(r"[⺀-〿㐀-鿿豈-﫿︰-﹏！-｠]")


def extract_html(traced: Traced) -> Traced:
    r"""Keep the main text of an HTML page; record title, date, author, region, publisher and url.

    A text that is no HTML comes back as it is. Each line of the extractor that is not in the page gives one
    flagged edit at the end of the page.

    >>> from hanpack.steps.decode.decoding import decode
    >>> page = '<html><title>答复</title><td id="postmessage_1">一、同意。<br>二、已阅 &amp; 存档</td></html>'
    >>> extracted = extract_html(decode(page.encode(), "utf-8"))
    >>> extracted.text, dict(extracted.metadata)
    ('一、同意。\n二、已阅 & 存档', {'title': '答复'})

    Raises:
        ImportError: the page is not of a known forum software, and trafilatura is not installed.
    """
    page = traced.text
    if not is_html(page):
        return traced
    visible = read_html(page)
    main_text = find_main_text(page, visible)
    changes = _keep_spans(page, visible, main_text.spans)
    changes += [Replacement(len(page), len(page), flagged=True)] * main_text.missing
    return traced.apply(STEP, changes).with_metadata(read_metadata(page))


def is_html(text: str) -> bool:
    """Whether a text is an HTML page or a fragment of one; decided by its first characters.

    >>> is_html("<!DOCTYPE html><html><p>一"), is_html("<div>一</div>"), is_html("<p>表示一段</p>的开始。")
    (True, True, False)
    """
    head = text[:_SNIFFED_CHARACTERS]
    if "<" not in head:
        return False
    if _PAGE_START.search(head):
        beginning = head.lstrip()
        return beginning.startswith(("<", "\ufeff<")) and not beginning.startswith("<?php")
    return _FRAGMENT_START.match(head) is not None and "</" in text and text.rstrip().endswith(">")


def _keep_spans(page: str, visible: VisibleText, spans: Sequence[TextSpan]) -> list[Replacement]:
    """The replacements that leave the spans, with line breaks between blocks and spaces between words."""
    changes: list[Replacement] = []
    position = 0
    last_character = ""
    for start, end in spans:
        for run in visible.runs_within(start, end):
            separator = _choose_separator(last_character, run, run.place == start)
            changes += _reduce_gap(page, position, run.start, separator)
            if page[run.start : run.end] != run.text:
                changes.append(Replacement(run.start, run.end, run.text))
            position = run.end
            last_character = run.text[-1]
    if position < len(page):
        changes.append(Replacement(position, len(page)))
    return changes


def _choose_separator(last_character: str, run: VisibleRun, begins_span: bool) -> str:
    """What comes between the text so far, which ends in ``last_character``, and a run."""
    if not last_character:
        return ""
    if begins_span or run.separator == "\n":
        return "\n"
    if run.separator == SOURCE_LINE_BREAK:
        return "" if _WIDE.match(last_character) and _WIDE.match(run.text) else " "
    return run.separator


def _reduce_gap(page: str, start: int, end: int, separator: str) -> list[Replacement]:
    """Remove what is between two runs except for a separator, which is inserted if the gap contains none."""
    place = page.find(separator, start, end) if separator else -1
    parts = [(start, end)] if place < 0 else [(start, place), (place + 1, end)]
    removals = [Replacement(*part) for part in parts if part[0] < part[1]]
    if separator and place < 0:
        removals.append(Replacement(end, end, separator))
    return removals
