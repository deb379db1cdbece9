"""Records replaced in a part's tables: the same tables as if they had been so from the start."""

from __future__ import annotations

from functools import lru_cache

from hypothesis import given, settings
from hypothesis import strategies as st

from hanpack.flow import process_record
from hanpack.model import Decision, Outcome, Record, Source
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Recipe
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.store.revision import revise_tables
from hanpack.store.table_kinds import find_schemas
from hanpack.store.tables import Tables, make_tables
from hanpack.tools import Tools, prepare_tools

RECIPE = Recipe.model_validate(
    {
        "name": "a",
        "sources": [{"path": "a.txt"}],
        "chunks": {"max_tokens": 16},
        "more": {"chunks_small": {"max_tokens": 24}},
    }
)
SOURCE = Source("a.txt", "0" * 64, 9, "utf-8")
TEXTS = [
    "",
    "好。",
    "我们坚持稳中求进，推动高质量发展。" * 4,
    "\ufffd",
    "第一段。\n第二段，比第一段长一些。" * 3,
]
COPY = Decision("0123456789", 0.9, Reason(Cause.COPY, {"source": "b.txt", "record": 1}))


@lru_cache(maxsize=1)
def tools() -> Tools:
    return prepare_tools(RECIPE, load_vocabulary("o200k_base"), load_ngram_model())


def run(index: int, text: str, decision: Decision | None) -> Outcome:
    data = text.encode()
    return process_record(Record(SOURCE, index, data, 0, len(data)), tools(), decision)


def tables(outcomes: list[Outcome]) -> Tables:
    return make_tables(outcomes, find_schemas(RECIPE))


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.sampled_from(TEXTS), st.sampled_from([None, COPY, Decision(passages=((0, 1),))])))
)
def test_revised_tables_are_those_of_the_revised_records(
    given: list[tuple[str, Decision | None]],
) -> None:
    plan = [(text, decision if text else None) for text, decision in given]
    first = [run(index, text, None) for index, (text, _) in enumerate(plan)]
    last = [run(index, text, decision) for index, (text, decision) in enumerate(plan)]
    rows = [index for index, (_, decision) in enumerate(plan) if decision]
    revised = revise_tables(tables(first), tables([last[row] for row in rows]), rows)
    wanted = tables(last)
    assert revised.keys() == wanted.keys()
    for name, table in wanted.items():
        assert revised[name].to_pylist() == table.to_pylist(), name
