"""Writes docs/recipe.md and docs/python.md from the models of recipes and from the docstrings.

    python benchmarks/write_reference.py [--check]

``--check`` writes nothing and fails if a page is not what the code gives; a test does the same.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
import types
import typing
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

import hanpack
from hanpack.recipe import Recipe

_FUNCTIONS = ("find_texts", "normalize", "push", "scan", "split", "trace", "verify", "withdraw")
DOCS = Path(__file__).resolve().parents[1] / "docs"
EXAMPLE = DOCS / "recipe_example.yaml"
RECIPE_INTRODUCTION = """# The recipe: every key

A recipe is a YAML file. This page is made from the models in `builder/hanpack/recipe.py` by
`python benchmarks/write_reference.py`; the examples are those of [recipe_example.yaml](recipe_example.yaml),
which has every key. A key that is not given has the default; an unknown key is an error that names the key.
Paths are relative to `root`, which is relative to the recipe file.
"""
PYTHON_INTRODUCTION = """# The Python API

This page is made from the docstrings by `python benchmarks/write_reference.py`; the examples in them run as
tests. All names are imported from `hanpack` when they are first used. Errors are `hanpack.HanpackError` or a
subclass of it, and say what happened, where, and what to do.
"""


def describe_type(annotation: Any) -> str:
    """A type as people read it: the choices of a literal, the names of others."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return describe_type(typing.get_args(annotation)[0])
    if origin is typing.Literal:
        return ", ".join(f"`{_show(value)}`" for value in typing.get_args(annotation))
    if origin in (typing.Union, types.UnionType):
        return " or ".join(describe_type(part) for part in typing.get_args(annotation))
    if origin is list:
        return f"list of {describe_type(typing.get_args(annotation)[0])}"
    if origin is dict:
        key, value = typing.get_args(annotation)
        return f"{describe_type(key)} to {describe_type(value)}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    names = {str: "text", int: "whole number", float: "number", bool: "true or false", type(None): "null"}
    return names.get(annotation, str(getattr(annotation, "__name__", annotation)))


def describe_default(field: FieldInfo) -> str:
    """The default of a key, or that it is required."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel) or value is PydanticUndefined:
        return "its defaults"
    return f"`{_show(value)}`"


def describe_bounds(field: FieldInfo) -> str:
    """The bounds of a number, as words."""
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    found = [
        f"{word} {getattr(bound, name):,}"
        for bound in field.metadata
        for name, word in words.items()
        if getattr(bound, name, None) is not None
    ]
    return ", ".join(found)


def list_models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A model and those of its keys, each once, in the order of the keys."""
    seen: dict[type[BaseModel], None] = {model: None}
    waiting = [model]
    while waiting:
        current = waiting.pop(0)
        for field in current.model_fields.values():
            for inner in _find_models(field.annotation):
                if inner not in seen:
                    seen[inner] = None
                    waiting.append(inner)
    return iter(seen)


def find_examples(value: Any, model: type[BaseModel], found: dict[tuple[type, str], Any]) -> None:
    """Collect the first value of each key of each model in an example."""
    for name, inner in value.items():
        field = model.model_fields[name]
        found.setdefault((model, name), inner)
        for inner_model in _find_models(field.annotation):
            parts = inner if isinstance(inner, list) else [inner]
            if isinstance(inner, dict) and typing.get_origin(field.annotation) is dict:
                parts = list(inner.values())
            for part in parts:
                if isinstance(part, dict) and set(part) <= set(inner_model.model_fields):
                    find_examples(part, inner_model, found)


def write_recipe_page() -> str:
    """The page with every key of a recipe."""
    examples: dict[tuple[type, str], Any] = {}
    find_examples(yaml.safe_load(EXAMPLE.read_text(encoding="utf-8")), Recipe, examples)
    lines = [RECIPE_INTRODUCTION]
    for model in list_models(Recipe):
        text = _to_markdown(inspect.cleandoc(model.__doc__ or ""))
        lines += [
            f"## {model.__name__}\n",
            f"{text}\n",
            "| key | value | default | |",
            "| --- | --- | --- | --- |",
        ]
        for name, field in model.model_fields.items():
            about = "; ".join(filter(None, (field.description, describe_bounds(field))))
            cells = (f"`{name}`", describe_type(field.annotation), describe_default(field), about)
            lines.append(
                "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
            )
        lines += ["", "```yaml"]
        for name in model.model_fields:
            lines.append(
                yaml.safe_dump({name: examples[model, name]}, allow_unicode=True, sort_keys=False).rstrip()
            )
        lines += ["```", ""]
    return "\n".join(lines)


