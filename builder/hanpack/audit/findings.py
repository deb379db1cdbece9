"""What an audit checked, what it found and what it could not check."""

from __future__ import annotations

from dataclasses import dataclass, field

MANY = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it should be; ``where`` names file, row and byte as far as there are any."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(slots=True)
class Audit:
    """What was checked and what was found; there are no more than a thousand faults in it.

    ``notes`` say what was not checked, and why: an audit with notes is green, and proves that much less.
    """

    checked: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def green(self) -> bool:
        """Whether everything that was checked is right."""
        return not self.faults

    def expect(self, holds: bool, where: str, what: str) -> bool:
        """Note a fault unless something holds."""
        if not holds and len(self.faults) < MANY:
            self.faults.append(Fault(where, what))
        return holds

    def count(self, what: str, number: int = 1) -> None:
        """Note how many things were checked."""
        self.checked[what] = self.checked.get(what, 0) + number
