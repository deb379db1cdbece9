"""Takes what was withdrawn out of the text of a record: all of it, or the passages of withdrawn texts.

This module is short because :mod:`hanpack.steps.dedup.withdrawn` recognises what was withdrawn.
"""

from __future__ import annotations

from hanpack.secrets import redact
from hanpack.steps.dedup import TextFolder, Withdrawal, WithdrawnTexts, trim_passage
from hanpack.steps.traced import Replacement, Traced


def take_out(traced: Traced, withdrawn: WithdrawnTexts, folder: TextFolder) -> Traced | Withdrawal:
    """A text without the passages of withdrawn texts; or the request, if it was withdrawn itself.

    A text of which nothing else would remain is withdrawn too.
    """
    folded = folder.fold(traced.text)
    withdrawal = _find_address(traced, withdrawn) or withdrawn.find_text(folded)
    if withdrawal:
        return withdrawal
    passages = withdrawn.find_passages(traced.text, folded)
    if not passages:
        return traced
    spans = [Replacement(*trim_passage(traced.text, start, end)) for start, end, _ in passages]
    rest = traced.apply("withdrawal", spans)
    return rest if any(map(str.isalnum, rest.text)) else passages[0][2]


def _find_address(traced: Traced, withdrawn: WithdrawnTexts) -> Withdrawal | None:
    """The request that bars the address of a text, which is compared as a build writes it."""
    url = traced.metadata.get("url")
    return withdrawn.find_url(redact(url)) if isinstance(url, str) else None
