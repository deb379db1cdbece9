"""Reads ahead: makes the next items of an iterator in a thread while the present one is used."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


class _End:
    """What stands for the end of an iterator, since it may have None among its items."""


def read_ahead(items: Iterator[Item], count: int = 1) -> Iterator[Item]:
    """The items of an iterator in order, ``count`` of which are made before they are needed.

    It pays where making an item lets other threads run, as reading Parquet does. What making one raises is
    raised here in its place.

    >>> list(read_ahead(iter("甲乙丙"), 2))
    ['甲', '乙', '丙']
    """
    with ThreadPoolExecutor(1) as thread:
        waiting: deque[Future[Item | _End]] = deque(
            thread.submit(next, items, _End()) for _ in range(count + 1)
        )
        while not isinstance(item := waiting.popleft().result(), _End):
            waiting.append(thread.submit(next, items, _End()))
            yield item
