"""Gives up what takes too much processor time. It needs the timers of Unix."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class TimeLimitError(Exception):
    """What was measured took too much processor time."""


@contextmanager
def limit_time(seconds: float) -> Iterator[None]:
    """Raise TimeLimitError in the body if it takes over so many seconds of processor time."""
    signal.signal(signal.SIGVTALRM, _give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _give_up(*_: object) -> None:
    raise TimeLimitError
