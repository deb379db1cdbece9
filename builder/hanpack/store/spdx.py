"""Writes the SPDX metadata: the dataset, its files with their hashes, its licence and who made it.

SPDX 3.0.1 in JSON-LD with the profile Dataset: spdx.github.io/spdx-spec/v3.0.1.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hanpack.lazy_patterns import compile_lazily
from hanpack.store.manifest import SPDX, Manifest
from hanpack.store.shards import ShardFile, describe_file

CONTEXT = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
VERSION = "3.0.1"
PROFILES = ["core", "software", "simpleLicensing", "dataset"]
_CREATION = "_:creation"
_NO_LICENSE = "expandedlicensing_NoAssertionLicense"
# The time of a build is not in it: the same inputs give the same bytes.
_NO_DATE = "1970-01-01"
# Identifiers of the SPDX License List for the codes of the Hub, where they differ in more than capitals.
LICENSES = {
    "afl-3.0": "AFL-3.0",
    "agpl-3.0": "AGPL-3.0-only",
    "apache-2.0": "Apache-2.0",
    "bsd-2-clause": "BSD-2-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "c-uda": "C-UDA-1.0",
    "cdla-permissive-1.0": "CDLA-Permissive-1.0",
    "cdla-permissive-2.0": "CDLA-Permissive-2.0",
    "cdla-sharing-1.0": "CDLA-Sharing-1.0",
    "gfdl": "GFDL-1.3-only",
    "gpl-2.0": "GPL-2.0-only",
    "gpl-3.0": "GPL-3.0-only",
    "isc": "ISC",
    "lgpl-3.0": "LGPL-3.0-only",
    "mit": "MIT",
    "mpl-2.0": "MPL-2.0",
    "odbl": "ODbL-1.0",
    "odc-by": "ODC-By-1.0",
    "pddl": "PDDL-1.0",
    "unlicense": "Unlicense",
}
_CREATIVE_COMMONS = compile_lazily(r"cc(?:0|-by(?:-nc)?(?:-sa|-nd)?)-[1-4]\.[05]")
_NOT_IN_REFERENCE = compile_lazily(r"[^A-Za-z0-9.-]+")
CONTENT_TYPES = {
    "json": "application/json",
    "md": "text/markdown",
    "parquet": "application/vnd.apache.parquet",
    "bin": "application/octet-stream",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class _Elements:
    """Makes the elements of one document, whose ids begin with ``prefix``."""

    prefix: str

    def make(self, kind: str, identity: str, **values: Any) -> dict[str, Any]:
        """An element with its creation information; ``identity`` is the end of its id."""
        return {"type": kind, "spdxId": self.name(identity), "creationInfo": _CREATION, **values}

    def name(self, identity: str) -> str:
        """The complete id of an element."""
        return f"{self.prefix}{identity}"

    def relate(self, kind: str, start: str, ends: Sequence[str]) -> dict[str, Any]:
        """A relationship of the element ``start`` to others, which are ids."""
        named = {"relationshipType": kind, "from": self.name(start), "to": list(ends)}
        return self.make("Relationship", f"relationship-{kind}", **named)


def write_spdx(folder: Path, manifest: Manifest) -> ShardFile:
    """Write the SPDX metadata of the files of ``manifest`` into the folder of a build."""
    path = folder / SPDX
    path.write_text(render_spdx(manifest), encoding="utf-8")
    return describe_file(path, folder)


def render_spdx(manifest: Manifest) -> str:
    """The SPDX metadata of the files of ``manifest``."""
    graph = list(_list_elements(manifest))
    return json.dumps({"@context": CONTEXT, "@graph": graph}, ensure_ascii=False, indent=1) + "\n"


def find_license(card: Mapping[str, Any]) -> str:
    """The licence of a card as an expression of SPDX.

    >>> find_license({"license": "cc-by-sa-4.0", "license_name": ""})
    'CC-BY-SA-4.0'
    >>> find_license({"license": "other", "license_name": "政府信息公开 1"})
    'LicenseRef-1'
    """
    code = str(card["license"]).lower()
    if expression := LICENSES.get(code):
        return expression
    if _CREATIVE_COMMONS.fullmatch(code):
        return code.upper()
    name = _NOT_IN_REFERENCE.sub("-", str(card["license_name"] or card["license"])).strip("-.")
    return f"LicenseRef-{name or 'other'}"


def _list_elements(manifest: Manifest) -> Iterator[dict[str, Any]]:
    card = manifest.recipe["card"]
    elements = _Elements(f"https://spdx.org/spdxdocs/{manifest.name}-{manifest.fingerprint}#")
    agents = [
        elements.make("Organization", f"creator-{number}", name=creator)
        for number, creator in enumerate(card["creators"])
    ] or [elements.make("SoftwareAgent", "creator", name="hanpack")]
    created = f"{card['published'] or _NO_DATE}T00:00:00Z"
    yield {
        "type": "CreationInfo",
        "@id": _CREATION,
        "specVersion": VERSION,
        "created": created,
        "createdBy": [agent["spdxId"] for agent in agents],
        "createdUsing": [elements.name("tool")],
    }
    yield from agents
    yield elements.make("Tool", "tool", name=f"hanpack {manifest.versions['hanpack']}")
    yield elements.make(
        "SpdxDocument",
        "document",
        name=manifest.name,
        profileConformance=PROFILES,
        rootElement=[elements.name("dataset")],
    )
    yield _describe_dataset(elements, manifest, [agent["spdxId"] for agent in agents], created)
    files = [_describe_file(elements, number, file) for number, file in enumerate(manifest.files)]
    yield from files
    yield elements.relate("contains", "dataset", [file["spdxId"] for file in files])
    yield elements.make(
        "simplelicensing_LicenseExpression",
        "license",
        simplelicensing_licenseExpression=find_license(card),
        **({"comment": card["license_link"]} if card["license_link"] else {}),
    )
    yield elements.relate("hasDeclaredLicense", "dataset", [elements.name("license")])
    # Whether the texts may be published so is for people to conclude.
    yield elements.relate("hasConcludedLicense", "dataset", [_NO_LICENSE])


def _describe_dataset(
    elements: _Elements, manifest: Manifest, agents: Sequence[str], created: str
) -> dict[str, Any]:
    card, totals = manifest.recipe["card"], manifest.totals
    summary = {"summary": card["summary"]} if card["summary"] else {}
    place = {"software_downloadLocation": card["url"]} if card["url"] else {}
    availability = {"dataset_datasetAvailability": "directDownload"} if card["url"] else {}
    return elements.make(
        "dataset_DatasetPackage",
        "dataset",
        name=card["title"] or manifest.name,
        **summary,
        originatedBy=list(agents),
        builtTime=created,
        releaseTime=created,
        software_packageVersion=manifest.fingerprint,
        software_primaryPurpose="data",
        **place,
        **availability,
        dataset_datasetType=["text"],
        dataset_datasetSize=sum(file.bytes for file in manifest.files),
        dataset_dataCollectionProcess=(
            f"{totals['records']} records of {len(manifest.sources)} sources, named in hanpack.json with "
            f"their SHA-256; bytes of kept records by licence: {_list_shares(totals['bytes_by_license'])}; "
            f"by domain: {_list_shares(totals['bytes_by_domain'])}"
        ),
        dataset_dataPreprocessing=[f"{step}: {number} edits" for step, number in totals["edits"].items()],
        dataset_hasSensitivePersonalInformation="yes" if totals["personal"] else "noAssertion",
        dataset_confidentialityLevel="clear",
    )


def _describe_file(elements: _Elements, number: int, file: ShardFile) -> dict[str, Any]:
    return elements.make(
        "software_File",
        f"file-{number}",
        name=file.path,
        software_primaryPurpose="data" if file.path.endswith((".parquet", ".bin")) else "documentation",
        contentType=CONTENT_TYPES[file.path.rpartition(".")[2]],
        verifiedUsing=[{"type": "Hash", "algorithm": "sha256", "hashValue": file.sha256}],
    )


def _list_shares(totals: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in totals.items()) or "unknown"
