"""Shows what a build holds: counts, a histogram of tokens, copies, samples; answers SQL over its tables."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from os import PathLike
from typing import Any

import numpy as np
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from hanpack.chinese import name_script, name_step, translate
from hanpack.errors import UsageError
from hanpack.store.manifest import CONTENTS_HINT, Manifest
from hanpack.store.metadata import METADATA
from hanpack.store.partial_reads import open_dataset
from hanpack.store.reader import BuildReader
from hanpack.store.row_ids import find_row
from hanpack.views.copies import read_clusters
from hanpack.views.samples import require_table, show_row, show_samples
from hanpack.views.visible_text import dump_json, make_visible, show_hint, show_line
from hanpack.wording import format_count, quote_argument

HISTOGRAM_BINS = 12
BAR_CHARACTERS = 40
_STATES = frozenset(("duplicate", "empty", "rejected", "withdrawn"))
# How the names in a group of figures are written.
_WRITERS: Mapping[str, Callable[[str], str]] = {
    "states": translate,
    "personal": translate,
    "scripts": name_script,
    "edits": name_step,
    "bytes_removed": lambda name: translate(name) if name in _STATES else name_step(name),
}
MOST_CLUSTERS = 5
MOST_COPIES = 3
_HUB = "hf://datasets/"
# What keeps a query away from the disk, the network and the variables of this program. Without a temporary
# folder a query that needs more than the memory fails.
_CONFINED = {
    "allow_persistent_secrets": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
}


def inspect_build(build: str | PathLike[str], samples: int = 3) -> RenderableType:
    """What a build holds, for the terminal; ``samples`` is how many chunks are shown.

    Raises:
        VerifyError: the build has no sound manifest, or a shard cannot be read.
    """
    reader = BuildReader.open(build)
    sections: list[RenderableType] = [
        _show_counts(reader.manifest),
        *_explain_tokens(reader.manifest),
        *_explain_bytes(reader.manifest),
        _show_groups(reader.manifest),
        *_show_copies(reader),
    ]
    if reader.manifest.totals["chunks"]:
        sections += _explain_overlap(reader)
        sections += [_show_histogram(reader), show_samples(reader, "chunks", samples)]
    else:
        sections.append(Text(_explain_empty(reader.manifest), "yellow"))
    sections += map(show_hint, _list_next_commands(reader, build))
    return Group(*sections)


def describe_build(build: str | PathLike[str], samples: int = 3, table: str = "chunks") -> dict[str, Any]:
    """What a build holds, for programs, with samples of one of its tables.

    Raises:
        UsageError: there is no such table.
        VerifyError: the build has no sound manifest, or a shard cannot be read.
    """
    reader = BuildReader.open(build)
    manifest = reader.manifest
    rows = reader.sample_rows(require_table(reader, table), samples)
    return {
        "path": str(build),
        "name": manifest.name,
        "sources": len(manifest.sources),
        "tokenizer": manifest.tokenizer["name"],
        "totals": manifest.totals,
        "tables": {name: _count_rows(reader, name) for name in reader.tables},
        "samples": [sample.values for sample in rows],
    }


def inspect_table(build: str | PathLike[str], table: str, samples: int = 3) -> RenderableType:
    """Rows of one table of a build, for the terminal.

    Raises:
        UsageError: there is no such table.
        VerifyError: the build has no sound manifest, or a shard cannot be read.
    """
    reader = BuildReader.open(build)
    return show_samples(reader, require_table(reader, table), samples)


def inspect_row(build: str | PathLike[str], table: str, identity: str) -> RenderableType:
    """One row of a table, by its id or the beginning of it, with its whole text.

    Raises:
        UsageError: there is no such row, or several ids begin so.
        VerifyError: the build has no sound manifest, or a shard cannot be read.
    """
    return Group(*show_row(find_row(BuildReader.open(build), table, identity)))


def _count_rows(reader: BuildReader, table: str) -> dict[str, int]:
    rows: Counter[str] = Counter()
    for shard in reader.shards(table):
        rows[shard.partition] += shard.rows
    return dict(rows)


def _explain_empty(manifest: Manifest) -> str:
    states = ", ".join(f"{number:,} {state}" for state, number in manifest.totals["states"].items())
    return translate(
        f"this build has no chunk: of {format_count(manifest.totals['records'], 'record')} none gave a text "
        f"({states or 'there are none'}); --table ledger shows why"
    )


def _list_next_commands(reader: BuildReader, build: str | PathLike[str]) -> Iterator[str]:
    tables = ", ".join(f"{table} {sum(_count_rows(reader, table).values()):,}" for table in reader.tables)
    yield translate(f"tables: {tables}; --table NAME shows rows of one")
    place = quote_argument(str(build))
    yield translate(f"one chunk: hanpack trace {place} CHUNK_ID")
    # The library datasets names repositories of the Hub without their protocol.
    yield translate(f"in Python: load_dataset({str(build).removeprefix(_HUB)!r})")


def _show_counts(manifest: Manifest) -> Table:
    totals = manifest.totals
    table = Table(title=show_line(manifest.name), title_justify="left", show_header=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    budget = manifest.recipe["chunks"]["max_tokens"]
    figures = {"sources": f"{len(manifest.sources):,}"}
    nouns = ("records", "documents", "chunks", "characters", "tokens")
    figures |= {name: f"{totals[name]:,}" for name in nouns}
    figures["largest chunk"] = translate(f"{totals['largest_chunk']:,} of {budget:,} tokens")
    figures["tokenizer"] = manifest.tokenizer["name"]
    if manifest.has_other_contents:
        figures["bytes of the files"] = f"{manifest.file_bytes:,}"
    figures[manifest.bytes_label] = f"{totals['bytes']:,}"
    figures["bytes kept"] = f"{totals['bytes_kept']:,}"
    for name, value in figures.items():
        table.add_row(translate(name), show_line(value))
    return table


def _explain_tokens(manifest: Manifest) -> Iterator[Text]:
    """Why the tokens of chunks are not those of the documents, if they are not."""
    tokens = manifest.totals["tables"]["chunks"]["tokens"]
    if tokens != manifest.totals["tokens"]:
        what = f"the tokens of chunks add up to {tokens:,}"
        reason = "each chunk is encoded by itself, with its headings and overlap"
        yield Text(translate(f"{what}: {reason}"), "dim")


def _explain_overlap(reader: BuildReader) -> Iterator[Text]:
    """How many chunks repeat the end of the one before: only whole sentences of a section are repeated."""
    overlap = reader.manifest.recipe["chunks"]["overlap"]
    if not overlap:
        return
    table = reader.read("chunks", ["chunk_index", "start", "end"])
    index, starts, ends = (table.column(name).to_numpy() for name in table.column_names)
    follows = index[1:] > 0
    repeated = int((follows & (starts[1:] < ends[:-1])).sum())
    followers = format_count(int(follows.sum()), "chunk")
    what = f"{repeated:,} of {followers} that follow another repeat the end of it"
    which = f"whole sentences of at most {overlap:,} tokens"
    yield Text(translate(f"overlap: {what}: {which}, and nothing where a section begins"), "dim")


def _explain_bytes(manifest: Manifest) -> Iterator[Text]:
    """What bytes are counted, if they are not those of the files."""
    if manifest.has_other_contents:
        yield Text(translate(CONTENTS_HINT), "dim")


def _show_groups(manifest: Manifest) -> Table:
    table = Table(title=translate("figures by group"), title_justify="left", show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    labels = {
        "states": "records",
        "scripts": "documents in script",
        "encodings": "documents in encoding",
        "edits": "edits by",
        "personal": "personal data:",
        "bytes_removed": "bytes removed by",
        "splits": "documents in split",
    }
    for group, label in labels.items():
        figures = manifest.totals[group]
        if figures:
            # The names of encodings and splits stay.
            write = _WRITERS.get(group, str)
            values = (f"{write(name)} {count:,}" for name, count in figures.items())
            table.add_row(translate(label), show_line(", ".join(values)))
    return table


def _show_copies(reader: BuildReader) -> list[Text]:
    """The largest clusters of copies; nothing if there are none."""
    clusters = read_clusters(reader, MOST_CLUSTERS, MOST_COPIES)
    if not clusters.copies:
        return []
    copies, documents = format_count(clusters.copies, "copy"), format_count(clusters.number, "document")
    title = f"{copies} of {documents}; the largest clusters, with the least similar copies"
    lines = [Text(translate(title), "italic")]
    for cluster in clusters.largest:
        kept = translate(f"{cluster.kept.source} record {cluster.kept.record}")
        lines.append(show_line(f"{kept}: {translate(format_count(cluster.size, 'copy'))}"))
        lines += [
            show_line(f"  {copy.similarity:.3f} {translate(f'{copy.source} record {copy.record}')}")
            for copy in cluster.copies
        ]
    return lines


def _show_histogram(reader: BuildReader) -> Table:
    counts = reader.read("chunks", ["token_count"]).column("token_count").to_numpy()
    table = Table(title=translate("tokens a chunk"), title_justify="left")
    for heading in ("from", "to", "chunks"):
        table.add_column(translate(heading), justify="right")
    table.add_column("")
    budget = reader.manifest.recipe["chunks"]["max_tokens"]
    heights, edges = np.histogram(counts, bins=HISTOGRAM_BINS, range=(0, budget))
    highest = max(int(heights.max()), 1)
    for height, (low, high) in zip(heights.tolist(), pairwise(edges), strict=True):
        bar = "█" * round(BAR_CHARACTERS * height / highest)
        table.add_row(f"{low:.0f}", f"{high:.0f}", f"{height:,}", Text(bar, "cyan"))
    return table


def query_build(build: str | PathLike[str], sql: str, console: Console, *, as_json: bool = False) -> None:
    """Run SQL with DuckDB over the tables, and print a table on a terminal, else CSV; or a list as JSON.

    DuckDB sees the tables that are handed to it and nothing else: it opens, writes and loads no file, and the
    SQL cannot change that.

    Raises:
        UsageError: the SQL is wrong.
        VerifyError: the build has no sound manifest.
    """
    import duckdb

    reader = BuildReader.open(build)
    with duckdb.connect(":memory:", config=dict(_CONFINED)) as connection:
        for table in reader.tables:
            connection.register(table, open_dataset(reader, table))
        connection.execute("SET enable_external_access = false; SET lock_configuration = true")
        try:
            result = connection.execute(sql)
            columns = [str(column[0]) for column in result.description or []]
            rows = result.fetchall() if columns else []
        except duckdb.Error as error:
            views = f"the views are {', '.join(reader.tables)}"
            field = next((name for name in METADATA if f'column "{name}" not found' in str(error)), None)
            todo = f"{field} is a field of metadata: write metadata.{field}" if field else views
            raise UsageError(_summarize_error(str(error)), "--sql", todo) from error
    reader.require_unreplaced()
    if as_json:
        console.file.write(dump_json([dict(zip(columns, row, strict=True)) for row in rows]) + "\n")
    elif console.is_terminal:
        console.print(_show_result(columns, rows))
    else:
        written = ([_write_value(value) for value in row] for row in rows)
        csv.writer(console.file, lineterminator="\n").writerows([columns, *written])


def _summarize_error(message: str) -> str:
    r"""The first lines of an error of DuckDB on one line, without the query, which the user has just typed.

    >>> _summarize_error("Binder Error: no column \"b\"!\nCandidates: \"a\"\n\nLINE 1: select b\n       ^")
    'Binder Error: no column "b"! Candidates: "a"'
    """
    return " ".join(message.partition("\n\nLINE ")[0].split())


def _show_result(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    table = Table()
    for column in columns:
        table.add_column(show_line(column), overflow="fold")
    for row in rows:
        table.add_row(*(Text(make_visible(str(_write_value(value)))) for value in row))
    return table


def _write_value(value: object) -> object:
    """A value of a query as it is printed: structs and lists as JSON, structs without fields that are null.

    >>> _write_value([{"title": "报告", "author": None}]), _write_value(3), _write_value(None)
    ('[{"title": "报告"}]', 3, None)
    """
    return json.dumps(_drop_null(value), ensure_ascii=False, default=str) if _is_nested(value) else value


def _drop_null(value: object) -> object:
    if isinstance(value, dict):
        return {name: _drop_null(field) for name, field in value.items() if field is not None}
    return [_drop_null(item) for item in value] if isinstance(value, list | tuple) else value


def _is_nested(value: object) -> bool:
    return isinstance(value, dict | list | tuple)
