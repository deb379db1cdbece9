"""Finds addresses in the ledger: those of records that were not kept, whose documents cannot have them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from hanpack.lazy_patterns import compile_lazily
from hanpack.secrets import redact
from hanpack.steps.dedup.withdrawn import hash_url
from hanpack.store.reader import BuildReader
from hanpack.views.finding.places import RECORD_COLUMNS, Place, Query

_FIELD = "url"
# An address or a part of one: it has a domain, a scheme or a path.
_ADDRESS = compile_lazily(r"\S*(?:[\w-]\.[A-Za-z]{2}|://|/[\w-])\S*")


def is_address(text: str) -> bool:
    """Whether a text is an address or a part of one.

    >>> is_address("https://example.com/a"), is_address("全年完成投资")
    (True, False)
    """
    return _ADDRESS.fullmatch(text.strip()) is not None


def match_ignoring_case(values: pa.Array | pa.ChunkedArray, text: str) -> pa.Array | pa.ChunkedArray:
    """Whether each value has a text, in capital or small letters; the shape is that of the values.

    Arrow's own search that ignores case makes a pattern, which fails for a text of 240,000 characters.

    >>> match_ignoring_case(pa.array(["Https://Example.com", None]), "example").to_pylist()
    [True, None]
    """
    return pc.match_substring(pc.utf8_upper(values), pc.utf8_upper(text).as_py())


def place_addresses(
    reader: BuildReader, queries: Sequence[Query], places: Collection[tuple[int, Place]]
) -> Iterator[tuple[int, Place]]:
    """The records that were not kept and whose addresses have a text; ``places`` are already known.

    Raises:
        VerifyError: the ledger cannot be read.
    """
    texts = {number: query.text.strip() for number, query in enumerate(queries)}
    addresses = {number: text for number, text in texts.items() if is_address(text)}
    known = {(number, place.source, place.record) for number, place in places}
    for batch in reader.read_batches("ledger", RECORD_COLUMNS) if addresses else ():
        table = batch.table.filter(pc.field(_FIELD).is_valid())
        for number, text in addresses.items():
            has_text = match_ignoring_case(table.column(_FIELD), redact(text))
            rows = table.filter(has_text).to_pylist()
            new = [row for row in rows if (number, row["source"], row["record"]) not in known]
            yield from ((number, Place.of_record(row, field=_FIELD)) for row in new)


def note_withdrawn_addresses(reader: BuildReader, queries: Sequence[Query]) -> Iterator[str]:
    """Which of the texts are addresses that were withdrawn: a build has the hashes of those only."""
    for query in queries:
        address = hash_url(redact(query.text))
        for withdrawal in reader.manifest.withdrawals:
            if address in withdrawal.get("urls", ()):
                request, date = withdrawal["request"], withdrawal["date"]
                yield f"{query.text.strip()} was withdrawn on {date} at the request {request}"
