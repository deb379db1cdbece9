"""The versions a build's bytes depend on: the libraries' and a digest of hanpack's own code."""

from __future__ import annotations

import hashlib
from importlib import metadata, resources

LIBRARIES = ("numpy", "opencc", "pyarrow", "pypinyin", "regex", "tiktoken")


def find_versions() -> dict[str, str]:
    """Name every version that can change a build; code that is being worked on has its own digest."""
    found = {name: metadata.version(name) for name in ("hanpack", *LIBRARIES)}
    return {**found, "hanpack code": _digest_code()}


def _digest_code() -> str:
    digest = hashlib.sha256()
    package = resources.files("hanpack")
    pending = [package]
    texts: dict[str, bytes] = {}
    while pending:
        for entry in pending.pop().iterdir():
            if entry.is_dir():
                pending.append(entry)
            elif entry.name.endswith((".py", ".md", ".bin")):
                texts[str(entry).removeprefix(str(package))] = entry.read_bytes()
    for name in sorted(texts):
        digest.update(f"{name} {len(texts[name])}\n".encode() + texts[name])
    return digest.hexdigest()[:16]
