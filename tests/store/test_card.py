"""The card of a build says what is in it, with figures of its rows, and no value of it is markup."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from datasets import load_dataset
from huggingface_hub import DatasetCardData
from hypothesis import given
from hypothesis import strategies as st

from hanpack.building.run import Build, build
from hanpack.store.card_facts import SAMPLE_CHARACTERS, dump_visibly
from hanpack.store.manifest import read_manifest
from tests.builds import read_rows, to_jsonl, verify_build
from tests.conftest import MakeRecipe

TEXT = "会议研究部署了下一阶段的工作，强调要抓紧抓好。"
TRADITIONAL = "會議強調要認真學習，進一步推動經濟發展，確保各項任務圓滿完成。"


def read_card(out: Path) -> tuple[dict[str, Any], str]:
    """The YAML and the body of the card of a build."""
    _, header, body = (out / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(header), body


IMPORT = "from datasets import interleave_datasets"


def build_card(
    make_recipe: MakeRecipe, tmp_path: Path, *texts: str, **keys: Any
) -> tuple[dict[str, Any], str]:
    """The card of a build of texts."""
    out = build(make_recipe({"a.jsonl": to_jsonl(*texts)}, **keys), tmp_path / "out").path
    return read_card(out)


def test_the_header_says_what_the_hub_asks(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    card = {"license": "other", "license_name": "own", "license_link": "https://a.example/l"}
    header, _ = build_card(make_recipe, tmp_path, TEXT, TRADITIONAL, card=card, packed={"tokens": 64})
    assert (header["license"], header["license_name"], header["license_link"]) == tuple(card.values())
    assert header["language"] == ["zh"]
    assert set(header["language_bcp47"]) == {"zh-Hans", "zh-Hant"}
    assert header["annotations_creators"] == ["no-annotation"]
    assert [config["config_name"] for config in header["configs"]] == [
        "chunks", "packed", "documents", "ledger",
    ]  # fmt: skip
    assert DatasetCardData(**header).get("license_name") == "own"
    verify_build(tmp_path / "out")


@pytest.mark.parametrize(("script", "tags"), [("hans", ["zh-Hans"]), ("tw", ["zh-TW"])])
def test_converted_texts_have_the_language_of_the_target(
    make_recipe: MakeRecipe, tmp_path: Path, script: str, tags: list[str]
) -> None:
    header, _ = build_card(make_recipe, tmp_path, TEXT, TRADITIONAL, steps={"script": script})
    assert header["language_bcp47"] == tags


def test_the_body_has_the_figures_of_the_rows(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    _, body = build_card(make_recipe, tmp_path, TEXT, TEXT, TRADITIONAL)
    assert "2 documents in 2 chunks" in body
    assert "Left out as duplicates: 1 record of 3." in body
    assert "| Traditional | 1 | 50.0 % |" in body
    assert "![Histogram of the tokens of chunks](token_histogram.svg)" in body
    assert "| separator | 2 |" in body


def test_the_body_counts_the_rejected_records_by_cause(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    lines = [json.dumps({"text": TEXT}).encode(), b"[]", b"{}", b'{"text": 1}', b"{}"]
    out = build(make_recipe({"a.jsonl": b"\n".join(lines)}), tmp_path / "out").path
    _, body = read_card(out)
    causes = "2 `missing_column`, 1 `column_not_text`, 1 `not_an_object`"
    assert f"Rejected: 4 records ({causes}); the ledger has the reason of each." in body


def test_why_a_source_is_rejected_is_not_in_the_column_of_encodings(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    files = {"a.txt": TEXT.encode("gbk"), "b.odt": b"x"}
    _, body = read_card(build(make_recipe(files), tmp_path / "out").path)
    rows = [
        line.split(" | ") for line in body.splitlines() if line.startswith(("| source |", "| a.", "| b."))
    ]
    assert [row[2] for row in rows] == ["encoding", "gb18030", ""]
    assert [row[-1].rstrip(" |") for row in rows] == [
        "rejected, because",
        "",
        "hanpack does not read .odt: save it as .docx",
    ]
    _, body = read_card(build(make_recipe({"a.txt": TEXT.encode()}), tmp_path / "sound").path)
    assert "| source | bytes | encoding | sha256 |\n" in body


def test_the_tokens_of_chunks_are_explained_if_they_are_others(seeds_build: Build) -> None:
    _, body = read_card(seeds_build.path)
    in_chunks = seeds_build.counts["tables"]["chunks"]["tokens"]
    assert f"The tokens of chunks add up to {in_chunks:,}, because each" in body


def test_the_sample_is_the_first_row_of_the_chunks(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    line = {"text": f"<b>`{TEXT}\u202e` " + TEXT * 20, "url": "https://a.example/?token=abc", "n": 1}
    out = build(make_recipe({"a.jsonl": json.dumps(line).encode()}), tmp_path / "out").path
    _, body = read_card(out)
    row = json.loads(body.split("```json\n")[1].split("\n```")[0])
    (first, *_) = read_rows(out, "chunks")
    assert row["text"] == first["text"][:SAMPLE_CHARACTERS] + "…"
    assert row["metadata"].keys() == first["metadata"].keys()
    assert row["metadata"]["url"] == "https://a.example/?token=<secret>"
    assert [row["metadata"]["title"], row["metadata"]["extra"]] == [None, first["metadata"]["extra"]]
    assert row["byte_end"] == first["byte_end"]
    assert "<b>" not in body
    assert "\u202e" not in body


def test_licences_of_the_sources_are_counted(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    rows = [
        {"text": TEXT, "license": "cc0-1.0"},
        {"text": TRADITIONAL, "license": "<i>a|b</i>"},
        {"text": TRADITIONAL[::-1], "license": "cc0-1.0"},
    ]
    content = "\n".join(map(json.dumps, rows)).encode()
    out = build(make_recipe({"a.jsonl": content}), tmp_path / "out").path
    _, body = read_card(out)
    totals = read_manifest(out).totals
    figures = [
        (totals["bytes_by_license"][name], totals["tokens_by_license"][name])
        for name in ("<i>a|b</i>", "cc0-1.0")
    ]
    assert f"| &lt;i&gt;a\\|b&lt;/i&gt; | {figures[0][0]:,} | {figures[0][1]:,} |" in body
    assert f"| cc0-1.0 | {figures[1][0]:,} | {figures[1][1]:,} |" in body


def test_the_card_says_who_published_what_when_and_where(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    card = {
        "creators": ["An office", "A <b>person"],
        "published": "2026-01-31",
        "url": "https://hub.example/datasets/me/laws",
        "task_categories": ["text-retrieval"],
    }
    header, body = build_card(make_recipe, tmp_path, TEXT, card=card)
    assert header["task_categories"] == ["text-retrieval"]
    assert "\nMade by An office, A &lt;b&gt;person. Published on 2026-01-31 at https://" in body
    assert 'load_dataset("me/laws", split="train")' in body
    assert "PATH_OR_REPO" not in body


def test_the_code_of_a_card_defines_what_it_uses_and_loads_every_table(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    keys = {"more": {"chunks_small": {"max_tokens": 64, "headings": True}}, "packed": {"tokens": 64}}
    header, body = build_card(make_recipe, tmp_path, TEXT, TRADITIONAL, **keys)
    assert header["task_categories"] == ["text-generation"]
    code = body.split("```python\n")[1].split("```")[0]
    code = code.replace("PATH_OR_REPO", str(tmp_path / "out")).replace("ANOTHER_BUILD", str(tmp_path / "out"))
    names = {"load_dataset": partial(load_dataset, cache_dir=str(tmp_path / "cache"))}
    exec(code.replace("from datasets import interleave_datasets, load_dataset", IMPORT), names)
    assert len(names["chunks_small"]) >= 1  # type: ignore[arg-type]
    assert str(names["text"])[:10] in TEXT + TRADITIONAL
    assert "**heading_characters** of a chunk" in body
    _, plain = build_card(make_recipe, tmp_path / "plain", TEXT)
    assert "heading_characters" not in plain


def test_a_citation_does_not_end_its_block(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    citation = "@misc{a,\n```\n<script>x</script>\n# b"
    _, body = build_card(make_recipe, tmp_path, TEXT, card={"citation": citation})
    block = body.split("## Citation\n\n```\n")[1]
    assert block.count("```") == 1
    assert block.endswith("# b\n```\n")
    assert "<script>" not in block


def test_a_build_without_chunks_has_a_card(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    out = build(make_recipe({"a.txt": b" \n"}), tmp_path / "out").path
    assert "There is no chunk." in read_card(out)[1]


@given(
    st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)
)
def test_a_value_is_read_back_from_its_visible_json(value: Any) -> None:
    dumped = dump_visibly(value)
    assert json.loads(dumped) == value
    assert all(char.isprintable() or char == "\n" for char in dumped)
    assert "<" not in dumped
    assert not any(line.lstrip().startswith("```") for line in dumped.splitlines())
