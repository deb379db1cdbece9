"""No forgery of what Parquet files have beside rows, of indexes, signatures and withdrawals passes unsaid.

The forger has made every hash, total and checksum of the build fit, as in :mod:`tests.audit.test_forgeries`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hanpack.audit import files
from hanpack.audit.verification import verify
from hanpack.building.run import build
from hanpack.store import source_list
from hanpack.store.manifest import SEARCH_INDEX, SIGNATURES, read_manifest
from hanpack.store.reader import BuildReader
from hanpack.store.shards import PARQUET
from hanpack.store.source_list import SOURCES_FILE
from hanpack.store.thrift_values import BINARY, I64, ListValue, Struct, TypedValue, read_struct, write_struct
from tests.conftest import write_recipe
from tests.crafted_build import refit_file
from tests.forged_build import Forgery, change_manifest, change_state, change_tables, forge

PAGE = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"><title>年度报告</title></head><body><div class="main">'
    "<h1>年度报告</h1><h2>工作回顾</h2><h3>农业</h3><p>{0}</p><h3>工业</h3><p>{0}</p>"
    "<h2>下一步打算</h2><p>{0}</p></div></body></html>"
)
SENTENCES = "我们坚持稳中求进，推动高质量发展。全年完成投资三百亿元，抓好重点项目的落实。" * 2
RECORDS = [
    {"text": "今天召开会议，研究部署下一阶段的重点工作。", "url": "https://a.example/1", "license": "mit"},
    {"text": "水利工程的建设和管理，以及农村饮水安全的保障措施。", "url": "https://b.example/2"},
]
SOURCES = {
    "page.html": PAGE.format(SENTENCES).encode(),
    "records.jsonl": "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in RECORDS).encode(),
    "secret.txt": "这份材料应当留在语料里，谁也没有要求撤回它。\n".encode(),
}
RECIPE: dict[str, Any] = {
    "name": "forged",
    "steps": {"page": True},
    "chunks": {"max_tokens": 48},
    "duplicates": {"signatures": True},
    "search_index": True,
    "sources": [
        {"path": "page.html"},
        {"path": "records.jsonl", "metadata": {"url": "url", "license": "license"}},
        {"path": "secret.txt"},
    ],
}
WITHDRAWAL = {
    "request": "r1",
    "date": "2026-11-01",
    "reason": "a request",
    "texts": [],
    "sources": ["secret.txt"],
    "urls": [],
}
CHUNKS = "data/chunks/train-00000-of-00001.parquet"
DOCUMENTS = "data/documents/train-00000-of-00001.parquet"
# A file ends with the size of its footer and four letters.
TAIL = struct.Struct("<I4s")


@pytest.fixture(scope="module")
def genuine(loaded_models: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build that has an index for searches and signatures; its sources and its recipe are beside it."""
    folder = tmp_path_factory.mktemp("genuine")
    build(write_recipe(folder, SOURCES, **RECIPE), folder / "out", num_proc=1)
    return folder


def change_bytes(name: str, change: Callable[[bytes], bytes]) -> Forgery:
    """Change the bytes of a file."""

    def forgery(out: Path) -> None:
        path = out / name
        path.write_bytes(change(path.read_bytes()))
        refit_file(out, name)

    return forgery


