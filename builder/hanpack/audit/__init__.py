"""The proof: read a build and its sources again; check hashes, spans, alignments, budgets and the ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.audit.documents import check_chunks, check_documents
from hanpack.audit.findings import Audit, Fault
from hanpack.audit.ledger import check_ledger
from hanpack.audit.reading import Sources
from hanpack.errors import VerifyError
from hanpack.files.card import render_card
from hanpack.files.figures import FigureCounter
from hanpack.files.manifest import MANIFEST, Manifest, read_manifest
from hanpack.files.output import find_root
from hanpack.files.shards import describe_file
from hanpack.files.tables import is_chunks
from hanpack.files.vocabulary import load_vocabulary
from hanpack.recipe import Recipe
from hanpack.steps.counters import open_counter

__all__ = ["Audit", "Fault", "require_green", "verify"]

Progress = Callable[[str, int, int], None]


def verify(build: str | Path, sources: str | Path | None = None, progress: Progress | None = None) -> Audit:
    """Check a build against its manifest and its sources; ``sources`` is the folder these lie in now.

    Raises:
        VerifyError: the manifest itself is missing or broken, so that nothing else can be checked.
    """
    folder = Path(build)
    manifest = read_manifest(folder)
    root = Path(sources) if sources is not None else find_root(folder)
    audit = Audit()
    _check_files(audit, folder, manifest)
    raw = Sources(audit, manifest, root)
    if audit.green:
        # A proof counts with the reference, never with a faster encoder in its place.
        tokenizer = open_counter(load_vocabulary(manifest.tokenizer["name"], root), fast=False)
        check_documents(audit, folder, manifest, raw, tokenizer, progress)
        for name in filter(is_chunks, manifest.tables):
            check_chunks(audit, folder, manifest, name, tokenizer, progress)
        _check_figures(audit, folder, manifest)
        check_ledger(audit, folder, manifest, raw)
    return audit


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


def _check_figures(audit: Audit, folder: Path, manifest: Manifest) -> None:
    """Count the figures again, and write the card again from them."""
    counter = FigureCounter()
    for name, files in manifest.tables.items():
        for file in files:
            with pq.ParquetFile(folder / file.path) as shard:
                for batch in shard.iter_batches(batch_size=4096):
                    counter.count(name, pa.Table.from_batches([batch]))
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
