"""Finds slips of typing in YAML that its faults do not name: full-width signs, and blanks that are left out.

A Chinese keyboard writes ``：`` for a colon and U+3000 for a blank. To YAML both are letters, and so is a
colon without a blank after it: it reads one long word where a key with a value was meant, and what it then
says is about another line, or about a key that nobody wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from hanpack.lazy_patterns import compile_lazily

# Signs that YAML knows, by what a Chinese keyboard writes; blanks that are none to YAML.
_SIGNS = str.maketrans("：，｛｝［］－＃", ":,{}[]-#")
_OTHER_BLANKS = "\u3000\u00a0\u2002\u2003\u2009"
_BLANKS = str.maketrans(_OTHER_BLANKS, " " * len(_OTHER_BLANKS))
_BLANK = f"[ \t{_OTHER_BLANKS}]"
# Where a key begins: a line, an entry of a list, or a place inside braces.
_START = rf"^(?:{_BLANK}*(?:[-－]{_BLANK}*)?)|[{{｛,，]{_BLANK}*"
_KEY = compile_lazily(
    rf"(?P<before>{_START})(?P<key>[A-Za-z_][A-Za-z0-9_]*)(?P<after>{_BLANK}*[:：]{_BLANK}*)(?=(?P<value>\S?))"
)
_BRACES = compile_lazily(r"(?<=: )[｛［]|[｝］][ \t]*$")

_WIDE_SIGN = "the full-width sign {sign} is a letter to YAML: write {plain}"
_WIDE_BLANK = "a blank that is not the ordinary one ({code}) is a letter to YAML: write ordinary blanks"
_NO_BLANK = "a blank is missing after the colon of {key}"
_NO_BLANK_AFTER_HYPHEN = "a blank is missing after the hyphen before {key}"


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip in a line: its number, counted from 1, the line as it should be, and what is wrong with it."""

    line: int
    corrected: str
    message: str


def describe_slip(text: str, keys: Collection[str], find_fault: Callable[[str], str]) -> str:
    r"""The slip that is the cause of the fault of a YAML text, with its line; empty if there is none.

    ``keys`` are the keys that may be in the text. ``find_fault`` returns the fault of a text, or nothing: a
    slip is its cause only if the fault is another one, or none, after the line is corrected.

    >>> describe_slip("chunks:{max_tokens: 256}", {"chunks"}, lambda text: "" if ": {" in text else "no key")
    'line 1: a blank is missing after the colon of chunks'
    """
    fault = find_fault(text)
    slips = list(find_slips(text, keys))
    causes = (slip for slip in slips if find_fault(_correct(text, [slip])) != fault)
    first = next(causes, None)
    if first is None and len(slips) > 1 and find_fault(_correct(text, slips)) != fault:
        first = slips[0]
    return f"line {first.line}: {first.message}" if first else ""


def find_slips(text: str, keys: Collection[str]) -> Iterator[Slip]:
    """The lines in which a key is written with a sign or a blank that YAML does not know.

    >>> [slip.corrected for slip in find_slips("name：demo", {"name"})]
    ['name: demo']
    """
    for number, line in enumerate(text.split("\n"), 1):
        corrected, message = _correct_line(line, keys)
        if message:
            yield Slip(number, corrected, message)


def _correct(text: str, slips: list[Slip]) -> str:
    lines = text.split("\n")
    for slip in slips:
        lines[slip.line - 1] = slip.corrected
    return "\n".join(lines)


def _correct_line(line: str, keys: Collection[str]) -> tuple[str, str]:
    """A line as it should be, and what is wrong with it; nothing if it has no slip at a key."""
    messages: list[str] = []

    def correct(match: Any) -> str:
        if match["key"] not in keys:
            return str(match[0])
        before, after, value = match["before"], match["after"], match["value"]
        messages.extend(_list_faults(before, match["key"], after, value))
        plain = before.translate(_SIGNS).translate(_BLANKS)
        plain = f"{plain} " if plain.endswith("-") else plain
        after = f"{after.translate(_SIGNS).translate(_BLANKS).strip()} " if value else ":"
        return f"{plain}{match['key']}{after}"

    corrected = _KEY.sub(correct, line)
    if messages:
        # Braces around values, which no key is beside.
        corrected = _BRACES.sub(lambda braces: braces[0].translate(_SIGNS), corrected)
    return corrected, messages[0] if messages else ""


def _list_faults(before: str, key: str, after: str, value: str) -> Iterator[str]:
    """What is wrong around a key, in the order of the line."""
    for character in f"{before}{after}{value}":
        if character in _OTHER_BLANKS:
            yield _WIDE_BLANK.format(code=f"U+{ord(character):04X}")
        elif character.translate(_SIGNS) != character:
            yield _WIDE_SIGN.format(sign=character, plain=_show(character.translate(_SIGNS)))
    if before.endswith("-"):
        yield _NO_BLANK_AFTER_HYPHEN.format(key=key)
    if after.endswith(":") and value:
        yield _NO_BLANK.format(key=key)


def _show(sign: str) -> str:
    """How a sign is to be written: one that a blank must follow with the blank."""
    return f"'{sign} '" if sign in ":,-" else f"'{sign}'"
