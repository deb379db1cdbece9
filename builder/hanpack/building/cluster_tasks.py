"""The stages that need all parts as tasks for a cluster: the comparison of documents, and each shard.

A task has the keys of files of parts, and reads these where it runs; it is repeated elsewhere if its machine
dies.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pyarrow as pa

from hanpack.building.assembly import Assembly, PlannedShard, write_shard_file
from hanpack.building.decisions import Decisions, decide
from hanpack.building.final_ids import FinalIds
from hanpack.building.written_shards import WrittenShard
from hanpack.engines.cluster import call_on_cluster
from hanpack.errors import BuildError
from hanpack.recipe import Recipe
from hanpack.store.object_folder import ObjectFolder
from hanpack.store.part_index import Parts, select_parts
from hanpack.store.parts import PartCache
from hanpack.store.shared_parts import open_cache
from hanpack.store.signature_table import OtherBuild

# The folder of shards that workers have written, in the work folder here or on object storage.
_SHARDS = "shards"


@dataclass(frozen=True, slots=True)
class WorkPlace:
    """Where the parts of a build are: its work folder, and ``url``, that on object storage if it has one."""

    folder: Path
    url: str = ""

    @contextmanager
    def open(self) -> Iterator[tuple[Path, PartCache]]:
        """A folder that a task may write to, and the cache of parts.

        With object storage, both are in a folder of the task: its machine shares none with the others.
        """
        if self.url:
            with tempfile.TemporaryDirectory(prefix="hanpack-") as own:
                yield Path(own), open_cache(Path(own), self.url)
            return
        own_folder = self.folder / _SHARDS / uuid4().hex
        try:
            yield own_folder, open_cache(self.folder)
        finally:
            shutil.rmtree(own_folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class DecisionTask:
    """The decisions on all documents of the parts of some files; see :func:`decide`."""

    place: WorkPlace
    files: Sequence[str]
    recipe: Recipe
    against: Sequence[OtherBuild]

    def __call__(self) -> Decisions:
        """Carry out the task."""
        with self.place.open() as (_, cache):
            index = select_parts([], self.files, cache)
            return decide(Parts(cache, index, index), self.recipe, lambda _done, _total: None, self.against)


def decide_on_cluster(
    place: WorkPlace, parts: Parts, recipe: Recipe, against: Sequence[OtherBuild]
) -> Decisions:
    """The decisions on all documents, which a machine of the cluster makes."""
    return call_on_cluster(DecisionTask(place, parts.unrevised.keys.files, recipe, against))


@dataclass(frozen=True, slots=True)
class ShardTask:
    """A shard to write, from the parts of files ``unrevised``, which are ``current`` after the revision.

    The parts of ``shard`` are numbered among those of the files. It is written into ``folder``, or becomes an
    object of its path if there is object storage.
    """

    place: WorkPlace
    unrevised: Sequence[str]
    current: Sequence[str]
    schema: pa.Schema
    partitions: tuple[str, ...]
    ids: FinalIds
    shard: PlannedShard
    folder: Path

    def __call__(self) -> WrittenShard:
        """Carry out the task."""
        with self.place.open() as (own, cache):
            unrevised = select_parts([], self.unrevised, cache)
            is_revised = self.current != self.unrevised
            current = select_parts([], self.current, cache) if is_revised else unrevised
            assembly = Assembly(
                parts=Parts(cache, unrevised, current),
                schemas={self.shard.table: self.schema},
                partitions=self.partitions,
                ids=self.ids,
            )
            written = write_shard_file(assembly, self.shard, own, lambda _: None)
            if self.place.url:
                shards = ObjectFolder(self.place.url).child(_SHARDS)
                shards.upload(self.shard.path, own / self.shard.path)
            else:
                target = self.folder / self.shard.path
                target.parent.mkdir(parents=True, exist_ok=True)
                (own / self.shard.path).replace(target)
            return written


@dataclass(frozen=True, slots=True)
class ClusterWriter:
    """Writes the shards of an assembly on a cluster, as :func:`write_shard_file` does here."""

    place: WorkPlace

    def write(self, assembly: Assembly, shard: PlannedShard, folder: Path) -> WrittenShard:
        """Write a shard into ``folder``; several threads may do so at once."""
        ids, cut_shard, (unrevised, current) = assembly.cut(shard)
        task = ShardTask(
            place=self.place,
            unrevised=unrevised,
            current=current,
            schema=assembly.find_schema(shard.table),
            partitions=assembly.partitions,
            ids=ids,
            shard=cut_shard,
            folder=folder.resolve(),
        )
        written = call_on_cluster(task)
        if self.place.url:
            self._download(shard, folder)
        return written

    def _download(self, shard: PlannedShard, folder: Path) -> None:
        target = folder / shard.path
        target.parent.mkdir(parents=True, exist_ok=True)
        shards = ObjectFolder(self.place.url).child(_SHARDS)
        if not shards.download(shard.path, target):
            raise BuildError("a shard that a worker wrote is gone", shard.path, "run the same command again")
        shards.delete(shard.path)
