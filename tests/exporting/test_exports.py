"""Exports hold the tokens of the packed sequences, as readers of the published formats find them."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hanpack.building.publication import clean_work_folder
from hanpack.building.run import build
from hanpack.errors import BuildError, UsageError, VerifyError
from hanpack.exporting import export_build, list_exports
from hanpack.hashing import hash_file
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.tokens.counting import TiktokenCounter
from hanpack.store.work_folder import WorkFolder
from tests.builds import read_rows, to_jsonl
from tests.conftest import MakeRecipe, write_recipe

END = 199_999
SIZE = 32
TEXTS = ["".join(f"第{n}项第{line}条工作要抓紧抓好。" for line in range(1 + n * 4)) for n in range(6)]


def read_megatron(prefix: Path) -> list[list[int]]:
    """The documents of an indexed dataset, by the layout that Megatron-LM documents."""
    index = prefix.with_suffix(".idx").read_bytes()
    assert index[:9] == b"MMIDIDX\x00\x00"
    version, code, sequence_count, document_count = struct.unpack_from("<QBQQ", index, 9)
    assert (version, code) == (1, 4)
    lengths = np.frombuffer(index, np.int32, sequence_count, 34)
    pointers = np.frombuffer(index, np.int64, sequence_count, 34 + 4 * sequence_count)
    documents = np.frombuffer(index, np.int64, document_count, 34 + 12 * sequence_count)
    assert len(index) == 34 + 12 * sequence_count + 8 * document_count
    data = prefix.with_suffix(".bin").read_bytes()
    assert documents.tolist() == list(range(sequence_count + 1))
    assert len(data) == 4 * int(lengths.sum())
    return [
        np.frombuffer(data, np.int32, length, pointer).tolist()
        for length, pointer in zip(lengths.tolist(), pointers.tolist(), strict=True)
    ]


def read_torchtitan(folder: Path, sequence_length: int) -> list[tuple[list[int], list[int]]]:
    """The inputs and labels of all training sequences, as torchtitan cuts them out of the files."""
    metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    assert metadata["dtype"] == "uint32"
    arrays = []
    for file in metadata["data_files"]:
        tokens = np.fromfile(folder / file["data_file"], np.uint32)
        assert len(tokens) == file["num_tokens"]
        arrays.append(tokens)
    tokens = np.concatenate(arrays)
    assert len(tokens) == metadata["num_tokens"]
    windows = [
        tokens[start : start + sequence_length + 1].tolist()
        for start in range(0, (len(tokens) - 1) // sequence_length * sequence_length, sequence_length)
    ]
    return [(window[:-1], window[1:]) for window in windows]


@pytest.fixture(scope="module")
def packed_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build with documents shorter and longer than a sequence, in two splits."""
    folder = tmp_path_factory.mktemp("packed")
    files = {"a.jsonl": to_jsonl(*TEXTS), "b.jsonl": to_jsonl("单独的一篇，用于测试。")}
    keys: dict[str, Any] = {
        "packed": {"tokens": SIZE},
        "duplicates": {"drop": "none"},
        "splits": {"test": {"source": "b*"}, "validation": {"source": "none*"}},
    }
    return build(write_recipe(folder / "corpus", files, **keys), folder / "out").path


def test_megatron_gets_every_document_whole_and_once(packed_build: Path, tmp_path: Path) -> None:
    export = export_build(packed_build, "megatron", tmp_path / "export")
    encoding = TiktokenCounter(load_vocabulary("o200k_base")).encoding
    for partition in ("train", "test"):
        documents = read_megatron(export / f"{partition}_text_document")
        expected = [row["text"] for row in read_rows(packed_build, "documents", partition)]
        assert max(map(len, documents)) > SIZE or partition == "test"
        assert {document[-1] for document in documents} == {END}
        assert sorted(encoding.decode(document[:-1]) for document in documents) == sorted(expected)
    assert not list(export.glob("validation*"))


def test_the_training_sequences_of_torchtitan_are_the_packed_sequences(
    packed_build: Path, tmp_path: Path
) -> None:
    export = export_build(packed_build, "torchtitan", tmp_path / "export")
    for partition in ("train", "test"):
        sequences = read_torchtitan(export / partition, SIZE)
        packed = [row["input_ids"] for row in read_rows(packed_build, "packed", partition)]
        assert [inputs for inputs, _ in sequences] == packed
        for (inputs, labels), following in zip(sequences, [*packed[1:], [END]], strict=True):
            assert labels == [*inputs[1:], following[0]]


@pytest.mark.parametrize("to", ["megatron", "torchtitan"])
def test_an_export_names_its_build_and_its_files(packed_build: Path, tmp_path: Path, to: str) -> None:
    exports = [export_build(packed_build, to, tmp_path / name) for name in ("one", "two")]
    note, again = [
        json.loads((export / "hanpack_export.json").read_text(encoding="utf-8")) for export in exports
    ]
    manifest = json.loads((packed_build / "hanpack.json").read_text(encoding="utf-8"))
    assert note == again
    assert note["fingerprint"] == manifest["fingerprint"]
    written = {
        path.relative_to(exports[0]).as_posix(): hash_file(path)
        for path in exports[0].rglob("*")
        if path.is_file() and path.name != "hanpack_export.json"
    }
    assert written
    assert note["files"] == written


def test_an_export_is_beside_its_build_and_replaces_nothing(packed_build: Path) -> None:
    export = export_build(packed_build, "megatron")
    assert export == packed_build.with_name("out-megatron")
    assert export in list_exports(packed_build).present
    assert not set(list_exports(packed_build).missing) & {export}
    with pytest.raises(BuildError, match="there is something already"):
        export_build(packed_build, "megatron")
    with pytest.raises(BuildError, match="inside the build"):
        export_build(packed_build, "megatron", packed_build / "export")
    with pytest.raises(UsageError, match="megatron, torchtitan"):
        export_build(packed_build, "nemo")
    assert {path.name for path in packed_build.parent.iterdir()} == {
        ".out.hanpack", "corpus", "out", "out-megatron",
    }  # fmt: skip


def test_an_export_is_known_wherever_it_was_written_and_if_it_is_gone(
    packed_build: Path, tmp_path: Path
) -> None:
    exports = [
        export_build(packed_build, to, tmp_path / folder)
        for folder, to in (("第一个", "megatron"), ("second", "torchtitan"))
    ]
    clean_work_folder(packed_build, dry_run=False)
    assert set(exports) <= set(list_exports(packed_build).present)
    exports[0].rename(tmp_path / "moved")
    known = list_exports(packed_build)
    assert (exports[0] in known.missing, exports[1] in known.present) == (True, True)
    note = WorkFolder(packed_build).exports_note
    kept = note.read_bytes()
    note.write_bytes(b"{")
    with pytest.raises(VerifyError, match="the note of exports cannot be read"):
        list_exports(packed_build)
    note.write_bytes(kept)


def test_a_build_without_packed_sequences_says_what_to_set(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    out = build(make_recipe({"a.txt": "一段文字。".encode()}), tmp_path / "out").path
    with pytest.raises(UsageError, match=r"packed: \{tokens: 4096\}"):
        export_build(out, "megatron")
