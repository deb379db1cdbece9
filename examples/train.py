"""Trains a tiny causal model on a build: streamed, divided among processes and workers, packed to one length.

    hanpack build configs/gov_reports.yaml
    python examples/train.py dist/gov_reports --steps 20
    torchrun --nproc-per-node 2 examples/train.py dist/gov_reports

It needs torch (`pip install torch`). The loss goes down within a few steps; nothing else is claimed of the
model.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from typing import Any

import torch
from datasets import load_dataset
from datasets.distributed import split_dataset_by_node
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

LENGTH = 256
# A byte is a token here, so that the example needs no vocabulary: 256 bytes and one end of text.
END, VOCABULARY = 256, 257


class Sequences(IterableDataset[Tensor]):
    """The chunks of a build as sequences of ``LENGTH`` tokens; each worker has its own shards."""

    def __init__(self, build: str, rank: int, world: int) -> None:
        stream = load_dataset(build, split="train", streaming=True).select_columns(["text"])
        self._stream = split_dataset_by_node(stream.shuffle(seed=0, buffer_size=1000), rank, world)

    def __iter__(self) -> Iterator[Tensor]:
        tokens: list[int] = []
        for row in self._stream:
            tokens += [*row["text"].encode("utf-8"), END]
            while len(tokens) > LENGTH:
                yield torch.tensor(tokens[: LENGTH + 1])
                tokens = tokens[LENGTH:]


class TinyModel(nn.Module):
    """An embedding, one layer of attention to earlier tokens, and a prediction of the next token."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, width)
        self.places = nn.Embedding(LENGTH, width)
        self.layer = nn.TransformerEncoderLayer(width, 4, 4 * width, dropout=0.0, batch_first=True)
        self.head = nn.Linear(width, VOCABULARY)

    def forward(self, tokens: Tensor) -> Tensor:
        """The scores of each next token; shape (sequences, tokens, vocabulary)."""
        length = tokens.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(length)
        hidden = self.tokens(tokens) + self.places(torch.arange(length))
        logits: Tensor = self.head(self.layer(hidden, src_mask=mask, is_causal=True))
        return logits


def train(build: str, steps: int, workers: int) -> list[float]:
    """Train for some steps; returns the loss of each."""
    torch.manual_seed(0)
    rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    batches: DataLoader[Any] = DataLoader(Sequences(build, rank, world), batch_size=8, num_workers=workers)
    model = TinyModel()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    losses: list[float] = []
    while len(losses) < steps:
        for batch in batches:
            logits = model(batch[:, :-1])
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            if len(losses) == steps:
                break
    return losses


def main() -> None:
    """Train on a build and print the loss."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("build")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    losses = train(options.build, options.steps, options.workers)
    for step in range(0, len(losses), max(1, len(losses) // 10)):
        print(f"step {step:4} loss {losses[step]:.3f}")
    print(f"last      loss {losses[-1]:.3f}")


if __name__ == "__main__":
    main()
