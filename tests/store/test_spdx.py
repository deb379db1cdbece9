"""The SPDX metadata has what the profile Dataset requires, and says what the manifest says."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from hanpack.building.run import Build, build
from hanpack.store.manifest import read_manifest
from hanpack.store.spdx import find_license
from tests.conftest import MakeRecipe

Graph = list[dict[str, Any]]


def read_graph(out: Path) -> Graph:
    content = json.loads((out / "spdx.json").read_text(encoding="utf-8"))
    assert content["@context"] == "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
    graph: Graph = content["@graph"]
    return graph


def select(graph: Graph, kind: str) -> Graph:
    return [element for element in graph if element["type"] == kind]


@pytest.fixture
def described(make_recipe: MakeRecipe, tmp_path: Path) -> Path:
    card = {
        "title": "法律",
        "license": "cc-by-4.0",
        "url": "https://example.org/laws",
        "creators": ["某研究所", "某大学"],
        "published": "2026-11-27",
    }
    source = {"path": "a.txt", "metadata": {"license": "MIT", "url": "https://law.example.org/1"}}
    recipe = make_recipe(
        {"a.txt": "第一条 为了测试，电话：13912345678。".encode()},
        sources=[source],
        card=card,
        steps={"personal": "flag"},
    )
    return build(recipe, tmp_path / "out", num_proc=1).path


def test_the_elements_are_those_of_the_manifest(described: Path) -> None:
    graph = read_graph(described)
    files = {element["name"]: element for element in select(graph, "software_File")}
    manifest = read_manifest(described)
    expected = {file.path: file.sha256 for file in manifest.files if file.path != "spdx.json"}
    assert {name: file["verifiedUsing"][0]["hashValue"] for name, file in files.items()} == expected
    (dataset,) = select(graph, "dataset_DatasetPackage")
    assert (dataset["name"], dataset["dataset_datasetType"]) == ("法律", ["text"])
    assert dataset["dataset_hasSensitivePersonalInformation"] == "yes"
    assert "MIT" in dataset["dataset_dataCollectionProcess"]
    assert "law.example.org" in dataset["dataset_dataCollectionProcess"]
    assert [element["name"] for element in select(graph, "Organization")] == ["某研究所", "某大学"]
    (creation,) = select(graph, "CreationInfo")
    assert creation["created"] == "2026-11-27T00:00:00Z"
    (license_,) = select(graph, "simplelicensing_LicenseExpression")
    assert license_["simplelicensing_licenseExpression"] == "CC-BY-4.0"


def test_every_reference_leads_to_an_element(seeds_build: Build) -> None:
    graph = read_graph(seeds_build.path)
    ids = [element.get("spdxId") or element["@id"] for element in graph]
    assert len(ids) == len(set(ids))
    relationships = select(graph, "Relationship")
    types = [relationship["relationshipType"] for relationship in relationships]
    # The conformance of the profile: exactly one licence of each kind.
    assert sorted(types) == ["contains", "hasConcludedLicense", "hasDeclaredLicense"]
    ends = [end for element in relationships for end in (element["from"], *element["to"])]
    assert set(ends) - {"expandedlicensing_NoAssertionLicense"} <= set(ids)
    assert all(element["creationInfo"] == "_:creation" for element in graph if "spdxId" in element)


@pytest.mark.parametrize("build_name", ["described", "seeds"])
def test_the_model_of_spdx_accepts_it(build_name: str, described: Path, seeds_build: Build) -> None:
    bindings = pytest.importorskip("spdx_python_model.bindings.v3_0_1", reason="it is not installed")
    out = described if build_name == "described" else seeds_build.path
    objects = bindings.SHACLObjectSet()
    bindings.JSONLDDeserializer().read(io.BytesIO((out / "spdx.json").read_bytes()), objects)
    (dataset,) = objects.foreach_type(bindings.dataset_DatasetPackage)
    assert dataset.dataset_datasetSize > 0
    assert not objects.missing_ids


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("mit", "", "MIT"),
        ("apache-2.0", "", "Apache-2.0"),
        ("cc0-1.0", "", "CC0-1.0"),
        ("cc-by-nc-sa-4.0", "", "CC-BY-NC-SA-4.0"),
        ("other", "", "LicenseRef-other"),
        ("other", "Open Government 2", "LicenseRef-Open-Government-2"),
        ("other", "政府", "LicenseRef-other"),
    ],
)
def test_a_code_of_the_hub_becomes_an_expression_of_spdx(code: str, name: str, expected: str) -> None:
    assert find_license({"license": code, "license_name": name}) == expected
