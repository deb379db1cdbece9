"""What an audit checked, the faults it found and what it could not check."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_FAULTS = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it should be; ``where`` names file, row and byte as far as there are any.

    >>> str(Fault("data/chunks/train-00000-of-00001.parquet row 3", "its text is not that of its span"))
    'data/chunks/train-00000-of-00001.parquet row 3: its text is not that of its span'
    """

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(slots=True)
class Audit:
    """How many things of each sort were checked, and the first thousand faults.

    ``notes`` say what was not checked, and why: an audit with notes can pass, but proves less.

    >>> audit = Audit()
    >>> audit.expect(2 + 2 == 5, "arithmetic", "the sum is wrong")
    False
    >>> audit.passed, str(audit.faults[0])
    (False, 'arithmetic: the sum is wrong')
    """

    checked: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether no fault was found."""
        return not self.faults

    def expect(self, condition: bool, where: str, what: str) -> bool:
        """Record a fault unless a condition is true; returns the condition."""
        if not condition and len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(where, what))
        return condition

    def count(self, what: str, number: int = 1) -> None:
        """Add to the number of things checked."""
        self.checked[what] = self.checked.get(what, 0) + number
