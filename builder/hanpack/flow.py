"""The flow: the path of a batch of records to finished documents.

The texts are taken out of the records and decoded; the steps of the table run in order; passages are marked
and evaluation texts searched; the texts are split into chunks and become rows. Each of these stages takes all
texts of the batch before the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from hanpack.documents import FinishedText, describe_documents
from hanpack.errors import RecordError
from hanpack.model import Decision, Outcome, Record
from hanpack.outcomes import (
    explain_missing_package,
    find_contamination,
    is_empty,
    leave_out_copy,
    make_empty_outcome,
    reject,
    withdraw,
)
from hanpack.quality import judge_quality
from hanpack.reasons import Reason
from hanpack.record_texts import read_texts
from hanpack.record_withdrawals import find_address, find_withdrawn, take_out
from hanpack.step_table import STEPS, Step, count_damage, count_damage_left, prepare, run_steps
from hanpack.step_tools import StepTools
from hanpack.steps.dedup.folding import FoldedText
from hanpack.steps.dedup.minhash import compute_signatures
from hanpack.steps.dedup.sentences import find_sentences
from hanpack.steps.dedup.withdrawn import Withdrawal, WithdrawnTexts
from hanpack.steps.edit_list import JoinedEdits
from hanpack.steps.joined_alignment import JoinedAlignment
from hanpack.steps.quality import QualityFigures
from hanpack.steps.removed_bytes import count_removed_of_all
from hanpack.steps.replacements import Replacement
from hanpack.steps.texts import JoinedTexts
from hanpack.steps.traced import Traced
from hanpack.tools import Tools

__all__ = ["STEPS", "Step", "prepare", "process", "process_record"]


def process(
    records: Sequence[Record], tools: Tools, decisions: Mapping[int, Decision] = MappingProxyType({})
) -> list[Outcome]:
    """Carry the records of a batch through the flow, all of them through each stage before the next.

    So the processor's caches keep what a stage needs, and a stage can look at all texts at once. The outcome
    of a record does not depend on the others. A bad record becomes a rejected outcome, never an error.
    ``decisions``, by the index of the record, were made by comparing all documents.
    """
    # Each stage lets go of what the one before it made: a long record takes its size several times over.
    outcomes, texts, joined = _prepare(records, tools, decisions)
    finished = _finish(records, texts, joined, tools, outcomes)
    del texts, joined
    outcomes |= zip(finished, _keep(list(finished.values()), tools), strict=True)
    return [outcomes[index] for index in range(len(records))]


def _prepare(
    records: Sequence[Record], tools: Tools, decisions: Mapping[int, Decision]
) -> tuple[dict[int, Outcome], dict[int, Traced], JoinedTexts]:
    """The outcomes of records that are not kept so far, and the texts of the others after the steps."""
    outcomes, decoded = _read(records, tools.withdrawn, decisions)
    prepared, joined = _prepare_all(list(decoded.values()), tools.steps)
    marked: dict[int, Traced] = {}
    concerned = _find_withdrawn(prepared, tools)
    for number, (index, complete) in enumerate(zip(decoded, prepared, strict=True)):
        if isinstance(complete, ImportError):
            reason = explain_missing_package(complete)
            outcomes[index] = reject(records[index], reason, metadata=decoded[index].metadata)
            continue
        traced: Traced | Withdrawal = complete
        if tools.withdrawn and number in concerned:
            traced = take_out(complete, tools.withdrawn, tools.folder)
        if isinstance(traced, Withdrawal):
            outcomes[index] = withdraw(records[index], traced)
        else:
            decision = decisions.get(index)
            marked[index] = mark_passages(traced, decision) if decision else traced
    return outcomes, marked, joined.keep([traced.text for traced in marked.values()])


def _find_withdrawn(prepared: Sequence[Traced | ImportError], tools: Tools) -> set[int]:
    """The numbers of the texts of which something was withdrawn."""
    if not tools.withdrawn:
        return set()
    documents = [
        ("", {}) if isinstance(text, ImportError) else (text.text, text.metadata) for text in prepared
    ]
    return set(find_withdrawn(documents, tools.withdrawn, tools.folder))


def _finish(
    records: Sequence[Record],
    texts: Mapping[int, Traced],
    joined: JoinedTexts,
    tools: Tools,
    outcomes: dict[int, Outcome],
) -> dict[int, FinishedText]:
    """The texts that are kept, with what is compared and measured; ``outcomes`` gets those of the others.

    ``joined`` are the texts.
    """
    all_folded = tools.folder.fold_all(joined)
    compared: dict[int, tuple[Traced, FoldedText]] = {}
    for (index, traced), folded in zip(texts.items(), all_folded, strict=True):
        if tools.evaluation:
            traced, contamination = find_contamination(
                traced, folded, tools.evaluation, tools.decontamination
            )
            if contamination:
                outcomes[index] = reject(
                    records[index], contamination, step="decontamination", metadata=traced.metadata
                )
                continue
        if is_empty(traced):
            outcomes[index] = make_empty_outcome(records[index], traced)
        else:
            compared[index] = traced, folded
    tracked = [traced for traced, _ in compared.values()]
    judged = judge_quality(
        joined.keep([traced.text for traced in tracked]),
        list(map(count_damage_left, tracked)),
        tools.bounds,
        tools.steps.ngram_model,
    )
    kept: dict[int, QualityFigures] = {}
    for index, quality in zip(compared, judged, strict=True):
        if isinstance(quality, Reason):
            metadata = compared[index][0].metadata
            outcomes[index] = reject(records[index], quality, step="quality", metadata=metadata)
        else:
            kept[index] = quality
    pairs = [compared[index] for index in kept]
    signatures = compute_signatures([folded for _, folded in pairs])
    has_passages = tools.duplicates.passages != "keep"
    return {
        index: FinishedText(
            record=records[index],
            traced=traced,
            signature=signature,
            sentences=find_sentences(traced.text, folded) if has_passages else None,
            damage=count_damage(traced),
            quality=kept[index],
        )
        for index, (traced, folded), signature in zip(kept, pairs, signatures, strict=True)
    }


def _keep(texts: Sequence[FinishedText], tools: Tools) -> list[Outcome]:
    """The outcomes of the records that are kept, each with its document."""
    tracked = [text.traced for text in texts]
    alignment = JoinedAlignment.of([traced.alignment for traced in tracked])
    edits = JoinedEdits.of([traced.edits for traced in tracked])
    # First, while there are no rows yet: of a long record both take several times its size.
    removals = count_removed_of_all(tracked, edits, alignment)
    documents = describe_documents(texts, alignment, edits, tools)
    outcomes: list[Outcome] = []
    for text, document, removed in zip(texts, documents, removals, strict=True):
        record, lost_values = text.record, text.traced.lost_values
        kept = record.size - sum(removed.values())
        outcomes.append(Outcome(record, "kept", None, kept, removed, document, lost_values=lost_values))
    return outcomes


def _read(
    records: Sequence[Record], withdrawn: WithdrawnTexts | None, decisions: Mapping[int, Decision]
) -> tuple[dict[int, Outcome], dict[int, Traced]]:
    """The outcomes of the records that have no text or need none, and the texts of the others."""
    outcomes: dict[int, Outcome] = {}
    unread: list[int] = []
    for index, record in enumerate(records):
        decision = decisions.get(index)
        withdrawal = withdrawn.find_source(record.source.path) if withdrawn else None
        if withdrawal:
            outcomes[index] = withdraw(record, withdrawal)
        elif record.fault is not None:
            outcomes[index] = _reject_unread(record, record.fault, withdrawn)
        elif decision and decision.is_copy:
            outcomes[index] = leave_out_copy(record, decision)
        else:
            unread.append(index)
    texts: dict[int, Traced] = {}
    for index, text in zip(unread, read_texts([records[index] for index in unread]), strict=True):
        if isinstance(text, RecordError):
            outcomes[index] = _reject_unread(records[index], text.reason, withdrawn)
        else:
            texts[index] = text
    return outcomes, texts


def _reject_unread(record: Record, reason: Reason, withdrawn: WithdrawnTexts | None) -> Outcome:
    """Refuse a record whose text could not be read, or withdraw it if its address was withdrawn."""
    withdrawal = find_address(record.metadata, withdrawn) if withdrawn else None
    return withdraw(record, withdrawal) if withdrawal else reject(record, reason)


def process_record(record: Record, tools: Tools, decision: Decision | None = None) -> Outcome:
    """Carry one record through the flow, as a batch of its own."""
    (outcome,) = process([record], tools, {0: decision} if decision else {})
    return outcome


def _prepare_all(
    texts: Sequence[Traced], tools: StepTools
) -> tuple[Sequence[Traced | ImportError], JoinedTexts]:
    """The texts after the steps, and joined if there is no error.

    The error is for each text that is a page if its library is not installed.
    """
    try:
        prepared = run_steps(texts, tools)
    except ImportError as error:
        one_by_one = [error] if len(texts) == 1 else [_prepare_all([text], tools)[0][0] for text in texts]
        return one_by_one, JoinedTexts([])
    return prepared.traced, prepared.joined


def mark_passages(traced: Traced, decision: Decision) -> Traced:
    """Remove or flag the passages of a document that occur in others."""
    spans = [Replacement(*span, flagged=not decision.remove) for span in decision.passages]
    return traced.apply("passages", spans)
