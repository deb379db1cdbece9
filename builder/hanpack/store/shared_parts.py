"""A cache of parts that is on object storage too: workers on other machines write to it and read from it.

Every part has a deterministic name and is one object, so that two workers that make the same part do no harm.
The local folder has copies of the parts that this machine has made or read.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path

import pyarrow as pa

from hanpack.store.object_folder import ObjectFolder
from hanpack.store.part_content import PartContent
from hanpack.store.part_files import write_whole
from hanpack.store.parts import PartCache, find_file_key
from hanpack.store.tables import NamedTables, Tables


def open_cache(folder: Path, work_url: str = "") -> PartCache:
    """The cache of parts in a work folder; ``work_url`` is that on object storage, if there is one."""
    parts = folder / "parts"
    return SharedPartCache(parts, ObjectFolder(work_url).child("parts")) if work_url else PartCache(parts)


@dataclass(frozen=True)
class SharedPartCache(PartCache):
    """A cache whose parts are in ``objects`` too."""

    objects: ObjectFolder

    @cached_property
    def _listed(self) -> Collection[str]:
        """The names of the objects when they were first needed."""
        return self.objects.list_sizes().keys()

    def has(self, file_key: str) -> bool:
        """Whether the file exists here or there; then it is copied here."""
        if not self.path(file_key).exists() and self._name(file_key) in self._listed:
            self._download(file_key)
        return super().has(file_key)

    def size(self, file_key: str) -> int:
        """The size of a file in bytes; it is copied here first."""
        self._download(file_key)
        return super().size(file_key)

    def _write(self, file_key: str, tables: NamedTables, content: PartContent, **notes: object) -> None:
        super()._write(file_key, tables, content, **notes)
        self.objects.upload(self._name(file_key), self.path(file_key))

    def write_revised(
        self,
        file_key: str,
        revised_from: str,
        rows: Sequence[int],
        tables: NamedTables,
        records: Sequence[int],
    ) -> None:
        """Write revised parts here and there; the file that is revised is copied here first."""
        self._download(revised_from)
        super().write_revised(file_key, revised_from, rows, tables, records)

    def read_each(
        self, keys: Iterable[str], name: str, *, has_long_columns: bool = True
    ) -> Iterator[pa.Table]:
        """Read one table of each of some parts, whose files are copied here first."""
        for file_key, parts in groupby(keys, key=find_file_key):
            self._download(file_key)
            yield from super().read_each(parts, name, has_long_columns=has_long_columns)

    def read_texts(self, key: str) -> pa.ChunkedArray:
        """Read the texts of the documents of a part that was not revised; its file is copied here first."""
        self._download(find_file_key(key))
        return super().read_texts(key)

    def read_index(self, file_key: str) -> tuple[pa.Table, Tables]:
        """Read what every build needs of the parts of a file, which is copied here first."""
        self._download(file_key)
        return super().read_index(file_key)

    def read_counts(self, group_key: str) -> list[int]:
        """How many parts each file of a group of sources has, as noted here or there."""
        path = self._count_path(group_key)
        if not path.exists() and self._relative(path) in self._listed:
            write_whole(path, self.objects.read(self._relative(path)) or b"")
        return super().read_counts(group_key)

    def write_counts(self, group_key: str, counts: Sequence[int]) -> None:
        """Note here and there how many parts each file of a group has."""
        super().write_counts(group_key, counts)
        path = self._count_path(group_key)
        self.objects.upload(self._relative(path), path)

    def shrink(self, max_bytes: int, used: Collection[str]) -> int:
        """Delete files here and there, until neither is larger than ``max_bytes``; those in use go last."""
        sizes = self.objects.list_sizes()
        excess = sum(sizes.values()) - max_bytes
        in_use = set(map(self._name, map(find_file_key, used)))
        for name in sorted(sizes, key=lambda name: (name in in_use, name)):
            if excess <= 0:
                break
            self.objects.delete(name)
            excess -= sizes[name]
        return super().shrink(max_bytes, used)

    def delete_others(self, used: Collection[str]) -> None:
        """Delete every file here and there but those of the parts ``used``."""
        names = set(map(self._name, map(find_file_key, used)))
        for name in self.objects.list_sizes():
            if name.endswith(".part") and name not in names:
                self.objects.delete(name)
        super().delete_others(used)

    def _download(self, file_key: str) -> None:
        """Copy a file here, if it is not; it appears complete or not at all."""
        path = self.path(file_key)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        if self.objects.download(self._name(file_key), temporary):
            temporary.replace(path)

    def _name(self, file_key: str) -> str:
        return self._relative(self.path(file_key))

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()