def write_python_page() -> str:
    """The page with every public name."""
    lines = [PYTHON_INTRODUCTION]
    for name in hanpack.__all__:
        value = getattr(hanpack, name)
        if not callable(value):
            continue
        if inspect.isclass(value) and issubclass(value, (BaseModel, Exception)):
            lines.append(f"## {name}\n")
        else:
            lines.append(f"## {name}\n\n```python\n{name}{_show_signature(value)}\n```\n")
        lines += [_to_markdown(inspect.getdoc(value) or ""), ""]
    lines.append("## What the functions return\n")
    for value in _list_values():
        lines += [f"### {value.__name__}\n", _to_markdown(inspect.getdoc(value) or ""), ""]
        types_by_field = value.__annotations__
        lines += ["| field | type |", "| --- | --- |"]
        for field in fields(value):
            kind = str(types_by_field[field.name]).replace(" | ", " or ")
            lines.append(f"| `{field.name}` | `{kind}` |")
        lines.append("")
    return "\n".join(lines)


def _list_values() -> Iterator[type[Any]]:
    """The value classes that public functions return, and those inside of them, each once."""
    waiting = [
        inspect.get_annotations(value, eval_str=False)["return"]
        for value in (getattr(hanpack, name) for name in hanpack.__all__)
        if inspect.isfunction(value)
    ]
    seen: set[str] = set()
    modules = [sys.modules[value.__module__] for value in map(hanpack.__getattr__, _FUNCTIONS)]
    while waiting:
        for name in re.findall(r"[A-Z]\w+", waiting.pop(0)):
            module = next((module for module in modules if is_dataclass(getattr(module, name, None))), None)
            if module is None or name in seen or name == "Build":
                continue
            seen.add(name)
            value = getattr(module, name)
            modules.append(sys.modules[value.__module__])
            waiting += [str(kind) for kind in value.__annotations__.values()]
            yield value


def main() -> None:
    """Write both pages, or check them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    pages = {"recipe.md": write_recipe_page(), "python.md": write_python_page()}
    for name, page in pages.items():
        path = DOCS / name
        if not check:
            path.write_text(page, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != page:
            print(f"docs/{name} is not what the code gives: run python benchmarks/write_reference.py")
            sys.exit(1)


def _find_models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _find_models(part)


def _show(value: object) -> str:
    return yaml.safe_dump(value, default_flow_style=True, allow_unicode=True).replace("\n...", "").strip()


def _show_signature(value: Any) -> str:
    """The signature of a function, without the quotes of postponed annotations and the class of paths."""
    signature = re.sub(r"(?<=[:>] )'([^']*)'", r"\1", str(inspect.signature(value)))
    signature = re.sub(r"<function (\w+) at 0x[0-9a-f]+>", r"\1", signature)
    return re.sub(r"(?:Posix|Windows)Path\('([^']*)'\)", r'"\1"', signature)


def _to_markdown(docstring: str) -> str:
    """A docstring with its examples and its section of errors as Markdown."""
    lines: list[str] = []
    in_example = False
    plain = re.sub(r":[a-z]+:`~?(?:[\w.]*\.)?(\w+)`", r"`\1`", docstring.replace("``", "`"))
    for line in plain.splitlines():
        begins = line.lstrip().startswith(">>>")
        if begins and not in_example:
            lines.append("```python")
            in_example = True
        elif in_example and not line.strip():
            lines.append("```")
            in_example = False
        lines.append(
            "Raises:\n" if line == "Raises:" else line.removeprefix("    ") if not in_example else line
        )
    if in_example:
        lines.append("```")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
