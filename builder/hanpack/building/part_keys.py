"""The keys of parts: hashes of everything that shapes the tables of a batch, and of nothing else.

A part is used again, in whatever build, if its key is the same: a changed card costs no flow, and a changed
source costs the records of its group (:mod:`hanpack.sources.groups`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from hanpack.model import Decision, Source
from hanpack.recipe import Recipe

# The keys of a recipe that shape no part; those of the sources are hashed for each group of them.
_SHAPE_NO_PART = {"name", "root", "sources", "duplicates", "shard_size", "search_index", "card"}


def make_flow_key(recipe: Recipe, versions: Mapping[str, str], evaluation: Sequence[Source]) -> str:
    """Hash what shapes the parts of all sources: steps, tokenizer, budgets, versions, evaluation texts.

    What only the comparison of all documents reads (thresholds), what only the card says, and how a finished
    build is written is left out; a new key of the recipe shapes the parts until it is named here.
    """
    shaping = recipe.model_dump(mode="json", exclude=_SHAPE_NO_PART)
    del shaping["limits"]["max_record_seconds"], shaping["limits"]["max_cache_bytes"]
    finds_sentences = recipe.duplicates.passages != "keep"
    return _hash([shaping, finds_sentences, dict(versions), [_describe(source) for source in evaluation]])


def make_group_keys(
    flow_key: str, sources: Sequence[Source], groups: Sequence[range], recipe: Recipe
) -> list[str]:
    """Hash what shapes the parts of each group of sources: paths, bytes, encodings, and how they are read."""
    options = [entry.model_dump(mode="json", exclude={"path", "encoding"}) for entry in recipe.sources]

    def describe(group: range) -> list[object]:
        return [[_describe(source), options[source.entry]] for source in map(sources.__getitem__, group)]

    return [_hash([flow_key, *describe(group)]) for group in groups]


def make_file_key(group_key: str, number: int) -> str:
    """The key of the file number ``number`` with parts of a group of sources.

    >>> make_file_key("3f", 7)
    '3f-00007'
    """
    return f"{group_key}-{number:05d}"


def find_group_key(key: str) -> str:
    """The key of the group of sources that a part or a file belongs to; empty if it was revised.

    >>> find_group_key(make_file_key("3f", 7)), find_group_key("3f-00007.2"), find_group_key("4e.0")
    ('3f', '3f', '')
    """
    return key.rpartition("-")[0]


def make_revision_key(file_key: str, decisions: Mapping[int, Decision], content: str = "") -> str:
    """The key of a file whose parts were revised by decisions, given by the row of the record in the file.

    ``content`` has hashes of what is left of the parts, if something was taken out of them.
    """
    rows = [[row, _to_json(decision)] for row, decision in sorted(decisions.items())]
    return _hash([file_key, rows, content] if content else [file_key, rows])


def _to_json(decision: Decision) -> dict[str, object]:
    return {**asdict(decision), "reason": decision.reason and str(decision.reason)}


def _describe(source: Source) -> list[object]:
    fault = source.fault and str(source.fault)
    return [source.path, source.sha256, source.size, source.encoding, fault]


def _hash(content: object) -> str:
    """A SHA-256 of a value as JSON, cut to 160 bits, in hexadecimal."""
    data = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()[:40]
