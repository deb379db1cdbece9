"""Compares the manifests of two builds, key by key: sources, figures, recipe and versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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
        recipe=compare_recipes(old.recipe, new.recipe),
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
    """Nested mappings as one mapping, whose keys are the paths of the values; lists by what is in them.

    The entries of a list of mappings have their path as name, or their content without one, so that an entry
    is the same wherever it is in the list. Another list is one value.

    >>> flatten({"chunks": {"max_tokens": 512}, "sources": [{"path": "a.txt", "columns": ["a", "b"]}]})
    {'chunks.max_tokens': 512, 'sources[a.txt].path': 'a.txt', 'sources[a.txt].columns': 'a, b'}
    """
    flat: dict[str, Any] = {}
    if isinstance(content, Mapping):
        for key, value in content.items():
            flat |= flatten(value, f"{name}.{key}" if name else str(key))
        return flat
    if not isinstance(content, list | tuple):
        return {name: content}
    if not all(isinstance(entry, Mapping) for entry in content):
        return {name: ", ".join(map(str, content))}
    labels = _label_entries(content)
    for label, entry in zip(labels, content, strict=True):
        flat |= flatten(entry, f"{name}[{label}]")
    return flat


def compare_recipes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Difference, ...]:
    """The keys of two recipes that differ, and the lists whose common entries are in another order.

    >>> entries = [{"path": "a.txt"}, {"path": "b.txt"}]
    >>> compare_recipes({"sources": entries}, {"sources": [{"path": "0.txt"}, *entries]})
    (Difference(name='sources[0.txt].path', old=None, new='0.txt'),)
    >>> compare_recipes({"sources": entries}, {"sources": entries[::-1]})
    (Difference(name='order of sources', old='a.txt, b.txt', new='b.txt, a.txt'),)
    """
    lists = [dict(_find_lists(recipe)) for recipe in (old, new)]
    orders: list[Difference] = []
    for name in lists[0].keys() & lists[1].keys():
        labels = [_label_entries(of_recipe[name]) for of_recipe in lists]
        common = set(labels[0]) & set(labels[1])
        kept = ({f"order of {name}": ", ".join(filter(common.__contains__, names))} for names in labels)
        orders += find_differences(*kept)
    return (*find_differences(flatten(old), flatten(new)), *orders)


def _find_lists(content: object, name: str = "") -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    """The lists of mappings in nested mappings, each with its path."""
    if isinstance(content, Mapping):
        for key, value in content.items():
            yield from _find_lists(value, f"{name}.{key}" if name else str(key))
    elif isinstance(content, list | tuple) and all(isinstance(entry, Mapping) for entry in content):
        yield name, content


def _label_entries(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """A name for each entry of a list: its path or its content, and a number if it comes again."""
    labels: list[str] = []
    seen: Counter[str] = Counter()
    for entry in entries:
        label = str(entry.get("path") or ", ".join(f"{key}: {value}" for key, value in entry.items()))
        seen[label] += 1
        labels.append(f"{label}, {seen[label]}" if seen[label] > 1 else label)
    return labels


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
