"""The only reader of builds: manifest, shards and partitions, and complete tables, batches or single rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hanpack.errors import VerifyError, require_type
from hanpack.names import is_remote
from hanpack.store.manifest import (
    MANIFEST,
    MOST_BYTES,
    Manifest,
    make_manifest,
    parse_content,
    read_content,
)
from hanpack.store.opened_folder import OpenedFolder, finish_replacement
from hanpack.store.placed_rows import PlacedRow, Row, TableBatch
from hanpack.store.received import check_manifest
from hanpack.store.received_files import require_no_links
from hanpack.store.received_rows import check_schema, check_values
from hanpack.store.row_groups import count_batch_rows, has_long_record, iterate_tables
from hanpack.store.row_spans import cut_ranges
from hanpack.store.shards import ShardFile, describe_file

if TYPE_CHECKING:
    from hanpack.store.remote_build import RemoteBuild

__all__ = ["BuildReader", "PlacedRow", "Row", "TableBatch"]

# So many footers of shards are kept: whoever reads one shard opens it several times.
_MOST_FOOTERS = 4
# The most values that are looked for in Bloom filters.
_MOST_FILTERED = 50


@dataclass(frozen=True, slots=True)
class BuildReader:
    """A finished build. Everything that reads a build's Parquet files reads them through this.

    ``folder`` is where it is on this machine; of a build at a URL it does not exist, and ``remote`` has its
    files.
    """

    folder: Path
    manifest: Manifest
    opened: OpenedFolder | None = None
    remote: RemoteBuild | None = None
    _footers: dict[str, pq.FileMetaData] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def open(cls, place: str | PathLike[str]) -> BuildReader:
        """Open a build by its folder or URL; whoever made it, its manifest and its files' places are checked.

        All that is read is of this build, even if another one replaces it meanwhile: the files of a replaced
        build are read in the work folder, as long as they are there, and those on the Hub at its commit.

        Raises:
            VerifyError: its manifest is missing, is not as it was written, or is not one that hanpack writes;
                or one of its files is a link; or another build replaces it at this moment; or the URL cannot
                be read.
            UsageError: there is no such folder, or what reads the URL is not installed.
        """
        require_type(place, (str, PathLike), "build")
        if is_remote(str(place)):
            # Most builds are on this machine.
            from hanpack.store.remote_build import RemoteBuild

            remote = RemoteBuild.open(str(place))
            where = remote.name_file(MANIFEST)
            content = parse_content(
                remote.read(MANIFEST, MOST_BYTES), where, lambda name: remote.read(name, MOST_BYTES)
            )
            return cls(Path(remote.url), _check_content(content, where), remote=remote)
        folder = Path(place)
        finish_replacement(folder)
        opened = OpenedFolder.open(folder) if (folder / MANIFEST).is_file() else None
        content = read_content(folder)
        if opened:
            opened.require_at(folder)
        manifest = _check_content(content, str(folder / MANIFEST))
        require_no_links(folder, [file.path for file in manifest.files])
        return cls(folder, manifest, opened)

    @property
    def place(self) -> str:
        """The folder or URL, for messages."""
        return self.remote.url if self.remote else str(self.folder)

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of the build's tables, the default one first."""
        return tuple(self.manifest.tables)

    def shards(self, table: str, partition: str | None = None) -> list[ShardFile]:
        """The shards of a table, or of one partition of it, in the order of their rows."""
        shards = self.manifest.tables[table]
        return [shard for shard in shards if partition is None or shard.partition == partition]

    def partitions(self, table: str) -> tuple[str, ...]:
        """The partitions that a table has shards of, such as ``train``."""
        return tuple(dict.fromkeys(shard.partition for shard in self.shards(table)))

    def path(self, file: ShardFile) -> Path:
        """Where a file of the build is.

        Raises:
            VerifyError: the build was replaced, and its files are gone.
        """
        return (self.opened.find() if self.opened else self.folder) / file.path

    def examine(self, file: ShardFile) -> ShardFile | None:
        """A file that the manifest lists, with the hash and size it has now; None if it is missing."""
        path = self.path(file)
        if not path.is_file():
            return None
        now = describe_file(path, path.parents[file.path.count("/")], file.rows)
        self._require_opened(path, file)
        return now

    def count_rows(self, shard: ShardFile) -> int:
        """The number of rows in a shard according to its own footer.

        Raises:
            VerifyError: the shard cannot be read.
        """
        with self.open_shard(shard) as file:
            return int(file.metadata.num_rows)

    def schema(self, table: str) -> pa.Schema:
        """The columns of a table and their types.

        Raises:
            VerifyError: its first shard cannot be read.
        """
        return self.shard_schema(self.shards(table)[0])

    def shard_schema(self, shard: ShardFile) -> pa.Schema:
        """The columns of a shard and their types; its metadata are those of the file, if it has any.

        Raises:
            VerifyError: the shard cannot be read.
        """
        with self.open_shard(shard) as file:
            return file.schema_arrow

    def read(
        self, table: str, columns: Sequence[str] | None = None, condition: pc.Expression | None = None
    ) -> pa.Table:
        """Read a table at once: all columns or those named, all rows or those that meet a condition.

        Raises:
            VerifyError: a shard cannot be read.
        """
        return pa.concat_tables(
            self._read_shard_table(shard, columns, condition) for shard in self.shards(table)
        )

    def read_matching(
        self, table: str, columns: Sequence[str], keys: Sequence[str], values: Collection[str]
    ) -> pa.Table:
        """Read the rows of a table that have one of some values in one of its columns ``keys``.

        The other columns are only read of shards with such rows. Shards whose Bloom filters lack all values
        are left out if every value is in a row of the others.

        Raises:
            VerifyError: a shard cannot be read.
        """
        first = self.shards(table)[0]
        schema = self.shard_schema(first)
        check_schema(schema, table, self.name_file(first))
        tables = [schema.empty_table().select(columns)]
        missing = set(values)
        wanted = pa.array(list(missing), pa.string())
        for shard, is_likely in self._list_likely_first(table, keys, values):
            if not is_likely and not missing:
                break
            key_columns = self._read_shard_table(shard, keys, None).columns
            are_in = [np.asarray(pc.is_in(column, wanted), np.bool_) for column in key_columns]
            rows = pa.array(np.flatnonzero(np.any(are_in, axis=0)))
            if len(rows):
                tables.append(self._read_shard_table(shard, columns, None).take(rows))
                for column in key_columns:
                    missing.difference_update(column.take(rows).to_pylist())
        return pa.concat_tables(tables)

    def _list_likely_first(
        self, table: str, keys: Sequence[str], values: Collection[str]
    ) -> Iterator[tuple[ShardFile, bool]]:
        """The shards of a table, and whether their Bloom filters have one of some values: first those.

        A filter may be wrong on purpose: it only says where to look first. Very many values are not looked
        for: each is a look at the filter of every shard.
        """
        unlikely: list[ShardFile] = []
        for shard in self.shards(table):
            if len(values) > _MOST_FILTERED or any(self._may_contain(shard, key, values) for key in keys):
                yield shard, True
            else:
                unlikely.append(shard)
        yield from ((shard, False) for shard in unlikely)

    def read_batches(
        self, table: str, columns: Sequence[str] | None = None, partition: str | None = None
    ) -> Iterator[TableBatch]:
        """Read a table in batches of bounded size; a shard without rows gives one batch without rows.

        Raises:
            VerifyError: a shard cannot be read.
        """
        for shard in self.shards(table, partition):
            yield from self.read_shard(shard, columns)

    def read_shard(self, shard: ShardFile, columns: Sequence[str] | None = None) -> Iterator[TableBatch]:
        """Read one shard in batches, as :meth:`read_batches` does.

        Raises:
            VerifyError: the shard cannot be read.
        """
        where = self.name_file(shard)
        with self.open_shard(shard) as file:
            check_schema(file.schema_arrow, shard.table, where)
            size, first = count_batch_rows(file.metadata), 0
            for groups in self._list_groups(file):
                for table in iterate_tables(file, size, groups, columns):
                    placed = [TableBatch(shard, first, check_values(table, where))]
                    first += table.num_rows
                    # Who takes it may let go of it: one with a long record takes several times its size.
                    del table
                    yield placed.pop()
            if not first:
                yield TableBatch(shard, 0, file.read(columns=columns))

    def read_spans(
        self, shard: ShardFile, spans: Sequence[range], columns: Sequence[str]
    ) -> Iterator[TableBatch]:
        """Read some spans of the rows of a shard, in order; a long span may be in several batches.

        No two spans overlap. Of the file only the row groups are read that the spans are in; from a URL, of
        their large columns only the pages.

        Raises:
            VerifyError: the shard cannot be read.
        """
        where = self.name_file(shard)
        with self.open_shard(shard) as file:
            check_schema(file.schema_arrow, shard.table, where)
            size, first = count_batch_rows(file.metadata), 0
            for group in range(file.num_row_groups):
                rows = range(first, first + file.metadata.row_group(group).num_rows)
                first = rows.stop
                inside = cut_ranges(spans, rows)
                if self.remote and inside:
                    from hanpack.store.remote_rows import read_some_rows

                    stream = self.remote.open_shard_file(shard)
                    pieces = read_some_rows(
                        file, stream, group=group, rows=rows, spans=inside, columns=columns
                    )
                else:
                    pieces = _cut_tables(iterate_tables(file, size, [group], columns), rows.start, inside)
                for start, piece in pieces:
                    yield TableBatch(shard, start, check_values(piece, where))

    def read_rows(
        self, table: str, columns: Sequence[str] | None = None, partition: str | None = None
    ) -> Iterator[PlacedRow]:
        """Read the rows of a table one by one; memory holds one batch of them.

        Raises:
            VerifyError: a shard cannot be read.
        """
        for batch in self.read_batches(table, columns, partition):
            yield from batch.rows()

    def sample_rows(
        self, table: str, number: int, columns: Sequence[str] | None = None
    ) -> Iterator[PlacedRow]:
        """Up to ``number`` rows spread evenly over a table, in order; the same every time.

        Raises:
            VerifyError: a shard cannot be read.
        """
        total = sum(shard.rows for shard in self.shards(table))
        chosen = np.linspace(0, total - 1, num=min(number, total)).astype(np.int64)
        for shard in self.shards(table):
            spans = [range(row, row + 1) for row in chosen[chosen < shard.rows].tolist()]
            names = self.shard_schema(shard).names if spans and columns is None else columns
            for batch in self.read_spans(shard, spans, names or ()) if spans else ():
                yield from batch.rows()
            chosen = chosen[chosen >= shard.rows] - shard.rows

    def find_row(self, table: str, identity: str) -> Row | None:
        """The row of a table that has an id, with values as in :class:`PlacedRow`; None if there is none.

        Raises:
            VerifyError: a shard cannot be read.
        """
        for shard, _ in self._list_likely_first(table, ["id"], [identity]):
            ids = self._read_shard_table(shard, ["id"], None).column("id")
            row = pc.index(ids, pa.scalar(identity, ids.type)).as_py()
            if row >= 0:
                names = self.shard_schema(shard).names
                for batch in self.read_spans(shard, [range(row, row + 1)], names):
                    return batch.row(row).values
        return None

    def _may_contain(self, shard: ShardFile, column: str, values: Collection[str]) -> bool:
        """Whether the Bloom filters of a column of a shard have one of some values, or cannot be read."""
        from hanpack.store.bloom_filters import may_contain

        with self.open_shard(shard) as file:
            if self.remote:
                return may_contain(file.metadata, column, values, self.remote.open_shard_file(shard))
            with self.path(shard).open("rb") as stream:
                return may_contain(file.metadata, column, values, stream)

    def require_unreplaced(self) -> None:
        """Check, after others have read files of this build by their paths, that it is still in its place.

        Raises:
            VerifyError: another build has replaced it.
        """
        if self.opened:
            self.opened.require_at(self.folder)

    @contextmanager
    def open_shard(self, shard: ShardFile) -> Iterator[pq.ParquetFile]:
        """Open a shard of this build.

        Raises:
            VerifyError: it cannot be read while it is open.
        """
        with refuse_unreadable(self.name_file(shard)):
            if self.remote:
                yield self.remote.open_shard(shard)
                return
            path = self.path(shard)
            with pq.ParquetFile(path, metadata=self._footers.get(shard.path)) as file:
                self._require_opened(path, shard)
                self._keep_footer(shard, file.metadata)
                yield file

    def _keep_footer(self, shard: ShardFile, footer: pq.FileMetaData) -> None:
        """Keep the footer of a shard for when it is opened again, and forget those of others."""
        if shard.path not in self._footers:
            while len(self._footers) >= _MOST_FOOTERS:
                del self._footers[next(iter(self._footers))]
            self._footers[shard.path] = footer

    def name_file(self, file: ShardFile) -> str:
        """A file in messages."""
        return self.remote.name_file(file.path) if self.remote else str(self.path(file))

    def _list_groups(self, file: pq.ParquetFile) -> list[Sequence[int]]:
        """The row groups of a shard as they are read: from a URL one after another, each as a whole."""
        groups = range(file.num_row_groups)
        is_alone = self.remote or any(has_long_record(file, group) for group in groups)
        return [[group] for group in groups] if is_alone else [list(groups)]

    def _require_opened(self, path: Path, file: ShardFile) -> None:
        """Check, after a file was opened, that it was one of this build."""
        if self.opened:
            self.opened.require_at(path.parents[file.path.count("/")])

    def _read_shard_table(
        self, shard: ShardFile, columns: Sequence[str] | None, condition: pc.Expression | None
    ) -> pa.Table:
        where = self.name_file(shard)
        with self.open_shard(shard) as file:
            check_schema(file.schema_arrow, shard.table, where)
            if condition is None:
                return check_values(file.read(columns), where)
            place: dict[str, Any] = {"source": self.path(shard)}
            if self.remote:
                place = {"source": shard.path, "filesystem": self.remote.make_filesystem()}
            # Without partitioning=None a folder named "a=b" above the file would become a column.
            table = pq.read_table(**place, columns=columns, filters=condition, partitioning=None)
            if not self.remote:
                self._require_opened(place["source"], shard)
            return check_values(table, where)


def _cut_tables(
    tables: Iterator[pa.Table], first: int, spans: Sequence[range]
) -> Iterator[tuple[int, pa.Table]]:
    """The parts of some spans of rows in tables that begin with row ``first``, with the first row of each."""
    while spans and first < spans[-1].stop:
        table = next(tables)
        for span in cut_ranges(spans, range(first, first + table.num_rows)):
            yield span.start, table.slice(span.start - first, len(span))
        first += table.num_rows


@contextmanager
def refuse_unreadable(where: str) -> Iterator[None]:
    """Turn what Arrow and the system raise while the shard ``where`` is read into a VerifyError."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise VerifyError(f"the shard cannot be read: {reason}", where, "build again") from error


def _check_content(content: Mapping[str, Any], where: str) -> Manifest:
    """The manifest with this content, every value of which is checked; ``where`` is its file in errors."""
    # Written out again, so that a build of an earlier version has the defaults of later keys.
    recipe = check_manifest(content, where).model_dump(mode="json")
    return make_manifest({**content, "recipe": recipe}, where)
