"""Name the encodings of real files: ours against charset-normalizer, right, wrong and refused.

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


def named_by_us(data: bytes) -> str | None:
    """Our answer."""
    return detect(data).encoding


def named_by_charset_normalizer(data: bytes) -> str | None:
    """The answer of charset-normalizer's best match."""
    best = from_bytes(data).best()
    return best.encoding if best else None


def family(name: str) -> str:
    """The name under which equal encodings meet."""
    found = codecs.lookup(name).name
    return SUPERSETS.get(found, found)


def judge(answer: str | None, truth: str, data: bytes) -> str:
    """Right, refused or wrong; the order of UTF-16 counts where the bytes have no mark."""
    if answer is None:
        return "refused"
    found, expected = codecs.lookup(answer).name, codecs.lookup(truth).name
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if expected in {"utf-16-le", "utf-16-be"} and not marked:
        return "right" if found == expected else "wrong"
    return "right" if family(found) == family(expected) else "wrong"


def main(folder: Path) -> None:
    """Print the table, and every answer of ours that is not right."""
    rows = [json.loads(line) for line in (folder / "index.jsonl").read_text().splitlines()]
    files = [(row, (folder / "files" / row["file"]).read_bytes()) for row in rows]
    reports = [
        ({"file": path.name, "encoding": "gb18030"}, path.read_bytes())
        for path in sorted(folder.glob("gbk_reports/*"))
    ]
    namers: dict[str, Callable[[bytes], str | None]] = {
        "hanpack": named_by_us,
        "charset-normalizer": named_by_charset_normalizer,
    }
    print(f"{'':20}{'files':>7}{'right':>7}{'wrong':>7}{'refused':>9}{'seconds':>9}")
    for label, name in namers.items():
        start = time.process_time()
        answers = [name(data) for _, data in files + reports]
        seconds = time.process_time() - start
        verdicts = [
            judge(answer, row["encoding"], data)
            for answer, (row, data) in zip(answers, files + reports, strict=True)
        ]
        counts = Counter(verdicts)
        print(
            f"{label:20}{len(answers):7}{counts['right']:7}{counts['wrong']:7}{counts['refused']:9}{seconds:9.2f}"
        )
        missed = [
            (row["file"], row["encoding"], answer)
            for (row, _), answer, verdict in zip(files + reports, answers, verdicts, strict=True)
            if verdict != "right"
        ]
        for file, truth, answer in missed:
            print(f"    {file}: {truth}, named {answer}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/encodings"))
