"""A log of rows leads from a step of a training to the bytes of the sources."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hanpack.building.run import build
from hanpack.errors import UsageError
from hanpack.store.manifest import read_manifest
from hanpack.training import RowLog, keep_rows, number_rows, read_log
from hanpack.views.token_trace import trace_token
from tests.builds import read_rows
from tests.conftest import write_recipe
from tests.planted_texts import TextMaker
from tests.test_examples import load_example


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("training")
    maker = TextMaker(81)
    files = {f"{number}.txt": maker.text(20).encode() for number in range(4)}
    return build(
        write_recipe(folder / "corpus", files, packed={"tokens": 64}), folder / "out", num_proc=1
    ).path


def test_the_rows_of_each_step_are_logged_with_the_build(packed: Path, tmp_path: Path) -> None:
    log = RowLog(tmp_path / "rows.jsonl", build=packed, split="test")
    for step, batches in enumerate([[[3, 1]], [[0], [2]]], 1):
        for rows in batches:
            log.note(rows)
        log.end_step(step)
    assert list(read_log(log.path)) == [(1, ["test:3", "test:1"]), (2, ["test:0", "test:2"])]
    head = json.loads(log.path.read_text(encoding="utf-8").splitlines()[0])
    assert head["fingerprint"] == read_manifest(packed).fingerprint
    with pytest.raises(UsageError, match="not a finished build"):
        RowLog(tmp_path / "rows.jsonl", build=tmp_path)


def test_each_process_has_a_log_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "3")
    assert RowLog(tmp_path / "rows.jsonl").path.name == "rows-3.jsonl"


def test_numbers_stay_with_their_rows_through_a_shuffle(
    packed: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from datasets import load_dataset

    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    rows = read_rows(packed, "packed")
    assert len(rows) > 4
    for streaming in (False, True):
        dataset = number_rows(load_dataset(str(packed), "packed", split="train", streaming=streaming))
        shuffled = list(dataset.shuffle(seed=1))
        assert [row["row"] for row in shuffled] != list(range(len(rows)))
        assert all(row["input_ids"] == rows[row["row"]]["input_ids"] for row in shuffled)


def test_a_trainer_of_transformers_logs_its_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trainer here calls what that of transformers calls, in its order: two batches a step."""
    monkeypatch.setitem(sys.modules, "transformers", SimpleNamespace(TrainerCallback=object))
    seen: list[Any] = []
    callbacks: list[Any] = []
    trainer = SimpleNamespace(
        data_collator=lambda examples: {"input_ids": [example["input_ids"] for example in examples]},
        training_step=lambda model, inputs, items=None: seen.append((inputs, items)),
        add_callback=callbacks.append,
    )
    trainer.get_train_dataloader = lambda: trainer.data_collator
    log = RowLog(tmp_path / "rows.jsonl")
    assert log.attach(trainer) is trainer
    load = trainer.get_train_dataloader()
    for row in (5, 8):
        trainer.training_step(None, load([{"row": row, "input_ids": [row]}]), 2)
    for example in ({"row": 3, "input_ids": [3]}, {"input_ids": [3]}):
        assert trainer.data_collator([example]) == {"input_ids": [[3]]}
    callbacks[0].on_step_end(None, SimpleNamespace(global_step=1), None, model=None)
    assert seen == [({"input_ids": [[5]]}, 2), ({"input_ids": [[8]]}, 2)]
    assert list(read_log(log.path)) == [(1, ["train:5", "train:8"])]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_trainer_of_transformers_reads_the_rows_of_its_log_in_workers_too(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    torch: Any = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")
    from datasets import load_dataset

    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    numbered = number_rows(load_dataset(str(packed), "packed", split="train"))
    trained: list[list[int]] = []

    class Model(torch.nn.Module):  # type: ignore[misc]  # it has no types
        """Notes the tokens of the batches that it is trained with."""

        def __init__(self) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(torch.ones(1))

        def forward(self, input_ids: Any) -> Any:
            if self.training:
                trained.extend(input_ids.tolist())
            return {"loss": self.weight.sum()}

    trainer = transformers.Trainer(
        model=Model(),
        args=transformers.TrainingArguments(
            output_dir=str(tmp_path / "model"),
            per_device_train_batch_size=2,
            gradient_accumulation_steps=2,
            max_steps=3,
            remove_unused_columns=False,
            dataloader_num_workers=workers,
            eval_strategy="steps",
            eval_steps=2,
            use_cpu=True,
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
        ),
        train_dataset=numbered,
        eval_dataset=numbered.remove_columns("row").select(range(2)),
        data_collator=lambda examples: {"input_ids": torch.tensor([row["input_ids"] for row in examples])},
    )
    log = RowLog(tmp_path / "rows.jsonl", build=packed)
    log.attach(trainer).train()
    steps = list(read_log(log.path))
    assert [(step, len(rows)) for step, rows in steps] == [(1, 4), (2, 4), (3, 4)]
    logged = [int(row.partition(":")[2]) for _, rows in steps for row in rows]
    assert logged != sorted(logged)
    assert [numbered[row]["input_ids"] for row in logged] == trained


def test_a_row_is_required_of_each_example() -> None:
    with pytest.raises(UsageError, match="remove_unused_columns=False"):
        keep_rows(lambda examples: {})([{"text": "甲"}])


def test_the_worst_token_of_a_training_is_traced_to_its_bytes(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    log = RowLog(tmp_path / "rows.jsonl", build=packed)
    worst = load_example("trace_training").train(str(packed), log, steps=6)
    steps = list(read_log(log.path))
    assert [step for step, _ in steps] == [1, 2, 3, 4, 5, 6]
    row, token = worst.place.rsplit(":", 1)
    assert row in steps[-1][1]
    traced = trace_token(packed, worst.place)
    assert (traced.token, traced.token_id) == (int(token), worst.token_id)
    if traced.source is not None:
        raw = (packed.parent / "corpus" / traced.source).read_bytes()[traced.byte_start : traced.byte_end]
        assert raw.decode() == traced.raw
