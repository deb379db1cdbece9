"""Gives the memory of freed arrays back to the system while a very long record is processed.

This module is short because it is the only one that speaks to allocators: of the C library and of Arrow.
"""

from __future__ import annotations

import ctypes
import gc

import pyarrow as pa

# Records from this many bytes on are very long: several times as long as a batch. ``benchmarks/memory.py gbk
# --megabytes 16``: a build takes 9.8 times the record at this value, 15.0 times at twice as much.
LONG_RECORD = 2**23
# The allocator that Arrow starts with.
_ARROW_POOL = pa.default_memory_pool()
# The parameter of mallopt(3) for the size from which a block is mapped by itself, and that size.
_MMAP_THRESHOLD, _MAPPED_BYTES = -3, 2**18


def return_freed_arrays(longest_record: int) -> None:
    """If a record is very long, from now on map arrays by themselves, and unmap them when they are freed.

    Arrow's own allocator keeps what is freed, so from then on Arrow uses that of the C library. The GNU C
    library raises the size from which it maps arrays to 32 MiB, and freed arrays below it stay in a heap with
    holes: of a record of 20 MB, 1.6 times its bytes. Other libraries are left as they are.
    """
    if longest_record < LONG_RECORD:
        return
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    _ARROW_POOL.release_unused()
    pa.set_memory_pool(pa.system_memory_pool())
    pa.system_memory_pool().release_unused()
    set_option(_MMAP_THRESHOLD, _MAPPED_BYTES)


def return_freed_memory() -> None:
    """Give back to the system what is freed, as far as the C library can: it keeps small blocks otherwise."""
    # Counters are in cycles with the caches of their methods.
    gc.collect()
    _ARROW_POOL.release_unused()
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return
    trim(0)
