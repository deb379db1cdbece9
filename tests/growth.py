"""How the cost of a function grows with its input, for tests that a worst case stays near linear."""

from __future__ import annotations

import time
from collections.abc import Callable

# Four times the input costs 4 times as much if the cost is linear, 16 times if it is quadratic.
NEARLY_LINEAR = 10


def measure_growth(work: Callable[[str], object], unit: str, length: int) -> float:
    """The processor time for ``length`` characters of a repeated unit over that for a quarter of them."""
    small, large = (unit * (characters // len(unit)) for characters in (length // 4, length))
    work(small)
    return _cost(work, large) / _cost(work, small)


def _cost(work: Callable[[str], object], text: str) -> float:
    """The processor time of the fastest of three calls, in nanoseconds; at least 50 microseconds."""
    costs = []
    for _ in range(3):
        start = time.process_time_ns()
        work(text)
        costs.append(time.process_time_ns() - start)
    return max(min(costs), 50_000)
