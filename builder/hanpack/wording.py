"""Words of messages: numbers with their nouns. This module is short because it has no other use."""

from __future__ import annotations


def format_count(number: int, noun: str) -> str:
    """A number with its noun in the right form.

    >>> format_count(1, "copy"), format_count(1200, "record")
    ('1 copy', '1,200 records')
    """
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("y") else f"{number:,} {noun}s"
