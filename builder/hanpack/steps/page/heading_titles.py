"""Reads the title that a text begins with: a first heading of Markdown, or a line above its author.

Nothing is removed: the lines are of the text.
"""

from __future__ import annotations

from collections.abc import Mapping

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.verbatim import find_front_matter

# A title and what is below it are among so many characters; YAML may be before them.
_LOOKED_AT = 4_000
# A heading with a sign before it or a line of = under it (CommonMark 0.31.2, sections 4.2 and 4.3). A comment
# of a program has a line of code under it.
_HEADING = compile_lazily(
    r"\s*(?:#[ \t\u3000]+(?P<sign>[\w《〈“「『【][^\n]{0,159})(?=\n(?:[\s#]|[^!-~]|[0-9])|\n?\Z)"
    r"|(?P<underlined>[^\s#=>|-][^\n]{0,119})\n={2,}[ \t\r]*(?=\n|\Z))"
)
# What opens the heading of a section, and no title.
_NUMBER = compile_lazily(
    r"[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十0-9]{1,3}[)）]"
    r"|[0-9]{1,2}(?:[.．、](?![0-9])|(?:\.[0-9]{1,2}){0,4} )"
    r"|第[一二三四五六七八九十百0-9]{1,5}[章节節编編篇部条條]"
)
# A title between marks alone; of 《甲》和《乙》 and 《甲》解读 the marks are part.
_NAMED_WORK = compile_lazily(r"《(?P<title>[^《》]++)》")
# The title of a book or an article in a line of its own, and below it who wrote it.
_ABOVE_AUTHOR = compile_lazily(
    r"\s*(?P<title>《[^》\n]{1,60}》|[^\s。，；：！？:][^\n。，；：！？:]{0,59})[ \t\u3000\r]*\n\s*"
    r"(?:作[ \u3000]*者|著[ \u3000]*者)[ \t\u3000]*[:：][ \t\u3000]*"
    r"(?P<author>[^\s。，；：:][^\n。，；：:]{0,29})(?=[\r\n]|\Z)"
)


def begins_with_title(text: str) -> bool:
    r"""Whether a text begins with such a title.

    >>> begins_with_title("# 山中笔记\n\n第一天。\n"), begins_with_title("第一天。\n")
    (True, False)
    """
    head = text[:_LOOKED_AT]
    return ("#" in head or "\n=" in head or "者" in head) and bool(read_heading_title(text))


def read_heading_title(text: str, start: int = 0) -> Mapping[str, str]:
    r"""The title, and perhaps the author, with which ``text[start:]`` begins; empty if it begins with none.

    >>> read_heading_title("# 山中笔记\n\n第一天。\n"), read_heading_title("山中笔记\n====\n第一天。\n")
    ({'title': '山中笔记'}, {'title': '山中笔记'})
    >>> read_heading_title("# 《物业管理条例》\n\n第一条\n"), read_heading_title("# 《条例》解读\n正文。\n")
    ({'title': '物业管理条例'}, {'title': '《条例》解读'})
    >>> read_heading_title("《渡口》\n作者：石青\n\n第一章\n"), read_heading_title("第一天。\n作者：石青\n")
    ({'title': '渡口', 'author': '石青'}, {})
    """
    front = find_front_matter(text) if not start else None
    place = front[1] if front else start
    if heading := _HEADING.match(text, place):
        title = " ".join((heading["sign"] or heading["underlined"]).split()).rstrip("#").rstrip()
        if work := _NAMED_WORK.fullmatch(title):
            title = work["title"]
        return {"title": title} if title and not _NUMBER.match(title) else {}
    if book := _ABOVE_AUTHOR.match(text, place):
        return {"title": book["title"].strip("《》"), "author": book["author"].strip()}
    return {}
