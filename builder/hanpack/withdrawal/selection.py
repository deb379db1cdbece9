"""What a request takes out of a build: records, their copies, and passages in other documents."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from hanpack.building.document_index import DocumentIndex, DocumentTexts, read_documents
from hanpack.building.withdrawn_parts import hash_document, read_texts
from hanpack.errors import UsageError
from hanpack.recipe import Recipe
from hanpack.record_withdrawals import find_address, find_withdrawn
from hanpack.resources.folding_table import open_folder
from hanpack.secrets import redact
from hanpack.steps.dedup.folding import FoldedText
from hanpack.steps.dedup.withdrawn import (
    Withdrawal,
    WithdrawnText,
    WithdrawnTexts,
    describe_withdrawn,
    hash_url,
    without_passages,
)
from hanpack.store.part_index import Parts
from hanpack.store.reader import BuildReader, Row, TableBatch
from hanpack.store.row_ids import advise_on_length, choose_id, may_begin_id
from hanpack.store.table_kinds import TableKind
from hanpack.store.withdrawals import StatedWithdrawal
from hanpack.wording import quote_argument

# A record, by the path of its source and its index there.
Place = tuple[str, int]
Documents = Sequence[tuple[str, Mapping[str, object]]]


@dataclass(frozen=True, slots=True)
class Request:
    """A request to withdraw texts, and what it names: sources, addresses, documents by their ids, texts.

    Unless ``takes_passages``, other documents keep what they have of the texts word for word. With
    ``bars_absent`` it may name addresses that the build does not have, for later builds.
    """

    request: str
    date: str
    reason: str
    sources: Sequence[str] = ()
    urls: Sequence[str] = ()
    document_ids: Sequence[str] = ()
    texts: Sequence[str] = ()
    takes_passages: bool = True
    bars_absent: bool = False


@dataclass(frozen=True, slots=True)
class TakenRecord:
    """A record to take out: its bytes, its state and document until now.

    ``rows`` names what is of it in the files of the build: ids of documents and chunks, and numbers of rows
    of packed sequences, by the path of the shard.
    """

    source: str
    record: int
    byte_start: int
    byte_end: int
    state: str
    document_id: str | None
    duplicate_of: str | None
    rows: Mapping[str, Sequence[str | int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CutDocument:
    """A document that loses passages; the spans are characters of it."""

    source: str
    record: int
    document_id: str | None
    spans: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Selection:
    """The withdrawal of a request, and what it changes; ``notes`` say what it cannot reach.

    ``earlier`` are the requests that took out all that this one names, if that is so: there is nothing left.
    """

    withdrawal: Withdrawal
    taken: Sequence[TakenRecord]
    cut: Sequence[CutDocument]
    notes: Sequence[str]
    earlier: Sequence[Withdrawal] = ()


class Selector:
    """Finds what requests take out of the build that ``reader`` has opened, which was made from ``parts``.

    ``honoured`` are the withdrawals that the build honours.
    """

    def __init__(
        self, reader: BuildReader, parts: Parts, recipe: Recipe, honoured: Sequence[Withdrawal] = ()
    ) -> None:
        self._reader = reader
        self._honoured = honoured
        self._parts = parts
        self._folder = open_folder()
        # The keys of the parts that have nothing of what the last request takes.
        self.clean: frozenset[str] = frozenset()
        # The hashes of the documents that have nothing of it, nor of what the build honours.
        self.documents: frozenset[bytes] = frozenset()
        ledger = reader.read(
            "ledger",
            ["source", "record", "byte_start", "byte_end", "state", "document_id", "duplicate_of", "url"],
        ).to_pylist()
        self._ledger: dict[Place, Row] = {(row["source"], row["record"]): row for row in ledger}
        self._documents: DocumentIndex | None = read_documents(parts, list(recipe.splits.names))
        self._places: list[Place] = []
        if self._documents is not None:
            self._texts = DocumentTexts(parts, self._documents)
            every = np.arange(len(self._documents))
            origins = self._texts.read_records(every, ("source", "record"))
            columns = (origins.column(name).to_pylist() for name in ("source", "record"))
            self._places = list(zip(*columns, strict=True))

    def select(self, request: Request) -> Selection:
        """Find the records that a request names, all copies of them, and what other documents have of them.

        Raises:
            UsageError: it names nothing; a source or document that the build does not have; or such an
                address, unless it bars absent ones.
        """
        _require_valid(request)
        if not (request.sources or request.urls or request.document_ids or request.texts):
            raise UsageError(
                "nothing to withdraw is named", todo="use --source, --url, --document or --text-file"
            )
        request = replace(request, document_ids=[*map(self._complete_id, request.document_ids)])
        named = [FoldedPair(text, self._folder.fold(text)) for text in request.texts]
        chosen = self._add_clusters({*self._find_named(request), *self._find_similar(named)})
        texts = self._describe(chosen, named)
        if not request.takes_passages:
            texts = tuple(without_passages(text) for text in texts)
        withdrawal = Withdrawal(
            request=request.request,
            date=request.date,
            reason=request.reason,
            texts=texts,
            sources=tuple(dict.fromkeys(request.sources)),
            urls=tuple(dict.fromkeys(hash_url(redact(url)) for url in request.urls)),
            documents=tuple(dict.fromkeys(request.document_ids)),
        )
        return self._predict(withdrawal)

    def _complete_id(self, identity: str) -> str:
        """The id of the document that a request names by it or its beginning; as it is if there is none."""
        ids = {row["document_id"] for row in self._ledger.values() if row["document_id"]}
        if identity in ids or not may_begin_id(identity):
            return identity
        matching = [name for name in ids if name.startswith(identity)]
        return choose_id(identity, matching, "documents", "--document") if matching else identity

    def _find_named(self, request: Request) -> Iterator[int]:
        """The documents that a request names by source, address or id."""
        numbers = {place: number for number, place in enumerate(self._places)}
        by_id = {row["document_id"]: place for place, row in self._ledger.items() if row["document_id"]}
        paths = {source for source, _ in self._ledger}
        for identity in request.document_ids:
            if identity not in by_id:
                todo = advise_on_length(identity) or "hanpack find names ids"
                if identity in paths:
                    todo = f"it is the path of a source: use --source {quote_argument(identity)}"
                raise UsageError(f"the build has no document {identity!r}", "--document", todo)
            if by_id[identity] in numbers:
                yield numbers[by_id[identity]]
        for path in request.sources:
            if path not in paths:
                todo = "hanpack find names sources"
                if path in by_id:
                    todo = f"it is the id of a document: use --document {path}"
                raise UsageError(f"the build has no source {path!r}", "--source", todo)
        yield from (number for number, (path, _) in enumerate(self._places) if path in request.sources)
        if request.urls:
            urls = {redact(url.strip()): url for url in request.urls}
            numbers_by_url = [(url, number) for number, url in enumerate(self._read_urls()) if url in urls]
            if not request.bars_absent:
                self._require_present(urls, {url for url, _ in numbers_by_url})
            yield from (number for _, number in numbers_by_url)

    def _require_present(self, urls: Mapping[str, str], of_documents: Collection[str | None]) -> None:
        """Check that addresses are in the build: of a document, or of a record that is not kept."""
        absent = [url for url in urls if url not in of_documents]
        if not absent:
            return
        ledger = self._reader.read("ledger", ["url"], pc.field("url").isin(pa.array(absent, pa.string())))
        of_records = set(ledger.column("url").to_pylist())
        if missing := next((url for url in absent if url not in of_records), None):
            raise UsageError(
                f"no record of the build has the address {urls[missing]!r}",
                "--url",
                "correct it; or add --bar-absent, if no later build may have a record with it",
            )

    def _read_urls(self) -> Iterator[str | None]:
        for part in range(len(self._parts)):
            for metadata in self._parts.read_unrevised(TableKind.DOCUMENTS.value, part).column("metadata"):
                yield (metadata.as_py() or {}).get("url")

    def _find_similar(self, named: Sequence[FoldedPair]) -> Iterator[int]:
        """The documents that are copies of a text."""
        if not named:
            return
        signatures = [describe_withdrawn(pair.text, pair.folded) for pair in named]
        withdrawn = WithdrawnTexts([Withdrawal("", "", "", tuple(signatures))])
        for _, first, documents in self._read_parts():
            texts = [text for text, _ in documents]
            for number in withdrawn.find_concerned(texts, self._folder):
                if withdrawn.find_text(self._folder.fold(texts[number])):
                    yield first + number

    def _read_parts(self) -> Iterator[tuple[str, int, Documents]]:
        """The key of each part, the number of its first document, and its documents."""
        keys = self._parts.unrevised.keys
        tables = self._parts.cache.read_each(keys, TableKind.DOCUMENTS.value, has_long_columns=False)
        first = 0
        for key, table in zip(keys, tables, strict=True):
            documents = read_texts(table)
            yield key, first, documents
            first += len(documents)

    def _add_clusters(self, chosen: Collection[int]) -> list[int]:
        """Some documents and all others in their clusters of copies, in order."""
        groups = [self._find_group(place) for place in self._places]
        chosen_groups = {groups[number] for number in chosen} - {None}
        return [
            number
            for number, group in enumerate(groups)
            if number in chosen or (group is not None and group in chosen_groups)
        ]

    def _find_group(self, place: Place) -> str | None:
        row = self._ledger.get(place)
        return (row["duplicate_of"] or row["document_id"]) if row else None

    def _describe(self, chosen: Sequence[int], named: Sequence[FoldedPair]) -> tuple[WithdrawnText, ...]:
        """The signatures of the chosen documents and of the named texts, each text once."""
        texts: dict[bytes, WithdrawnText] = {}
        documents = (self._texts.text(number) for number in chosen)
        for pair in (*named, *(FoldedPair(text, self._folder.fold(text)) for text in documents)):
            signature = describe_withdrawn(pair.text, pair.folded)
            if signature.length:
                texts.setdefault(signature.exact, signature)
        return tuple(texts.values())

    def _predict(self, withdrawal: Withdrawal) -> Selection:
        """What the next build will leave out, decided as the flow does."""
        withdrawn = WithdrawnTexts([withdrawal])
        everything = WithdrawnTexts([*self._honoured, withdrawal])
        taken = {
            place
            for place, row in self._ledger.items()
            if withdrawn.find_source(place[0]) or withdrawn.find_url(row["url"])
        }
        cut: list[CutDocument] = []
        clean: list[str] = []
        searched: set[bytes] = set()
        for key, first, documents in self._read_parts():
            of_part = self._places[first : first + len(documents)]
            concerned = set(find_withdrawn(documents, everything, self._folder))
            concerned |= {number for number, place in enumerate(of_part) if place in taken}
            searched.update(
                hash_document(*document)
                for number, document in enumerate(documents)
                if number not in concerned
            )
            if not concerned:
                clean.append(key)
            for number in sorted(concerned):
                place, (text, metadata) = of_part[number], documents[number]
                folded = self._folder.fold(text)
                if place in taken or find_address(metadata, withdrawn) or withdrawn.find_text(folded):
                    taken.add(place)
                elif passages := withdrawn.find_passages(text, folded):
                    row = self._ledger.get(place)
                    spans = [(start, end) for start, end, _ in passages]
                    cut.append(CutDocument(*place, row["document_id"] if row else None, spans))
        self.clean, self.documents = frozenset(clean), frozenset(searched)
        rows = _find_rows(self._reader, {self._ledger[place]["document_id"] for place in taken} - {None})
        records = [
            TakenRecord(
                source=row["source"],
                record=row["record"],
                byte_start=row["byte_start"],
                byte_end=row["byte_end"],
                state=row["state"],
                document_id=row["document_id"],
                duplicate_of=row["duplicate_of"],
                rows=rows.get(row["document_id"], {}),
            )
            for place, row in self._ledger.items()
            if place in taken
        ]
        short = sum(not len(text.passages) for text in withdrawal.texts)
        notes = [f"{short} texts are too short to be recognised within others: only copies are taken"]
        has_passages = short < len(withdrawal.texts)
        return Selection(withdrawal, records, cut, notes if short and has_passages else [])


def _require_valid(request: Request) -> None:
    """Check what the withdrawals file will have of a request.

    Raises:
        UsageError: the id or the reason is empty or too long, or the date is none.
    """
    try:
        StatedWithdrawal(request=request.request, date=request.date, reason=request.reason)
    except ValidationError as error:
        fault = error.errors()[0]
        raise UsageError(f"{fault['msg']} (it is {fault['input']!r})", str(fault["loc"][0])) from error


@dataclass(frozen=True, slots=True)
class FoldedPair:
    """A text and its folded form."""

    text: str
    folded: FoldedText


def _find_rows(
    reader: BuildReader, document_ids: Collection[str]
) -> Mapping[str, Mapping[str, Sequence[str | int]]]:
    """What the tables have of some documents: by document and shard the ids of rows, or their numbers."""
    rows: dict[str, dict[str, list[str | int]]] = {}
    for table in reader.tables if document_ids else ():
        kind = TableKind.of(table)
        if kind is TableKind.LEDGER:
            continue
        columns = {
            TableKind.DOCUMENTS: ["id"],
            TableKind.CHUNKS: ["id", "document_id"],
            TableKind.PACKED: ["document_ids"],
        }[kind]
        for batch in reader.read_batches(table, columns):
            for owner, name in _name_rows(batch, document_ids):
                rows.setdefault(owner, {}).setdefault(batch.shard.path, []).append(name)
    return rows


def _name_rows(batch: TableBatch, document_ids: Collection[str]) -> Iterator[tuple[str, str | int]]:
    """The documents among some that each row has text of, and the id or the number of the row."""
    for number, row in enumerate(batch.table.to_pylist(), batch.first):
        owners = row.get("document_ids") or [row.get("document_id") or row.get("id")]
        for owner in dict.fromkeys(owners):
            if owner in document_ids:
                yield owner, row.get("id", number)
