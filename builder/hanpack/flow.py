"""The whole flow: record -> decode -> page -> repair -> spaces -> script -> marks -> split -> rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate

import numpy as np

from hanpack.recipe import Budget, Decontamination, Duplicates, Packed, Recipe, Steps
from hanpack.steps.contamination import EvaluationTexts, find_matches
from hanpack.steps.counters import open_counter
from hanpack.steps.decode import DecodeError, decode
from hanpack.steps.folding import Folded, Folder
from hanpack.steps.headed import HeadedChunk, HeadedSplitting, split_headed
from hanpack.steps.html import extract_html
from hanpack.steps.language import Language
from hanpack.steps.marks import compose, mend_quotes, remove_controls, set_widths, tidy_spaces
from hanpack.steps.packing import find_end_of_text, pack
from hanpack.steps.page import strip_page
from hanpack.steps.passages import find_sentences
from hanpack.steps.redactions import count_redactions, replace_redactions, restore_evasions
from hanpack.steps.repair import repair_damage
from hanpack.steps.script import ScriptConverter, find_script
from hanpack.steps.sketches import sketch
from hanpack.steps.splits import SplitRule, find_split
from hanpack.steps.tokens import Counter, Vocabulary
from hanpack.steps.traced import Replacement, Traced, count_removed, locate_edits
from hanpack.steps.unwrap import UnwrapError, unwrap_json
from hanpack.values import (
    ChunkRow,
    Decision,
    DocumentRow,
    EditColumns,
    Likeness,
    Outcome,
    PackedRow,
    Record,
)

REPAIRS = frozenset({"lossy", "mojibake", "pinyin", "shift"})


@dataclass(frozen=True, slots=True)
class Tools:
    """What the flow needs beside a record. Its parts cannot be pickled: build them once a worker."""

    steps: Steps
    budgets: Mapping[str, Budget]
    counter: Counter
    converter: ScriptConverter
    language: Language
    packed: Packed | None
    end_of_text: int | None
    folder: Folder
    duplicates: Duplicates
    splits: Sequence[SplitRule]
    evaluation: EvaluationTexts | None
    decontamination: Decontamination | None


def prepare_tools(
    recipe: Recipe, vocabulary: Vocabulary, language: Language, evaluation: EvaluationTexts | None = None
) -> Tools:
    """Build the tools a recipe asks for; ``evaluation`` is the index of the texts it must not contain."""
    return Tools(
        steps=recipe.steps,
        budgets=recipe.budgets,
        counter=open_counter(vocabulary),
        converter=ScriptConverter(recipe.steps.script, recipe.steps.phrases),
        language=language,
        packed=recipe.packed,
        end_of_text=find_end_of_text(vocabulary),
        folder=Folder(),
        duplicates=recipe.duplicates,
        splits=recipe.splits.rules,
        evaluation=evaluation,
        decontamination=recipe.decontamination,
    )


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
        repaired = repair_text(read_text(record), tools.steps, tools.language)
    except (DecodeError, UnwrapError) as error:
        return reject(record, str(error))
    except ImportError as error:
        return reject(record, f"an HTML page needs {error.name}: pip install 'hanpack[html]'")
    found = find_script(repaired.text)
    traced = polish_text(tools.converter.convert(repaired), tools.steps)
    if decision:
        traced = mark_passages(traced, decision)
    folded = tools.folder.fold(traced.text)
    traced, contaminated = find_contamination(traced, folded, tools)
    if contaminated:
        return reject(record, contaminated, "decontamination")
    removed = count_removed(traced)
    kept = size - sum(removed.values())
    if not traced.text or traced.text.isspace():
        blank = {"empty": kept} if kept else {}
        return Outcome(record, "empty", "no text", 0, removed | blank)
    return Outcome(record, "kept", "", kept, removed, _document(traced, folded, record, found.name, tools))


def read_text(record: Record) -> Traced:
    """Decode a record's bytes, out of what they are wrapped in."""
    encoding = record.source.encoding or "utf-8"
    if record.wrapping == "json":
        traced, columns = unwrap_json(record.data, record.column, record.byte_start, encoding)
        return traced.with_metadata({**columns, **record.metadata})
    return decode(record.data, encoding, record.byte_start, record.terminator).with_metadata(record.metadata)


def repair_text(traced: Traced, steps: Steps, language: Language) -> Traced:
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


