"""Names of few different values, such as those of steps, a byte each: a long record has millions of edits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, overload

import numpy as np

from hanpack.steps.alignment import Flags

Name = TypeVar("Name", bound=str)
# How many different names there may be.
MOST_NAMES = 256


@dataclass(frozen=True, slots=True, eq=False)
class CodedNames(Sequence[Name], Generic[Name]):
    """A sequence of names: each is ``names`` at the byte of it in ``codes``.

    >>> steps = CodedNames.of(["script", "spaces", "script"], ("script", "spaces"))
    >>> list(steps), steps.count("script"), steps.find("spaces").tolist()
    (['script', 'spaces', 'script'], 2, [False, True, False])
    """

    names: tuple[Name, ...]
    codes: bytes

    @classmethod
    def of(cls, values: Iterable[Name], names: tuple[Name, ...]) -> CodedNames[Name]:
        """Code some names, all of which are among ``names``."""
        code = {name: number for number, name in enumerate(names)}
        return cls(names, bytes([code[value] for value in values]))

    def find(self, name: Name) -> Flags:
        """Whether each of the names is this one; shape (names,)."""
        number = self.names.index(name) if name in self.names else -1
        return np.asarray(np.frombuffer(self.codes, np.uint8) == number, np.bool_)

    def select(self, chosen: Flags) -> CodedNames[Name]:
        """The names that are chosen; ``chosen`` has the shape (names,)."""
        return CodedNames(self.names, np.frombuffer(self.codes, np.uint8)[chosen].tobytes())

    def count(self, value: object) -> int:
        """How many of the names are this one."""
        return self.codes.count(self.names.index(value)) if value in self.names else 0

    def __contains__(self, value: object) -> bool:
        return value in self.names and self.names.index(value) in self.codes

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Name]:
        return map(self.names.__getitem__, self.codes)

    @overload
    def __getitem__(self, index: int) -> Name: ...
    @overload
    def __getitem__(self, index: slice) -> CodedNames[Name]: ...
    def __getitem__(self, index: int | slice) -> Name | CodedNames[Name]:
        if isinstance(index, slice):
            return CodedNames(self.names, self.codes[index])
        return self.names[self.codes[index]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]
