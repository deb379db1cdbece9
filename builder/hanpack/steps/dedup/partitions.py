"""Which split a document belongs to: by a rule of the recipe, else by a hash of its folded text.

It depends on the document alone, so that adding documents moves none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from hashlib import blake2b

TRAIN = "train"


@dataclass(frozen=True, slots=True)
class PartitionRule:
    """Documents for the split ``name``: those drawn from ``low`` to ``high``, or of a glob and metadata.

    ``low`` and ``high`` are parts of 1; ``source`` is a glob, ``metadata`` the values a field may have.
    """

    name: str
    low: float = 0.0
    high: float = 0.0
    source: str = ""
    metadata: Mapping[str, Collection[str]] = field(default_factory=dict)

    def chooses(self, source: str, metadata: Mapping[str, object]) -> bool:
        """Whether a document from this source with this metadata is for the split, whatever is drawn."""
        return (
            bool(self.source)
            and fnmatchcase(source, self.source)
            and all(str(metadata.get(name)) in values for name, values in self.metadata.items())
        )


def choose_partition(
    rules: Sequence[PartitionRule], exact: bytes, source: str, metadata: Mapping[str, object]
) -> str:
    """The split of a document; ``exact`` is the hash of its folded text. Globs come before draws."""
    for rule in rules:
        if rule.chooses(source, metadata):
            return rule.name
    drawn = draw(exact)
    return next((rule.name for rule in rules if rule.low <= drawn < rule.high), TRAIN)


def draw(exact: bytes) -> float:
    """A number from 0 to 1 (without 1) that follows from a document's folded text."""
    digest = blake2b(exact, digest_size=8, person=b"split").digest()
    return (int.from_bytes(digest, "little") >> 11) / 2**53
