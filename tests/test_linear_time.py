"""No text makes a pattern or a step slow: pumps are derived from every pattern of the package."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest

from hanpack import normalize
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.steps.repair.shift import find_shifts
from tests.growth import NEARLY_LINEAR
from tests.hostile_texts import HOSTILE_TEXTS, FlowParts
from tests.package_patterns import (
    METHODS,
    AnyPattern,
    PackagePattern,
    apply,
    find_package_patterns,
    make_subject,
)
from tests.pumps import Pump, derive_pumps

# At one of the small lengths a pattern that takes exponential time shows before it takes too much.
LENGTHS = (16, 24, 32, 64, 128, 250, 4_000)
# Processor time in nanoseconds below which a cost is not looked at further.
SUSPICIOUS = 3_000_000
PATTERNS = find_package_patterns()
CHARACTERS = 8_000
# Processor time in nanoseconds that a record may take whatever its length.
NEGLIGIBLE = 30_000_000
TRIES = 5


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
    subject = make_subject(pattern, text)
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
        "steps.repair.mojibake.mojibake_signs",
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


@pytest.fixture(scope="module")
def parts() -> FlowParts:
    return FlowParts()


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_no_part_of_the_flow_takes_long_for_a_hostile_text(parts: FlowParts, name: str) -> None:
    pump = HOSTILE_TEXTS[name]
    text, quarter = pump.make(CHARACTERS), pump.make(CHARACTERS // 4)
    parts.run_all(quarter)
    # Under load a try can take several times as long; what is superlinear does in every try.
    assert any(is_nearly_linear(parts, quarter, text) for _ in range(TRIES))


def is_nearly_linear(parts: FlowParts, quarter: str, text: str) -> bool:
    """Whether a text takes not much more processor time than four times its quarter."""
    start = time.process_time_ns()
    parts.run_all(quarter)
    middle = time.process_time_ns()
    parts.run_all(text)
    return time.process_time_ns() - middle < NEARLY_LINEAR * max(middle - start, NEGLIGIBLE)


def test_a_search_for_shifts_that_is_given_up_flags_what_it_leaves() -> None:
    text = "?！" * 400
    shifts = find_shifts(text, load_ngram_model())
    assert shifts
    assert all(shift.flagged for shift in shifts)
    # From the first "?" to the last, there is no trigger without a flag.
    covered = {position for shift in shifts for position in range(shift.start, shift.end)}
    assert {match.start() for match in re.finditer(r"\?", text)} <= covered


def test_damage_is_restored_in_a_long_record_with_much_of_it() -> None:
    text = "报告工作情况。" * 2_000 + "旅游高质量发展，三?！敝С龅拙€。" * 3
    shifts = find_shifts(text, load_ngram_model())
    assert len(shifts) == 3
    assert not any(shift.flagged for shift in shifts)


def test_a_long_run_of_combining_marks_is_composed_as_the_library_does() -> None:
    marks = "".join(chr(code) for code in range(0x300, 0x362))
    text = f"e{marks}é{marks * 2}\u0344甲\u3099{marks}"
    assert normalize(text, nfc=True).text == unicodedata.normalize("NFC", text)
