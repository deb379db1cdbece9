"""Bytes to text: encodings detected and decoded, text taken out of JSON strings."""

from hanpack.steps.decode.csv_rows import RowLayout, is_open, read_row, unwrap_row
from hanpack.steps.decode.decoding import decode
from hanpack.steps.decode.encodings import Detection, detect
from hanpack.steps.decode.json_parsing import find_strings
from hanpack.steps.decode.json_strings import DEEPEST_NESTING, unwrap_json

__all__ = [
    "DEEPEST_NESTING",
    "Detection",
    "RowLayout",
    "decode",
    "detect",
    "find_strings",
    "is_open",
    "read_row",
    "unwrap_json",
    "unwrap_row",
]
