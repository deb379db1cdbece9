"""Traces every chunk of a build back to the raw bytes as FORMAT.md says, without any code of hanpack.

Only pyarrow and the standard library are imported. ``python tests/independent_check.py BUILD ROOT`` prints
what it checked and every fault; ROOT is the folder of the sources.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import lzma
import re
import sys
import tarfile
import zipfile
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Row = Mapping[str, Any]
ESCAPED = re.compile(r"\\(\\|x[0-9a-f]{2})")


@dataclass
class Result:
    """How many things were checked, and the faults."""

    documents: int = 0
    chunks: int = 0
    blocks: int = 0
    characters: int = 0
    faults: list[str] = field(default_factory=list)

    def expect(self, condition: bool, where: str, what: str) -> None:
        """Record a fault unless a condition is true."""
        if not condition:
            self.faults.append(f"{where}: {what}")


@dataclass
class Content:
    """The bytes that the spans of a source refer to, and how text is written in them."""

    data: bytes
    encoding: str
    is_json: bool

    def text(self, start: int, end: int) -> str | None:
        """The text of a span; None where the bytes are not text."""
        try:
            text = self.data[start:end].decode(self.encoding)
            return str(json.loads(f'"{text}"', strict=False)) if self.is_json and "\\" in text else text
        except ValueError:
            return None


DECOMPRESS: Mapping[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".xz": lzma.decompress,
    ".zst": lambda data: bytes(pa.CompressedInputStream(pa.BufferReader(data), "zstd").read()),
}


def read_arrow(data: bytes) -> pa.Table:
    """A file or a stream of Arrow."""
    is_file = data.startswith(b"ARROW1")
    return (pa.ipc.open_file(data) if is_file else pa.ipc.open_stream(data)).read_all()


def read_stored(path: Path) -> bytes:
    """The bytes of a file, or of a member of an archive."""
    archive = next((parent for parent in reversed(path.parents) if parent.is_file()), None)
    if archive is None:
        return path.read_bytes()
    name = path.relative_to(archive).as_posix()
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as members:
            return members.read(name)
    with tarfile.open(archive) as members:
        stream = members.extractfile(name)
        return stream.read() if stream else b""


def read_content(root: Path, source: Row, recipe: Row) -> Content:
    """Read a source as the table of formats in FORMAT.md says."""
    name = ESCAPED.sub(lambda match: "\\" if match[1] == "\\" else "", source["path"])
    data = read_stored(root / name)
    suffixes = [suffix.lower() for suffix in Path(name).suffixes]
    while suffixes[-1] in DECOMPRESS:
        data = DECOMPRESS[suffixes.pop()](data)
    if suffixes[-1] in (".parquet", ".arrow"):
        column = recipe["sources"][source["entry"]]["text_column"]
        table = pq.read_table(pa.BufferReader(data)) if suffixes[-1] == ".parquet" else read_arrow(data)
        values = table.column(column).to_pylist()
        return Content("".join(value or "" for value in values).encode(), "utf-8", is_json=False)
    is_json = suffixes[-1] in (".jsonl", ".ndjson", ".json")
    return Content(data, source["encoding"] or "utf-8", is_json)


def read_rows(build: Path, name: str) -> Iterator[Row]:
    """The rows of a table, of all its splits."""
    for path in sorted((build / "data" / name).glob("*.parquet")):
        with pq.ParquetFile(path) as shard:
            for batch in shard.iter_batches(batch_size=64):
                yield from batch.to_pylist()


def check_build(build: Path, root: Path) -> Result:
    """Check a whole build."""
    result = Result()
    manifest = json.loads((build / "hanpack.json").read_text(encoding="utf-8"))
    contents: dict[str, Content] = {}
    for source in manifest["sources"]:
        if not source["fault"]:
            same = hashlib.sha256(read_stored(root / source["path"])).hexdigest() == source["sha256"]
            result.expect(same, source["path"], "its hash is different")
            contents[source["path"]] = read_content(root, source, manifest["recipe"])
    chunks: dict[str, list[Row]] = {}
    tables = [path.name for path in sorted((build / "data").iterdir()) if path.name.startswith("chunks")]
    for name in tables:
        for chunk in read_rows(build, name):
            chunks.setdefault(f"{name} {chunk['document_id']}", []).append(chunk)
    spans, copies = {}, {}
    for document in read_rows(build, "documents"):
        copies[document["id"]] = document["copies"]
        spans[document["id"]] = check_document(result, document, contents[document["source"]])
        for name in tables:
            check_chunks(result, document, chunks.pop(f"{name} {document['id']}", []))
    for name in chunks:
        result.expect(False, name, "there is no such document")
    check_copies(result, build, copies)
    check_ledger(result, build, spans, {name: len(content.data) for name, content in contents.items()})
    return result


def find_touched(document: Row) -> list[bool]:
    """Whether each block shares a byte with a ``replaced`` edit."""
    breaks = document["byte_breaks"]
    touched = [False] * (len(breaks) - 1)
    for edit in document["edits"]:
        if edit["kind"] != "replaced":
            continue
        block = bisect_right(breaks, edit["byte_start"]) - 1
        while 0 <= block < len(touched) and breaks[block] < edit["byte_end"]:
            touched[block] = touched[block] or breaks[block + 1] > breaks[block]
            block += 1
    return touched


def check_document(result: Result, document: Row, content: Content) -> tuple[int, int, int]:
    """Check a document's blocks; returns the bytes where it begins and ends, and how many have text."""
    result.documents += 1
    where, text = f"document {document['id']}", document["text"]
    places, breaks = document["text_breaks"], document["byte_breaks"]
    low, high = document["byte_start"], document["byte_end"]
    whole = len(places) == len(breaks) > 1 and places[0] == 0 and places[-1] == len(text)
    whole = whole and (breaks[0], breaks[-1]) == (low, high) and high <= len(content.data)
    rising = all(first <= second for ends in (places, breaks) for first, second in pairwise(ends))
    result.expect(whole and rising, where, "its breaks do not cover its text and bytes in order")
    if not (whole and rising):
        return low, high, -1
    removed = sorted(
        (edit["byte_start"], edit["byte_end"]) for edit in document["edits"] if edit["kind"] == "removed"
    )
    kept = 0
    for block, touched in enumerate(find_touched(document)):
        (start, end), (first, last) = places[block : block + 2], breaks[block : block + 2]
        result.blocks += 1
        kept += last - first if end > start else 0
        if start == end and last > first:
            covered = is_covered(removed, first, last)
            result.expect(covered, where, f"no edit says that bytes {first} to {last} were removed")
        elif not touched and last > first:
            same = content.text(first, last) == text[start:end]
            result.expect(same, where, f"bytes {first} to {last} are not characters {start} to {end}")
    return low, high, kept


