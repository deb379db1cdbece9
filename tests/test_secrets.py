"""Nothing that a build says about itself names who made it, or lets anyone in where its sources came from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.building.run import build
from hanpack.errors import RecipeError
from hanpack.recipe import Recipe
from hanpack.recipe_file import load_recipe
from hanpack.secrets import redact, redact_recipe, redact_values, refuse_secret
from tests.builds import read_rows, verify_build
from tests.conftest import ROOT, MakeRecipe
from tests.growth import NEARLY_LINEAR, measure_growth

TOKEN = "hf_" + "aB3dE5gH7" * 4
SIGNED = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE&X-Amz-Signature=0f3b"
SUPERUSER = "root"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/home/alice/corpus/a.txt", "<home>/corpus/a.txt"),
        ("/Users/Alice/corpus", "<home>/corpus"),
        ("../../home/alice/a.txt", "../..<home>/a.txt"),
        (r"C:\Users\Alice\texts\a.txt", r"<home>\texts\a.txt"),
        ("c:/Users/Alice/texts", "<home>/texts"),
        ("/mnt/c/Users/alice/texts", "<home>/texts"),
        (f"/{SUPERUSER}/.cache/x", "<home>/.cache/x"),
        (f"../{SUPERUSER}/x", "..<home>/x"),
        ("file:///home/alice/a.html", "file://<home>/a.html"),
        ("[Errno 5] Input/output error: '/home/艾丽/a.gz'", "[Errno 5] Input/output error: '<home>/a.gz'"),
        ("读不了/home/alice/甲.txt，请看", "读不了<home>/甲.txt，请看"),
        (f"https://files.example/a.txt?{SIGNED}", "https://files.example/a.txt?<signed query>"),
        ("https://store.example/a?sv=2024&sp=r&sig=abc%3D", "https://store.example/a?<signed query>"),
        ("https://b.example/o?OSSAccessKeyId=a&Expires=1&Signature=x", "https://b.example/o?<signed query>"),
        ("a.html%3FX-Amz-Signature%3D0f3b", "a.html%3F<signed query>"),
        ("https://a.example/x?id=5&token=abc&page=2", "https://a.example/x?id=5&token=<secret>&page=2"),
        ("https://a.example/#access_token=abc", "https://a.example/#access_token=<secret>"),
        ("view.jsp;jsessionid=0A1B2C?id=7", "view.jsp;jsessionid=<secret>?id=7"),
        ("https://bob:pass@a.example/x", "https://<secret>@a.example/x"),
        (f"Authorization: Bearer {TOKEN}", "Authorization: Bearer <secret>"),
        ("{'authorization': 'Basic Ym9iOnBhc3M='}", "{'authorization': 'Basic <secret>'}"),
        ("sent with bearer abcdef123456.x", "sent with bearer <secret>"),
        (f"set to {TOKEN}.", "set to <secret>."),
        ("ghp_" + "a1" * 18, "<secret>"),
        ("AKIAIOSFODNN7EXAMPLE", "<secret>"),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", "<secret>"),
    ],
)
def test_secrets_are_replaced_and_the_rest_stays(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "seeds/00[0-3]_*.txt",
        "home/alice/a.txt",
        f"data/{SUPERUSER}/a.txt",
        f"./{SUPERUSER}/a.txt",
        "https://www.example.gov/home/index.html",
        "https://a.example/art/2024/6/15/art_1_2.html?id=5&page=2&key=经济",
        "byte 12: ff is not utf-8: invalid start byte",
        "他在/home工作",
        "whitespace hf_ sk- ghp_",
        "the token=5 of a text",
        "mailto:bob@a.example",
        "创建国家文明城市？这是权限问题。",
    ],
)
def test_what_is_not_a_secret_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cannot open /srv/people/bob/a.txt", "cannot open <home>/a.txt"),
        ("../../srv/people/bob/a.txt", "../..<home>/a.txt"),
        ("/srv/people/bobby/a.txt", "/srv/people/bobby/a.txt"),
    ],
)
def test_the_home_folder_of_the_user_is_a_secret_wherever_it_is(text: str, expected: str) -> None:
    program = "import sys; from hanpack.secrets import redact; print(redact(sys.argv[1]))"
    environment = {**os.environ, "HOME": "/srv/people/bob"}
    command = [sys.executable, "-c", program, text]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == expected


def test_every_string_of_a_recipe_is_redacted() -> None:
    recipe = {"root": "/home/bob/x", "sources": [{"path": f"a?token={TOKEN}", "metadata": {}}], "n": 1}
    assert redact_values(recipe) == {
        "root": "<home>/x",
        "sources": [{"path": "a?token=<secret>", "metadata": {}}],
        "n": 1,
    }


def test_a_redacted_recipe_has_no_absolute_path_and_is_still_a_recipe() -> None:
    recipe = Recipe.model_validate(
        {
            "name": "x",
            "root": "/srv/corpus",
            "tokenizer": "/srv/corpus/vocabulary/x.tiktoken",
            "sources": [
                {"path": "/srv/corpus/a/*.txt", "metadata": {"url": f"https://a.example/?token={TOKEN}"}},
                {"path": "/mnt/disk/secret place/b.txt"},
                {"path": r"D:\texts\c.txt"},
                {"path": "d/*.txt"},
            ],
            "decontamination": {"texts": [{"path": "/mnt/disk/secret place/test.jsonl"}]},
            "card": {"summary": "made in /home/bob/x", "tags": [TOKEN]},
        }
    )
    redacted = redact_recipe(recipe.model_dump(mode="json"), Path("/srv/corpus"))
    assert (redacted["root"], redacted["tokenizer"]) == (".", "vocabulary/x.tiktoken")
    assert [entry["path"] for entry in redacted["sources"]] == [
        "a/*.txt",
        "<outside>/b.txt",
        "<outside>/c.txt",
        "d/*.txt",
    ]
    assert redacted["decontamination"]["texts"][0]["path"] == "<outside>/test.jsonl"
    assert redacted["sources"][0]["metadata"] == {"url": "https://a.example/?token=<secret>"}
    assert (redacted["card"]["summary"], redacted["card"]["tags"]) == ("made in <home>/x", ["<secret>"])
    again = Recipe.model_validate(redacted)
    assert redact_recipe(again.model_dump(mode="json"), Path("/elsewhere")) == redacted


def test_the_default_recipe_has_nothing_to_redact() -> None:
    recipe = load_recipe(ROOT / "configs" / "gov_reports.yaml").model_dump(mode="json")
    assert redact_recipe(recipe, ROOT) == recipe


@pytest.mark.parametrize(
    ("name", "redacted", "remedy"),
    [
        (f"list.html?token={TOKEN}", "token=<secret>", "rename the file"),
        (f"{TOKEN}.txt", "<secret>.txt", "rename the file"),
        ("../../home/alice/a.txt", "../..<home>/a.txt", "set 'root' to a folder above it"),
    ],
)
def test_a_source_whose_name_has_a_secret_is_refused(name: str, redacted: str, remedy: str) -> None:
    with pytest.raises(RecipeError) as refused:
        refuse_secret(name, "recipe.yaml: sources.0.path")
    message = str(refused.value)
    parts = ("recipe.yaml: sources.0.path", redacted, remedy)
    assert [part for part in parts if part not in message] == []
    assert TOKEN not in message
    assert "alice" not in message


@pytest.mark.parametrize("name", ["a/乙.txt", "../other/a.txt", "list.html?page=2", "home/alice/a.txt"])
def test_a_source_with_any_other_name_is_read(name: str) -> None:
    refuse_secret(name, "recipe.yaml")


def test_no_file_of_a_build_has_a_secret_of_its_metadata(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    line = {"text": "一段文字。", "url": f"https://a.example/x?{SIGNED}", "nested": {"by": ["/home/alice/x"]}}
    files = {"a.jsonl": json.dumps(line, ensure_ascii=False).encode() + b"\n"}
    sources = [{"path": "a.jsonl", "metadata": {"author": f"key {TOKEN}"}}]
    out = tmp_path / "out"
    build(make_recipe(files, sources=sources), out, num_proc=1)
    (row,) = read_rows(out, "documents")
    assert row["metadata"]["url"] == "https://a.example/x?<signed query>"
    assert row["metadata"]["author"] == "key <secret>"
    assert row["metadata"]["extra"] == '{"nested": {"by": ["<home>/x"]}}'
    verify_build(out)
    described = [(out / name).read_text("utf-8") for name in ("README.md", "croissant.json", "hanpack.json")]
    tables = [repr(read_rows(out, table)) for table in ("chunks", "documents", "ledger")]
    content = "".join([*described, *tables])
    assert content.count("<secret>") >= 2
    assert [secret for secret in (TOKEN, "X-Amz-Signature", "alice") if secret in content] == []


def test_a_build_stops_before_it_reads_a_file_whose_name_is_a_secret(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    recipe = make_recipe({f"texts/{TOKEN}.txt": b"text"}, sources=[{"path": "texts"}])
    with pytest.raises(RecipeError, match=r"texts/<secret>\.txt"):
        build(recipe, tmp_path / "out")
    assert not (tmp_path / "out").exists()


PATHS = ["/home/", "/Users/", "/root", "..", "C:\\Users\\", "bob", "甲"]
QUERIES = ["?", "&", "token=", "sig=", "%3F", "%26", "://", "@", TOKEN]
MARKS = ["Authorization: ", "Bearer ", "abcdefghijklmnop", "eyJ", ".", "-", " ", "'", "<", ">"]


@given(st.lists(st.sampled_from([*PATHS, *QUERIES, *MARKS]), max_size=20).map("".join))
def test_redacting_twice_is_redacting_once(text: str) -> None:
    redacted = redact(text)
    assert redact(redacted) == redacted


@given(st.text(max_size=60), st.sampled_from([TOKEN, "AKIAIOSFODNN7EXAMPLE"]))
def test_no_token_gets_through_wherever_it_is(text: str, token: str) -> None:
    assert token not in redact(f"{text} {token} {text}")


@pytest.mark.parametrize(
    "unit", ["?sig", "-eyJaaaaaaaa", "/home/", "a://b:c", "authorization:a ", "?a=b&", "sk-"]
)
def test_the_cost_of_a_long_string_grows_with_its_length(unit: str) -> None:
    assert measure_growth(redact, unit, 200_000) < NEARLY_LINEAR
