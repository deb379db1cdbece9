"""What is done of a build so far: each batch's tables in a part file, so that a stopped build goes on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from hanpack.files.tables import Tables


@dataclass(frozen=True, slots=True)
class Parts:
    """A folder of part files, one a batch and table; only whole parts are ever there."""

    folder: Path

    def path(self, name: str, index: int) -> Path:
        """Where a batch's table is kept."""
        return self.folder / f"{index:06d}.{name}.arrow"

    def has(self, index: int) -> bool:
        """Whether a batch is done. The ledger is written last, so its file stands for all."""
        return self.path("ledger", index).exists()

    def write(self, index: int, tables: Tables) -> None:
        """Keep a batch's tables: written under a temporary name, then renamed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            path = self.path(name, index)
            temporary = path.with_suffix(f".{os.getpid()}.tmp")
            with pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
                writer.write_table(table)
            temporary.replace(path)

    def read(self, name: str, index: int) -> pa.Table:
        """Read a batch's table; its columns are mapped from the file, not copied."""
        with pa.memory_map(str(self.path(name, index))) as source:
            return pa.ipc.open_file(source).read_all()
