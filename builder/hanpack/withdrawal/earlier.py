"""Whether earlier requests took out all that a request names, and what they took out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from hanpack.reasons import Cause, Reason
from hanpack.resources.folding_table import open_folder
from hanpack.secrets import redact
from hanpack.steps.dedup.withdrawn import (
    Withdrawal,
    WithdrawnText,
    describe_withdrawn,
    hash_url,
    without_passages,
)
from hanpack.store.reader import BuildReader
from hanpack.withdrawal.selection import Request, Selection, TakenRecord


def find_earlier(request: Request, honoured: Sequence[Withdrawal]) -> tuple[Withdrawal, ...]:
    """The honoured withdrawals that have all that a request names, each once; none if anything is left.

    A text is left if it was withdrawn without its passages, and the request takes them.

    >>> from hanpack.steps.dedup.withdrawn import Withdrawal
    >>> honoured = [Withdrawal("R-7", "2026-11-27", "asked for", documents=("0a",))]
    >>> find_earlier(Request("R-8", "", "", document_ids=["0a"]), honoured)[0].request
    'R-7'
    >>> find_earlier(Request("R-8", "", "", document_ids=["0a", "0b"]), honoured)
    ()
    """
    owners = list(_find_owners(request, honoured))
    complete = [owner for owner in owners if owner is not None]
    if len(complete) < len(owners):
        return ()
    return tuple({owner.request: owner for owner in complete}.values())


def select_withdrawn(reader: BuildReader, earlier: Sequence[Withdrawal]) -> Selection:
    """What earlier withdrawals took out of a build, by its ledger.

    Raises:
        VerifyError: the ledger cannot be read.
    """
    fields = [
        {"date": withdrawal.date, "request": withdrawal.request, "why": withdrawal.reason}
        for withdrawal in earlier
    ]
    reasons = [str(Reason(Cause.WITHDRAWN, values)) for values in fields]
    columns = ["source", "record", "byte_start", "byte_end", "state", "document_id", "duplicate_of"]
    condition = pc.is_in(pc.field("reason"), pa.array(reasons, pa.string()))
    rows = reader.read("ledger", columns, condition).to_pylist()
    return Selection(earlier[0], [TakenRecord(**row) for row in rows], (), (), earlier)


def _find_owners(request: Request, honoured: Sequence[Withdrawal]) -> Iterator[Withdrawal | None]:
    """For each thing that a request names the withdrawal that has it, None if there is none."""
    for path in request.sources:
        yield next((withdrawal for withdrawal in honoured if path in withdrawal.sources), None)
    for url in request.urls:
        yield next((withdrawal for withdrawal in honoured if hash_url(redact(url)) in withdrawal.urls), None)
    for identity in request.document_ids:
        yield next((withdrawal for withdrawal in honoured if identity in withdrawal.documents), None)
    for text in request.texts:
        signature = describe_withdrawn(text, open_folder().fold(text))
        if not request.takes_passages:
            signature = without_passages(signature)
        yield next((withdrawal for withdrawal in honoured if _has_text(withdrawal, signature)), None)


def _has_text(withdrawal: Withdrawal, signature: WithdrawnText) -> bool:
    return any(
        text.exact == signature.exact and len(text.passages) >= len(signature.passages)
        for text in withdrawal.texts
    )
