"""Real texts for tests: the excerpts of official documents in ``tests/cases/corpus``."""

from __future__ import annotations

import json
from random import Random

from opencc import OpenCC

from tests.conftest import CASES

CORPUS = CASES / "corpus"
REPLACEMENTS = "天地玄黄宇宙洪荒日月盈昃辰宿列张"


def read_paragraphs(count: int) -> list[str]:
    """The first paragraphs of the provincial reports, at most 209: no two of them are near copies."""
    lines = (CORPUS / "reports.jsonl").read_text(encoding="utf-8").splitlines()
    paragraphs = [paragraph for line in lines for paragraph in json.loads(line)["text"].split("\n")]
    assert len(paragraphs) >= count
    return paragraphs[:count]


def copy_text(text: str, kind: int, random: Random) -> str:
    """A near copy: 0 as it is, 1 in Traditional characters, 2 with 1 % of its characters changed, 3 reset.

    The last has other punctuation, indents and spaces.
    """
    if kind == 1:
        return str(OpenCC("s2t").convert(text))
    if kind == 2:
        changed = list(text)
        for place in random.sample(range(len(text)), max(1, len(text) // 100)):
            changed[place] = random.choice(REPLACEMENTS)
        return "".join(changed)
    if kind == 3:
        marks = str.maketrans("，。、；", ",.，;")
        return "\u3000\u3000" + text.translate(marks).replace("的", "的 ")
    return text
