"""Detects the encodings of real files, against charset-normalizer: right, wrong and refused.

Usage: python benchmarks/encodings.py [FOLDER]   (FOLDER holds index.jsonl and files/)
"""

from __future__ import annotations

import codecs
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from charset_normalizer import from_bytes

from hanpack.steps.decode.encodings import detect

# A superset that gives the same text is as right as the name itself.
SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp950": "big5",
    "big5hkscs": "big5",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "ascii": "utf-8",
    "utf-8-sig": "utf-8",
    "utf-16-le": "utf-16",
    "utf-16-be": "utf-16",
}


def detect_with_hanpack(data: bytes) -> str | None:
    """The encoding that hanpack names, or None where it refuses."""
    return detect(data).encoding


def detect_with_charset_normalizer(data: bytes) -> str | None:
    """The encoding of charset-normalizer's best match."""
    best = from_bytes(data).best()
    return best.encoding if best else None


def find_family(name: str) -> str:
    """One name for encodings that give the same text."""
    canonical = codecs.lookup(name).name
    return SUPERSETS.get(canonical, canonical)


def judge(answer: str | None, truth: str, data: bytes) -> str:
    """Right, refused or wrong; the order of UTF-16 counts where the bytes have no mark."""
    if answer is None:
        return "refused"
    named, expected = codecs.lookup(answer).name, codecs.lookup(truth).name
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if expected in {"utf-16-le", "utf-16-be"} and not marked:
        return "right" if named == expected else "wrong"
    return "right" if find_family(named) == find_family(expected) else "wrong"


def main(folder: Path) -> None:
    """Print the table, and below each tool every answer that is not right."""
    rows = [json.loads(line) for line in (folder / "index.jsonl").read_text().splitlines()]
    files = [(row, (folder / "files" / row["file"]).read_bytes()) for row in rows]
    reports = [
        ({"file": path.name, "encoding": "gb18030"}, path.read_bytes())
        for path in sorted(folder.glob("gbk_reports/*"))
    ]
    detectors: dict[str, Callable[[bytes], str | None]] = {
        "hanpack": detect_with_hanpack,
        "charset-normalizer": detect_with_charset_normalizer,
    }
    print(f"{'':20}{'files':>7}{'right':>7}{'wrong':>7}{'refused':>9}{'seconds':>9}")
    for label, detect_encoding in detectors.items():
        start = time.process_time()
        answers = [detect_encoding(data) for _, data in files + reports]
        seconds = time.process_time() - start
        verdicts = [
            judge(answer, row["encoding"], data)
            for answer, (row, data) in zip(answers, files + reports, strict=True)
        ]
        counts = Counter(verdicts)
        print(
            f"{label:20}{len(answers):7}{counts['right']:7}{counts['wrong']:7}{counts['refused']:9}{seconds:9.2f}"
        )
        not_right = [
            (row["file"], row["encoding"], answer)
            for (row, _), answer, verdict in zip(files + reports, answers, verdicts, strict=True)
            if verdict != "right"
        ]
        for file, truth, answer in not_right:
            print(f"    {file}: {truth}, named {answer}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/encodings"))
