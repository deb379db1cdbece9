"""Strings that make a regular expression slow, derived from the expression itself.

A backtracking matcher takes superlinear time where a repetition can be left in many ways, or where a search
begins the same long match at many positions (Weideman et al., "Analyzing matching time behavior of
backtracking regular expression matchers by using ambiguity of NFA", CIAA 2016). Both show on a *pump*: the
beginning of a match, then a part that a repetition accepts, many times over, then what no match ends with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from tests.package_patterns import AnyPattern

# Parts of expressions that only the engine of the package regex knows, as the standard one writes them.
_STANDARD_PARTS = (
    (r"\G", ""),
    ("(*SKIP)(*FAIL)", ""),
    (r"\X", r"(?s:.)(?:[\u0300-\u036f]|\u200d.)*"),
    (r"\p{Han}", "㐀-鿿"),
    (r"\p{L}", "A-Za-z㐀-鿿"),
    (r"\p{M}", "\u0300-\u036f"),
    (r"\p{GCB=XX}", "0-9A-Za-z㐀-鿿"),
    (r"\p{GCB=CN}", "\x00\u200b"),
)
_OTHER_PROPERTY = re.compile(r"\\p\{\w+\}")
# Characters of every kind that patterns of the package tell apart.
_ALPHABET = (
    "aA1１Ａ甲一年月 \t\n\r\u3000.．。,，:：;；!！?？\"'“”‘’「」()（）[]【】<>《》*#-—_=/\\|&@%×XxD©"
    "\u0301\u200b\ufffd\U0001f600"
)
# No match ends with it, but for classes that accept nearly all characters.
_OTHER = "\x01"
# A repetition of at least so many is one.
_MANY = 8
_SAMPLES = 4
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)
_FLAGS = re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE | re.ASCII
_CATEGORIES = {
    codes.CATEGORY_DIGIT: re.compile(r"\d"),
    codes.CATEGORY_NOT_DIGIT: re.compile(r"\D"),
    codes.CATEGORY_SPACE: re.compile(r"\s"),
    codes.CATEGORY_NOT_SPACE: re.compile(r"\S"),
    codes.CATEGORY_WORD: re.compile(r"\w"),
    codes.CATEGORY_NOT_WORD: re.compile(r"\W"),
}


@dataclass(frozen=True, slots=True)
class Pump:
    """A string of any length: ``prefix``, then ``unit`` as often as it takes, then ``suffix``."""

    prefix: str
    unit: str
    suffix: str = ""

    def make(self, length: int) -> str:
        """The string of about this many characters.

        >>> Pump("<", "ab", ">").make(6)
        '<abab>'
        """
        count = max((length - len(self.prefix) - len(self.suffix)) // len(self.unit), 1)
        return self.prefix + self.unit * count + self.suffix


def derive_pumps(pattern: AnyPattern) -> list[Pump]:
    """The pumps of a pattern: of each repetition, of the characters it tells apart, of its beginnings.

    >>> Pump("<", "a", "") in derive_pumps(re.compile("<a*>"))
    True
    """
    source = pattern.pattern
    if isinstance(source, bytes):
        source = source.decode("latin-1")
    for part, standard in _STANDARD_PARTS:
        source = source.replace(part, standard)
    tree = parser.parse(_OTHER_PROPERTY.sub("\u0590-\u05ff", source), pattern.flags & _FLAGS)
    deriver = _Deriver(is_dot_all=bool(pattern.flags & re.DOTALL))
    units = dict.fromkeys(
        (prefix, character) for prefix in ("", "甲", "a") for character in deriver.tell_apart(tree)
    )
    units |= dict.fromkeys(deriver.walk(tree, ""))
    pumps: dict[Pump, None] = {}
    for prefix, unit in units:
        pumps |= dict.fromkeys((Pump(prefix, unit), Pump(prefix, unit, _OTHER)))
        if prefix:
            pumps |= dict.fromkeys((Pump("", prefix + unit), Pump("", prefix + unit + "\n")))
    return list(pumps)


@dataclass(frozen=True, slots=True)
class _Deriver:
    """Derives strings from the parse trees of one pattern."""

    is_dot_all: bool

    def walk(self, tree: Any, prefix: str) -> Iterator[tuple[str, str]]:
        """Pairs of what comes before a repetition and what it repeats, for all repetitions of a tree.

        What comes between two repetitions is repeated as well: the first of them may accept it.
        """
        between = ""
        before_last = prefix
        for code, argument in tree:
            for part in _parts(code, argument):
                yield from self.walk(part, prefix)
            if code is codes.BRANCH:
                yield from ((prefix, unit) for part in argument[1] if (unit := self.sample(part)))
            elif code in _REPEATS and argument[1] > _MANY:
                units = self.samples(argument[2])
                yield from ((prefix, unit) for unit in units)
                if between:
                    yield before_last, between
                    yield before_last, between + (units or [""])[0]
                before_last, between = prefix, ""
            sample = self.sample([(code, argument)])
            prefix += sample
            between += sample
            if prefix:
                yield "", prefix
        if between:
            yield before_last, between

    def samples(self, body: Any) -> list[str]:
        """Some strings that a body matches: some characters if it is a class, one for each alternative."""
        if len(body) == 1:
            code, argument = body[0]
            if code in (codes.IN, codes.ANY, codes.NOT_LITERAL):
                return self.members(code, argument)[:_SAMPLES]
            if code is codes.SUBPATTERN:
                return self.samples(argument[3])
            if code is codes.BRANCH:
                return [sample for part in argument[1] if (sample := self.sample(part))]
        return [sample] if (sample := self.sample(body)) else []

    def sample(self, tree: Any) -> str:
        """A string that a tree matches, as far as that can be said of each part by itself."""
        sample = ""
        for code, argument in tree:
            if code is codes.LITERAL:
                sample += chr(argument)
            elif code in (codes.IN, codes.ANY, codes.NOT_LITERAL):
                sample += (self.members(code, argument) or [""])[0]
            elif code in _REPEATS:
                sample += self.sample(argument[2]) * max(argument[0], min(argument[1], 1))
            elif code is not codes.ASSERT_NOT and not (code is codes.ASSERT and argument[0] > 0):
                sample += self.sample((_parts(code, argument) or [[]])[0])
        return sample

    def members(self, code: Any, argument: Any) -> list[str]:
        """Characters that a class accepts: of the alphabet, and those it names."""
        named = (argument if code is codes.IN else [])[:_SAMPLES]
        characters = [chr(value) for kind, value in named if kind is codes.LITERAL]
        characters += [chr(value[0]) for kind, value in named if kind is codes.RANGE]
        return [
            character for character in (*_ALPHABET, *characters) if self.accepts(code, argument, character)
        ]

    def accepts(self, code: Any, argument: Any, character: str) -> bool:
        """Whether a class, or a single character, accepts a character."""
        if code is codes.ANY:
            return self.is_dot_all or character != "\n"
        if code is not codes.IN:
            return (chr(argument) == character) == (code is codes.LITERAL)
        is_negated = bool(argument) and argument[0][0] is codes.NEGATE
        return is_negated != any(_is_member(kind, value, character) for kind, value in argument)

    def tell_apart(self, tree: Any) -> list[str]:
        """One character for each set of classes of the tree that a character belongs to."""
        classes = list(_classes(tree))
        marks = "".join(
            chr(argument)
            for code, argument in classes
            if code is codes.LITERAL and not chr(argument).isalpha()
        )
        by_classes: dict[tuple[bool, ...], str] = {}
        for character in _ALPHABET + marks:
            key = tuple(self.accepts(code, argument, character) for code, argument in classes)
            by_classes.setdefault(key, character)
        return list(by_classes.values())


def _parts(code: Any, argument: Any) -> list[Any]:
    """The trees within a node."""
    if code in _REPEATS:
        return [argument[2]]
    parts: dict[Any, Callable[[], list[Any]]] = {
        codes.BRANCH: lambda: list(argument[1]),
        codes.SUBPATTERN: lambda: [argument[3]],
        codes.ATOMIC_GROUP: lambda: [argument],
        codes.ASSERT: lambda: [argument[1]],
        codes.ASSERT_NOT: lambda: [argument[1]],
    }
    return parts[code]() if code in parts else []


def _classes(tree: Any) -> Iterator[tuple[Any, Any]]:
    """The classes and characters in a tree."""
    for code, argument in tree:
        if code in (codes.IN, codes.ANY, codes.LITERAL, codes.NOT_LITERAL):
            yield code, argument
        for part in _parts(code, argument):
            yield from _classes(part)


def _is_member(kind: Any, value: Any, character: str) -> bool:
    if kind is codes.LITERAL:
        return chr(value) == character
    if kind is codes.RANGE:
        return chr(value[0]) <= character <= chr(value[1])
    return kind is codes.CATEGORY and _CATEGORIES[value].match(character) is not None
