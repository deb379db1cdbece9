"""A trace shows the bytes that a chunk came from and every edit between them and its text."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from hanpack.building.run import Build
from hanpack.errors import UsageError, VerifyError
from hanpack.views.trace import show_trace, trace
from tests.conftest import ROOT

FIRST = "4aa4a5c313e292c5e2a4"


def test_a_chunk_is_traced_to_its_bytes(seeds_build: Build) -> None:
    traced = trace(seeds_build.path, FIRST)
    raw = (ROOT / traced.chunk["source"]).read_bytes()
    assert traced.raw == raw[traced.chunk["byte_start"] : traced.chunk["byte_end"]].decode()
    assert "".join(part.raw for part in traced.parts) == traced.raw
    assert "".join(part.text for part in traced.parts) == traced.chunk["text"]
    steps = {edited.edit.step for edited in traced.edits}
    assert steps == {"pinyin", "script"}
    for edited in traced.edits:
        edit = edited.edit
        assert edited.raw == raw[edit.byte_start : edit.byte_end].decode()
        assert edited.text == traced.chunk["text"][edit.start : edit.end]
    starts = [edited.edit.byte_start for edited in traced.edits]
    assert starts == sorted(starts)


def test_a_trace_is_written_as_json(seeds_build: Build) -> None:
    traced = trace(seeds_build.path, FIRST)
    written = json.loads(json.dumps(traced.as_json()))
    assert written.keys() == {"chunk", "raw", "edits"}
    assert written["chunk"]["id"] == FIRST
    assert written["edits"][0] == {
        "step": "script",
        "kind": "replaced",
        "start": 4,
        "end": 5,
        "byte_start": 8,
        "byte_end": 11,
        "raw": "創",
        "text": "创",
    }
    assert len(written["edits"]) == len(traced.edits)


def test_a_trace_is_shown_on_a_terminal(seeds_build: Build) -> None:
    console = Console(width=120, file=io.StringIO(), record=True)
    traced = trace(seeds_build.path, FIRST)
    console.print(show_trace(traced))
    shown = console.export_text()
    for part in (f"chunk {FIRST}", "0 to 1402", "'創'", "'(chuàng)'", f"{len(traced.edits)} edits"):
        assert part in shown
    assert f"and {len(traced.edits) - 40} more; --json gives all" in shown


def test_an_unknown_chunk_is_a_usage_error(seeds_build: Build) -> None:
    with pytest.raises(UsageError, match="there is no row 'nowhere' in chunks"):
        trace(seeds_build.path, "nowhere")


def test_a_source_that_was_moved_or_changed_is_named(seeds_build: Build, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    assert trace(seeds_build.path, FIRST, tmp_path) == trace(seeds_build.path, FIRST)
    source = tmp_path / "seeds" / "000_6e557153c922afc4.txt"
    source.write_bytes(source.read_bytes() + b" ")
    with pytest.raises(VerifyError, match="the source was changed after the build"):
        trace(seeds_build.path, FIRST, tmp_path)
    source.unlink()
    with pytest.raises(VerifyError, match="--sources"):
        trace(seeds_build.path, FIRST, tmp_path)
