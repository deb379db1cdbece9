"""SCREENS: what scan, inspect, trace, find and diff show, in English and in Chinese; LABELS: its single words.

A field whose name ends with ``number`` is a number. Names of steps, tables, scripts and encodings stay as a
build has them, because recipes and queries use them.
"""

from __future__ import annotations

LABELS = {
    # Headings of tables, and figures.
    "file": "文件",
    "files": "文件",
    "number": "数量",
    "bytes": "字节",
    "encoding": "编码",
    "script": "繁简",
    "records": "记录",
    "tokens": "词元",
    "others": "其他",
    "sources": "源文件",
    "documents": "文档",
    "chunks": "块",
    "characters": "字符",
    "largest chunk": "最大的块",
    "tokenizer": "分词器",
    "bytes read": "读取的字节",
    "bytes read, unpacked": "读取的字节（解压后）",
    "bytes of the files": "文件的字节",
    "bytes are counted in the contents of the files: DOCX, EPUB and compressed files unpacked, with their markup; "
    "of PDF, Parquet and the like the text": "字节按文件的内容计算：DOCX、EPUB 和压缩文件是解压后的内容，包括标记；"
    "PDF、Parquet 等只算文字",
    "bytes kept": "保留的字节",
    "figures by group": "分组统计",
    "documents in script": "文档的繁简",
    "documents in encoding": "文档的编码",
    "edits by": "各步改动",
    "personal data:": "个人信息：",
    "bytes removed by": "各步删除的字节",
    "documents in split": "各切分的文档",
    "tokens a chunk": "每块的词元数",
    "from": "从",
    "to": "到",
    "raw": "原始文本",
    "document": "文档",
    "step": "步骤",
    "kind": "种类",
    "first at byte": "首处字节",
    "documents and chunks": "文档和块",
    "figures": "数字",
    "recipe": "配方",
    "versions": "版本",
    "old": "旧",
    "new": "新",
    "difference": "差",
    # Facts of a row.
    "chunk": "块",
    "a copy of": "副本，原文",
    "page": "页",
    "pages": "页",
    "state": "状态",
    "reason": "原因",
    "cause": "原因代码",
    "copies": "副本数",
    "bytes_kept": "保留字节",
    "han_share": "汉字占比",
    "digit_share": "数字占比",
    "punctuation_share": "标点占比",
    "repeated_line_share": "重复行占比",
    "mean_line_length": "平均行长",
    "perplexity": "困惑度",
    "damage_left": "遗留损伤",
    "chunk_count": "块数",
    "similarity": "相似度",
    "record": "记录",
    "split": "切分",
    "source": "源文件",
    # What offsets count in.
    "text layer": "文字层",
    "XML of the document": "文档的 XML",
    "chapters": "各章",
    "payloads of the pages": "各网页的内容",
    "text column": "文本列",
    "decompressed file": "解压后的文件",
    "removed": "被删除",
    # What an edit did.
    "replaced": "替换",
    "inserted": "插入",
    "flagged": "标记",
    # The fields of metadata.
    "title": "标题",
    "author": "作者",
    "date": "日期",
    "region": "地区",
    "url": "网址",
    "license": "许可",
    # Kinds of personal data.
    "access token": "访问令牌",
    "e-mail": "电子邮箱",
    "identity number": "身份证号",
    "mobile number": "手机号",
    "bank card": "银行卡号",
    "landline number": "固定电话",
    "passport": "护照号",
    "vehicle plate": "车牌号",
    "IP address": "IP 地址",
    "home address": "住址",
    "no step changed anything here": "这里没有任何改动",
    "the two builds are the same: every document and chunk, figure, recipe key and version": "两个构建结果相同："
    "每篇文档和每个块、每个数字、配方的每个键和每个版本",
    "documents same": "相同的文档",
    "documents added": "新增的文档",
    "documents gone": "消失的文档",
    "documents changed": "改动的文档",
    "documents moved": "移动的文档",
    "its file is no source any more": "它的文件不再是源文件",
    "its file is new": "它的文件是新的",
    "its file changed": "它的文件有改动",
    "its file is the same: the withdrawals differ": "它的文件没有变化：撤回的请求不同",
    "its file is the same: other sources differ": "它的文件没有变化：其他源文件不同",
    "withdrawals": "撤回",
    "it ends a document, or is padding: it comes from no source": "它是文档的结尾或填充：不来自任何源文件",
    "hanpack scan --all lists every file, --json gives them to programs": "hanpack scan --all 列出每个文件，--json "
    "供程序读取",
    "what was removed was not searched": "没有查找被删除的内容",
    "not found": "没有找到",
    "hints:": "提示：",
    "there may be more": "可能还有更多",
    "there are none": "没有记录",
}
SCREENS = (
    (
        "the sources are not at hand: name their folder with --sources to see its bytes",
        "没有源文件：请用 --sources 指明它们的文件夹，才能看到字节",
    ),
    (
        "{left_number}–{right_number} % across, {top_number}–{bottom_number} % down",
        "横 {left_number}–{right_number} %，纵 {top_number}–{bottom_number} %",
    ),
    (
        "the tokens of chunks add up to {tokens_number}: each chunk is encoded by itself, with its headings and overlap",
        "各块的词元合计 {tokens_number} 个：每块单独编码，连同它的标题和重叠部分",
    ),
    (
        "overlap: {number} of {chunks} that follow another repeat the end of it: whole sentences of at most {most_number} tokens, and nothing where a section begins",
        "重叠：接在另一块之后的 {chunks}中，有 {number} 块重复了前一块的末尾：只重复整句，最多 {most_number} 个词元；从新的一节开始的块不重复",
    ),
    (
        "not all changes of the texts are shown: --full shows all of them",
        "文本的改动没有全部显示：用 --full 显示全部",
    ),
    ("shortened in the middle: --full shows all of it", "中间有省略：用 --full 显示全部"),
    (
        "documents that are in another split than before: {total_number}; do not train on one of these builds and test on the other",
        "换了切分的文档：{total_number} 篇；不要用其中一个构建结果训练，再用另一个测试",
    ),
    (
        "{documents}: their files are the same; what differs is {name}",
        "{documents}：文件没有变化；不同的是 {name}",
    ),
    ("the record is line {line_number} of the source", "该记录是源文件的第 {line_number} 行"),
    ("its split changed: {splits}", "切分变为：{splits}"),
    ("{reason}; its split changed: {splits}", "{reason}；切分变为：{splits}"),
    ("its file is the same: {name}", "它的文件没有变化：{name}"),
    # diff: before the places of find, which begin with chunks too
    ("{table} that kept their id", "{table} 中 id 不变的"),
    ("{table} new", "{table} 中新的"),
    ("{table} gone", "{table} 中消失的"),
    # scan
    (
        "{files}, {bytes}, about {tokens}; {readable_number} can be read",
        "{files}，{bytes}，约 {tokens}；{readable_number} 个可以读取",
    ),
    (
        (
            "sampled: the first {size_number} KiB or {rows_number} rows of each file; damage and tokens in "
            "{examined_number} of them, spread over all"
        ),
        "抽样：每个文件的前 {size_number} KiB 或 {rows_number} 行；在其中均匀分布的 {examined_number} 个里数了损坏和词元",
    ),
    (
        "sampled: the first {size_number} KiB or {rows_number} rows of each file",
        "抽样：每个文件的前 {size_number} KiB 或 {rows_number} 行",
    ),
    ("edits of a build in what was sampled: {steps}", "构建会对抽样内容做的改动：{steps}"),
    ("{step} {edits_number} in {files}", "{step} {edits_number} 处（{files}）"),
    ("{records} of those sampled cannot be used:", "抽样的记录中有 {records}不能使用："),
    ("and in {files}", "还有 {files}"),
    (
        "{files} cannot be read; a build has each in its ledger as rejected:",
        "{files}无法读取；构建时账本里会记为拒绝：",
    ),
    ("{files} left out by init:", "init 略去了 {files}："),
    ("and {reasons_number} other reasons", "还有 {reasons_number} 种原因"),
    ("{name} and {others_number} other files", "{name} 和 {others_number} 个其他文件"),
    ("{name} and 1 other file", "{name} 和 1 个其他文件"),
    ("{path} and {others_number} other sources", "{path} 和 {others_number} 个其他源文件"),
    ("{path} and 1 other source", "{path} 和 1 个其他源文件"),
    (
        "and {hints_number} other hints: --json lists them by file",
        "还有 {hints_number} 条提示：--json 按文件列出",
    ),
    ("and 1 other hint: --json lists them by file", "还有 1 条提示：--json 按文件列出"),
    (
        "{name} record {record_number} at byte {byte_number}: {reason}",
        "{name} 第 {record_number} 条记录（字节 {byte_number}）：{reason}",
    ),
    # inspect
    ("{largest_number} of {budget_number} tokens", "{largest_number}（上限 {budget_number} 个词元）"),
    (
        "{copies} of {documents}; the largest clusters, with the least similar copies",
        "{documents}的 {copies}；最大的几组，以及其中最不相似的副本",
    ),
    ("{table} has no rows", "{table} 没有行"),
    ("rows of {table}: {rows_number} of {all_number}", "{table} 的行：{all_number} 行中的 {rows_number} 行"),
    ("tables: {tables}; --table NAME shows rows of one", "表：{tables}；--table 名称 显示一个表的行"),
    ("one chunk: {command}", "查看一个块：{command}"),
    ("in Python: {code}", "在 Python 中：{code}"),
    (
        "this build has no chunk: of {records} none gave a text ({states}); --table ledger shows why",
        "这个构建结果没有块：{records}都没有文字（{states}）；--table ledger 显示原因",
    ),
    (
        "the first {chunks}; to trace one: {command}",
        "前 {chunks}；追溯一个块：{command}",
    ),
    ("{chunks}; to trace one: {command}", "{chunks}；追溯一个块：{command}"),
    # trace
    (
        "screen {screen_number} of {screens_number}; --screen {next_number} is the next",
        "第 {screen_number} 屏，共 {screens_number} 屏；--screen {next_number} 看下一屏",
    ),
    ("screen {screen_number} of {screens_number}", "第 {screen_number} 屏，共 {screens_number} 屏"),
    ("and {hidden_number} more; --full shows all", "还有 {hidden_number} 处；--full 显示全部"),
    (
        "the sources are not at hand: name their folder with --sources to see its bytes",
        "没有源文件：用 --sources 指明它们的文件夹，才能看到字节",
    ),
    (
        "token {token_number}, row {row_number} of {split}, place {place_number}",
        "词元 {token_number}，{split} 第 {row_number} 行，位置 {place_number}",
    ),
    ("token {token_number} of document {id}", "文档 {id} 的第 {token_number} 个词元"),
    (
        "characters {start_number} to {end_number} of the document",
        "文档的字符 {start_number} 至 {end_number}",
    ),
    ("bytes {start_number} to {end_number} of {source}", "{source} 的字节 {start_number} 至 {end_number}"),
    ("edited by {steps}", "改动它的步骤：{steps}"),
    ("{hidden_number} characters more", "另有 {hidden_number} 个字符"),
    # find
    (
        "not found in {documents_number} documents and {records_number} records with removed text",
        "在 {documents_number} 篇文档和 {records_number} 条有文字被删除的记录中没有找到",
    ),
    ("not found in {documents_number} documents", "在 {documents_number} 篇文档中没有找到"),
    ("at least {places_number} kept", "至少 {places_number} 处保留"),
    ("{places_number} kept", "{places_number} 处保留"),
    ("{places_number} removed", "{places_number} 处被删除"),
    ("{places_number} duplicate", "{places_number} 处重复"),
    ("{places_number} rejected", "{places_number} 处拒绝"),
    ("{places_number} withdrawn", "{places_number} 处撤回"),
    ("{places_number} empty", "{places_number} 处空"),
    ("{places_number} more places; --limit shows more", "还有 {places_number} 处；--limit 显示更多"),
    ("there may be more; --limit shows more", "可能还有更多；--limit 显示更多"),
    ("bytes {start_number} to {end_number}", "字节 {start_number} 至 {end_number}"),
    (
        "left out as a copy of the document {id} of the build {build} (similarity {similarity})",
        "作为构建结果 {build} 中文档 {id} 的副本被略去（相似度 {similarity}）",
    ),
    (
        "left out as a copy of document {id} (similarity {similarity}; its text was not read)",
        "作为文档 {id} 的副本被略去（相似度 {similarity}；没有读取它的文字）",
    ),
    (
        "left out as a copy of document {id} (similarity {similarity})",
        "作为文档 {id} 的副本被略去（相似度 {similarity}）",
    ),
    ("in its metadata: {name}", "在它的元数据中：{name}"),
    ("removed from document {id} by {steps}", "从文档 {id} 中删除，步骤：{steps}"),
    ("{step} ({size_number} bytes)", "{step}（{size_number} 字节）"),
    (
        "note: {source} record {record_number}, {url}, was not read: {reason}",
        "注意：没有读取 {source} 第 {record_number} 条记录（{url}）：{reason}",
    ),
    (
        "note: {url} was withdrawn on {date} at the request {request}",
        "注意：{url} 已于 {date} 按请求 {request} 撤回",
    ),
    (
        "note: {source} record {record_number} was not read: {reason}",
        "注意：没有读取 {source} 第 {record_number} 条记录：{reason}",
    ),
    (
        (
            "note: {records} could not be searched, nor read when the build was made; the first: "
            "{source} record {record_number}: {reason}"
        ),
        "注意：没有查找 {records}，构建时也无法读取；第一条：{source} 第 {record_number} 条记录：{reason}",
    ),
    (
        "note: {name} is in no text, but in the path of {paths}",
        "注意：{name} 不在文字里，而在源文件的路径里：{paths}",
    ),
    (
        "note: {name} is in no text, but it is the name of a column, whose values are in {path}",
        "注意：{name} 不在文字里，它是列名，该列的值在 {path} 里",
    ),
    (
        "note: {name} is in no text, but it is the name of the column of the texts",
        "注意：{name} 不在文字里，它是正文那一列的列名",
    ),
    ("note: {note}", "注意：{note}"),
    (
        "what was removed was not searched: the sources are not at hand; name their folder with --sources",
        "没有查找被删除的内容：没有源文件；请用 --sources 指明它们的文件夹",
    ),
    ("document {id}, {rows}", "文档 {id}，{rows}"),
    ("document {id}", "文档 {id}"),
    ("chunks {ids}", "块 {ids}"),
    ("chunk {id}", "块 {id}"),
    # diff
    ("is now a copy of {original}, similarity {similarity}", "现在是 {original} 的副本，相似度 {similarity}"),
    ("was a copy of {original}, similarity {similarity}", "原是 {original} 的副本，相似度 {similarity}"),
    ("a withdrawal took {bytes} out of it", "撤回请求从中删去 {bytes}"),
    ("{bytes} of it that were withdrawn are back", "曾被撤回的 {bytes}现已恢复"),
    ("is now {state}: {reason}", "现在是{state}：{reason}"),
    ("was {state}: {reason}", "原是{state}：{reason}"),
    ("is now {state}", "现在是{state}"),
    ("was {state}", "原是{state}"),
    (
        "and {hidden_number} more; --json gives up to {most_number}",
        "还有 {hidden_number} 项；--json 最多列出 {most_number} 项",
    ),
    (
        "{source} record {record_number} at byte {byte_number} ({split})",
        "{source} 第 {record_number} 条记录，字节 {byte_number}（{split}）",
    ),
    (
        "{source} record {record_number} at byte {byte_number}",
        "{source} 第 {record_number} 条记录，字节 {byte_number}",
    ),
    ("{source} record {record_number}", "{source} 第 {record_number} 条记录"),
)
