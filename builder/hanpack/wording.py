"""Words of messages: numbers with their nouns, and the name that a user probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def format_count(number: int, noun: str) -> str:
    """A number with its noun in the right form.

    >>> format_count(1, "copy"), format_count(2, "copy"), format_count(1200, "replay")
    ('1 copy', '2 copies', '1,200 replays')
    """
    if number == 1:
        return f"1 {noun}"
    has_consonant = noun.endswith("y") and noun[-2] not in "aeiou"
    return f"{number:,} {noun[:-1]}ies" if has_consonant else f"{number:,} {noun}s"


def quote_argument(text: str) -> str:
    """A text as an argument of a command: in quotes if a shell needs them; letters of any script do not.

    >>> quote_argument("dist/论坛"), quote_argument("my folder")
    ('dist/论坛', "'my folder'")
    """
    # Few paths need it.
    import shlex

    is_plain = bool(text) and all(character.isalnum() or character in "@%+=:,./_-" for character in text)
    return text if is_plain else shlex.quote(text)


def suggest(word: str, names: Iterable[str]) -> str:
    """The name that is most like a word that a user typed, as a question; empty if none is.

    >>> suggest("scirpt", ["steps", "script", "split"])
    'did you mean script?'
    >>> suggest("x", ["steps", "script"])
    ''
    """
    # Only a wrong word needs it, and it takes time to import.
    from difflib import get_close_matches

    by_fold = {name.casefold(): name for name in names}
    close = get_close_matches(word.casefold(), by_fold, n=1)
    return f"did you mean {by_fold[close[0]]}?" if close else ""


def list_choices(word: str, names: Iterable[str]) -> str:
    """The names that a user may choose from, after the one that a wrong word is most like.

    >>> list_choices("hansx", ["keep", "hans", "hant"])
    'did you mean hans? Possible are keep, hans, hant'
    """
    names = tuple(names)
    choices = f"ossible are {', '.join(names)}"
    close = suggest(word, names)
    return f"{close} P{choices}" if close else f"p{choices}"
