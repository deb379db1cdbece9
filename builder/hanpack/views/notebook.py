"""Shows traces and answers in a notebook: small HTML tables of the same texts as on the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from hanpack.chinese import join_label, name_step, translate
from hanpack.views.visible_text import clip_text, make_visible, show_blanks
from hanpack.wording import format_count

if TYPE_CHECKING:
    from hanpack.views.finding.places import Answer, Place
    from hanpack.views.trace import Trace, TracedEdit

_CELL = "text-align:left;vertical-align:top;white-space:pre-wrap"
_REMOVED, _WRITTEN = "background:#fdd", "background:#dfd"
# Characters of a text in a table, and the most edits and places that are listed.
_LONGEST, _MOST_ROWS = 400, 50


def render_trace(traced: Trace) -> str:
    """The raw and the final text of a chunk side by side, with what edits changed marked, and the edits."""
    chunk = traced.chunk
    raw = "".join(_mark(part.raw, part.step, _REMOVED) for part in traced.parts)
    final = "".join(_mark(part.text, part.step, _WRITTEN) for part in traced.parts)
    heads: list[str] = [join_label("raw", chunk["source"])] if traced.has_sources else []
    cells = [raw, final] if traced.has_sources else [final]
    caption = f"{chunk['id']} · {chunk['token_count']:,} {translate('tokens')}"
    table = _table(caption, [*heads, translate("document")], [cells])
    rows = (_describe_edit(edit) for edit in traced.edits[:_MOST_ROWS])
    columns = [translate(name) for name in ("step", "kind", "first at byte", "raw", "document")]
    edits = translate(format_count(len(traced.edits), "edit"))
    return table + _table(edits, columns, rows) if traced.edits else table


def render_answers(answers: Sequence[Answer]) -> str:
    """A row for each place of each text that was looked for: what became of it, where, and its context.

    A text that is nowhere has a row that says so.
    """
    columns = [translate(name) for name in ("text", "state", "source", "record", "context")]
    rows = [
        [escape(make_visible(answer.text)), *_describe_place(place)]
        for answer in answers
        for place in answer.places or (None,)
    ]
    return _table(translate(format_count(len(answers), "text")), columns, rows[:_MOST_ROWS])


def _describe_edit(traced: TracedEdit) -> list[str]:
    edit = traced.edit
    texts = (escape(show_blanks(clip_text(text, _LONGEST))) for text in (traced.raw, traced.text))
    return [escape(name_step(edit.step)), escape(translate(edit.kind)), str(edit.byte_start), *texts]


def _describe_place(place: Place | None) -> list[str]:
    if place is None:
        return [escape(translate("not found")), "", "", ""]
    context = place.context
    shown = ""
    if context is not None:
        parts = (context.before, context.text, context.after)
        before, text, after = (escape(make_visible(part)) for part in parts)
        shown = f"{before}<b>{text}</b>{after}"
    record = "" if place.record is None else str(place.record)
    return [escape(translate(place.fate)), escape(place.source), record, shown]


def _mark(text: str, step: str, style: str) -> str:
    if not step:
        return escape(text)
    return f'<span title="{escape(step)}" style="{style}">{escape(show_blanks(text))}</span>'


def _table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th style="text-align:left">{escape(column)}</th>' for column in columns)
    cells = ("".join(f'<td style="{_CELL}">{cell}</td>' for cell in row) for row in rows)
    body = "".join(f"<tr>{of_row}</tr>" for of_row in cells)
    return f"<table><caption>{escape(caption)}</caption><tr>{head}</tr>{body}</table>"
