"""Merkle trees as RFC 6962 defines them: roots, and proofs that hold for their own leaf alone."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.store.merkle import (
    CHUNK_COLUMNS,
    LEAF_COLUMNS,
    LEDGER_COLUMNS,
    TEXT,
    RowTree,
    dump_leaf,
    find_root,
    follow_proof,
    hash_leaf,
    hash_rows,
    prove_inclusion,
)
from hanpack.store.table_kinds import TableKind

LEAVES = st.lists(st.binary(max_size=4).map(hash_leaf), min_size=1, max_size=40)


def find_root_by_the_definition(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    parts = (find_root_by_the_definition(half) for half in (leaves[:split], leaves[split:]))
    return sha256(b"\1" + b"".join(parts)).digest()


@given(LEAVES)
def test_the_root_is_that_of_the_definition(leaves: list[bytes]) -> None:
    assert find_root(leaves) == find_root_by_the_definition(leaves)


@given(LEAVES, st.data())
def test_a_proof_leads_from_its_leaf_to_the_root_and_from_no_other(
    leaves: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = prove_inclusion(leaves, index)
    root = find_root(leaves)
    assert follow_proof(leaves[index], proof) == root
    assert follow_proof(hash_leaf(b"another"), proof) != root
    for changed in (
        replace(proof, path=(*proof.path, "00" * 32)),
        replace(proof, index=len(leaves)),
        replace(proof, index=-1),
    ):
        assert follow_proof(leaves[index], changed) is None


# The test vectors of the Certificate Transparency project: the roots of its first eight inputs.
@pytest.mark.parametrize(
    ("count", "root"),
    [
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ],
)
def test_roots_are_those_of_other_implementations(count: int, root: str) -> None:
    inputs = (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
    assert find_root([hash_leaf(bytes.fromhex(text)) for text in inputs[:count]]).hex() == root


def test_the_root_of_a_table_depends_on_every_column_it_commits_to_and_not_on_the_pieces() -> None:
    row = {
        "id": "a",
        "text": "报告",
        "document_id": "b",
        "chunk_index": 0,
        "source": "s",
        "source_sha256": "c",
    }
    rows = [{**row, "byte_start": number, "byte_end": number + 1} for number in range(5)]

    def find(pieces: list[list[dict[str, object]]]) -> str:
        tree = RowTree(TableKind.CHUNKS)
        for piece in pieces:
            tree.add(pa.Table.from_pylist(piece))
        return tree.find_root()

    whole = find([rows])
    assert find([rows[:2], rows[2:]]) == whole
    for name in CHUNK_COLUMNS:
        value = rows[3][name]
        changed = {**rows[3], name: f"{value}x" if isinstance(value, str) else 99}
        assert find([[*rows[:3], changed, rows[4]]]) != whole
    assert RowTree(TableKind.DOCUMENTS).find_root() == ""


@given(st.lists(st.integers(0, 9), max_size=8))
def test_the_root_of_rows_is_the_same_however_they_are_cut_into_pieces(sizes: list[int]) -> None:
    ledger = pa.table({name: pa.array(map(str, range(sum(sizes)))) for name in LEDGER_COLUMNS})
    tree = RowTree(TableKind.LEDGER)
    first = 0
    for size in sizes:
        tree.add(ledger.slice(first, size))
        first += size
    assert tree.find_root() == find_root(hash_rows(TableKind.LEDGER, ledger)).hex()


TEXTS = (
    st.none()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
    | st.sampled_from(['"', "\\", "\x00\n\x1f\x7f"])
)


@given(st.data(), st.sampled_from([TableKind.CHUNKS, TableKind.LEDGER]))
def test_the_leaves_of_a_table_are_those_of_its_rows(data: st.DataObject, kind: TableKind) -> None:
    types = {name: kind.schema.field(name).type for name in LEAF_COLUMNS[kind]}
    values = {
        name: TEXTS if pa.types.is_string(types[name]) else st.integers(-(2**31), 2**31 - 1) | st.none()
        for name in types
    } | ({TEXT: st.text(st.characters(exclude_categories=["Cs"]))} if TEXT in types else {})
    rows = data.draw(st.lists(st.fixed_dictionaries(values), max_size=4))
    table = pa.Table.from_pylist(rows, pa.schema(list(types.items())))
    texts = [str(row.pop(TEXT, "")).encode() for row in rows]
    assert hash_rows(kind, table) == [
        hash_leaf(dump_leaf(row, text)) for row, text in zip(rows, texts, strict=True)
    ]
