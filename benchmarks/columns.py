"""The tools of a comparison side by side: what each can do, which are installed, and the printed table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

Convert = Callable[[str], str]
Namer = Callable[[bytes], str | None]
LABEL = 46
CELL = 15


@dataclass(frozen=True, slots=True)
class Tool:
    """A column: what repairs in the script of the text, what makes it Simplified, what names encodings."""

    name: str
    package: str
    repair: Convert | None = None
    simplify: Convert | None = None
    namer: Namer | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The tools side by side; those whose package is absent keep their column."""

    tools: tuple[Tool, ...]
    absent: tuple[str, ...]

    def print_head(self) -> None:
        """Print how to install what is absent, and the names of the columns."""
        for package in sorted(set(self.absent)):
            print(f"{package} is not installed: pip install {package.replace('_', '-')}")
        print(f"{'':{LABEL}}" + "".join(f"{tool.name:>{CELL}}" for tool in self.tools) + "   bar")

    def print_row(self, label: str, cells: Mapping[str, str], bar: str = "") -> None:
        """Print one measure; a dash stands where the tool does not do that work."""
        shown = (
            "not installed" if tool.package in self.absent else cells.get(tool.name, "–")
            for tool in self.tools
        )
        line = f"{label:{LABEL}}" + "".join(f"{cell:>{CELL}}" for cell in shown) + f"   {bar}"
        print(line.rstrip(), flush=True)

    def installed(self) -> Iterator[Tool]:
        """The tools that can be measured here."""
        return (tool for tool in self.tools if tool.package not in self.absent)

    def converters(self) -> dict[str, Convert]:
        """What each tool does to a text: repair it, or where it only converts, convert it."""
        found = ((tool.name, tool.repair or tool.simplify) for tool in self.installed())
        return {name: convert for name, convert in found if convert}


def call(module: str, name: str) -> Callable[[Any], Any]:
    """A function of a module that is imported when it is first called."""
    return lambda argument: getattr(import_module(module), name)(argument)
