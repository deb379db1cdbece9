"""Writes the files of torchtitan's loader of tokens: for each split ``metadata.json`` and files of uint32.

The format is that of ``torchtitan/hf_datasets/pretokenized.py``: the tokens of all files are one array, and a
training sequence is ``seq_len`` tokens of it with the one after them. With the length of a packed sequence as
``seq_len``, every training sequence is one packed sequence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from hanpack.exporting.packed_rows import find_end_of_text, read_sequences
from hanpack.store.reader import BuildReader

# The most bytes of one file.
_FILE_BYTES = 2**30


def write_torchtitan(reader: BuildReader, partition: str, folder: Path) -> Iterator[Path]:
    """Write a folder for a partition, which ``dataset_path`` names; yields the paths of its files.

    Raises:
        VerifyError: the packed sequences of the build cannot be read.
    """
    inside = folder / partition
    inside.mkdir()
    end_of_text = find_end_of_text(reader, partition)
    counts: dict[str, int] = {}
    sequence_length = 0
    name = ""
    for sequence in read_sequences(reader, partition):
        if not name or counts[name] * 4 >= _FILE_BYTES:
            name = f"tokens-{len(counts):05d}.bin"
            counts[name] = 0
        sequence_length = len(sequence.input_ids)
        with (inside / name).open("ab") as stream:
            stream.write(sequence.input_ids.astype("<u4").tobytes())
        counts[name] += sequence_length
    # The last training sequence needs a token after it.
    with (inside / name).open("ab") as stream:
        stream.write(int(end_of_text or 0).to_bytes(4, "little"))
    counts[name] += 1
    yield from (inside / file for file in counts)
    content = {
        "dtype": "uint32",
        "num_tokens": sum(counts.values()),
        "data_files": [{"data_file": file, "num_tokens": count} for file, count in counts.items()],
        "seq_len": sequence_length,
        "end_of_text": end_of_text,
    }
    metadata = inside / "metadata.json"
    metadata.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    yield metadata
