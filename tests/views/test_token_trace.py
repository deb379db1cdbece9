"""Every token of a packed sequence leads to the bytes of its source, or to none between documents."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from hanpack.building.run import build
from hanpack.errors import UsageError
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.tokens.counting import TiktokenCounter
from hanpack.views.token_trace import show_token, trace_token
from hanpack.views.visible_text import put_on_one_line
from tests.builds import read_rows
from tests.conftest import MakeRecipe
from tests.planted_texts import TextMaker


@pytest.fixture
def packed(make_recipe: MakeRecipe, tmp_path: Path) -> Path:
    maker = TextMaker(21)
    files = {f"{number}.txt": maker.text(6).encode() for number in range(4)}
    files["5.txt"] = "旅遊高質(zhì)量發(fā)展😀𪛖，扎實推進。".encode()
    recipe = make_recipe(files, packed={"tokens": 128})
    return build(recipe, tmp_path / "out", num_proc=1).path


def test_tokens_lead_to_the_bytes_of_their_source(packed: Path) -> None:
    encoding = TiktokenCounter(load_vocabulary("o200k_base")).encoding
    rows = read_rows(packed, "packed")
    documents = {row["id"]: row for row in read_rows(packed, "documents")}
    traced = [
        trace_token(packed, f"{number}:{place}")
        for number, row in enumerate(rows)
        for place in (*row["starts"], row["starts"][0] + 5, row["token_count"] - 1)
    ]
    located = [token for token in traced if token.document_id]
    assert {token.document_id for token in located} == documents.keys()
    for token in located:
        document = documents[str(token.document_id)]
        assert token.context is not None
        text = document["text"][token.start : token.end]
        assert token.context.text == text
        decoded = encoding.decode([token.token_id])
        assert decoded == text or "\ufffd" in decoded
        source = (packed.parent / "corpus" / str(token.source)).read_bytes()
        assert source[token.byte_start : token.byte_end].decode() == token.raw
        assert token.steps or token.raw == text


def test_a_token_between_documents_comes_from_no_source(packed: Path) -> None:
    (row, *_) = read_rows(packed, "packed")
    last = trace_token(packed, f"train:0:{row['token_count'] - 1}")
    assert (last.token_id, last.document_id, last.byte_start) == (199999, None, None)


def test_what_is_no_token_says_so(packed: Path, make_recipe: MakeRecipe, tmp_path: Path) -> None:
    for place, message in {
        "3": "no place",
        "a:1": "no place",
        "test:0:0": "no split",
        "99:0": "packed sequences",
        "0:128": "128 tokens",
    }.items():
        with pytest.raises(UsageError, match=message):
            trace_token(packed, place)
    plain = build(make_recipe({"a.txt": "一段文字。".encode()}), tmp_path / "plain", num_proc=1).path
    with pytest.raises(UsageError, match="no packed sequences"):
        trace_token(plain, "0:0")


def test_the_token_is_marked_in_its_context(packed: Path) -> None:
    (row, *_) = read_rows(packed, "packed")
    traced = trace_token(packed, f"0:{row['starts'][0] + 5}")
    assert traced.context is not None
    console = Console(width=400, file=io.StringIO(), record=True)
    console.print(show_token(traced))
    last = console.export_text().rstrip().splitlines()[-1]
    assert f"[{put_on_one_line(traced.context.text)}]" in last
