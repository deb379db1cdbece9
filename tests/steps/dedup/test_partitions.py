"""The partition of a document depends on the document only; each gets the share that the recipe sets."""

from __future__ import annotations

from hashlib import blake2b

from hypothesis import given
from hypothesis import strategies as st

from hanpack.recipe_splits import Splits
from hanpack.steps.dedup.partitions import PartitionRule, choose_partition, draw

HASHES = [blake2b(str(number).encode(), digest_size=16).digest() for number in range(20_000)]


def share(splits: Splits, name: str) -> float:
    partitions = [choose_partition(splits.rules, exact, "a.txt", {}) for exact in HASHES]
    return partitions.count(name) / len(partitions)


def test_each_partition_gets_its_share() -> None:
    splits = Splits(validation=0.05, test=0.1)
    assert abs(share(splits, "validation") - 0.05) < 0.005
    assert abs(share(splits, "test") - 0.1) < 0.007
    assert abs(share(splits, "train") - 0.85) < 0.01


@given(st.binary(min_size=16, max_size=16))
def test_a_draw_is_between_0_and_1(exact: bytes) -> None:
    assert 0 <= draw(exact) < 1


@given(st.binary(min_size=16, max_size=16), st.floats(0.01, 0.3), st.floats(0.01, 0.3), st.floats(0.01, 0.3))
def test_another_share_of_one_partition_does_not_change_the_other(
    exact: bytes, validation: float, small: float, large: float
) -> None:
    before, after = (Splits(validation=validation, test=size) for size in sorted((small, large)))
    old, new = (choose_partition(splits.rules, exact, "a.txt", {}) for splits in (before, after))
    assert (old, new) in {
        ("validation", "validation"),
        ("train", "train"),
        ("train", "test"),
        ("test", "test"),
    }


def test_source_and_metadata_of_a_rule_come_before_its_share() -> None:
    rules = (
        PartitionRule("validation", 0.0, 1.0),
        PartitionRule("test", source="exams/*", metadata={"year": ["2024"]}),
    )
    exact = HASHES[0]
    assert choose_partition(rules, exact, "exams/a.jsonl", {"year": 2024}) == "test"
    assert choose_partition(rules, exact, "exams/a.jsonl", {"year": 2023}) == "validation"
    assert choose_partition(rules, exact, "exams/a.jsonl", {}) == "validation"
    assert choose_partition(rules, exact, "b.jsonl", {"year": "2024"}) == "validation"


def test_without_rules_all_documents_are_for_training() -> None:
    assert choose_partition((), HASHES[0], "a.txt", {}) == "train"
