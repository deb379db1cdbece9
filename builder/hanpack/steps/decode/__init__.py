"""Bytes to text: encodings detected and decoded, text taken out of JSON strings."""

from hanpack.steps.decode.decoding import decode
from hanpack.steps.decode.encodings import Detection, detect
from hanpack.steps.decode.json_strings import unwrap_json

__all__ = ["Detection", "decode", "detect", "unwrap_json"]