def flip(place: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def hide_before_footer(data: bytes) -> bytes:
    """Bytes that no part of the file refers to."""
    size, _ = TAIL.unpack(data[-TAIL.size :])
    footer = len(data) - TAIL.size - size
    return data[:footer] + b"hidden" + data[footer:]


def change_footer(change: Callable[[dict[int, TypedValue]], Struct]) -> Callable[[bytes], bytes]:
    """Change the metadata of a Parquet file."""

    def change_data(data: bytes) -> bytes:
        size, magic = TAIL.unpack(data[-TAIL.size :])
        start = len(data) - TAIL.size - size
        footer = write_struct(change(dict(read_struct(data[start:])[0])))
        return data[:start] + footer + TAIL.pack(len(footer), magic)

    return change_data


def change_column(number: int, change: Callable[[dict[int, TypedValue]], Struct]) -> Callable[[bytes], bytes]:
    """Change the metadata of a column in the first row group."""

    def change_groups(footer: dict[int, TypedValue]) -> Struct:
        groups = list(footer[4].value.values)
        columns = list(groups[0][1].value.values)
        chunk = dict(columns[number])
        chunk[3] = TypedValue(chunk[3].kind, change(dict(chunk[3].value)))
        columns[number] = chunk
        groups[0] = {**groups[0], 1: TypedValue(groups[0][1].kind, ListValue(12, columns))}
        return {**footer, 4: TypedValue(footer[4].kind, ListValue(12, groups))}

    return change_footer(change_groups)


def deny_values(column: dict[int, TypedValue]) -> Struct:
    """Statistics that say that all values of a column are the same: queries pass over the others."""
    statistics = {**column[12].value, **dict.fromkeys((5, 6), TypedValue(BINARY, b"0"))}
    return {**column, 12: TypedValue(column[12].kind, statistics)}


def hide_row(footer: dict[int, TypedValue]) -> Struct:
    """A footer that has a row fewer than the pages."""
    group = dict(footer[4].value.values[0])
    group[3] = TypedValue(I64, group[3].value - 1)
    return {
        **footer,
        3: TypedValue(I64, footer[3].value - 1),
        4: TypedValue(footer[4].kind, ListValue(12, [group])),
    }


def empty_filters(out: Path) -> None:
    """Bloom filters that deny every id."""
    path = out / CHUNKS
    data = bytearray(path.read_bytes())
    group = pq.read_metadata(path).row_group(0)
    column = next(group.column(number) for number in range(group.num_columns))
    start, size = column.bloom_filter_offset, column.bloom_filter_length
    bits = 1 << (size.bit_length() - 1)
    data[start + size - bits : start + size] = bytes(bits)
    path.write_bytes(data)
    refit_file(out, CHUNKS)


def move_pages(data: bytes) -> bytes:
    """An index of pages that gives the first page of a column of lists other rows."""
    size, _ = TAIL.unpack(data[-TAIL.size :])
    footer, _ = read_struct(data[len(data) - TAIL.size - size :])
    chunk = footer[4].value.values[0][1].value.values[-1]
    place, length = chunk[4].value, chunk[5].value
    index = dict(read_struct(data[place:])[0])
    first, *others = index[1].value.values
    moved = {**first, 3: TypedValue(I64, first[3].value + 1)}
    written = write_struct({**index, 1: TypedValue(index[1].kind, ListValue(12, [moved, *others]))})
    assert len(written) == length
    return data[:place] + written + data[place + length :]


def change_signatures(change: Callable[[pa.Table], pa.Table], **options: Any) -> Forgery:
    def forgery(out: Path) -> None:
        path = out / SIGNATURES
        changed = change(pq.read_table(path))
        pq.write_table(changed, path, **{**PARQUET, "row_group_size": changed.num_rows, **options})
        refit_file(out, SIGNATURES, changed.num_rows)

    return forgery


def change_bands(table: pa.Table) -> pa.Table:
    bands = table.column("bands").to_pylist()
    bands[0] = bytes(len(bands[0]))
    place = table.column_names.index("bands")
    return table.set_column(
        place, table.schema.field("bands"), pa.array(bands, table.schema.field("bands").type)
    )


def edit_chunk(**functions: Callable[[Any], Any]) -> Forgery:
    """A change of the first chunk under a heading of the third level."""

    def change(tables: dict[str, list[dict[str, Any]]]) -> None:
        row = next(row for row in tables["chunks"] if len(row["section"]) > 1)
        row.update({name: function(row[name]) for name, function in functions.items()})

    return lambda out: forge(out, change)


def withdraw_in_the_manifest(out: Path) -> None:
    """A build that withdraws what nobody asked to withdraw: made with a request that is then deleted."""
    requests = out.parent / "withdrawals.jsonl"
    requests.write_text(json.dumps(WITHDRAWAL) + "\n", encoding="utf-8")
    build(out.parent / "recipe.yaml", out, num_proc=1)
    requests.unlink()


FAULTS: dict[str, Forgery] = {
    "a bit of the index of n-grams": change_bytes(SEARCH_INDEX, flip(-20)),
    "an index of n-grams without its end": change_bytes(SEARCH_INDEX, lambda data: data[:80]),
    "an index of n-grams with more after its end": change_bytes(SEARCH_INDEX, lambda data: data + b"hidden"),
    "the bands of a signature": change_signatures(change_bands),
    "a signature is left out": change_signatures(lambda table: table.slice(1)),
    "the order of signatures": change_signatures(lambda table: table.take([1, 0, *range(2, table.num_rows)])),
    "metadata of the file of signatures": change_signatures(
        lambda table: table.replace_schema_metadata({"note": "hidden"})
    ),
    "bytes before the footer of the signatures": change_bytes(SIGNATURES, hide_before_footer),
    "bytes before the footer of a shard": change_bytes(CHUNKS, hide_before_footer),
    "statistics that deny a source": change_bytes(CHUNKS, change_column(0, deny_values)),
    "a footer that hides a row": change_bytes(CHUNKS, change_footer(hide_row)),
    "Bloom filters that deny every id": empty_filters,
    "an index of pages with other rows": change_bytes(DOCUMENTS, move_pages),
    "pages of another version": lambda out: change_tables(
        out, "documents", lambda rows: rows, data_page_version="2.0"
    ),
    "the licence of a record": lambda out: forge(out, change_state("kept", license="cc0-1.0")),
    "the domain of a record": lambda out: forge(out, change_state("kept", domain="c.example")),
    "the address of a kept record": lambda out: forge(out, change_state("kept", url="https://c.example")),
    "the outer heading of a chunk": edit_chunk(section=lambda path: path[1:]),
}


def test_the_genuine_build_passes(genuine: Path) -> None:
    audit = verify(genuine / "out", recipe=genuine / "recipe.yaml")
    assert (audit.faults, audit.unproven) == ([], [])


@pytest.mark.parametrize("name", FAULTS)
def test_a_forgery_is_a_fault(copy: Path, name: str) -> None:
    before = {path: path.read_bytes() for path in (copy / "out").rglob("*") if path.is_file()}
    FAULTS[name](copy / "out")
    assert before != {path: path.read_bytes() for path in (copy / "out").rglob("*") if path.is_file()}
    assert verify(copy / "out", copy).faults


@pytest.mark.parametrize(
    "name", ["bytes before the footer of the signatures", "Bloom filters that deny every id"]
)
def test_bytes_are_named_as_not_proven_if_another_library_wrote_them(copy: Path, name: str) -> None:
    out = copy / "out"
    FAULTS[name](out)
    versions = {**read_manifest(out).versions, "pyarrow": "1.0"}
    change_manifest(out, versions=versions)
    audit = verify(out, copy, recipe=copy / "recipe.yaml")
    assert audit.faults or any("pyarrow 1.0" in note for note in audit.notes)


def test_a_chunk_is_shown_though_the_filters_deny_its_id(copy: Path) -> None:
    out = copy / "out"
    (identity, *_) = pq.read_table(out / CHUNKS).column("id").to_pylist()
    empty_filters(out)
    reader = BuildReader.open(out)
    assert not reader._may_contain(reader.shards("chunks")[0], "id", [identity])
    row = reader.find_row("chunks", identity)
    assert row is not None
    assert row["id"] == identity


def test_a_withdrawal_that_nobody_asked_for_is_named_and_checked_against_the_requests(copy: Path) -> None:
    out = copy / "out"
    withdraw_in_the_manifest(out)
    audit = verify(out, copy)
    assert audit.faults == []
    assert any("withdrawals" in claim for claim in audit.claims)
    faults = verify(out, copy, recipe=copy / "recipe.yaml").faults
    assert [fault.what for fault in faults] == [
        "it states the withdrawal r1, which is not in withdrawals.jsonl"
    ]


def test_a_request_that_a_build_does_not_carry_out_is_a_fault(copy: Path) -> None:
    (copy / "withdrawals.jsonl").write_text(json.dumps(WITHDRAWAL) + "\n", encoding="utf-8")
    faults = verify(copy / "out", copy, recipe=copy / "recipe.yaml").faults
    assert [fault.what for fault in faults] == [
        "it does not carry out the withdrawal r1 of withdrawals.jsonl"
    ]


def test_what_is_hidden_in_the_list_of_sources_is_a_fault(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (files, source_list):
        monkeypatch.setattr(module, "MOST_LISTED", 1)
    out = copy / "out"
    build(copy / "recipe.yaml", out, num_proc=1, fresh=True)
    assert (out / SOURCES_FILE).is_file()
    assert verify(out, copy).faults == []
    path = out / SOURCES_FILE
    path.write_bytes(hide_before_footer(path.read_bytes()))
    refit_file(out, SOURCES_FILE)
    assert verify(out, copy).faults
