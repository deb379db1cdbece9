"""A recipe that cannot be read is answered with its line or its key, in the language of the locale."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.chinese import translate
from hanpack.errors import RecipeError
from hanpack.recipe import Recipe
from hanpack.recipe_file import load_recipe
from hanpack.yaml_models import list_all_keys
from hanpack.yaml_slips import find_slips

START = "name: demo\nsources:\n- path: '*.txt'\n"


def read_fault(folder: Path, text: str) -> RecipeError:
    path = folder / "r.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    return caught.value


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (START + "chunks:{max_tokens: 256}\n", "line 4: a blank is missing after the colon of chunks"),
        (START + "chunks: {max_tokens:256}\n", "line 4: a blank is missing after the colon of max_tokens"),
        ("name:demo\nsources:\n- path: '*.txt'\n", "line 1: a blank is missing after the colon of name"),
        ("name: demo\nsources:\n-path: '*.txt'\n", "line 3: a blank is missing after the hyphen before path"),
        (
            START + "chunks：\n  max_tokens: 256\n",
            "line 4: the full-width sign ： is a letter to YAML: write ': '",
        ),
        (START + "chunks: {max_tokens: 256，overlap: 32}\n", "line 4: the full-width sign ， is"),
        (
            START + "chunks: ｛max_tokens: 256｝\n",
            "line 4: the full-width sign ｛ is a letter to YAML: write '{'",
        ),
        (
            START + "chunks:\n\u3000\u3000max_tokens: 256\n",
            "line 5: a blank that is not the ordinary one (U+3000)",
        ),
        (START + "chunks:\u3000{max_tokens: 256}\n", "line 4: a blank that is not the ordinary one (U+3000)"),
        ("name：demo\nsources：\n- path：'*.txt'\n", "line 1: the full-width sign ： is"),
    ],
)
def test_a_slip_of_typing_is_named_with_its_line(tmp_path: Path, text: str, fault: str) -> None:
    assert read_fault(tmp_path, text).what.startswith(fault)


def test_full_width_signs_in_values_are_no_slip(tmp_path: Path) -> None:
    text = START + "card:\n  title: 报告：2024，其一\n  summary: |\n    name：张三\n"
    (tmp_path / "r.yaml").write_text(text, encoding="utf-8")
    assert load_recipe(tmp_path / "r.yaml").card.title == "报告：2024，其一"
    assert read_fault(tmp_path, text + "chunk: {}\n").what.startswith(
        "chunk: unknown key; did you mean chunks?"
    )


@given(key=st.sampled_from(sorted(list_all_keys(Recipe))), value=st.text("ab1", min_size=1))
def test_a_corrected_line_has_no_slip(key: str, value: str) -> None:
    for line in (f"{key}:{value}", f"- {key}：{value}", f"-{key}: {value}", f"\u3000{key}:\u3000{value}"):
        (slip,) = find_slips(line, {key})
        assert slip.corrected.strip("- ") == f"{key}: {value}"
        assert not list(find_slips(slip.corrected, {key}))


@pytest.mark.parametrize(
    "text",
    [
        START + "steps: {script: chinese, repiar: true}\n",
        START + "chunks: {max_tokens: 2, policy: struct, x: 1}\nduplicates: {drop: nearly, threshold: 3}\n",
        START + "chunks:{max_tokens: 256}\n",
        START + "chunks：\n",
        START + "chunks: {max_tokens: 256\n",
        START + "card:\n  title: %x\n",
        START + "card: {title: 'abc}\n",
        START + "card:\n  title: [报告] 2024\n",
        START + "card:\n\ttitle: x\n",
        "name: demo\nsources:\n- path: *.txt\n",
        "name: demo\nsources:\n- path: a.csv\n  text_columns: [问题, 答案]\n",
        "name: demo\nsources:\n- path: a.csv\n  text_column: [问题, 答案]\n",
        "- a\n",
    ],
)
def test_every_fault_of_a_recipe_is_translated_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    error = read_fault(tmp_path, text)
    assert error.faults
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    english = (
        "unknown",
        "possible",
        "must",
        "given",
        "while",
        "found",
        "expected",
        "write",
        "missing",
        "text;",
    )
    for sentence in (*error.faults, error.todo):
        translated = translate(sentence)
        assert translated != sentence
        assert [word for word in english if f"{word} " in translated] == []
