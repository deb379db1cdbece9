"""HINTS: how a scan says that files may be read better, in English and in Chinese."""

from __future__ import annotations

HINTS = (
    ("hanpack does not read a name without a suffix: {advice}", "hanpack 不读取没有扩展名的文件：{advice}"),
    (
        "{file}: its lines have characters that no reader sees: steps: {example} removes them",
        "{file}：行中有看不见的字符：steps: {example} 会把它们去掉",
    ),
    (
        "{file}: its lines are broken at {number} characters: steps: {example} joins those of a paragraph",
        "{file}：它的行在 {number} 个字符处折断：steps: {example} 会接起一段中的各行",
    ),
    (
        (
            "{file}: the title of {number} of {records} is only the beginning of the first heading: name the column "
            "of the title in metadata_columns"
        ),
        "{file}：{records}中有 {number} 条的标题只是正文首个标题的开头：请用 metadata_columns 指明标题所在的列",
    ),
    (
        (
            "{file}: of its lines {number} are {encoding}, {others} {other}: a build rejects those that are not "
            "{encoding}; write all of them in UTF-8"
        ),
        "{file}：{number} 行是 {encoding}，{others} 行是 {other}：构建会拒绝不是 {encoding} 的行；请全部改写为 UTF-8",
    ),
    (
        (
            "{file}: {parts} are parts of one text: only {column} is the text, the rest is metadata; "
            "to join them, make records of them in Python: {example}"
        ),
        (
            "{file}：{parts} 是同一段文字的几部分：现在只有 {column} 是正文，其余在元数据里；"
            "要合成一段，请在 Python 里做成记录：{example}"
        ),
    ),
    (
        "{file}: its lines are rows of a table, with tabs: name it .tsv to have a record for each",
        "{file}：各行是以制表符分隔的表格行：改名为 .tsv，则每行一条记录",
    ),
    (
        (
            "{file}: its first row is a record, not the names of the columns: set columns to names of your own; "
            "if it does name them, remove columns and set text_column to a name in it"
        ),
        (
            "{file}：第一行是记录，不是列名：可在配方里用 columns 另取列名；"
            "如果它确实是列名，请删去 columns，并把 text_column 设为其中一个列名"
        ),
    ),
    (
        (
            "{file}: its first row is taken for the names of the columns: "
            "if it is a record, set columns to their names"
        ),
        "{file}：第一行当作列名：如果它是记录，请在配方里用 columns 写出各列的名称",
    ),
)
