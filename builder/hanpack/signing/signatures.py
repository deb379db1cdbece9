"""Signs a build and checks the signature: two in-toto statements in DSSE envelopes, a line each.

The envelope is that of https://github.com/secure-systems-lab/dsse; securesystemslib makes and checks it.
"""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hanpack.errors import VerifyError
from hanpack.signing.keys import load_private_key, load_public_key
from hanpack.signing.statements import (
    BUILD,
    PAYLOAD_TYPE,
    ROOT,
    STATEMENT,
    make_build_statement,
    make_root_statement,
)
from hanpack.store.manifest import ATTESTATION, MANIFEST
from hanpack.store.part_files import write_whole
from hanpack.store.reader import BuildReader
from hanpack.store.shards import ShardFile

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner, SSlibKey

# An attestation names every file and source in about 200 bytes each: more is an attempt to fill the memory.
MOST_BYTES = 2**30
_SIGN_AGAIN = "sign the build again with 'hanpack sign'"


@dataclass(frozen=True, slots=True)
class Attestation:
    """The two envelopes of a signed build, as JSON, and what their statements say."""

    build: dict[str, Any]
    root: dict[str, Any]


def sign(build: str | Path, key: str | Path) -> Path:
    """Sign a build: write the attestation beside its manifest; returns its path.

    Every file is hashed first. A build that replaces this one has no signature until it is signed too.

    Raises:
        VerifyError: a file is not the one that the manifest lists.
        UsageError: the key cannot be used, or the extra ``sign`` is missing.
    """
    private_key = load_private_key(Path(key))
    reader = BuildReader.open(Path(build))
    files = list_files(reader)
    statements = (
        make_build_statement(reader.manifest, files, private_key.public_key),
        make_root_statement(reader.manifest, files, private_key.public_key),
    )
    lines = [json.dumps(_seal(statement, private_key.signer), sort_keys=True) for statement in statements]
    path = reader.folder / ATTESTATION
    write_whole(path, ("\n".join(lines) + "\n").encode())
    return path


def list_files(reader: BuildReader) -> list[ShardFile]:
    """All files of a build with their hashes, each checked; the manifest is the last.

    Raises:
        VerifyError: a file is not the one that the manifest lists.
    """
    files = list(reader.manifest.files)
    for file in files:
        if reader.examine(file) != file:
            raise VerifyError(
                "the file is not the one that the manifest lists",
                str(reader.folder / file.path),
                "build again, or get the build again from where it comes",
            )
    manifest = reader.examine(ShardFile(MANIFEST, "", 0, 0))
    assert manifest is not None
    return [*files, replace(manifest, rows=0)]


def check_signature(build: str | PathLike[str], signer: str | PathLike[str]) -> None:
    """Check that a build is signed with a key, and that every file is as it was when it was signed.

    Raises:
        VerifyError: it is not signed, or by another key, or a file has changed since.
        UsageError: the key cannot be used, or the extra ``sign`` is missing.
    """
    key = load_public_key(Path(signer))
    reader = BuildReader.open(Path(build))
    attestation = read_attestation(reader.folder)
    where = str(reader.folder / ATTESTATION)
    statement = open_envelope(attestation.build, key, where)
    expected = make_build_statement(reader.manifest, list_files(reader), statement["predicate"]["publicKey"])
    if statement != json.loads(expected):
        raise VerifyError(
            "the signed statement is about other files, or another manifest", where, _SIGN_AGAIN
        )
    root = open_envelope(attestation.root, key, where)
    if root["predicate"].get("merkleRoot") != reader.manifest.merkle_root:
        raise VerifyError("the signed root is not that of the manifest", where, _SIGN_AGAIN)


def read_attestation(folder: Path) -> Attestation:
    """Read the attestation of a build; no signature is checked.

    Raises:
        VerifyError: there is none, or it is not one that hanpack writes.
    """
    path = folder / ATTESTATION
    try:
        envelopes = [json.loads(line) for line in _read_bounded(path).splitlines()]
        named = {json.loads(_decode(envelope))["predicateType"]: envelope for envelope in envelopes}
        return Attestation(build=named[BUILD], root=named[ROOT])
    except FileNotFoundError as error:
        raise VerifyError("the build is not signed", str(folder), "sign it with 'hanpack sign'") from error
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise VerifyError(f"the attestation is broken: {error}", str(path), _SIGN_AGAIN) from error


def open_envelope(envelope: dict[str, Any], key: SSlibKey, where: str) -> dict[str, Any]:
    """The statement in an envelope, if the key has signed it.

    Raises:
        VerifyError: the key did not sign it, or it is no statement.
    """
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import VerificationError

    try:
        # from_dict changes the value that it reads.
        opened = Envelope.from_dict(json.loads(json.dumps(envelope)))
        opened.verify([key], threshold=1)
        statement = json.loads(opened.payload)
        is_statement = opened.payload_type == PAYLOAD_TYPE and statement["_type"] == STATEMENT
        public_key = statement["predicate"]["publicKey"]
    except VerificationError as error:
        raise VerifyError(
            "the signature is not one of this key, or what was signed has been changed", where
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise VerifyError(f"the envelope is broken: {error}", where) from error
    if not is_statement or not isinstance(public_key, str):
        raise VerifyError("what was signed is no statement of hanpack", where)
    return statement  # type: ignore[no-any-return]


def _read_bounded(path: Path) -> bytes:
    """The bytes of a file that is no link and not larger than an attestation can be."""
    if path.is_symlink() or path.stat().st_size > MOST_BYTES:
        raise ValueError("it is a link, or too large")
    return path.read_bytes()


def find_signer(envelope: dict[str, Any]) -> str:
    """The public key, in PEM form, that an envelope says it was signed with; nothing is checked.

    Raises:
        ValueError, KeyError, TypeError: it is no envelope of hanpack.
    """
    return str(json.loads(_decode(envelope))["predicate"]["publicKey"])


def _seal(statement: bytes, signer: CryptoSigner) -> dict[str, Any]:
    from securesystemslib.dsse import Envelope

    envelope = Envelope(statement, PAYLOAD_TYPE, {})
    envelope.sign(signer)
    sealed: dict[str, Any] = envelope.to_dict()
    return sealed


def _decode(envelope: dict[str, Any]) -> bytes:
    return b64decode(envelope["payload"])
