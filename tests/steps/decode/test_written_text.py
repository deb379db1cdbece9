"""Texts that are aligned together have the alignments that each has by itself."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.decode.decoding import read_bytes
from hanpack.steps.decode.json_strings import read_json
from hanpack.steps.decode.written_text import WrittenText, trace_texts

# A file of the plain text C:\new, and the same after an escape of JSON.
PLAIN = st.text(st.sampled_from('中é\\nu4e"/\n'), max_size=8).map(
    lambda text: read_bytes(text.encode(), "utf-8")
)
IN_JSON = st.text(st.sampled_from('中é\\nu4e"/\n😀'), max_size=8).map(
    lambda text: read_json(json.dumps({"text": text}).encode(), "text")
)


@given(st.lists(PLAIN | IN_JSON, max_size=5))
def test_texts_of_several_formats_are_aligned_as_each_by_itself(texts: list[WrittenText]) -> None:
    together = trace_texts(texts)
    for traced, text in zip(together, texts, strict=True):
        (alone,) = trace_texts([text])
        assert traced.alignment.text.tolist() == alone.alignment.text.tolist()
        assert traced.alignment.source.tolist() == alone.alignment.source.tolist()


def test_a_backslash_of_a_plain_text_is_a_character_beside_texts_in_json() -> None:
    plain = read_bytes("C:\\新".encode(), "utf-8")
    traced, _ = trace_texts([plain, read_json(b'{"text": "\\u4e2d"}', "text")])
    assert traced.alignment.source_span(3, 4) == (3, 6)
