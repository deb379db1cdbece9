"""Withdraws texts: selects, writes the withdrawal beside the recipe, builds again, and proves absence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from os import PathLike
from pathlib import Path

from hanpack.building.absence import require_absence
from hanpack.building.build_options import BuildOptions
from hanpack.building.passes import make_parts
from hanpack.building.plan import Plan, make_plan
from hanpack.building.publication import hold_output
from hanpack.building.run import build_plan
from hanpack.building.withdrawn_parts import SearchedParts, digest_withdrawals
from hanpack.errors import BuildError, UsageError, require_texts
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.secrets import redact_recipe
from hanpack.sources.survey import Progress, ignore_progress
from hanpack.steps.dedup.withdrawn import Withdrawal
from hanpack.store.manifest import Manifest, make_fingerprint
from hanpack.store.reader import BuildReader
from hanpack.store.withdrawals import (
    dump_withdrawal,
    find_open_requests,
    find_withdrawals,
    read_stated,
    save_withdrawals,
)
from hanpack.store.work_folder import WorkFolder
from hanpack.withdrawal.earlier import find_earlier, select_withdrawn
from hanpack.withdrawal.receipt import OtherRequest, Receipt, make_receipt
from hanpack.withdrawal.selection import Request, Selection, Selector
from hanpack.wording import format_count, quote_argument


@dataclass(frozen=True, slots=True)
class Prepared:
    """A withdrawal that can be carried out: what it takes, the plan of the build, and its manifest.

    ``clean`` are the keys of the parts that were searched, and from which it takes nothing; ``documents`` the
    hashes of the documents in which nothing of it was found, nor of what the build honours already.
    """

    build: Path
    recipe: Path
    plan: Plan
    manifest: Manifest
    selection: Selection
    clean: frozenset[str] = frozenset()
    documents: frozenset[bytes] = frozenset()


def prepare_withdrawal(
    build: Path, request: Request, recipe: Path | None = None, progress: Progress = ignore_progress
) -> Prepared:
    """Find what a request takes out of a build; nothing is changed but the cache of parts.

    If earlier requests took out all that it names, the selection has them, and nothing to take.
    ``recipe`` is the recipe file, if it is not where it was when the build was made here.

    Raises:
        UsageError: the recipe is not known, the request names nothing, or something that is not there.
        BuildError: the build is not what its recipe and sources give now, or another process writes to it.
        RecipeError: the recipe is wrong.
        VerifyError: the build cannot be read.
    """
    reader = BuildReader.open(build)
    work = WorkFolder(build)
    path = recipe if recipe is not None else work.find_recipe()
    if path is None or not path.is_file():
        raise UsageError("the recipe of the build is not known here", str(build), "name it with --recipe")
    plan = make_plan(path, progress, work.known_files)
    _require_current(plan, reader.manifest, build)
    honoured = _read_honoured(plan, reader.manifest)
    if earlier := find_earlier(request, honoured):
        return Prepared(build, path, plan, reader.manifest, select_withdrawn(reader, earlier))
    with hold_output(build) as output:
        parts = make_parts(
            replace(plan, withdrawals=honoured),
            output.work.path.resolve(),
            engine="local",
            num_proc=None,
            progress=progress,
        )
        selector = Selector(reader, parts, plan.recipe, honoured)
        selection = selector.select(_leave_out_withdrawn(request, honoured))
    if pending := len(plan.withdrawals) - len(honoured):
        note = (
            f"{format_count(pending, 'request')} in {find_withdrawals(str(path))} that this build does not "
            f"honour yet will be carried out too; to see what that takes, run hanpack build {path} before"
        )
        selection = replace(selection, notes=[*selection.notes, note])
    return Prepared(build, path, plan, reader.manifest, selection, selector.clean, selector.documents)


def carry_out(
    prepared: Prepared,
    progress: Progress = ignore_progress,
    *,
    num_proc: int | None = None,
    on_written: Callable[[], None] = lambda: None,
) -> Receipt:
    """Carry out a withdrawal; returns the receipt.

    The withdrawal is written first, unless earlier ones have it all. If anything ends the command
    afterwards, the build stays as it was, and ``hanpack build`` with the recipe finishes the withdrawal.
    ``on_written`` is called when that is so.

    Raises:
        BuildError: the build failed, or a withdrawn text would still be in it.
    """
    path, withdrawal = find_withdrawals(str(prepared.recipe)), prepared.selection.withdrawal
    searched = None
    if not prepared.selection.earlier:
        written = prepared.plan.withdrawals
        of_request = [entry for entry in written if entry.request == withdrawal.request]
        of_others = [entry for entry in written if entry.request != withdrawal.request]
        asked = [*of_others, _join([*of_request, withdrawal])]
        save_withdrawals(path, asked)
        honoured = _read_honoured(prepared.plan, prepared.manifest)
        # The parts were searched for this request only.
        if len(honoured) == len(written):
            before, after = digest_withdrawals(honoured), digest_withdrawals(asked)
            searched = SearchedParts(before, after, prepared.clean, prepared.documents)
    on_written()
    plan = make_plan(prepared.recipe, progress, WorkFolder(prepared.build).known_files)
    built = build_plan(plan, prepared.build, BuildOptions(num_proc=num_proc), progress, searched)
    absence = built.absence
    if absence is None:
        # The build had what earlier requests took out already.
        vocabulary = load_vocabulary(plan.recipe.tokenizer, plan.root)
        absence = require_absence(
            BuildReader.open(prepared.build), plan.withdrawals, vocabulary, prepared.build
        )
    return make_receipt(
        prepared.selection,
        prepared.manifest,
        built.manifest,
        absence,
        _list_other_requests(prepared, built.manifest),
    )


def _list_other_requests(prepared: Prepared, manifest: Manifest) -> list[OtherRequest]:
    """The requests that a withdrawal carried out too, with the number of records of each."""
    before = list(prepared.manifest.withdrawals)
    own = prepared.selection.withdrawal.request
    others = [
        withdrawal
        for withdrawal in read_stated([stated for stated in manifest.withdrawals if stated not in before])
        if withdrawal.request != own
    ]
    reader = BuildReader.open(prepared.build) if others else None
    return [
        OtherRequest(entry.request, entry.date, entry.reason, len(select_withdrawn(reader, [entry]).taken))
        for entry in others
        if reader
    ]


def require_honoured(build: Path) -> None:
    """Refuse a build that does not honour every request in the file beside its recipe.

    A build whose recipe is not known on this machine is not refused.

    Raises:
        BuildError: a request was written after the build, or the withdrawal was not finished.
        RecipeError: the file of withdrawals cannot be read.
        VerifyError: the build cannot be read.
    """
    recipe = WorkFolder(build).find_recipe()
    if recipe is None:
        return
    path = find_withdrawals(str(recipe))
    missing = find_open_requests(path, BuildReader.open(build).manifest.withdrawals)
    if missing:
        raise BuildError(
            f"the build does not honour {format_count(len(missing), 'request')} in {path}, "
            f"the first: {missing[0]}",
            str(build),
            f"run hanpack build {quote_argument(str(recipe))} first",
        )


def withdraw(
    build: str | PathLike[str],
    *,
    request: str,
    date: str,
    reason: str,
    document_ids: Sequence[str] = (),
    sources: Sequence[str] = (),
    urls: Sequence[str] = (),
    texts: Sequence[str] = (),
    takes_passages: bool = True,
    bars_absent: bool = False,
    recipe: str | PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Receipt:
    """Take documents, their copies and passages out of a build and of every later one.

    ``request``, ``date`` (YYYY-MM-DD) and ``reason`` go into the ledger and the receipt. What is taken out is
    named by ids of documents, paths of sources, addresses or texts. Unless ``takes_passages``, other
    documents keep what they have of them. An address that no record of the build has is an error, unless
    ``bars_absent``: then later builds do not have it. ``recipe`` is the recipe file, if it is not where it
    was when the build was made here. To take a request back, delete its line in ``withdrawals.jsonl`` beside
    the recipe and build again.

    Raises:
        HanpackError: see :func:`prepare_withdrawal` and :func:`carry_out`.
    """
    lists = {"document_ids": document_ids, "sources": sources, "urls": urls, "texts": texts}
    for name, value in lists.items():
        require_texts(value, name)
    named = Request(
        request=request,
        date=date,
        reason=reason,
        sources=sources,
        urls=urls,
        document_ids=document_ids,
        texts=texts,
        takes_passages=takes_passages,
        bars_absent=bars_absent,
    )
    report = progress or ignore_progress
    path = Path(recipe) if recipe is not None else None
    return carry_out(prepare_withdrawal(Path(build), named, path, report), report)


def _leave_out_withdrawn(request: Request, honoured: Sequence[Withdrawal]) -> Request:
    """A request without the documents that were withdrawn before: the build has no such ids now."""
    withdrawn = {identity for withdrawal in honoured for identity in withdrawal.documents}
    return replace(
        request, document_ids=[identity for identity in request.document_ids if identity not in withdrawn]
    )


def _join(withdrawals: list[Withdrawal]) -> Withdrawal:
    """One withdrawal of several with the same id: the last, with the texts of all."""
    texts = {text.exact: text for withdrawal in withdrawals for text in withdrawal.texts}
    return replace(
        withdrawals[-1],
        texts=tuple(texts.values()),
        sources=tuple(dict.fromkeys(path for withdrawal in withdrawals for path in withdrawal.sources)),
        urls=tuple(dict.fromkeys(url for withdrawal in withdrawals for url in withdrawal.urls)),
        documents=tuple(
            dict.fromkeys(identity for withdrawal in withdrawals for identity in withdrawal.documents)
        ),
    )


def _require_current(plan: Plan, manifest: Manifest, build: Path) -> None:
    """Check that the build is what recipe and sources give, but for withdrawals that it does not honour."""
    recipe = redact_recipe(plan.recipe.model_dump(mode="json"), plan.root)
    inputs = chain(plan.sources, plan.evaluation_sources)
    if make_fingerprint(recipe, plan.versions, inputs, manifest.withdrawals) != manifest.fingerprint:
        raise BuildError(
            "the recipe, the sources or hanpack changed after the build",
            str(build),
            f"run hanpack build {plan.where} first",
        )


def _read_honoured(plan: Plan, manifest: Manifest) -> tuple[Withdrawal, ...]:
    """The withdrawals of the plan that the build honours already."""
    honoured = list(manifest.withdrawals)
    return tuple(withdrawal for withdrawal in plan.withdrawals if dump_withdrawal(withdrawal) in honoured)
