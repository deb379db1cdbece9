"""Private and public keys from files: PEM or OpenSSH; Ed25519, ECDSA or RSA."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hanpack.errors import UsageError

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner, SSlibKey

# The environment variable with the password of an encrypted private key.
PASSWORD = "HANPACK_KEY_PASSWORD"  # noqa: S105 (a name)
# A file with a key is a few kilobytes; a larger one is something else.
_LARGEST_KEY = 64 * 1024


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key that signs, with its public part in PEM form."""

    signer: CryptoSigner
    public_key: str


def load_private_key(path: Path) -> PrivateKey:
    """Load the key that signs.

    Raises:
        UsageError: the file is no private key, its password is missing or wrong, or the extra is missing.
    """
    signer, serialization = _import_library()
    data = _read_key(path)
    if b"PRIVATE KEY" not in data:
        raise UsageError(
            "this is no private key",
            str(path),
            "name the private key; the public one, such as id_ed25519.pub, is for hanpack verify --signer",
        )
    password = os.environ.get(PASSWORD)
    load = (
        serialization.load_ssh_private_key
        if b"OPENSSH PRIVATE KEY" in data
        else serialization.load_pem_private_key
    )
    try:
        key = load(data, password.encode() if password else None)
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        public_key = key.public_key().public_bytes(serialization.Encoding.PEM, form)
        return PrivateKey(signer.CryptoSigner(key), public_key.decode())
    except TypeError as error:
        raise UsageError(
            "the private key is encrypted, or has no password although one is given",
            str(path),
            f"give its password in the environment variable {PASSWORD}",
        ) from error
    except Exception as error:
        raise UsageError(
            f"this is no private key that can sign: {error}",
            str(path),
            "name a key in PEM or OpenSSH form, such as ssh-keygen -t ed25519 writes",
        ) from error


def is_private_key(path: Path) -> bool:
    """Whether a file is a private key.

    Raises:
        UsageError: it cannot be read, or is too large for a key.
    """
    return b"PRIVATE KEY" in _read_key(path)


def load_public_key(path: Path) -> SSlibKey:
    """Load the key of a signer; a private key is accepted too, and gives its public part.

    Raises:
        UsageError: the file is no key, or the extra is missing.
    """
    data = _read_key(path)
    if b"PRIVATE KEY" in data:
        data = load_private_key(path).public_key.encode()
    return parse_public_key(data, str(path))


def parse_public_key(data: bytes, where: str) -> SSlibKey:
    """A public key from its PEM or OpenSSH form; ``where`` is named in errors.

    Raises:
        UsageError: it is no public key, or the extra is missing.
    """
    signer, serialization = _import_library()
    load = (
        serialization.load_pem_public_key
        if data.lstrip().startswith(b"-----BEGIN")
        else serialization.load_ssh_public_key
    )
    try:
        return signer.SSlibKey.from_crypto(load(data))  # type: ignore[no-any-return]
    except Exception as error:
        raise UsageError(
            f"this is no public key: {error}",
            where,
            "name a key in PEM or OpenSSH form, such as id_ed25519.pub",
        ) from error


def _read_key(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_KEY + 1)
    except OSError as error:
        advice = "name a key; ssh-keygen -t ed25519 -f KEY makes one, with the public key in KEY.pub"
        raise UsageError(f"the key cannot be read: {error.strerror}", str(path), advice) from error
    if len(data) > _LARGEST_KEY:
        raise UsageError("the file is too large for a key", str(path))
    if data.startswith(b"untrusted comment:"):
        raise UsageError(
            "keys of minisign are not read", str(path), "make a key with ssh-keygen -t ed25519 -f KEY"
        )
    return data


def _import_library() -> tuple[Any, Any]:
    """The libraries of the extra ``sign``."""
    try:
        from cryptography.hazmat.primitives import serialization
        from securesystemslib import signer
    except ImportError as error:
        raise UsageError(
            f"signatures need the package {error.name}", "", "pip install 'hanpack[sign]'"
        ) from error
    return signer, serialization