def is_covered(spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether sorted spans, together, cover one."""
    for first, last in spans[: bisect_left(spans, (end, end))]:
        if first <= start < last:
            start = last
    return start >= end


def check_chunks(result: Result, document: Row, chunks: Sequence[Row]) -> None:
    """Check the chunks of a document: each is its span, points at its bytes, and none is missing."""
    places, breaks = document["text_breaks"], document["byte_breaks"]
    touched = find_touched(document)

    def to_byte(character: int, block: int, is_end: bool) -> int:
        size, width = places[block + 1] - places[block], breaks[block + 1] - breaks[block]
        if touched[block] or width % size:
            return int(breaks[block + is_end])
        return int(breaks[block] + (character - places[block]) * (width // size))

    reached = 0
    for index, chunk in enumerate(chunks):
        result.chunks += 1
        where, start, end = f"chunk {chunk['id']}", chunk["start"], chunk["end"]
        text = chunk["text"][chunk.get("heading_characters") or 0 :]
        result.characters += len(text)
        result.expect(chunk["chunk_index"] == index, where, f"it is not chunk {index} of its document")
        result.expect(start <= reached < end, where, f"characters from {reached} on are missing")
        result.expect(document["text"][start:end] == text, where, "its text is not its document's span")
        reached = end
        if not 0 <= start < end <= len(document["text"]):
            continue
        low = to_byte(start, bisect_right(places, start) - 1, is_end=False)
        high = to_byte(end, bisect_left(places, end) - 1, is_end=True)
        stated = (chunk["byte_start"], chunk["byte_end"])
        result.expect(stated == (low, high), where, f"its bytes are {low} to {high}, not {stated}")
        same = all(chunk[name] == document[name] for name in ("source", "source_sha256"))
        result.expect(same, where, "it names another source than its document")
    result.expect(
        reached == len(document["text"]), f"document {document['id']}", f"its chunks end at {reached}"
    )


def check_copies(result: Result, build: Path, copies: Mapping[str, int]) -> None:
    """Check how many records each document was."""
    counts = Counter(row["duplicate_of"] for row in read_rows(build, "ledger"))
    for identity, stated in copies.items():
        expected = counts[identity] + 1
        result.expect(stated == expected, f"document {identity}", f"it was {expected} records, not {stated}")


def check_ledger(
    result: Result, build: Path, spans: dict[str, tuple[int, int, int]], sizes: Mapping[str, int]
) -> None:
    """Check the ledger: every byte of every source is kept or removed, and every document has a row."""
    reached: dict[str, int] = dict.fromkeys(sizes, 0)
    documents = set(spans)
    for row in read_rows(build, "ledger"):
        where = f"ledger: {row['source']} record {row['record']}"
        start, end = row["byte_start"], row["byte_end"]
        result.expect(start == reached.get(row["source"], 0), where, "bytes before it are in no record")
        reached[row["source"]] = end
        removed = sum(step["bytes"] for step in row["bytes_removed"])
        result.expect(row["bytes_kept"] + removed == end - start, where, "its bytes do not add up")
        if row["state"] == "kept":
            span = spans.pop(row["document_id"], None)
            result.expect(span == (start, end, row["bytes_kept"]), where, f"its document has {span}")
        if row["state"] == "duplicate":
            result.expect(row["duplicate_of"] in documents, where, "it is a copy of no document")
    for source, size in sizes.items():
        end = reached[source]
        result.expect(end == size, f"ledger: {source}", f"bytes {end} to {size} are in no record")
    for identity in spans:
        result.expect(False, f"document {identity}", "the ledger has no row for it")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python tests/independent_check.py BUILD ROOT\nROOT is the folder of the sources")
    done = check_build(Path(sys.argv[1]), Path(sys.argv[2]))
    sys.stdout.write("\n".join([*done.faults, f"{done.documents} documents, {done.chunks} chunks, "]))
    sys.stdout.write(f"{done.blocks} blocks, {done.characters} characters: {len(done.faults)} faults\n")
    sys.exit(bool(done.faults))
