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
from hanpack.outcomes import (
    explain_missing_package,
    find_contamination,
    is_empty,
    leave_out_copy,
    make_empty_outcome,
    reject,
)
from hanpack.quality import judge_quality
from hanpack.reasons import Reason
from hanpack.recipe import Steps
from hanpack.record_texts import read_texts
from hanpack.steps.dedup import FoldedText
from hanpack.steps.page import find_pages, strip_page, undo_layout
from hanpack.steps.personal import mark_personal_data
from hanpack.steps.repair import find_damaged, repair_damage
from hanpack.steps.repair.forms import measure_likelihood
from hanpack.steps.script import name_scripts
from hanpack.steps.texts import JoinedTexts, Texts
from hanpack.steps.traced import Replacement, Traced, count_removed
from hanpack.steps.typography import (
    compose,
    count_redactions,
    find_marked,
    find_spaced,
    find_untidy,
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
    several copies is chosen, and so does what a step flags, if it ``flags_damage``.

    ``run`` is what it does to a text: steps that share a function are run together, at the first of their
    rows, which has the other fields; steps without a function run during decoding or after all the others.
    ``concerns`` looks at all texts of a batch and returns the indexes of those that ``run`` may change;
    without it, each may be. ``note`` is what the step notes of all texts before it changes any.
    """

    name: str
    summary: str
    kinds: tuple[str, ...]
    keys: tuple[str, ...] = ()
    by_default: bool = True
    is_damage: bool = False
    flags_damage: bool = True
    run: Callable[[Traced, StepTools], Traced] | None = None
    concerns: Callable[[JoinedTexts, StepTools], Iterable[int]] | None = None
    note: Callable[[Texts], Texts] | None = None

    def is_enabled(self, options: Steps) -> bool:
        """Whether a recipe switches it on."""
        return not self.keys or getattr(options, self.keys[0]) not in (False, None)

    def run_on(self, texts: Texts, tools: StepTools) -> Texts:
        """The texts of a batch after the step."""
        assert self.run is not None
        texts = self.note(texts) if self.note else texts
        concerned = self.concerns(texts.joined, tools) if self.concerns else range(len(texts.traced))
        run = self.run
        return texts.change(concerned, lambda traced: run(traced, tools))


def _undo_layout(traced: Traced, tools: StepTools) -> Traced:
    """Undo the layout of pages, by default only in the text of a PDF file."""
    return undo_layout(traced) if traced.has_printed_lines or tools.options.layout is True else traced


def _strip_page(traced: Traced, _: StepTools) -> Traced:
    return strip_page(traced)


def _repair_damage(traced: Traced, tools: StepTools) -> Traced:
    return repair_damage(traced, tools.ngram_model)


def _note_scripts(texts: Texts) -> Texts:
    names = zip(texts.traced, name_scripts(texts.joined), strict=True)
    return Texts([replace(traced, script=name) for traced, name in names], texts.joined)


def _find_script_concerned(texts: JoinedTexts, tools: StepTools) -> set[int]:
    return tools.converter.find_convertible(texts) | find_marked(texts)


def _convert_script(traced: Traced, tools: StepTools) -> Traced:
    """Convert the script; the redactions are counted here, before any punctuation is changed."""
    converted = tools.converter.convert(traced)
    count = sum(count_redactions(converted.text).values())
    return converted.with_metadata({"redactions": count} if count else {})


def _find_untidy(texts: JoinedTexts, _: StepTools) -> set[int]:
    return find_untidy(texts) | find_spaced(texts)


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
        "html",
        "reduces an HTML page to its main text; entities become characters, blocks become lines, tables, "
        "lists and code become Markdown",
        ("removed", "replaced", "inserted", "flagged"),
        ("page",),
        run=_strip_page,
        concerns=lambda texts, _: find_pages(texts),
    ),
    Step(
        "page",
        "removes what a forum or site printed around a text",
        ("removed", "replaced"),
        ("page",),
        run=_strip_page,
    ),
    Step(
        "layout",
        "removes page headers, footers, page numbers, tables of contents and the navigation of books; joins "
        "the lines of a paragraph of printed pages",
        ("removed", "replaced"),
        ("layout",),
        run=_undo_layout,
    ),
    Step(
        "mojibake",
        "restores text that was decoded with the wrong encoding; flags what of it lost bytes",
        ("replaced", "flagged"),
        ("repair",),
        is_damage=True,
        run=_repair_damage,
        concerns=lambda texts, _: find_damaged(texts),
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
        concerns=_find_untidy,
    ),
    Step(
        "script",
        "converts the script",
        ("replaced",),
        ("script", "phrases"),
        run=_convert_script,
        concerns=_find_script_concerned,
        note=_note_scripts,
    ),
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
        concerns=lambda texts, _: find_marked(texts),
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

# The first row of each function, in the order of the table.
_ROWS_TO_RUN = tuple({step.run: step for step in reversed(STEPS) if step.run is not None}.values())[::-1]
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
    outcomes, decoded = _read(records, decisions)
    prepared = _prepare_all(list(decoded.values()), tools.steps)
    compared: dict[int, tuple[Traced, FoldedText]] = {}
    for index, traced in zip(decoded, prepared, strict=True):
        if isinstance(traced, ImportError):
            outcomes[index] = reject(records[index], explain_missing_package(traced))
            continue
        decision = decisions.get(index)
        traced = mark_passages(traced, decision) if decision else traced
        folded = tools.folder.fold(traced.text)
        traced, contamination = find_contamination(traced, folded, tools.evaluation, tools.decontamination)
        if contamination:
            outcomes[index] = reject(records[index], contamination, step="decontamination")
        elif is_empty(traced):
            outcomes[index] = make_empty_outcome(records[index], traced)
        else:
            compared[index] = traced, folded
    tracked = [traced for traced, _ in compared.values()]
    judged = judge_quality(
        [traced.text for traced in tracked],
        list(map(count_damage_left, tracked)),
        tools.bounds,
        tools.steps.ngram_model,
    )
    finished: dict[int, FinishedText] = {}
    for (index, (traced, folded)), quality in zip(compared.items(), judged, strict=True):
        if isinstance(quality, Reason):
            outcomes[index] = reject(records[index], quality, step="quality")
        else:
            finished[index] = FinishedText(records[index], traced, folded, count_damage(traced), quality)
    documents = describe_documents(list(finished.values()), tools)
    for (index, text), document in zip(finished.items(), documents, strict=True):
        removed = count_removed(text.traced)
        kept = text.record.size - sum(removed.values())
        lost_values = text.traced.lost_values
        outcomes[index] = Outcome(text.record, "kept", None, kept, removed, document, lost_values=lost_values)
    return [outcomes[index] for index in range(len(records))]


def _read(
    records: Sequence[Record], decisions: Mapping[int, Decision]
) -> tuple[dict[int, Outcome], dict[int, Traced]]:
    """The outcomes of the records that have no text or need none, and the texts of the others."""
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
    texts: dict[int, Traced] = {}
    for index, text in zip(unread, read_texts([records[index] for index in unread]), strict=True):
        if isinstance(text, RecordError):
            outcomes[index] = reject(records[index], text.reason)
        else:
            texts[index] = text
    return outcomes, texts


def process_record(record: Record, tools: Tools, decision: Decision | None = None) -> Outcome:
    """Carry one record through the flow, as a batch of its own."""
    (outcome,) = process([record], tools, {0: decision} if decision else {})
    return outcome


def prepare(traced: Traced, tools: StepTools) -> Traced:
    """Run every step that needs only the text itself, in order, on one text.

    Raises:
        ImportError: it is an HTML page, and the library for it is not installed.
    """
    (prepared,) = run_steps([traced], tools)
    return prepared


def run_steps(texts: Sequence[Traced], tools: StepTools) -> Sequence[Traced]:
    """Run every step that needs only the text itself, in order: each on all texts before the next.

    Raises:
        ImportError: one is an HTML page, and the library for it is not installed.
    """
    batch = Texts(texts)
    for step in _ROWS_TO_RUN:
        if step.is_enabled(tools.options):
            batch = step.run_on(batch, tools)
    return batch.traced


def _prepare_all(texts: Sequence[Traced], tools: StepTools) -> list[Traced | ImportError]:
    """The texts after the steps, or the error for each that is a page if its library is not installed."""
    try:
        return [*run_steps(texts, tools)]
    except ImportError as error:
        return [error] if len(texts) == 1 else [_prepare_all([traced], tools)[0] for traced in texts]


def count_damage(traced: Traced) -> int:
    """How many of the edits of a text undid damage, or flagged it."""
    return sum(
        len(block.kinds)
        if block.step in _DAMAGE_STEPS
        else block.kinds.count("flagged") * (block.step in _FLAGS_OF_DAMAGE)
        for block in traced.edits.blocks
    )


def count_damage_left(traced: Traced) -> int:
    """How many of the edits of a text flag damage that could not be undone."""
    return sum(edit.kind == "flagged" and edit.step in _DAMAGE_STEPS for edit in traced.edits)


def mark_passages(traced: Traced, decision: Decision) -> Traced:
    """Remove or flag the passages of a document that occur in others."""
    spans = [Replacement(*span, flagged=not decision.remove) for span in decision.passages]
    return traced.apply("passages", spans)
