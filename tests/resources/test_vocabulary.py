"""Vocabularies are read from disk, checked and never downloaded."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

from hanpack.errors import UsageError
from hanpack.resources import vocabulary as module
from hanpack.resources.vocabulary import KNOWN_NAMES, load_vocabulary
from hanpack.steps.tokens.counting import CL100K_PATTERN, TiktokenCounter

BYTES = b"".join(base64.b64encode(bytes([byte])) + b" %d\n" % byte for byte in range(256))


@pytest.mark.parametrize("name", KNOWN_NAMES)
def test_a_published_vocabulary_has_its_published_hash(name: str) -> None:
    vocabulary = load_vocabulary(name)
    assert vocabulary.name == name
    assert vocabulary.sha256 == hashlib.sha256(vocabulary.ranks_file).hexdigest()


def test_other_bytes_than_the_published_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "read_published_ranks", lambda name: BYTES)
    with pytest.raises(UsageError, match="sha256"):
        load_vocabulary("o200k_base")


def test_an_unknown_name_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="cl100k_base"):
        load_vocabulary("gpt-9")


def test_a_local_ranks_file_is_loaded_with_its_pattern(tmp_path: Path) -> None:
    (tmp_path / "own.tiktoken").write_bytes(BYTES)
    vocabulary = load_vocabulary("own.tiktoken", tmp_path, CL100K_PATTERN)
    assert TiktokenCounter(vocabulary).count("中a") == 4
    with pytest.raises(UsageError, match="256 ranks"):
        load_vocabulary("own.tiktoken", tmp_path)


def test_a_missing_file_is_named_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_vocabulary("none.tiktoken", tmp_path)
    assert "none.tiktoken" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_a_tokenizer_json_gives_its_special_tokens(tmp_path: Path) -> None:
    held = {"added_tokens": [{"id": 7, "content": "<s>"}], "model": {}}
    (tmp_path / "tokenizer.json").write_text(json.dumps(held), "utf-8")
    vocabulary = load_vocabulary("tokenizer.json", tmp_path)
    assert vocabulary.format == "json"
    assert vocabulary.special_tokens == {"<s>": 7}
    (tmp_path / "list.json").write_text("[1]", "utf-8")
    with pytest.raises(UsageError, match="this is no tokenizer"):
        load_vocabulary("list.json", tmp_path)
