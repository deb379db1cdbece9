"""Flips bits and bytes of a build and of its sources, one at a time, and finds those that verify misses."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

from hanpack.audit.verification import verify
from hanpack.errors import VerifyError


def is_noticed(out: Path, sources: Path) -> bool:
    """Whether verify finds a fault."""
    try:
        return not verify(out, sources).passed
    except VerifyError:
        return True


def draw_bit(generator: random.Random) -> int:
    """A mask of one bit."""
    return 1 << generator.randrange(8)


def draw_bit_or_byte(generator: random.Random) -> int:
    """A mask of one bit, or of any change of a byte, as often as of one bit."""
    return draw_bit(generator) if generator.random() < 0.5 else generator.randrange(1, 256)


def find_missed_flips(
    out: Path, sources: Path, draw_mask: Callable[[random.Random], int], *, count: int, seed: int
) -> Iterator[str]:
    """Change a random byte of a build or of its sources ``count`` times; yields the changes verify misses.

    Each change is undone before the next.
    """
    files = [path for folder in (out, sources / "seeds") for path in sorted(folder.rglob("*"))]
    files = [path for path in files if path.is_file()]
    generator = random.Random(seed)
    for number in range(count):
        path = generator.choice(files)
        before = path.read_bytes()
        place, mask = generator.randrange(len(before)), draw_mask(generator)
        changed = bytearray(before)
        changed[place] ^= mask
        path.write_bytes(changed)
        if not is_noticed(out, sources):
            yield f"flip {number}: byte {place} of {path.name}, mask {mask:#04x}"
        path.write_bytes(before)
