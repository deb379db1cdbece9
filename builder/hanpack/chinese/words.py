"""NOUNS and WORDS: nouns after numbers, and single words of messages, in English and in Chinese."""

from __future__ import annotations

# What is counted, with its measure word.
NOUNS = {
    "record": "条记录",
    "document": "篇文档",
    "chunk": "个块",
    "token": "个词元",
    "file": "个文件",
    "other file": "个其他文件",
    "other record": "条其他记录",
    "more file": "个其他文件",
    "source": "个源文件",
    "fault": "处错误",
    "copies": "个副本",
    "copy": "个副本",
    "replay": "次重放",
    "recount": "次复核计数",
    "edit": "处改动",
    "block": "个对齐段",
    "byte": "字节",
    "page": "页",
    "screen": "屏",
    "argument": "个参数",
    "field": "个字段",
    "passage": "个片段",
    "withdrawn text": "段已撤回的文字",
    "signature": "个签名",
    "signature of a document": "个文档签名",
    "signatures of documents": "个文档签名",
    "search index": "个查找索引",
    "search indexes": "个查找索引",
    "attempt": "次尝试",
    "more record": "条其他记录",
    "row": "行",
    "character": "个字符",
    "request": "个撤回请求",
    "column": "列",
}
WORDS = {
    "kept": "保留",
    "duplicate": "重复",
    "empty": "空",
    "rejected": "拒绝",
    "withdrawn": "撤回",
    "scanning the files": "正在扫描文件",
    "reading the sources": "正在读取源文件",
    "processing": "正在处理",
    "comparing documents": "正在比较文档",
    "writing shards": "正在写分片",
    "uploading": "正在上传",
    "checking records": "正在检查记录",
    "files": "个文件",
    "pairs": "对",
    "rows": "行",
    "records": "条记录",
    "stopped": "已中止",
    "error": "错误",
    # Comments of a recipe.
    "# Checksum of what follows; hanpack writes the file again only as long as it fits: ": "# 以下内容的校验和；"
    "hanpack 只在它仍相符（即文件没有手工修改）时才会重写此文件：",
    (
        "# Written by hanpack after a scan of the files; change what does not fit.\n"
        "# records: file, line, paragraph, row or chapter. script: keep, hans, hant, tw, hk. drop: none, exact, near.\n"
        "# For retrieval: chunks: {max_tokens: 256, overlap: 64, policy: structure, headings: true}\n"
    ): "# hanpack 扫描文件后写出；不合适的地方可以修改。\n"
    "# records：file 文件、line 行、paragraph 段落、row 表格行、chapter 章。script：keep 保持、hans 简体、hant 繁体、tw 台湾、hk 香港。"
    "drop：none 不去重、exact 相同、near 相似。\n"
    "# 用于检索：chunks: {max_tokens: 256, overlap: 64, policy: structure, headings: true}\n",
    "# Left out, because hanpack does not read them:": "# 已略去，因为 hanpack 不读取：",
    "# Cannot be read: a build has each in its ledger as rejected, with the reason:": "# 无法读取：构建时账本里会记为拒绝，并附原因：",
    "nothing was deleted": "没有删除任何内容",
    "write": "写入",
    "delete": "删除",
    "Delete all of this? The next build reads all sources again.": "全部删除吗？下次构建会重新读取所有源文件。",
    "Take this out?": "撤回这些内容吗？",
    "stopped; nothing was changed": "已中止；没有改动任何内容",
    "stopped; nothing was written": "已中止；没有写入任何内容",
    "stopped; nothing was taken out": "已中止；没有撤回任何内容",
    "nothing was taken out": "没有撤回任何内容",
    "stopped; what is finished is kept: run the same command to go on": "已中止；已完成的部分保留："
    "再运行同一条命令即可继续",
}
