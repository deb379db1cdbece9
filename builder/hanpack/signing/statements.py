"""The statements that are signed: in-toto statements (v1) about all files of a build, and about its root.

The form is that of the in-toto Attestation Framework: https://github.com/in-toto/attestation/tree/main/spec/v1.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hanpack.store.manifest import MANIFEST, Manifest
from hanpack.store.shards import ShardFile

STATEMENT = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
BUILD = "https://hanpack.dev/attestations/build/v1"
ROOT = "https://hanpack.dev/attestations/merkle-root/v1"


def make_build_statement(manifest: Manifest, files: Sequence[ShardFile], public_key: str) -> bytes:
    """The statement about all files: their hashes, and the recipe, versions and sources they are made of."""
    predicate = {
        "name": manifest.name,
        "fingerprint": manifest.fingerprint,
        "recipe": manifest.recipe,
        "versions": manifest.versions,
        "sources": [{"path": source.path, "sha256": source.sha256} for source in manifest.sources],
        "merkleRoot": manifest.merkle_root,
        "publicKey": public_key,
    }
    return _dump(files, BUILD, predicate)


def make_root_statement(manifest: Manifest, files: Sequence[ShardFile], public_key: str) -> bytes:
    """The short statement about the root of chunks and ledger, which goes into every certificate."""
    predicate = {
        "name": manifest.name,
        "fingerprint": manifest.fingerprint,
        "merkleRoot": manifest.merkle_root,
        "publicKey": public_key,
    }
    return _dump([file for file in files if file.path == MANIFEST], ROOT, predicate)


def _dump(files: Sequence[ShardFile], predicate_type: str, predicate: dict[str, Any]) -> bytes:
    statement = {
        "_type": STATEMENT,
        "subject": [{"name": file.path, "digest": {"sha256": file.sha256}} for file in files],
        "predicateType": predicate_type,
        "predicate": predicate,
    }
    return json.dumps(statement, ensure_ascii=False, sort_keys=True).encode()
