"""The sample documents of ``tests/cases/chunk``: a law, rules, two reports and a judgment."""

from __future__ import annotations

import json
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "cases" / "chunk"
# The headings of each file, as (level, text).
OUTLINES: dict[str, list[tuple[int, str]]] = {
    row["file"]: [(heading["level"], heading["text"]) for heading in row["headings"]]
    for row in map(json.loads, (FOLDER / "outlines.jsonl").read_text("utf-8").splitlines())
}
TEXTS = {name: (FOLDER / name).read_text("utf-8") for name in OUTLINES}
