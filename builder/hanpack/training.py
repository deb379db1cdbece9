"""Which rows of a build each step of a training read: from a loss back to the bytes of the sources.

It needs neither torch nor transformers by itself. A row is named as ``hanpack trace OUT --packed`` names it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from hanpack.errors import UsageError
from hanpack.store.manifest import peek_identity

ROW = "row"
"""The column with the number of a row in its split, which travels with the batch."""
_ADVICE = "number the dataset with number_rows; a Trainer keeps the column with remove_unused_columns=False"


def number_rows(dataset: Any) -> Any:
    """A split of a build, as :func:`datasets.load_dataset` gives it, with the number of each row as ``row``.

    Number the rows before anything shuffles, filters or divides them; a stream may be shuffled by its buffer.
    """
    return dataset.map(_add_number, with_indices=True)


def _add_number(_: Mapping[str, Any], index: int) -> dict[str, int]:
    return {ROW: index}


def keep_rows(collate: Callable[[list[dict[str, Any]]], Any]) -> Callable[[list[dict[str, Any]]], Any]:
    """A function that makes batches as ``collate`` does, with the numbers of their rows as ``row``.

    ``collate`` does not see these. They are a list, which no library moves to a device.

    Raises:
        UsageError: when a batch is made, if an example has no ``row``.

    >>> keep_rows(lambda examples: {"size": len(examples)})([{"row": 7, "text": "甲"}])
    {'size': 1, 'row': [7]}
    """
    return _Collate(collate)


class _Collate:
    """A class and no closure, so that worker processes can be started with it."""

    def __init__(self, collate: Callable[[list[dict[str, Any]]], Any], *, keeps_rows: bool = True) -> None:
        self._collate = collate
        self._keeps_rows = keeps_rows

    def __call__(self, examples: list[dict[str, Any]]) -> Any:
        batch = self._collate([{key: example[key] for key in example if key != ROW} for example in examples])
        if self._keeps_rows:
            if any(ROW not in example for example in examples):
                raise UsageError("an example has no number of its row", ROW, _ADVICE)
            batch[ROW] = [int(example[ROW]) for example in examples]
        return batch


class RowLog:
    """Writes a line of JSON for each step of a training: its number, and the rows that it read.

    Each process writes a file of its own: instead of ``rows.jsonl`` the process of rank 3 writes
    ``rows-3.jsonl``. The first line has the name and the fingerprint of the build, if ``build`` names it, so
    that rows are looked up in the right one.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     log = RowLog(Path(folder) / "rows.jsonl")
    ...     log.note([4, 9])
    ...     log.end_step(1)
    ...     list(read_log(log.path))
    [(1, ['train:4', 'train:9'])]
    """

    def __init__(
        self, path: str | PathLike[str], *, build: str | PathLike[str] | None = None, split: str = "train"
    ) -> None:
        rank = os.environ.get("RANK", "0")
        path = Path(path)
        self.path = path if rank == "0" else path.with_name(f"{path.stem}-{rank}{path.suffix}")
        self._split = split
        self._rows: list[int] = []
        identity = peek_identity(Path(build)) if build is not None else None
        if build is not None and identity is None:
            raise UsageError("this is not a finished build", str(build))
        name, fingerprint = identity or (None, None)
        self._write({"build": name, "fingerprint": fingerprint, "rank": int(rank)})

    def note(self, rows: Iterable[int]) -> None:
        """Note the rows of a batch; a step may have several."""
        self._rows += map(int, rows)

    def end_step(self, step: int) -> None:
        """Write the rows that were noted since the last step."""
        self._write({"step": step, "rows": [f"{self._split}:{row}" for row in self._rows]})
        self._rows = []

    def attach(self, trainer: Any) -> Any:
        """Have a Trainer of transformers, or one of TRL, log the rows of its training; returns the trainer.

        Its training dataset has the column ``row`` (:func:`number_rows`), and its arguments have
        ``remove_unused_columns=False``. Its evaluation datasets may have the column or not.
        """
        from transformers import TrainerCallback

        log, training_step, load_training = self, trainer.training_step, trainer.get_train_dataloader
        collate = trainer.data_collator
        without_rows = _Collate(collate, keeps_rows=False)

        class Callback(TrainerCallback):  # type: ignore[misc]  # it has no types
            """Writes the rows of each step."""

            def on_step_end(self, _arguments: Any, state: Any, _control: Any, **_: Any) -> None:
                log.end_step(int(state.global_step))

        def note_and_step(model: Any, inputs: dict[str, Any], *others: Any, **options: Any) -> Any:
            log.note(inputs.pop(ROW))
            return training_step(model, inputs, *others, **options)

        def load_training_with_rows() -> Any:
            # Batches of an evaluation go to the model as they are made, and must not have the column.
            trainer.data_collator = keep_rows(collate)
            try:
                return load_training()
            finally:
                trainer.data_collator = without_rows

        trainer.data_collator = without_rows
        trainer.get_train_dataloader = load_training_with_rows
        trainer.training_step = note_and_step
        trainer.add_callback(Callback())
        return trainer

    def _write(self, line: Mapping[str, Any]) -> None:
        # Opened anew for each line, so that a training that is killed leaves a whole log.
        with self.path.open("a" if "step" in line else "w", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")


def read_log(path: str | PathLike[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """The steps of a log and the rows of each, as ``hanpack trace --packed`` names them before the token."""
    with open(path, encoding="utf-8") as stream:
        for line in stream:
            content = json.loads(line)
            if "step" in content:
                yield int(content["step"]), [str(row) for row in content["rows"]]
