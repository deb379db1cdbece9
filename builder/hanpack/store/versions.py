"""The versions a build's bytes depend on: the libraries' and a digest of hanpack's own code."""

from __future__ import annotations

import hashlib
import unicodedata
from importlib import metadata, resources

LIBRARIES = ("numpy", "opencc", "pyarrow", "pypinyin", "regex", "tiktoken")
# Those of the extra html: without them a page is refused that is read where they are installed.
OPTIONAL = ("lxml", "trafilatura")


def find_versions() -> dict[str, str]:
    """Name every version that can change a build; code that is being worked on has its own digest."""
    found = {name: metadata.version(name) for name in ("hanpack", *LIBRARIES)}
    for name in OPTIONAL:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "absent"
    return {**found, "unicode": unicodedata.unidata_version, "hanpack code": _digest_code()}


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
