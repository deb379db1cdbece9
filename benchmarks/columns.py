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
    """A column of the table; a function is None where the tool does not do that work.

    ``repair`` keeps the script of a text, ``simplify`` makes it Simplified Chinese, and ``namer`` names the
    encoding of bytes, or gives None if it cannot decide.
    """

    name: str
    package: str
    repair: Convert | None = None
    simplify: Convert | None = None
    namer: Namer | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The tools side by side; a tool whose package is not installed keeps its column."""

    tools: tuple[Tool, ...]
    absent: tuple[str, ...]

    def print_head(self) -> None:
        """Print how to install the absent packages, and the names of the columns."""
        for package in sorted(set(self.absent)):
            print(f"{package} is not installed: pip install {package.replace('_', '-')}")
        print(f"{'':{LABEL}}" + "".join(f"{tool.name:>{CELL}}" for tool in self.tools) + "   bar")

    def print_row(self, label: str, cells: Mapping[str, str], bar: str = "") -> None:
        """Print a row; a cell that is not in ``cells`` is a dash: the tool does not do that work."""
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
        """What each tool does to a text, by its name: repair it, or convert it if it does not repair."""
        functions = ((tool.name, tool.repair or tool.simplify) for tool in self.installed())
        return {name: function for name, function in functions if function}


def call(module: str, name: str) -> Callable[[Any], Any]:
    """A function of a module that is imported when the function is called, for it may not be installed."""
    return lambda argument: getattr(import_module(module), name)(argument)
