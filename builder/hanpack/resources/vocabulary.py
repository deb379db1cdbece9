"""Reads tokenizer vocabularies from installed packages and local files; nothing is ever downloaded."""

from __future__ import annotations

import hashlib
import json
from difflib import get_close_matches
from pathlib import Path

from hanpack.errors import UsageError
from hanpack.resources.hub_cache import find_in_cache, is_hub_name, list_cached
from hanpack.resources.named_vocabularies import (
    NAMED_VOCABULARIES,
    NamedVocabulary,
    find_named,
    list_present,
)
from hanpack.steps.tokens.counting import (
    CL100K_PATTERN,
    LLAMA3_PATTERN,
    O200K_PATTERN,
    QWEN35_PATTERN,
    QWEN_PATTERN,
    Vocabulary,
)

# A .tiktoken file does not contain its pattern; the well-known ones are recognised by the number of ranks.
_PATTERN_BY_COUNT = {
    199_998: O200K_PATTERN,
    100_256: CL100K_PATTERN,
    128_000: LLAMA3_PATTERN,
    151_643: QWEN_PATTERN,
    248_044: QWEN35_PATTERN,
}
_SHORTEST_BEGINNING = 3
# The names whose vocabularies every installation has.
KNOWN_NAMES = ("o200k_base", "cl100k_base")


def is_file_name(name: str) -> bool:
    """Whether a tokenizer is named by the path of its file.

    >>> is_file_name("models/tokenizer.json"), is_file_name("gpt-4o")
    (True, False)
    """
    return name.endswith((".tiktoken", ".json"))


def load_received_vocabulary(name: str, root: Path) -> Vocabulary:
    """Load the vocabulary that a received build names: one with a name, or a file inside ``root``.

    Raises:
        UsageError: it leads out of ``root``, or :func:`load_vocabulary` cannot load it.
    """
    if is_file_name(name) and not (root / name).resolve().is_relative_to(root.resolve()):
        raise UsageError("the tokenizer leads out of the folder of the sources", name, "build again")
    return load_vocabulary(name, root)


def load_vocabulary(name: str, root: Path | None = None, pattern: str = "") -> Vocabulary:
    """Load a tokenizer's vocabulary by its name, or from a local ``.tiktoken`` or ``tokenizer.json`` file.

    The name is one of :data:`~hanpack.resources.named_vocabularies.NAMED_VOCABULARIES`, that of a model that
    uses it (``gpt-4o``, ``qwen2.5``), or that of a repo whose ``tokenizer.json`` is in the local cache of the
    Hub. A relative path starts at ``root``, the recipe's root. ``pattern`` is the regular expression of
    pre-tokens for a ``.tiktoken`` file; those of o200k, cl100k, Llama 3 and Qwen are recognised by the number
    of ranks.

    >>> vocabulary = load_vocabulary("gpt-4o")
    >>> vocabulary.name, vocabulary.sha256[:16], vocabulary.special_tokens["<|endoftext|>"]
    ('o200k_base', '446a9538cb6c348e', 199999)

    Raises:
        UsageError: the name is unknown, or its package is not installed, or the file is missing or damaged,
            or its pattern is unknown.
    """
    if is_file_name(name):
        return _load_file((root / name) if root else Path(name), pattern)
    named = find_named(name)
    if named:
        return _make_named(named, named.read())
    cached = find_in_cache(name) if is_hub_name(name) else None
    if cached:
        return _load_file(cached, "", name)
    raise _refuse_name(name)


def describe_vocabulary(name: str, root: Path | None = None) -> Vocabulary:
    """What :func:`load_vocabulary` returns, without the ranks if the hash is known: the file is not read.

    >>> describe_vocabulary("o200k_base").sha256[:16]
    '446a9538cb6c348e'

    Raises:
        UsageError: the name is unknown, or the file is missing or damaged, or its pattern is unknown.
    """
    named = None if is_file_name(name) else find_named(name)
    if named and named.format == "tiktoken" and named.find_file():
        return _make_named(named, b"")
    return load_vocabulary(name, root)


def read_published_ranks(name: str) -> bytes:
    """The bytes of the file of a vocabulary by its name, decompressed and checked.

    Raises:
        UsageError: the file is missing or damaged.
    """
    named = find_named(name)
    if named is None:
        raise _refuse_name(name)
    return named.read()


def _make_named(named: NamedVocabulary, data: bytes) -> Vocabulary:
    is_json = named.format == "json"
    return Vocabulary(
        name=named.name,
        pattern=named.pattern,
        ranks_file=data,
        sha256=named.sha256,
        special_tokens=_read_special_tokens(named.name, data) if is_json else named.special_tokens,
        format=named.format,
        normalization=named.normalization,
    )


def _refuse_name(name: str) -> UsageError:
    """The error for an unknown name; it lists what is on this machine."""
    present = [*list_present(), *list_cached()]
    # Loaded for this error only.
    from tiktoken.model import MODEL_TO_ENCODING

    names = [*(row.name for row in NAMED_VOCABULARIES), *MODEL_TO_ENCODING]
    # A known name before other words is meant, and so is a known name that begins so, however short.
    similar = (
        _list_known_beginnings(name)
        or get_close_matches(name.lower(), names, n=1)
        or [known for known in names if len(name) >= _SHORTEST_BEGINNING and known.startswith(name.lower())]
    )
    suggestion = f"did you mean {similar[0]}? " if similar else ""
    where = " in the local cache of the Hub" if is_hub_name(name) else ""
    return UsageError(
        f"unknown tokenizer {name!r}: there is none of this name{where}",
        todo=f"{suggestion}use one of {', '.join(present)}; the name of a model of OpenAI such as gpt-4o; or "
        "the path of a .tiktoken or tokenizer.json file",
    )


def _list_known_beginnings(name: str) -> list[str]:
    """The beginnings of a name, the longest first, that end before a hyphen and are themselves known."""
    words = name.split("-")
    beginnings = ("-".join(words[:count]) for count in range(len(words) - 1, 0, -1))
    return [beginning for beginning in beginnings if find_named(beginning)]


def _load_file(path: Path, pattern: str, name: str = "") -> Vocabulary:
    """Load a file; ``name`` is that of the tokenizer, the name of the file if it is not given."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read the tokenizer: {error.strerror}", path.name, "check the path"
        ) from error
    digest = hashlib.sha256(data).hexdigest()
    if path.suffix == ".json":
        return Vocabulary(
            name=name or path.name,
            pattern="",
            ranks_file=data,
            sha256=digest,
            special_tokens=_read_special_tokens(name or path.name, data),
            format="json",
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


def _read_special_tokens(name: str, data: bytes) -> dict[str, int]:
    """The ids of the special tokens of a ``tokenizer.json``."""
    try:
        content = json.loads(data)
        return {str(token["content"]): int(token["id"]) for token in content.get("added_tokens") or ()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError("this is no tokenizer.json", name, "use the tokenizer.json of a model") from error
