"""The proof of a build: its files and sources are read again and checked against one another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hanpack.audit.chunks import ChunkCheck
from hanpack.audit.cursor import RowCursor, open_cursors
from hanpack.audit.findings import Audit, Fault
from hanpack.audit.records import RecordCheck, TableCursors
from hanpack.audit.replay import open_replay
from hanpack.audit.sources import check_sources, read_records
from hanpack.errors import VerifyError
from hanpack.recipe import Recipe
from hanpack.resources.vocabulary import load_received_vocabulary
from hanpack.steps.tokens import open_counter
from hanpack.store.card import render_card
from hanpack.store.figures import FigureCounter
from hanpack.store.manifest import MANIFEST
from hanpack.store.reader import BuildReader
from hanpack.store.table_kinds import TableKind
from hanpack.store.work_folder import WorkFolder

__all__ = ["Audit", "Fault", "require_valid", "verify"]

Progress = Callable[[str, int, int], None]


def verify(build: str | Path, sources: str | Path | None = None, progress: Progress | None = None) -> Audit:
    """Check a build against its manifest and its sources: hashes, spans, alignments, budgets, the ledger.

    ``sources`` is the folder that the sources are in now, if they were moved. ``progress`` is called with
    a stage, what is done of it and its size. Memory holds a batch of rows and of records, and all ids.

    Raises:
        VerifyError: the manifest itself is missing or broken, so that nothing else can be checked; or a
            source cannot be read to its end.
    """
    reader = BuildReader.open(Path(build))
    audit = Audit()
    _check_files(audit, reader)
    root = Path(sources) if sources is not None else WorkFolder(reader.folder).find_root()
    if root is None:
        audit.expect(
            False, str(build), "where its sources are is not known; name their folder with --sources"
        )
    else:
        check_sources(audit, reader.manifest, root)
    if audit.passed and root is not None:
        counter = FigureCounter()
        _check_tables(audit, reader, root, counter, progress)
        _check_figures(audit, reader, counter)
    return audit


def _check_tables(
    audit: Audit, reader: BuildReader, root: Path, counter: FigureCounter, progress: Progress | None
) -> None:
    """Read sources and tables side by side; the tables' figures are counted on the way."""
    manifest = reader.manifest
    vocabulary = load_received_vocabulary(manifest.tokenizer["name"], root)
    same = vocabulary.sha256 == manifest.tokenizer["sha256"]
    audit.expect(same, manifest.tokenizer["name"], f"the tokenizer's sha256 is {vocabulary.sha256}")
    # A proof counts with the reference tokenizer, never with a faster one.
    tokenizer = open_counter(vocabulary, fast=False)
    budgets = Recipe.model_validate(manifest.recipe).budgets
    chunks = [
        ChunkCheck(table, open_cursors(reader, table, counter.count), budgets[table].max_tokens, tokenizer)
        for table in reader.tables
        if TableKind.of(table) is TableKind.CHUNKS
    ]
    replay = open_replay(audit, reader, root)
    tables = TableCursors(
        ledger=RowCursor(reader, "ledger", counter.count),
        documents=open_cursors(reader, "documents", counter.count),
        chunks=chunks,
    )
    records = read_records(audit, manifest, root)
    check = RecordCheck(audit, manifest.sources, records, tables, tokenizer, replay)
    check.run(manifest.totals["records"], progress)
    if replay:
        replay.finish(audit, reader)
    for table in reader.tables:
        if TableKind.of(table) is TableKind.PACKED:
            for batch in reader.read_batches(table):
                counter.count(table, batch.table, batch.shard.partition)


def _check_files(audit: Audit, reader: BuildReader) -> None:
    """Check that every file is as the manifest lists it, and that there are no others."""
    for file in reader.manifest.files:
        audit.count("files")
        now = reader.examine(file)
        audit.expect(now is not None, file.path, "the file is missing")
        if now is None:
            continue
        same = audit.expect(
            now.sha256 == file.sha256, file.path, f"its sha256 is {now.sha256}, not {file.sha256}"
        )
        if same and file.path.endswith(".parquet"):
            rows = reader.count_rows(file)
            audit.expect(rows == file.rows, file.path, f"it has {rows} rows, not {file.rows}")
    listed = {MANIFEST, *(file.path for file in reader.manifest.files)}
    for path in sorted(reader.folder.rglob("[!.]*")):
        name = path.relative_to(reader.folder).as_posix()
        expected = path.is_dir() or name in listed or name.startswith(".")
        audit.expect(expected, name, "the manifest does not list this file")


def _check_figures(audit: Audit, reader: BuildReader, counter: FigureCounter) -> None:
    """Compare the manifest's figures with those counted, and the card with one rendered again."""
    manifest = reader.manifest
    for name, figure in counter.figures().items():
        stated = manifest.totals.get(name)
        audit.expect(stated == figure, MANIFEST, f"totals.{name} is {stated}, but the tables give {figure}")
    shards = [file for files in manifest.tables.values() for file in files]
    recipe = Recipe.model_validate(manifest.recipe)
    card = render_card(reader.folder, replace(manifest, files=shards), recipe.card)
    same = (reader.folder / "README.md").read_text(encoding="utf-8") == card
    audit.expect(same, "README.md", "the card is not the one that the manifest gives")


def require_valid(build: Path) -> None:
    """Verify a build before it is used for something.

    Raises:
        VerifyError: it has faults.
    """
    audit = verify(build)
    if not audit.passed:
        raise VerifyError(
            f"the build has {len(audit.faults)} faults, the first: {audit.faults[0]}",
            str(build),
            "build it again",
        )
