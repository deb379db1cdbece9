"""Finds which columns of tables and keys of JSON are fields of the metadata: 标题 is the title.

A value that cannot be one of its field, such as a date without a day, stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.numeral_days import write_digits
from hanpack.steps.page.patterns import DAY, format_day, normalize_for_patterns
from hanpack.steps.traced import is_blank

# The names of columns for each field, in Simplified characters and lower case; the first that a record has
# a value for is taken. A column that has the name of the field comes before all of them.
FIELD_COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        field: tuple(columns.split())
        for field, columns in {
            "title": "标题 文章标题 新闻标题 公告标题 文件标题 文档标题 帖子标题 题目 题名 篇名 文件名称 "
            "法规名称",
            "author": "作者 作者姓名 撰稿人 撰稿 记者 发帖人",
            "date": "发布日期 发布时间 发表日期 发表时间 公布日期 公布时间 发文日期 发文时间 成文日期 "
            "印发日期 刊登日期 出版日期 日期 时间",
            "region": "地区 所属地区 所在地区",
            "url": "网址 链接 原文链接 文章链接 网页链接 链接地址 原文网址 原文地址 来源链接 来源网址 "
            "网页地址",
            "license": "许可协议 授权协议 许可证",
            "publisher": "来源 文章来源 信息来源 稿件来源 来源单位 来源网站 发布单位 发布机构 发布机关 "
            "发文单位 发文机关 制定机关 出版社 媒体 媒体名称 网站名称",
        }.items()
    }
)
_NAMES = ("title", "author", "date", "region", "url", "license", "publisher")
_FIELDS = {
    **{column: field for field, columns in FIELD_COLUMNS.items() for column in columns},
    **{name: name for name in _NAMES},
}
_RANKS = {column: rank for columns in FIELD_COLUMNS.values() for rank, column in enumerate(columns, 1)}
# The keys of objects that say what a record is.
_DESCRIPTION_LIST = (
    "meta metadata info information data header attributes properties article document "
    "信息 元数据 元信息 基本信息 文章信息 文档信息 属性 数据 文章 头部"
)
_DESCRIPTIONS = frozenset(_DESCRIPTION_LIST.split())
_LONGEST_TITLE, _LONGEST_NAME = 300, 80
_URL = compile_lazily(r"(?:https?://|www\.)\S+")
# A day with nothing else but the day of the week and the time of day.
_DAY = compile_lazily(
    rf"(?:{DAY}|(?P<digits>(?:19|20)\d{{6}}))"
    r"(?:[ (]{0,2}(?:星期|周)[一二三四五六日天]\)?)?"
    r"(?:[T ]{0,2}\d{1,2}[:时点]\d{1,2}(?:[:分](?:\d{1,2}(?:\.\d+)?)?秒?)?(?: ?(?:Z|[+-]\d\d:?\d\d))?)?"
)


def find_field(column: str) -> str:
    """The field of the metadata that a column is by its name; empty if it is none.

    >>> find_field("發布時間"), find_field("URL"), find_field("编号")
    ('date', 'url', '')
    """
    return _FIELDS.get(_normalize(column), "")


def read_fields(
    columns: Mapping[str, object], sources: Mapping[str, str], text_column: str = ""
) -> Mapping[str, object]:
    """The values of a record with those that are fields of the metadata under the names of these.

    ``sources`` are the columns that the recipe names for fields; a path of keys leads into nested values. A
    day is written as in ISO 8601; what was changed or is nested also stays under its own name. A field that
    the record itself does not have is read in the objects that have the text at the path ``text_column``, the
    innermost first, and then in those with a name such as ``meta`` or 信息.

    >>> dict(read_fields({"标题": "通知", "日期": "2024年3月5日", "编号": 7}, {}))
    {'日期': '2024年3月5日', '编号': 7, 'title': '通知', 'date': '2024-03-05'}
    >>> dict(read_fields({"事项": "通知", "日期": "近日"}, {"title": "事项"}))
    {'日期': '近日', 'title': '通知'}
    >>> dict(read_fields({"meta": {"标题": "法国罢工影响交通-清江网"}}, {}))
    {'meta': {'标题': '法国罢工影响交通-清江网'}, 'title': '法国罢工影响交通'}
    """
    nested = _list_nested(columns, text_column) if dict in map(type, columns.values()) else []
    if not sources and not nested and not _has_renamed(columns):
        return columns
    fields: dict[str, object] = {}
    moved: set[str] = set()
    for field, path in sources.items():
        value = _find_value(columns, path)
        if not is_blank(value):
            fields[field] = (_read_day(value) or value) if field == "date" else value
            if fields[field] == columns.get(path):
                moved.add(path)
    for column in sorted(filter(_is_renamed, columns), key=_rank):
        field, read = read_named_field(column, columns[column])
        if column in moved or field in sources or field in fields or not is_blank(columns.get(field)):
            continue
        if read:
            fields[field] = read
            moved.update([column] if read == columns[column] else [])
    for field, read in _read_nested(nested):
        if field not in sources and is_blank(columns.get(field)):
            fields.setdefault(field, read)
    return {**{name: value for name, value in columns.items() if name not in moved}, **fields}


def _has_renamed(columns: Iterable[str]) -> bool:
    """Whether any column is a field of the metadata under another name."""
    # Names in lower case of ASCII, as most are, have no other name.
    names = "".join(columns)
    return not (names.isascii() and names.islower()) and any(map(_is_renamed, columns))


def _read_nested(nested: Iterable[Mapping[str, object]]) -> Iterator[tuple[str, str]]:
    """The fields of the metadata in objects, those of the same name in the order of their ranks.

    Such an object often describes a page that was crawled: its title may have the name of the site after it.
    """
    # Most records have no objects.
    from hanpack.steps.page.html_titles import remove_names

    for values in nested:
        for column in sorted(filter(find_field, values), key=_rank):
            field, read = read_named_field(column, values[column])
            read = read.strip()
            if read:
                yield field, (remove_names(read) or read) if field == "title" else read


def _list_nested(columns: Mapping[str, object], text_column: str) -> list[dict[str, object]]:
    """The objects in a record that say what its text is: those around the text, then those named so."""
    around: list[dict[str, object]] = []
    value: object = columns
    for key in text_column.split(".")[:-1]:
        value = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(value, dict):
            around.insert(0, value)
    described = [
        value
        for values in (*around, columns)
        for name, value in values.items()
        if isinstance(value, dict) and _normalize(name) in _DESCRIPTIONS and value not in around
    ]
    return around + described


def read_named_field(name: str, value: object) -> tuple[str, str]:
    """The field of the metadata that a value is by its name, and the value as one; empty if it cannot be one.

    >>> read_named_field("发布日期", "2024年3月5日"), read_named_field("date", "春")
    (('date', '2024-03-05'), ('date', ''))
    """
    field = find_field(name)
    if field == "publisher" and isinstance(value, str) and _URL.fullmatch(value.strip()):
        field = "url"
    return field, _read_value(field, value) if field else ""


@lru_cache(maxsize=4096)
def _normalize(column: str) -> str:
    return normalize_for_patterns(column).strip().lower()


@lru_cache(maxsize=4096)
def _is_renamed(column: str) -> bool:
    """Whether a column is a field of the metadata under another name."""
    return find_field(column) not in ("", column)


def _rank(column: str) -> int:
    return _RANKS.get(_normalize(column), 0)


def _find_value(columns: Mapping[str, object], path: str) -> object:
    """The value of a column, or at the end of a path of keys; None if there is none."""
    if path in columns:
        return columns[path]
    value: object = columns
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _read_value(field: str, value: object) -> str:
    """The value of a column as one of a field; empty if it cannot be one."""
    if field == "date":
        return _read_day(value)
    if not isinstance(value, str) or not value.strip() or "\n" in value.strip():
        return ""
    if field == "url":
        return value if _URL.fullmatch(value.strip()) else ""
    longest = _LONGEST_TITLE if field == "title" else _LONGEST_NAME
    return value if len(value) <= longest else ""


def _read_day(value: object) -> str:
    """The day that a value is, as in ISO 8601; empty if it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    match = _DAY.fullmatch(write_digits(normalize_for_patterns(str(value)).strip()))
    if match is None:
        return ""
    if digits := match["digits"]:
        return _read_day(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}")
    return format_day(match)
