"""A look at a build: counts, the histogram of tokens, samples, and SQL over its Parquet."""

from __future__ import annotations

import csv
import glob
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from hanpack.errors import UsageError
from hanpack.store.manifest import Manifest, read_manifest
from hanpack.views.copies import read_clusters

BINS = 12
BAR = 40
CLUSTERS = 5
COPIES = 3


def inspect_build(build: Path, samples: int = 3) -> RenderableType:
    """Tables of what a build holds, for the terminal."""
    manifest = read_manifest(build)
    shown: list[RenderableType] = [
        _counts(manifest),
        _groups(manifest),
        *_copies(build, manifest),
        _histogram(build, manifest),
        _samples(build, manifest, samples),
        Text(
            f"load_dataset({str(build)!r})  ·  hanpack trace {build} CHUNK_ID  ·  hanpack verify {build}",
            "dim",
        ),
    ]
    return Group(*shown)


def _counts(manifest: Manifest) -> Table:
    totals = manifest.totals
    table = Table(title=f"{manifest.name}", title_justify="left", show_header=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_row("sources", f"{len(manifest.sources):,}")
    for name in ("records", "documents", "chunks", "characters", "tokens"):
        table.add_row(name, f"{totals[name]:,}")
    budget = manifest.recipe["chunks"]["max_tokens"]
    table.add_row("largest chunk", f"{totals['largest_chunk']:,} of {budget:,} tokens")
    table.add_row("tokenizer", manifest.tokenizer["name"])
    table.add_row("bytes read", f"{totals['bytes']:,}")
    table.add_row("bytes kept", f"{totals['bytes_kept']:,}")
    return table


def _groups(manifest: Manifest) -> Table:
    table = Table(title="what was found and done", title_justify="left")
    table.add_column("")
    table.add_column("")
    table.add_column("count", justify="right")
    labels = {
        "states": "records",
        "scripts": "documents in script",
        "encodings": "documents in encoding",
        "edits": "edits by",
        "bytes_removed": "bytes removed by",
        "splits": "documents in split",
    }
    for group, label in labels.items():
        for index, (name, count) in enumerate(manifest.totals[group].items()):
            table.add_row("" if index else label, str(name), f"{count:,}")
    return table


def _copies(build: Path, manifest: Manifest) -> list[Table]:
    """The largest clusters of copies; nothing where there are none."""
    found = read_clusters(build, manifest, CLUSTERS, COPIES)
    if not found.copies:
        return []
    title = f"{found.copies:,} copies of {found.number:,} documents, the largest clusters"
    table = Table(title=title, title_justify="left")
    for heading in ("kept", "from"):
        table.add_column(heading, overflow="fold")
    table.add_column("copies", justify="right")
    table.add_column("the least similar of them", overflow="fold")
    for cluster in found.largest:
        copies = "\n".join(
            f"{copy.similarity:.3f} {copy.source} record {copy.record}" for copy in cluster.copies
        )
        kept = f"{cluster.kept.source} record {cluster.kept.record}"
        table.add_row(cluster.document_id, Text(kept), f"{cluster.size:,}", Text(copies))
    return [table]


def _histogram(build: Path, manifest: Manifest) -> Table:
    counts = np.concatenate(
        [
            pq.read_table(build / file.path, columns=["token_count"]).column(0).to_numpy()
            for file in manifest.files
            if file.path.startswith("data/chunks/")
        ]
    )
    table = Table(title="tokens a chunk", title_justify="left")
    table.add_column("from", justify="right")
    table.add_column("to", justify="right")
    table.add_column("chunks", justify="right")
    table.add_column("")
    budget = manifest.recipe["chunks"]["max_tokens"]
    heights, edges = np.histogram(counts, bins=BINS, range=(0, budget))
    for height, low, high in zip(heights.tolist(), edges, edges[1:], strict=False):
        bar = "█" * round(BAR * height / max(int(heights.max()), 1))
        table.add_row(f"{low:.0f}", f"{high:.0f}", f"{height:,}", Text(bar, "cyan"))
    return table


def _samples(build: Path, manifest: Manifest, number: int) -> Table:
    table = Table(title="samples", title_justify="left", show_lines=True)
    table.add_column("chunk", no_wrap=True)
    for heading in ("source", "bytes", "tokens", "text"):
        table.add_column(heading, overflow="fold")
    for row in _pick(build, manifest, number):
        text = row["text"][:120].replace("\n", "⏎") + ("…" if len(row["text"]) > 120 else "")
        span = f"{row['byte_start']}–{row['byte_end']}"
        table.add_row(row["id"], Text(row["source"]), span, str(row["token_count"]), Text(text))
    return table


def _pick(build: Path, manifest: Manifest, number: int) -> Iterable[dict[str, Any]]:
    """Rows spread evenly over the first shard, the same every time."""
    first = next(file for file in manifest.files if file.path.startswith("data/chunks/"))
    if not first.rows:
        return []
    columns = ["id", "source", "byte_start", "byte_end", "token_count", "text"]
    table = pq.read_table(build / first.path, columns=columns)
    places = np.linspace(0, first.rows - 1, num=min(number, first.rows)).astype(int)
    rows: list[dict[str, Any]] = table.take(places).to_pylist()
    return rows


def query_build(build: Path, sql: str, console: Console) -> None:
    """Run SQL with DuckDB over a view for each table; a table on a terminal, else CSV.

    Raises:
        UsageError: the SQL is wrong.
    """
    import duckdb

    manifest = read_manifest(build)
    with duckdb.connect() as connection:
        for name in manifest.tables:
            folder = glob.escape((build / "data" / name).as_posix()).replace("'", "''")
            connection.execute(f"create view {name} as select * from read_parquet('{folder}/*.parquet')")  # noqa: S608
        try:
            result = connection.execute(sql)
            columns = [str(column[0]) for column in result.description or []]
            rows = result.fetchall() if columns else []
        except duckdb.Error as error:
            raise UsageError(str(error), "--sql", f"the views are {', '.join(manifest.tables)}") from error
    if console.is_terminal:
        console.print(_result(columns, rows))
    else:
        csv.writer(console.file).writerows([columns, *rows])


def _result(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    table = Table()
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(value)) for value in row))
    return table
