"""Compares the manifests of two builds, key by key: sources, figures, recipe and versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hanpack.store.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Difference:
    """A named value that is not the same in both builds; None if a build does not have it."""

    name: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class ManifestChanges:
    """What differs between two manifests.

    ``sources`` compares hashes by path, ``withdrawals`` the date and reason of each request, ``figures`` the
    totals, ``recipe`` and ``versions`` their keys.
    """

    sources: tuple[Difference, ...]
    withdrawals: tuple[Difference, ...]
    figures: tuple[Difference, ...]
    recipe: tuple[Difference, ...]
    versions: tuple[Difference, ...]


def compare_manifests(old: Manifest, new: Manifest) -> ManifestChanges:
    """What differs between the manifests of two builds."""
    manifests = (old, new)
    return ManifestChanges(
        sources=find_differences(
            *({source.path: source.sha256 for source in manifest.sources} for manifest in manifests)
        ),
        withdrawals=_compare_withdrawals(old, new),
        figures=find_differences(*(flatten(manifest.totals) for manifest in manifests)),
        recipe=find_differences(*(flatten(manifest.recipe) for manifest in manifests)),
        versions=find_differences(*(manifest.versions for manifest in manifests)),
    )


def _compare_withdrawals(old: Manifest, new: Manifest) -> tuple[Difference, ...]:
    """The requests that one build honours and the other does not, or not in the same form."""
    stated = [{row["request"]: row for row in manifest.withdrawals} for manifest in (old, new)]
    return tuple(
        Difference(
            difference.name,
            *(row and f"{row['date']}: {row['reason']}" for row in (difference.old, difference.new)),
        )
        for difference in find_differences(*stated)
    )


def flatten(content: object, name: str = "") -> dict[str, Any]:
    """Nested mappings and lists as one mapping, whose keys are the paths of the values.

    >>> flatten({"chunks": {"max_tokens": 512}, "sources": [{"path": "a.txt"}]})
    {'chunks.max_tokens': 512, 'sources.0.path': 'a.txt'}
    """
    pairs: Sequence[tuple[object, object]]
    if isinstance(content, Mapping):
        pairs = list(content.items())
    elif isinstance(content, list | tuple):
        pairs = list(enumerate(content))
    else:
        return {name: content}
    flat: dict[str, Any] = {}
    for key, value in pairs:
        flat |= flatten(value, f"{name}.{key}" if name else str(key))
    return flat


def find_differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Difference, ...]:
    """The keys whose values differ, those of the old mapping first.

    >>> find_differences({"a": 1, "b": 2}, {"b": 3})
    (Difference(name='a', old=1, new=None), Difference(name='b', old=2, new=3))
    """
    names = [*old, *(name for name in new if name not in old)]
    return tuple(
        Difference(name, old.get(name), new.get(name))
        for name in names
        if (name in old) != (name in new) or old[name] != new[name]
    )
