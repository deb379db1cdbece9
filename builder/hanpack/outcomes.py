"""The outcomes of records that are not kept, and the search for the evaluation texts that cause some."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hanpack.model import Decision, Outcome, Record
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Decontamination
from hanpack.steps.dedup.contamination import find_matches
from hanpack.steps.dedup.evaluation_texts import EvaluationTexts
from hanpack.steps.dedup.folding import FoldedText
from hanpack.steps.dedup.withdrawn import Withdrawal
from hanpack.steps.replacements import Replacement
from hanpack.steps.traced import Traced, count_removed


def find_contamination(
    traced: Traced, folded: FoldedText, texts: EvaluationTexts | None, options: Decontamination | None
) -> tuple[Traced, Reason | None]:
    """Flag the evaluation texts in a document; if such documents are dropped, return the reason instead."""
    matches = find_matches(folded, texts, options.share) if texts and options else []
    if not matches:
        return traced, None
    first = matches[0]
    if options and options.action == "drop":
        fields: dict[str, str | int] = {"start": first.start, "end": first.end, "name": first.name}
        return traced, Reason(Cause.EVALUATION_TEXT, fields)
    spans = _merge_overlaps((match.start, match.end) for match in matches)
    names = "; ".join(dict.fromkeys(match.name for match in matches))
    flagged = traced.apply("decontamination", [Replacement(*span, flagged=True) for span in spans])
    return flagged.with_metadata({"evaluation_texts": names}), None


def _merge_overlaps(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, with those that overlap joined."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def is_empty(traced: Traced) -> bool:
    """Whether a text is nothing but white space."""
    return not traced.text or traced.text.isspace()


def make_empty_outcome(record: Record, traced: Traced) -> Outcome:
    """Keep nothing of a record without text; the bytes that no step removed are counted as ``empty``."""
    removed = count_removed(traced)
    white_space = record.size - sum(removed.values())
    if white_space:
        removed = removed | {"empty": white_space}
    return Outcome(record, "empty", Reason(Cause.NO_TEXT), 0, removed, metadata=traced.metadata)


def leave_out_copy(record: Record, decision: Decision) -> Outcome:
    """Keep nothing of a copy; the outcome names the document that is kept in its place."""
    return Outcome(
        record,
        "duplicate",
        decision.reason,
        0,
        {"duplicate": record.size},
        duplicate_of=decision.duplicate_of,
        similarity=decision.similarity,
    )


def explain_missing_package(error: ImportError) -> Reason:
    """The reason for a record that needs a package that is not installed."""
    return Reason(Cause.MISSING_PACKAGE, {"package": str(error.name), "extra": "html"})


def reject(
    record: Record, reason: Reason, step: str = "rejected", metadata: Mapping[str, object] | None = None
) -> Outcome:
    """Refuse a record: none of its bytes are kept, and the ledger says why.

    ``metadata`` is that of its text, if it could be read.
    """
    stated = record.metadata if metadata is None else metadata
    removed = {step: record.size} if record.size else {}
    return Outcome(record, "rejected", reason, 0, removed, metadata=stated)


def withdraw(record: Record, withdrawal: Withdrawal) -> Outcome:
    """Keep nothing of a withdrawn record; the outcome has the request."""
    fields = {"date": withdrawal.date, "request": withdrawal.request, "why": withdrawal.reason}
    removed = {"withdrawn": record.size} if record.size else {}
    return Outcome(record, "withdrawn", Reason(Cause.WITHDRAWN, fields), 0, removed)
