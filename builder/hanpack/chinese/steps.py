"""STEP_NAMES: what each step of an edit is called in Chinese, beside the name that tables and recipes have.

This module is short because it has one table.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

STEP_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "decode": "解码",
        "separator": "分隔符",
        "unwrap": "拆封",
        "docx": "Word 文档",
        "html": "网页正文",
        "page": "页面外框",
        "layout": "版面",
        "mojibake": "乱码",
        "lossy": "丢失",
        "pinyin": "插入的拼音",
        "shift": "错位的字节",
        "controls": "控制字符",
        "nfc": "字符组合",
        "spaces": "空白",
        "script": "繁简转换",
        "width": "全角半角",
        "quotes": "引号",
        "evasion": "规避写法",
        "redaction": "遮蔽",
        "personal": "个人信息",
        "decontamination": "评测文本",
        "passages": "重复段落",
        "withdrawal": "撤回",
        "heading": "标题",
    }
)
