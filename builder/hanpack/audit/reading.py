"""What an audit reads again: the rows of a build, and the raw sources."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.audit.findings import Audit
from hanpack.files.manifest import Manifest
from hanpack.files.names import unescape_name
from hanpack.files.raw import RawSource, read_raw
from hanpack.recipe import Recipe
from hanpack.values import Source

Row = Mapping[str, Any]


class Sources:
    """The sources of a build, read when they are asked for; rows come in their order, so one is held."""

    def __init__(self, audit: Audit, manifest: Manifest, root: Path) -> None:
        self.root = root
        self._recipe = Recipe.model_validate(manifest.recipe)
        self._sources = {source.path: source for source in manifest.sources}
        self._held: tuple[str, RawSource] | None = None
        for source in manifest.sources:
            if source.sha256:
                audit.count("sources")
                self._check_hash(audit, source)

    def content(self, path: str) -> RawSource:
        """The content of a source, by its path in the build."""
        if self._held is None or self._held[0] != path:
            self._held = path, read_raw(self._sources[path], self.root, self._recipe)
        return self._held[1]

    def is_readable(self, path: str) -> bool:
        """Whether a source was read at all, and not refused as a whole."""
        source = self._sources.get(path)
        return source is not None and source.fault is None

    def _check_hash(self, audit: Audit, source: Source) -> None:
        path = self.root / unescape_name(source.path)
        if not path.is_file():
            audit.expect(
                False, source.path, f"there is no such source in {self.root.name or '/'}; use --sources"
            )
            return
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        audit.expect(digest == source.sha256, source.path, f"its sha256 is {digest}, not {source.sha256}")


def read_rows(
    folder: Path, manifest: Manifest, name: str, without: tuple[str, ...] = ()
) -> Iterator[tuple[str, Row]]:
    """The rows of a table with where each stands; columns that are not needed are left out."""
    for file in manifest.tables[name]:
        index = 0
        with pq.ParquetFile(folder / file.path) as shard:
            columns = [column for column in shard.schema_arrow.names if column not in without]
            for batch in shard.iter_batches(batch_size=256, columns=columns):
                for row in _plain(batch):
                    yield f"{file.path} row {index}", row
                    index += 1


def _plain(batch: pa.RecordBatch) -> Iterator[Row]:
    """Rows as values; the breaks stay arrays, for they are long."""
    breaks = [name for name in batch.schema.names if name in ("text_breaks", "byte_breaks")]
    rest = batch.select([name for name in batch.schema.names if name not in breaks])
    for index, row in enumerate(rest.to_pylist()):
        yield {**row, **{name: np.asarray(batch.column(name)[index].values) for name in breaks}}
