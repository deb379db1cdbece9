"""Trains a tiny model on packed sequences, logs the rows of each step, and says how to trace a token.

    hanpack build configs/gov_reports_packed.yaml   # any recipe with packed
    python examples/trace_training.py OUT --steps 20

It needs torch. With transformers or TRL `RowLog.attach(trainer)` does what the loop here does:

    dataset = number_rows(load_dataset(OUT, "packed", split="train"))
    trainer = SFTTrainer(model, train_dataset=dataset, args=SFTConfig(remove_unused_columns=False, ...))
    RowLog("rows.jsonl", build=OUT).attach(trainer).train()
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from datasets import load_dataset
from torch import nn
from torch.utils.data import DataLoader

from hanpack.training import ROW, RowLog, keep_rows, number_rows

# Ids of tokens share this many embeddings, so that the model is small for every vocabulary.
BUCKETS = 1024


@dataclass(frozen=True)
class WorstToken:
    """The token with the largest loss: its place, as ``hanpack trace --packed`` takes it, and its id."""

    place: str
    token_id: int
    loss: float


def make_batch(examples: list[dict[str, Any]]) -> dict[str, Any]:
    """The ids of the tokens of some sequences; shape (sequences, tokens)."""
    return {"input_ids": torch.tensor([example["input_ids"] for example in examples])}


def train(build: str, log: RowLog, steps: int) -> WorstToken:
    """Train for some steps, and return the worst token of the last one."""
    torch.manual_seed(0)
    dataset = number_rows(load_dataset(build, "packed", split="train"))
    batches: DataLoader[Any] = DataLoader(
        dataset, batch_size=2, shuffle=True, collate_fn=keep_rows(make_batch)
    )
    model = nn.Sequential(nn.Embedding(BUCKETS, 32), nn.Linear(32, BUCKETS))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    step = 0
    while True:
        for batch in batches:
            rows = batch.pop(ROW)
            log.note(rows)
            ids = batch["input_ids"]
            logits = model(ids[:, :-1] % BUCKETS)
            losses = nn.functional.cross_entropy(
                logits.transpose(1, 2), ids[:, 1:] % BUCKETS, reduction="none"
            )
            optimizer.zero_grad()
            losses.mean().backward()
            optimizer.step()
            step += 1
            log.end_step(step)
            if step == steps:
                sequence, token = divmod(int(losses.argmax()), losses.shape[1])
                # The loss at a place is that of the next token.
                place = f"train:{rows[sequence]}:{token + 1}"
                return WorstToken(place, int(ids[sequence, token + 1]), losses.max().item())


def main() -> None:
    """Train on a build, and say how its worst token is traced."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("build")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--log", type=Path, default=Path("rows.jsonl"))
    options = parser.parse_args()
    worst = train(options.build, RowLog(options.log, build=options.build), options.steps)
    print(
        f"{options.log} has the rows of each step; the worst token of the last has a loss of {worst.loss:.2f}"
    )
    print(f"hanpack trace {options.build} --packed {worst.place}")


if __name__ == "__main__":
    main()
