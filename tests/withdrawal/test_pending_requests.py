"""A request that another build of the folder has written is named before a withdrawal carries it out too."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hanpack.building.run import build
from hanpack.cli import app

TEXTS = ("水利规划已经公布，全年完成投资。", "植树造林的成绩显著，覆盖率提高。")


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


def test_requests_of_other_builds_are_named_until_they_are_carried_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        for number, text in enumerate(TEXTS):
            (tmp_path / folder / f"{number}.txt").write_text(f"{folder} {text}", encoding="utf-8")
        build(folder, num_proc=1)
    withdraw = ("--reason", "asked for", "--yes")
    assert "build those that are finished again" in run(
        "withdraw", "dist/first", "--source", "0.txt", *withdraw
    )
    look = ("withdraw", "dist/second", "--source", "1.txt", "--reason", "asked for", "--dry-run")
    assert "1 request in" in run(*look)
    assert "will be carried out too" in run(*look)
    run("build", "second")
    assert "carried out too" not in run(*look)
