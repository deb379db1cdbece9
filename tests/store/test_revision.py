"""Records replaced in parts: the same rows as if they had been so from the start."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hanpack.flow import process_record
from hanpack.model import Decision, Outcome, Record, Source
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Recipe
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.store.index_blocks import IndexBlock
from hanpack.store.parts import PartCache, name_part
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
FLAGGED = Decision(passages=((0, 1),))
Decided = list[tuple[str, Decision | None]]


@pytest.fixture(scope="module")
def tools() -> Tools:
    return prepare_tools(RECIPE, load_vocabulary("o200k_base"), load_ngram_model())


def process(tools: Tools, index: int, text: str, decision: Decision | None) -> Outcome:
    data = text.encode()
    return process_record(Record(SOURCE, index, data, 0, len(data)), tools, decision)


def to_tables(outcomes: list[Outcome]) -> Tables:
    return make_tables(outcomes, find_schemas(RECIPE))


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(TEXTS), st.sampled_from([None, COPY, FLAGGED])), min_size=1))
@example([(TEXTS[2], None), (TEXTS[4], COPY), (TEXTS[2], FLAGGED), (TEXTS[1], None), (TEXTS[4], FLAGGED)])
def test_revised_parts_have_the_rows_of_the_revised_records(tools: Tools, drawn: Decided) -> None:
    decided = [(text, decision if text else None) for text, decision in drawn]
    before = [process(tools, index, text, None) for index, (text, _) in enumerate(decided)]
    after = [process(tools, index, text, decision) for index, (text, decision) in enumerate(decided)]
    rows = [index for index, (_, decision) in enumerate(decided) if decision]
    fresh = to_tables([after[row] for row in rows])
    records = [len(decided) // 2, len(decided) - len(decided) // 2]
    expected = to_tables(after)
    assert {"chunks", "chunks_small", "documents", "ledger"} <= expected.keys()
    with TemporaryDirectory() as folder:
        cache = PartCache(Path(folder))
        cache.write("aa-old", to_tables(before).items(), records)
        cache.write_revised("aa-new", "aa-old", rows, fresh.items(), records)
        cache.write("aa-expected", expected.items(), records)
        for name, table in expected.items():
            assert cache.revise("aa-old", rows, fresh, name).equals(table), name
            assert cache.read("aa-new", name).equals(table), name
            for place in range(len(records)):
                key, of_expected = name_part("aa-new", place), name_part("aa-expected", place)
                assert cache.read(key, name).equals(cache.read(of_expected, name)), name
        index, expected_index = IndexBlock.of("aa-new", cache), IndexBlock.of("aa-expected", cache)
        assert index.tables == expected_index.tables
        assert {name: starts.tolist() for name, starts in index.starts.items()} == {
            name: starts.tolist() for name, starts in expected_index.starts.items()
        }


def test_a_revised_file_without_the_file_that_was_revised_is_incomplete(tools: Tools, tmp_path: Path) -> None:
    cache = PartCache(tmp_path)
    cache.write("aa-old", to_tables([process(tools, 0, TEXTS[2], None)]).items(), [1])
    cache.write_revised("aa-new", "aa-old", [0], to_tables([process(tools, 0, TEXTS[2], COPY)]).items(), [1])
    assert cache.has("aa-new")
    cache.path("aa-old").unlink()
    assert not cache.has("aa-new")
