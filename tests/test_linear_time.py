"""No text makes a pattern or a step slow: pumps are derived from every pattern of the package."""

from __future__ import annotations

import re
import time

import pytest

from tests.growth import NEARLY_LINEAR
from tests.package_patterns import METHODS, AnyPattern, PackagePattern, apply, find_package_patterns
from tests.pumps import Pump, derive_pumps

# At one of the small lengths a pattern that takes exponential time shows before it takes too much.
LENGTHS = (16, 24, 32, 64, 128, 250, 4_000)
# Processor time in nanoseconds below which a cost is not looked at further.
SUSPICIOUS = 3_000_000
PATTERNS = find_package_patterns()


def is_superlinear(pattern: AnyPattern, method: str, pump: Pump, longest: int | None) -> bool:
    """Whether a pump takes much time, and much more than four times that of a quarter of it."""
    for length in LENGTHS:
        length = min(length, longest or length)
        if cost(pattern, method, pump.make(length)) > SUSPICIOUS:
            large = min(cost(pattern, method, pump.make(length)) for _ in range(2))
            small = min(cost(pattern, method, pump.make(length // 4)) for _ in range(2))
            return large > SUSPICIOUS and large > NEARLY_LINEAR * max(small, SUSPICIOUS // 40)
    return False


def cost(pattern: AnyPattern, method: str, text: str) -> int:
    subject = text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text
    start = time.process_time_ns()
    apply(pattern, method, subject)
    return time.process_time_ns() - start


def test_the_package_has_many_patterns_of_every_kind() -> None:
    assert len(PATTERNS) > 200
    names = {pattern.name for pattern in PATTERNS}
    # Of a module, of a dataclass in a table, of a function that makes it.
    assert {
        "secrets._HEADER",
        "steps.typography.redactions.REDACTION_RULES[0].pattern",
        "steps.repair.mojibake._trigger",
    } <= names


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
def test_every_pattern_takes_linear_time_on_the_strings_derived_from_it(pattern: PackagePattern) -> None:
    pumps = derive_pumps(pattern.pattern)
    assert pumps
    slow = [
        (method, pump)
        for pump in pumps
        for method in pattern.methods
        if is_superlinear(pattern.pattern, method, pump, pattern.longest_input)
    ]
    assert not slow


@pytest.mark.parametrize(
    "expression",
    ["a*b", r"\s*$", "<[^>]*>", r"(?:\w+\s?)+;", "(?:甲|甲甲)+乙", r"x=\s*\"?\s*y", "(a|b)*c.*d"],
)
def test_a_superlinear_pattern_is_recognised(expression: str) -> None:
    pattern = re.compile(expression)
    assert any(
        is_superlinear(pattern, method, pump, None) for pump in derive_pumps(pattern) for method in METHODS
    )
