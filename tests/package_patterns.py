"""Every compiled pattern of the package, and how the package uses each: for tests of their cost."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

import regex

import hanpack
from hanpack.lazy_patterns import LazyPattern

AnyPattern: TypeAlias = "re.Pattern[Any] | regex.Pattern[Any]"
# Iteration over all matches stands for the other methods that search.
METHODS = ("finditer", "match", "fullmatch")
_SEARCHES = frozenset(("search", "findall", "sub", "subn", "split"))
# What is called on patterns that are handed on, or whose use cannot be seen by their name.
_METHODS_OF = {
    "resources.named_vocabularies.NAMED_VOCABULARIES": ("finditer",),
    "steps.chunk.boundaries._LAST_": ("match",),
    "steps.chunk.headings.PATTERN['article_title']": ("match",),
    "steps.page.forum.FORUM_SIGN_PATTERNS": ("finditer",),
    "steps.repair.lossy.": ("finditer",),
    "steps.typography.redactions.REDACTION_RULES": ("match",),
}
# The longest text that the package applies a pattern to, in characters, where that is short.
_LONGEST_INPUTS = {
    "building.publication._SHARD": 255,
    "steps.page.html_titles.FORUM_NAME": 300,
    "steps.page.html_titles.SURE_SEPARATOR": 300,
}
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class PackagePattern:
    """A pattern, where it is, the methods that are called on it, and its longest input (None: any)."""

    name: str
    pattern: AnyPattern
    methods: tuple[str, ...]
    longest_input: int | None


def find_package_patterns() -> list[PackagePattern]:
    """The patterns of modules, of tables and dataclasses in them, and of functions that make one."""
    found: dict[int, PackagePattern] = {}
    for info in pkgutil.walk_packages(hanpack.__path__, "hanpack."):
        if info.name.endswith("__main__"):
            continue
        for name, value in vars(import_module(info.name)).items():
            if inspect.isroutine(value) and value.__module__ == info.name:
                value = _call_maker(value)
            place = f"{info.name.removeprefix('hanpack.')}.{name}"
            for label, pattern in _find_patterns(place, value, _DEPTH):
                found.setdefault(
                    id(pattern),
                    PackagePattern(label, pattern, _find_methods(label), _LONGEST_INPUTS.get(label)),
                )
    return list(found.values())


@cache
def _compile(pattern: LazyPattern | AnyPattern) -> AnyPattern:
    """The compiled pattern, the same at each call: a pattern that several modules use is listed once."""
    compiled: AnyPattern = pattern.compile() if isinstance(pattern, LazyPattern) else pattern
    return compiled


def _call_maker(function: Any) -> object:
    """The pattern that a function without parameters makes; None if it makes none."""
    signature = inspect.signature(function)
    makes_pattern = "Pattern[" in str(signature.return_annotation)
    return function() if makes_pattern and not signature.parameters else None


def _find_patterns(name: str, value: object, depth: int) -> Iterator[tuple[str, AnyPattern]]:
    """The patterns in a value: it may be a container or a dataclass, also one with a field ``pattern``."""
    if isinstance(value, LazyPattern | re.Pattern | regex.Pattern):
        yield name, _compile(value)
    elif not depth:
        return
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _find_patterns(f"{name}[{key!r}]", part, depth - 1)
    elif isinstance(value, list | tuple | frozenset):
        for number, part in enumerate(value):
            yield from _find_patterns(f"{name}[{number}]", part, depth - 1)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            part = getattr(value, field.name)
            if field.name == "pattern" and isinstance(part, str):
                part = regex.compile(part)
            yield from _find_patterns(f"{name}.{field.name}", part, depth - 1)


def _find_methods(name: str) -> tuple[str, ...]:
    """The methods that are called on a pattern; all of them if it is handed on."""
    for beginning, methods in _METHODS_OF.items():
        if name.startswith(beginning):
            return methods
    module, _, own_name = name.rpartition(".")
    uses = _find_uses().get((module if own_name.startswith("_") else "", own_name), set()) - {"pattern"}
    known = {"finditer" if method in _SEARCHES else method for method in uses}
    return tuple(sorted(known)) if known and known <= set(METHODS) else METHODS


@cache
def _find_uses() -> dict[tuple[str, str], set[str]]:
    """The methods called on each name of a module; public names of all modules are under the module "".

    An empty method is any other use.
    """
    uses: dict[tuple[str, str], set[str]] = {}
    root = Path(hanpack.__path__[0])
    for path in root.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        called = {id(node.value): node.attr for node in nodes if isinstance(node, ast.Attribute)}
        # A segment of a page is matched as a whole: segment.matches(PATTERN).
        called |= {
            id(node.args[0]): "fullmatch"
            for node in nodes
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".matches") and node.args
        }
        keyed = {
            id(node.value)
            for node in nodes
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
        }
        module = ".".join(path.relative_to(root).with_suffix("").parts)
        for node in nodes:
            is_name = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in keyed
            if is_name or (isinstance(node, ast.Subscript) and id(node.value) in keyed):
                name = ast.unparse(node)
                key = module if name.startswith("_") else "", name
                uses.setdefault(key, set()).add(called.get(id(node), ""))
    return uses


def make_subject(pattern: AnyPattern, text: str) -> str | bytes:
    """A text as a pattern can be used on it: for a pattern of bytes, those of the text in Latin-1."""
    return text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text


def apply(pattern: AnyPattern, method: str, text: str | bytes) -> None:
    """Use a pattern on a text: one of ``METHODS``."""
    if method == "finditer":
        for _ in pattern.finditer(text):
            pass
    else:
        getattr(pattern, method)(text)
