"""One table of steps: recipes, the command line, FORMAT.md and the flow itself agree with it."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from hanpack import step_table
from hanpack.cli import app
from hanpack.errors import RecipeError
from hanpack.flow import STEPS, Step, prepare
from hanpack.recipe import parse_recipe
from hanpack.recipe_steps import Steps
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.step_tools import prepare_step_tools
from hanpack.steps.decode.decoding import decode
from hanpack.steps.repair.ngram_model import NgramModel
from tests.conftest import ROOT

KEYS = [key for step in STEPS for key in step.keys]
# A text that each step of one record changes when it is switched on, and the value of its key.
CHANGED_TEXTS = {
    "html": ("<html><body><p>甲，乙。</p></body></html>", True),
    "page": ((ROOT / "seeds" / "004_a378347d771fafc0.txt").read_text(encoding="utf-8"), True),
    "layout": ("甲\n第1页\n\f乙\n第2页\n", True),
    "lossy": ("甲\ufffd乙", True),
    "mojibake": ("鐨勬暟鎹鐞嗙郴缁熷缓璁惧伐浣�", True),
    "pinyin": ("旅遊高質(zhì)量發(fā)展", True),
    "shift": ("兜牢“三?！敝С龅拙€。", True),
    "controls": ("甲\u200b乙", True),
    "nfc": ("e\u0301", True),
    "spaces": ("  甲  \n\n\n\n乙", True),
    "script": ("國家", "hans"),
    "width": ("甲,乙。", True),
    "quotes": ("清理”僵尸型”企业", True),
    "evasion": ("D委开会", True),
    "redaction": ("到XX县调研", "某"),
    "personal": ("手机13812345678", "replace"),
}


def test_every_key_of_a_recipe_belongs_to_a_step_and_every_step_has_its_key() -> None:
    assert set(KEYS) == set(Steps.model_fields)


def test_a_recipe_that_says_nothing_runs_the_steps_that_run_by_default() -> None:
    assert [step.is_enabled(Steps()) for step in STEPS] == [step.by_default for step in STEPS]


def test_names_are_unique_and_in_the_order_in_which_steps_run() -> None:
    names = [step.name for step in STEPS]
    assert len(set(names)) == len(names)
    assert names.index("decode") < names.index("shift") < names.index("script") < names.index("passages")


@pytest.mark.parametrize("step", [step for step in STEPS if step.run], ids=lambda step: step.name)
def test_each_step_that_has_a_function_makes_edits_of_its_name_and_kinds(step: Step) -> None:
    text, value = CHANGED_TEXTS[step.name]
    off = {**dict.fromkeys(("page", "repair", "spaces"), False), "personal": None}
    options = Steps.model_validate({**off, step.keys[0]: value})
    tools = prepare_step_tools(options, load_ngram_model())
    edits = [edit for edit in prepare(decode(text.encode(), "utf-8"), tools).edits if edit.step == step.name]
    assert edits
    assert {edit.kind for edit in edits} <= set(step.kinds)


@pytest.mark.parametrize("name", ["evasion", "redaction"])
def test_a_recipe_may_call_a_step_by_the_name_of_its_edits(name: str) -> None:
    step = next(step for step in STEPS if step.name == name)
    value = CHANGED_TEXTS[name][1]
    content = {"name": "a", "sources": [{"path": "x"}]}
    by_key = parse_recipe({**content, "steps": {step.keys[0]: value}}, "recipe")
    assert parse_recipe({**content, "steps": {name: value}}, "recipe") == by_key
    with pytest.raises(RecipeError):
        parse_recipe({**content, "steps": {f"{name}ss": value}}, "recipe")


def test_the_command_line_names_every_step_that_can_be_added() -> None:
    shown = CliRunner().invoke(app, ["normalize", "--help"], terminal_width=200).output
    switches = [key for key in KEYS if isinstance(getattr(Steps(), key), bool) and key != "repair"]
    assert len(switches) > 5
    assert [key for key in switches if key not in shown] == []


@pytest.mark.parametrize("is_long", [True, False])
def test_the_model_is_unpacked_only_for_damage_and_let_go_of_after_a_long_text(
    monkeypatch: pytest.MonkeyPatch, is_long: bool
) -> None:
    text = CHANGED_TEXTS["shift"][0]
    monkeypatch.setattr(step_table, "LONG_TEXT", 1 if is_long else len(text) + 1)
    model = NgramModel(load_ngram_model().packed)
    tools = prepare_step_tools(Steps(), model)
    prepare(decode("没有损坏。".encode(), "utf-8"), tools)
    assert not model.is_unpacked
    prepare(decode(text.encode(), "utf-8"), tools)
    assert model.is_unpacked != is_long
