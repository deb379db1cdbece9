"""The flow: STEPS, the table of all steps, and the path of a record through them.

The text of a record is taken out of its JSON, if any, and decoded. Then every step of the table that has a
function runs, in the order of the table: first page layout is removed, then damage repaired, then invisible
characters, spaces and the script are normalised, then widths, quotes and redactions. Two steps need more than
the record itself and run afterwards: passages, which are compared across all documents of a build, and
evaluation texts. Finally the text is split into chunks and becomes rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from hanpack.documents import describe_document
from hanpack.errors import RecordError
from hanpack.model import Decision, Outcome, Record
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Decontamination, Steps
from hanpack.steps.decode import decode, unwrap_json
from hanpack.steps.dedup import EvaluationTexts, FoldedText, find_matches
from hanpack.steps.page import strip_page
from hanpack.steps.repair import repair_damage
from hanpack.steps.repair.forms import measure_likelihood
from hanpack.steps.script import find_script
from hanpack.steps.traced import Replacement, Traced, count_removed
from hanpack.steps.typography import (
    compose,
    count_redactions,
    join_characters,
    mend_quotes,
    remove_controls,
    replace_radicals,
    replace_redactions,
    restore_evasions,
    set_widths,
    tidy_spaces,
)
from hanpack.tools import StepTools, Tools


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what its edits are named, what switches it on, and what it does.

    ``name`` is the value of ``edits.step`` in a build. ``keys`` are the keys below ``steps`` in a recipe that
    it reads, the first of which switches it on; a step without a key always runs. ``summary`` completes the
    sentence "this step …". ``kinds`` are the kinds its edits can have. ``by_default`` says whether it runs if
    the recipe does not mention it. Edits of a step with ``is_damage`` count as damage when the best of
    several copies is chosen. ``run`` is its function: steps that share a function are run together, at the
    first of their rows; steps without a function run during decoding or after all the others.
    """

    name: str
    summary: str
    kinds: tuple[str, ...]
    keys: tuple[str, ...] = ()
    by_default: bool = True
    is_damage: bool = False
    run: Callable[[Traced, StepTools], Traced] | None = None

    def is_enabled(self, options: Steps) -> bool:
        """Whether a recipe switches it on."""
        return not self.keys or getattr(options, self.keys[0]) not in (False, None)


def _strip_page(traced: Traced, _: StepTools) -> Traced:
    return strip_page(traced)


def _repair_damage(traced: Traced, tools: StepTools) -> Traced:
    return repair_damage(traced, tools.ngram_model)


def _convert_script(traced: Traced, tools: StepTools) -> Traced:
    """Convert the script; the redactions are counted here, before any punctuation is changed."""
    traced = replace(traced, script=find_script(traced.text).name)
    converted = tools.converter.convert(traced)
    count = sum(count_redactions(converted.text).values())
    return converted.with_metadata({"redactions": count} if count else {})


def _tidy_spaces(traced: Traced, tools: StepTools) -> Traced:
    model = tools.ngram_model
    return join_characters(tidy_spaces(traced), partial(measure_likelihood, model))


def _replace_redactions(traced: Traced, tools: StepTools) -> Traced:
    return replace_redactions(traced, tools.options.redactions or "")


STEPS = (
    Step(
        "decode",
        "removes a byte order mark, and bytes that give no character; replaces invalid bytes and halves of "
        "surrogate pairs by U+FFFD",
        ("removed", "replaced"),
    ),
    Step("separator", "removes the line break or blank lines that end a record", ("removed",)),
    Step("unwrap", "removes the JSON around the text of a record", ("removed",)),
    Step(
        "html",
        "reduces an HTML page to its main text; entities become characters, blocks become lines, tables, "
        "lists and code become Markdown",
        ("removed", "replaced", "inserted", "flagged"),
        ("page",),
        run=_strip_page,
    ),
    Step(
        "page",
        "removes what a forum or site printed around a text",
        ("removed", "replaced"),
        ("page",),
        run=_strip_page,
    ),
    Step(
        "mojibake",
        "restores text that was decoded with the wrong encoding; flags what of it lost bytes",
        ("replaced", "flagged"),
        ("repair",),
        is_damage=True,
        run=_repair_damage,
    ),
    Step(
        "lossy",
        "flags what is lost for good: 锟斤拷, U+FFFD",
        ("flagged",),
        ("repair",),
        is_damage=True,
        run=_repair_damage,
    ),
    Step(
        "pinyin",
        "removes pinyin that a scraper inserted after characters",
        ("removed", "replaced"),
        ("repair",),
        is_damage=True,
        run=_repair_damage,
    ),
    Step(
        "shift",
        "restores characters that were shifted by a byte; flags what is uncertain or takes too much work",
        ("replaced", "flagged"),
        ("repair",),
        is_damage=True,
        run=_repair_damage,
    ),
    Step(
        "controls",
        "removes control and zero-width characters, also as written-out escapes",
        ("removed", "replaced"),
        ("controls",),
        by_default=False,
        run=lambda traced, _: remove_controls(traced),
    ),
    Step(
        "nfc",
        "composes characters (Unicode NFC); radicals in words become ideographs",
        ("replaced",),
        ("nfc",),
        by_default=False,
        run=lambda traced, _: replace_radicals(compose(traced)),
    ),
    Step(
        "spaces",
        "removes indents but those of code, lists and poems, trailing spaces, superfluous blank lines, and "
        "blanks between characters that were recognised one by one",
        ("removed", "replaced"),
        ("spaces",),
        run=_tidy_spaces,
    ),
    Step("script", "converts the script", ("replaced",), ("script", "phrases"), run=_convert_script),
    Step(
        "width",
        "sets full-width and half-width characters; flags a text that changes again and again",
        ("replaced", "flagged"),
        ("width",),
        by_default=False,
        run=lambda traced, _: set_widths(traced),
    ),
    Step(
        "quotes",
        "turns quotation marks that face the wrong way",
        ("replaced",),
        ("quotes",),
        by_default=False,
        run=lambda traced, _: mend_quotes(traced),
    ),
    Step(
        "evasion",
        "restores 党 where D was written for it",
        ("replaced",),
        ("evasions",),
        by_default=False,
        run=lambda traced, _: restore_evasions(traced),
    ),
    Step(
        "redaction",
        "replaces redactions (XX, ***)",
        ("replaced",),
        ("redactions",),
        by_default=False,
        run=_replace_redactions,
    ),
    Step(
        "passages",
        "removes or flags sentences that a preferred document (less damaged, longer or earlier) has too, if "
        "the recipe says so; a document that consists only of such sentences is only flagged",
        ("removed", "flagged"),
    ),
    Step(
        "decontamination",
        "flags the evaluation texts of the recipe in documents that contain them",
        ("flagged",),
    ),
)

