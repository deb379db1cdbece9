"""The distance between a conversion and its gold text, for tests and benchmarks."""

from __future__ import annotations


def measure_distance(first: str, second: str) -> int:
    """The Levenshtein distance in characters."""
    row = list(range(len(second) + 1))
    for index, character in enumerate(first, 1):
        next_row = [index]
        for column, other in enumerate(second, 1):
            substituted = row[column - 1] + (character != other)
            next_row.append(min(row[column] + 1, next_row[-1] + 1, substituted))
        row = next_row
    return row[-1]
