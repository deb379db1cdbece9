"""A recipe that is wrong is refused, by file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from hanpack.errors import RecipeError
from hanpack.recipe_file import load_recipe
from tests.conftest import ROOT

GOOD = "name: a\nsources:\n  - path: x.txt\n"


def refuse(path: Path, text: str) -> str:
    """Load a recipe that must be refused; returns the error as the command line prints it."""
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_the_recipes_in_configs_are_read() -> None:
    recipes = {path.stem: load_recipe(path) for path in (ROOT / "configs").glob("*.yaml")}
    assert recipes["gov_reports"].chunks.max_tokens == 512
    assert recipes["gov_reports"].steps.script == "hans"
    retrieval = recipes["gov_reports_retrieval"].chunks
    assert (retrieval.max_tokens, retrieval.overlap) == (256, 64)
    assert recipes["gov_reports_hant"].steps.script == "hant"


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (GOOD + "chunk: {}\n", ["chunk: unknown key"]),
        (GOOD + "personal: replace\n", ["personal: unknown key; it belongs under steps"]),
        (GOOD.replace("path", "paht"), ["sources.0.path: the key is missing", "sources.0.paht: unknown key"]),
        (GOOD + "chunks: {max_tokens: 3}\n", ["chunks.max_tokens: ", "it must be at least 16"]),
        (GOOD + "chunks: {max_tokens: 64, overlap: 63}\n", ["chunks: ", "overlap of 63", "at most 32"]),
        (GOOD + "steps: {script: simplified}\n", ["steps.script: ", "'simplified'"]),
        (GOOD + "name: b\n", ["'name' is given twice", "line 4"]),
        (GOOD.replace("x.txt", "x.txt\n    encoding: klingon"), ["sources.0.encoding: ", "klingon"]),
        (GOOD.replace("x.txt", "x.txt\n    encoding: base64"), ["sources.0.encoding: ", "base64"]),
        (GOOD + "splits: {validation: 0.5, test: 0.5}\n", ["splits: ", "leave nothing for training"]),
        (GOOD + "splits: {test: {}}\n", ["splits.test", "a source, metadata or both"]),
        (GOOD + "splits: {test: {sauce: b}}\n", ["splits.test.sauce: unknown key"]),
        (GOOD + "splits: {dev: 0.1}\n", ["splits.dev: unknown key"]),
        (GOOD + "duplicates: {threshold: 0.2}\n", ["duplicates.threshold: ", "it must be at least 0.7"]),
        (GOOD + "decontamination: {texts: []}\n", ["decontamination.texts: the list must not be empty"]),
        ("name: a/b\nsources: [{path: x}]\n", ["name: it may have letters, digits"]),
        ("name: a\nsources: []\n", ["sources: the list must not be empty"]),
        (GOOD + "steps: {width: 'yes'}\n", ["steps.width: it must be true or false", "(given: 'yes')"]),
        (GOOD + "steps: {width: 1}\n", ["steps.width: it must be true or false", "(given: 1)"]),
        (
            GOOD + "steps: {layout: pfd}\n",
            ["steps.layout: ", "did you mean pdf? Possible are pdf, true"],
        ),
        (GOOD + "chunks: {headings: 'false'}\n", ["chunks.headings: it must be true or false"]),
        (GOOD + "tokenizer:\n", ["tokenizer: it has no value"]),
        (GOOD + "card: {language: zh}\n", ["card.language: it must be a list, such as [zh]"]),
        (GOOD + "card: {license: 3}\n", ["card.license: it must be text", "(given: 3)"]),
        (GOOD + "more: {small: {}}\n", ["more.small: it must be chunks_"]),
        (
            GOOD.replace("x.txt", "x.txt\n    encoding: gbk2"),
            ["did you mean gbk? Possible are utf-8, gb"],
        ),
        (GOOD + "quality: {digit_share: {max: 8}}\n", ["digit_share.max: a share is a number from 0 to 1"]),
        ("- a\n", ["holds no keys"]),
        ("name: [\n", ["is not YAML: line 2, column 1: expected", "quotation marks"]),
        (GOOD + "a: \x07\n", ["is not YAML: ", "special characters are not allowed"]),
        (
            GOOD + "card: {published: yesterday}\n",
            ["card.published: write a day as YYYY-MM-DD, such as 2026"],
        ),
        (GOOD + "card: {published: '2026-02-30'}\n", ["card.published: write a day as YYYY-MM-DD"]),
        (GOOD + "card: {published: 2026-02-30}\n", ["is not YAML: day is out of range"]),
    ],
)
def test_a_wrong_recipe_is_an_error_that_names_file_and_key(
    tmp_path: Path, text: str, messages: list[str]
) -> None:
    error = refuse(tmp_path / "broken.yaml", text)
    assert ["\n" in error, "<unicode string>" in error] == [False, False]
    assert [part for part in ["broken.yaml: ", *messages] if part not in error] == []


def test_an_error_repeats_a_scalar_value_but_no_mapping(tmp_path: Path) -> None:
    scalar = refuse(tmp_path / "scalar.yaml", GOOD + "chunks: {max_tokens: 3}\n")
    mapping = refuse(tmp_path / "mapping.yaml", GOOD + "chunks: {max_tokens: 64, overlap: 63}\n")
    assert "(given: 3)" in scalar
    assert "chunks: an overlap of 63" in mapping
    assert "given:" not in mapping


def test_a_missing_recipe_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="hanpack init"):
        load_recipe(tmp_path / "none.yaml")
