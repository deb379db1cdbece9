"""The local engine: this process, or several on this machine."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pyarrow as pa

from hanpack.engines.work import Worker
from hanpack.files.parts import Parts, Tables
from hanpack.files.records import Batch
from hanpack.files.tables import NAMES, make_tables
from hanpack.flow import reject
from hanpack.recipe import Recipe

Numbered = tuple[int, Batch]
Advance = Callable[[Batch], None]
KILLED = "a worker died on it (out of memory, or a fault in a native library)"


def run_here(batches: Iterable[Numbered], recipe: Recipe, folder: Path, advance: Advance) -> None:
    """Run every batch in this process."""
    worker = Worker(recipe)
    for index, batch in batches:
        worker.write(index, batch, folder)
        advance(batch)


def run_processes(
    batches: Iterable[Numbered], recipe: Recipe, folder: Path, advance: Advance, processes: int
) -> None:
    """Run batches in worker processes, a few ahead of need; a batch that kills its worker is taken apart."""
    source = iter(batches)
    parts = Parts(folder)
    finished = False
    while not finished:
        finished, unsure = _run_pool(source, recipe, folder, advance, processes)
        for index, batch in unsure:
            if not parts.has(index):
                parts.write(index, _take_apart(batch, recipe))
            advance(batch)


def _run_pool(
    source: Iterator[Numbered], recipe: Recipe, folder: Path, advance: Advance, processes: int
) -> tuple[bool, list[Numbered]]:
    """Run until all is done, or the pool breaks: then with the batches that were under way."""
    running: dict[Future[int], Numbered] = {}
    with _pool(recipe, processes) as pool:
        while True:
            while len(running) < 2 * processes and (numbered := next(source, None)):
                running[pool.submit(_write, *numbered, folder)] = numbered
            if not running:
                return True, []
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                if isinstance(future.exception(), BrokenProcessPool):
                    wait(running)
                    return False, list(running.values())
                advance(running.pop(future)[1])
                future.result()


def _take_apart(batch: Batch, recipe: Recipe) -> Tables:
    """Run a batch in a process of its own; if that dies too, each half, down to the record that kills it."""
    with _pool(recipe, 1) as pool:
        try:
            return pool.submit(_run, batch).result()
        except BrokenProcessPool:
            pass
    if len(batch) == 1:
        return make_tables([reject(batch[0], KILLED)])
    middle = len(batch) // 2
    halves = _take_apart(batch[:middle], recipe), _take_apart(batch[middle:], recipe)
    return {name: pa.concat_tables([half[name] for half in halves]) for name in NAMES}


def _pool(recipe: Recipe, processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        processes, multiprocessing.get_context("spawn"), initializer=_start, initargs=(recipe,)
    )


# Each worker process builds its tools once: they cannot be pickled.
_workers: list[Worker] = []


def _start(recipe: Recipe) -> None:
    _workers[:] = [Worker(recipe)]


def _write(index: int, batch: Batch, folder: Path) -> int:
    return _workers[0].write(index, batch, folder)


def _run(batch: Batch) -> Tables:
    return _workers[0].run(batch)
