"""The flow over a batch: what becomes of a record does not depend on the other records of its batch."""

from __future__ import annotations

import random

import pytest

from hanpack.flow import process, process_record
from hanpack.model import Decision, Outcome, Record
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Recipe, parse_recipe
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.dedup import index_texts
from hanpack.steps.dedup.folding import TextFolder
from hanpack.store.table_kinds import find_schemas
from hanpack.store.tables import Tables, make_tables
from hanpack.tools import Tools, prepare_tools
from tests.fuzzing import ENCODINGS, make_bytes, make_record, make_text
from tests.sample_corpus import read_paragraphs

EVALUATION_TEXT = "坚持真抓实干，推进创新发展质量。"
DECISIONS = (
    *[None] * 6,
    Decision("0123456789", 0.9, Reason(Cause.COPY, {"source": "b.txt", "record": 1})),
    Decision(passages=((0, 1),)),
    Decision(passages=((0, 1),), remove=True),
)
RECIPES: dict[str, dict[str, object]] = {
    "default": {"splits": {"validation": 0.2}},
    "every step": {
        "steps": {
            **dict.fromkeys(("controls", "nfc", "width", "quotes", "evasions", "phrases"), True),
            "script": "hans",
            "redactions": "某",
        },
        "chunks": {"max_tokens": 64, "overlap": 8, "policy": "structure", "headings": True},
        "more": {"chunks_small": {"max_tokens": 24, "minimum": 6}},
        "duplicates": {"passages": "remove"},
        "packed": {"tokens": 64},
    },
    "traditional": {
        "steps": {"script": "tw", "phrases": True, "page": False},
        "chunks": {"max_tokens": 24},
        "decontamination": {"texts": [{"path": "eval.txt"}], "action": "flag"},
        "tokenizer": "cl100k_base",
    },
}


def make_tools(recipe: Recipe) -> Tools:
    evaluation = None
    if recipe.decontamination:
        evaluation = index_texts([("eval.txt", EVALUATION_TEXT)], TextFolder())
    vocabulary = load_vocabulary(recipe.tokenizer)
    return prepare_tools(recipe, vocabulary, load_ngram_model(), evaluation)


def make_records(chance: random.Random) -> list[Record]:
    """Records of one source: clean paragraphs, damaged ones, pages, JSON, and bytes that are no text."""
    paragraphs = read_paragraphs(40)
    records: list[Record] = []
    for index in range(chance.randrange(1, 12)):
        encoding, wrapping = "utf-8", "plain"
        kind = chance.randrange(4)
        if kind == 0:
            encoding = chance.choice(ENCODINGS)
            data = make_bytes(chance, encoding)
        elif kind == 1:
            wrapping = "json"
            data = f'{{"id": {index}, "text": "{chance.choice(paragraphs)}"}}\n'.encode()
        else:
            data = (
                chance.choice(paragraphs) + chance.choice(("", EVALUATION_TEXT, make_text(chance)))
            ).encode("utf-8", "replace")
        position = records[-1].byte_end if records else 0
        record = make_record(data, encoding, wrapping, position, chance.choice((0, 9)))
        records.append(record)
    return records


def to_tables(outcomes: list[Outcome], recipe: Recipe) -> Tables:
    return make_tables(outcomes, find_schemas(recipe))


@pytest.mark.parametrize("name", RECIPES)
def test_a_batch_gives_what_its_records_give_one_by_one(name: str) -> None:
    recipe = parse_recipe({"name": "a", "sources": [{"path": "a"}], **RECIPES[name]}, "recipe")
    tools = make_tools(recipe)
    states: set[str] = set()
    for seed in range(30):
        chance = random.Random(seed)
        records = make_records(chance)
        decisions = {
            index: decision for index in range(len(records)) if (decision := chance.choice(DECISIONS))
        }
        together = process(records, tools, decisions)
        alone = [process_record(record, tools, decisions.get(index)) for index, record in enumerate(records)]
        assert [outcome.state for outcome in together] == [outcome.state for outcome in alone]
        assert to_tables(together, recipe) == to_tables(alone, recipe)
        states.update(outcome.state for outcome in together)
    assert states == {"kept", "duplicate", "rejected", "empty"}
