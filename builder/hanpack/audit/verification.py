"""The proof of a build: its files and sources are read again, and it is built again and compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory

from hanpack.audit.chunks import ChunkCheck
from hanpack.audit.cursor import RowCursor, open_cursors
from hanpack.audit.failures import find_failures
from hanpack.audit.files import check_files, check_roots, check_tables
from hanpack.audit.findings import Audit, Deviations, Fault
from hanpack.audit.identities import check_copies, check_distinct
from hanpack.audit.rebuilding import compare_shards, rebuild
from hanpack.audit.records import RecordCheck
from hanpack.audit.recount import Recount
from hanpack.audit.remote import copy_build
from hanpack.audit.sources import compare_lists, has_sources, read_records, survey_again
from hanpack.audit.statements import (
    WRITERS,
    check_claims,
    check_statements,
    explain_versions,
    load_tokenizer,
    read_against_again,
    read_evaluation_again,
    read_recipe,
)
from hanpack.audit.stretch import TableCursors
from hanpack.building.absence import AbsenceSearch, has_tokens, make_decoder
from hanpack.building.document_signatures import make_signatures, write_signature_table
from hanpack.building.plan import Plan
from hanpack.errors import RecipeError, VerifyError
from hanpack.names import is_remote
from hanpack.resources.folding_table import open_folder
from hanpack.signing.signatures import check_signature
from hanpack.source_table import SourceTable
from hanpack.sources.source_files import Survey
from hanpack.sources.survey import Progress, ignore_progress
from hanpack.sources.surveyed_files import SurveyedFiles
from hanpack.steps.dedup.evaluation_texts import EvaluationTexts
from hanpack.steps.tokens import open_counter
from hanpack.steps.tokens.counting import Vocabulary
from hanpack.store.card import render_card
from hanpack.store.croissant import render_croissant
from hanpack.store.figures import FigureCounter
from hanpack.store.histogram import render_picture
from hanpack.store.manifest import MANIFEST, PICTURE, SEARCH_INDEX, SIGNATURES, SPDX, Manifest
from hanpack.store.reader import BuildReader
from hanpack.store.search_index import make_search_index
from hanpack.store.shards import ShardFile
from hanpack.store.signature_table import OtherBuild, read_signatures
from hanpack.store.source_list import SOURCES_FILE, write_sources
from hanpack.store.spdx import render_spdx
from hanpack.store.table_kinds import TableKind
from hanpack.store.versions import find_versions
from hanpack.store.withdrawals import find_open_requests, find_withdrawals, read_stated
from hanpack.store.work_folder import WorkFolder
from hanpack.wording import format_count, quote_argument

__all__ = ["Audit", "Fault", "require_valid", "verify"]


def verify(
    build: str | PathLike[str],
    sources: str | PathLike[str] | None = None,
    progress: Progress | None = None,
    *,
    recipe: str | PathLike[str] | None = None,
    signer: str | PathLike[str] | None = None,
    num_proc: int | None = None,
) -> Audit:
    """Prove a build from its sources: check its rows against their bytes, build it again, and compare.

    ``sources`` is the folder that the sources are in now, if they were moved. ``recipe`` is the recipe file
    that the build must have been made with, ``signer`` the public key that must have signed it. ``progress``
    is called with a stage, what is done of it and its size. ``num_proc`` is the number of processes that
    build again, by default one for each processor, fewer for small builds. It costs about as much time as a
    build, and as much disk in the temporary folder. A build at a URL is copied there first; its sources are
    at hand only if they are named.

    Raises:
        VerifyError: the manifest itself is missing or broken, so that nothing else can be checked; or a
            source cannot be read to its end.
        RecipeError: ``recipe`` is wrong.
        UsageError: ``signer`` is no public key, or the extra ``sign`` is missing.
    """
    if is_remote(str(build)):
        report = progress or ignore_progress
        with copy_build(str(build), report) as copied:
            audit = verify(copied.folder, sources, progress, recipe=recipe, signer=signer, num_proc=num_proc)
            audit.name_copy(str(copied.folder), copied.url)
            audit.notes.extend(copied.notes)
            return audit
    reader = BuildReader.open(build)
    audit = Audit()
    check_claims(audit, reader.manifest, Path(recipe) if recipe is not None else None)
    check_files(audit, reader)
    _check_signer(audit, reader, signer)
    if not audit.passed:
        return audit
    root = Path(sources) if sources is not None else WorkFolder(reader.folder).find_root()
    if root is not None and sources is None and not has_sources(reader.manifest, root):
        root = None
    root = root and root.absolute()
    _Verification(audit, reader, root, progress or ignore_progress, num_proc).run()
    _note_open_requests(audit, reader)
    return audit


def _note_open_requests(audit: Audit, reader: BuildReader) -> None:
    """Name the requests beside the recipe that the build does not honour, if the recipe is known here."""
    recipe = WorkFolder(reader.folder).find_recipe()
    if recipe is None:
        return
    path = find_withdrawals(str(recipe))
    try:
        missing = find_open_requests(path, reader.manifest.withdrawals)
    except RecipeError as error:
        audit.notes.append(f"{path}: {error.what}")
        return
    if missing:
        requests = format_count(len(missing), "request")
        audit.notes.append(
            f"{requests} to withdraw in {path} are open: this build does not honour them, the first: "
            f"{missing[0]}; run hanpack build {quote_argument(str(recipe))}"
        )


def _check_signer(audit: Audit, reader: BuildReader, signer: str | PathLike[str] | None) -> None:
    """Check who signed the build; a signature proves what no source can."""
    if signer is None:
        if audit.is_signed:
            audit.notes.append("who signed it was not checked: name the public key with --signer")
        return
    try:
        check_signature(reader.folder, signer)
    except VerifyError as error:
        audit.expect(False, error.where, error.what)
        return
    audit.claims.clear()
    audit.count("signatures")


class _Verification:
    """The checks of a build whose files are those that were written.

    ``root`` is the folder of the sources, None if they are not at hand. ``num_proc`` is the number of
    processes that build again, None to choose it by the size of the sources.
    """

    def __init__(
        self,
        audit: Audit,
        reader: BuildReader,
        root: Path | None,
        progress: Progress,
        num_proc: int | None,
    ) -> None:
        self._audit = audit
        self._reader = reader
        self._manifest = reader.manifest
        self._recipe = read_recipe(reader.manifest)
        self._root = root
        self._progress = progress
        self._num_proc = num_proc
        self._versions = find_versions()
        self._withdrawals = read_stated(reader.manifest.withdrawals)
        self._deviations = Deviations(audit, explain_versions(reader.manifest, self._versions))

    def run(self) -> None:
        """Carry out all checks."""
        check_statements(self._deviations, self._manifest, self._recipe)
        if check_tables(self._deviations, self._reader, self._recipe):
            if any(file.path == SOURCES_FILE for file in self._manifest.files):
                self._compare_bytes(SOURCES_FILE, partial(write_sources, sources=self._manifest.sources))
            self._check_contents()
        self._deviations.finish()

    def _check_contents(self) -> None:
        vocabulary = load_tokenizer(self._audit, self._manifest, self._root)
        if self._root is None:
            self._audit.notes.append(
                "sources not at hand: no row was compared with its source, and nothing was built again; "
                "name their folder with --sources"
            )
            self._check_tables(vocabulary, None)
            return
        inputs = (self._manifest, self._recipe, self._root)
        surveys = survey_again(self._deviations, *inputs, self._progress)
        evaluation = read_evaluation_again(self._deviations, *inputs)
        # With other inputs than those of the build every row would deviate.
        if self._audit.passed:
            compare_lists(self._deviations, *inputs)
            replayed = None
            if vocabulary is not None:
                against = read_against_again(self._deviations, self._manifest, self._root)
                replayed = self._replay(self._root, vocabulary, surveys, evaluation, against)
            self._check_tables(vocabulary, surveys, replayed)

    def _check_tables(
        self,
        vocabulary: Vocabulary | None,
        surveys: Sequence[Survey] | None,
        replayed: Manifest | None = None,
    ) -> None:
        """Check the rows and the figures.

        If the replay has given the same bytes, ``replayed`` has its figures and roots, which are those of the
        rows: they are not derived from them a second time.
        """
        counter = FigureCounter()
        self._check_absence(vocabulary)
        self._check_rows(None if replayed else counter, vocabulary, surveys)
        self._check_figures(replayed.totals if replayed else counter.figures())
        check_roots(self._audit, self._reader, replayed)
        self._check_signatures()
        self._check_search_index()

    def _check_absence(self, vocabulary: Vocabulary | None) -> None:
        """Look for withdrawn texts in every table with texts, in any script."""
        if not self._withdrawals:
            return
        audit = self._audit
        decode = make_decoder(vocabulary) if vocabulary and has_tokens(self._reader) else None
        absence = AbsenceSearch(self._withdrawals, decode).run(self._reader)
        for place in absence.places:
            audit.expect(False, place, "it has a withdrawn text, a copy of one or a passage")
        if absence.fragments:
            audit.notes.append(
                f"{len(absence.fragments):,} rows have a passage of a withdrawn text that begins within a "
                f"sentence: {absence.fragments[0]}"
            )
        if decode is None and has_tokens(self._reader):
            audit.notes.append(
                "packed sequences were not searched for withdrawn texts: no tokens are decoded"
            )
        audit.count("withdrawn texts", sum(len(withdrawal.texts) for withdrawal in self._withdrawals))

    def _check_rows(
        self,
        counter: FigureCounter | None,
        vocabulary: Vocabulary | None,
        surveys: Sequence[Survey] | None,
    ) -> None:
        """Read sources and tables side by side; the tables' figures are counted on the way.

        ``counter`` is None if the replay gave the same bytes.
        """
        reader, manifest = self._reader, self._manifest
        count = counter.count if counter else None
        tokenizer = open_counter(vocabulary, fast=False) if vocabulary else None
        chunks = [
            ChunkCheck(table, open_cursors(reader, table, count), budget.max_tokens, tokenizer)
            for table, budget in self._recipe.budgets.items()
        ]
        tables = TableCursors(
            ledger=RowCursor(reader, "ledger", count),
            documents=open_cursors(reader, "documents", count),
            chunks=chunks,
        )
        records = None
        if surveys is not None:
            records = read_records(self._audit, self._recipe, surveys, manifest.sources)
        # A replay that gave the same bytes has counted all tokens, but perhaps with a faster tokenizer.
        recount = Recount(tokenizer, is_sample=counter is None and not self._deviations.explanations)
        check = RecordCheck(self._audit, SourceTable.of(manifest.sources), records, tables, recount)
        check.run(manifest.totals["records"], self._progress)
        if recount.tokenizer:
            self._audit.count("recounts", recount.number)
        check_copies(self._audit, reader)
        for table in reader.tables:
            if TableKind.of(table) in (TableKind.CHUNKS, TableKind.DOCUMENTS):
                check_distinct(self._audit, reader, table)
            if TableKind.of(table) is TableKind.PACKED and counter:
                for batch in reader.read_batches(table):
                    counter.count(table, batch.table, batch.shard.partition)

    def _check_figures(self, figures: Mapping[str, object]) -> None:
        """Compare the manifest's figures with those counted, and card and Croissant with those made again."""
        audit, manifest, folder = self._audit, self._manifest, self._reader.folder
        for name in dict.fromkeys((*figures, *manifest.totals)):
            stated, figure = manifest.totals.get(name), figures.get(name)
            audit.expect(
                stated == figure, MANIFEST, f"totals.{name} is {stated}, but the tables give {figure}"
            )
        card, croissant, picture, _, *shards = manifest.files
        described = replace(manifest, files=shards, totals=figures)
        same = _read_text(folder / "README.md") == render_card(folder, described, self._recipe.card)
        self._deviations.expect(same, "README.md", "the card is not the one that the manifest gives")
        same = _read_text(folder / PICTURE) == render_picture(folder, described)
        self._deviations.expect(same, PICTURE, "the picture is not the one that the chunks give")
        described = replace(manifest, files=[card, picture, *shards])
        same = _read_text(folder / "croissant.json") == render_croissant(folder, described)
        self._deviations.expect(
            same, "croissant.json", "the Croissant metadata is not that which the manifest gives"
        )
        described = replace(manifest, files=[card, croissant, picture, *shards])
        same = _read_text(folder / SPDX) == render_spdx(described)
        self._deviations.expect(same, SPDX, "the SPDX metadata is not that which the manifest gives")

    def _check_signatures(self) -> None:
        """Compare the signatures with those of the documents."""
        if not self._recipe.duplicates.signatures:
            return
        stated = read_signatures(self._reader.folder / SIGNATURES)
        first = 0
        for table in make_signatures(self._reader):
            same = stated.slice(first, table.num_rows).equals(table)
            self._deviations.expect(same, SIGNATURES, f"rows from {first} on are not those of the documents")
            first += table.num_rows
        self._audit.expect(
            stated.num_rows == first,
            SIGNATURES,
            f"it has {stated.num_rows} rows, but there are {first} documents",
        )
        self._compare_bytes(SIGNATURES, partial(write_signature_table, table=stated))
        self._audit.count("signatures of documents", first)

    def _compare_bytes(self, name: str, write: Callable[[Path], ShardFile | None]) -> None:
        """Compare the bytes of a file with those that ``write`` makes of its rows in a folder."""
        writers = explain_versions(self._manifest, self._versions, WRITERS)
        with TemporaryDirectory(prefix="hanpack-verify-") as folder:
            written = write(Path(folder))
        hashes = [file.sha256 for file in self._manifest.files if file.path == name]
        what = "its rows are right, but its bytes are not those that hanpack writes"
        with self._deviations.explained_by(writers) as writing:
            writing.expect(written is not None and hashes == [written.sha256], name, what)

    def _check_search_index(self) -> None:
        """Compare the index for searches with that of the documents."""
        if not self._recipe.search_index:
            return
        pieces = make_search_index(self._reader, open_folder())
        with (self._reader.folder / SEARCH_INDEX).open("rb") as stream:
            same = all(stream.read(len(piece)) == piece for piece in pieces) and not stream.read(1)
        self._deviations.expect(same, SEARCH_INDEX, "it is not the index of the documents")
        self._audit.count("search indexes")

    def _replay(
        self,
        root: Path,
        vocabulary: Vocabulary,
        surveys: SurveyedFiles,
        evaluation: EvaluationTexts | None,
        against: tuple[OtherBuild, ...],
    ) -> Manifest | None:
        """Build again from the sources and the recipe, and compare every row and the bytes of every shard.

        Returns the manifest of the replay if all bytes are equal.
        """
        manifest = self._manifest
        failures = find_failures(self._audit, self._reader)
        plan = Plan(
            recipe=self._recipe,
            root=root,
            surveys=surveys,
            sources=SourceTable.of(manifest.sources),
            versions={**self._versions, "tokenizer": vocabulary.sha256},
            fingerprint=manifest.fingerprint,
            evaluation=evaluation,
            evaluation_sources=tuple(manifest.evaluation),
            withdrawals=self._withdrawals,
            against=against,
        )
        with rebuild(plan, manifest, failures, self._progress, self._num_proc) as replayed:
            self._audit.count("replays", replayed.manifest.totals["records"] - len(failures))
            is_equal = compare_shards(self._deviations, self._reader, replayed, failures)
            return replayed.manifest if is_equal else None


def _read_text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def require_valid(build: Path) -> None:
    """Verify a build before it is used for something.

    Raises:
        VerifyError: it has faults, or its sources are not at hand.
    """
    audit = verify(build)
    if not audit.passed:
        raise VerifyError(
            f"the build has {format_count(len(audit.faults), 'fault')}, the first: {audit.faults[0]}",
            str(build),
            "build it again with --fresh",
        )
    if not audit.checked.get("replays"):
        raise VerifyError(
            f"the build was not built again: {audit.notes[0]}", str(build), "build it again with --fresh"
        )
