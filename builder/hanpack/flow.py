"""The whole flow: record -> decode -> page -> repair -> spaces -> script -> marks -> split -> rows."""

from __future__ import annotations

from collections.abc import Iterable

from hanpack.documents import describe_document
from hanpack.model import Decision, Outcome, Record
from hanpack.recipe import Decontamination, Steps
from hanpack.steps.decode.decoding import DecodeError, decode
from hanpack.steps.decode.json_strings import UnwrapError, unwrap_json
from hanpack.steps.dedup.contamination import EvaluationTexts, find_matches
from hanpack.steps.dedup.folding import Folded
from hanpack.steps.page.forum import strip_page
from hanpack.steps.page.html import extract_html
from hanpack.steps.repair.damage import repair_damage
from hanpack.steps.repair.ngram_model import NgramModel
from hanpack.steps.script.conversion import ScriptConverter, find_script
from hanpack.steps.traced import Replacement, Traced, count_removed
from hanpack.steps.typography.marks import compose, mend_quotes, remove_controls, set_widths, tidy_spaces
from hanpack.steps.typography.redactions import count_redactions, replace_redactions, restore_evasions
from hanpack.tools import Tools


def process(records: Iterable[Record], tools: Tools) -> list[Outcome]:
    """Carry records through the whole flow; a bad record becomes a rejected outcome, never an error."""
    return [process_record(record, tools) for record in records]


def process_record(record: Record, tools: Tools, decision: Decision | None = None) -> Outcome:
    """Carry one record through the whole flow; a decision on it was taken over all documents of a build."""
    size = record.byte_end - record.byte_start
    if record.fault is not None:
        return reject(record, record.fault)
    if decision and decision.duplicate_of:
        copied = decision.duplicate_of, decision.similarity
        return Outcome(record, "duplicate", decision.reason, 0, {"duplicate": size}, None, *copied)
    try:
        traced, script = make_text(record, tools.steps, tools.language, tools.converter)
    except (DecodeError, UnwrapError) as error:
        return reject(record, str(error))
    except ImportError as error:
        return reject(record, explain_missing(error))
    if decision:
        traced = mark_passages(traced, decision)
    folded = tools.folder.fold(traced.text)
    traced, contaminated = find_contamination(traced, folded, tools.evaluation, tools.decontamination)
    if contaminated:
        return reject(record, contaminated, "decontamination")
    if is_empty(traced):
        return leave_empty(record, traced)
    removed = count_removed(traced)
    kept = size - sum(removed.values())
    document = describe_document(traced, folded, record, script, tools)
    return Outcome(record, "kept", "", kept, removed, document)


def make_text(
    record: Record, steps: Steps, language: NgramModel, converter: ScriptConverter
) -> tuple[Traced, str]:
    """Carry a record through all steps that look at nothing else; gives its text and the script it came in.

    Raises:
        DecodeError: its bytes are not text in its encoding.
        UnwrapError: there is no text in what they are wrapped in.
        ImportError: it is an HTML page, and the library for it is not installed.
    """
    repaired = repair_text(read_text(record), steps, language)
    script = find_script(repaired.text).name
    return polish_text(converter.convert(repaired), steps), script


def read_text(record: Record) -> Traced:
    """Decode a record's bytes, out of what they are wrapped in."""
    encoding = record.source.encoding or "utf-8"
    if record.wrapping == "json":
        traced, columns = unwrap_json(record.data, record.column, record.byte_start, encoding)
        return traced.with_metadata({**columns, **record.metadata})
    return decode(record.data, encoding, record.byte_start, record.terminator).with_metadata(record.metadata)


def repair_text(traced: Traced, steps: Steps, language: NgramModel) -> Traced:
    """Run the steps before the script: the page around the text, damage, spaces."""
    if steps.page:
        traced = strip_page(extract_html(traced))
    if steps.repair:
        traced = repair_damage(traced, language)
    if steps.controls:
        traced = remove_controls(traced)
    if steps.nfc:
        traced = compose(traced)
    return tidy_spaces(traced) if steps.spaces else traced


def polish_text(traced: Traced, steps: Steps) -> Traced:
    """Run the steps after the script, and count the redactions the source came with."""
    found = sum(count_redactions(traced.text).values())
    if steps.width:
        traced = set_widths(traced)
    if steps.quotes:
        traced = mend_quotes(traced)
    if steps.evasions:
        traced = restore_evasions(traced)
    if steps.redactions is not None:
        traced = replace_redactions(traced, steps.redactions)
    return traced.with_metadata({"redactions": found} if found else {})


def mark_passages(traced: Traced, decision: Decision) -> Traced:
    """Remove or flag the passages of a document that stand in others."""
    spans = [Replacement(*span, flagged=not decision.remove) for span in decision.passages]
    return traced.apply("passages", spans)


def find_contamination(
    traced: Traced, folded: Folded, texts: EvaluationTexts | None, asked: Decontamination | None
) -> tuple[Traced, str]:
    """Flag the evaluation texts a document contains; where such documents are dropped, say why."""
    matches = find_matches(folded, texts, asked.share) if texts and asked else []
    if not matches:
        return traced, ""
    first = matches[0]
    if asked and asked.action == "drop":
        return traced, f"characters {first.start} to {first.end} are the evaluation text {first.name}"
    flags = [Replacement(*span, flagged=True) for span in _merge((one.start, one.end) for one in matches)]
    names = "; ".join(dict.fromkeys(match.name for match in matches))
    return traced.apply("decontamination", flags).with_metadata({"evaluation_texts": names}), ""


def _merge(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that overlap joined."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def is_empty(traced: Traced) -> bool:
    """Whether there is nothing in a text but blanks."""
    return not traced.text or traced.text.isspace()


def leave_empty(record: Record, traced: Traced) -> Outcome:
    """Keep nothing of a record that has no text: what no step removed goes as a whole."""
    removed = count_removed(traced)
    left = record.byte_end - record.byte_start - sum(removed.values())
    return Outcome(record, "empty", "no text", 0, removed | ({"empty": left} if left else {}))


def explain_missing(error: ImportError) -> str:
    """What a record needs that is not installed."""
    return f"an HTML page needs {error.name}: pip install 'hanpack[html]'"


def reject(record: Record, reason: str, step: str = "rejected") -> Outcome:
    """Refuse a record: none of its bytes are kept, and the ledger says why."""
    size = record.byte_end - record.byte_start
    return Outcome(record, "rejected", reason, 0, {step: size} if size else {})
