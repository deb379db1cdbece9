"""A request that another build of the folder has written is named before a withdrawal carries it out too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hanpack.building.run import build
from hanpack.cli import app

TEXTS = (
    "水利规划已经公布，全年完成投资。",
    "植树造林的成绩显著，覆盖率提高。",
    "村道硬化的工程完成，验收合格。",
)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two builds in the current folder, of which the first has carried out a request."""
    monkeypatch.chdir(tmp_path)
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        for number, text in enumerate(TEXTS):
            (tmp_path / folder / f"{number}.txt").write_text(f"{folder} {text}", encoding="utf-8")
        build(folder, num_proc=1)
    assert "other builds of theirs keep the text until they are built again" in run(
        "withdraw", "dist/first", "--source", "0.txt", "--request", "R-1", "--reason", "asked for", "--yes"
    )


@pytest.mark.usefixtures("builds")
def test_requests_of_other_builds_are_named_until_they_are_carried_out() -> None:
    look = ("withdraw", "dist/second", "--source", "1.txt", "--reason", "asked for", "--dry-run")
    assert "1 request in" in run(*look)
    assert "will be carried out too" in run(*look)
    run("build", "second")
    assert "carried out too" not in run(*look)


@pytest.mark.usefixtures("builds")
def test_verify_names_open_requests_and_the_receipt_those_that_were_carried_out_too() -> None:
    assert "1 request to withdraw in" in run("verify", "dist/second")
    named = (
        "--source",
        "1.txt",
        "--request",
        "R-2",
        "--reason",
        "asked for",
        "--receipt",
        "receipt",
        "--yes",
    )
    run("withdraw", "dist/second", *named)
    receipt = json.loads(Path("receipt.json").read_text(encoding="utf-8"))
    assert receipt["request"] == "R-2"
    assert [(other["request"], other["records"]) for other in receipt["others"]] == [("R-1", 1)]
    assert [request["request"] for request in receipt["honoured"]] == ["R-1", "R-2"]
    page = Path("receipt.html").read_text(encoding="utf-8")
    assert "Other requests that were carried out too: 1" in page
    assert "Requests that the build honours now: 2" in page
    assert "R-1" in page
    assert "are open" not in run("verify", "dist/second")
