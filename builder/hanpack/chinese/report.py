"""The Chinese of pages, the report of a build and the receipt of a withdrawal.

PAGE has their words, PAGE_SENTENCES those with fields. SCRIPT has the texts that the script of the report writes, with {} for each value.
"""

from __future__ import annotations

PAGE = {
    "hanpack report": "hanpack 报告",
    "Bytes": "字节",
    "Sizes": "大小",
    "Origin": "来源",
    "Edits": "改动",
    "Not kept": "未保留",
    "Copies": "副本",
    "Chunks": "块",
    "edits": "改动",
    "none": "无",
    "What became of every byte": "每个字节的去向",
    (
        "Kept bytes have text in a document; the others were removed by the step named, or with their whole record. "
        "Together they are all bytes of the sources."
    ): "保留的字节在文档里有文字；其余的被所列的步骤删除，或随整条记录一起略去。合起来就是源文件的全部字节。",
    "bytes in the sources": "字节（全部源文件）",
    "bytes in the sources, unpacked": "字节（全部源文件，解压后）",
    "of the unpacked bytes": "占解压后的字节",
    "The flow of bytes; the list beside it gives the same numbers": "字节的流向；旁边的列表给出同样的数字",
    "Every chunk and every document of the build is counted.": "统计了构建结果的每个块和每篇文档。",
    "Tokens a chunk": "每块的词元数",
    "Characters a document": "每篇文档的字符数",
    "Scripts and encodings": "繁简和编码",
    "Those of the documents before anything was changed.": "文档在任何改动之前的情况。",
    "Scripts": "繁简",
    "Encodings": "编码",
    "What was changed": "改动了什么",
    "Edits by step, with examples from the build:": "各步的改动，以及构建结果中的例子：",
    "the raw text": "原始文本",
    "the document's text in its place": "文档里取代它的文字",
    ", and the text around it.": "，以及前后的文字。",
    "No text was changed.": "没有改动任何文字。",
    "Besides, what belongs to the format of the sources was removed:": "此外，还删除了属于源文件格式的部分：",
    "What was not kept": "没有保留的内容",
    "Every record was kept.": "保留了所有记录。",
    "first record": "第一条记录",
    "kept record": "保留的记录",
    "copies left out, with their similarity": "略去的副本及其相似度",
    "copies left out": "略去的副本",
    "Chunks and the bytes they come from": "块及其来源字节",
    "hanpack trace shows the others.": "其余的用 hanpack trace 查看。",
    "This part of the page needs JavaScript; it loads nothing.": "页面的这一部分需要 JavaScript；它不加载任何内容。",
    "Filter by text, source or id": "按文字、源文件或 id 筛选",
    "Filter the chunks": "筛选块",
    "No chunk of this page contains that.": "本页没有块包含它。",
    "replaced": "被替换",
    "inserted": "被插入",
    "flagged": "被标出",
    "original script": "原来的繁简",
    "chunk of its document": "文档中的第几块",
    # What each step did: see hanpack.step_table.
    (
        "removes a byte order mark, and bytes that give no character; replaces invalid bytes and halves of surrogate "
        "pairs by U+FFFD"
    ): "删除字节序标记和不成字符的字节；把无效字节和不成对的代理码位换成 U+FFFD",
    "removes what ends a record: a line break, blank lines, the comma or bracket of a list": "删除记录的结尾：换行、空行、"
    "列表的逗号或括号",
    "removes the JSON or CSV around the text of a record; puts line breaks between several strings": "删除记录文字外面的 "
    "JSON 或 CSV；在多个字符串之间放入换行",
    "reduces the XML of a Word document to its text; headings, lists, tables and notes become Markdown": "从 Word 文档的 XML "
    "中取出文字；标题、列表、表格和注释变成 Markdown",
    (
        "reduces an HTML page to its main text; entities become characters, blocks become lines, tables, lists and "
        "code become Markdown"
    ): "从 HTML 页面中取出正文；实体变成字符，块变成行，表格、列表和代码变成 Markdown",
    "removes what a forum or site printed around a text": "删除论坛或网站在正文周围加的内容",
    (
        "removes page headers, footers, page numbers, tables of contents and the navigation of books; joins the lines "
        "of a paragraph of printed pages"
    ): "删除页眉、页脚、页码、目录和书的导航；把印刷页面中同一段的各行接起来",
    "restores text that was decoded with the wrong encoding; flags what of it lost bytes": "还原用错编码解码的文字；"
    "标出其中丢失字节的部分",
    (
        "flags what is lost for good: 锟斤拷, U+FFFD, a ? in place of a character, line breaks within a sentence"
    ): "标出无法挽回的损失：锟斤拷、U+FFFD、代替字的问号、句中的换行",
    "removes pinyin that a scraper inserted after characters": "删除抓取程序在字后插入的拼音",
    "restores characters that were shifted by a byte; flags what is uncertain or takes too much work": "还原错开一个字节的字；"
    "标出没有把握或代价太大的部分",
    "removes control and zero-width characters, also as written-out escapes": "删除控制字符和零宽字符，包括写成转义的",
    "composes characters (Unicode NFC); radicals in words become ideographs": "合成字符（Unicode NFC）；词中的部首变成汉字",
    (
        "removes indents but those of code, lists and poems, trailing spaces, superfluous blank lines, and blanks "
        "between characters that were recognised one by one"
    ): "删除缩进（代码、列表和诗除外）、行尾空格、多余的空行，以及逐字识别造成的字间空格",
    "converts the script": "转换繁简",
    "sets full-width and half-width characters; flags a text that changes again and again": "统一全角和半角；"
    "标出反复变化的文字",
    "turns quotation marks that face the wrong way": "纠正方向错误的引号",
    "restores 党 where D was written for it": "还原写成 D 的“党”",
    "replaces redactions (XX, ***)": "替换隐去的内容（XX、***）",
    (
        "flags personal data (identity, telephone, QQ, card and passport numbers, plates, e-mail, IP and home "
        "addresses, access tokens), or replaces it by its kind if the recipe says so"
    ): "标出个人信息（身份证、电话、QQ、银行卡和护照号码，车牌，电子邮件、IP 和住址，访问令牌），或按配方换成其种类",
    "removes the passages of withdrawn texts": "删除已撤回文本的片段",
    (
        "removes or flags sentences that a preferred document (less damaged, longer or earlier) has too, if the recipe "
        "says so; a document that consists only of such sentences is only flagged"
    ): "按配方删除或标出更优文档（损坏更少、更长或更早）也有的句子；只由这些句子组成的文档只标出",
    "flags the evaluation texts of the recipe in documents that contain them": "在含有配方的评测文本的文档里标出它们",
    "records that are copies of another": "是另一条记录副本的记录",
    "records without text": "没有文字的记录",
    "records that could not be used": "不能使用的记录",
    "records that were withdrawn by a request": "按请求撤回的记录",
    "bytes that have text in a document": "在文档里有文字的字节",
    # The receipt of a withdrawal.
    "Withdrawal %s": "撤回 %s",
    "On %s from the build %s: %s": "于 %s 从构建结果 %s 中撤回：%s",
    "Records withdrawn: %s": "撤回的记录：%s",
    "was": "原为",
    "removed from": "删除自",
    "%s rows": "%s 行",
    "Documents that lost passages: %s": "删去片段的文档：%s",
    "document before": "此前的文档",
    "Files changed: %s; unchanged: %s": "有变化的文件：%s；没有变化的：%s",
    "Requests that the build honours now: %s": "构建结果现在遵守的请求：%s",
    "Other requests that were carried out too: %s": "一并执行的其他请求：%s",
    "request": "请求",
    "records withdrawn": "撤回的记录",
    "SHA-256 before": "此前的 SHA-256",
    "addresses asked for, as SHA-256": "请求的地址（SHA-256）",
    "documents asked for": "请求的文档",
    "sources asked for": "请求的源文件",
    "SHA-256 after": "此后的 SHA-256",
    "fingerprint before": "此前的指纹",
    "fingerprint after": "此后的指纹",
    "The withdrawals file beside the recipe has signatures of the texts: no later build has them.": "配方旁边的撤回文件里有"
    "这些文本的签名：以后的构建结果都不会有它们。",
    "Copies of load_dataset are not touched: delete them in the cache of Hugging Face on each machine.": "load_dataset "
    "留下的副本不受影响：请在各台机器上 Hugging Face 的缓存里删除。",
}
PAGE_SENTENCES = (
    (
        "Requests to withdraw that this build honours: {requests_number}. What they name is in no table.",
        "这个构建结果遵循的撤回请求：{requests_number}。它们指明的内容不在任何表里。",
    ),
    ("{tokens_number} in chunks, each encoded by itself", "各块单独编码，合计 {tokens_number} 个"),
    (
        "Left out, because hanpack does not read their formats: {names}.",
        "因 hanpack 不读取其格式而略去：{names}。",
    ),
    ("≤ {most_number} tokens each", "每块不超过 {most_number} 个词元"),
    (
        "median {median_number}, largest {largest_number} of {budget_number}",
        "中位数 {median_number}，最大 {largest_number}（上限 {budget_number}）",
    ),
    ("median {median_number}, largest {largest_number}", "中位数 {median_number}，最大 {largest_number}"),
    ("{low_number} to {high_number}: {count_number}", "{low_number} 至 {high_number}：{count_number}"),
    ("{count_number} times", "{count_number} 次"),
    (
        "Records by cause ({count_number}), each with the reason of the first record; the most frequent causes are shown.",
        "{count_number} 条记录，按原因排列，各附第一条记录的原因；只列出最常见的原因。",
    ),
    (
        "Records by cause ({count_number}), each with the reason of the first record.",
        "{count_number} 条记录，按原因排列，各附第一条记录的原因。",
    ),
    (
        "{source}, record {record_number} at byte {byte_number}",
        "{source}，第 {record_number} 条记录，字节 {byte_number}",
    ),
    ("{source}, record {record_number}", "{source}，第 {record_number} 条记录"),
    ("{source}, byte {byte_number}", "{source}，字节 {byte_number}"),
    (
        (
            "{copies_number} records are copies of {documents_number} documents, across scripts, widths and punctuation. "
            "{which}, each with the copies that are least similar to the document that was kept."
        ),
        "{copies_number} 条记录是 {documents_number} 篇文档的副本（不论繁简、全半角和标点）。{which}，各附与所保留的文档最不相似的副本。",
    ),
    ("The largest clusters", "最大的几组"),
    ("The clusters", "各组"),
    (
        "{shown_number} of {chunks_number} chunks, spread evenly over the build.",
        "{chunks_number} 个块中的 {shown_number} 个，均匀分布在构建结果里。",
    ),
    ("Searched, and not found: {tables}.", "已查找，没有找到：{tables}。"),
    ("{rows_number} rows of {table}", "{table} {rows_number} 行"),
    ("All {chunks_number} chunks of the build.", "构建结果的全部 {chunks_number} 个块。"),
    ("Made by hanpack {version} from the build {id}.", "由 hanpack {version} 根据构建结果 {id} 生成。"),
    (
        (
            "Invisible characters are written as their code points: {example}. In highlights ␣ is a space, □ an ideographic "
            "space, ⏎ a line break."
        ),
        "不可见的字符写成码位：{example}。高亮处 ␣ 是空格，□ 是全角空格，⏎ 是换行。",
    ),
)
SCRIPT = {
    "removed": "删除",
    "inserted": "插入",
    "replaced": "替换",
    "flagged": "标出",
    "nothing": "空",
    "“{}”": "“{}”",
    " removed {}": " 删除了 {}",
    " inserted {}": " 插入了 {}",
    " flagged {} and left it as it is": " 标出了 {}，没有改动",
    " replaced {} by {}": " 把 {} 换成 {}",
    "All {} edits in words": "用文字说明全部 {} 处改动",
    "Choose a highlighted place to see what was done there.": "选择高亮处，查看那里做了什么。",
    "Nothing was changed in this chunk.": "这个块没有任何改动。",
    "under no heading": "不在任何标题下",
    "Raw: the text of the source's bytes": "原始：源文件字节的文字",
    "Final: the chunk": "最终：块",
    "Metadata": "元数据",
    "This chunk is not among the samples of this page; hanpack trace shows it.": "这个块不在本页的样本里；用 hanpack trace 查看。",
    "blank": "空白",
    "{} tokens · {} edit": "{} 个词元 · {} 处改动",
    "{} tokens · {} edits": "{} 个词元 · {} 处改动",
}
