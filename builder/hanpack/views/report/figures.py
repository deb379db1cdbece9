"""The figures of a report that are not in the manifest: tokens of chunks, and edits by step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hanpack.store.reader import BuildReader
from hanpack.views.report.samples import EditExample, ReportSamples, count_values


@dataclass(frozen=True, slots=True)
class StepSummary:
    """The edits of a step: their number by kind, and examples with their kinds."""

    step: str
    kinds: Mapping[str, int]
    examples: Sequence[tuple[str, EditExample]]

    @property
    def count(self) -> int:
        """The number of edits."""
        return sum(self.kinds.values())


def count_tokens(reader: BuildReader) -> dict[int, int]:
    """The number of chunks by their number of tokens."""
    counts: Counter[int] = Counter()
    for batch in reader.read_batches("chunks", ["token_count"]):
        counts.update(count_values(batch.table.column("token_count")))
    return counts


def group_edits(samples: ReportSamples, most_examples: int) -> list[StepSummary]:
    """The edits by step, the most frequent step first, with examples of each kind.

    A step has at most ``most_examples`` examples, divided among its kinds, but two of each kind in any case.
    """
    kinds_by_step: dict[str, dict[str, int]] = {}
    for (step, kind), count in samples.edits.items():
        kinds_by_step.setdefault(step, {})[kind] = count
    steps = [
        StepSummary(
            step=step,
            kinds=kinds,
            examples=[
                (kind, example)
                for kind in kinds
                for example in samples.examples.get((step, kind), [])[: max(2, most_examples // len(kinds))]
            ],
        )
        for step, kinds in kinds_by_step.items()
    ]
    return sorted(steps, key=lambda step: -step.count)
