"""Bytes to text: encodings detected and decoded, text taken out of JSON strings."""

from hanpack.steps.decode.csv_rows import RowLayout, is_open, read_row, unwrap_row
from hanpack.steps.decode.decoding import decode, read_bytes, restore_preamble
from hanpack.steps.decode.encodings import Detection, detect, find_other_encoding
from hanpack.steps.decode.json_parsing import find_strings
from hanpack.steps.decode.json_strings import DEEPEST_NESTING, read_json, unwrap_json
from hanpack.steps.decode.line_encodings import count_line_encodings, explain_undecided
from hanpack.steps.decode.written_text import WrittenText, trace_texts

__all__ = [
    "DEEPEST_NESTING",
    "Detection",
    "RowLayout",
    "WrittenText",
    "count_line_encodings",
    "decode",
    "detect",
    "explain_undecided",
    "find_other_encoding",
    "find_strings",
    "is_open",
    "read_bytes",
    "read_json",
    "read_row",
    "restore_preamble",
    "trace_texts",
    "unwrap_json",
    "unwrap_row",
]
