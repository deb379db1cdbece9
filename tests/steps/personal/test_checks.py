"""The checks of numbers agree with the library of number plans."""

from __future__ import annotations

from random import Random

import phonenumbers

from hanpack.steps.personal.checks import is_mobile_number


def test_a_mobile_number_is_one_of_the_library() -> None:
    """All heads of five digits, each with digits that are no example."""
    chance = Random(17)
    differences: list[str] = []
    numbers = 0
    for head in range(13_000, 20_000):
        number = f"{head}{chance.sample(range(10), 6)}".translate({ord(mark): None for mark in "[], "})
        numbers += is_mobile_number(number)
        if is_mobile_number(number) != phonenumbers.is_valid_number(phonenumbers.parse(number, "CN")):
            differences.append(number)
    assert differences == []
    assert 0 < numbers < 7000
