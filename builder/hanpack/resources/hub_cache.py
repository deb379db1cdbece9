"""Finds the ``tokenizer.json`` of a model in the local cache of the Hub; nothing is ever downloaded.

The layout of the cache and the variables that place it are those of huggingface_hub (its guide "Understand
caching"); the package itself is not imported, since this module uses no network.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from hanpack.lazy_patterns import compile_lazily

_FILE = "tokenizer.json"
_NAME = compile_lazily(r"[\w.-]+/[\w.-]+")
_REVISION = compile_lazily(r"[0-9A-Za-z._-]+")


def is_hub_name(name: str) -> bool:
    """Whether a name may be that of a repo on the Hub.

    >>> is_hub_name("Qwen/Qwen3-8B"), is_hub_name("o200k_base"), is_hub_name("../x")
    (True, False, False)
    """
    return _NAME.fullmatch(name) is not None and ".." not in name


def find_in_cache(name: str) -> Path | None:
    """The ``tokenizer.json`` of a repo in the cache, from its branch ``main``; None if there is none."""
    if not is_hub_name(name):
        return None
    folder = _find_cache() / f"models--{name.replace('/', '--')}"
    try:
        revision = (folder / "refs" / "main").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    if not _REVISION.fullmatch(revision) or ".." in revision:
        return None
    path = folder / "snapshots" / revision / _FILE
    return path if path.is_file() else None


def list_cached() -> Iterator[str]:
    """The repos in the cache that have a ``tokenizer.json``, by name."""
    for folder in sorted(_find_cache().glob("models--*--*")):
        name = folder.name.removeprefix("models--").replace("--", "/", 1)
        if find_in_cache(name):
            yield name


def _find_cache() -> Path:
    """The folder of the cache."""
    named = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    if named:
        return Path(named).expanduser()
    home = os.environ.get("HF_HOME")
    if home:
        return Path(home).expanduser() / "hub"
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path("~/.cache")).expanduser() / "huggingface" / "hub"
