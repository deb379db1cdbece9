"""Says which texts of a batch may be pages, from the patterns by which the steps recognise pages."""

from __future__ import annotations

import re

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.forum_signs import QUICK_SIGNS
from hanpack.steps.page.other_views import VIEW_SIGNS
from hanpack.steps.page.patterns import DAY, normalize_codes
from hanpack.steps.page.site_patterns import (
    OTHER_FOOTER_LINE,
    PATH,
    SPAM_HEADING,
    SURE_FOOTER_LINE,
    TOOLBAR_BUTTON,
)
from hanpack.steps.texts import JoinedTexts

# A page in HTML, or one with the header of a WET file.
_BEGINNING = compile_lazily(r"\s*+\ufeff?\s*+(?:<|WARC/)")
# The words and fields below are rare in other texts; a date counts only in its field.
_SIGNS = compile_lazily("|".join(map(re.escape, (*QUICK_SIGNS, *VIEW_SIGNS, SPAM_HEADING))))
_DATE_FIELD = compile_lazily(rf"[间期] *: *{DAY}")
_TOOLBAR = compile_lazily(rf"\s*+(?:{PATH.pattern}|{TOOLBAR_BUTTON.pattern})")
_FOOTER = compile_lazily(f"{SURE_FOOTER_LINE.pattern}|{OTHER_FOOTER_LINE.pattern}")


def find_pages(texts: JoinedTexts) -> set[int]:
    r"""The indexes of the texts that may be pages: all that :func:`hanpack.steps.page.strip_page` changes.

    >>> find_pages(JoinedTexts(["水利规划\n第一条\n扫一扫在手机打开当前页\n", "水利规划\n第一条"]))
    {0}
    """
    normalized = normalize_codes(texts.codes)
    indexes = texts.find(_SIGNS) | texts.find(_DATE_FIELD, normalized)
    for index, (first, text) in enumerate(zip(texts.firsts.tolist(), texts.texts, strict=True)):
        if _BEGINNING.match(text) or _TOOLBAR.match(normalized, first, first + len(text)):
            indexes.add(index)
            continue
        content = text.rstrip()
        last_line = normalized[first + content.rfind("\n") + 1 : first + len(content)]
        if _FOOTER.fullmatch(last_line.strip()):
            indexes.add(index)
    return indexes
