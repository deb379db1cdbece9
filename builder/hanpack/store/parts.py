"""Parts: the finished tables of each batch in a file, so that a stopped build can be resumed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from hanpack.store.table_kinds import Names, TableKind
from hanpack.store.tables import Tables


@dataclass(frozen=True, slots=True)
class Parts:
    """A folder of part files, one for each batch and table; a file is complete as soon as it exists.

    A part that was revised, once all parts could be compared, is kept beside its first version.
    """

    folder: Path

    def path(self, name: str, index: int, revised: bool = False) -> Path:
        """Where a batch's table is kept."""
        return self.folder / f"{index:06d}.{name}{'.revised' if revised else ''}.arrow"

    def has(self, index: int) -> bool:
        """Whether a batch is finished. The ledger is written last, so it exists only if all tables do."""
        return self.path(TableKind.LEDGER.value, index).exists()

    def write(self, index: int, tables: Tables, revised: bool = False) -> None:
        """Keep a batch's tables: written under a temporary name, then renamed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            path = self.path(name, index, revised)
            temporary = path.with_suffix(f".{os.getpid()}.tmp")
            with pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
                writer.write_table(table)
            temporary.replace(path)

    def read(self, name: str, index: int) -> pa.Table:
        """Read a batch's table as it is now; its columns are mapped from the file, not copied."""
        revised = self.path(name, index, revised=True)
        return _map(revised) if revised.exists() else self.read_first(name, index)

    def read_first(self, name: str, index: int) -> pa.Table:
        """Read a batch's table as it was before any revision."""
        return _map(self.path(name, index))

    def read_partitions(self, index: int) -> Names:
        """The partition of each document of a batch; shape (documents,)."""
        column = self.read(TableKind.LEDGER.value, index).column("split")
        return np.array(column.drop_null().to_pylist(), dtype=object)

    def forget_revisions(self) -> None:
        """Delete the revised parts of an earlier run."""
        for path in self.folder.glob("*.revised.arrow"):
            path.unlink()


def _map(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()
