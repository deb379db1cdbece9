"""How many rows of a Parquet file are read at once, of sources and of builds.

This module is short because it has that one rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow.parquet as pq


def fit_rows(metadata: pq.FileMetaData, batch_bytes: int, most_rows: int) -> int:
    """How many rows take about ``batch_bytes``, by the mean size of a row: 1 to ``most_rows``."""
    groups = (metadata.row_group(index) for index in range(metadata.num_row_groups))
    size: int = sum(group.total_byte_size for group in groups)
    fitting: int = batch_bytes * metadata.num_rows // max(size, 1)
    return max(1, min(most_rows, fitting))
