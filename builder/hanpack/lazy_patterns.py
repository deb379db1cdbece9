"""Patterns that are compiled when they are first used: compiling all takes 0.1 s, and most texts need few.

The idea is that of Bazaar's ``lazy_regex``. This module is short because it is one mechanism.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, AnyStr, cast

if TYPE_CHECKING:
    import regex

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split")


class LazyPattern:
    """Stands for a compiled pattern: its methods become those of the pattern when one is first used."""

    def __init__(self, pattern: str | bytes, flags: int, compile_pattern: Callable[..., Any]) -> None:
        self.pattern = pattern
        self._flags = flags
        self._compile = compile_pattern

    def compile(self) -> Any:
        """Compile the pattern; from now on each method costs what it costs on the pattern itself."""
        compiled = self._compile(self.pattern, self._flags)
        for name in _METHODS:
            setattr(self, name, getattr(compiled, name))
        return compiled

    def __getattr__(self, name: str) -> Any:
        # Python calls this only for attributes that are not there yet.
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.compile(), name)


def compile_lazily(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What ``re.compile`` returns, compiled when one of its methods is first used.

    It cannot be handed to the functions of the module ``re``. A wrong pattern raises an error at first use.

    >>> compile_lazily("[0-9]+").findall("2024年3月")
    ['2024', '3']
    """
    return cast("re.Pattern[AnyStr]", LazyPattern(pattern, flags, re.compile))


def compile_lazily_by_regex(pattern: str, flags: int = 0) -> regex.Pattern[str]:
    r"""The same for the package regex, which has Unicode properties.

    >>> compile_lazily_by_regex(r"\p{Han}").search("abc中").start()
    3
    """
    return cast("regex.Pattern[str]", LazyPattern(pattern, flags, _compile_by_regex))


def _compile_by_regex(pattern: str, flags: int) -> regex.Pattern[str]:
    import regex

    return regex.compile(pattern, flags)
