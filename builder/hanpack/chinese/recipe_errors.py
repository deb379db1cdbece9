"""RECIPE_ERRORS: what errors of recipes say and advise, in English and in Chinese, with fields in braces."""

from __future__ import annotations

from hanpack.chinese.yaml_errors import YAML_ERRORS

RECIPE_ERRORS = (
    *YAML_ERRORS,
    ("there is a recipe of that name already", "已有同名的配方"),
    (
        "build it with hanpack build {path}, or name another file with -o",
        "用 hanpack build {path} 构建它，或用 -o 另取文件名",
    ),
    (
        "the recipe was changed by hand, and {options} would change it again",
        "配方被手工修改过，{options} 会再次改动它",
    ),
    (
        "change it in the file, or delete the file, or name another recipe with --name",
        "请在文件里修改，或删除该文件，或用 --name 另取配方名",
    ),
    ("this is the recipe of another folder, {path}", "这是另一个文件夹 {path} 的配方"),
    (
        "name another recipe with --name, or build this one by its path",
        "请用 --name 另取配方名，或按路径构建这个配方",
    ),
    ("no file has records of the shape {shape}", "没有文件含有 {shape} 形式的记录"),
    ("leave the option out", "请去掉这个选项"),
    (
        (
            "no column looks like text: set text_column to one of {names}; "
            "if the first row is a record, set columns to the names of all columns"
        ),
        "没有像正文的列：请在配方里用 text_column 指明其中一列：{names}；如果第一行是记录，请用 columns 写出所有列的名称",
    ),
    (
        "no column looks like text: set text_column to one of {names}",
        "没有像正文的列：请在配方里用 text_column 指明其中一列：{names}",
    ),
    (
        "write {example} into {recipe} and run hanpack build {recipe}",
        "请把 {example} 写入 {recipe}，再运行 hanpack build {recipe}",
    ),
    (
        "write the file again in UTF-8: decode each line as UTF-8 and, if that fails, in the other encoding",
        "请把文件改写为 UTF-8：逐行按 UTF-8 解码，失败的行按另一种编码解码",
    ),
    ("there is no file hanpack can read", "没有 hanpack 能读取的文件"),
    ("it reads {suffixes}", "它读取 {suffixes}"),
    (
        "none of the {number} files can be read; the first, {name}: {fault}",
        "{number} 个文件都无法读取；第一个 {name}：{fault}",
    ),
    (
        "repair or unlock the files, or name others; hanpack scan lists each with its reason",
        "请修复或解锁这些文件，或指明别的文件；hanpack scan 会逐个列出原因",
    ),
    (
        (
            "convert the files to UTF-8, or write a recipe that names their encoding, and look at the text that "
            "it gives"
        ),
        "请把文件转换为 UTF-8，或写一个指明编码的配方，并查看得到的文字",
    ),
    (
        "the text is one column, text_column; to join several, make records of them in Python: {example}",
        "正文只能是一列（text_column）；要把几列合成一段，请在 Python 里做成记录：{example}",
    ),
    (
        "{path}: the text is one column, text_column; to join several, make records of them in Python: {example}",
        "{path}：正文只能是一列（text_column）；要把几列合成一段，请在 Python 里做成记录：{example}",
    ),
    ("{path}: the key is missing; {rest}", "{path}：缺少这个键；{rest}"),
    (
        "{path}: unknown key; did you mean {name}? Possible are {names}; {rest}",
        "{path}：未知的键；是否想用 {name}？可以用 {names}；{rest}",
    ),
    (
        "{path}: unknown key; it belongs under {name}, one step further to the right; {rest}",
        "{path}：未知的键；它属于 {name}，要在其下缩进一级；{rest}",
    ),
    (
        "{path}: unknown key; it belongs under {name}, one step further to the right",
        "{path}：未知的键；它属于 {name}，要在其下缩进一级",
    ),
    ("{path}: unknown key; {choices}", "{path}：未知的键；{choices}"),
    ("{path}: the key is missing", "{path}：缺少这个键"),
    ("{path}: {message} (given: {name}); {rest}", "{path}：{message}（现为：{name}）；{rest}"),
    ("{path}: {message} (given: {name})", "{path}：{message}（现为：{name}）"),
    ("{path}: it must be keys with values, such as {example}", "{path}：应是带值的键，如 {example}"),
    ("{path}: the list must not be empty", "{path}：列表不能为空"),
    ("{path}: it must be a list, such as {example}", "{path}：应是列表，如 {example}"),
    ("it must be more than {number}", "应大于 {number}"),
    ("it must be less than {number}", "应小于 {number}"),
    ("it must be true or false, without quotation marks", "应是 true 或 false，不加引号"),
    ("it must be text; numbers and days need quotation marks", "应是文字；数字和日期要加引号"),
    ("it must be a list, such as {example}", "应是列表，如 {example}"),
    ("it must be keys with values, such as {example}", "应是带值的键，如 {example}"),
    ("the list must not be empty", "列表不能为空"),
    ("it must not be empty", "不能为空"),
    ("it must have at most {number} characters", "最多 {number} 个字符"),
    ("it must match the pattern {pattern}", "要符合 {pattern} 的写法"),
    (
        "it may have letters, digits, dots, hyphens and underscores, but no blanks and no slashes",
        "可以有文字、数字、点、连字符和下划线，不能有空格和斜杠",
    ),
    (
        "it must be chunks_ with a name of lower-case letters and digits, such as chunks_small",
        "应是 chunks_ 加小写字母和数字的名称，如 chunks_small",
    ),
    ("unknown value; {choices}", "未知的值；{choices}"),
    ("unknown encoding; {choices}", "未知的编码；{choices}"),
    ("a share is a number from 0 to 1", "比例是 0 到 1 之间的数"),
    (
        "{path}: keys with values must stand here, with a colon, such as {example}; possible are {names}",
        "{path}：这里应是带值的键，要有冒号，如 {example}；可以用 {names}",
    ),
    ("write a day as YYYY-MM-DD, such as {day}", "请写日期 YYYY-MM-DD，如 {day}"),
    (
        "it has no value: write one after the colon, or leave the key out",
        "没有值：请在冒号后写上，或去掉这个键",
    ),
    (
        "keys with values must stand here, with a colon, such as {example}; possible are {names}",
        "这里应是带值的键，要有冒号，如 {example}；可以用 {names}",
    ),
    (
        "write a share below 1, such as 0.2, or a rule, such as {example}",
        "请写小于 1 的比例，如 0.2，或一条规则，如 {example}",
    ),
    (
        "the shares of validation and test leave nothing for training",
        "validation 和 test 的比例没有给训练留下任何文档",
    ),
    ("a rule names a source, metadata or both", "规则要指明 source、metadata 或两者"),
    (
        "no record can be read; the first, {source} record {record_number}: {reason}",
        "没有一条记录可以读取；第一条是 {source} 第 {record_number} 条记录：{reason}",
    ),
    ("the files look like: {names}", "这些文件看来是：{names}"),
    ("the columns are: {names}", "各列是：{names}"),
    ("correct the recipe, or name other files", "请改正配方，或指明别的文件"),
    ("name the column that has the text", "请指明含有文字的列"),
    ("the folder {name} has no file that can be a source", "文件夹 {name} 里没有可作源文件的文件"),
    ("put the texts into it, or name another folder", "请把文本放进去，或指明另一个文件夹"),
    ("the folder for the report does not exist", "放报告的文件夹不存在"),
    ("make it, or name another with -o", "请先建立它，或用 -o 指明另一处"),
    ("{name} is a field of metadata: write {field}", "{name} 是 metadata 的字段：请写 {field}"),
    ("{number} ids in {table} begin with {name}", "{table} 里有 {number} 个 id 以 {name} 开头"),
    ("give more of it, such as {name}", "请多给几个字符，如 {name}"),
    ("{command} shows some ids", "{command} 会显示一些 id"),
    ("correct the key and run again", "请改正这个键，再运行一次"),
    ("is not YAML: {detail}", "不是 YAML：{detail}"),
    ("keep one of the two, and run again", "请只保留其中一个，再运行一次"),
    ("indent with spaces, not with tabs", "请用空格缩进，不要用制表符"),
    (
        "line {row_number}, column {column_number}: the key {name} is given twice",
        "第 {row_number} 行第 {column_number} 列：键 {name} 写了两次",
    ),
    (
        "line {row_number}, column {column_number}: {yaml_fault}",
        "第 {row_number} 行第 {column_number} 列：{yaml_fault}",
    ),
    ("line {row_number}: {slip}", "第 {row_number} 行：{slip}"),
    ("a blank is missing after the colon of {name}", "键 {name} 的冒号后缺少空格"),
    ("a blank is missing after the hyphen before {name}", "{name} 前的连字符后缺少空格"),
    (
        "the full-width sign {name} is a letter to YAML: write {code}",
        "全角的 {name} 在 YAML 里只是普通文字：请写 {code}",
    ),
    (
        "a blank that is not the ordinary one ({code}) is a letter to YAML: write ordinary blanks",
        "这里的空格（{code}）不是普通空格，在 YAML 里只是普通文字：请用半角空格",
    ),
    ("correct the line and run again", "请改正这一行，再运行一次"),
    (
        "correct the file; values with a colon, a brace or a # need quotation marks",
        "请改正文件；含冒号、花括号或 # 的值要加引号",
    ),
    (
        "card.license: {name} is no licence code of the Hub: {advice}",
        "card.license：{name} 不是 Hub 的许可证代码：{advice}",
    ),
    ("write other, and the name in card.license_name", "请写 other，并把名称写在 card.license_name"),
    (
        "card.language: {name} is no language code of the Hub: {advice}",
        "card.language：{name} 不是 Hub 的语言代码：{advice}",
    ),
    ("write a code such as zh or en", "请写代码，如 zh 或 en"),
    ("holds no keys", "没有任何键"),
    ("no file matches {pattern}", "没有文件符合 {pattern}"),
    ("paths are relative to the recipe's root", "路径相对于配方的 root"),
    ("the root is relative to the recipe", "root 相对于配方文件"),
    (
        "the vocabulary file is not inside the folder of the raw files, as a build requires",
        "词表文件不在原始文件的文件夹里，而构建要求如此",
    ),
    ("copy it into {folder} and name the copy", "请把它复制到 {folder}，并指明副本"),
    (
        "the table ledger says why: hanpack inspect shows it with --table ledger",
        "账本里有原因：用 hanpack inspect 加 --table ledger 查看",
    ),
)
