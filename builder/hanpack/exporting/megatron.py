"""Writes the files of Megatron-LM: for each split a ``.bin`` of token ids and an ``.idx`` with their places.

The format is that of ``megatron/core/datasets/indexed_dataset.py`` of Megatron-LM, version 1, as its
``preprocess_data.py`` writes it: a sequence is a document, and ends with the end-of-text token.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hanpack.exporting.packed_rows import read_documents
from hanpack.store.reader import BuildReader

_MAGIC = b"MMIDIDX\x00\x00"
_VERSION = 1
# Megatron's code of a type: int32.
_INT32 = 4


def write_megatron(reader: BuildReader, partition: str, folder: Path) -> Iterator[Path]:
    """Write ``PARTITION_text_document.bin`` and ``.idx`` into a folder; yields the paths of both.

    ``--data-path FOLDER/train_text_document`` names them.

    Raises:
        VerifyError: the packed sequences of the build cannot be read.
    """
    tokens_file = folder / f"{partition}_text_document.bin"
    lengths: list[int] = []
    with tokens_file.open("wb") as stream:
        for document in read_documents(reader, partition):
            stream.write(document.astype("<i4").tobytes())
            lengths.append(len(document))
    yield tokens_file
    index_file = tokens_file.with_suffix(".idx")
    index_file.write_bytes(make_index(lengths))
    yield index_file


def make_index(lengths: list[int]) -> bytes:
    r"""The content of an ``.idx`` file for sequences of these lengths (tokens of 4 bytes), each a document.

    >>> index = make_index([3, 2])
    >>> index[:9], len(index)
    (b'MMIDIDX\x00\x00', 82)
    """
    sizes = np.array(lengths, "<i4")
    pointers = (np.cumsum(sizes, dtype="<i8") - sizes) * 4
    documents = np.arange(len(lengths) + 1, dtype="<i8")
    header = struct.pack("<QBQQ", _VERSION, _INT32, len(sizes), len(documents))
    return b"".join((_MAGIC, header, sizes.tobytes(), pointers.astype("<i8").tobytes(), documents.tobytes()))
