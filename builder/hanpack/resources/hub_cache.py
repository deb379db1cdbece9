"""Finds the ``tokenizer.json`` of a model in the local cache of the Hub; nothing is ever downloaded.

This module is short because it has no other purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hanpack.lazy_patterns import compile_lazily

_FILE = "tokenizer.json"
_REPO = compile_lazily(r"[\w.-]+/[\w.-]+")


def is_hub_name(name: str) -> bool:
    """Whether a name may be that of a repo on the Hub.

    >>> is_hub_name("Qwen/Qwen3-8B"), is_hub_name("o200k_base"), is_hub_name("../x")
    (True, False, False)
    """
    return _REPO.fullmatch(name) is not None and ".." not in name


def find_in_cache(name: str) -> Path | None:
    """The ``tokenizer.json`` of a repo in the cache, from its branch ``main``; None if there is none."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        path = try_to_load_from_cache(name, _FILE)
    except HFValidationError:
        return None
    return Path(path) if isinstance(path, str) else None


def list_cached() -> Iterator[str]:
    """The repos in the cache that have a ``tokenizer.json``, by name."""
    from huggingface_hub.constants import HF_HUB_CACHE

    for folder in sorted(Path(HF_HUB_CACHE).glob("models--*--*")):
        name = folder.name.removeprefix("models--").replace("--", "/", 1)
        if find_in_cache(name):
            yield name
