"""FINDINGS: what verify finds wrong or cannot prove, in English and in Chinese, with fields in braces."""

from __future__ import annotations

FINDINGS = (
    # Chunks.
    (
        "its {table} end at character {end} of {length}",
        "它的 {table} 结束于第 {end} 个字符，而全文有 {length} 个",
    ),
    (
        "it has {number} chunks, but its chunk_count is {count}",
        "它有 {number} 个块，而 chunk_count 是 {count}",
    ),
    (
        "its text is not characters {start} to {end} of the document",
        "它的文字不是文档的字符 {start} 至 {end}",
    ),
    (
        "it has {number} tokens, but its token_count is {count}",
        "它有 {number} 个词元，而 token_count 是 {count}",
    ),
    ("its {number} tokens exceed the budget of {budget}", "它有 {number} 个词元，超过上限 {budget}"),
    ("its chunk_index is {stated}, not {index}", "它的 chunk_index 是 {stated}，应为 {index}"),
    ("characters {start} to {end} before it are in no chunk", "它之前的字符 {start} 至 {end} 不在任何块里"),
    ("its pages are not those of its characters", "它的页不是这些字符所在的页"),
    ("its {column} is not its document's", "它的 {column} 与文档的不同"),
    ("it does not belong to the documents in their order", "它不属于按顺序排列的文档"),
    ("its bytes are {span}, not {start} to {end}", "它的字节是 {span}，不是 {start} 至 {end}"),
    # Replay.
    ("it is not compared further, after {number} deviations", "已有 {number} 处偏差，不再继续比较"),
    ("it has the columns {columns}", "它的列是 {columns}"),
    ("its table is cut into other shards than in the replay", "它的表与重放时分成的分片不同"),
    ("its rows are those of the replay, but its bytes are not", "它的行与重放相同，字节却不同"),
    (
        "its text differs from the replay's from character {place} on: {texts}",
        "它的文字从字符 {place} 起与重放不同：{texts}",
    ),
    (
        "its edits differ from the replay's from index {number} on: {edits}",
        "它的改动从第 {number} 个起与重放不同：{edits}",
    ),
    (
        "its {column} differ from the replay's from index {number} on",
        "它的 {column} 从第 {number} 个起与重放不同",
    ),
    ("its {column} differs from the replay's: {values}", "它的 {column} 与重放不同：{values}"),
    (
        "its {column} is {stated}, but the replay gives {expected}",
        "它的 {column} 是 {stated}，而重放给出 {expected}",
    ),
    # Documents.
    ("its id is not that of its text", "它的 id 不是这段文字的 id"),
    ("the id {id} occurs twice", "id {id} 出现两次"),
    ("its alignment does not cover its text and its bytes in order", "对齐没有按顺序覆盖文字和字节"),
    ("an edit of {step} is outside the text or the record", "步骤 {step} 的一处改动在文字或记录之外"),
    ("the bytes up to {end} are not the text of {text}", "直到字节 {end} 为止，字节都不是 {text} 的文字"),
    ("it is not the index of the documents", "它不是文档的索引"),
    # The ledger.
    ("its reason is not a sentence of its cause: {reason}", "它的原因不是该原因代码的句子：{reason}"),
    ("its document keeps {kept} bytes, not {stated}", "文档保留了 {kept} 字节，不是 {stated}"),
    ("its document's edits removed {removed}, not {stated}", "文档的改动删除了 {removed}，不是 {stated}"),
    ("it states {stated}, but its document {rights}", "它记的是 {stated}，而文档是 {rights}"),
    ("its document comes from bytes {start} to {end}", "文档来自字节 {start} 至 {end}"),
    (
        "its kept and removed bytes add up to {sum}, not to {size}",
        "保留和删除的字节加起来是 {sum}，不是 {size}",
    ),
    (
        "it begins at byte {start}, but the record before it ends at byte {end}",
        "它从字节 {start} 开始，而前一条记录结束于字节 {end}",
    ),
    (
        "it begins at byte {start}, but the record before it ends at {end}",
        "它从字节 {start} 开始，而前一条记录结束于 {end}",
    ),
    ("its record number is {stated}, not {number}", "它的记录序号是 {stated}，应为 {number}"),
    ("it is a duplicate, but its bytes were removed by {step}", "它是副本，但字节是被 {step} 删除的"),
    (
        "its similarity is {similarity}, not a number from 0 to 1",
        "它的相似度是 {similarity}，不是 0 到 1 之间的数",
    ),
    ("it was not kept, but has no reason", "它没有保留，却没有原因"),
    ("it was not kept, but its cause is {cause}", "它没有保留，而原因代码是 {cause}"),
    ("it was not kept, but has kept bytes", "它没有保留，却有保留的字节"),
    ("it was not kept, but names a document", "它没有保留，却指明了文档"),
    ("it was kept, but has an address", "它被保留，却有地址"),
    ("it was withdrawn, but states a licence, a domain or an address", "它已撤回，却记有许可或域名"),
    ("it is not a duplicate, but is a copy", "它不是重复，却是副本"),
    ("it is not a duplicate, but has a similarity", "它不是重复，却有相似度"),
    (
        "it is a copy of a document of another build, but names one of this",
        "它是另一个构建结果中文档的副本，却指明了这里的文档",
    ),
    ("it is a copy of {original}, which is no document", "它是 {original} 的副本，而没有这篇文档"),
    ("it was {number} records, but its copies are {copies}", "它是 {number} 条记录，而 copies 是 {copies}"),
    # Records and sources.
    ("there is no such record in the sources", "源文件里没有这条记录"),
    ("the document it names is not the next one", "它指明的文档不是下一篇"),
    ("its source_sha256 is not that of its source", "它的 source_sha256 不是源文件的"),
    ("no ledger row accounts for it", "账本里没有它的行"),
    ("no ledger row names this document", "账本里没有指明这篇文档的行"),
    ("the record in the source is bytes {start} to {end}", "源文件中的记录是字节 {start} 至 {end}"),
    ("its sources are not in the order of the recipe", "源文件的顺序与配方不同"),
    ("its bytes are not those of the source", "它的字节与源文件不同"),
    (
        "the manifest says that its {key} is {stated}, but it is {now}",
        "清单说它的 {key} 是 {stated}，实际是 {now}",
    ),
    (
        (
            "sources.{entry} of the recipe matches this file, but the manifest does not name it: "
            "it was left out, or was added later"
        ),
        "配方的 sources.{entry} 与这个文件相符，而清单里没有它：它被略去了，或是后来加入的",
    ),
    ("no pattern of the recipe matches this source", "配方中没有与这个源文件相符的模式"),
    ("the source ends before the record does", "源文件在记录结束之前就结束了"),
    (
        "the source is not in {folder}; name its folder with --sources",
        "源文件不在 {folder}；请用 --sources 指明它的文件夹",
    ),
    ("its sha256 is {actual}, not {stated}", "它的 sha256 是 {actual}，不是 {stated}"),
    ("bytes {start} to {end} are in no record", "字节 {start} 至 {end} 不在任何记录里"),
    # Files and the manifest.
    ("it has the tables {stated}, but its recipe gives {tables}", "它有表 {stated}，而配方给出 {tables}"),
    ("its files are not {files}", "它的文件不是 {files}"),
    (
        "its merkle_root is {stated}, but its shards give {root}",
        "它的 merkle_root 是 {stated}，而分片给出 {root}",
    ),
    ("it has the columns {columns}, which its recipe does not give", "它有配方没有给出的列 {columns}"),
    ("its columns are in the order {columns}", "它的列的顺序是 {columns}"),
    ("the file is missing", "缺少这个文件"),
    ("it has {actual} bytes, not {stated} bytes", "它有 {actual} 字节，不是 {stated} 字节"),
    ("it has {actual} bytes, not {stated}", "它有 {actual} 字节，不是 {stated}"),
    ("it has {actual} rows, not {stated}", "它有 {actual} 行，不是 {stated}"),
    ("it has {actual} rows, but there are {number} documents", "它有 {actual} 行，而文档有 {number} 篇"),
    ("it has the splits {stated}, but its recipe gives {splits}", "它有切分 {stated}，而配方给出 {splits}"),
    ("its rows have the root {actual}, not {stated}", "它的行的根是 {actual}，不是 {stated}"),
    ("its metadata has the key {key}", "它的元数据里有键 {key}"),
    ("it does not have the columns {columns} once", "它不是恰好各有一列 {columns}"),
    ("its column {column} has the type {type}", "它的列 {column} 的类型是 {type}"),
    ("its column {column} has metadata of its own", "它的列 {column} 有自己的元数据"),
    ("its columns are not those of the first shard", "它的列与第一个分片不同"),
    ("the manifest gives it a root, but it has no rows", "清单给了它一个根，而它没有行"),
    ("the manifest does not list this file", "清单里没有这个文件"),
    ("its recipe is not complete, or has values in another form", "其中的配方不完整，或值的形式不同"),
    ("its name is {stated}, but that of the recipe {name}", "它的名称是 {stated}，而配方的是 {name}"),
    ("its tokenizer is not that of its recipe and versions", "它的分词器不是配方和版本所说的"),
    ("its fingerprint is {stated}, but its inputs give {actual}", "它的指纹是 {stated}，而输入给出 {actual}"),
    ("the evaluation texts are not those the build was made with", "评测文本不是构建时所用的"),
    ("its evaluation texts are not described as they are", "对评测文本的描述与实际不符"),
    ("the builds it was compared with are not those of its recipe", "与它比较的构建结果不是配方所说的"),
    ("the tokenizer's sha256 is {actual}", "分词器的 sha256 是 {actual}"),
    ("its recipe has the absolute path {path}", "其中的配方有绝对路径 {path}"),
    ("its recipe has another value of '{key}' than {name}", "其中配方的 {key} 与 {name} 的值不同"),
    ("the card is not the one that the manifest gives", "卡片不是清单所给出的"),
    ("the picture is not the one that the chunks give", "图片不是各块所给出的"),
    ("the Croissant metadata is not that which the manifest gives", "Croissant 元数据不是清单所给出的"),
    ("the SPDX metadata is not that which the manifest gives", "SPDX 元数据不是清单所给出的"),
    ("it has a withdrawn text, a copy of one or a passage", "其中有已撤回的文字，或其副本或片段"),
    (
        "totals.{key} is {stated}, but the tables give {figure}",
        "totals.{key} 是 {stated}，而各表给出 {figure}",
    ),
    ("rows from {first} on are not those of the documents", "从第 {first} 行起，与文档的行不同"),
    (
        "it states the withdrawal {request}, which is not in {name}",
        "它列有撤回请求 {request}，而 {name} 中没有",
    ),
    ("it does not carry out the withdrawal {request} of {name}", "它没有执行 {name} 中的撤回请求 {request}"),
    (
        "its rows are right, but its bytes are not those that hanpack writes",
        "它的行是对的，但字节不是 hanpack 写出的",
    ),
    # What is not proven.
    (
        "other versions made the build: {versions}; {effect}",
        "构建结果是用其他版本生成的：{versions}；{effect}",
    ),
    ("nothing deviates from the replay", "与重放没有偏差"),
    ("1 deviation: {faults}", "1 处偏差：{faults}"),
    ("{count_number} deviations: {faults}", "{count_number} 处偏差：{faults}"),
    ("and {hidden_number} more", "还有 {hidden_number} 处"),
    (
        (
            "{number} records were rejected for causes that are not in their bytes, and nothing here confirms "
            "them: {names}"
        ),
        "{number} 条记录被拒绝的原因不在字节里，这里无法证实：{names}",
    ),
    (
        "{number} files that git or the Hub adds were not checked: {names}",
        "没有检查 git 或 Hub 加入的 {number} 个文件：{names}",
    ),
    (
        "whether all files of {keys} are in the build: its path is not in the manifest",
        "{keys} 的文件是否都在构建结果里：清单里没有它的路径",
    ),
    (
        "no token was counted: the tokenizer {name} is in the folder of the sources",
        "没有数词元：分词器 {name} 在源文件的文件夹里",
    ),
    ("no token was counted: {detail}", "没有数词元：{detail}"),
    ("no record was compared with the evaluation texts: {detail}", "没有把记录与评测文本比较：{detail}"),
    ("no record was compared with other builds: {detail}", "没有把记录与其他构建结果比较：{detail}"),
    (
        "who signed it was not checked: name the public key with --signer",
        "没有核对签名者：请用 --signer 指明公钥",
    ),
    (
        "{number} rows have a passage of a withdrawn text that begins within a sentence: {places}",
        "{number} 行有已撤回文字的片段，从句中开始：{places}",
    ),
    (
        "packed sequences were not searched for withdrawn texts: no tokens are decoded",
        "没有在 packed 序列里查找已撤回的文字：没有解码词元",
    ),
    # Where.
    ("{file} row {row_number}", "{file} 第 {row_number} 行"),
    ("{source} byte {byte_number}", "{source} 字节 {byte_number}"),
)
