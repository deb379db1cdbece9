"""The clusters of copies in a build, in inspect and in the report."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from hanpack.building.run import build
from hanpack.store.reader import BuildReader
from hanpack.views.copies import Cluster, Clusters, Copy, read_clusters
from hanpack.views.inspect import inspect_build
from hanpack.views.report.page import write_report
from tests.building.texts import FIRST, NEAR, SECOND, THIRD
from tests.builds import read_rows, to_jsonl
from tests.conftest import MakeRecipe


@pytest.fixture
def copies_build(make_recipe: MakeRecipe, tmp_path: Path) -> Path:
    """Two copies of the first document, one of the second, none of the third."""
    texts = to_jsonl(FIRST, SECOND, NEAR, FIRST, SECOND, THIRD)
    return build(make_recipe({"a.jsonl": texts}), tmp_path / "out").path


def test_the_largest_clusters_are_read_with_their_least_similar_copies(copies_build: Path) -> None:
    ledger = read_rows(copies_build, "ledger")
    cluster = Cluster(
        document_id=ledger[0]["document_id"],
        kept=Copy("a.jsonl", 0, 1.0),
        size=2,
        copies=[Copy("a.jsonl", 2, ledger[2]["similarity"])],
    )
    clusters = read_clusters(BuildReader.open(copies_build), most_clusters=1, most_copies=1)
    assert ledger[2]["similarity"] < 1
    assert clusters == Clusters(number=2, copies=3, largest=[cluster])


def test_a_build_without_copies_has_no_clusters(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    out = build(make_recipe({"a.jsonl": to_jsonl(FIRST, SECOND)}), tmp_path / "out").path
    assert read_clusters(BuildReader.open(out), 1, 1) == Clusters(number=0, copies=0, largest=())


def test_inspect_and_the_report_show_the_clusters(copies_build: Path, tmp_path: Path) -> None:
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(inspect_build(copies_build))
    assert "3 copies of 2 documents" in console.export_text()
    page = write_report(copies_build, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "3 records are copies of 2 documents" in page
    assert read_rows(copies_build, "documents")[0]["id"] in page
