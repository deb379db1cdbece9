"""Certificates: a small file that proves, without the dataset, that a row is in a signed build."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hanpack.errors import UsageError, VerifyError
from hanpack.signing.keys import load_public_key, parse_public_key
from hanpack.signing.signatures import find_signer, open_envelope, read_attestation
from hanpack.store.merkle import (
    LEAF_COLUMNS,
    TEXT,
    InclusionProof,
    dump_leaf,
    follow_proof,
    hash_leaf,
    hash_rows,
    hash_shard,
    prove_inclusion,
)
from hanpack.store.reader import BuildReader
from hanpack.store.row_ids import find_row
from hanpack.store.shards import ShardFile
from hanpack.store.table_kinds import TableKind

FORMAT = 1
# A certificate has one row, two paths of hashes and one statement.
_MOST_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Checked:
    """What a certificate proves: a row of a table of a build, signed with a key.

    ``is_named_signer`` says whether the key is one that the caller named, or only the one in the certificate.
    """

    build: str
    table: str
    row: Mapping[str, object]
    public_key: str
    is_named_signer: bool


def certify_chunk(build: str | Path, chunk_id: str, table: str = "chunks") -> dict[str, Any]:
    """The certificate of a chunk: that it, with this span of this source, is in the signed build.

    The id may be given by its beginning.

    Raises:
        UsageError: there is no such chunk or table, or several ids begin so.
        VerifyError: the build is not signed, or a shard is not as it was written.
    """
    reader = BuildReader.open(Path(build))
    if table not in reader.tables or TableKind.of(table) is not TableKind.CHUNKS:
        raise UsageError(f"the build has no table of chunks {table!r}", str(build))
    identity = find_row(reader, table, chunk_id)["id"]
    place = _find_row(reader, table, {"id": identity})
    if place is None:
        raise UsageError(f"there is no row {chunk_id!r} in {table}", str(build))
    return _make_certificate(reader, *place)


def certify_record(build: str | Path, source: str, record: int) -> dict[str, Any]:
    """The certificate of a row of the ledger: what became of a record, for example that it is not kept.

    Raises:
        UsageError: there is no such record.
        VerifyError: the build is not signed, or a shard is not as it was written.
    """
    reader = BuildReader.open(Path(build))
    place = _find_row(reader, TableKind.LEDGER.value, {"source": source, "record": record})
    if place is None:
        raise UsageError(f"there is no record {record} of {source}", str(build))
    return _make_certificate(reader, *place)


def check_certificate(path: str | Path, signer: str | Path | None = None) -> Checked:
    """Check a certificate: its row, its proofs and its signature.

    Without ``signer`` the signature is checked with the key that the certificate itself names: that shows
    that nothing was changed, not who signed.

    Raises:
        VerifyError: something in it was changed, or another key signed it.
        UsageError: it is no certificate, or the key cannot be used.
    """
    content = _read_certificate(Path(path))
    where = str(path)
    try:
        key = load_public_key(Path(signer)) if signer else parse_public_key(_signer_of(content), where)
        statement = open_envelope(content["envelope"], key, where)
        table, row = content["table"], content["row"]
        columns = LEAF_COLUMNS[TableKind.of(table)]
        if sorted(row) != sorted(columns) or content["shard"].split("/")[1] != table:
            raise VerifyError("its row has other columns than a row of its table", where)
        root = _follow(content, row)
        name = str(statement["predicate"]["name"])
        signed = statement["predicate"]["merkleRoot"]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise VerifyError(f"the certificate is broken: {error}", where) from error
    if root is None or root.hex() != signed:
        raise VerifyError("its row is not in the signed build: its proof leads to another root", where)
    return Checked(name, table, row, statement["predicate"]["publicKey"], signer is not None)


def _follow(content: Mapping[str, Any], row: Mapping[str, Any]) -> bytes | None:
    """The root of the build to which the proofs of a certificate lead."""
    text = row.get(TEXT, "").encode("utf-8", "surrogatepass")
    leaf = hash_leaf(dump_leaf({name: value for name, value in row.items() if name != TEXT}, text))
    root = follow_proof(leaf, _read_proof(content["proof"]))
    if root is None:
        return None
    return follow_proof(hash_shard(content["shard"], root.hex()), _read_proof(content["shard_proof"]))


def _find_row(
    reader: BuildReader, table: str, values: Mapping[str, object]
) -> tuple[ShardFile, list[bytes], int, dict[str, Any]] | None:
    """The shard of the row with some values, all its leaves, the row's number and its columns."""
    kind = TableKind.of(table)
    columns = list(LEAF_COLUMNS[kind])
    for shard in reader.shards(table):
        leaves: list[bytes] = []
        match: tuple[int, dict[str, Any]] | None = None
        for batch in reader.read_shard(shard, columns):
            if match is None:
                keys = zip(*(batch.table.column(name).to_pylist() for name in values), strict=True)
                for number, row_key in enumerate(keys):
                    if row_key == tuple(values.values()):
                        row = batch.table.select(columns).slice(number, 1).to_pylist()[0]
                        match = len(leaves) + number, row
                        break
            leaves += hash_rows(kind, batch.table)
        if match is not None:
            return shard, leaves, *match
    return None


def _make_certificate(
    reader: BuildReader, shard: ShardFile, leaves: list[bytes], number: int, row: dict[str, Any]
) -> dict[str, Any]:
    attestation = read_attestation(reader.folder)
    shards = [file for file in reader.manifest.files if file.root]
    place = [file.path for file in shards].index(shard.path)
    of_shards = prove_inclusion([hash_shard(file.path, file.root) for file in shards], place)
    return {
        "hanpack_certificate": FORMAT,
        "table": shard.table,
        "row": row,
        "shard": shard.path,
        "proof": _dump_proof(prove_inclusion(leaves, number)),
        "shard_proof": _dump_proof(of_shards),
        "envelope": attestation.root,
    }


def _signer_of(content: Mapping[str, Any]) -> bytes:
    return find_signer(content["envelope"]).encode()


def _dump_proof(proof: InclusionProof) -> dict[str, Any]:
    return {"index": proof.index, "size": proof.size, "path": list(proof.path)}


def _read_proof(content: Mapping[str, Any]) -> InclusionProof:
    index, size, path = content["index"], content["size"], content["path"]
    if not (type(index) is int and type(size) is int and isinstance(path, list)):
        raise TypeError("a proof has an index, a size and a path")
    return InclusionProof(index, size, tuple(path))


def _read_certificate(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        content = json.loads(data) if len(data) <= _MOST_BYTES else None
    except OSError as error:
        raise UsageError(f"the certificate cannot be read: {error.strerror}", str(path)) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"this is no certificate: {error}", str(path)) from error
    if not isinstance(content, dict) or content.get("hanpack_certificate") != FORMAT:
        raise UsageError("this is no certificate of hanpack", str(path), "make one with 'hanpack certify'")
    return content
