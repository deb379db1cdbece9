"""Short texts of official reports that tests of copies, passages and evaluation texts combine."""

from __future__ import annotations

from typing import Any

from opencc import OpenCC

FIRST = (
    "我们坚持稳中求进工作总基调，完整准确全面贯彻新发展理念，扎实推动高质量发展，"
    "全省经济运行总体平稳、稳中有进。"
)
SECOND = (
    "扎实推进乡村振兴，新建高标准农田三百万亩，粮食总产量连续九年稳定在四百亿斤以上，"
    "农民收入增速快于城镇居民。"
)
THIRD = "持续改善生态环境，空气质量优良天数比例达到百分之八十五，地表水优良断面比例创有监测以来最好水平。"
FOURTH = "加快建设现代化产业体系，高新技术企业突破两万家，数字经济规模稳居全国前列。"
# Near copies of the first text: with another word, and damaged in Traditional characters.
NEAR = FIRST.replace("总体平稳", "总体稳定")
DAMAGED = (
    "我們堅持穩中求進工作總基調，完整準確全面貫徹新發(fā)展理念，扎實推動高質(zhì)量發(fā)展，"
    "全省經(jīng)濟運行總體平穩、穩中有進。"
)
# Two documents that both have the second text.
OVERLAPPING = (FIRST + SECOND + THIRD, "各位代表。" + SECOND + FOURTH)


def to_traditional(text: str) -> str:
    return str(OpenCC("s2t").convert(text))


def find_edits(document: dict[str, Any], step: str) -> list[dict[str, Any]]:
    return [edit for edit in document["edits"] if edit["step"] == step]
