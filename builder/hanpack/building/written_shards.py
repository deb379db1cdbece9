"""The shards of the published build, by all that shapes them: what the next build need not write again."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hanpack.errors import VerifyError
from hanpack.hashing import hash_file
from hanpack.store.figures import FigureCounter
from hanpack.store.part_files import write_whole
from hanpack.store.received_files import require_no_links
from hanpack.store.shards import ShardFile


@dataclass(frozen=True, slots=True)
class WrittenShard:
    """A shard as it was written, and what was counted in its rows."""

    file: ShardFile
    counter: FigureCounter


@dataclass(frozen=True, slots=True)
class WrittenShards:
    """The shards of the build in ``folder``, by key; and in ``current`` those of the next build.

    A key is a hash of all that shapes a shard: see :meth:`hanpack.building.assembly.Assembly.find_key`.
    """

    folder: Path
    earlier: Mapping[str, WrittenShard] = field(default_factory=dict)
    current: dict[str, WrittenShard] = field(default_factory=dict)

    def note(self, key: str, shard: WrittenShard) -> None:
        """Note a shard of the next build."""
        self.current[key] = shard

    def link(self, key: str, path: Path) -> WrittenShard | None:
        """Put the shard with a key at ``path`` too; None if there is none, or if its bytes have changed.

        It is a hard link where the file system has these, else a copy.
        """
        shard = self.earlier.get(key)
        if shard is None:
            return None
        source = self.folder / shard.file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # Whoever made the build in the folder: a link is not followed, a pipe not waited for.
            require_no_links(self.folder, [shard.file.path])
            _link_or_copy(source, path)
            if hash_file(path) == shard.file.sha256:
                return shard
        except (OSError, VerifyError):
            return None
        path.unlink()
        return None

    def save(self, path: Path) -> None:
        """Write the shards of the next build, which is about to be published, for the one after it."""
        content = {
            key: {"file": asdict(shard.file), "counter": shard.counter.to_json()}
            for key, shard in self.current.items()
        }
        write_whole(path, json.dumps(content).encode())


def load_written_shards(path: Path, folder: Path) -> WrittenShards:
    """Read what :meth:`WrittenShards.save` wrote about the build in ``folder``, if it did."""
    try:
        content = json.loads(path.read_bytes())
        earlier = {
            key: WrittenShard(ShardFile(**entry["file"]), FigureCounter.from_json(entry["counter"]))
            for key, entry in content.items()
            if os.pardir not in entry["file"]["path"].split("/")
        }
    except (OSError, ValueError, KeyError, TypeError):
        return WrittenShards(folder)
    return WrittenShards(folder, earlier)


def _link_or_copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        os.link(source, target, follow_symlinks=False)
    except (OSError, NotImplementedError):
        shutil.copyfile(source, target)