def find_contamination(traced: Traced, folded: Folded, tools: Tools) -> tuple[Traced, str]:
    """Flag the evaluation texts a document contains; where such documents are dropped, say why."""
    if tools.evaluation is None or tools.decontamination is None:
        return traced, ""
    matches = find_matches(folded, tools.evaluation, tools.decontamination.share)
    if not matches:
        return traced, ""
    first = matches[0]
    if tools.decontamination.action == "drop":
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


def _document(traced: Traced, folded: Folded, record: Record, script: str, tools: Tools) -> DocumentRow:
    splittings = {name: _split(traced.text, tools.counter, budget) for name, budget in tools.budgets.items()}
    likeness = _liken(traced, folded, tools)
    exact = likeness.sketch.exact
    return DocumentRow(
        id=identify(traced.text),
        text=traced.text,
        encoding=record.source.encoding or "utf-8",
        script=script,
        token_count=splittings["chunks"].token_count,
        metadata=traced.metadata,
        edits=edit_columns(traced),
        alignment=traced.alignment,
        chunks={name: _chunk_rows(traced, splitting) for name, splitting in splittings.items()},
        split=find_split(tools.splits, exact, record.source.path, traced.metadata),
        likeness=likeness,
    )


def _liken(traced: Traced, folded: Folded, tools: Tools) -> Likeness:
    damage = sum(edit.step in REPAIRS or edit.kind == "flagged" for edit in traced.edits)
    wanted = tools.duplicates.passages != "keep"
    return Likeness(sketch(folded), damage, find_sentences(traced.text, folded) if wanted else None)


def _split(text: str, counter: Counter, budget: Budget) -> HeadedSplitting:
    limits = budget.max_tokens, budget.overlap, budget.policy, budget.minimum
    return split_headed(text, counter, *limits, headings=budget.headings)


def _chunk_rows(traced: Traced, splitting: HeadedSplitting) -> tuple[ChunkRow, ...]:
    spans = [one.chunk for one in splitting.chunks]
    low, high = traced.alignment.source_spans([span.start for span in spans], [span.end for span in spans])
    rows = zip(splitting.chunks, low.tolist(), high.tolist(), strict=True)
    return tuple(_chunk_row(traced.text, index, *row) for index, row in enumerate(rows))


def _chunk_row(document: str, index: int, one: HeadedChunk, byte_start: int, byte_end: int) -> ChunkRow:
    text = one.heading + document[one.chunk.start : one.chunk.end]
    return ChunkRow(
        id=identify(text),
        text=text,
        token_count=one.token_count,
        index=index,
        section=one.chunk.section,
        start=one.chunk.start,
        end=one.chunk.end,
        byte_start=byte_start,
        byte_end=byte_end,
        heading_characters=len(one.heading),
    )


def pack_documents(documents: Iterable[tuple[str, str]], tools: Tools) -> list[PackedRow]:
    """Pack documents (id, text) into training sequences, where the recipe asks for them."""
    if tools.packed is None or tools.end_of_text is None:
        return []
    named = list(documents)
    tokens = [tools.counter.encode(text).astype(np.int32) for _, text in named]
    return [
        PackedRow(
            input_ids=sequence.input_ids,
            token_count=sequence.token_count,
            document_ids=tuple(named[piece.document][0] for piece in sequence.pieces),
            starts=tuple(accumulate((piece.length for piece in sequence.pieces[:-1]), initial=0)),
            document_starts=tuple(piece.start for piece in sequence.pieces),
        )
        for sequence in pack(tokens, tools.packed.tokens, tools.end_of_text)
    ]


def edit_columns(traced: Traced) -> EditColumns:
    """The edits of a finished text, each with the span of the text it made."""
    starts, ends = locate_edits(traced)
    edits = traced.edits
    return EditColumns(
        step=[edit.step for edit in edits],
        kind=[edit.kind for edit in edits],
        start=starts.tolist(),
        end=ends.tolist(),
        byte_start=[edit.byte_start for edit in edits],
        byte_end=[edit.byte_end for edit in edits],
    )


def identify(text: str) -> str:
    """The name of a text by its content: 80 bits of BLAKE2b, in hexadecimal."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


def reject(record: Record, reason: str, step: str = "rejected") -> Outcome:
    """Refuse a record: none of its bytes are kept, and the ledger says why."""
    size = record.byte_end - record.byte_start
    return Outcome(record, "rejected", reason, 0, {step: size} if size else {})
