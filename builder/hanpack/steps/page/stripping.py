"""The door of the stage: HTML is reduced first, then what a forum or site printed around a text is removed.

This module is short because the modules of the two do the work.
"""

from __future__ import annotations

from collections.abc import Sequence

from hanpack.steps.page.html import extract_html
from hanpack.steps.page.saved_page import strip_saved_pages
from hanpack.steps.traced import Traced


def strip_page(traced: Traced) -> Traced:
    """Remove everything of a page but its text; record the metadata it gives.

    HTML is reduced to its main text (edits of the step ``html``), then what a forum or site printed around
    the text is removed (step ``page``). A text that is no page comes back as it is.

    >>> from hanpack.steps.decode.decoding import decode
    >>> page = "<html><body><td id='postmessage_1'>第一条<br>扫一扫在手机打开当前页</td></body></html>"
    >>> stripped = strip_page(decode(page.encode(), "utf-8"))
    >>> stripped.text, sorted({edit.step for edit in stripped.edits})
    ('第一条', ['html', 'page'])

    Raises:
        ImportError: an HTML page is not of a known forum software, and trafilatura is not installed.
    """
    (stripped,) = strip_pages([traced])
    return stripped


def strip_pages(texts: Sequence[Traced]) -> list[Traced]:
    """Remove everything but the text of each of several pages, as :func:`strip_page` does."""
    extracted = list(map(extract_html, texts))
    return strip_saved_pages(
        extracted, are_texts=[after is before for after, before in zip(extracted, texts, strict=True)]
    )
