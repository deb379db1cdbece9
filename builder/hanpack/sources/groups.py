"""Groups of small sources that are processed together: the flow on each of many small files would be dear.

The groups are those of content-defined chunking: whether one ends with a source depends on that source alone,
so that a source that is added, changed, renamed or removed changes its own group and no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from hanpack.model import Source

# The mean size of a group. A file that changes costs its group: of 1,500 files of 17 kB half a percent of the
# whole build, as benchmarks/rebuild.py measures.
GROUP_BYTES = 128 * 1024


def group_sources(sources: Sequence[Source]) -> list[range]:
    """Which sources are processed together, as ranges that cover ``sources`` in order.

    A source of ``GROUP_BYTES`` or more is a group of its own. Of the others so many end a group that groups
    have this size on average: a source does if the hash of its path, as a fraction, is less than its size as
    a fraction of a group.

    >>> sizes = {"a.txt": 10, "b.txt": 200_000, "c.txt": 10, "d.txt": 10}
    >>> group_sources([Source(name, "", size, "utf-8") for name, size in sizes.items()])
    [range(0, 1), range(1, 2), range(2, 4)]
    """
    groups: list[range] = []
    first = 0
    for index, source in enumerate(sources):
        if source.size >= GROUP_BYTES and first < index:
            groups.append(range(first, index))
            first = index
        if _ends_group(source):
            groups.append(range(first, index + 1))
            first = index + 1
    return [*groups, range(first, len(sources))] if first < len(sources) else groups


def _ends_group(source: Source) -> bool:
    hashed = int.from_bytes(sha256(source.path.encode()).digest()[:4])
    return hashed * GROUP_BYTES < source.size << 32
