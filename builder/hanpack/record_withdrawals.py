"""Takes what was withdrawn out of a record: its text, the passages of withdrawn texts, values of metadata.

This module is short because :mod:`hanpack.steps.dedup.withdrawn` recognises what was withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from hanpack.secrets import redact
from hanpack.steps.chunk.boundaries import LINE_BREAKS
from hanpack.steps.dedup.folding import TextFolder
from hanpack.steps.dedup.passages import trim_passage
from hanpack.steps.dedup.withdrawn import SHORTEST_WHOLE, Withdrawal, WithdrawnTexts
from hanpack.steps.replacements import Replacement
from hanpack.steps.traced import Traced


def take_out(traced: Traced, withdrawn: WithdrawnTexts, folder: TextFolder) -> Traced | Withdrawal:
    """A text without the passages of withdrawn texts; or the request, if it was withdrawn itself.

    A text of which nothing else would remain is withdrawn too. The values of its metadata that have a
    withdrawn text are left out, and named among its lost values.
    """
    folded = folder.fold(traced.text)
    withdrawal = find_address(traced.metadata, withdrawn) or withdrawn.find_text(folded)
    if withdrawal:
        return withdrawal
    if fields := list_withdrawn_fields(traced.metadata, withdrawn, folder):
        kept = {name: value for name, value in traced.metadata.items() if name not in fields}
        traced = replace(traced, metadata=kept, lost_values=(*traced.lost_values, *fields))
    passages = withdrawn.find_passages(traced.text, folded)
    if not passages:
        return traced
    rest = traced.apply("withdrawal", _leave_out(traced.text, passages))
    return rest if any(map(str.isalnum, rest.text)) else passages[0][2]


def _leave_out(text: str, passages: Sequence[tuple[int, int, Withdrawal]]) -> Iterator[Replacement]:
    """What leaves passages out: in a gap within a line is a line break then, so that no words meet there."""
    spans: list[tuple[int, int]] = []
    for start, end, _ in passages:
        if spans and start == spans[-1][1]:
            start, _ = spans.pop()
        spans.append((start, end))
    for span in spans:
        start, end = trim_passage(text, *span)
        yield Replacement(start, end)
        if start > 0 and end < len(text) and not {text[start - 1], text[end]} & LINE_BREAKS:
            yield Replacement(end, end, "\n")


def find_address(metadata: Mapping[str, object], withdrawn: WithdrawnTexts) -> Withdrawal | None:
    """The request that bars the address of a record, which is compared as a build writes it."""
    url = metadata.get("url")
    return withdrawn.find_url(redact(url)) if isinstance(url, str) else None


def list_withdrawn_fields(
    metadata: Mapping[str, object], withdrawn: WithdrawnTexts, folder: TextFolder
) -> list[str]:
    """The fields of metadata whose values have a withdrawn text, a copy or a passage of one, at any depth."""
    return [
        name
        for name, value in metadata.items()
        if any(
            _has_withdrawn_text(text, withdrawn, folder)
            for text in _list_strings(value)
            if len(text) >= SHORTEST_WHOLE
        )
    ]


def find_withdrawn(
    documents: Sequence[tuple[str, Mapping[str, object]]], withdrawn: WithdrawnTexts, folder: TextFolder
) -> Iterator[int]:
    """The indexes, in order, of the documents of which a text, an address or a value was withdrawn.

    A document is its text with its metadata. Of the others :func:`take_out` takes nothing.
    """
    strings: list[str] = []
    owners: list[int] = []
    barred: set[int] = set()
    for number, (text, metadata) in enumerate(documents):
        of_document = [text, *(value for value in _list_strings(metadata) if len(value) >= SHORTEST_WHOLE)]
        strings += of_document
        owners += [number] * len(of_document)
        if find_address(metadata, withdrawn):
            barred.add(number)
    barred.update(owners[place] for place in withdrawn.find_concerned(strings, folder))
    yield from sorted(barred)


def _has_withdrawn_text(text: str, withdrawn: WithdrawnTexts, folder: TextFolder) -> bool:
    folded = folder.fold(text)
    return bool(withdrawn.find_text(folded) or withdrawn.find_passages(text, folded))


def _list_strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _list_strings(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _list_strings(inner)
