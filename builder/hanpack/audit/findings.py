"""What an audit checked, the faults it found and what it could not prove."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

MOST_FAULTS = 1000
# How many deviations a note names.
NAMED_DEVIATIONS = 10


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

    ``notes`` say what was not proven, and why: sources that are not at hand, other versions. ``claims`` are
    statements that no source can prove, but only a signature of the author. An audit with either can pass,
    but proves less. ``is_signed`` says whether the build has signed statements, checked or not.

    >>> audit = Audit()
    >>> audit.expect(2 + 2 == 5, "arithmetic", "the sum is wrong")
    False
    >>> audit.passed, str(audit.faults[0])
    (False, 'arithmetic: the sum is wrong')
    """

    checked: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    is_signed: bool = False

    @property
    def passed(self) -> bool:
        """Whether no fault was found."""
        return not self.faults

    def name_copy(self, folder: str, url: str) -> None:
        """Name the place of each fault in a copy of a build by the URL that was copied.

        >>> audit = Audit(faults=[Fault("/tmp/copy/README.md", "it was changed")])
        >>> audit.name_copy("/tmp/copy", "https://host.example/build")
        >>> str(audit.faults[0])
        'https://host.example/build/README.md: it was changed'
        """
        self.faults = [replace(fault, where=fault.where.replace(folder, url)) for fault in self.faults]

    @property
    def unproven(self) -> list[str]:
        """Everything that was not proven, as sentences."""
        return [*self.notes, *self.claims]

    def expect(self, condition: bool, where: str, what: str) -> bool:
        """Record a fault unless a condition is true; returns the condition."""
        if not condition and len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(where, what))
        return condition

    def count(self, what: str, number: int = 1) -> None:
        """Add to the number of things checked."""
        self.checked[what] = self.checked.get(what, 0) + number


class Deviations:
    """Where a build deviates from its replay: faults, unless something explains deviations.

    ``explanations`` say why an honest build may deviate: other versions made it, for example. If there are
    any, deviations are named in a note instead.

    >>> audit = Audit()
    >>> deviations = Deviations(audit, ["opencc 0.9 → 1.4"])
    >>> deviations.expect(False, "README.md", "it is not the card of this build")
    False
    >>> deviations.finish()
    >>> audit.faults, audit.notes
    ([], ['opencc 0.9 → 1.4; 1 deviation: README.md: it is not the card of this build'])
    """

    def __init__(self, audit: Audit, explanations: Iterable[str] = ()) -> None:
        self.audit = audit
        self.explanations = list(explanations)
        self.faults: list[Fault] = []

    def expect(self, condition: bool, where: str, what: str) -> bool:
        """Record a deviation unless a condition is true; returns the condition."""
        if not condition:
            self.faults.append(Fault(where, what))
        return condition

    @contextmanager
    def explained_by(self, explanations: Sequence[str]) -> Iterator[Deviations]:
        """Deviations with these explanations too, finished with the context; itself if there are none."""
        if not explanations:
            yield self
            return
        explained = Deviations(self.audit, [*self.explanations, *explanations])
        yield explained
        explained.finish()

    def finish(self) -> None:
        """Add the deviations to the audit: as faults, or as a note that names the explanations."""
        if not self.explanations:
            for fault in self.faults:
                self.audit.expect(False, fault.where, fault.what)
            return
        number = len(self.faults)
        effect = "nothing deviates from the replay"
        if self.faults:
            named = "; ".join(map(str, self.faults[:NAMED_DEVIATIONS]))
            more = f"; and {number - NAMED_DEVIATIONS:,} more" if number > NAMED_DEVIATIONS else ""
            effect = f"{number:,} deviation{'s' if number > 1 else ''}: {named}{more}"
        self.audit.notes.append(f"{'; '.join(self.explanations)}; {effect}")
