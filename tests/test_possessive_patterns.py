"""Possessive quantifiers match alike in every Python: what they repeat cannot be matched in another way.

Python 3.11.0 to 3.11.4 loses matches of a possessive quantifier if its subpattern can still be backtracked
into (https://github.com/python/cpython/issues/106052). Debian 12 has Python 3.11.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from tests.package_patterns import PackagePattern, find_package_patterns

_SINGLE = frozenset(
    ("IN", "LITERAL", "NOT_LITERAL", "ANY", "CATEGORY", "AT", "ASSERT", "ASSERT_NOT", "GROUPREF")
)
PATTERNS = [pattern for pattern in find_package_patterns() if isinstance(pattern.pattern, re.Pattern)]


def parse(pattern: re.Pattern[Any]) -> Any:
    """The tree of a pattern; that of bytes has no flag of text."""
    flags = pattern.flags if isinstance(pattern.pattern, str) else pattern.flags & ~re.UNICODE
    return _parser.parse(pattern.pattern, flags)


def list_repeated(tree: Any) -> Iterator[Any]:
    """What each possessive quantifier in a tree repeats."""
    for operator, argument in tree:
        if str(operator) == "POSSESSIVE_REPEAT":
            yield argument[2]
        for child in list_children(argument):
            yield from list_repeated(child)


def list_children(argument: Any) -> Iterator[Any]:
    """The trees within the argument of an operator."""
    if isinstance(argument, _parser.SubPattern):
        yield argument
    elif isinstance(argument, (tuple, list)):
        for part in argument:
            yield from list_children(part)


def has_choice(tree: Any) -> bool:
    """Whether what a tree has matched can be matched otherwise."""
    for operator, argument in tree:
        name = str(operator)
        if name == "SUBPATTERN":
            if has_choice(argument[3]):
                return True
        elif name == "POSSESSIVE_REPEAT":
            if has_choice(argument[2]):
                return True
        elif name not in _SINGLE and name != "ATOMIC_GROUP":
            return True
    return False


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
def test_what_is_repeated_possessively_leaves_no_choice(pattern: PackagePattern) -> None:
    assert isinstance(pattern.pattern, re.Pattern)
    assert not any(map(has_choice, list_repeated(parse(pattern.pattern))))


def test_the_package_has_possessive_quantifiers_of_groups() -> None:
    repeated = [tree for pattern in PATTERNS for tree in list_repeated(parse(pattern.pattern))]
    assert sum(str(tree[0][0]) in ("ATOMIC_GROUP", "SUBPATTERN") for tree in repeated) > 20


@pytest.mark.parametrize(
    ("expression", "leaves_choice"),
    [
        (r"(?:ab|c)*+", True),
        (r"(?:ab?)++", True),
        (r"(?>ab|c)*+", False),
        (r"(?:a[^b]*+)*+", False),
        (r"a*+", False),
    ],
)
def test_a_choice_in_what_is_repeated_is_seen(expression: str, leaves_choice: bool) -> None:
    (repeated,) = list(list_repeated(parse(re.compile(expression))))[:1]
    assert has_choice(repeated) is leaves_choice
