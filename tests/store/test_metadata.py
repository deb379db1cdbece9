"""All values of a record's metadata are in one struct, whose type is the same in every build."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import datasets
import pytest
from datasets import IterableDataset, concatenate_datasets, interleave_datasets, load_dataset
from hypothesis import given
from hypothesis import strategies as st

from hanpack.building.run import build
from hanpack.store.metadata import METADATA, METADATA_TYPE, metadata_column, read_metadata
from tests.builds import read_rows
from tests.conftest import MakeRecipe, write_recipe

DUMP: dict[str, Any] = {"ensure_ascii": False, "sort_keys": True}
FIELD_NAMES = st.sampled_from([*METADATA, "year", "extra", "a b", "", "标题"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["k", "l"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(st.lists(st.dictionaries(FIELD_NAMES, VALUES, max_size=5), max_size=3))
def test_every_value_is_in_the_column_once(documents: list[dict[str, object]]) -> None:
    column = metadata_column(documents)
    assert column.type == METADATA_TYPE
    rows = column.to_pylist()
    assert len(rows) == len(documents)
    for row, values in zip(rows, documents, strict=True):
        assert json.loads(row["extra"]) == {
            name: value for name, value in values.items() if name not in METADATA
        }
        for name in METADATA:
            value = values.get(name)
            expected = value if value is None or isinstance(value, str) else json.dumps(value, **DUMP)
            assert row[name] == expected


@pytest.mark.parametrize("extra", ["", "[]", "5", "{", "[" * 100_000, "NaN"])
def test_what_is_no_json_object_in_a_received_build_stays_as_it_is(extra: str) -> None:
    assert read_metadata({"title": "题", "extra": extra}) == {"title": "题", "extra": extra}


def test_columns_of_records_and_of_the_recipe_become_metadata(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    rows: list[dict[str, object]] = [
        {"text": "甲。", "year": 2024, "score": 1, "title": "题"},
        {"text": "乙。", "score": 0.5, "mixed": 1, "url": 7},
        {"text": "丙。", "mixed": "one", "extra": {"a": [None]}},
    ]
    content = "\n".join(json.dumps(row) for row in rows).encode()
    recipe = make_recipe({"a.jsonl": content}, sources=[{"path": "a.jsonl", "metadata": {"license": "cc0"}}])
    out = build(recipe, tmp_path / "out").path
    metadata = [row["metadata"] for row in read_rows(out, "documents")]
    assert [row["extra"] for row in metadata] == [
        '{"score": 1, "year": 2024}',
        '{"mixed": 1, "score": 0.5}',
        '{"extra": {"a": [null]}, "mixed": "one"}',
    ]
    assert [row["title"] for row in metadata] == ["题", None, None]
    assert [row["url"] for row in metadata] == [None, "7", None]
    assert [row["license"] for row in metadata] == ["cc0"] * 3
    assert [row["metadata"] for row in read_rows(out, "chunks")] == metadata


@pytest.mark.parametrize("streaming", [False, True])
def test_builds_with_other_columns_can_be_mixed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, streaming: bool
) -> None:
    # datasets waits 20 seconds before it shuts the threads of interleaved streams down.
    monkeypatch.setattr(datasets.config, "SLEEP_TIME_ON_THREADS_SHUTDOWN", 0)
    articles = ("为了保护森林，制定本法。", "本法自公布之日起施行。")
    laws = [{"text": text, "year": 2024, "题": ["法"]} for text in articles]
    letters = "今天上午下雨了，我们没有出门。\n明天大概会放晴，到时候再去看你。\n"
    files = {
        "laws": {"a.jsonl": "\n".join(map(json.dumps, laws)).encode()},
        "letters": {"b.txt": letters.encode()},
    }
    for name, content in files.items():
        sources = [{"path": path, "records": "line" if path == "b.txt" else "row"} for path in content]
        recipe = write_recipe(tmp_path / name, content, sources=sources, packed={"tokens": 16})
        build(recipe, tmp_path / name / "out")
    for table in ("chunks", "documents", "packed", "ledger"):
        loaded = [
            load_dataset(
                str(tmp_path / name / "out"),
                table,
                split="train",
                streaming=streaming,
                cache_dir=str(tmp_path / "cache" / name),
            )
            for name in files
        ]
        assert isinstance(loaded[0], IterableDataset) == streaming
        assert loaded[0].features == loaded[1].features
        first, second = map(list, loaded)
        assert list(concatenate_datasets(loaded)) == [*first, *second]
        assert list(interleave_datasets(loaded))[:3] == [first[0], second[0], first[1]]
