"""Estimates how large the contents of compressed sources are, for the progress of a build.

This module is short because it is one estimate: nothing but what is shown depends on it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from hanpack.building.plan import Plan
from hanpack.sources.compression import CODECS, decompress
from hanpack.sources.content import open_stored

# So many compressed sources are looked at, spread over all, and so many bytes of each.
_SAMPLES, _SAMPLE_BYTES = 16, 2**18
_BLOCK_BYTES = 2**14
# What a sample may expand to: more than any text does.
_MOST_EXPANDED = 2**26


def is_compressed(path: str) -> bool:
    """Whether a source is compressed by itself, by its name.

    >>> is_compressed("laws.jsonl.gz"), is_compressed("laws.zip/1.txt")
    (True, False)
    """
    return path.endswith(tuple(CODECS))


def estimate_expansion(plan: Plan, rows: Sequence[int]) -> float:
    """How many bytes of content a byte of some compressed sources has, by a few of them; 1 without any."""
    content = size = 0
    for row in rows[:: max(1, -(-len(rows) // _SAMPLES))]:
        if plan.sources[row].fault:
            continue
        file = plan.surveys[row].file
        try:
            with open_stored(file) as stored:
                sample = stored.read(_SAMPLE_BYTES)
        except OSError:
            # What cannot be read is rejected by the flow, which says why.
            continue
        content += count_expanded(sample, file.compression)
        size += len(sample)
    return content / size if size else 1.0


def count_expanded(sample: bytes, compression: str) -> int:
    """The bytes of content that the beginning of a compressed file gives.

    >>> import gzip
    >>> count_expanded(gzip.compress(b"a" * 1000), ".gz")
    1000
    """
    count = 0
    try:
        with decompress(io.BytesIO(sample), compression, _MOST_EXPANDED) as content:
            while block := content.read(_BLOCK_BYTES):
                count += len(block)
    except OSError:
        # The sample ends within the compressed data.
        return count
    return count
