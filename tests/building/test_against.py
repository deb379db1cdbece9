"""Documents of other builds are not repeated: copies are recognised by the signatures of a build."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from huggingface_hub import constants

from hanpack.audit.verification import verify
from hanpack.building.run import build
from hanpack.errors import RecipeError, VerifyError
from hanpack.resources.folding_table import open_folder
from hanpack.steps.dedup.minhash import compute_shingles, compute_similarity
from hanpack.steps.dedup.published import estimate_published, pack_sketch
from hanpack.steps.dedup.withdrawn import compute_sketch
from hanpack.store.manifest import read_manifest
from hanpack.store.reader import BuildReader
from hanpack.store.signature_table import read_signatures
from hanpack.views.finding.search import find_texts
from tests.builds import hash_files, read_rows
from tests.conftest import write_recipe
from tests.crafted_build import craft_manifest, set_value
from tests.hub.client import REPO, send
from tests.hub.conftest import hub as hub
from tests.hub.server import LoopbackHub
from tests.planted_texts import TextMaker
from tests.sample_corpus import copy_text

MAKER = TextMaker(71)
TEXTS = [MAKER.text(20) for _ in range(6)]
OWN = [MAKER.text(20) for _ in range(3)]
# A text of the other build as it is, in Traditional, and copies of the kinds that near duplicates are.
COPIES = [
    TEXTS[0],
    MAKER.to_traditional(TEXTS[1]),
    *(copy_text(TEXTS[2], kind, MAKER.random) for kind in (2, 3)),
]


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("other")
    files = {f"{number}.txt": text.encode() for number, text in enumerate(TEXTS)}
    recipe = write_recipe(folder / "corpus", files, name="earlier", duplicates={"signatures": True})
    return build(recipe, folder / "out", num_proc=1).path


def write_later(folder: Path, against: Any, copies: list[str] = COPIES, **keys: Any) -> Path:
    """A recipe of own texts and copies, which is compared with another build."""
    files = {f"own{number}.txt": text.encode() for number, text in enumerate(OWN)}
    files |= {f"copy{number}.txt": text.encode() for number, text in enumerate(copies)}
    return write_recipe(folder, files, name="later", duplicates={"against": [against], **keys})


def test_copies_are_left_out_and_the_ledger_names_build_and_document(other: Path, tmp_path: Path) -> None:
    out = build(write_later(tmp_path / "corpus", str(other)), tmp_path / "out", num_proc=1).path
    ids = {row["source"]: row["id"] for row in read_rows(other, "documents")}
    rows = {row["source"]: row for row in read_rows(out, "ledger")}
    assert {name for name, row in rows.items() if row["state"] == "kept"} == {f"own{n}.txt" for n in range(3)}
    for name, original in (("copy0.txt", "0.txt"), ("copy1.txt", "1.txt"), ("copy2.txt", "2.txt")):
        row = rows[name]
        assert (row["state"], row["cause"], row["duplicate_of"]) == ("duplicate", "copy_elsewhere", None)
        assert row["reason"] == f"a copy of the document {ids[original]} of the build earlier"
        assert row["similarity"] >= 0.8
    assert [rows[f"copy{number}.txt"]["similarity"] for number in (0, 1)] == [1.0, 1.0]
    audit = verify(out)
    assert (audit.passed, audit.faults) == (True, [])
    assert not any("other builds" in note for note in audit.unproven)
    (answer,) = find_texts(out, [TEXTS[0][:30]]).answers
    assert [place.fate for place in answer.places] == ["duplicate"]
    (stated,) = read_manifest(out).against
    assert stated["sha256"] == hash_files(other)["signatures.parquet"]


def test_the_rest_is_that_of_a_build_without_the_copies(other: Path, tmp_path: Path) -> None:
    with_copies = build(write_later(tmp_path / "a", str(other)), tmp_path / "out", num_proc=1).path
    without = build(write_later(tmp_path / "b", str(other), []), tmp_path / "never", num_proc=1).path
    tables = ("documents", "chunks")
    assert [read_rows(with_copies, name) for name in tables] == [read_rows(without, name) for name in tables]


def test_drop_exact_leaves_out_equal_texts_only(other: Path, tmp_path: Path) -> None:
    recipe = write_later(tmp_path / "corpus", str(other), drop="exact")
    rows = read_rows(build(recipe, tmp_path / "out", num_proc=1).path, "ledger")
    assert [row["source"] for row in rows if row["state"] == "duplicate"] == [
        "copy0.txt",
        "copy1.txt",
        "copy3.txt",
    ]


def test_the_signatures_have_no_text_and_are_proven(other: Path, tmp_path: Path) -> None:
    table = read_signatures(other / "signatures.parquet")
    assert table.column("id").to_pylist() == [row["id"] for row in read_rows(other, "documents")]
    assert table.nbytes / table.num_rows < 450
    audit = verify(other)
    assert (audit.passed, audit.checked["signatures of documents"]) == (True, len(TEXTS))
    forged = BuildReader.open(other)
    assert any(file.path == "signatures.parquet" for file in forged.manifest.files)


def test_a_build_on_the_hub_is_compared_with_and_its_copy_is_used_without_network(
    other: Path, hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    send(hub, other)
    hub.requests.clear()
    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    template = "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", f"{hub.url}{template}")
    recipe = write_later(tmp_path / "corpus", f"hf://datasets/{REPO}")
    out = build(recipe, tmp_path / "out", num_proc=1).path
    assert [row["state"] for row in read_rows(out, "ledger")].count("duplicate") == len(COPIES)
    assert hub.count("GET", r"data/") == 0
    assert build(recipe, tmp_path / "out", num_proc=1).unchanged
    for method in ("GET", "POST", "HEAD"):
        hub.fail(method, "", 404, times=1000)
    assert build(recipe, tmp_path / "out", num_proc=1).unchanged
    assert verify(out).passed


def test_a_copy_that_is_gone_or_changed_is_named_as_not_proven(other: Path, tmp_path: Path) -> None:
    recipe = write_later(tmp_path / "corpus", str(other))
    out = build(recipe, tmp_path / "out", num_proc=1).path
    (copy,) = (tmp_path / "corpus").rglob("signatures/*.parquet")
    copy.write_bytes(copy.read_bytes()[:-1])
    audit = verify(out)
    assert audit.passed
    assert any("no record was compared with other builds" in note for note in audit.unproven)
    craft_manifest(out, set_value("../../x", "against", 0, "sha256"))
    with pytest.raises(VerifyError, match="against"):
        verify(out)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("nowhere", "cannot be compared with"),
        ({"build": "OTHER", "sha256": "0" * 64}, "not that of the recipe"),
        ({"build": "OTHER", "colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_compared_with_is_a_wrong_recipe(
    other: Path, tmp_path: Path, entry: Any, message: str
) -> None:
    entry = json.loads(json.dumps(entry).replace("OTHER", str(other)))
    with pytest.raises(RecipeError, match=message):
        build(write_later(tmp_path / "corpus", entry), tmp_path / "out", num_proc=1)


def test_a_build_without_signatures_says_what_to_do(tmp_path: Path) -> None:
    plain = build(write_recipe(tmp_path / "a", {"a.txt": OWN[0].encode()}), tmp_path / "plain", num_proc=1)
    with pytest.raises(RecipeError, match="signatures: true"):
        build(write_later(tmp_path / "corpus", str(plain.path)), tmp_path / "out", num_proc=1)


def test_signatures_of_others_are_read_strictly(other: Path, tmp_path: Path) -> None:
    table = pq.read_table(other / "signatures.parquet")
    wrong = table.set_column(0, table.schema.field("id"), [["<script>"] * table.num_rows])
    for changed in (wrong, table.drop_columns(["bands"])):
        pq.write_table(changed, tmp_path / "signatures.parquet")
        with pytest.raises(VerifyError):
            read_signatures(tmp_path / "signatures.parquet")


def test_the_similarity_is_estimated_closely() -> None:
    fold = open_folder().fold
    errors = []
    for number in range(40):
        text = MAKER.text(30)
        sentences = text.split("。")
        other = "。".join(sentences[: -1 - number % 8] + MAKER.text(1 + number % 3).split("。"))
        first, second = fold(text).text, fold(other).text
        true = compute_similarity(compute_shingles(first), compute_shingles(second))
        packed = [pack_sketch(compute_sketch(folded)) for folded in (first, second)]
        errors.append(float(estimate_published(packed[0], packed[1][None])[0]) - true)
    assert np.abs(errors).max() < 0.08
    assert float(np.std(errors)) < 0.025
