"""The proof: read a build and its sources again; check hashes, spans, alignments, budgets and the ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from hanpack.audit.chunks import ChunkTable
from hanpack.audit.findings import Audit, Fault
from hanpack.audit.reading import Rows, find_metadata_fields, read_tables, split_files
from hanpack.audit.replay import open_replay
from hanpack.audit.sources import check_sources, read_records
from hanpack.audit.walk import Tables, Walk
from hanpack.errors import VerifyError
from hanpack.recipe import Recipe
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.tokens import open_counter
from hanpack.store.card import render_card
from hanpack.store.figures import FigureCounter
from hanpack.store.manifest import MANIFEST, Manifest, read_manifest
from hanpack.store.shards import describe_file
from hanpack.store.table_kinds import TableKind
from hanpack.store.work_folder import find_root

__all__ = ["Audit", "Fault", "require_green", "verify"]

Progress = Callable[[str, int, int], None]


def verify(build: str | Path, sources: str | Path | None = None, progress: Progress | None = None) -> Audit:
    """Check a build against its manifest and its sources; ``sources`` is the folder these lie in now.

    Memory holds a batch of rows and of records, and the ids.

    Raises:
        VerifyError: the manifest itself is missing or broken, so that nothing else can be checked; or a
            source cannot be read to its end.
    """
    folder = Path(build)
    manifest = read_manifest(folder)
    root = Path(sources) if sources is not None else find_root(folder)
    audit = Audit()
    _check_files(audit, folder, manifest)
    check_sources(audit, manifest, root)
    if audit.green:
        counter = FigureCounter()
        _walk(audit, folder, manifest, root, counter, progress)
        _check_figures(audit, folder, manifest, counter)
    return audit


def _walk(
    audit: Audit,
    folder: Path,
    manifest: Manifest,
    root: Path,
    counter: FigureCounter,
    progress: Progress | None,
) -> None:
    """Read sources and tables side by side; the tables' figures are counted on the way."""
    vocabulary = load_vocabulary(manifest.tokenizer["name"], root)
    same = vocabulary.sha256 == manifest.tokenizer["sha256"]
    audit.expect(same, manifest.tokenizer["name"], f"the tokenizer's sha256 is {vocabulary.sha256}")
    # A proof counts with the reference, never with a faster encoder in its place.
    tokenizer = open_counter(vocabulary, fast=False)
    budgets = Recipe.model_validate(manifest.recipe).budgets
    files = manifest.tables
    ledger = Rows(folder, "ledger", files["ledger"], counter.count)
    by_split = "split" in ledger.columns

    def read(name: str) -> dict[str, Rows]:
        splits = split_files(files[name]) if by_split else {"": files[name]}
        return {split: Rows(folder, name, shards, counter.count) for split, shards in splits.items()}

    chunks = [
        ChunkTable(name, read(name), budgets[name].max_tokens, tokenizer)
        for name in files
        if TableKind.of(name) is TableKind.CHUNKS
    ]
    replay = open_replay(audit, manifest, find_metadata_fields(folder, files["documents"]), root)
    tables = Tables(ledger, read("documents"), chunks)
    records = read_records(audit, manifest, root)
    walk = Walk(audit, manifest.sources, records, tables, tokenizer, replay)
    walk.run(manifest.totals["records"], progress)
    if replay:
        replay.finish(audit, folder, manifest)
    for name in files:
        if TableKind.of(name) is TableKind.PACKED:
            for file in files[name]:
                for table in read_tables(folder, [file]):
                    counter.count(name, table, file.split)


def _check_files(audit: Audit, folder: Path, manifest: Manifest) -> None:
    listed = {file.path for file in manifest.files}
    for file in manifest.files:
        audit.count("files")
        path = folder / file.path
        if not audit.expect(path.is_file(), file.path, "the file is missing"):
            continue
        now = describe_file(path, folder, file.rows)
        audit.expect(now.sha256 == file.sha256, file.path, f"its sha256 is {now.sha256}, not {file.sha256}")
        if file.path.endswith(".parquet") and now.sha256 == file.sha256:
            rows = pq.read_metadata(path).num_rows
            audit.expect(rows == file.rows, file.path, f"it has {rows} rows, not {file.rows}")
    for path in sorted(folder.rglob("[!.]*")):
        name = path.relative_to(folder).as_posix()
        known = path.is_dir() or name in listed or name == MANIFEST or name.startswith(".")
        audit.expect(known, name, "the manifest does not list this file")


def _check_figures(audit: Audit, folder: Path, manifest: Manifest, counter: FigureCounter) -> None:
    """Compare the figures, counted again, and write the card again from them."""
    for name, figure in counter.figures().items():
        same = manifest.totals.get(name) == figure
        audit.expect(
            same, MANIFEST, f"totals.{name} is {manifest.totals.get(name)}, but the tables say {figure}"
        )
    shards = [file for files in manifest.tables.values() for file in files]
    card = render_card(folder, replace(manifest, files=shards), Recipe.model_validate(manifest.recipe).card)
    same = (folder / "README.md").read_text(encoding="utf-8") == card
    audit.expect(same, "README.md", "the card does not say what the manifest says")


def require_green(build: Path) -> None:
    """Verify a build before something is done with it.

    Raises:
        VerifyError: it is not what its manifest says.
    """
    audit = verify(build)
    if not audit.green:
        raise VerifyError(
            f"the build has {len(audit.faults)} faults, the first: {audit.faults[0]}",
            str(build),
            "build it again",
        )
