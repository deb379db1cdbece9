"""The signature of a build at a URL is checked there, also on a server that lists no files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hanpack.audit.verification import verify
from hanpack.building.run import Build
from hanpack.signing import sign
from hanpack.store.manifest import ATTESTATION
from tests.hub.client import REPO, send
from tests.hub.conftest import hub as hub
from tests.hub.server import LoopbackHub
from tests.signing.test_signing import keys as keys
from tests.signing.test_signing import public
from tests.store.test_remote_build import use_hub


@pytest.mark.parametrize("place", ["hf", "http"])
def test_verify_says_whether_a_build_at_a_url_is_signed_and_by_whom(
    hub: LoopbackHub,
    seeds_build: Build,
    keys: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    place: str,
) -> None:
    use_hub(hub, monkeypatch)
    send(hub, seeds_build.path)
    url = f"hf://datasets/{REPO}" if place == "hf" else f"{hub.url}/datasets/{REPO}/resolve/main"
    (unsigned,) = verify(url, signer=public(keys[0])).faults
    assert (unsigned.where, unsigned.what) == (url, "the build is not signed")
    signed = tmp_path / "signed"
    shutil.copytree(seeds_build.path, signed)
    sign(signed, keys[0])
    hub.commit(REPO, {ATTESTATION: (signed / ATTESTATION).read_bytes()})
    audit = verify(url, signer=public(keys[0]))
    assert (audit.passed, audit.checked["signatures"], audit.claims) == (True, 1, [])
    (fault,) = verify(url, signer=public(keys[1])).faults
    assert fault.where == f"{url}/{ATTESTATION}"
