"""A cache of parts that is on object storage too: workers on other machines write to it and read from it.

Every part has a deterministic name and is one object, so that two workers that make the same part do no harm.
The local folder has copies of the parts that this machine has made or read.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from hanpack.store.object_folder import ObjectFolder
from hanpack.store.parts import PartCache
from hanpack.store.tables import Tables


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

    def has(self, key: str) -> bool:
        """Whether the part exists here or there; then it is copied here."""
        if not self.path(key).exists() and self._name(key) in self._listed:
            self._download(key)
        return super().has(key)

    def size(self, key: str) -> int:
        """The size of a part's file in bytes; it is copied here first."""
        self._download(key)
        return super().size(key)

    def write(self, key: str, tables: Tables) -> None:
        """Write the tables of a part here and there."""
        super().write(key, tables)
        self.objects.upload(self._name(key), self.path(key))

    def read(self, key: str, name: str) -> pa.Table:
        """Read one table of a part, which is copied here first."""
        self._download(key)
        return super().read(key, name)

    def read_all(self, key: str) -> Tables:
        """Read all tables of a part, which is copied here first."""
        self._download(key)
        return super().read_all(key)

    def read_count(self, source_key: str) -> int | None:
        """How many parts a source has; None if it was never read to its end."""
        count = super().read_count(source_key)
        name = self._relative(self._count_path(source_key))
        if count is None and name in self._listed:
            content = self.objects.read(name)
            return int(content) if content else None
        return count

    def write_count(self, source_key: str, count: int) -> None:
        """Note how many parts a source has, here and there."""
        super().write_count(source_key, count)
        self.objects.put(self._relative(self._count_path(source_key)), b"%d" % count)

    def shrink(self, max_bytes: int, used: Collection[str]) -> int:
        """Delete parts here and there, until neither is larger than ``max_bytes``; those in use go last."""
        sizes = self.objects.list_sizes()
        excess = sum(sizes.values()) - max_bytes
        in_use = {self._name(key) for key in used}
        for name in sorted(sizes, key=lambda name: (name in in_use, name)):
            if excess <= 0:
                break
            self.objects.delete(name)
            excess -= sizes[name]
        return super().shrink(max_bytes, used)

    def delete_others(self, used: Collection[str]) -> None:
        """Delete every part here and there but those with keys in ``used``."""
        names = {self._name(key) for key in used}
        for name in self.objects.list_sizes():
            if name.endswith(".part") and name not in names:
                self.objects.delete(name)
        super().delete_others(used)

    def _download(self, key: str) -> None:
        """Copy a part here, if it is not; it appears complete or not at all."""
        path = self.path(key)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        if self.objects.download(self._name(key), temporary):
            temporary.replace(path)

    def _name(self, key: str) -> str:
        return self._relative(self.path(key))

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()
