"""Shows on the terminal where texts are, place by place, and reads files of texts to look for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from hanpack.chinese import name_step, translate
from hanpack.errors import UsageError
from hanpack.sources.formats import describe_content
from hanpack.views.finding.places import Answer, Answers, Place
from hanpack.views.visible_text import clip_text, put_on_one_line, show_line

_LONGEST_TITLE = 60


def read_texts(path: Path) -> list[str]:
    """The texts of a file: of JSON Lines the strings, or the values of ``text``; else one text a line.

    Raises:
        UsageError: the file cannot be read, or a line has no text.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", str(path), "name a file in UTF-8") from error
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if path.suffix not in (".jsonl", ".ndjson"):
        return [line for _, line in numbered]
    return [_read_line(path, number, line) for number, line in numbered]


def _read_line(path: Path, number: int, line: str) -> str:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise UsageError(f"line {number} is not JSON: {error}", str(path)) from error
    text = value.get("text") if isinstance(value, dict) else value
    if not isinstance(text, str):
        raise UsageError(
            f"line {number} has no text", str(path), "a line is a string, or an object with 'text'"
        )
    return text


def show_answers(answers: Answers) -> RenderableType:
    """The answers for the terminal."""
    lines = [line for answer in answers.answers for line in _show_answer(answer, answers)]
    notes = [show_line(translate(f"note: {note}"), "yellow") for note in answers.notes]
    return Group(*lines, *notes)


def _show_answer(answer: Answer, answers: Answers) -> Iterator[Text]:
    title = clip_text(put_on_one_line(answer.text), _LONGEST_TITLE)
    searched = f"{answers.documents:,} documents"
    if answers.records:
        searched += f" and {answers.records:,} records with removed text"
    if not answer.is_found:
        yield show_line(f"{title}: {translate(f'not found in {searched}')}", "bold")
        return
    counts = ", ".join(
        translate(f"{'at least ' if fate == 'kept' and not answer.is_complete else ''}{count:,} {fate}")
        for fate, count in answer.counts.items()
    )
    yield show_line(f"{title}: {counts}", "bold")
    for place in answer.places:
        yield show_line(f"  {describe_place(place)}", "" if place.fate == "kept" else "yellow")
        if place.context:
            context = place.context
            yield Text.assemble(
                "      ",
                show_line(context.before, "dim"),
                show_line(context.text, "green"),
                show_line(context.after, "dim"),
            )
    hidden = sum(answer.counts.values()) - len(answer.places)
    if hidden or not answer.is_complete:
        number = f"{hidden:,} more places" if hidden else "there may be more"
        yield show_line(f"  {translate(f'{number}; --limit shows more')}", "dim")


def describe_place(place: Place) -> str:
    """A place in a sentence.

    >>> copy = Place("duplicate", "a.txt", 3, 10, 25, duplicate_of="0a", similarity=0.9)
    >>> describe_place(copy)
    'duplicate: a.txt record 3, bytes 10 to 25, left out as a copy of document 0a (similarity 0.9)'
    """
    parts = [place.source if place.record is None else translate(f"{place.source} record {place.record}")]
    if place.byte_start is not None:
        content = describe_content(place.source)
        span = translate(f"bytes {place.byte_start} to {place.byte_end}")
        parts.append(f"{span} ({translate(content)})" if content else span)
    addresses = [place.url] if place.url else []
    return f"{translate(place.fate)}: {', '.join([*parts, *addresses, *_explain(place)])}"


def _explain(place: Place) -> Iterator[str]:
    """What became of a place, in parts of a sentence."""
    if place.fate == "kept":
        if pages := sorted({page for chunk in place.chunks for page in chunk.pages}):
            label = translate("page" if len(pages) == 1 else "pages")
            yield f"{label} {', '.join(map(str, pages))}"
        yield translate(f"document {place.document_id}")
        if place.field is not None:
            yield translate(f"in its metadata: {place.field}")
            return
        chunks = ", ".join(
            chunk.id if chunk.table == "chunks" else f"{chunk.table} {chunk.id}" for chunk in place.chunks
        )
        yield translate(f"chunk{'s' if len(place.chunks) > 1 else ''} {chunks}")
    elif place.fate == "duplicate":
        unread = "" if place.is_confirmed else "; its text was not read"
        original = f"a copy of document {place.duplicate_of}" if place.duplicate_of else place.reason
        yield translate(f"left out as {original} (similarity {place.similarity}{unread})")
    elif place.fate == "removed":
        steps = ", ".join(
            translate(f"{name_step(step)} ({count:,} bytes)") for step, count in place.steps.items()
        )
        yield translate(f"removed from document {place.document_id} by {steps}")
    else:
        yield translate(str(place.reason))
