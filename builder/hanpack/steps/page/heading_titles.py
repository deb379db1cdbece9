"""Reads the title that a text begins with: a heading of Markdown, a line above its author, that of a paper.

Nothing is removed: the lines are of the text.
"""

from __future__ import annotations

from collections.abc import Mapping

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.spoken_texts import join_apart
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
# What official and other papers are called at the end of their titles.
_GENRES = (
    "通知|通告|公告|公报|公報|公示|意见|意見|决定|決定|决议|決議|办法|辦法|规定|規定|条例|條例|细则|細則|方案|预案|規劃|规划|纲要|綱要"
    "|报告|報告|总结|總結|请示|批复|批覆|讲话|講話|致辞|演讲稿|声明|聲明|倡议书|(?:判决|裁定|调解|起诉|决定|通知|裁决)书|(?:判決|裁定|起訴|決定|通知)書"
    "|[民刑]事(?:判決|裁定)|起诉状|答辩状|协议书?|合同|章程|须知"
    "|制度|准则|指南|简报|说明书?|說明書?|计划|計畫|白皮书|调查表|新闻稿|解读"
)
_PAPER = compile_lazily(
    rf"(?![请請帮幫给給写寫我你您])[^\s。，；：！？:#|<>*_=\d（(\[【《-][^\n。，；！？:\t|了过過着吗吧呢]{{0,56}}?(?:{_GENRES})"
    r"(?:[（(][^（）()\n]{1,12}[）)])?"
)
# Who wrote a paper, in a line above 关于… or above the name of its genre.
_OFFICE = compile_lazily(
    r"[\u3400-\u9fff（）()]{3,40}(?:政府|委员会|委員會|办公[厅室]|局|厅|部|院|处|會|会|法庭|公司|大学|學校|学校)"
)
# The name of a genre that is the whole line, perhaps below the office: 民事判决书, 通知.
_GENRE = compile_lazily(rf"(?:[民刑]事|行政|仲裁|赔偿|国家赔偿|执行)?(?:{_GENRES}|通报|通報)")
# Other short names of genres are as often words of a request (总结) or the names of parts (说明).
_NOTICES = frozenset(("通知", "通告", "公告", "公示", "通报", "通報"))
# The last character of a title set apart from the one before: 关于放假的通　知.
_SET_APART = compile_lazily(r"(?<=[\u3400-\u9fff])[ \u3000]{1,4}(?=[\u3400-\u9fff]\Z)")
_ABOUT = ("关于", "關於")
# A text of fewer characters below a title is none.
_SHORTEST_TEXT, _FEWEST_LINES = 40, 2
# What is looked at for the first lines.
_FIRST_CHARACTERS = 300


def begins_with_title(text: str) -> bool:
    r"""Whether a text begins with such a title.

    >>> begins_with_title("# 山中笔记\n\n第一天。\n"), begins_with_title("第一天。\n")
    (True, False)
    """
    head = text[:_LOOKED_AT]
    may_be_heading = "#" in head or "\n=" in head or "者" in head
    return bool(read_heading_title(text) if may_be_heading else _read_paper_title(head, 0))


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
    return _read_paper_title(text, place)


def _read_paper_title(text: str, place: int) -> Mapping[str, str]:
    r"""The title of a paper in the first line, or in two after the office or the court that wrote it.

    A row of such titles is a list.

    >>> body = "各县人民政府：\n现将有关事项通知如下，请认真贯彻执行，并报送落实的情况，有问题请及时反映。\n"
    >>> _read_paper_title(f"某市人民政府\n关于春季防火工作的通知\n\n{body}", 0)
    {'title': '某市人民政府关于春季防火工作的通知'}
    >>> _read_paper_title(f"防火工作的通知\n防汛工作的通知\n{body}", 0)
    {}
    """
    # The last of the lines may be cut off.
    lines = [line.strip() for line in text[place : place + _FIRST_CHARACTERS].split("\n") if line.strip()]
    if len(lines) < _FEWEST_LINES or len(text) - place < _SHORTEST_TEXT:
        return {}
    title, following = (_SET_APART.sub("", join_apart(line)) for line in lines[:2])
    is_genre = _GENRE.fullmatch(title) and (title != lines[0] or len(title) > 2 or title in _NOTICES)
    if _OFFICE.fullmatch(title) and (following.startswith(_ABOUT) or _GENRE.fullmatch(following)):
        title, following = title + following, lines[2] if len(lines) > _FEWEST_LINES else ""
    if not (is_genre or _PAPER.fullmatch(title)) or _NUMBER.match(title) or _PAPER.fullmatch(following):
        return {}
    return {"title": title}
