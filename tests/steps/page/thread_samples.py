"""Pages of a thread of three posts as forums and sites make them, from ``cases/threads.jsonl``.

Flarum, NodeBB, Discourse and phpBB are written after their public templates, the others after pages of the
web.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

TITLE = "旧志怎样整理"
TEXTS = (
    "先请各位说说底本的选择，版本多的以初刻为准。",
    "以初刻为准同意，另外校记要单独成卷。",
    "地图要重新描，原图太淡了。",
)
AUTHORS = ("青石", "流水", "松风")
DAYS = ("2024-03-07", "2024-03-08", "2024-03-11")


@dataclass(frozen=True, kw_only=True)
class ThreadSample:
    """``first`` is the markup of the first post if it differs from ``post``; ``time`` is to be read."""

    software: str
    head: str
    post: str
    foot: str
    time: str
    first: str = ""

    def write(self) -> str:
        """The page."""
        posts = []
        written = zip(TEXTS, AUTHORS, DAYS, strict=True)
        for number, (text, author, day) in enumerate(written, 1):
            year, month, day_of_month = day.split("-")
            posts.append(
                (self.first if self.first and number == 1 else self.post).format(
                    text=text,
                    author=author,
                    day=day,
                    number=number,
                    dotted=f"{year} 年 {month} 月 {day_of_month} 日",
                )
            )
        return "".join((self.head, *posts, self.foot)).replace("TITLE", TITLE)


_CASES = Path(__file__).parents[2] / "cases" / "threads.jsonl"
SAMPLES = {
    sample["software"]: ThreadSample(**sample)
    for sample in map(json.loads, _CASES.read_text(encoding="utf-8").splitlines())
}
