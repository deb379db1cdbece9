"""Lines of characters that were recognised one by one are judged together, however many there are."""

from __future__ import annotations

from collections.abc import Sequence

from hanpack.resources.ngram_model import load_ngram_model
from hanpack.steps.alignment import Alignment
from hanpack.steps.repair.perplexity import measure_likelihoods
from hanpack.steps.traced import Traced
from hanpack.steps.typography.spaced_characters import join_characters

RUNNING, LIST = "首 先 需 要 进 行 清 洗", "赵 钱 孙 李 周 吴 郑 王"


def test_all_lines_are_measured_at_once_and_judged_one_by_one() -> None:
    lines = [RUNNING, LIST] * 300
    measured: list[int] = []

    def measure(texts: Sequence[str]) -> Sequence[float]:
        measured.append(len(texts))
        return measure_likelihoods(load_ngram_model(), texts)

    text = "\n".join(lines)
    joined = join_characters(Traced(text, Alignment.identity(len(text))), measure)
    assert joined.text.split("\n") == [RUNNING.replace(" ", ""), LIST] * 300
    assert measured == [600]
