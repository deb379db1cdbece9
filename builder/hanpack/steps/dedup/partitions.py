"""Which partition a document belongs to: by a rule of the recipe, else by a hash of its folded text.

The result depends on the document only, so that adding documents moves no other. Recipes and tables call a
partition a split.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from hashlib import blake2b

from hanpack.steps.page.column_fields import find_field

TRAIN = "train"


@dataclass(frozen=True, slots=True)
class PartitionRule:
    """What puts a document into the partition ``name``: its source and metadata, or its draw.

    ``source`` is a glob and ``metadata`` has the values that a field may have; a document must match both. A
    rule whose glob is empty goes by the draw only: ``[low, high)`` is its interval of draws, within 0 and 1.
    """

    name: str
    low: float = 0.0
    high: float = 0.0
    source: str = ""
    metadata: Mapping[str, Collection[str]] = field(default_factory=dict)

    def matches(self, source: str, metadata: Mapping[str, object]) -> bool:
        """Whether a document from this source with this metadata is in the partition, whatever its draw."""
        return (
            bool(self.source)
            and fnmatchcase(source, self.source)
            and all(_read_value(metadata, name) in values for name, values in self.metadata.items())
        )


def _read_value(metadata: Mapping[str, object], name: str) -> str:
    """The value of a field, which a rule may also name as the column that it is from (来源 for publisher)."""
    return str(metadata.get(name, metadata.get(find_field(name))))


def choose_partition(
    rules: Sequence[PartitionRule], exact: bytes, source: str, metadata: Mapping[str, object]
) -> str:
    """Choose the partition of a document; ``exact`` is the hash of its folded text.

    Sources and metadata come before draws; a document that no rule takes is for training.

    >>> rules = [PartitionRule("test", source="exams/*"), PartitionRule("validation", low=0.0, high=0.5)]
    >>> choose_partition(rules, b"", "exams/2024.txt", {})
    'test'
    """
    for rule in rules:
        if rule.matches(source, metadata):
            return rule.name
    number = draw(exact)
    return next((rule.name for rule in rules if rule.low <= number < rule.high), TRAIN)


def draw(exact: bytes) -> float:
    """Draw a number from 0 to 1 (exclusive) that depends on a document's folded text only.

    >>> draw(b"a") == draw(b"a") != draw(b"b")
    True
    """
    digest = blake2b(exact, digest_size=8, person=b"split").digest()
    return (int.from_bytes(digest, "little") >> 11) / 2**53
