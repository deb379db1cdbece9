"""Shows what a build holds: counts, a histogram of tokens, copies, samples; answers SQL over its tables."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from hanpack.errors import UsageError
from hanpack.store.manifest import Manifest
from hanpack.store.reader import BuildReader
from hanpack.views.copies import read_clusters
from hanpack.views.visible_text import make_visible, show_line

HISTOGRAM_BINS = 12
BAR_CHARACTERS = 40
SAMPLE_CHARACTERS = 120
MOST_CLUSTERS = 5
MOST_COPIES = 3
# What keeps a query away from the disk, the network and the variables of this program. Without a temporary
# folder a query that needs more than the memory fails.
_CONFINED = {
    "allow_persistent_secrets": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
}


def inspect_build(build: Path, samples: int = 3) -> RenderableType:
    """What a build holds, for the terminal; ``samples`` is how many chunks are shown.

    Raises:
        VerifyError: the build has no sound manifest, or a shard cannot be read.
    """
    reader = BuildReader.open(build)
    sections: list[RenderableType] = [
        _show_counts(reader.manifest),
        _show_groups(reader.manifest),
        *_show_copies(reader),
        _show_histogram(reader),
        _show_samples(reader, samples),
        show_line(
            f"load_dataset({str(build)!r})  ·  hanpack trace {build} CHUNK_ID  ·  hanpack verify {build}",
            "dim",
        ),
    ]
    return Group(*sections)


def _show_counts(manifest: Manifest) -> Table:
    totals = manifest.totals
    table = Table(title=show_line(manifest.name), title_justify="left", show_header=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_row("sources", f"{len(manifest.sources):,}")
    for name in ("records", "documents", "chunks", "characters", "tokens"):
        table.add_row(name, f"{totals[name]:,}")
    budget = manifest.recipe["chunks"]["max_tokens"]
    table.add_row("largest chunk", f"{totals['largest_chunk']:,} of {budget:,} tokens")
    table.add_row("tokenizer", show_line(manifest.tokenizer["name"]))
    table.add_row("bytes read", f"{totals['bytes']:,}")
    table.add_row("bytes kept", f"{totals['bytes_kept']:,}")
    return table


def _show_groups(manifest: Manifest) -> Table:
    table = Table(title="figures by group", title_justify="left")
    table.add_column("")
    table.add_column("")
    table.add_column("count", justify="right")
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
        for index, (name, count) in enumerate(manifest.totals[group].items()):
            table.add_row("" if index else label, show_line(name), f"{count:,}")
    return table


def _show_copies(reader: BuildReader) -> list[Table]:
    """The largest clusters of copies; no table if there are none."""
    clusters = read_clusters(reader, MOST_CLUSTERS, MOST_COPIES)
    if not clusters.copies:
        return []
    title = f"{clusters.copies:,} copies of {clusters.number:,} documents, the largest clusters"
    table = Table(title=title, title_justify="left")
    for heading in ("kept", "from"):
        table.add_column(heading, overflow="fold")
    table.add_column("copies", justify="right")
    table.add_column("the least similar of them", overflow="fold")
    for cluster in clusters.largest:
        copies = "\n".join(
            show_line(f"{copy.similarity:.3f} {copy.source} record {copy.record}").plain
            for copy in cluster.copies
        )
        kept = f"{cluster.kept.source} record {cluster.kept.record}"
        table.add_row(show_line(cluster.document_id), show_line(kept), f"{cluster.size:,}", Text(copies))
    return [table]


def _show_histogram(reader: BuildReader) -> Table:
    counts = reader.read("chunks", ["token_count"]).column("token_count").to_numpy()
    table = Table(title="tokens a chunk", title_justify="left")
    table.add_column("from", justify="right")
    table.add_column("to", justify="right")
    table.add_column("chunks", justify="right")
    table.add_column("")
    budget = reader.manifest.recipe["chunks"]["max_tokens"]
    heights, edges = np.histogram(counts, bins=HISTOGRAM_BINS, range=(0, budget))
    highest = max(int(heights.max()), 1)
    for height, (low, high) in zip(heights.tolist(), pairwise(edges), strict=True):
        bar = "█" * round(BAR_CHARACTERS * height / highest)
        table.add_row(f"{low:.0f}", f"{high:.0f}", f"{height:,}", Text(bar, "cyan"))
    return table


def _show_samples(reader: BuildReader, number: int) -> Table:
    table = Table(title="samples", title_justify="left", show_lines=True)
    table.add_column("chunk", no_wrap=True)
    for heading in ("source", "bytes", "tokens", "text"):
        table.add_column(heading, overflow="fold")
    columns = ["id", "source", "byte_start", "byte_end", "token_count", "text"]
    for sample in reader.sample_rows("chunks", number, columns):
        row = sample.values
        text = row["text"][:SAMPLE_CHARACTERS]
        text += "…" if len(row["text"]) > SAMPLE_CHARACTERS else ""
        span = f"{row['byte_start']}–{row['byte_end']}"
        table.add_row(*map(show_line, (row["id"], row["source"], span, row["token_count"], text)))
    return table


def query_build(build: Path, sql: str, console: Console) -> None:
    """Run SQL with DuckDB over the tables, and print a table on a terminal, else CSV.

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
            connection.register(table, reader.open_dataset(table))
        connection.execute("SET enable_external_access = false; SET lock_configuration = true")
        try:
            result = connection.execute(sql)
            columns = [str(column[0]) for column in result.description or []]
            rows = result.fetchall() if columns else []
        except duckdb.Error as error:
            raise UsageError(str(error), "--sql", f"the views are {', '.join(reader.tables)}") from error
    reader.require_unreplaced()
    if console.is_terminal:
        console.print(_show_result(columns, rows))
    else:
        csv.writer(console.file).writerows([columns, *rows])


def _show_result(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    table = Table()
    for column in columns:
        table.add_column(show_line(column), overflow="fold")
    for row in rows:
        table.add_row(*(Text(make_visible(str(value))) for value in row))
    return table
