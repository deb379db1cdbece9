"""YAML_ERRORS: what PyYAML says of a text that is not YAML, in English and in Chinese, with fields in braces."""

from __future__ import annotations

YAML_ERRORS = (
    ("{message} (while {context} from line {row_number})", "{message}（所在结构从第 {row_number} 行开始）"),
    (
        "{message} (found duplicate anchor {name}; first occurrence from line {row_number})",
        "锚点 {name} 已在第 {row_number} 行定义",
    ),
    (
        "{message} (expected a single document in the stream from line {row_number})",
        "文件里只能有一个文档，第一个从第 {row_number} 行开始",
    ),
    ("mapping values are not allowed here", "这里不应再有冒号"),
    ("mapping keys are not allowed here", "这里不能有键"),
    ("sequence entries are not allowed here", "这里不能有列表项"),
    ("could not find expected ':'", "缺少冒号"),
    ("found character '\\t' that cannot start any token", "用了制表符"),
    ("found character {code} that cannot start any token", "值不能以 {code} 开头"),
    ("expected ',' or ']', but got '<stream end>'", "方括号没有闭合"),
    ("expected ',' or '}', but got '<stream end>'", "花括号没有闭合"),
    ("expected ',' or ']', but got {code}", "方括号里应有逗号或 ]，却是 {code}"),
    ("expected <block end>, but found {code}", "这一行与前面的缩进或写法不符（{code}）"),
    ("expected the node content, but found {code}", "这里应有一个值，却是 {code}"),
    (
        "expected alphabetic or numeric character, but found {code}",
        "以 * 或 & 开头的值要加引号（其后是 {code}）",
    ),
    ("found unexpected end of stream", "引号没有闭合"),
    ("found unexpected document separator", "引号没有闭合"),
    ("found unknown escape character {code}", "双引号里没有 \\ 加 {code} 的写法"),
    ("found undefined alias {name}", "没有名为 {name} 的锚点；以 * 开头的值要加引号"),
    ("found duplicate key", "键写了两次"),
    ("found unhashable key", "列表或带值的键不能作键"),
    ("could not determine a constructor for the tag {code}", "不认识标签 {code}；以 ! 开头的值要加引号"),
    ("expected chomping or indentation indicators, but found {code}", "| 或 > 后应是换行，却是 {code}"),
    ("expected a comment or a line break, but found {code}", "这里应是换行，却是 {code}"),
    ("expected '<document start>', but found {code}", "文档应到此结束，却是 {code}"),
    (
        "unacceptable character {code}: special characters are not allowed position {number}",
        "位置 {number} 有不能用的控制字符 {code}",
    ),
    ("day is out of range for month", "没有这一天"),
    ("month must be in 1..12", "没有这个月"),
    ("the key {name} is given twice", "键 {name} 写了两次"),
)
