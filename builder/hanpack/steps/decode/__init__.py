"""Bytes to text: encodings detected and decoded, text taken out of JSON strings."""

from hanpack.steps.decode.decoding import decode
from hanpack.steps.decode.encodings import Detection, detect
from hanpack.steps.decode.json_strings import DEEPEST_NESTING, unwrap_json

__all__ = ["DEEPEST_NESTING", "Detection", "decode", "detect", "unwrap_json"]
