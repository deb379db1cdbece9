"""The Croissant file describes columns of any name, so that a reader gets their values."""

from __future__ import annotations

import json
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hanpack.building.run import build
from hanpack.store.croissant import encode_name, quote_name
from hanpack.store.metadata import METADATA
from tests.conftest import write_recipe

NAMES = (
    "标题", "发布时间", "a b", "a.b", "c/d", "it's", "a\\b", "50%", "#x", "?q", "全角　空格", "x:y",
    "<b>", "{a}", "[b]", "@id", "@type", 'a"b', "p|q", "a~20b", "😀", "-1", "a\tb", "url ", "where", "$",
    "Ünï", "٣", "a,b", "=d", "`e`",
)  # fmt: skip


def unquote_path(path: str) -> str:
    """The name in a path of RFC 9535 with one quoted name."""
    match = re.fullmatch(r"\$\['((?:[^'\\]|\\.)*)'\]", path, re.DOTALL)
    assert match is not None
    return re.sub(r"\\(.)", r"\1", match[1])


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_an_identifier_has_no_white_space_and_a_path_is_that_of_the_name(name: str) -> None:
    assert not re.search(r"[\s/]", encode_name(name))
    assert unquote_path(quote_name(name)) == name


@given(st.text(min_size=1, max_size=4), st.text(min_size=1, max_size=4))
def test_different_names_have_different_identifiers(first: str, second: str) -> None:
    assert (encode_name(first) == encode_name(second)) == (first == second)


def test_every_column_is_described_under_a_name_of_its_own(tmp_path: Path) -> None:
    row = {"text": "今天召开会议，研究部署下一阶段工作。"} | {name: name for name in NAMES}
    files = {"src/a.jsonl": json.dumps(row).encode() + b"\n"}
    build(
        write_recipe(tmp_path, files, root="src", sources=[{"path": "*", "records": "row"}]),
        tmp_path / "out",
    )
    tables = json.loads((tmp_path / "out" / "croissant.json").read_text("utf-8"))["recordSet"]
    chunks = next(table for table in tables if table["@id"] == "chunks")
    metadata = next(field for field in chunks["field"] if field["name"] == "metadata")
    described = [
        (field["@id"], field["name"], field["source"]["transform"]["jsonPath"])
        for field in metadata["subField"]
    ]
    assert described == [(f"chunks/metadata/{name}", name, f"$['{name}']") for name in (*METADATA, "extra")]
