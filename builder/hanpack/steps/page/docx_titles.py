"""Finds the title of a Word document without styles: a first line that is centred, larger, or bold by itself.

Many notices and essays are written so. The text stays as it is; the title is metadata.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from hanpack.lazy_patterns import compile_lazily

# The title is looked for among so many lines, and stands above lines that look otherwise.
LINES_LOOKED_AT = 8
_LONGEST_TITLE = 60
# The head of an official paper and its number stand above the title.
_NO_TITLE = compile_lazily(
    r"[。；，、：！;:,]\s*$|文件$|[〔\[（(【](?:19|20)\d\d[〕\])）】]第?\d+号|\d{4}年\d{1,2}月\d"
    r"|^\s*[（(]?[一二三四五六七八九十\d]{1,3}[）)、.．]|^\s*第[一二三四五六七八九十\d]{1,3}[章节条]"
)
_LETTER = compile_lazily(r"[^\W\d_]")


@dataclass(slots=True)
class LineLook:
    """The text of a paragraph and how it looks; ``size`` is that of its largest run, None if of the style."""

    text: str = ""
    is_centred: bool = False
    is_bold: bool = True
    size: int | None = None


def find_title(looks: Sequence[LineLook]) -> str | None:
    """The title among the looks of the first lines of a document; None if there is none.

    >>> body = [LineLook("各县人民政府：", False, False), LineLook("现将有关事项通知如下。", False, False)]
    >>> find_title([LineLook("关于防火工作的通知", True, False), *body])
    '关于防火工作的通知'
    >>> find_title([LineLook("关于防火工作的通知", False, False), *body]) is None
    True
    """
    usual = Counter((look.is_bold, look.size) for look in looks if not look.is_centred)
    if not usual:
        return None
    ((bold, size),) = (look for look, _ in usual.most_common(1))

    def stands_out(look: LineLook) -> bool:
        is_larger = look.size is not None and look.size > (size or 0)
        return look.is_centred or is_larger or (look.is_bold and not bold)

    above = list(takewhile(stands_out, looks))
    if not above or len(above) == len(looks):
        return None
    titles = [look for look in above if _may_be_title(look.text)]
    largest = max(titles, key=lambda look: look.size or 0, default=None)
    return largest.text.strip() if largest else None


def _may_be_title(text: str) -> bool:
    return len(text) <= _LONGEST_TITLE and bool(_LETTER.search(text)) and not _NO_TITLE.search(text)
