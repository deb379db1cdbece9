"""The table ``signatures.parquet``: signatures of documents, by which other builds find copies of them.

It has no text, and none can be read from it; whether a given text is in the build can be seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hanpack.errors import VerifyError
from hanpack.steps.dedup.minhash import BANDS
from hanpack.steps.dedup.published import PACKED_BYTES, PublishedSignatures
from hanpack.store.dedup_features import read_exact_hashes

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("exact", pa.binary(16)),
        pa.field("bands", pa.binary(4 * BANDS)),
        pa.field("sketch", pa.binary(PACKED_BYTES)),
    ]
)
_IDENTITY = r"^[0-9a-f]{20}(-[0-9]{1,18})?$"


@dataclass(frozen=True, slots=True)
class StatedBuild:
    """A build that documents are compared with: where it was, its name, and the hash of its signatures."""

    build: str
    name: str
    fingerprint: str
    sha256: str


@dataclass(frozen=True, slots=True, eq=False)
class OtherBuild:
    """A build that documents are compared with, and its signatures as a table of :data:`SCHEMA`."""

    stated: StatedBuild
    signatures: pa.Table


def read_signatures(path: Path) -> pa.Table:
    """Read signatures that somebody else may have written.

    Raises:
        VerifyError: it is not a file that hanpack writes.
    """
    try:
        with pq.ParquetFile(path) as file:
            if not file.schema_arrow.equals(SCHEMA):
                raise VerifyError("its columns are not those of signatures", str(path))
            table = file.read().combine_chunks()
        table.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise VerifyError(f"the signatures cannot be read: {reason}", str(path)) from error
    is_written = pc.all(pc.match_substring_regex(table.column("id"), _IDENTITY)).as_py()
    if is_written is False or any(column.null_count for column in table.columns):
        raise VerifyError("the signatures have an id that hanpack does not write, or a null", str(path))
    return table


def unpack_signatures(table: pa.Table) -> PublishedSignatures:
    """The signatures of a table as arrays."""
    rows = table.num_rows
    return PublishedSignatures(
        exact=read_exact_hashes(table),
        bands=_read_array(table, "bands", "<u4", rows).astype(np.uint32),
        sketches=_read_array(table, "sketch", "u1", rows),
    )


def _read_array(table: pa.Table, name: str, kind: str, rows: int) -> npt.NDArray[Any]:
    column = table.column(name).combine_chunks()
    width = column.type.byte_width
    data = np.frombuffer(column.buffers()[1], np.uint8)[
        column.offset * width : (column.offset + rows) * width
    ]
    return data.view(kind).reshape(rows, -1)
