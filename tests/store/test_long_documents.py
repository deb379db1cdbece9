"""The tables of long documents, whose columns are written one by one, are those that are made at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hanpack.building.run import build
from hanpack.flow import process_record
from hanpack.model import Outcome, Record, Source
from hanpack.recipe import Recipe
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps import alignment, batch_changes
from hanpack.store import part_files, tables
from hanpack.store.part_content import PARTS
from hanpack.store.part_files import read_part_file
from hanpack.store.parts import PartCache
from hanpack.store.table_kinds import find_schemas
from hanpack.tools import prepare_tools
from tests.builds import read_rows
from tests.conftest import MakeRecipe

RECIPE = Recipe.model_validate(
    {"name": "a", "sources": [{"path": "a.txt"}], "steps": {"script": "hans", "controls": True}}
)


def process_text(text: str) -> Outcome:
    data = text.encode()
    source = Source("a.txt", "0" * 64, len(data), "utf-8")
    tools = prepare_tools(RECIPE, load_vocabulary("o200k_base"), load_ngram_model())
    return process_record(Record(source, 0, data, 0, len(data)), tools)


def test_documents_with_many_edits_are_written_as_others_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["臺灣的a發展\u200b與國際關係。" * 30, "沒有", "好"]
    expected_outcomes = list(map(process_text, texts))
    schemas = find_schemas(RECIPE)
    expected = tables.make_tables(expected_outcomes, schemas)
    cache = PartCache(tmp_path)
    cache.write("aa-short", tables.iterate_tables(expected_outcomes, schemas), [3])
    monkeypatch.setattr(alignment, "_BLOCK", 2)
    monkeypatch.setattr(batch_changes, "_LONGEST_JOINED", 0)
    monkeypatch.setattr(tables, "_MANY", 0)
    for module in (tables, part_files):
        monkeypatch.setattr(module, "LARGE_TABLE", 0)
    outcomes = list(map(process_text, texts))
    assert outcomes[0].document is not None
    assert outcomes[0].document.alignment.text.dtype == np.int32
    assert tables.make_tables(outcomes, schemas) == expected
    cache.write("aa-long", tables.iterate_tables(outcomes, schemas), [3])
    written = read_part_file(cache.path("aa-long"))
    assert "edits of documents" in written
    assert "edits of documents" not in read_part_file(cache.path("aa-short"))
    assert written[PARTS] == read_part_file(cache.path("aa-short"))[PARTS]
    for name, table in expected.items():
        assert cache.read("aa-long", name) == table


def test_a_document_with_many_edits_is_packed(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    # Found by benchmarks/shard_hashes.py: the columns of such a document were not made yet.
    keys: dict[str, Any] = {"steps": {"script": "hans"}, "packed": {"tokens": 4096}}
    done = build(make_recipe({"a.txt": ("臺a" * 90_000).encode()}, **keys), tmp_path / "out")
    (document,) = read_rows(done.path, "documents")
    assert len(document["edits"]) + len(document["text_breaks"]) > tables._MANY
    sequences = read_rows(done.path, "packed")
    # The document and the token after its end.
    assert sum(row["token_count"] for row in sequences) == document["token_count"] + 1