# Each function once, in the order of the table; rows that share a function have the same first key.
_FUNCTIONS = {step.run: step for step in STEPS if step.run is not None}
_DAMAGE_STEPS = frozenset(step.name for step in STEPS if step.is_damage)


def process(records: Iterable[Record], tools: Tools) -> list[Outcome]:
    """Carry records through the flow; a bad record becomes a rejected outcome, never an error."""
    return [process_record(record, tools) for record in records]


def process_record(record: Record, tools: Tools, decision: Decision | None = None) -> Outcome:
    """Carry one record through the flow; ``decision`` was made by comparing all documents."""
    if record.fault is not None:
        return reject(record, record.fault)
    if decision and decision.duplicate_of:
        return leave_out_copy(record, decision)
    try:
        traced = prepare(read_text(record), tools.steps)
    except RecordError as error:
        return reject(record, error.reason)
    except ImportError as error:
        return reject(record, explain_missing_package(error))
    if decision:
        traced = mark_passages(traced, decision)
    folded = tools.folder.fold(traced.text)
    traced, contamination = find_contamination(traced, folded, tools.evaluation, tools.decontamination)
    if contamination:
        return reject(record, contamination, step="decontamination")
    if is_empty(traced):
        return make_empty_outcome(record, traced)
    removed = count_removed(traced)
    kept = record.size - sum(removed.values())
    document = describe_document(traced, folded, record, count_damage(traced), tools)
    return Outcome(record, "kept", None, kept, removed, document, lost_values=traced.lost_values)


def read_text(record: Record) -> Traced:
    """Unwrap and decode the text of a record.

    Raises:
        RecordError: its bytes are not text in its encoding, or the JSON around it is wrong.
    """
    encoding = record.source.encoding or "utf-8"
    if record.wrapping == "json":
        unwrapped = unwrap_json(
            record.data,
            record.column,
            record.byte_start,
            encoding,
            max_invalid=record.max_invalid,
            max_nesting=record.max_nesting,
        )
        return unwrapped.traced.with_metadata({**unwrapped.columns, **record.metadata})
    traced = decode(record.data, encoding, record.byte_start, record.terminator, record.max_invalid)
    return replace(traced.with_metadata(record.metadata), lost_values=record.lost_values)


def prepare(traced: Traced, tools: StepTools) -> Traced:
    """Run every step that needs only the text itself, in order; all callers use this function.

    Raises:
        ImportError: it is an HTML page, and the library for it is not installed.
    """
    for run, step in _FUNCTIONS.items():
        if step.is_enabled(tools.options):
            traced = run(traced, tools)
    return traced


def count_damage(traced: Traced) -> int:
    """How many of the edits of a text undid damage, or flagged it."""
    return sum(edit.step in _DAMAGE_STEPS or edit.kind == "flagged" for edit in traced.edits)


def mark_passages(traced: Traced, decision: Decision) -> Traced:
    """Remove or flag the passages of a document that occur in others."""
    spans = [Replacement(*span, flagged=not decision.remove) for span in decision.passages]
    return traced.apply("passages", spans)


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
    return Outcome(record, "empty", Reason(Cause.NO_TEXT), 0, removed)


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
    return Reason(Cause.MISSING_PACKAGE, {"package": str(error.name)})


def reject(record: Record, reason: Reason, step: str = "rejected") -> Outcome:
    """Refuse a record: none of its bytes are kept, and the ledger says why."""
    return Outcome(record, "rejected", reason, 0, {step: record.size} if record.size else {})
