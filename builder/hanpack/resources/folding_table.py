"""Reads the table that folds texts, which is installed with hanpack: making it takes 0.2 s in each process.

``benchmarks/write_folding_table.py`` writes it, from the Unicode and OpenCC data of one machine; so texts are
folded alike everywhere, whatever versions of these are installed.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from hanpack.steps.dedup.folding import TextFolder

NAME = "folding.bin"


@lru_cache(maxsize=1)
def open_folder() -> TextFolder:
    """What folds texts, with the installed table; it is read once in each process.

    >>> open_folder().fold("２０２４年，發展！").text
    '2024年发展'
    """
    return TextFolder(unpack_table(files("hanpack").joinpath("data", NAME).read_bytes()))


def pack_table(table: npt.NDArray[np.uint32]) -> bytes:
    """A table as the bytes of its file."""
    # Most code points are near what they fold to, so that the differences compress better.
    differences = (table - np.arange(len(table), dtype=np.uint32)).astype("<u4")
    return zlib.compress(differences.tobytes(), 9)


def unpack_table(data: bytes) -> npt.NDArray[np.uint32]:
    """The inverse of :func:`pack_table`."""
    differences = np.frombuffer(zlib.decompress(data), "<u4")
    return (differences + np.arange(len(differences), dtype=np.uint32)).astype(np.uint32)
