"""Where the copies of remote files are: each URL of a recipe has a path below the root.

This module is short because both who fetches the files and who lists them need it.
"""

from __future__ import annotations

from hashlib import blake2b
from urllib.parse import unquote, urlsplit

from hanpack.lazy_patterns import compile_lazily

# The folder of the copies, hidden so that no folder or glob of a recipe lists them twice.
REMOTE_FOLDER = ".hanpack-remote"
_UNSAFE = compile_lazily(r"[\x00-\x1f\\:]")


def localize(url: str) -> str:
    """The path below the root of the copy of a remote file, or the pattern for a pattern of them.

    A query is not in it, only a hash of it: it may be a signature.

    >>> localize("https://example.com/data/a.txt")
    '.hanpack-remote/https/example.com/data/a.txt'
    """
    scheme, rest = url.split("://", 1)
    query = ""
    if scheme.lower() in ("http", "https"):
        parts = urlsplit(url)
        rest = f"{parts.netloc.rpartition('@')[2]}/{unquote(parts.path).lstrip('/')}"
        query = parts.query
    names = [_UNSAFE.sub("_", name) for name in rest.split("/") if name not in ("", ".", "..")]
    if query:
        names.insert(len(names) - 1, blake2b(query.encode(), digest_size=8).hexdigest())
    return "/".join((REMOTE_FOLDER, scheme.lower(), *names))
