"""Tells a file whose lines are in two encodings, one of them UTF-8, from one whose encoding is not known.

Such files are made when texts of several sources are put into one.
"""

from __future__ import annotations

from typing import NamedTuple

from hanpack.reasons import Cause, Reason
from hanpack.steps.decode.encodings import Detection, detect

UTF_8 = "utf-8"


class LineEncodings(NamedTuple):
    """How many lines beyond ASCII are UTF-8, and how many are not and are text in ``encoding``."""

    utf8: int
    not_utf8: int
    encoding: str

    def __str__(self) -> str:
        return f"{self.utf8:,} are {UTF_8}, {self.not_utf8:,} {self.encoding}"


def count_line_encodings(sample: bytes) -> LineEncodings | None:
    r"""The encodings of the lines of a sample; None if its lines are not in UTF-8 and one other encoding.

    A line may be UTF-8 by accident, so that the numbers are about right.

    >>> line = "政府工作报告指出，经济运行总体平稳。\n"
    >>> str(count_line_encodings(line.encode("gbk") + line.encode() + b"2024\n"))
    '1 are utf-8, 1 gb18030'
    >>> count_line_encodings(line.encode("gbk") * 2) is None
    True
    """
    if b"\x00" in sample:
        return None
    *lines, last = sample.split(b"\n")
    # The sample may end inside a character.
    lines = lines or [last]
    beyond_ascii = [line for line in lines if not line.isascii()]
    not_utf8 = [line for line in beyond_ascii if not _is_utf8(line)]
    if not not_utf8 or len(not_utf8) == len(beyond_ascii):
        return None
    encoding = detect(b"\n".join(not_utf8)).encoding
    if encoding is None or encoding == UTF_8 or "\n".encode(encoding) != b"\n":
        return None
    return LineEncodings(len(beyond_ascii) - len(not_utf8), len(not_utf8), encoding)


def explain_undecided(detected: Detection, sample: bytes) -> Reason:
    """Why the encoding of the file that begins with ``sample`` was not detected."""
    lines = count_line_encodings(sample)
    if lines is None:
        return Reason(Cause.UNDECIDED_ENCODING, {"detail": detected.reason})
    return Reason(Cause.MIXED_ENCODINGS, {"detail": str(lines)})


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode(UTF_8)
    except UnicodeDecodeError:
        return False
    return True
