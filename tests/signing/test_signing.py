"""Signatures and certificates: a flipped byte, a swapped file and another key are each noticed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hanpack.audit.verification import verify
from hanpack.building.publication import SIGN_AGAIN
from hanpack.building.run import Build, build
from hanpack.cli import app
from hanpack.errors import HanpackError, UsageError, VerifyError
from hanpack.signing import certify_chunk, certify_record, check_certificate, check_signature, sign
from hanpack.store.manifest import ATTESTATION, read_manifest
from tests.builds import read_rows

pytest.importorskip("securesystemslib")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two private keys: one in OpenSSH form, one in PEM, each with its public key beside it."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    folder = tmp_path_factory.mktemp("keys")
    formats = {
        "ours": (form.PrivateFormat.OpenSSH, form.Encoding.OpenSSH, form.PublicFormat.OpenSSH),
        "theirs": (form.PrivateFormat.PKCS8, form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo),
    }
    for name, (private, encoding, public) in formats.items():
        key = Ed25519PrivateKey.generate()
        (folder / name).write_bytes(key.private_bytes(form.Encoding.PEM, private, form.NoEncryption()))
        (folder / f"{name}.pub").write_bytes(key.public_key().public_bytes(encoding, public))
    return folder / "ours", folder / "theirs"


@pytest.fixture(scope="module")
def signed(seeds_build: Build, keys: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("signed") / "out"
    shutil.copytree(seeds_build.path, out)
    sign(out, keys[0])
    return out


def public(key: Path) -> Path:
    return key.with_name(f"{key.name}.pub")


def test_a_signed_build_verifies_with_its_key_and_with_no_other(
    signed: Path, keys: tuple[Path, Path]
) -> None:
    ours, theirs = keys
    audit = verify(signed, signer=public(ours))
    assert audit.passed
    assert audit.checked["signatures"] == 1
    assert audit.claims == []
    other = verify(signed, signer=public(theirs))
    assert [fault.what for fault in other.faults] == [
        "the signature is not one of this key, or what was signed has been changed"
    ]
    unchecked = verify(signed)
    assert unchecked.passed
    assert any("--signer" in note for note in unchecked.notes)


def test_a_build_without_a_signature_fails_if_a_signer_is_named(
    seeds_build: Build, keys: tuple[Path, Path]
) -> None:
    assert [fault.what for fault in verify(seeds_build.path, signer=public(keys[0])).faults] == [
        "the build is not signed"
    ]


def test_the_statement_names_every_file_with_its_hash_and_what_it_is_made_of(signed: Path) -> None:
    from base64 import b64decode

    lines = (signed / ATTESTATION).read_text(encoding="utf-8").splitlines()
    build, root = (json.loads(b64decode(json.loads(line)["payload"])) for line in lines)
    files = {path.relative_to(signed).as_posix() for path in signed.rglob("*") if path.is_file()}
    assert {subject["name"] for subject in build["subject"]} == files - {ATTESTATION}
    manifest = read_manifest(signed)
    assert build["predicate"]["recipe"] == manifest.recipe
    assert len(build["predicate"]["sources"]) == len(manifest.sources)
    assert root["predicate"]["merkleRoot"] == manifest.merkle_root != ""


@pytest.mark.parametrize("name", ["hanpack.json", "README.md", ATTESTATION, "data/ledger"])
def test_a_flipped_byte_anywhere_is_noticed(
    signed: Path, keys: tuple[Path, Path], tmp_path: Path, name: str
) -> None:
    out = tmp_path / "out"
    shutil.copytree(signed, out)
    path = out / name
    path = next(path.iterdir()) if path.is_dir() else path
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(VerifyError):
        check_signature(out, public(keys[0]))


def test_a_build_is_not_signed_if_one_of_its_files_has_changed(
    seeds_build: Build, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(seeds_build.path, out)
    (out / "README.md").write_text("another card", encoding="utf-8")
    with pytest.raises(VerifyError, match=r"README\.md"):
        sign(out, keys[0])
    assert not (out / ATTESTATION).exists()


def test_a_signed_build_gives_way_to_one_without_signatures(
    keys: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "texts").mkdir()
    for number, text in enumerate(("水利规划已经公布。", "植树造林的成绩显著。")):
        (tmp_path / "texts" / f"{number}.txt").write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    recipe = build(tmp_path / "texts", out=out).folder_recipe
    assert recipe is not None
    sign(out, keys[0])
    unchanged = build(recipe.path, out)
    assert unchanged.unchanged
    assert (out / ATTESTATION).exists()
    (tmp_path / "texts" / "2.txt").write_text("道路施工即将完成。", encoding="utf-8")
    changed = build(recipe.path, out)
    assert SIGN_AGAIN in changed.notes
    assert not (out / ATTESTATION).exists()
    assert verify(out).passed
    sign(out, keys[0])
    command = ["withdraw", str(out), "--source", "1.txt", "--reason", "asked for", "--yes"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert "sign it with hanpack sign" in result.output
    assert not (out / ATTESTATION).exists()
    assert SIGN_AGAIN not in build(recipe.path, out, fresh=True).notes


def test_a_public_key_does_not_sign(seeds_build: Build, keys: tuple[Path, Path]) -> None:
    for key in keys:
        with pytest.raises(UsageError, match="no private key"):
            sign(seeds_build.path, public(key))


def test_a_key_of_minisign_is_named_as_what_it_is(seeds_build: Build, tmp_path: Path) -> None:
    key = tmp_path / "minisign.key"
    key.write_text("untrusted comment: minisign encrypted secret key\nRWRTY0Iy\n", encoding="ascii")
    with pytest.raises(UsageError, match="keys of minisign are not read"):
        sign(seeds_build.path, key)


def test_a_certificate_proves_its_chunk_without_the_build(
    signed: Path, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    rows = read_rows(signed, "chunks")
    for row in (rows[0], rows[len(rows) // 2], rows[-1]):
        path = tmp_path / "certificate.json"
        certificate = certify_chunk(signed, row["id"])
        assert certify_chunk(signed, row["id"][:12]) == certificate
        path.write_text(json.dumps(certificate), encoding="utf-8")
        checked = check_certificate(path, public(keys[0]))
        assert checked.is_named_signer
        assert {name: row[name] for name in checked.row} == checked.row
        assert not check_certificate(path).is_named_signer
        with pytest.raises(VerifyError):
            check_certificate(path, public(keys[1]))


def test_a_certificate_proves_what_became_of_a_record(
    signed: Path, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    row = next(row for row in read_rows(signed, "ledger") if row["state"] == "duplicate")
    path = tmp_path / "certificate.json"
    path.write_text(json.dumps(certify_record(signed, row["source"], row["record"])), encoding="utf-8")
    assert check_certificate(path, public(keys[0])).row["state"] == "duplicate"


def _change_text(content: dict[str, Any]) -> None:
    content["row"]["text"] += "。"


def _change_span(content: dict[str, Any]) -> None:
    content["row"]["byte_end"] += 1


def _change_shard(content: dict[str, Any]) -> None:
    content["shard"] = content["shard"].replace("00000", "00001", 1)


def _shorten_proof(content: dict[str, Any]) -> None:
    content["proof"]["path"].pop()


def _change_index(content: dict[str, Any]) -> None:
    content["proof"]["index"] += 1


def _change_payload(content: dict[str, Any]) -> None:
    payload = content["envelope"]["payload"]
    content["envelope"]["payload"] = payload[:40] + ("A" if payload[40] != "A" else "B") + payload[41:]


def _remove_row(content: dict[str, Any]) -> None:
    del content["row"]["source"]


def _confuse_types(content: dict[str, Any]) -> None:
    content["proof"] = [1, 2]


@pytest.mark.parametrize(
    "change",
    [
        _change_text,
        _change_span,
        _change_shard,
        _shorten_proof,
        _change_index,
        _change_payload,
        _remove_row,
        _confuse_types,
    ],
)
def test_a_certificate_that_was_changed_is_refused(
    signed: Path, keys: tuple[Path, Path], tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    content = certify_chunk(signed, read_rows(signed, "chunks")[3]["id"])
    change(content)
    path = tmp_path / "certificate.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    for signer in (public(keys[0]), None):
        with pytest.raises((VerifyError, UsageError)):
            check_certificate(path, signer)


def test_the_commands_sign_certify_and_check(
    seeds_build: Build, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    out, certificate = tmp_path / "out", tmp_path / "certificate.json"
    shutil.copytree(seeds_build.path, out)
    run = CliRunner().invoke
    assert run(app, ["sign", str(out), "--key", str(keys[0])]).exit_code == 0
    chunk = read_rows(out, "chunks")[0]
    assert run(app, ["certify", str(out), chunk["id"], "-o", str(certificate)]).exit_code == 0
    shown = run(app, ["check", str(certificate), "--signer", str(public(keys[0]))])
    assert shown.exit_code == 0
    assert chunk["text"] in shown.output
    wrong = run(app, ["check", str(certificate), "--signer", str(public(keys[1]))])
    assert isinstance(wrong.exception, HanpackError)
    assert wrong.exception.exit_code == 1


HOSTILE_VALUES: tuple[Any, ...] = (
    None,
    -1,
    10**30,
    True,
    0.5,
    "",
    "\x1b[31m\u202e",
    [],
    {},
    [[]],
    {"a": None},
)
HOSTILE_KEYS = (
    *("table", "row", "shard", "proof", "shard_proof", "envelope"),
    *("row.id", "row.text", "row.source", "proof.index", "proof.size", "proof.path", "shard_proof.path"),
    *("envelope.payload", "envelope.payloadType", "envelope.signatures"),
)


@pytest.mark.parametrize("key", HOSTILE_KEYS)
def test_a_certificate_with_a_hostile_value_is_refused(
    signed: Path, keys: tuple[Path, Path], tmp_path: Path, key: str
) -> None:
    chunk = read_rows(signed, "chunks")[0]
    genuine = json.dumps(certify_chunk(signed, chunk["id"]))
    path = tmp_path / "certificate.json"
    *outer, last = key.split(".")
    for value in HOSTILE_VALUES:
        content = json.loads(genuine)
        inner = content
        for name in outer:
            inner = inner[name]
        inner[last] = value
        path.write_text(json.dumps(content), encoding="utf-8")
        for signer in (None, public(keys[0])):
            with pytest.raises(HanpackError):
                check_certificate(path, signer)
        shown = CliRunner().invoke(app, ["check", str(path)])
        assert shown.exit_code in (1, 2)
        assert "\x1b" not in shown.output
        assert "\u202e" not in shown.output
