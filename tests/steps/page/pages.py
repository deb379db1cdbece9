"""What the tests of this stage share: the sample pages, and the proof that a result is traced."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import numpy as np

from hanpack.steps.traced import Traced

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared" / "data"
SAMPLES = ROOT / "tests" / "cases" / "pages"


# What is inserted for lists, tables and code.
MARKDOWN_MARKS = "-|`\\.0123456789"


def read_sample(name: str) -> str:
    return (SAMPLES / name).read_text(encoding="utf-8")


def expected_text(name: str) -> str:
    return read_sample(f"{Path(name).stem}.kept.txt").rstrip("\n")


def expected_metadata(name: str) -> dict[str, Any]:
    metadata = json.loads(read_sample(f"{Path(name).stem}.json"))
    assert isinstance(metadata, dict)
    return metadata


def read_forum_seed() -> str:
    """The seed that is a report inside a saved Discuz! page."""
    return next((ROOT / "seeds").glob("004_*.txt")).read_text(encoding="utf-8")


def assert_traced(source: str, result: Traced) -> None:
    """Each character comes from the very bytes it has, and every removed byte has an edit."""
    raw = source.encode("utf-8", "surrogatepass")
    starts = np.arange(len(result.text))
    low, high = result.alignment.source_spans(starts, starts + 1)
    kept = 0
    for character, start, end in zip(result.text, low.tolist(), high.tolist(), strict=True):
        assert raw[start:end].decode("utf-8", "surrogatepass") in (character, "")
        kept += end - start
    removed = sum(edit.byte_end - edit.byte_start for edit in result.edits if edit.kind == "removed")
    assert kept + removed == len(raw)


def assert_traced_to_markup(page: str, result: Traced) -> None:
    """Each character is in the page, as itself or as an entity, or is a separator or a mark of Markdown.

    The order is that of the page. A parenthesis may stand for a tag of a ruby annotation.
    """
    raw = page.encode("utf-8", "surrogatepass")
    starts = np.arange(len(result.text))
    low, high = result.alignment.source_spans(starts, starts + 1)
    previous = 0
    for character, start, end in zip(result.text, low.tolist(), high.tolist(), strict=True):
        source = raw[start:end].decode("utf-8", "surrogatepass")
        if source.startswith(("<r", "</r")):
            assert character in (")", "(")
        elif source:
            assert character == source or character in html.unescape(source).replace("\xa0", " ")
        else:
            assert character in " \n" + MARKDOWN_MARKS
        assert start >= previous
        previous = start
