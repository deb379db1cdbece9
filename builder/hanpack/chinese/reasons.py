"""REASONS: why records and files are not kept, in Chinese, by the cause; the fields are those of the cause."""

from __future__ import annotations

from hanpack.lazy_patterns import compile_lazily
from hanpack.reasons import Cause

# What follows the name of a field in a template: how its value is written.
_FIELD_FORMAT = compile_lazily(r"\{(\w+)[!:][^{}]*\}")

REASONS = {
    Cause.UNKNOWN_FORMAT: "hanpack 不读取 {suffix}：{advice}",
    Cause.COMPRESSED_PARQUET: "不读取压缩过的 Parquet 文件：请先解压，因为 Parquet 自己会压缩",
    Cause.LINK_OUT_OF_ROOT: "不跟随指向配方 root 之外的符号链接：请把 root 设为同时包含两者的文件夹",
    Cause.LINK_TO_FOLDER: "不跟随指向文件夹的符号链接：请直接指明该文件夹",
    Cause.NOT_A_FILE: "不是普通文件（是管道、套接字或设备）",
    Cause.CANNOT_OPEN: "无法打开：{detail}",
    Cause.NO_PERMISSION: "无法读取：没有权限：请让当前用户能读取它",
    Cause.CANNOT_READ: "无法读取：{detail}",
    Cause.CANNOT_READ_TO_END: "无法读到结尾：{detail}；请重新保存或下载",
    Cause.INVALID_PARQUET: "无法作为 Parquet 读取：{detail}；请重新保存或下载",
    Cause.INVALID_PACKAGE: "无法作为 DOCX 或 EPUB 读取：{detail}；请重新保存或下载",
    Cause.INVALID_PDF: "无法作为 PDF 读取：{detail}；请重新保存或下载",
    Cause.OTHER_CONTENT: "它的内容是 {content}，不是 {format}：{advice}",
    Cause.NO_TEXT_LAYER: "没有一页有文字（共 {pages} 页）：请先对扫描件做文字识别（OCR）",
    Cause.ENCRYPTED: "已加密：{detail}；请先解除保护",
    Cause.INVALID_ARROW: "无法作为 Arrow 读取：{detail}；请重新保存或下载",
    Cause.INVALID_WARC: "无法作为 WARC 读取：字节 {offset}：{detail}",
    Cause.NO_TEXT_COLUMN: "文本列 {column} 不是字符串列：{detail}",
    Cause.NAME_TOO_LONG: "路径超过 {limit} 字节",
    Cause.COMPRESSED_AGAIN: "压缩了 {layers} 层，超过 {limit} 层",
    Cause.NO_MEMBERS: "归档里没有文件",
    Cause.MEMBER_OUTSIDE: "归档中文件的名称指向归档之外",
    Cause.MEMBER_LINK: "不跟随归档里的链接",
    Cause.REPEATED_MEMBER: "归档里后面还有同名的文件",
    Cause.EXPANDS_TOO_FAR: "解压后超过配方 limits.max_expansion 所允许的大小",
    Cause.UNDECIDED_ENCODING: "无法判断编码：{detail}；请在配方里用 encoding 指明，并查看文字：指错会得到别的字",
    Cause.MIXED_ENCODINGS: "各行用了两种编码：{detail}；请全部改写为 UTF-8",
    Cause.READ_ERROR: "无法继续读取：{detail}",
    Cause.PARQUET_READ_ERROR: "无法作为 Parquet 继续读取：{detail}",
    Cause.ARROW_READ_ERROR: "无法作为 Arrow 继续读取：{detail}",
    Cause.WARC_READ_ERROR: "无法作为 WARC 继续读取：字节 {offset}：{detail}",
    Cause.HTTP_STATUS: "服务器的回答是 {status}",
    Cause.CONTENT_TYPE: "内容是 {type}，不是 HTML 或文本",
    Cause.NO_DOCUMENT: "它是{what}：供程序使用，不是文档",
    Cause.PAYLOAD_ENCODED: "内容无法解码：{detail}",
    Cause.FILE_CHANGED: "文件在读取时被改动",
    Cause.RECORD_TOO_LONG: "超过 {limit} 字节",
    Cause.NULL_VALUE: "文本为 null",
    Cause.INVALID_BYTES: "字节 {offset}：{bytes} 不是 {encoding}：{detail}",
    Cause.TRUNCATED_JSON: "字节 {offset}：JSON 不完整：{detail}",
    Cause.INVALID_JSON: "字节 {offset}：不是 JSON：{detail}",
    Cause.NOT_AN_OBJECT: "字节 {offset}：不是 JSON 对象",
    Cause.TEXT_AFTER_OBJECT: "字节 {offset}：对象之后还有内容",
    Cause.NESTED_TOO_DEEP: "字节 {offset}：嵌套超过 {limit} 层",
    Cause.REPEATED_KEY: "字节 {offset}：键 {key} 出现两次",
    Cause.NUMBER_TOO_LONG: "字节 {offset}：{detail}",
    Cause.MISSING_COLUMN: "字节 {offset}：缺少列 {column}",
    Cause.NULL_COLUMN: "字节 {offset}：列 {column} 为 null",
    Cause.COLUMN_NOT_TEXT: "字节 {offset}：列 {column} 不是字符串",
    Cause.INVALID_ROW: "字节 {offset}：不是 CSV 的行：{detail}",
    Cause.LONE_SURROGATE: "字节 {offset}：不成对的代理码位",
    Cause.INVALID_XML: "不是 XML：{detail}",
    Cause.NO_TEXT: "没有文字",
    Cause.COPY: "{source} 第 {record} 条记录的副本",
    Cause.COPY_ELSEWHERE: "构建结果 {build} 中文档 {document} 的副本",
    Cause.WITHDRAWN: "于 {date} 按请求 {request} 撤回：{why}",
    Cause.LOW_QUALITY: "{figure} 为 {value}，而配方只保留 {bounds} 的文档",
    Cause.EVALUATION_TEXT: "字符 {start} 至 {end} 是评测文本 {name}",
    Cause.MISSING_PACKAGE: "需要 {package}：pip install 'hanpack[{extra}]'",
    Cause.WORKER_DIED: "工作进程在它上面中止（内存不足，或本地库出错）",
    Cause.TIME_LIMIT: "超过 {seconds} 秒",
    Cause.INTERNAL_ERROR: "hanpack 在它上面出错：{error}：{detail}",
}


def list_reasons() -> tuple[tuple[str, str], ...]:
    """The sentences of the causes with plain fields, in English and in Chinese; the longest ones first.

    A sentence that is nearly all fields comes last, because it would match others too.
    """
    sentences = [(_FIELD_FORMAT.sub(r"{\1}", cause.template), chinese) for cause, chinese in REASONS.items()]
    return tuple(sorted(sentences, key=lambda sentence: (sentence[0].startswith("{"), -len(sentence[0]))))
