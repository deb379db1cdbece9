"""The flow: STEPS, the table of all steps, and the path of a record through them.

The text of a record is taken out of its JSON, if any, and decoded. Then every step of the table that has a
function runs, in the order of the table: first page layout is removed, then damage repaired, then invisible
characters, spaces and the script are normalised, then widths, quotes and redactions;
personal data is flagged last. Two steps need more than the record itself and run afterwards: passages, which
are compared across all documents of a build, and evaluation texts. Finally the text is split into chunks and
becomes rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

from hanpack.documents import FinishedText, describe_documents
from hanpack.errors import RecordError
from hanpack.model import Decision, Outcome, Record
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Decontamination, Steps
from hanpack.steps.dedup import EvaluationTexts, FoldedText, find_matches
from hanpack.steps.page import strip_page
from hanpack.steps.personal import mark_personal_data
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
    several copies is chosen, and so does what a step flags, if it ``flags_damage``. ``run`` is its function:
    steps that share a function are run together, at the first of their rows; steps without a function run
    during decoding or after all the others.
    """

    name: str
    summary: str
    kinds: tuple[str, ...]
    keys: tuple[str, ...] = ()
    by_default: bool = True
    is_damage: bool = False
    flags_damage: bool = True
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


def _mark_personal_data(traced: Traced, tools: StepTools) -> Traced:
    action = tools.options.personal
    return mark_personal_data(traced, action) if action else traced


STEPS = (
    Step(
        "decode",
        "removes a byte order mark, and bytes that give no character; replaces invalid bytes and halves of "
        "surrogate pairs by U+FFFD",
        ("removed", "replaced"),
    ),
    Step(
        "separator",
        "removes what ends a record: a line break, blank lines, the comma or bracket of a list",
        ("removed",),
    ),
    Step(
        "unwrap",
        "removes the JSON or CSV around the text of a record; puts line breaks between several strings",
        ("removed", "inserted"),
    ),
    Step(
        "docx",
        "reduces the XML of a Word document to its text; headings, lists, tables and notes become Markdown",
        ("removed", "replaced", "inserted"),
    ),
    Step(
        "layout",
        "removes page headers, footers, tables of contents and the navigation of books",
        ("removed",),
    ),
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
        "personal",
        "flags personal data (identity, telephone, card and passport numbers, plates, e-mail, IP and home "
        "addresses, access tokens), or replaces it by its kind if the recipe says so",
        ("replaced", "flagged"),
        ("personal",),
        flags_damage=False,
        run=_mark_personal_data,
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
_FLAGS_OF_DAMAGE = frozenset(step.name for step in STEPS if step.flags_damage)


def process(
    records: Sequence[Record], tools: Tools, decisions: Mapping[int, Decision] = MappingProxyType({})
) -> list[Outcome]:
    """Carry the records of a batch through the flow, all of them through each stage before the next.

    So the processor's caches keep what a stage needs, and a stage can look at all texts at once. The outcome
    of a record does not depend on the others. A bad record becomes a rejected outcome, never an error.
    ``decisions``, by the index of the record, were made by comparing all documents.
    """
    outcomes: dict[int, Outcome] = {}
    unread: list[int] = []
    for index, record in enumerate(records):
        decision = decisions.get(index)
        if record.fault is not None:
            outcomes[index] = reject(record, record.fault)
        elif decision and decision.duplicate_of:
            outcomes[index] = leave_out_copy(record, decision)
        else:
            unread.append(index)
    decoded: dict[int, Traced] = {}
    for index, text in zip(unread, read_texts([records[index] for index in unread]), strict=True):
        if isinstance(text, RecordError):
            outcomes[index] = reject(records[index], text.reason)
        else:
            decoded[index] = text
    texts, missing = prepare_texts(decoded, tools.steps)
    for index, package in missing.items():
        outcomes[index] = reject(records[index], explain_missing_package(package))
    finished: dict[int, FinishedText] = {}
    for index, traced in texts.items():
        decision = decisions.get(index)
        traced = mark_passages(traced, decision) if decision else traced
        folded = tools.folder.fold(traced.text)
        traced, contamination = find_contamination(traced, folded, tools.evaluation, tools.decontamination)
        if contamination:
            outcomes[index] = reject(records[index], contamination, step="decontamination")
        elif is_empty(traced):
            outcomes[index] = make_empty_outcome(records[index], traced)
        else:
            finished[index] = FinishedText(records[index], traced, folded, count_damage(traced))
    documents = describe_documents(list(finished.values()), tools)
    for (index, text), document in zip(finished.items(), documents, strict=True):
        removed = count_removed(text.traced)
        kept = text.record.size - sum(removed.values())
        lost_values = text.traced.lost_values
        outcomes[index] = Outcome(text.record, "kept", None, kept, removed, document, lost_values=lost_values)
    return [outcomes[index] for index in range(len(records))]


def process_record(record: Record, tools: Tools, decision: Decision | None = None) -> Outcome:
    """Carry one record through the flow, as a batch of its own."""
    (outcome,) = process([record], tools, {0: decision} if decision else {})
    return outcome


def prepare(traced: Traced, tools: StepTools) -> Traced:
    """Run every step that needs only the text itself, in order, on one text.

    Raises:
        ImportError: it is an HTML page, and the library for it is not installed.
    """
    texts, missing = prepare_texts({0: traced}, tools)
    for error in missing.values():
        raise error
    return texts[0]


def prepare_texts(
    texts: Mapping[int, Traced], tools: StepTools
) -> tuple[dict[int, Traced], dict[int, ImportError]]:
    """Run every step that needs only the text itself, in order: each on all texts before the next.

    Returns the texts, and the error for each that is an HTML page if the library for it is not installed.
    """
    prepared = dict(texts)
    missing: dict[int, ImportError] = {}
    for run, step in _FUNCTIONS.items():
        if not step.is_enabled(tools.options):
            continue
        for index in list(prepared):
            try:
                prepared[index] = run(prepared[index], tools)
            except ImportError as error:
                missing[index] = error
                del prepared[index]
    return prepared, missing


def count_damage(traced: Traced) -> int:
    """How many of the edits of a text undid damage, or flagged it."""
    return sum(
        edit.step in _DAMAGE_STEPS or (edit.kind == "flagged" and edit.step in _FLAGS_OF_DAMAGE)
        for edit in traced.edits
    )


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
