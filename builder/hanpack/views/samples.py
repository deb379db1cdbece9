"""Rows of a build's tables for the terminal: the text in full width, under a line of facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
from rich.console import Group, RenderableType
from rich.text import Text

from hanpack.chinese import join_label, translate
from hanpack.errors import UsageError
from hanpack.sources.formats import describe_content
from hanpack.store.metadata import METADATA, read_metadata
from hanpack.store.reader import BuildReader, Row
from hanpack.store.table_kinds import TableKind
from hanpack.views.facts import Facts, Indented
from hanpack.views.visible_text import make_visible, show_line
from hanpack.wording import format_count, list_choices

SAMPLE_CHARACTERS = 240
CHARACTERS_A_LINE = 40
# Characters of a value of the metadata that are shown.
LONGEST_VALUE = 60
# The most pages of a text that are shown with the box around it.
MOST_BOXES = 3
# Columns that say nothing to a person, or are shown otherwise.
_HIDDEN = ("text", "edits", "text_breaks", "byte_breaks", "even_blocks", "source_sha256", "input_ids")
_EMPTY: tuple[object, ...] = (None, "", [], {})
# Two columns that are one fact.
_SPANS = (("bytes", "byte_start", "byte_end"), ("characters", "start", "end"))
_LABELS = {"document_id": "document", "chunk_index": "chunk", "duplicate_of": "a copy of"}


def require_table(reader: BuildReader, table: str) -> str:
    """Return the name of a table, if the build has it.

    Raises:
        UsageError: it does not.
    """
    if table not in reader.tables:
        raise UsageError(f"there is no table {table!r}", "--table", list_choices(table, reader.tables))
    return table


def show_samples(reader: BuildReader, table: str, number: int) -> RenderableType:
    """Rows spread evenly over a table.

    Raises:
        VerifyError: a shard cannot be read.
    """
    columns = _list_shown_columns(reader, table)
    rows = [sample.values for sample in reader.sample_rows(table, number, columns)]
    total = sum(shard.rows for shard in reader.shards(table))
    if not total:
        return Text(translate(f"{table} has no rows"))
    title = Text(translate(f"rows of {table}: {len(rows):,} of {total:,}"), "italic")
    return Group(title, *(part for row in rows for part in show_row(row, SAMPLE_CHARACTERS)))


def _list_shown_columns(reader: BuildReader, table: str) -> list[str]:
    # A chunk stands on few pages; a document has a place for each line.
    short = ("text", "pages") if TableKind.of(table) is TableKind.CHUNKS else ("text",)
    return [
        field.name
        for field in reader.schema(table)
        if field.name in short or (field.name not in _HIDDEN and not _is_long_list(field.type))
    ]


def _is_long_list(type_: pa.DataType) -> bool:
    """Whether values of a type are lists of records or numbers, of which there may be thousands."""
    is_list = pa.types.is_list(type_) or pa.types.is_large_list(type_)
    return is_list and not pa.types.is_string(type_.value_type)


def show_row(row: Row, longest: int | None = None) -> Iterator[RenderableType]:
    """A row as a line of facts, and its text below if it has one; ``longest`` is in characters."""
    yield show_facts(row)
    text = row.get("text")
    if isinstance(text, str):
        yield Indented(make_visible(_shorten(text, longest)))


def _shorten(text: str, longest: int | None) -> str:
    """The beginning of a text: at most so many characters, and as many lines as take about as much room."""
    if longest is None:
        return text
    lines = text[:longest].splitlines()[: longest // CHARACTERS_A_LINE]
    shortened = "\n".join(lines)
    return shortened if len(shortened) >= len(text.rstrip()) else f"{shortened}…"


def show_facts(row: Row) -> Facts:
    """The values of a row that say something to a person: identity and place first."""
    values = {name: value for name, value in row.items() if name not in _HIDDEN and value not in _EMPTY}
    facts = [show_line(values.pop("id"), "bold")] if "id" in values else []
    facts += [show_line(values.pop("source"))] if "source" in values else []
    for name, start, end in _SPANS:
        if start in values and end in values:
            span = f"{translate(name)} {values.pop(start)}–{values.pop(end)}"
            content = describe_content(str(row.get("source", ""))) if name == "bytes" else ""
            facts.append(Text(f"{span} ({translate(content)})" if content else span))
    metadata = values.pop("metadata", None)
    facts += [show_line(_describe_fact(name, value)) for name, value in values.items()]
    for name, value in read_metadata(metadata).items():
        label = translate(name) if name in METADATA else name
        facts.append(show_line(f"{label} {_clip_value(_describe_value(name, value))}"))
    return Facts(facts)


def _describe_value(name: str, value: object) -> str:
    """A value of the metadata; the kinds of personal data with their numbers as words.

    >>> _describe_value("personal", {"e-mail": 1, "mobile number": 2})
    'e-mail 1, mobile number 2'
    """
    if name == "personal" and isinstance(value, Mapping):
        return ", ".join(f"{translate(kind)} {number}" for kind, number in value.items())
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        # Posts and the like: they are too long for a line.
        return str(len(value))
    return str(value)


def _clip_value(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _describe_fact(name: str, value: Any) -> str:
    if name == "section":
        return " › ".join(map(str, value))
    if name == "pages":
        return _describe_pages(value)
    label = translate(_LABELS.get(name, name))
    if isinstance(value, list):
        return join_label(label, ", ".join(map(str, value)))
    if name == "token_count":
        return translate(format_count(value, "token"))
    if name in ("state", "reason"):
        return f"{label} {translate(str(value))}"
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return f"{label} {f'{value:,}' if is_number else value}"


def _describe_pages(places: Sequence[Mapping[str, Any]]) -> str:
    """The pages of a text; if it stands on few, with the box around it on each.

    >>> _describe_pages([{"page": 3, "left": 0.1, "top": 0.2, "right": 0.9, "bottom": 0.25}])
    'page 3 (10–90 % across, 20–25 % down)'
    """
    numbers = list(dict.fromkeys(place["page"] for place in places))
    if len(places) > MOST_BOXES or any(place["left"] is None for place in places):
        return f"{translate('page' if len(numbers) == 1 else 'pages')} {', '.join(map(str, numbers))}"
    shown = []
    for place in places:
        left, top, right, bottom = (round(100 * place[side]) for side in ("left", "top", "right", "bottom"))
        box = translate(f"{left}–{right} % across, {top}–{bottom} % down")
        shown.append(f"{translate('page')} {place['page']} ({box})")
    return ", ".join(shown)
