"""MESSAGES: what commands print, in English and in Chinese, with fields in braces."""

from __future__ import annotations

# The first that matches a message is used, so that the more special ones come first.
MESSAGES = (
    # The reason for a rejection, before sentences that end as a reason may.
    ("line {line_number}: {reason}", "第 {line_number} 行：{reason}"),
    ("error: {message}", "错误：{message}"),
    ("{count} scanned; the recipe is {path}", "扫描了 {count}；配方是 {path}"),
    ("next: {command}", "下一步：{command}"),
    (
        "the recipe of this build is {path}; to change the build, edit it and run the same command",
        "这次构建的配方是 {path}；要改变构建，请编辑它，再运行同一条命令",
    ),
    ("{path} is up to date: same inputs, nothing to do", "{path} 已是最新：输入没有变化，无需处理"),
    ("{path} is up to date: no commit made", "{path} 已是最新：没有提交"),
    (
        "{path}: {records} ({states}), {totals} in {seconds} s",
        "{path}：{records}（{states}），{totals}，用时 {seconds} 秒",
    ),
    (
        "{path}: {todo} of {sources} would be processed, {size} of {total_number} bytes",
        "{path}：将处理 {sources}中的 {todo} 个，{total_number} 字节中的 {size} 字节",
    ),
    (
        "files left out ({number}): {names}; the comments of {path} say why",
        "略去的文件（{number} 个）：{names}；{path} 的注释里有原因",
    ),
    (
        "{path}: {todo} of {sources} would be processed, {size} of {total} bytes; the others are finished",
        "{path}：{sources}中的 {todo} 个需要处理（{size} / {total} 字节）；其余已经完成",
    ),
    (
        "the dataset card is incomplete: fill in {keys} in {path} before you publish the build",
        "数据集卡片还不完整：发布之前请在 {path} 里填写 {keys}",
    ),
    (
        (
            "{requests} in {path} that this build does not honour yet will be carried out too; "
            "to see what that takes, run hanpack build {recipe} before"
        ),
        "{path} 里还有这个构建结果尚未遵守的 {requests}，也会一并执行；想先看会取走什么，请先运行 hanpack build {recipe}",
    ),
    (
        "the build that was replaced was signed, and this one is not: sign it with hanpack sign",
        "被替换的构建结果有签名，这一个没有：请用 hanpack sign 签名",
    ),
    ("{requests} in {path} honoured: {taken}", "已遵循 {path} 中的 {requests}：{taken}"),
    (
        (
            "passages ({bytes}) taken out of {documents} ({share_number} % is left of {source} record "
            "{record_number}), {records} ({size}) withdrawn"
        ),
        (
            "从 {documents}中删去片段（{bytes}；{source} 第 {record_number} 条记录只剩 {share_number} %），"
            "撤回 {records}（{size}）"
        ),
    ),
    (
        "{path}: {name}; this replaces the build {output}; give --name NAME for a second build",
        "{path}：{name}；这会替换构建结果 {output}；要另做一个构建，请加 --name 名称",
    ),
    (
        (
            "left out as a copy: {source} record {record_number}, similarity {similarity_number} to {name} record "
            "{kept_number} ({title})"
        ),
        (
            "作为副本略去：{source} 第 {record_number} 条记录，与 {name} 第 {kept_number} 条记录（{title}）"
            "的相似度为 {similarity_number}"
        ),
    ),
    (
        "copies that are not equal were left out only where the document is in another split",
        "不完全相同的副本，只有在它所重复的文档属于另一个划分时才略去",
    ),
    (
        "left out as a copy: {source} record {record_number}, similarity {similarity_number} to {name} record {kept}",
        "作为副本略去：{source} 第 {record_number} 条记录，与 {name} 第 {kept} 条记录的相似度为 {similarity_number}",
    ),
    ("and {others_number} more, which are at least as similar", "还有 {others_number} 个，相似度不低于这些"),
    (
        "left out as copies of documents of other builds: {records}, whose reason names the document",
        "作为其他构建结果中文档的副本略去：{records}，reason 列写有是哪一篇",
    ),
    (
        "titles: {names}; first difference: {detail}",
        "标题：{names}；第一处不同：{detail}",
    ),
    ("to see all copies: {command}", "查看所有副本：{command}"),
    (
        "to keep those that are not equal, set duplicates.drop to exact in the recipe",
        "要保留不完全相同的，请在配方中把 duplicates.drop 设为 exact",
    ),
    ("the recipe changes: {path}: {name}", "配方有改动：{path}：{name}"),
    (
        (
            "passages ({bytes}) taken out of {documents} ({share_number} % is left of {source} record "
            "{record_number})"
        ),
        "从 {documents}中删去片段（{bytes}；{source} 第 {record_number} 条记录只剩 {share_number} %）",
    ),
    ("{records} ({bytes}) withdrawn", "撤回 {records}（{bytes}）"),
    (
        (
            "documents by split: {splits}; a share is drawn by hash: of so few documents it may be "
            "{points_number} points off"
        ),
        "各切分的文档数：{splits}；比例按散列抽取：文档这么少，可能相差 {points_number} 个百分点",
    ),
    ("documents by split: {splits}", "各切分的文档数：{splits}"),
    ("{path} has no document: no record had any text", "{path} 没有文档：没有一条记录含有文字"),
    ("{path} has no document: no record was kept", "{path} 没有文档：没有保留任何记录"),
    (
        "{path} was exported before and still has the text: delete it and export again",
        "{path} 是之前导出的，里面仍有这段文本：请删除后重新导出",
    ),
    (
        "{path} was exported before and is not there now: if it was moved, delete it",
        "{path} 是之前导出的，现在不在那里：如果移到了别处，请删除",
    ),
    ("to see all that was rejected: {command}", "查看所有被拒绝的记录：{command}"),
    (
        "rejected: {source} record {record_number}, {url}, and {others_number} other records, whose reasons differ: {reason}",
        "已拒绝：{source} 第 {record_number} 条记录（{url}）和 {others_number} 条其他记录，原因各不相同，第一条是：{reason}",
    ),
    (
        "rejected: {source} record {record_number}, {url}, and {others_number} other records: {reason}",
        "已拒绝：{source} 第 {record_number} 条记录（{url}）和 {others_number} 条其他记录：{reason}",
    ),
    (
        "rejected: {source} record {record_number}, {url}, and 1 other record: {reason}",
        "已拒绝：{source} 第 {record_number} 条记录（{url}）和 1 条其他记录：{reason}",
    ),
    (
        "rejected: {source} record {record_number} and {others_number} other records, whose reasons differ: {reason}",
        "已拒绝：{source} 第 {record_number} 条记录和 {others_number} 条其他记录，原因各不相同，第一条是：{reason}",
    ),
    (
        "rejected: {source} record {record_number}, {url}: {reason}",
        "已拒绝：{source} 第 {record_number} 条记录（{url}）：{reason}",
    ),
    (
        "rejected: {source} and {others_number} other files, whose reasons differ: {reason}",
        "已拒绝：{source} 和 {others_number} 个其他文件，原因各不相同，第一个是：{reason}",
    ),
    (
        "rejected: {source} record {record_number} and {others_number} other records: {reason}",
        "已拒绝：{source} 第 {record_number} 条记录和 {others_number} 条其他记录：{reason}",
    ),
    (
        "rejected: {source} record {record_number} and 1 other record: {reason}",
        "已拒绝：{source} 第 {record_number} 条记录和 1 条其他记录：{reason}",
    ),
    (
        "rejected: {source} record {record_number}: {reason}",
        "已拒绝：{source} 第 {record_number} 条记录：{reason}",
    ),
    (
        "rejected: {source} and {others_number} other files: {reason}",
        "已拒绝：{source} 和 {others_number} 个其他文件：{reason}",
    ),
    ("rejected: {source} and 1 other file: {reason}", "已拒绝：{source} 和 1 个其他文件：{reason}"),
    ("rejected: {source}: {reason}", "已拒绝：{source}：{reason}"),
    (
        "cannot be read, and rejected by a build: {name} and {others_number} other files: {reason}",
        "无法读取，构建时会被拒绝：{name} 和 {others_number} 个其他文件：{reason}",
    ),
    (
        "cannot be read, and rejected by a build: {name} and 1 other file: {reason}",
        "无法读取，构建时会被拒绝：{name} 和 1 个其他文件：{reason}",
    ),
    (
        "cannot be read, and rejected by a build: {name}: {reason}",
        "无法读取，构建时会被拒绝：{name}：{reason}",
    ),
    (
        "{path} names all files that cannot be read, in comments",
        "{path} 的注释里有所有无法读取的文件",
    ),
    (
        "left out: {name} and {others_number} other files: {reason}",
        "已略去：{name} 和 {others_number} 个其他文件：{reason}",
    ),
    ("left out: {name} and 1 other file: {reason}", "已略去：{name} 和 1 个其他文件：{reason}"),
    ("left out: {name}: {reason}", "已略去：{name}：{reason}"),
    (
        "{path} names all files that are left out, in comments",
        "{path} 的注释里有所有被略去的文件",
    ),
    ("cannot be used: {record}", "不能使用：{record}"),
    ("and records of {files}", "以及 {files}的记录"),
    ("{count} could not be read", "{count}无法读取"),
    (
        "the work folder of {path} is empty: there is nothing to delete",
        "{path} 的工作文件夹是空的：没有可删除的内容",
    ),
    (
        "nothing was deleted: this was a dry run; it would delete {bytes}",
        "没有删除任何内容：这只是预演；会删除 {bytes}",
    ),
    ("{bytes} deleted; the build in {path} is as it was", "已删除 {bytes}；{path} 中的构建结果没有变化"),
    (
        "{url}: one commit, {added} written, {deleted} deleted",
        "{url}：一次提交，写入 {added}，删除 {deleted}",
    ),
    (
        "{url} does not exist, or this token may not read it: a push makes it",
        "{url} 不存在，或当前令牌不能读取它：推送时会新建",
    ),
    ("{url} is up to date: nothing to push", "{url} 已是最新：没有需要推送的内容"),
    (
        "the Hub could not be reached ({detail}): not compared with what is there; listed are all files of the build",
        "无法连接 Hub（{detail}）：没有与那里的内容比较；列出的是构建结果的全部文件",
    ),
    (
        "nothing was pushed: this was a dry run; the build has {files} ({bytes})",
        "没有推送任何内容：这只是预演；构建结果有 {files}（{bytes}）",
    ),
    (
        "nothing was pushed: this was a dry run; it would write {files} ({bytes}) and delete {deleted}",
        "没有推送任何内容：这只是预演；会写入 {files}（{bytes}），删除 {deleted}",
    ),
    ("{path}: open it in a browser; it needs no network", "{path}：用浏览器打开，不需要网络"),
    (
        "{path} is split with its markup: hanpack normalize takes the text out of a page",
        "{path} 连同标记一起被切分：先用 hanpack normalize 取出页面的正文",
    ),
    (
        "failed: nothing is wrong with {path}, but --strict requires that all of it is proven; checked {counts}",
        "未通过：{path} 没有错误，但 --strict 要求全部得到证明；已检查 {counts}",
    ),
    (
        (
            "passed as far as proven: nothing is wrong with {path}, but not all of it could be checked; --strict "
            "makes that a failure; checked {counts}"
        ),
        "就已证明的部分通过：{path} 没有错误，但有些无法检查；用 --strict 时这算作失败；已检查 {counts}",
    ),
    ("passed: {path} is what it says it is; checked {counts}", "通过：{path} 与其声明一致；已检查 {counts}"),
    ("failed: {path} has {faults}; checked {counts}", "未通过：{path} 有 {faults}；已检查 {counts}"),
    ("not proven: {statement}", "未证明：{statement}"),
    (
        "not proven, which is no fault: {statement}",
        "未证明（这不是错误）：{statement}",
    ),
    ("raised in {function}, {file} line {line}", "出自 {function}，{file} 第 {line} 行"),
    ("wrote {path}", "已写入 {path}"),
    (
        "# For validation and test: {splits}, each about {number} of about {total_number} records",
        "# 用于验证和测试：{splits}，各约 {number} 条（共约 {total_number} 条记录）",
    ),
    (
        "--signer names a private key: to check, the public one is enough; keep it secret",
        "--signer 指的是私钥：检查只需要公钥；请保守私钥",
    ),
    (
        "{path}: the first {records} have no value at {name}",
        "{path}：前 {records}在 {name} 处没有值",
    ),
    (
        (
            "{name}: the recipe names the encoding {named}, but the bytes are text in {other}: look at the chunks, "
            "and correct 'encoding' in the recipe"
        ),
        "{name}：配方里写的编码是 {named}，但字节是 {other} 的文字：请查看各块，并改正配方里的 encoding",
    ),
    (
        (
            "{source}: no text on the pages {pages} of {count}, which are not in the build: "
            "recognise the text of scanned pages first (OCR)"
        ),
        "{source}：共 {count} 页，第 {pages} 页没有文字，不在构建结果里：请先对扫描页做文字识别（OCR）",
    ),
    (
        "{count} documents in all have pages without text: pages_without_text in their metadata names them",
        "共有 {count} 篇文档含没有文字的页：元数据 pages_without_text 写明是哪些页",
    ),
    (
        (
            "no document is in the split {split}, and load_dataset fails on it without streaming=True: "
            "its rule selects none; check its source and the values of its metadata"
        ),
        (
            "切分 {split} 里没有文档，不用 streaming=True 时 load_dataset 会出错：它的规则没有选中任何文档；"
            "请检查规则的 source 和 metadata 的值"
        ),
    ),
    (
        "no document has the metadata field {name}, which splits.{split} names; did you mean {close}?",
        "没有文档具有元数据字段 {name}（splits.{split} 用到了它）；是不是指 {close}？",
    ),
    (
        "no document has the metadata field {name}, which splits.{split} names; the fields are {names}",
        "没有文档具有元数据字段 {name}（splits.{split} 用到了它）；已有的字段是 {names}",
    ),
    (
        (
            "no document is in the split {split}, and load_dataset fails on it without streaming=True: "
            "set a larger share in the recipe, or a rule"
        ),
        "切分 {split} 里没有文档，不用 streaming=True 时 load_dataset 会出错：请在配方里设更大的比例，或用规则指定",
    ),
    (
        (
            "{path} was changed by hand and does not match {count}, the first: {name}; "
            "add them to its sources, or delete it to have it written again"
        ),
        "{path} 被手工修改过，有 {count} 不在其中，第一个是 {name}；请把它们加入 sources，或删除该配方以重新生成",
    ),
    (
        "stopped; run hanpack build {recipe} to finish the withdrawal",
        "已中止；运行 hanpack build {recipe} 完成撤回",
    ),
    (
        (
            "the withdrawal is not finished: the build is as it was, and the request is written; "
            "hanpack build {recipe} finishes it"
        ),
        "撤回没有完成：构建结果保持原样，请求已经写下；hanpack build {recipe} 会完成撤回",
    ),
    (
        "{source} record {record}, bytes {start} to {end}: {what}",
        "{source} 第 {record} 条记录，字节 {start} 至 {end}：{what}",
    ),
    (
        "{source} record {record}: {characters} in passages of them",
        "{source} 第 {record} 条记录：{characters}属于其中的片段",
    ),
    ("and {records}; --json lists all", "还有 {records}；--json 列出全部"),
    (
        "nothing in this build is of what is named: the request would only bar it from later builds",
        "这个构建结果中没有所指明的内容：请求只会使以后的构建不含它",
    ),
    (
        "to take it back: delete the line of {request} in that file and build again",
        "要收回请求：在该文件中删除 {request} 那一行，再构建一次",
    ),
    ("stopped; the receipt was not written", "已中止；没有写出凭证"),
    (
        "withdrawn already, on {date} at the request {request}: {reason}",
        "已于 {date} 按请求 {request} 撤回：{reason}",
    ),
    (
        "nothing is left to take out; hanpack verify {path} proves it",
        "没有还要撤回的内容；hanpack verify {path} 可证明",
    ),
    ("nothing was taken out: this was a dry run", "没有撤回任何内容：这只是预演"),
    (
        "{path}: {records} withdrawn, passages taken out of {documents}, {files} changed",
        "{path}：撤回 {records}，{documents}删去片段，{files}有变化",
    ),
    (
        "copies that load_dataset has made are not touched: delete those of this build in {path}",
        "load_dataset 留下的副本不受影响：请在 {path} 里删除这个构建结果的副本",
    ),
    (
        "receipt: {json} and {page}; hanpack verify {path} proves it again",
        "凭证：{json} 和 {page}；hanpack verify {path} 可再次证明",
    ),
    (
        (
            "withdrawn texts may still be in the history of the repository; to erase it: "
            "hanpack push {path} {repo} --erase-history"
        ),
        "撤回的文本可能还在仓库的历史里；要抹去历史：hanpack push {path} {repo} --erase-history",
    ),
    (
        "the history of {revision} is erased: it is the commit {commit}; {files} deleted",
        "{revision} 的历史已抹去：现在只有提交 {commit}；永久删除了 {files}",
    ),
    (
        "other files are still in {references}: delete these on the Hub",
        "{references} 里还有其他文件：请在 Hub 上删除它们",
    ),
    ("{stage}: {done_number} of {total_number} {unit}", "{stage}：{done_number} / {total_number} {unit}"),
    ("signed: {path}", "已签名：{path}"),
    ("to check: hanpack verify OUT --signer PUBLIC_KEY", "检查：hanpack verify 构建结果 --signer 公钥"),
    ("proven: in the signed build {name}, {what}", "已证明：在已签名的构建结果 {name} 中，{what}"),
    (
        "the key is the one in the certificate; to check who signed, name it with --signer",
        "用的是证书里的公钥；要核对签名者，请用 --signer 指明公钥",
    ),
    (
        (
            "the request is in {path}; every later build of a recipe in that folder honours it: "
            "other builds of theirs keep the text until they are built again"
        ),
        "请求记在 {path} 里；那个文件夹里的配方以后每次构建都会遵守：其他已有的构建结果在重新构建之前仍有这段文字",
    ),
)
